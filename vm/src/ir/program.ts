import type { Trap } from '../vm/exit.ts'
import type { MemoryPlan } from '../vm/memory.ts'
import { type SlotCounts, slotUnit } from './slots.ts'

/** Words of a row: [op | a << 8 | b << 16 | c << 24, imm low, imm high, off or target row]. */
export const rowWords = 4

/** Code addresses -> rows: address `base + (i << shift)` is entry i; -1 marks an invalid entry. */
export interface CodeTable {
  readonly base: bigint
  readonly shift: number
  readonly rows: Int32Array
}

/**
 * What a row starts: a guest instruction; a segment (then it is a charge row where the program is
 * metered); or it stands out of line, where a bad static target leads.
 */
export const Mark = { instruction: 1, segment: 2, outOfLine: 4 } as const

/**
 * A lifted program, immutable. Rows are grouped in segments: straight-line runs that are entered
 * only at their first row (except by resuming) and, when metered, start with a `charge` row.
 */
export interface IrProgram {
  readonly rows: Int32Array
  /** Number of rows; `rows` may be longer. */
  readonly count: number
  /** Guest pc of each row. */
  readonly pcOf: Int32Array
  readonly marks: Uint8Array
  /** Gas of the guest instruction that starts at a row (instruction schedules; else all zero). */
  readonly costs: Uint16Array
  /** Guest pc -> the row to enter at (its segment's first row if it starts one), or -1. */
  readonly rowOf: Int32Array
  readonly registers: number
  /** 'instruction': charged gas is exact at every exit; 'block': whole segments are charged on entry. */
  readonly metering: 'none' | 'instruction' | 'block'
  readonly memory: MemoryPlan
  readonly calls: CallModel
  /** Targets of jump64/jump32. */
  readonly jumps: CodeTable
  /** Address at which jump32 halts, or -1. */
  readonly haltAddress: number
  /** Trap for a run that starts at a pc without a row. */
  readonly badEntry: Trap
  readonly paging: PagingRules
  readonly rules: RunRules
  /** Where `packet` reads: the input region. */
  readonly packet: { readonly address: number; readonly length: number }
}

type BuiltField = 'rows' | 'count' | 'pcOf' | 'marks' | 'costs' | 'rowOf'

/**
 * A program from what a builder made and the rest, fields in one order. What is spread into a literal gets a shape of its
 * own each time in V8, and optimised code that reads it is thrown away: 70 times while code of twelve equal programs was
 * generated, 18 times so (`node --trace-deopt`).
 */
export function irProgramOf(
  built: Pick<IrProgram, BuiltField>,
  rest: Omit<IrProgram, BuiltField>,
): IrProgram {
  return {
    rows: built.rows,
    count: built.count,
    pcOf: built.pcOf,
    marks: built.marks,
    costs: built.costs,
    rowOf: built.rowOf,
    registers: rest.registers,
    metering: rest.metering,
    memory: rest.memory,
    calls: rest.calls,
    jumps: rest.jumps,
    haltAddress: rest.haltAddress,
    badEntry: rest.badEntry,
    paging: rest.paging,
    rules: rest.rules,
    packet: rest.packet,
  }
}

/** How paged32 answers what it cannot do (`PvmOptions`). */
export interface PagingRules {
  /** Register width: `sbrk` takes its argument modulo 2^32 in 32-bit programs. */
  readonly width: 32 | 64
  readonly nullPagePanics: boolean
  readonly pageFaults: boolean
  readonly sbrk: 'newTop' | 'oldTop' | 'forbidden'
}

/** Managed frames: `saved` registers from `first` on are restored by `ret`; the last of them is the frame pointer. */
export interface ManagedCalls {
  readonly kind: 'managed'
  readonly maxDepth: number
  readonly first: number
  readonly saved: number
  /** The stack occupies [low, high); the frame pointer starts at `stackHigh`. */
  readonly stackLow: number
  readonly stackHigh: number
  readonly fixed?: FixedFrames
  /**
   * A callee starts with its arguments, which are its caller's first registers, and the frame pointer; all
   * others are zero. Where frame sizes of callees stand, here and in rows, are words then: see `calleeWord`.
   */
  readonly declared?: true
  /** Values of each activation that have no address; absent: none. Only where callees declare. */
  readonly slots?: SlotCounts
  /** Targets of callr, and each one's frame size in bytes. */
  readonly functions: CodeTable
  readonly frameSizes: Int32Array
}

/** Bits of a callee's word: below `slots` its arguments, from there on units of slots, then units of frame. */
export const CalleeBit = { slots: 4, frame: 10 } as const
/** Bytes of a unit of frame, as a power of two. */
export const frameUnitBits = 3

/**
 * What a call needs of a callee that declares its arguments.
 * @param frameSize bytes, a multiple of 8
 * @param slots to be cleared, at least
 * @example calleeWord(32, 2, 3) // 4114
 */
export function calleeWord(frameSize: number, args: number, slots = 0): number {
  const frame = frameSize * 2 ** (CalleeBit.frame - frameUnitBits)
  return frame + Math.ceil(slots / slotUnit) * 2 ** CalleeBit.slots + args
}

/** Frame size in bytes of a callee, by what stands in a call's row or in the table. */
export function frameOfCallee(calls: ManagedCalls, word: number): number {
  return calls.declared === true ? (word >> CalleeBit.frame) << frameUnitBits : word
}

/** How many slots of a callee are cleared, if it declares its arguments: all that it has. */
export function slotsOfCallee(word: number): number {
  return ((word >> CalleeBit.slots) & (2 ** (CalleeBit.frame - CalleeBit.slots) - 1)) * slotUnit
}

/** How many registers a callee takes of its caller, if it declares that. */
export function argumentsOfCallee(word: number): number {
  return word & (2 ** CalleeBit.slots - 1)
}
/**
 * Frames of sBPF. Rows and functions have no sizes, and the stack is not checked. `callr` goes to any pc
 * below `places`: one that the table of functions lacks is a fresh entry there.
 */
export interface FixedFrames {
  /** Bytes that a call adds to the frame pointer. */
  readonly step: number
  /** Pcs below that have no row are instructions, too: they cost `cost` and trap with `badEntry`. */
  readonly places: number
  readonly cost: number
}
export type CallModel = ManagedCalls | { readonly kind: 'link' }

/** How a run starts and ends where ISAs and their versions differ (`PvmOptions`). */
export interface RunRules {
  /** Running out of gas spends what is left, instead of keeping the counter. */
  readonly outOfGasSpends: boolean
  /** `machine.pc` is 0 after a halt or trap; the exit still has the pc of its cause. */
  readonly pcZeroAtEnd: boolean
  /** A fresh entry in the middle of a block is not charged. */
  readonly freeMidBlockEntry: boolean
  /** `memset` takes no gas for its octets. */
  readonly freeMemset: boolean
  /**
   * Where the jump table lacks an address of `jump32`, that is an offset from the table's base into the code: a pc, its low
   * bits below the table's shift cleared, and a fresh entry there if it has a row.
   */
  readonly jumpsAnywhere: boolean
}

export const plainRules: RunRules = {
  outOfGasSpends: false,
  pcZeroAtEnd: false,
  freeMidBlockEntry: false,
  freeMemset: false,
  jumpsAnywhere: false,
}
