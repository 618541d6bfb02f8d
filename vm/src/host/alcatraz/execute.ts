import { InputError } from '../../bits/errors.ts'
import { transfer } from '../../state/accounts.ts'
import type { Hasher } from '../../state/hasher.ts'
import type { Journal } from '../../state/journal.ts'
import { addressLength, maxBalance } from '../../state/limits.ts'
import type { CodeStats } from '../../vm/code-stats.ts'
import { drive } from '../../vm/environment.ts'
import type { Exit } from '../../vm/exit.ts'
import { conventionOf } from '../../vm/host-call.ts'
import { checkGas, type Engine, type Machine, type MachineStats } from '../../vm/machine.ts'
import { nullZone, pageSize } from '../../vm/memory.ts'
import type { ContractProgram } from '../../vm/program.ts'
import { startContract } from '../../vm/start.ts'
import { pagePrice } from './calls.ts'
import type { ContractEvent, Message } from './context.ts'
import { createEnvironment } from './environment.ts'
import { maxInputLength } from './limits.ts'
import {
  codeBytePrice,
  emptyWorld,
  type FrameCall,
  type LogEntry,
  Session,
  type World,
} from './session.ts'
import type { Signatures } from './signatures.ts'

/** A message cannot be run at all: nothing was charged or changed. */
export class MessageError extends InputError {}

/**
 * Only `success` keeps what the message changed. `reverted`: az_revert, or an entry that returned a
 * number other than 0.
 */
export type MessageStatus = 'success' | 'reverted' | 'trapped' | 'faulted' | 'outOfGas'

/** How the machine stopped. az_return and az_revert are halts at the host call's pc. */
export type MessageExit = Exclude<Exit, { kind: 'host' }>

export interface MessageCall extends Message {
  readonly engine: Engine
  readonly program: ContractProgram
  readonly hasher: Hasher
  /** Needed by programs that check signatures. */
  readonly signatures?: Signatures | undefined
  /** The chain around the transaction; nothing unless it is said. */
  readonly world?: World
  readonly journal: Journal
  /** Name of an export. */
  readonly entry: string
  readonly input: Uint8Array
  /** 0 <= gas < 2^63. */
  readonly gas: bigint
  /** The transaction brings the program, and has paid for each byte of it. */
  readonly brought?: boolean
}

export interface Outcome {
  readonly status: MessageStatus
  readonly exit: MessageExit
  /** r0 (PVM: a0) when the entry returned by itself; 0 otherwise. */
  readonly result: bigint
  readonly returnData: Uint8Array
  /** Empty unless the status is success. */
  readonly events: readonly ContractEvent[]
  /** What contracts logged, whatever the status. */
  readonly logs: readonly LogEntry[]
  /** Contracts that messages were run for, the first one's first. */
  readonly ran: readonly Uint8Array[]
  /** The whole limit when the message ran out of gas. */
  readonly gasUsed: bigint
  /** Guest instructions executed. */
  readonly instructions: bigint
  /** The same by the engine that executed them. */
  readonly tiers: MachineStats['tiers']
  /** What became of the program's generated code, on engines that make some. */
  readonly code?: CodeStats
  /** The machine's registers as the exit left them; zeros when it never ran. */
  readonly registers: readonly bigint[]
}

const noBytes = new Uint8Array(0)

const pagesOf = (bytes: number): number => Math.ceil(bytes / pageSize)

/** Gas for the memory a message starts with, program and input, charged before there is any. */
export function initialMemoryCost(program: ContractProgram, inputLength: number): bigint {
  const { memory } = program
  let bytes = 0
  if (memory.profile === 'linear32') bytes = memory.size - nullZone
  else for (const region of memory.regions) bytes += region.length
  return BigInt((pagesOf(bytes) + pagesOf(inputLength)) * pagePrice)
}

/** Bytes of code of the called contract that carrying the transaction pays for: a millisecond to lift. */
export const freeCode = 65_536

/** Gas for the code of a transaction's first message, charged before it is lifted. */
export function firstCodeCost(program: ContractProgram): bigint {
  return BigInt(Math.max(0, program.code.length - freeCode) * codeBytePrice)
}

function statusOf(exit: MessageExit, reverted: boolean): MessageStatus {
  switch (exit.kind) {
    case 'halt':
      return reverted ? 'reverted' : 'success'
    case 'trap':
      return 'trapped'
    case 'fault':
      return 'faulted'
    case 'outOfGas':
      return 'outOfGas'
  }
}

/**
 * Runs the first message of a transaction and those that it sends: moves `value` from caller to self,
 * charges for initial memory and for code over 64 KiB, runs the entry with r1 = address of the input and r2 = its length
 * (`startContract`; AVM: r0 and r1, PVM: a0 and a1). With any status but success the journal is as it was before.
 * @throws {MessageError} `noEntry`, `inputTooLong`, `insufficientFunds`; `badAddress`, `badValue`,
 *   `badInput` where self, caller, value or input are no such things
 * @throws {RangeError} when the gas is out of range
 * @throws {VerifyError} when the program names unknown host calls or breaks a rule of its profile
 */
export function executeMessage(call: MessageCall): Outcome {
  checkMessage(call)
  const { engine, hasher, journal, signatures, world = emptyWorld } = call
  const session = new Session({
    ...{ hasher, journal, signatures, world },
    runFrame: (shared, frame) => runFrame(engine, shared, frame),
  })
  const price = call.brought === true ? 0n : firstCodeCost(call.program)
  const frame = runFrame(engine, session, call, price)
  return {
    ...frame,
    ...session.stats,
    events: frame.status === 'success' ? session.events : [],
    logs: session.logs,
    ran: session.ran,
  }
}

function checkMessage({ self, caller, value, input, gas }: MessageCall): void {
  for (const address of [self, caller])
    if (!(address instanceof Uint8Array) || address.length !== addressLength)
      throw new MessageError('badAddress', `an address is ${addressLength} bytes`)
  if (typeof value !== 'bigint' || value < 0n || value > maxBalance)
    throw new MessageError('badValue', 'a value is a bigint in 0..2^64 - 1', { value })
  if (!(input instanceof Uint8Array)) throw new MessageError('badInput', 'input is no bytes')
  checkGas(gas)
}

type Frame = Omit<Outcome, 'events' | 'logs' | 'ran' | 'instructions' | 'tiers'>

/** Runs one message; events and changes of one that fails are undone. `codePrice` is due at its entry. */
function runFrame(engine: Engine, session: Session, call: FrameCall, codePrice = 0n): Frame {
  const { program, entry, input, gas } = call
  const { events, journal } = session
  const pc = program.exports.get(entry)
  if (pc === undefined)
    throw new MessageError('noEntry', `the program exports no entry ${JSON.stringify(entry)}`)
  if (input.length > maxInputLength)
    throw new MessageError('inputTooLong', `input over ${maxInputLength} bytes`, {
      value: input.length,
    })
  const environment = createEnvironment(program.imports, { message: call, session })
  const before = journal.checkpoint()
  const eventsBefore = [events.length, session.eventBytes] as const
  const undo = (): void => {
    journal.rollback(before)
    events.length = eventsBefore[0]
    session.eventBytes = eventsBefore[1]
  }
  if (!transfer(journal, call.caller, call.self, call.value))
    throw new MessageError('insufficientFunds', 'the caller has less than the value', {
      value: call.value,
    })
  session.begin(call.self, program)
  const entryCost = initialMemoryCost(program, input.length) + codePrice
  if (gas < entryCost) {
    undo()
    session.count({ instructions: 0n, tiers: { [engine.name]: 0n } })
    return spent(gas, { kind: 'outOfGas', pc }, noRegisters)
  }
  let machine: Machine | undefined
  try {
    machine = engine.instantiate(program, { gas: gas - entryCost })
    startContract(machine, pc, { address: machine.memory.size, bytes: input })
    const exit = drive(machine, environment)
    if (exit.kind === 'suspended') throw new Error('internal: no call of this host suspends')
    const { stats } = machine
    session.count(stats)
    const registers = registersOf(machine)
    const { answer } = environment
    const ended = exit.kind === 'halt' && answer === undefined
    const result = ended ? machine.registers.get(conventionOf(program).result) : 0n
    const status = statusOf(exit, answer?.kind === 'revert' || result !== 0n)
    if (status !== 'success') undo()
    const code = stats.code && { code: stats.code }
    if (exit.kind === 'outOfGas') return { ...spent(gas, exit, registers), ...code }
    const returnData = answer?.data ?? noBytes
    const gasUsed = gas - machine.gas
    return { status, exit, result, returnData, gasUsed, registers, ...code }
  } catch (error) {
    undo()
    throw error
  } finally {
    machine?.dispose()
  }
}

function registersOf(machine: Machine): readonly bigint[] {
  const { registers } = machine
  return Array.from({ length: registers.count }, (_, index) => registers.get(index))
}

/** r0..r10 of a machine that was never made. */
const noRegisters: readonly bigint[] = new Array<bigint>(11).fill(0n)

function spent(gas: bigint, exit: MessageExit, registers: readonly bigint[]): Frame {
  return {
    status: 'outOfGas',
    exit,
    result: 0n,
    returnData: noBytes,
    gasUsed: gas,
    registers,
  }
}
