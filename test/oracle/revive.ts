import { keccak_256 } from '@noble/hashes/sha3.js'
import {
  type DriveExit,
  drive,
  type Engine,
  type HostCall,
  type HostFunctions,
  hostOf,
  type PvmProgram,
  toHex,
} from 'alcatraz-vm'
import { startPvm } from 'alcatraz-vm/pvm'

/** What contracts of Solidity keep between messages. */
export interface Account {
  /** Slots by the hex of their keys. */
  readonly storage: Map<string, Uint8Array>
  immutable: Uint8Array
}

export const newAccount = (): Account => ({ storage: new Map(), immutable: new Uint8Array(0) })

export interface ReviveMessage {
  readonly entry: 'deploy' | 'call'
  readonly input: Uint8Array
  /** 20 bytes. */
  readonly caller: Uint8Array
  readonly value: bigint
  readonly block: bigint
  readonly gas: bigint
}

/** All that a run showed: lists of text, to be compared as they are. */
export interface Seen {
  readonly exit: DriveExit
  readonly gas: bigint
  readonly registers: readonly bigint[]
  readonly instructions: bigint
  /** Each host call with its arguments, the pc behind it and the gas that was left. */
  readonly calls: readonly string[]
  readonly events: readonly string[]
  readonly reverted: boolean
  readonly output: Uint8Array
}

/** "Absent", in place of a length or a pointer. */
const sentinel = 0xffff_ffff
const keyNotFound = 3
const reverts = 1n

const littleEndian = (value: bigint, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * i)) & 255n))
const low32 = (value: bigint): number => Number(BigInt.asUintN(32, value))

/** Writes what fits into the caller's buffer, and how much that is behind `lengthAt`. */
function answerBytes(call: HostCall, at: bigint, lengthAt: bigint, bytes: Uint8Array): void {
  const room = new DataView(call.read(lengthAt, 4).buffer).getUint32(0, true)
  const given = bytes.subarray(0, room)
  call.write(at, given)
  call.write(lengthAt, littleEndian(BigInt(given.length), 4))
}

/**
 * The calls of pallet-revive that contracts of `resolc` 0.3 make, as that pallet's own documentation
 * describes them; one contract alone, which calls nobody.
 */
export function runRevive(
  engine: Engine,
  program: PvmProgram,
  account: Account,
  message: ReviveMessage,
): Seen {
  const { input, caller, value, block } = message
  const calls: string[] = []
  const events: string[] = []
  let reverted = false
  let output = new Uint8Array(0)
  const keyOf = (call: HostCall, at: bigint, length: bigint): string =>
    toHex(call.read(at, low32(length) === sentinel ? 32 : low32(length)))
  const part = (offset: number, length: number): Uint8Array =>
    Uint8Array.from({ length }, (_, i) => input[offset + i] ?? 0)
  const functions: HostFunctions = {
    call_data_size: () => input.length,
    call_data_copy: (call) => {
      const [out, length, offset] = call.args
      call.write(out!, part(low32(offset!), low32(length!)))
    },
    call_data_load: (call) => {
      const [out, offset] = call.args
      call.write(out!, part(low32(offset!), 32).reverse())
    },
    caller: (call) => call.write(call.args[0]!, caller),
    value_transferred: (call) => call.write(call.args[0]!, littleEndian(value, 32)),
    block_number: (call) => call.write(call.args[0]!, littleEndian(block, 32)),
    set_storage: (call) => {
      const [, keyAt, keyLength, at, length] = call.args
      const key = keyOf(call, keyAt!, keyLength!)
      const before = account.storage.get(key)
      account.storage.set(key, call.read(at!, low32(length!)))
      return before?.length ?? sentinel
    },
    get_storage: (call) => {
      const [, keyAt, keyLength, out, lengthAt] = call.args
      const found = account.storage.get(keyOf(call, keyAt!, keyLength!))
      if (found === undefined) return keyNotFound
      answerBytes(call, out!, lengthAt!, found)
      return 0
    },
    set_immutable_data: (call) => {
      account.immutable = call.read(call.args[0]!, low32(call.args[1]!))
    },
    get_immutable_data: (call) =>
      answerBytes(call, call.args[0]!, call.args[1]!, account.immutable),
    hash_keccak_256: (call) => {
      const [at, length, out] = call.args
      call.write(out!, keccak_256(call.read(at!, low32(length!))))
    },
    deposit_event: (call) => {
      const [topics, count, at, length] = call.args
      const words = call.read(topics!, 32 * low32(count!))
      events.push(`${toHex(words)} ${toHex(call.read(at!, low32(length!)))}`)
    },
    seal_return: (call) => {
      const [flags, at, length] = call.args
      reverted = (flags! & reverts) !== 0n
      output = new Uint8Array(call.read(at!, low32(length!)))
      return { kind: 'halt' }
    },
  }
  const host = hostOf(program, functions)
  const machine = engine.instantiate(program, { gas: message.gas })
  try {
    startPvm(machine, message.entry)
    const exit = drive(machine, {
      call(asked, id) {
        const args = [7, 8, 9, 10, 11, 12].map((i) => asked.registers.get(i).toString(16))
        calls.push(`${program.imports[id]} ${args.join(' ')} pc ${asked.pc} gas ${asked.gas}`)
        return host.call(asked, id)
      },
    })
    const { gas, registers, stats } = machine
    return {
      ...{ exit, gas, calls, events, reverted, output, instructions: stats.instructions },
      registers: Array.from({ length: registers.count }, (_, i) => registers.get(i)),
    }
  } finally {
    machine.dispose()
  }
}
