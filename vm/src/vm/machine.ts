import type { CodeStats } from './code-stats.ts'
import type { Exit } from './exit.ts'
import type { Memory } from './memory.ts'
import type { Program } from './program.ts'

/** An open managed call (eBPF): where it returns to and the registers it restores, r6..r10. */
export interface Frame {
  readonly returnPc: number
  readonly saved: readonly bigint[]
  /** Slots of the function that called (AVM); absent where it has none. */
  readonly slots?: readonly bigint[]
}

/** Everything a run depends on, in a form every engine reads and writes: compare it, store it, move it. */
export interface MachineState {
  readonly pc: number
  readonly gas: bigint
  readonly registers: readonly bigint[]
  readonly frames: readonly Frame[]
  /** Slots of the function that pc is in (AVM); absent where it has none. */
  readonly slots?: readonly bigint[]
  /** What is at pc is paid for: its block (block schedules), or its instruction (a faulting one). */
  readonly charged: boolean
  /** `Memory.size`: end of linear memory, the program break, or the bytes of all regions. */
  readonly memorySize: number
  /**
   * By address: linear32: pages of 4096 bytes with any non-zero byte; paged32: all mapped pages;
   * regions64: all regions, each as one page of its length.
   */
  readonly pages: readonly PageState[]
}

export interface PageState {
  readonly address: number
  readonly writable: boolean
  readonly bytes: Uint8Array
}

/** Registers are unsigned 64-bit values; 32-bit PVM keeps them sign-extended. */
export interface Registers {
  readonly count: number
  get(index: number): bigint
  /** Taken modulo 2^64. */
  set(index: number, value: bigint): void
}

export interface MachineStats {
  /** Guest instructions executed since the machine was made, faulting and trapping ones included. */
  readonly instructions: bigint
  /** The same by the engine that executed them: recomp leaves the unusual to interp. */
  readonly tiers: Readonly<Record<string, bigint>>
  /** Of engines that recompile: where the code came from, what it cost, why it was left. */
  readonly code?: CodeStats
}

/**
 * A host, asked while the machine runs: true goes on behind host call `id`, false ends the run there.
 *
 * The machine is as after the exit of that call: registers, gas, pc (behind the call), memory and
 * counts are exact, and all but counts may be changed; setting `pc` goes on there, as a fresh entry.
 * Frames are not at hand: `save`, `restore`, `run` and `dispose` of this machine throw a `BusyError`;
 * answer false, and use them then. Other machines may be made and run. What a handler throws, `run`
 * throws; the machine then is as if the answer had been false, with the changes made so far.
 */
export type HostHandler = (id: number) => boolean

/** A handler asked something of the machine that it runs on which has to wait for the end of the run. */
export class BusyError extends Error {
  /** What cannot be done now. */
  readonly operation: string

  constructor(operation: string) {
    super(`a machine cannot ${operation} while it runs: answer false to the host call first`)
    this.name = 'BusyError'
    this.operation = operation
  }
}

/** A machine was used after `dispose`: its memory may be another machine's by now. */
export class DisposedError extends Error {
  /** What was asked of it. */
  readonly operation: string

  constructor(operation: string) {
    super(`a disposed machine cannot ${operation}`)
    this.name = 'DisposedError'
    this.operation = operation
  }
}

/** The host has no memory for another machine, or for the code it needs; disposing of others may help. */
export class MachineLimitError extends Error {
  constructor(reason: string) {
    super(`the host has no room for another machine: ${reason}`)
    this.name = 'MachineLimitError'
  }
}

/**
 * An exception of the host, such as the end of its stack, cut a run off in its midst. No state that a
 * program or another engine could have seen is left: dispose the machine, and run the message again.
 */
export class LostError extends Error {
  constructor(operation: string) {
    super(`a machine whose run was cut off by an exception cannot ${operation}`)
    this.name = 'LostError'
  }
}

/**
 * One program with its registers, memory and gas. `run` goes on from `pc` until an exit.
 * Setting `pc` is a fresh entry (block gas is charged anew); resuming after an exit is not.
 */
export interface Machine {
  readonly program: Program
  readonly registers: Registers
  readonly memory: Memory
  /** Gas that is left, 0 <= gas < 2^63. */
  gas: bigint
  /**
   * Any number: where no instruction begins, `run` answers a trap. Who sets it enters a function anew: its slots (AVM) are zero.
   */
  pc: number
  /**
   * Without a handler every host call is an exit; with one only those that it does not pass. The two
   * agree in everything else, also when they alternate.
   * @throws {BusyError} within a handler of this machine
   * @throws {RangeError} when the host's stack has no room for a run, or ends in it: never an exit
   * @throws {LostError} after that
   */
  run(handler?: HostHandler): Exit
  save(): MachineState
  /**
   * Goes on from what `save` of a machine of the same program gave, on any engine. All of the state is
   * looked at first: one that is refused changes nothing.
   * @throws {VerifyError} `badState` when no machine of the program has such a state
   */
  restore(state: MachineState): void
  readonly stats: MachineStats
  /**
   * Gives memory back to the engine's pool. `program`, `gas` and `pc` are as the last run left them;
   * anything else throws a `DisposedError`, and a `Memory` that was kept grants no access.
   */
  dispose(): void
}

/**
 * The gas itself, once it is known to be in range: a counter is a 63-bit number on every engine.
 * @throws {RangeError} unless 0 <= gas < 2^63
 * @throws {TypeError} on anything but a bigint
 */
export function checkGas(gas: bigint): bigint {
  if (typeof gas !== 'bigint') throw new TypeError(`gas is a bigint, such as 1000n, not ${gas}`)
  if (gas < 0n || gas >= 1n << 63n) throw new RangeError(`gas ${gas} is not in 0..2^63 - 1`)
  return gas
}

/**
 * The pc itself; any number may be one.
 * @throws {TypeError} on anything else: engines would read '1' or 1n each in its own way
 */
export function checkPc(pc: number): number {
  if (typeof pc !== 'number') throw new TypeError(`a pc is a number, not ${typeof pc}`)
  return pc
}

/** An engine makes machines. Engines agree on everything a program or host can observe. */
export interface Engine {
  readonly name: 'reference' | 'interp' | 'recomp' | 'tiered'
  /**
   * @param gas gas limit, 0 <= gas < 2^63
   * @throws {VerifyError} when the program breaks a rule of its profile
   * @throws {RangeError} when the gas is out of range
   * @throws {MachineLimitError} when the host has no memory for it
   */
  instantiate(program: Program, options: { readonly gas: bigint }): Machine
}
