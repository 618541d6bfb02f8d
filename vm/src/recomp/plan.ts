import { type IrProgram, rowWords } from '../ir/program.ts'
import { type IrForm, irForms, irRows, Op } from '../ir/table.ts'
import { type Blocks, End, edgeOf, falls, isLink } from './blocks.ts'
import { afterCall, type Convention, ordersBlocks } from './convention.ts'
import { type Functions, isLabel, lastRow, switches } from './functions.ts'
import { isDirect, type Nest, nestOf } from './nest.ts'

/** By op, whether a row reads its registers a, b and c, and whether it writes a, as masks. */
const masksOf = (has: (form: (typeof irForms)[IrForm]) => boolean): Int32Array =>
  Int32Array.from(irRows, ({ form }) => (has(irForms[form]) ? -1 : 0))
const readsA = masksOf(({ a }) => a === 'r' || a === 'rw')
const readsB = masksOf(({ b }) => b === 'r')
const readsC = masksOf(({ c }) => c === 'r')
const writesA = masksOf(({ a }) => a === 'w' || a === 'rw')
/** By register: its bit; what is above 31 is no guest register. */
const bits = Int32Array.from({ length: 256 }, (_, register) => (register < 32 ? 1 << register : 0))

/** Guest registers a row reads, as bits. */
export function readsOf(program: IrProgram, row: number): number {
  const word = program.rows[row * rowWords]!
  const op = word & 0xff
  return (
    (readsA[op]! & bits[(word >>> 8) & 0xff]!) |
    (readsB[op]! & bits[(word >>> 16) & 0xff]!) |
    (readsC[op]! & bits[word >>> 24]!)
  )
}

/** Guest registers a row writes, as bits. */
export function writesOf(program: IrProgram, row: number): number {
  const word = program.rows[row * rowWords]!
  return writesA[word & 0xff]! & bits[(word >>> 8) & 0xff]!
}

/** One Wasm function: its blocks by index, 0 first, and what is known at each. */
export interface Plan {
  readonly count: number
  /** Index -> block. */
  readonly blocks: Int32Array
  /** Index of the static target within the function, or -1. */
  readonly target: Int32Array
  /** Does control fall to the next index; and to which it falls in the function, or -1. */
  readonly falls: Uint8Array
  readonly fallTo: Int32Array
  /** Number by which a block is entered from outside or backwards; -1: it is not. */
  readonly entry: Int32Array
  /** Blocks with an entry number, by number. */
  readonly entries: readonly number[]
  /** Last index of the Wasm loop that starts here, or -1. */
  readonly loopEnd: Int32Array
  /** Index of the loop that contains the block, its header included, or -1. */
  readonly loopOf: Int32Array
  /** Wasm loops around each other, but for innermost ones in `end`. */
  readonly nest: Nest
  /** Gas (and instructions) of the block's own charge. */
  readonly cost: Float64Array
  /** Gas that must be there at a block that checks; -1 where none is needed. */
  readonly need: Float64Array
  /** Registers in locals, and those newer than their home, at each block's start. */
  readonly held: Int32Array
  readonly dirty: Int32Array
  /** Indices to which jumps through registers go within the function, if it has such jumps. */
  readonly jumped: readonly number[]
}

/** Where each function of the program can be entered; computed once for all of them. */
export function entriesOf(program: IrProgram, blocks: Blocks, functions: Functions): Uint8Array {
  const needed = new Uint8Array(blocks.count)
  const { indexOf } = functions
  for (let f = 0; f < functions.count; f++) needed[functions.order[functions.first[f]!]!] = 1
  const nests = ordersBlocks(program)
  for (let b = 0; b < blocks.count; b++) if (functions.isStart[b] === 1) needed[b] = 1
  const mark = (row: number): void => {
    const block = row < 0 ? -1 : blocks.at[row]!
    if (block >= 0) needed[block] = 1
  }
  for (const row of program.jumps.rows) mark(row)
  const elsewhere = (b: number, t: number): boolean =>
    functions.of[t] !== functions.of[b] || indexOf[t]! <= indexOf[b]!
  for (let b = 0; b < blocks.count; b++) {
    const next = b + 1 < blocks.count ? b + 1 : -1
    const end = blocks.end[b]!
    const to = edgeOf(blocks, b)
    if (to >= 0 && elsewhere(b, to)) needed[to] = 1
    if (next < 0) continue
    if (nests && falls(end) && functions.of[b] === functions.of[next]) {
      if (indexOf[next]! <= indexOf[b]!) needed[next] = 1
      if (end !== End.call && end !== End.callRegister) continue
    }
    // a call or host call continues there after unwinding
    if (end === End.call || end === End.callRegister || end === End.leave) needed[next] = 1
    else if (falls(end) && (elsewhere(b, next) || indexOf[next] !== indexOf[b]! + 1))
      needed[next] = 1
  }
  if (nests)
    for (let f = 0; f < functions.count; f++) {
      const own = functions.order.subarray(functions.first[f]!, functions.first[f + 1]!)
      const { fallTo, target } = edgesOf(blocks, functions, f)
      const nest = nestOf(target, fallTo)
      own.forEach((_, x) => {
        for (const y of [target[x]!, fallTo[x]!])
          if (y >= 0 && !isDirect(nest, x, y)) needed[own[y]!] = 1
      })
    }
  return needed
}

/** Where each block of a function leads within it, by index, or -1. */
function edgesOf(
  blocks: Blocks,
  functions: Functions,
  f: number,
): { target: Int32Array; fallTo: Int32Array } {
  const own = functions.order.subarray(functions.first[f]!, functions.first[f + 1]!)
  const within = (block: number): number =>
    block >= 0 && block < blocks.count && functions.of[block] === f ? functions.indexOf[block]! : -1
  return {
    target: Int32Array.from(own, (block) => within(edgeOf(blocks, block))),
    fallTo: Int32Array.from(own, (block) => (falls(blocks.end[block]!) ? within(block + 1) : -1)),
  }
}

/**
 * Plans function `f`; linear in its rows apart from a fixed number of passes of data flow.
 * @param start registers in locals where it is called, as bits
 */
export function planOf(
  program: IrProgram,
  blocks: Blocks,
  functions: Functions,
  needed: Uint8Array,
  convention: Convention,
  f: number,
  start: number,
): Plan {
  const base = functions.first[f]!
  const count = functions.first[f + 1]! - base
  const own = functions.order.subarray(base, base + count)
  const { fallTo, target } = edgesOf(blocks, functions, f)
  const fallsOn = new Uint8Array(count)
  const entry = new Int32Array(count).fill(-1)
  const entries: number[] = []
  for (let x = 0; x < count; x++) {
    const block = own[x]!
    fallsOn[x] = fallTo[x] === x + 1 ? 1 : 0
    if (needed[block] === 1) {
      entry[x] = entries.length
      entries.push(x)
    }
  }
  const loopEnd = innerLoops(count, target, entry)
  const nest = ordersBlocks(program) ? nestOf(target, fallTo) : undefined
  if (nest !== undefined) chooseLoops(nest, loopEnd, fallTo, own)
  else
    fallTo.forEach((_, x) => {
      if (fallsOn[x] === 0) fallTo[x] = -1
    })
  const loopOf = loopsOf(loopEnd)
  const { cost, need } = gasOf(program, blocks, own, target, fallTo, entry)
  const jumped = jumpedOf(program, blocks, own)
  const { held, dirty } = registersOf(
    program,
    blocks,
    functions,
    own,
    target,
    fallTo,
    jumped,
    convention,
    start,
  )
  return {
    count,
    blocks: own,
    target,
    falls: fallsOn,
    fallTo,
    nest: nest ?? innermost(loopOf),
    entry,
    entries,
    loopEnd,
    loopOf,
    cost,
    need,
    held,
    dirty,
    jumped,
  }
}

/** Where the jump table leads to, other than to go back to a caller, if one of the blocks asks it. */
function jumpedOf(program: IrProgram, blocks: Blocks, own: Int32Array): number[] {
  if (!own.some((block) => switches(program, blocks, block))) return []
  const indices: number[] = []
  own.forEach((block, x) => {
    if (isLabel(blocks, block)) indices.push(x)
  })
  return indices
}

function isCall(end: number): boolean {
  return end === End.call || end === End.callRegister || isLink(end)
}

/** A loop is either innermost, with all that is special to those, or one of the nest. */
function chooseLoops(
  { end, inside }: Nest,
  loopEnd: Int32Array,
  fallTo: Int32Array,
  own: Int32Array,
): void {
  for (let x = 0; x < loopEnd.length; x++) {
    if (loopEnd[x]! < 0) continue
    let isPlain = end[x] === loopEnd[x]
    for (let y = x; y <= loopEnd[x]! && isPlain; y++) {
      const to = fallTo[y]!
      // what is known of an innermost loop is of its rows, from the first to the last
      if (y > x && (inside[y] !== x || end[y]! >= 0 || own[y] !== own[y - 1]! + 1)) isPlain = false
      else if (to >= 0 && to !== y + 1 && (y < loopEnd[x]! || (to >= x && to <= y))) isPlain = false
    }
    if (isPlain) end[x] = -1
    else loopEnd[x] = -1
  }
}

/** Where only innermost loops are Wasm loops. */
function innermost(loopOf: Int32Array): Nest {
  return {
    end: new Int32Array(loopOf.length).fill(-1),
    inside: loopOf.map((header, x) => (header === x ? -1 : header)),
  }
}

/** Header of the loop that each index is in, its header included, or -1. */
function loopsOf(end: Int32Array): Int32Array {
  const loopOf = new Int32Array(end.length).fill(-1)
  for (let x = 0; x < end.length; x++) loopOf.fill(x, x, end[x]! + 1)
  return loopOf
}

/**
 * Loops without an entry inside, other than their header, and without a way in from elsewhere: from
 * each header to the last block for which that is so. O(blocks): whatever is jumped to backwards is
 * an entry, so that no block is looked at for two headers.
 */
function innerLoops(count: number, target: Int32Array, entry: Int32Array): Int32Array {
  const end = new Int32Array(count).fill(-1)
  /** The first block from which a block is jumped to. */
  const from = new Int32Array(count).fill(count)
  for (let x = count - 1; x >= 0; x--) if (target[x]! >= 0) from[target[x]!] = x
  for (let header = 0; header < count; header++) {
    if (entry[header]! < 0) continue
    for (let x = header; x < count; x++) {
      if (x > header && (entry[x]! >= 0 || from[x]! < header)) break
      if (target[x] === header) end[header] = x
    }
  }
  return end
}

/** A check at each entry pays for the dearest way to the next checks. */
function gasOf(
  program: IrProgram,
  blocks: Blocks,
  own: Int32Array,
  target: Int32Array,
  fallTo: Int32Array,
  entry: Int32Array,
): { cost: Float64Array; need: Float64Array } {
  const count = own.length
  const cost = new Float64Array(count)
  const need = new Float64Array(count).fill(-1)
  const path = new Float64Array(count)
  for (let x = count - 1; x >= 0; x--) {
    const row = blocks.start[own[x]!]!
    if ((program.rows[row * rowWords]! & 0xff) === Op.charge)
      cost[x] = program.rows[row * rowWords + 1]! >>> 0
    let ahead = 0
    for (const y of [fallTo[x]!, target[x]!])
      if (y > x && entry[y]! < 0) ahead = Math.max(ahead, path[y]!)
    path[x] = cost[x]! + ahead
    if (entry[x]! >= 0) need[x] = path[x]!
  }
  return { cost, need }
}

/** Passes of data flow; what is not settled then is taken for held and newer everywhere. */
const mostPasses = 8

/** What is in locals at each block, and what of it is newer than its home. */
function registersOf(
  program: IrProgram,
  blocks: Blocks,
  functions: Functions,
  own: Int32Array,
  target: Int32Array,
  fallTo: Int32Array,
  jumped: readonly number[],
  convention: Convention,
  start: number,
): { held: Int32Array; dirty: Int32Array } {
  const count = own.length
  const touched = new Int32Array(count)
  const written = new Int32Array(count)
  const calls = new Uint8Array(count)
  const through = Uint8Array.from(own, (block) => (switches(program, blocks, block) ? 1 : 0))
  const held = new Int32Array(count).fill(-1)
  const dirty = new Int32Array(count)
  let anywhere = start
  for (let x = 0; x < count; x++) {
    const block = own[x]!
    const end = blocks.end[block]!
    calls[x] = isCall(end) ? 1 : 0
    let reads = 0
    let writes = 0
    for (let row = blocks.start[block]!; row <= lastRow(blocks, block); row++) {
      reads |= readsOf(program, row)
      writes |= writesOf(program, row)
    }
    touched[x] = reads | writes
    written[x] = writes
    if (calls[x] === 1) touched[x]! |= start
    anywhere |= written[x]! | (calls[x] === 1 ? afterCall(convention, -1) : 0)
    if (x > 0 && functions.isStart[block] === 0) continue
    held[x] = start
    dirty[x] = start
  }
  /** Forward over all edges until nothing changes; false: it still does. */
  const settle = (state: Int32Array, out: (x: number) => number, all: boolean): boolean => {
    for (let pass = 0; pass < mostPasses; pass++) {
      let stable = true
      const meet = (y: number, late: number): void => {
        const met = all ? state[y]! & late : state[y]! | late
        if (met === state[y]) return
        state[y] = met
        stable = false
      }
      // all jumps through registers go to all places there are
      let jumps = all ? -1 : 0
      for (let x = 0; x < count; x++) {
        const late = out(x)
        if (fallTo[x]! >= 0) meet(fallTo[x]!, late)
        if (target[x]! >= 0) meet(target[x]!, late)
        if (through[x] === 1) jumps = all ? jumps & late : jumps | late
      }
      for (const y of jumped) meet(y, jumps)
      if (stable) return true
    }
    return false
  }
  const inLocals = (x: number): number => {
    const late = held[x]! | dirty[x]! | touched[x]!
    return calls[x] === 1 ? afterCall(convention, late) : late
  }
  const newer = (x: number): number => (calls[x] === 1 ? inLocals(x) : dirty[x]! | written[x]!)
  if (!settle(held, inLocals, true)) held.fill(0)
  for (let x = 0; x < count; x++) if (held[x] === -1) held[x] = 0
  if (!settle(dirty, newer, false)) dirty.fill(anywhere)
  for (let x = 0; x < count; x++) held[x]! |= dirty[x]!
  return { held, dirty }
}
