import type { Layout } from '../arena/layout.ts'
import type { FuncBuilder } from '../emit/func.ts'
import type { Operand } from '../emit/scalar.ts'
import type { IrProgram } from '../ir/program.ts'
import type { Blocks } from './blocks.ts'
import { type Convention, returnBit, type Signature } from './convention.ts'
import type { ExitTable } from './exits.ts'
import type { Functions } from './functions.ts'
import type { Plan } from './plan.ts'
import type { Values } from './values.ts'
import type { Windows } from './windows.ts'

/** How generated code ended. */
export const Status = {
  /** The guest function returned. */
  returned: 0,
  /** The interpreter goes on at the row of the way out. */
  leave: 1,
  /** Gas does not pay for the way ahead of that row. */
  gas: 2,
  /** Generated code goes on at `At.goto`. */
  goto: 3,
} as const

/**
 * What generated code can be timed without. A program without them is no contract: benchmarks use it
 * to tell what they cost, nothing public reaches it, and `Generated` made so must not be kept.
 */
export interface Measure {
  /** Charges and checks of gas, and its way to and from the header. */
  readonly gas: boolean
  /**
   * Checks of memory accesses. linear32 without them: Wasm's own bounds, which guest memory ends at.
   * paged32: `flat` is the Wasm address of `flatBytes` octets, at which an address's low bits count.
   */
  readonly checks: boolean
  readonly flat?: number
}

/** A power of two: 8 MiB, so that what is low and a stack at the end of addresses do not meet. */
export const flatBytes = 0x80_0000

/** What all functions of a module share. */
export interface ModuleParts {
  readonly measure: Measure
  readonly program: IrProgram
  readonly blocks: Blocks
  readonly functions: Functions
  readonly convention: Convention
  /** How the gas word is made: see `GasShift`. */
  readonly gasShift: number
  /** By function, and of what calls through registers call. */
  readonly signatures: readonly Signature[]
  readonly indirect: Signature | undefined
  readonly layout: Layout
  /** By function, how many private slots it has in locals: all of its activation's. */
  readonly slots: Uint8Array
  readonly plans: readonly Plan[]
  /** What is known of values in the function that is being written. */
  readonly values: Values
  readonly windows: Windows
  readonly exits: ExitTable
  /** Where the jump table leads into each function, from the first such entry to the last. */
  readonly tableRanges: readonly { readonly first: number; readonly count: number }[]
  /** regions64: where the module keeps what it knows of ranges, by their base, length and direction. */
  readonly regionSlots: Map<number, number>
  /** Wasm index of function 0. */
  readonly firstFunction: number
  /** Wasm type of functions with the signature. */
  typeOf(signature: Signature): number
}

/** A block that can be entered, as a word: `function << 16 | returnBit if a link comes back there | entry`. */
export function placeOf(
  { blocks, functions, plans }: Pick<ModuleParts, 'blocks' | 'functions' | 'plans'>,
  block: number,
): number {
  const f = functions.of[block]!
  const back = blocks.returned[block] === 1 ? returnBit : 0
  return (f << 16) | back | plans[f]!.entry[functions.indexOf[block]!]!
}

/** What the writer of memory accesses needs of the function it is in. */
export interface AccessContext {
  readonly f: FuncBuilder
  readonly parts: ModuleParts
  /** Local with the number of mapped bytes above the null zone (linear32). */
  readonly limit: number
  operand(register: number): Operand
  /** Pushes a guest register without bringing it into its local. */
  peek(register: number): void
  /** Takes the value of a guest register that is in its local from the stack. */
  put(register: number): void
  leaveAt(row: number, status: number): void
}

/** Octets `lo`..`hi` from a register's value on, `hi` not included; at most `maxSpan`. */
export interface CheckedRange {
  readonly lo: number
  readonly hi: number
  /** Is any of it written. */
  readonly write: boolean
  /** How far its first octet is from the register's value where that is known, or its address. */
  readonly from: number
}

/** No range is wider: a limit is at least this, and so are pages and frames. */
export const maxSpan = 4096

/** How a memory profile checks a range and where its octets are. */
export interface CheckWriter {
  /** Wasm address of a range's first octet, less what `check` puts into the local. */
  readonly origin: number
  /**
   * Leaves with the state before `row` unless the whole range around register `base` can be accessed;
   * else `into`, an i32 local, is the Wasm address of the range's first octet, less `origin`.
   */
  check(row: number, base: number, range: CheckedRange, into: number): void
}
