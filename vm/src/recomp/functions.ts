import { type IrProgram, rowWords } from '../ir/program.ts'
import { Op } from '../ir/table.ts'
import { type Blocks, End, edgeOf, falls } from './blocks.ts'
import { ordersBlocks } from './convention.ts'
import { Estimate, fewRows, maxFunctionOctets } from './estimate.ts'
import { loopOrder } from './nest.ts'

/** What a block has beyond its rows: a check of gas, a label, and values that meet, dear to V8. */
const entryOctets = 60

/** Blocks grouped into Wasm functions. */
export interface Functions {
  readonly count: number
  /** Function of each block. */
  readonly of: Int32Array
  /** Blocks in order of functions, by row within each; `first[f]`..`first[f + 1]` are those of f. */
  readonly order: Int32Array
  readonly first: Int32Array
  /** Index of each block within its function. */
  readonly indexOf: Int32Array
  /** Blocks that are called. */
  readonly isStart: Uint8Array
}

/**
 * Groups blocks that static edges other than calls, or a host call, connect (union-find), never into a called block;
 * then cuts groups of more than `maxFunctionOctets`. O(blocks) but for the inverse Ackermann factor.
 */
export function functionsOf(program: IrProgram, blocks: Blocks): Functions {
  const { count, end, start, target } = blocks
  const isStart = new Uint8Array(count)
  if (count > 0) isStart[0] = 1
  for (let b = 0; b < count; b++)
    if ((end[b] === End.call || end[b] === End.link) && target[b]! >= 0) isStart[target[b]!] = 1
  const { calls } = program
  if (calls.kind === 'managed') {
    for (const row of calls.functions.rows) {
      const block = row < 0 ? -1 : blocks.at[row]!
      if (block >= 0) isStart[block] = 1
    }
  }
  const parent = Int32Array.from({ length: count }, (_, b) => b)
  const find = (b: number): number => {
    let at = b
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!
      at = parent[at]!
    }
    return at
  }
  const union = (a: number, b: number): void => {
    const x = find(a)
    const y = find(b)
    if (x < y) parent[y] = x
    else parent[x] = y
  }
  for (let b = 0; b < count; b++) {
    // a run goes on behind a host call, as if it had come by there
    const goesOn =
      falls(end[b]!) || (program.rows[lastRow(blocks, b) * rowWords]! & 0xff) === Op.host
    if (goesOn && b + 1 < count && isStart[b + 1] === 0) union(b, b + 1)
    const to = edgeOf(blocks, b)
    if (to >= 0 && isStart[to] === 0) union(b, to)
  }
  joinLabels(program, blocks, isStart, union)
  const size = new Int32Array(count + 1)
  const rows = new Int32Array(count)
  for (let b = 0; b < count; b++) {
    const group = find(b)
    size[group]!++
    rows[group]! += start[b + 1]! - start[b]!
  }
  const place = new Int32Array(count)
  for (let b = 0, next = 0; b < count; b++) {
    if (parent[b] !== b) continue
    place[b] = next
    next += size[b]!
  }
  const order = new Int32Array(count)
  for (let b = 0; b < count; b++) order[place[find(b)]!++] = b
  // there, blocks stand wherever their linker's code is short
  if (ordersBlocks(program))
    for (let from = 0; from < count; ) {
      const to = from + size[find(order[from]!)]!
      orderLoops(program, blocks, order.subarray(from, to))
      from = to
    }
  const first: number[] = []
  const of = new Int32Array(count)
  const indexOf = new Int32Array(count)
  const estimate = new Estimate(program)
  let root = -1
  let octets = 0
  for (let k = 0; k < count; k++) {
    const b = order[k]!
    const group = find(b)
    let more = 0
    if (rows[group]! > fewRows) {
      estimate.begin(start[b]!)
      estimate.upTo(start[b + 1]!)
      more = entryOctets + estimate.octets
    }
    if (group !== root || octets + more > maxFunctionOctets) {
      first.push(k)
      root = group
      octets = 0
    }
    octets += more
    of[b] = first.length - 1
    indexOf[b] = k - first[first.length - 1]!
  }
  first.push(count)
  const functions = first.length - 1
  return { count: functions, of, order, first: Int32Array.from(first), indexOf, isStart }
}

/** Where return addresses are: r0 in PVM, r1 in RISC-V, and neither jumps through the other's. */
const returnRegisters = 1

/** Does the block end in a jump through a register that is no return. */
export function switches(program: IrProgram, blocks: Blocks, block: number): boolean {
  if (blocks.end[block] !== End.jumpRegister) return false
  const register = (wordOf(program, lastRow(blocks, block), 0) >>> 16) & 0xff
  return program.calls.kind === 'managed' || register > returnRegisters
}

/** Does the jump table lead to the block, other than to go back to a caller. */
export function isLabel({ jumped, returned }: Blocks, block: number): boolean {
  return jumped[block] === 1 && returned[block] === 0
}

/**
 * Where a jump table leads to belongs to the code around that jumps through a register: between one called block and the
 * next. Else each way through a table would leave the function, and all that are open.
 */
function joinLabels(
  program: IrProgram,
  blocks: Blocks,
  isStart: Uint8Array,
  union: (a: number, b: number) => void,
): void {
  const { count } = blocks
  for (let from = 0; from < count; ) {
    let to = from + 1
    while (to < count && isStart[to] === 0) to++
    let by = -1
    for (let b = from; b < to; b++) {
      if (!switches(program, blocks, b)) continue
      if (by >= 0) union(by, b)
      by = b
    }
    if (by >= 0)
      for (let b = from; b < to; b++) if (isLabel(blocks, b) && isStart[b] === 0) union(b, by)
    from = to
  }
}

/** Puts the blocks of a function, which are in the order of their rows, into one that has its loops in one piece. */
function orderLoops(program: IrProgram, blocks: Blocks, own: Int32Array): void {
  const at = new Map<number, number>()
  own.forEach((block, node) => {
    at.set(block, node)
  })
  const jumped = [...own].filter((b) => isLabel(blocks, b)).map((b) => at.get(b)!)
  const successors = Array.from(own, (block) => {
    const end = blocks.end[block]!
    const to: number[] = []
    const isHost = (wordOf(program, lastRow(blocks, block), 0) & 0xff) === Op.host
    const next = falls(end) || isHost ? at.get(block + 1) : undefined
    if (next !== undefined) to.push(next)
    const target = at.get(edgeOf(blocks, block))
    if (target !== undefined) to.push(target)
    return switches(program, blocks, block) ? jumped : to
  })
  const order = loopOrder(successors)
  if (order === undefined) return
  own.set(order.map((node) => own[node]!))
}

/** Row of the instruction that ends a block. */
export function lastRow(blocks: Blocks, block: number): number {
  return blocks.start[block + 1]! - 1
}

/** Word `index` of a row. */
export function wordOf(program: IrProgram, row: number, index: number): number {
  return program.rows[row * rowWords + index]!
}
