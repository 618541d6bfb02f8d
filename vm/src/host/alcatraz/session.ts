import { toHex } from '../../bits/hex.ts'
import { concatBytes } from '../../bits/octets.ts'
import { balanceOf, codeHashOf, setOwner, transfer } from '../../state/accounts.ts'
import type { Hasher } from '../../state/hasher.ts'
import type { Journal } from '../../state/journal.ts'
import { entryKey, Field } from '../../state/key.ts'
import type { Machine, MachineStats } from '../../vm/machine.ts'
import type { ContractProgram } from '../../vm/program.ts'
import { maxLogBytes, maxLogs, maxMessageDepth, maxWarmBytes, maxWarmPrograms } from './limits.ts'
import type { ContractEvent, Message } from './message.ts'
import type { Signatures } from './signatures.ts'

/** What `az_call` and `az_deploy` answer. */
export const CallStatus = { success: 0n, reverted: 1n, failed: 2n, refused: 3n } as const
export type CallStatus = (typeof CallStatus)[keyof typeof CallStatus]

/** What a transaction sees of the chain around it. */
export interface World {
  /** Height and time (milliseconds since 1970) of the block. */
  readonly height: bigint
  readonly time: bigint
  /** The program of stored code; undefined when nobody has stored it. */
  readonly program: (codeHash: Uint8Array) => ContractProgram | undefined
}

/** A world with no other contracts. */
export const emptyWorld: World = { height: 0n, time: 0n, program: () => undefined }

/** What a contract left for whoever runs it. */
export interface LogEntry {
  readonly address: Uint8Array
  readonly text: Uint8Array
}

/** A message to another contract, before its program is known. `gas` 0: all that may be given. */
export interface SubMessage {
  readonly value: bigint
  readonly gas: bigint
  readonly input: Uint8Array
}

/** One message of a transaction, with the program that it runs. */
export interface FrameCall extends Message {
  readonly program: ContractProgram
  readonly entry: string
  readonly input: Uint8Array
  readonly gas: bigint
}

/** What the caller learns of a message that it sent. */
export interface FrameOutcome {
  readonly status: 'success' | 'reverted' | 'trapped' | 'faulted' | 'outOfGas'
  readonly returnData: Uint8Array
  readonly gasUsed: bigint
}

export interface SessionParts {
  readonly journal: Journal
  readonly hasher: Hasher
  /** What programs that check signatures need. */
  readonly signatures?: Signatures | undefined
  readonly world: World
  /** Runs one message; `execute.ts` is it. */
  readonly runFrame: (session: Session, call: FrameCall) => FrameOutcome
}

/** A running contract that sends a message. */
export interface Sender {
  readonly machine: Pick<Machine, 'gas'>
  readonly message: Message
  /** What the last message that it sent answered. */
  returned: Uint8Array
}

/** A message that waits for one it sent. */
interface Waiting {
  readonly self: string
  /** May `self` be called while it waits. */
  readonly reentrant: boolean
}

/** Gas for each byte of code that a transaction runs for the first time: it is lifted, and verified. */
export const codeBytePrice = 4
const noBytes = new Uint8Array(0)

/** Everything that the messages of one transaction share. */
export class Session {
  readonly journal: Journal
  readonly hasher: Hasher
  readonly signatures: Signatures | undefined
  readonly world: World
  readonly events: ContractEvent[] = []
  /** Bytes of topics and data in `events`. */
  eventBytes = 0
  readonly logs: LogEntry[] = []
  #logBytes = 0
  readonly #runFrame: SessionParts['runFrame']
  readonly #waiting: Waiting[] = []
  /** Contracts that ran, by address in hex; for validation, which does not execute. */
  readonly #ran = new Map<string, Uint8Array>()
  /** Programs that this transaction has run, by code hash in hex, the one that was run last at the end. */
  readonly #warm = new Map<string, ContractProgram>()
  #warmBytes = 0
  #instructions = 0n
  readonly #tiers: Record<string, bigint> = {}

  constructor(parts: SessionParts) {
    this.journal = parts.journal
    this.hasher = parts.hasher
    this.signatures = parts.signatures
    this.world = parts.world
    this.#runFrame = parts.runFrame
  }

  /** Addresses of all contracts that a message was run for, the first one's first. */
  get ran(): readonly Uint8Array[] {
    return [...this.#ran.values()]
  }

  /** Guest instructions of all messages, by engine. */
  get stats(): MachineStats {
    return { instructions: this.#instructions, tiers: this.#tiers }
  }

  /** A message begins to run. */
  begin(self: Uint8Array, program: ContractProgram): void {
    this.#ran.set(toHex(self), self)
    const hash = codeHashOf(this.journal, self)
    if (hash !== undefined) this.#warmUp(toHex(hash), program)
  }

  /** Keeps a program ready. What is kept is a rule of gas, so that it cannot be a cache's business. */
  #warmUp(id: string, program: ContractProgram): void {
    if (this.#warm.delete(id)) this.#warmBytes -= program.code.length
    this.#warm.set(id, program)
    this.#warmBytes += program.code.length
    for (const [oldest, { code }] of this.#warm) {
      if (this.#warm.size <= maxWarmPrograms && this.#warmBytes <= maxWarmBytes) break
      if (oldest === id) break
      this.#warm.delete(oldest)
      this.#warmBytes -= code.length
    }
  }

  /** The program of stored code, and what it costs to run it now. */
  #program(
    hash: Uint8Array,
  ): { readonly program: ContractProgram; readonly price: bigint } | undefined {
    const warm = this.#warm.get(toHex(hash))
    if (warm !== undefined) return { program: warm, price: 0n }
    const program = this.world.program(hash)
    return program && { program, price: BigInt(program.code.length * codeBytePrice) }
  }

  /** What a message's machine executed. */
  count({ instructions, tiers }: MachineStats): void {
    this.#instructions += instructions
    for (const [name, executed] of Object.entries(tiers))
      this.#tiers[name] = (this.#tiers[name] ?? 0n) + executed
  }

  log(address: Uint8Array, text: Uint8Array): void {
    const room = maxLogBytes - this.#logBytes
    if (room <= 0 || this.logs.length >= maxLogs) return
    const kept = text.slice(0, room)
    this.#logBytes += kept.length
    this.logs.push({ address, text: kept })
  }

  /** Are as many messages open as may be: those that wait, and the one that runs. */
  get #isDeep(): boolean {
    return this.#waiting.length + 1 >= maxMessageDepth
  }

  /** Does each waiting message let `to` be called. */
  #mayCall(to: Uint8Array): boolean {
    const id = toHex(to)
    return this.#waiting.every(({ reentrant, self }) => reentrant || self !== id)
  }

  /**
   * Sends a message from a running contract.
   * @param reentrant may the contract that sends it be called while it waits
   */
  call(
    context: Sender,
    to: Uint8Array,
    message: SubMessage,
    reentrant: boolean,
  ): CallStatus | 'outOfGas' {
    const { self } = context.message
    context.returned = noBytes
    if (balanceOf(this.journal, self) < message.value) return CallStatus.refused
    const hash = codeHashOf(this.journal, to)
    if (hash === undefined) {
      if (message.value === 0n || message.input.length > 0) return CallStatus.refused
      transfer(this.journal, self, to, message.value)
      return CallStatus.success
    }
    if (this.#isDeep) return CallStatus.refused
    this.#waiting.push({ self: toHex(self), reentrant })
    try {
      if (!this.#mayCall(to)) return CallStatus.refused
      const found = this.#program(hash)
      if (found?.program.exports.has('call') !== true) return CallStatus.refused
      const { price, program } = found
      return this.#send(context, { ...message, self: to, entry: 'call', program }, price)
    } finally {
      this.#waiting.pop()
    }
  }

  /** Puts stored code at a new address; undone unless its entry `deploy` succeeds. */
  deploy(
    context: Sender,
    codeHash: Uint8Array,
    salt: Uint8Array,
    message: SubMessage,
  ): { readonly status: CallStatus | 'outOfGas'; readonly address: Uint8Array } {
    const { self } = context.message
    context.returned = noBytes
    const address = this.hasher.blake2b(concatBytes(self, codeHash, salt))
    const found = this.#program(codeHash)
    const taken = codeHashOf(this.journal, address) !== undefined
    const poor = balanceOf(this.journal, self) < message.value
    if (found === undefined || taken || poor || this.#isDeep)
      return { status: CallStatus.refused, address }
    const { price, program } = found
    const before = this.journal.checkpoint()
    this.journal.set(entryKey(address, Field.code), codeHash)
    setOwner(this.journal, address, self)
    // what is deployed may not call back: it is not part of what it was deployed by yet
    this.#waiting.push({ self: toHex(self), reentrant: false })
    try {
      if (!program.exports.has('deploy')) {
        transfer(this.journal, self, address, message.value)
        this.#ran.set(toHex(address), address)
        return { status: CallStatus.success, address }
      }
      const sent = { ...message, self: address, entry: 'deploy', program }
      const status = this.#send(context, sent, price)
      if (status !== CallStatus.success) this.journal.rollback(before)
      return { status, address }
    } finally {
      this.#waiting.pop()
    }
  }

  /** Gives a message at most all but a 64th of the gas that is left, and takes what it used. */
  #send(context: Sender, call: Omit<FrameCall, 'caller'>, price: bigint): CallStatus | 'outOfGas' {
    const { machine, message } = context
    if (machine.gas < price) return 'outOfGas'
    machine.gas -= price
    const most = machine.gas - machine.gas / 64n
    const gas = call.gas === 0n || call.gas > most ? most : call.gas
    const outcome = this.#runFrame(this, { ...call, caller: message.self, gas })
    machine.gas -= outcome.gasUsed
    context.returned = outcome.returnData
    if (outcome.status === 'success') return CallStatus.success
    return outcome.status === 'reverted' ? CallStatus.reverted : CallStatus.failed
  }
}
