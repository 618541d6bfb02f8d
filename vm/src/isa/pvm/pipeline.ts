import { type PipelineCost, pipelineClasses, pipelineUnits } from './costs.ts'
import { decodePvm, newPvmInsn, type PvmInsn } from './decode.ts'
import { isTerminator, pvmRows, registerFields, rowOf } from './table.ts'
import type { PvmIsa } from './versions.ts'

/** Cycles that the pipeline's fill and drain are worth; a block costs at least 1. */
const slack = 3
const decodeSlots = 4
const startsPerCycle = 5
/** Entries of the reorder buffer. One per bit of a number: the masks below rely on 32. */
const robSize = 32
const branchHit = 1
const branchMiss = 20

// Free units in one number, a guard bit above each count: a subtraction that clears a guard bit
// asked for more than there is.
const shifts = { alu: 0, load: 4, store: 8, mul: 12, div: 14 } as const
const guards = (1 << 3) | (1 << 7) | (1 << 11) | (1 << 13) | (1 << 15)
type Unit = keyof typeof shifts

function packUnits(units: { readonly [U in Unit]?: number }): number {
  let packed = 0
  for (const unit of Object.keys(shifts) as Unit[]) packed |= (units[unit] ?? 0) << shifts[unit]
  return packed
}

const byMemory = -1
const byBranch = -2

/** Costs by row, for one register width. The last entry is an invalid instruction's. */
interface CostColumns {
  readonly latency: Int8Array
  readonly decode: Uint8Array
  /** 1: one more slot unless any source is the destination; 2: unless the first source is. */
  readonly extra: Uint8Array
  readonly units: Uint16Array
  /** Register fields: the one it writes, the first and the second that it reads. */
  readonly written: Uint8Array
  readonly first: Uint8Array
  readonly second: Uint8Array
}

function costColumns(width: 32 | 64): CostColumns {
  const count = pvmRows.length + 1
  const columns: CostColumns = {
    latency: new Int8Array(count),
    decode: new Uint8Array(count),
    extra: new Uint8Array(count),
    units: new Uint16Array(count),
    written: new Uint8Array(count),
    first: new Uint8Array(count),
    second: new Uint8Array(count),
  }
  for (let index = 0; index < count; index++) {
    const row = index < pvmRows.length ? index : rowOf.trap
    const cost: PipelineCost = pipelineClasses[pvmRows[row]!.gas]
    const more = cost.narrow && width === 64 ? 1 : 0
    columns.latency[index] =
      cost.latency === 'memory'
        ? byMemory
        : cost.latency === 'branch'
          ? byBranch
          : cost.latency + more
    columns.decode[index] = cost.decode + more
    columns.extra[index] = cost.extraUnless === 'any' ? 1 : cost.extraUnless === 'first' ? 2 : 0
    columns.units[index] = packUnits(cost.units)
    const { written, read } = registerFields(row)
    columns.written[index] = written
    columns.first[index] = read[0] ?? 0
    columns.second[index] = read[1] ?? 0
  }
  return columns
}

const made: { 32?: CostColumns; 64?: CostColumns } = {}

function columnsOf(width: 32 | 64): CostColumns {
  made[width] ??= costColumns(width)
  return made[width]
}

function register(insn: PvmInsn, field: number): number {
  return field === 1 ? insn.rA : field === 2 ? insn.rB : field === 3 ? insn.rD : -1
}

// The machine simulated; one at a time, so it is shared. A set of reorder buffer entries is a
// bit mask. An entry goes decoding -> waiting -> executing -> executed -> free, and is freed in order.
let cycle = 0
let slotsLeft = 0
let freeUnits = 0
let head = 0
let tail = 0
let inFlight = 0
let decoding = 0
let waiting = 0
let executing = 0
let executed = 0
/** Entries that wait for another's result: those with a non-zero `dependsOn`. */
let blocked = 0
const dependsOn = new Int32Array(robSize)
/** Cycle at whose start the entry's result is there; while not started, the latency. */
const doneAt = new Float64Array(robSize)
const unitsOf = new Uint16Array(robSize)
/** Registers whose newest value the entry makes, as a mask; and the reverse, -1 for none. */
const makes = new Uint16Array(robSize)
const maker = new Int8Array(13)

function reset(): void {
  cycle = 0
  slotsLeft = decodeSlots
  freeUnits = packUnits(pipelineUnits) | guards
  head = tail = inFlight = 0
  decoding = waiting = executing = executed = blocked = 0
  dependsOn.fill(0)
  makes.fill(0)
  maker.fill(-1)
}

function retire(): number {
  let retired = 0
  while (inFlight > 0 && (executed >>> head) & 1) {
    executed &= ~(1 << head)
    head = (head + 1) & (robSize - 1)
    inFlight--
    retired++
  }
  return retired
}

/** Starts what can start, oldest first, and skips over what lacks a unit. */
function start(): void {
  const ready = waiting & ~blocked
  if (ready === 0) return
  // Rotated so that the oldest entry is bit 0.
  let rotated = head === 0 ? ready : (ready >>> head) | (ready << (robSize - head))
  for (let started = 0; rotated !== 0 && started < startsPerCycle; ) {
    const lowest = rotated & -rotated
    rotated ^= lowest
    const entry = (31 - Math.clz32(lowest) + head) & (robSize - 1)
    const left = freeUnits - unitsOf[entry]!
    if ((left & guards) !== guards) continue
    freeUnits = left
    waiting &= ~(1 << entry)
    executing |= 1 << entry
    doneAt[entry]! += cycle
    started++
  }
}

/** The result of `entry` is there: whoever waits may go on, its units are free. */
function finish(entry: number): void {
  freeUnits += unitsOf[entry]!
  for (let mask = makes[entry]!; mask !== 0; mask &= mask - 1)
    maker[31 - Math.clz32(mask & -mask)] = -1
  makes[entry] = 0
  const bit = 1 << entry
  for (let mask = blocked; mask !== 0; mask &= mask - 1) {
    const other = 31 - Math.clz32(mask & -mask)
    dependsOn[other]! &= ~bit
    if (dependsOn[other] === 0) blocked &= ~(1 << other)
  }
}

/**
 * One cycle; or, with `mayJump` and nothing else to happen before, all cycles until the next result.
 */
function tick(mayJump: boolean, draining: boolean): void {
  const retired = retire()
  start()
  let next = cycle + 1
  if (mayJump && (draining || retired === 0) && executing !== 0) {
    let soonest = Number.POSITIVE_INFINITY
    for (let mask = executing; mask !== 0; mask &= mask - 1)
      soonest = Math.min(soonest, doneAt[31 - Math.clz32(mask & -mask)]!)
    if (soonest > next) next = soonest
  }
  for (let mask = executing; mask !== 0; mask &= mask - 1) {
    const entry = 31 - Math.clz32(mask & -mask)
    const done = doneAt[entry]!
    if (done === next) finish(entry)
    else if (done < next) {
      executing &= ~(1 << entry)
      executed |= 1 << entry
    }
  }
  waiting |= decoding
  decoding = 0
  cycle = next
}

function tickUntil(mostInFlight: number, draining: boolean): void {
  tick(false, draining)
  slotsLeft = decodeSlots
  while (inFlight > mostInFlight) tick(true, draining)
}

function issue(
  insn: PvmInsn,
  costs: CostColumns,
  column: number,
  latency: number,
  slots: number,
): void {
  if (slotsLeft < slots || inFlight === robSize) tickUntil(robSize - 1, false)
  slotsLeft -= slots
  const written = register(insn, costs.written[column]!)
  const first = register(insn, costs.first[column]!)
  const second = register(insn, costs.second[column]!)
  const entry = tail
  const bit = 1 << entry
  tail = (tail + 1) & (robSize - 1)
  inFlight++
  decoding |= bit
  doneAt[entry] = latency
  unitsOf[entry] = costs.units[column]!
  let needs = 0
  if (first >= 0 && maker[first]! >= 0) needs |= 1 << maker[first]!
  if (second >= 0 && maker[second]! >= 0) needs |= 1 << maker[second]!
  dependsOn[entry] = needs
  if (needs !== 0) blocked |= bit
  if (written >= 0) own(entry, written)
}

/** From now on the newest value of `register` comes from `entry`; -1: it is there already. */
function own(entry: number, register: number): void {
  const before = maker[register]!
  if (before >= 0) makes[before]! &= ~(1 << register)
  if (entry >= 0) makes[entry]! |= 1 << register
  maker[register] = entry
}

/** Is a branch to here predicted well: nothing, a trap or an unlikely block? */
function isSeldom(isa: PvmIsa, code: Uint8Array, pc: number): boolean {
  if (pc >= code.length) return true
  const opcode = code[pc]!
  return opcode === isa.codeByRow[rowOf.trap] || opcode === isa.codeByRow[rowOf.unlikely]
}

const insn = newPvmInsn()

/**
 * Cycles that the model of an out-of-order processor needs for the block that starts at `pc`, up to
 * its terminator: what the block costs in gas, at least 1. Takes time linear in the instructions.
 * Sources: Gray Paper 0.8, A.9 and A.10; polkavm-common/src/simulator.rs.
 *
 * @param memory latency of a load: 4 (L1 hit), 25 (L2, the Gray Paper's), 37 (L3)
 * @param width of registers; polkavm's conformance set `latest32` states the costs for 64
 */
export function pipelineBlockCost(
  isa: PvmIsa,
  code: Uint8Array,
  bitmask: Uint8Array,
  pc: number,
  memory: number,
  width: 32 | 64 = isa.features.width,
): number {
  const costs = columnsOf(width)
  reset()
  for (let at = pc; ; at += insn.length) {
    decodePvm(isa, code, bitmask, at, insn)
    const row = insn.row
    if (row === rowOf.move_reg) {
      if (slotsLeft < 1 || inFlight === robSize) tickUntil(robSize - 1, false)
      slotsLeft--
      own(maker[insn.rA]!, insn.rD)
      continue
    }
    const column = row < 0 ? pvmRows.length : row
    const written = register(insn, costs.written[column]!)
    let latency = costs.latency[column]!
    if (latency === byMemory) latency = memory
    else if (latency === byBranch) {
      const seldom = isSeldom(isa, code, at + insn.length) || isSeldom(isa, code, insn.target)
      latency = seldom ? branchHit : branchMiss
    }
    let slots = costs.decode[column]!
    const extra = costs.extra[column]!
    if (extra !== 0 && written !== register(insn, costs.first[column]!)) {
      if (extra === 2 || written !== register(insn, costs.second[column]!)) slots++
    }
    issue(insn, costs, column, latency, slots)
    if (isTerminator(row)) break
  }
  tickUntil(0, true)
  return Math.max(cycle - slack, 1)
}
