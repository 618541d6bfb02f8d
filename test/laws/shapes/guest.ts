import type { Rng } from '../rng.ts'

/** What a program of shapes is meant to end with, if it gets there. */
export const endings = [
  'halt',
  'panic',
  'invalidInstruction',
  'invalidJump',
  'invalidCall',
  'stackOverflow',
  'callDepth',
  'nullPage',
  'outOfBounds',
  'fault',
  'outOfGas',
] as const
export type Ending = (typeof endings)[number]

export type Label = number

/** Octets of an access. */
export type Width = 1 | 2 | 4 | 8

/**
 * Writes code of one instruction set. Shapes are made of these members and name no instruction.
 * Registers have roles: `scratch` hold values, `pointers` addresses, `counters` count loops and
 * survive calls; `spare` is overwritten by jumps and calls through registers.
 */
export abstract class Guest {
  readonly rng: Rng
  abstract readonly scratch: readonly number[]
  abstract readonly pointers: readonly number[]
  abstract readonly counters: readonly number[]
  /** Widths of accesses and whether sizes of 8 exist. */
  abstract readonly widths: readonly Width[]
  /** Where memory that can be written begins and ends. */
  abstract readonly low: number
  abstract readonly high: number
  private labels = 0

  constructor(rng: Rng) {
    this.rng = rng
  }

  label(): Label {
    return this.labels++
  }

  /** The next instruction is where `label` is. */
  abstract here(label: Label): void
  /** Any instruction that only computes, on scratch registers. */
  abstract scalar(): void
  abstract constant(register: number, value: number): void
  /** `to = from + value` */
  abstract add(to: number, from: number, value: number): void
  abstract move(to: number, from: number): void
  /** `to = to << amount` and `to = to >>u amount`, in 32 or 64 bits, and `to = to | from`. */
  abstract rotation(register: number, copy: number): void
  /** Any instruction that reads or writes memory at `base + offset`; scratch registers else. */
  abstract access(base: number, offset: number): void
  abstract load(to: number, base: number, offset: number, width: Width): void
  abstract store(from: number, base: number, offset: number, width: Width): void
  /** An access of a constant address. */
  abstract absolute(address: number): void
  /** Any branch on scratch registers, which it may set first. */
  abstract branch(to: Label): void
  /** Goes to `to` unless the register holds `value`, 0..127. */
  abstract unless(register: number, value: number, to: Label): void
  /** Goes to `to` while the register, signed, is above `value`, -128..127. */
  abstract whileAbove(register: number, value: number, to: Label): void
  abstract jump(to: Label): void
  /** Goes to one of two or four labels by the low bits of a register. */
  abstract choose(register: number, labels: readonly Label[]): void
  abstract call(to: Label): void
  abstract callThrough(to: Label): void
  /** Begins a function; every function is called by its label. */
  abstract enter(label: Label): void
  abstract leave(): void
  abstract host(): void
  /** What few programs have: operations that leave generated code, odd instructions. */
  abstract oddity(): void
  /** Ends the run as planned, now; the label is a function's that calls itself for ever. */
  abstract end(ending: Ending, recursion: Label): void

  counted(): number {
    return this.rng.pick(this.counters)
  }

  value(): number {
    return this.rng.pick(this.scratch)
  }
}
