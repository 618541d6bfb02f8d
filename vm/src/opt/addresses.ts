import { type Facts, factsOf } from './bits.ts'
import { isBranch, isLoad, isStore, type OptFunction, type OptProgram, type Value } from './ir.ts'
import { accessBytes, baseOf } from './memory.ts'

/** How far down an address leads that a function was given, in octets from it; Infinity: nowhere, -Infinity: anywhere. */
export interface Reach {
  /** The lowest octet that may be read or written by means of it. */
  readonly lowest: number
  /** The lowest address that a result may be, made of it. */
  readonly answers: number
}

const nowhere: Reach = { lowest: Number.POSITIVE_INFINITY, answers: Number.POSITIVE_INFINITY }
const anywhere: Reach = { lowest: Number.NEGATIVE_INFINITY, answers: Number.NEGATIVE_INFINITY }

/** Octets of the stack that accesses at known places overlap in, from `frame` on. */
export interface Cell {
  readonly low: number
  high: number
  readonly accesses: Value[]
}

/** Where values are used and what of the stack is accessed at known places. */
export class StackUse {
  readonly func: OptFunction
  readonly users: Value[][]
  readonly facts: Facts
  /** In ascending order, apart from each other. */
  readonly cells: readonly Cell[]
  private readonly cellOfAccess = new Map<Value, Cell>()
  /** Addresses of the stack that are known, from `frame` on. */
  readonly known: Map<Value, number> = new Map()

  constructor(func: OptFunction) {
    this.func = func
    this.facts = factsOf(func)
    this.users = Array.from({ length: func.values }, () => [])
    for (const { insns, phis } of func.blocks)
      for (const value of [...phis, ...insns])
        for (const arg of new Set(value.args)) this.users[arg.id]!.push(value)
    const starts = new Map([
      ['frame', 0],
      ['entry', func.frameBytes],
      ['out', -func.passes],
    ])
    for (const { insns } of func.blocks)
      for (const value of insns) {
        const at = starts.get(value.op)
        if (at !== undefined) this.know(value, at)
      }
    this.cells = this.cellsOf()
  }

  private know(value: Value, at: number): void {
    this.known.set(value, at)
    for (const user of this.users[value.id]!)
      if (user.op === 'add64i' && !this.known.has(user)) this.know(user, at + Number(user.imm))
  }

  private cellsOf(): Cell[] {
    const accesses: { value: Value; at: number }[] = []
    for (const [base, at] of this.known)
      for (const value of this.users[base.id]!)
        if (isAccess(value) && baseOf(value) === base) accesses.push({ value, at: at + value.off })
    accesses.sort((x, y) => x.at - y.at || x.value.id - y.value.id)
    const cells: Cell[] = []
    for (const { at, value } of accesses) {
      const last = cells[cells.length - 1]
      const high = at + accessBytes(value.op)
      const cell = last !== undefined && at < last.high ? last : { low: at, high, accesses: [] }
      if (cell !== last) cells.push(cell)
      cell.high = Math.max(cell.high, high)
      cell.accesses.push(value)
      this.cellOfAccess.set(value, cell)
    }
    return cells
  }

  /** The cell that an access at a known place is in. */
  cellOf(access: Value): Cell | undefined {
    return this.cellOfAccess.get(access)
  }

  /** Where in its cell an access begins. */
  offsetIn(cell: Cell, access: Value): number {
    return this.known.get(baseOf(access))! + access.off - cell.low
  }
}

const isAccess = ({ op }: Value): boolean => isLoad(op) || isStore(op)

/** Is the cell in the frame, and below all that addresses lead to? */
export function isPrivate({ high, low }: Cell, func: OptFunction, lowest: number): boolean {
  return low >= 0 && high <= Math.min(func.frameBytes, lowest)
}

/** An address that went this often further down goes anywhere. */
const mostSteps = 8
const mostOffset = 0x7fff_ffffn

const compares: ReadonlySet<string> = new Set(
  ['ltu', 'lts', 'gtu', 'gts'].flatMap((op) => [`${op}64`, `${op}64i`]),
)
const oneOf: ReadonlySet<string> = new Set(['phi', 'minu64', 'maxu64', 'mins64', 'maxs64'])
/** What becomes of a difference without making it an address again. */
const isNumeric = ({ op }: Value): boolean =>
  compares.has(op) || isBranch(op) || /^(shr[us]|and|div|rem|call|host)/.test(op)

/** What the callees of a program do with addresses, as far as is known. */
interface Callees {
  reachOf(func: number, place: number): Reach
  /** Of every function that may be called by address. */
  reachOfAny(place: number): Reach
}

class Anywhere extends Error {}

/**
 * Follows addresses from where they come into a function to all that is made of them: how far below them anything is accessed.
 * What is added is held for negative unless it is known not to be.
 */
class Walk {
  private readonly use: StackUse
  private readonly callees: Callees
  private readonly low = new Map<Value, number>()
  private readonly steps = new Map<Value, number>()
  private readonly work: Value[] = []
  private readonly differences = new Set<Value>()
  /** Cells that hold one of the addresses. */
  readonly holders: Set<Cell> = new Set()
  private lowest = Number.POSITIVE_INFINITY
  private answers = Number.POSITIVE_INFINITY

  constructor(use: StackUse, callees: Callees) {
    this.use = use
    this.callees = callees
  }

  from(origins: Iterable<readonly [Value, number]>): Reach {
    try {
      for (const [value, at] of origins) this.lower(value, at)
      for (let value = this.work.pop(); value !== undefined; value = this.work.pop())
        for (const user of this.use.users[value.id]!) this.used(value, user, this.low.get(value)!)
      for (const difference of this.differences) this.check(difference)
    } catch (error) {
      if (error instanceof Anywhere) return anywhere
      throw error
    }
    return { lowest: this.lowest, answers: this.answers }
  }

  private lower(value: Value, to: number): void {
    const old = this.low.get(value)
    if (old !== undefined && old <= to) return
    const steps = (this.steps.get(value) ?? 0) + 1
    if (steps > mostSteps || to === Number.NEGATIVE_INFINITY) throw new Anywhere()
    this.steps.set(value, steps)
    this.low.set(value, to)
    this.work.push(value)
  }

  private used(value: Value, user: Value, low: number): void {
    const { args, imm, op } = user
    const isKnown = this.use.known.has(value)
    if (oneOf.has(op) || op === 'zext32' || op === 'sext32') this.lower(user, low)
    else if (op === 'select') {
      if (args[0] === value || args[1] === value) this.lower(user, low)
    } else if (op === 'add64i' || op === 'add32si') {
      if (imm > mostOffset || imm < -mostOffset) throw new Anywhere()
      if (!(isKnown && op === 'add64i')) this.lower(user, low + Number(imm))
    } else if (op === 'add64' || op === 'add32s') this.sum(value, user, low)
    else if (op === 'sub64' || op === 'sub32s') this.differences.add(user)
    else if (op === 'or64i' && imm >= 0n) this.lower(user, low)
    else if (isAccess(user)) this.access(value, user, low)
    else if (op === 'call' || op === 'callr' || op === 'host') this.passed(value, user, low)
    else if (op === 'ret') this.answers = Math.min(this.answers, low)
    else if (op === 'and64i' && imm >= 0n && imm < 4096n) return
    else if (!compares.has(op) && !isBranch(op) && op !== 'switch') throw new Anywhere()
  }

  private sum(value: Value, user: Value, low: number): void {
    const [x, y] = user.args as [Value, Value]
    const other = x === value ? y : x
    const zeros = user.op === 'add64' ? 1 : 33
    if (this.low.has(other) || this.use.facts.zerosOf(other) < zeros) throw new Anywhere()
    this.lower(user, low)
  }

  /** Two addresses have a distance; what else is taken from one, or one from what else, may be anything. */
  private check({ args, id }: Value): void {
    const [x, y] = args as [Value, Value]
    if (this.low.has(x) && this.low.has(y)) return
    if (this.low.has(x) || !this.use.users[id]!.every(isNumeric)) throw new Anywhere()
  }

  private access(value: Value, user: Value, low: number): void {
    const cell = this.use.cellOf(user)
    if (baseOf(user) === value && cell === undefined)
      this.lowest = Math.min(this.lowest, low + user.off)
    if (!isStore(user.op) || user.op.endsWith('i') || user.args[0] !== value) return
    if (cell === undefined) throw new Anywhere()
    this.holders.add(cell)
    for (const load of cell.accesses) if (isLoad(load.op)) this.lower(load, low)
  }

  private passed(value: Value, call: Value, low: number): void {
    const first = call.op === 'callr' ? 1 : 0
    for (let i = first; i < call.args.length; i++) {
      if (call.args[i] !== value) continue
      const reach = this.reachOf(call, i - first)
      if (reach.lowest === Number.NEGATIVE_INFINITY) throw new Anywhere()
      this.lowest = Math.min(this.lowest, low + reach.lowest)
      if (reach.answers === Number.POSITIVE_INFINITY) continue
      for (const result of this.use.users[call.id]!) this.lower(result, low + reach.answers)
    }
  }

  private reachOf({ imm, op }: Value, place: number): Reach {
    // the host is given where something begins
    if (op === 'host') return { lowest: 0, answers: 0 }
    return op === 'call' ? this.callees.reachOf(Number(imm), place) : this.callees.reachOfAny(place)
  }
}

const minimum = (x: Reach, y: Reach): Reach => ({
  lowest: Math.min(x.lowest, y.lowest),
  answers: Math.min(x.answers, y.answers),
})

/** A function's answer about its params may change this often until it is that they lead anywhere. */
const mostUpdates = 8

/** How far down the addresses lead that a program's functions have of their own frames. */
export class Addresses implements Callees {
  private readonly program: OptProgram
  private readonly uses: (StackUse | undefined)[]
  private readonly reaches: Reach[][]
  /** By function: the lowest octet from `frame` on that anything but accesses at known places may touch. */
  private readonly lowest: number[]
  private readonly byAddress: readonly number[]
  private readonly updates: Int32Array

  constructor(program: OptProgram) {
    const { functions } = program
    this.program = program
    this.uses = functions.map((func) => func && new StackUse(func))
    this.reaches = functions.map((func) => (func?.params ?? []).map(() => nowhere))
    this.lowest = functions.map(() => Number.POSITIVE_INFINITY)
    this.updates = new Int32Array(functions.length)
    this.byAddress = functions.flatMap((func) =>
      func !== undefined && func.codeEntry >= 0 ? [func.id] : [],
    )
    this.settle()
  }

  /** What is known of a function's stack. */
  of(func: OptFunction): { readonly use: StackUse; readonly lowest: number } {
    return { use: this.uses[func.id]!, lowest: this.lowest[func.id]! }
  }

  reachOf(func: number, place: number): Reach {
    return this.reaches[func]![place] ?? (this.program.functions[func] ? nowhere : anywhere)
  }

  reachOfAny(place: number): Reach {
    return this.byAddress.map((id) => this.reachOf(id, place)).reduce(minimum, nowhere)
  }

  /** From the best that could be down to what holds for all. */
  private settle(): void {
    const callers: Set<number>[] = this.uses.map(() => new Set())
    for (const use of this.uses)
      for (const { insns } of use?.func.blocks ?? [])
        for (const { imm, op } of insns) {
          if (op === 'call') callers[Number(imm)]!.add(use!.func.id)
          if (op === 'callr') for (const id of this.byAddress) callers[id]!.add(use!.func.id)
        }
    const work = new Set(this.uses.keys())
    for (const id of work) {
      work.delete(id)
      const use = this.uses[id]
      if (use === undefined || !this.update(id, use)) continue
      for (const caller of callers[id]!) work.add(caller)
    }
  }

  /** Did what callers rely on change? */
  private update(id: number, use: StackUse): boolean {
    const { func } = use
    const isRestless = this.updates[id]! > mostUpdates
    const holds = ({ holders }: Walk, lowest: number): boolean =>
      [...holders].every((cell) => isPrivate(cell, func, lowest))
    const own = new Walk(use, this)
    const { lowest } = own.from(use.known)
    this.lowest[id] = holds(own, lowest) ? lowest : Number.NEGATIVE_INFINITY
    let changed = false
    func.params.forEach((param, place) => {
      const old = this.reaches[id]![place]!
      if (old === anywhere) return
      const walk = new Walk(use, this)
      const reach = walk.from([[param, 0]])
      const next = isRestless || !holds(walk, this.lowest[id]!) ? anywhere : reach
      if (next.lowest === old.lowest && next.answers === old.answers) return
      this.reaches[id]![place] = next
      changed = true
    })
    if (changed) this.updates[id]!++
    return changed
  }
}
