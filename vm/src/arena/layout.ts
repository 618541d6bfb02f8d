import type { IrProgram } from '../ir/program.ts'
import { slotRoom } from '../ir/slots.ts'
import { type MemoryPlan, nullZone, pageSize, regionLimits } from '../vm/memory.ts'
import { regionPlaces } from './places.ts'

/** Byte addresses of the machine's header in the interpreter's Wasm memory. */
export const At = {
  /** registerCount times 8 bytes. */
  registers: 0,
  exitRow: 0x140,
  exitInfo: 0x144,
  exitAddress: 0x148,
  /** Gas of the current slice, not of the whole run. */
  gas: 0x150,
  executed: 0x158,
  /** linear32: mapped bytes above the null zone. */
  limit: 0x160,
  /** linear32: Wasm address of guest address 0x10000. */
  guest: 0x168,
  depth: 0x16c,
  maxDepth: 0x170,
  frames: 0x174,
  stackLow: 0x178,
  jumpBase: 0x180,
  jumpShift: 0x188,
  jumpCount: 0x190,
  haltAddress: 0x198,
  jumpTable: 0x1a0,
  functionTable: 0x1a4,
  functionBase: 0x1a8,
  functionShift: 0x1b0,
  functionCount: 0x1b8,
  /** Generated code: function << 16 | entry to go on at. */
  goto: 0x1c0,
  /** Generated code: depth at which calls are left to the interpreter. */
  deepest: 0x1c4,
  /** Generated code: depth at which it was entered, and the saved registers then. */
  entered: 0x1c8,
  savedThen: 0x1d0,
  /** Slots of the outermost activation, and bytes from those of one to the next. */
  slots: 0x2d0,
  slotBytes: 0x2d4,
} as const

/** paged32: one word per 4 KiB page: (frame - page address) | permissions. */
export const pageTable = 0x10000
export const pageTableBytes = 0x400000
/** Permission bits of a page-table word. */
export const Page = { readable: 1, writable: 2 } as const
/** paged32: for each window an i64: so many octets from its first address on are mapped as expected. */
export const PageWindows = { lengths: 0x300, lengthBytes: 8 } as const

/**
 * regions64: an entry for each region, 32 bytes, in order of addresses behind an empty one; and where
 * each of 16 stripes of addresses, by their bits 32 to 35, has the entry that was used last.
 */
export const RegionTable = {
  directory: 0x300,
  stripes: 16,
  entries: 0x1000,
  entryBytes: 32,
  /** i64: the first address. */
  address: 0,
  /** i64: readable bytes. */
  read: 8,
  /** i64: writable bytes, all or none. */
  write: 16,
  /** u32: the length of frames and gaps, or 0. */
  gap: 24,
  /** i32: Wasm address of the first byte. */
  bytes: 28,
} as const

/** regions64: what generated code knows of ranges, by slot; all zero when regions change. */
export const RegionSlots = {
  at: 0x400,
  /** As many as fit below the table. */
  slotBytes: 24,
  /** i64: first address of a region or a frame. */
  address: 0,
  /** i64: a range may start at so many addresses from there on. */
  starts: 8,
  /** i32: Wasm address of the first byte. */
  bytes: 16,
} as const

/** What the module is specialised for; everything else is data. */
export interface Shape {
  readonly memory: MemoryPlan['profile']
  /** Registers saved by managed calls: `saved` of them from `first` on; none in the link model. */
  readonly first: number
  readonly saved: number
  /** Fixed frames: what a call adds to the frame pointer. */
  readonly step?: number
  /** Callees declare their arguments (`ManagedCalls`). */
  readonly declared?: true
  /** Activations have slots. */
  readonly slots?: true
}

export function shapeOf(program: IrProgram): Shape {
  const { calls, memory } = program
  if (calls.kind === 'link') return { memory: memory.profile, first: 0, saved: 0 }
  const { declared, first, fixed, saved, slots } = calls
  return {
    ...{ memory: memory.profile, first, saved },
    ...(fixed && { step: fixed.step }),
    ...(declared && { declared }),
    ...(slots && { slots: true }),
  }
}

/** Where the rows are: a constant of the memory profile, so that it folds into every access. */
export function codeBase(memory: Shape['memory']): number {
  switch (memory) {
    case 'linear32':
      return 0x1000
    case 'paged32':
      return pageTable + pageTableBytes
    case 'regions64':
      return RegionTable.entries + RegionTable.entryBytes * (regionLimits.regions + 1)
  }
}

/** Bytes of guest memory to start with; paged32 makes room for each mapping. */
function guestBytes(memory: MemoryPlan): number {
  switch (memory.profile) {
    case 'linear32':
      return memory.size - nullZone
    case 'paged32':
      return 0
    case 'regions64':
      return regionPlaces(memory).bytes
  }
}

export interface Layout {
  readonly jumpTable: number
  /** Generated code's place for each entry of the jump table. */
  readonly jumpEntries: number
  readonly functionTable: number
  /** Generated code's entry number, shifted for a param, for each entry of the function table. */
  readonly functionEntries: number
  readonly frames: number
  readonly frameBytes: number
  /** Slots by depth, `slotBytes` for each; what is above the running activation's may be anything. */
  readonly slots: number
  readonly slotBytes: number
  /** First byte for guest memory; a multiple of 4096. */
  readonly guest: number
  /** Bytes of Wasm memory to start with. */
  readonly bytes: number
}

const align = (n: number, to: number): number => Math.ceil(n / to) * to

/** So that guest addresses, and those a page below, are Wasm addresses plus a constant that is not negative. */
const lowestGuest = nullZone + pageSize

export function layoutOf(program: IrProgram): Layout {
  const { calls, jumps, memory } = program
  const managed = calls.kind === 'managed'
  const jumpTable = codeBase(memory.profile) + program.count * 16
  const jumpEntries = jumpTable + jumps.rows.length * 4
  const functionTable = jumpEntries + jumps.rows.length * 4
  const callable = managed ? calls.functions.rows.length : 0
  const functionEntries = functionTable + callable * 8
  const frames = align(functionEntries + callable * 4, 8)
  const frameBytes = managed ? 8 + 8 * calls.saved : 0
  const slots = frames + (managed ? calls.maxDepth * frameBytes : 0)
  const slotBytes = 8 * slotRoom(calls)
  const tables = slots + (managed && slotBytes > 0 ? (calls.maxDepth + 1) * slotBytes : 0)
  const lowest = memory.profile === 'linear32' ? lowestGuest : 0
  const guest = align(Math.max(tables, lowest), pageSize)
  return {
    jumpTable,
    jumpEntries,
    functionTable,
    functionEntries,
    frames,
    frameBytes,
    slots,
    slotBytes,
    guest,
    bytes: guest + guestBytes(memory),
  }
}
