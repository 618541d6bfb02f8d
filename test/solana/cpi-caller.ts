import type { Pubkey } from '#vm/host/solana/pubkey'
import type { SerializedAccount } from '#vm/host/solana/serialize'
import { address } from './context.ts'
import type { Caller } from './program.ts'

/** The structures by which programs call others, in a program's memory. */
export type CpiAbi = 'rust' | 'c'

export interface CpiCall {
  readonly program: number
  /** In place of the number's address. */
  readonly programKey?: Pubkey
  readonly metas?: readonly {
    readonly index: number
    readonly key?: Pubkey
    readonly signer?: boolean
    readonly writable?: boolean
  }[]
  /** Places of accounts among the caller's, of which it passes infos. */
  readonly infos?: readonly number[]
  readonly data?: Uint8Array
  /** Lists of seeds. */
  readonly seeds?: readonly (readonly Uint8Array[])[]
  /** Changes where an info says that something is. */
  readonly move?: (field: 'key' | 'owner' | 'lamports' | 'data', at: bigint) => bigint
  /** Changes the length of data that infos have. */
  readonly length?: (length: number) => bigint
  /** A byte for flags of metas in place of 0 and 1. */
  readonly flag?: number
}

/** Little-endian words. */
export function words(...values: readonly (bigint | number)[]): Uint8Array {
  const bytes = new Uint8Array(8 * values.length)
  const view = new DataView(bytes.buffer)
  values.forEach((value, i) => {
    view.setBigUint64(8 * i, BigInt(value), true)
  })
  return bytes
}

function sliceOf(
  caller: Caller,
  bytes: Uint8Array,
  count: number = bytes.length,
): [bigint, bigint] {
  return [caller.put(bytes), BigInt(count)]
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

function rustInfo(caller: Caller, made: SerializedAccount, call: CpiCall): Uint8Array {
  const move = call.move ?? ((_, at) => at)
  const length = call.length?.(made.length) ?? BigInt(made.length)
  const lamports = caller.put(words(1, 1, 0, move('lamports', BigInt(made.lamportsAddress))))
  const data = caller.put(words(1, 1, 0, move('data', BigInt(made.dataAddress)), length))
  const key = move('key', BigInt(made.keyAddress))
  const owner = move('owner', BigInt(made.ownerAddress))
  return words(key, lamports, data, owner, 0, 0)
}

function cInfo(made: SerializedAccount, call: CpiCall): Uint8Array {
  const move = call.move ?? ((_, at) => at)
  const length = call.length?.(made.length) ?? BigInt(made.length)
  return words(
    move('key', BigInt(made.keyAddress)),
    move('lamports', BigInt(made.lamportsAddress)),
    length,
    move('data', BigInt(made.dataAddress)),
    move('owner', BigInt(made.ownerAddress)),
    0,
    0,
  )
}

/** Calls a program as one of that ABI would. */
export function callProgram(caller: Caller, abi: CpiAbi, call: CpiCall): bigint {
  const { metas = [], infos = [], data = new Uint8Array(0), seeds = [] } = call
  const flag = (on: boolean | undefined): number => (on ? (call.flag ?? 1) : 0)
  const program = (call.programKey ?? address(call.program)).bytes
  const [dataAt, dataLength] = sliceOf(caller, data)
  let instruction: bigint
  if (abi === 'rust') {
    const table = metas.map(({ index, key = address(index), signer, writable }) =>
      join([key.bytes, Uint8Array.of(flag(signer), flag(writable))]),
    )
    const metasAt = caller.put(join(table))
    instruction = caller.put(
      join([words(metasAt, 0, metas.length, dataAt, 0, dataLength), program]),
    )
  } else {
    const table = metas.map(({ index, key = address(index), signer, writable }) =>
      join([
        words(caller.put(key.bytes)),
        Uint8Array.of(flag(writable), flag(signer), 0, 0, 0, 0, 0, 0),
      ]),
    )
    const metasAt = caller.put(join(table))
    instruction = caller.put(words(caller.put(program), metasAt, metas.length, dataAt, dataLength))
  }
  const table = infos.map((place) => {
    const made = caller.call.accounts[place]!
    return abi === 'rust' ? rustInfo(caller, made, call) : cInfo(made, call)
  })
  const infosAt = caller.put(join(table))
  const lists = seeds.map((list) => {
    const slices = list.map((seed) => words(...sliceOf(caller, seed)))
    return words(...sliceOf(caller, join(slices), list.length))
  })
  const [listsAt, listCount] = sliceOf(caller, join(lists), lists.length)
  const name = abi === 'rust' ? 'sol_invoke_signed_rust' : 'sol_invoke_signed_c'
  return caller.run(name, instruction, infosAt, infos.length, listsAt, listCount)
}
