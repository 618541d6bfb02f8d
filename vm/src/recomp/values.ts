import { accessOf } from '../ir/accesses.ts'
import { type IrProgram, rowWords } from '../ir/program.ts'
import { irForms, irRows, Op, registerCount, zeroRegister } from '../ir/table.ts'
import { nullZone } from '../vm/memory.ts'
import type { Blocks } from './blocks.ts'
import { type Bulk, bulkOf } from './idioms.ts'
import { type HoistedLoop, isSimple, LoopFacts, LoopRanges } from './loops.ts'
import type { Plan } from './plan.ts'
import type { Windows } from './windows.ts'

/** What an op does to what is known of its result. */
const Kind = {
  nothing: 0,
  /** Any value up to `most` of the op. */
  fresh: 1,
  li: 2,
  mov: 3,
  addConstant: 4,
  add: 5,
  sub: 6,
  zext32: 7,
  andConstant: 8,
  shlConstant: 9,
  shruConstant: 10,
  everything: 11,
} as const

const u32 = 0xffff_ffff
/** Distances beyond are not followed; sums of two stay exact. */
const far = 2 ** 51

const special: Readonly<Record<string, number>> = {
  li: Kind.li,
  mov: Kind.mov,
  add64i: Kind.addConstant,
  add64: Kind.add,
  sub64: Kind.sub,
  zext32: Kind.zext32,
  and64i: Kind.andConstant,
  and32zi: Kind.andConstant,
  shl64i: Kind.shlConstant,
  shru64i: Kind.shruConstant,
  shru32zi: Kind.shruConstant,
  memset: Kind.everything,
}
const kinds = Uint8Array.from(irRows, ({ form, name }) => {
  const { a } = irForms[form]
  return special[name] ?? (a === 'w' || a === 'rw' ? Kind.fresh : Kind.nothing)
})
const most = Float64Array.from(irRows, ({ form, name }) => {
  const load = /^load(8|16|32)u$/.exec(name)
  if (load !== null) return 2 ** Number(load[1]) - 1
  if (/^[lg]t[us]64i?$/.test(name)) return 1
  if (name === 'zext16') return 0xffff
  return /32z[ir]?$/.test(name) && form !== 'load' ? u32 : Number.POSITIVE_INFINITY
})
/** Octets of an access, or 0; and is it a store. */
const octets = Uint8Array.from(irRows, (_, op) => accessOf(op)?.bytes ?? 0)
const stores = Uint8Array.from(irRows, (_, op) => (accessOf(op)?.write === true ? 1 : 0))

/** What is known where a block ends. */
interface Saved {
  readonly ids: Int32Array
  readonly deltas: Float64Array
}

/**
 * What is known of registers when a row is reached, and of the addresses that rows access. A register
 * is `value + delta` modulo 2^64, where values are numbered and never change; value 0 is zero.
 * Linear in the function's rows; its arrays are used again for each function.
 */
export class Values {
  /** Row of an access -> the access whose check covers it; -1 - row: proven to be mapped. */
  readonly head: Int32Array
  /** Row of an access -> its value, and how far from it its address is. */
  readonly value: Int32Array
  readonly distance: Float64Array
  /** Row of a head -> distances that are checked there. */
  readonly lo: Float64Array
  readonly hi: Float64Array
  readonly write: Uint8Array

  /** Index of a header -> its loop, if accesses of it can be checked before it. */
  readonly loops: Map<number, HoistedLoop> = new Map()
  /** Index of a header -> what the loop does to memory at once, if it only fills or copies. */
  readonly bulks: Map<number, Bulk> = new Map()
  /** Row of an access -> 1 and its window, if it is among those. */
  readonly hoisted: Uint8Array

  readonly ids: Int32Array = new Int32Array(registerCount)
  readonly deltas: Float64Array = new Float64Array(registerCount)
  /** Greatest unsigned value; for a sum its two parts. */
  private bound = new Float64Array(1024)
  private left = new Int32Array(1024)
  private right = new Int32Array(1024)
  private headOf = new Int32Array(1024)
  private readonly sums = new Int32Array(64)
  private count = 1
  private readonly maxSpan: number
  private readonly program: IrProgram
  private readonly blocks: Blocks
  private readonly size: number
  private readonly windows: Windows

  /** @param maxSpan the widest range that one check covers */
  constructor(program: IrProgram, blocks: Blocks, windows: Windows, maxSpan: number) {
    this.windows = windows
    this.maxSpan = maxSpan
    this.program = program
    this.blocks = blocks
    const { count, memory } = program
    this.size = memory.profile === 'linear32' ? memory.size : -1
    this.head = new Int32Array(count)
    this.value = new Int32Array(count)
    this.distance = new Float64Array(count)
    this.lo = new Float64Array(count)
    this.hi = new Float64Array(count)
    this.write = new Uint8Array(count)
    this.hoisted = new Uint8Array(count)
  }

  /** Finds out about all rows of a function. */
  run(plan: Plan): void {
    const { blocks } = this
    this.count = 1
    this.headOf[0] = -1
    this.sums.fill(0)
    const ways = new Uint8Array(plan.count)
    for (let x = 0; x < plan.count; x++) {
      const to = plan.target[x]!
      const next = plan.fallTo[x]!
      if (next >= 0 && ways[next]! < 2) ways[next]!++
      if (to >= 0 && ways[to]! < 2) ways[to]!++
    }
    const saved = new Map<number, Saved>()
    // a check counts as made in a chain by its row: elsewhere nothing is carried along other ways than falling
    const inOrder = plan.blocks.every((block, x) => x === 0 || block > plan.blocks[x - 1]!)
    this.loops.clear()
    this.bulks.clear()
    let loop: LoopFacts | undefined
    let behindHeader: Saved | undefined
    let chain = 0
    for (let x = 0; x < plan.count; x++) {
      const first = blocks.start[plan.blocks[x]!]!
      const alone = ways[x] === 1 && plan.entry[x]! < 0
      if (!(alone && x > 0 && plan.falls[x - 1] === 1)) {
        chain = first
        // constants stay the same value everywhere
        if (!inOrder) this.headOf[0] = -1
        const from = alone ? saved.get(x) : undefined
        if (from === undefined) this.ids.fill(-1)
        else this.restore(from)
        if (loop !== undefined && behindHeader !== undefined && from === undefined)
          this.keep(behindHeader, loop.between)
        this.ids[zeroRegister] = 0
        this.deltas[zeroRegister] = 0
      }
      if (this.windows.list.length > 0 && plan.loopEnd[x]! >= 0 && isSimple(blocks, plan, x)) {
        for (let r = 0; r < this.program.registers; r++) this.known(r)
        loop = new LoopFacts(this.program, blocks, plan, x, this.ids)
      }
      this.block(first, blocks.start[plan.blocks[x]! + 1]!, chain)
      if (loop?.header === x) behindHeader = this.state()
      if (loop?.end === x) {
        this.hoist(loop, plan)
        loop = undefined
        behindHeader = undefined
      }
      const to = plan.target[x]!
      if (inOrder && to > x + 1 && ways[to] === 1 && plan.entry[to]! < 0)
        saved.set(to, this.state())
    }
  }

  /** Registers that nothing between writes are as they were behind the header. */
  private keep(behind: Saved, between: number): void {
    for (let r = 0; r < 32; r++) {
      if (((between >>> r) & 1) !== 0) continue
      this.ids[r] = behind.ids[r]!
      this.deltas[r] = behind.deltas[r]!
    }
  }

  /** Finds accesses of a loop whose addresses are known before it. */
  private hoist(loop: LoopFacts, plan: Plan): void {
    const ranges = new LoopRanges()
    const from = this.blocks.start[plan.blocks[loop.header]!]!
    const end = this.blocks.start[plan.blocks[loop.end]! + 1]!
    for (let row = from; row < end; row++) {
      const word = this.program.rows[row * rowWords]!
      const bytes = octets[word & 0xff]!
      this.hoisted[row] = 0
      if (bytes === 0 || this.head[row]! < 0) continue
      const parts = this.partsOf(loop, row)
      if (parts === undefined) continue
      const at = this.distance[row]!
      const window = this.windows.guess(at, (word >>> 16) & 0xff, stores[word & 0xff] === 1)
      const range = { ...parts, window, lo: at, hi: at + bytes }
      if (window >= 0 && ranges.add(range, this.maxSpan)) this.hoisted[row] = 1 + window
    }
    const hoisted = loop.hoisted(ranges.list)
    if (hoisted === undefined) return
    this.loops.set(loop.header, hoisted)
    if (ranges.list.length === 0 || !this.windows.isLinear || loop.header !== loop.end) return
    const bulk = bulkOf(this.program, from, end, hoisted.counter, (row) => {
      const parts = this.hoisted[row] === 1 ? this.partsOf(loop, row) : undefined
      return parts === undefined ? undefined : { ...parts, distance: this.distance[row]! }
    })
    if (bulk !== undefined) this.bulks.set(loop.header, bulk)
  }

  /** Registers at the loop's header that an address is counted from. */
  private partsOf(loop: LoopFacts, row: number): ReturnType<LoopFacts['partsOf']> {
    const id = this.value[row]!
    const sum = id > 0 && this.left[id]! >= 0
    return loop.partsOf(sum ? this.left[id]! : id, sum ? this.right[id]! : -1)
  }

  private state(): Saved {
    return { ids: this.ids.slice(), deltas: this.deltas.slice() }
  }

  private restore(from: Saved): void {
    this.ids.set(from.ids)
    this.deltas.set(from.deltas)
  }

  private block(from: number, end: number, chain: number): void {
    const { deltas, ids } = this
    const { rows } = this.program
    for (let row = from; row < end; row++) {
      const word = rows[row * rowWords]!
      const op = word & 0xff
      if (octets[op] !== 0) this.access(row, op, (word >>> 16) & 0xff, from, chain)
      const kind = kinds[op]!
      if (kind === 0) continue
      const a = (word >>> 8) & 0xff
      const b = (word >>> 16) & 0xff
      switch (kind) {
        case 2: // li
          this.constant(a, rows[row * rowWords + 1]!, rows[row * rowWords + 2]!)
          break
        case 3: // mov
          this.known(b)
          ids[a] = ids[b]!
          deltas[a] = deltas[b]!
          break
        case 4: {
          // addConstant
          const low = rows[row * rowWords + 1]!
          this.known(b)
          const delta = deltas[b]! + low
          if (low >> 31 !== rows[row * rowWords + 2] || Math.abs(delta) > far) this.fresh(a)
          else {
            deltas[a] = delta
            ids[a] = ids[b]!
          }
          break
        }
        case 5:
          this.sum(a, b, word >>> 24)
          break
        case 6: // sub
          this.known(b)
          if (ids[word >>> 24] === 0 && Math.abs(deltas[b]! - deltas[word >>> 24]!) <= far) {
            deltas[a] = deltas[b]! - deltas[word >>> 24]!
            ids[a] = ids[b]!
          } else this.fresh(a)
          break
        case 7: // zext32
          if (this.mostOf(b) > u32) this.bounded(a, u32)
          else {
            ids[a] = ids[b]!
            deltas[a] = deltas[b]!
          }
          break
        case 8: {
          // andConstant: of the low half it is zero-extended whatever the other half says
          const low = rows[row * rowWords + 1]!
          const half = op === Op.and32zi || rows[row * rowWords + 2] === 0
          this.bounded(a, half ? Math.min(this.mostOf(b), low >>> 0) : Number.POSITIVE_INFINITY)
          break
        }
        case 9:
          this.bounded(a, this.mostOf(b) * 2 ** (rows[row * rowWords + 1]! & 63))
          break
        case 10: {
          // shruConstant
          const wide = op === Op.shru64i
          const by = rows[row * rowWords + 1]! & (wide ? 63 : 31)
          const limit = wide ? this.mostOf(b) : Math.min(this.mostOf(b), u32)
          this.bounded(a, Math.floor(Math.min(limit, 2 ** 64) / 2 ** by))
          break
        }
        case 11: // everything
          ids.fill(-1)
          ids[zeroRegister] = 0
          break
        default:
          this.bounded(a, most[op]!)
      }
    }
  }

  private constant(a: number, low: number, high: number): void {
    const value = high * 0x1_0000_0000 + (low >>> 0)
    if (Math.abs(value) > far) return this.fresh(a)
    this.ids[a] = 0
    this.deltas[a] = value
  }

  private known(register: number): void {
    if (this.ids[register]! < 0) this.fresh(register)
  }

  private fresh(register: number): void {
    this.bounded(register, Number.POSITIVE_INFINITY)
  }

  private bounded(register: number, limit: number): void {
    this.ids[register] = this.numbered(limit > far ? Number.POSITIVE_INFINITY : limit, -1, -1)
    this.deltas[register] = 0
  }

  private numbered(bound: number, left: number, right: number): number {
    const id = this.count++
    if (id === this.bound.length) this.grow()
    this.bound[id] = bound
    this.left[id] = left
    this.right[id] = right
    this.headOf[id] = -1
    return id
  }

  private grow(): void {
    const { bound, headOf, left, right } = this
    this.bound = new Float64Array(2 * bound.length)
    this.bound.set(bound)
    this.left = new Int32Array(2 * left.length)
    this.left.set(left)
    this.right = new Int32Array(2 * right.length)
    this.right.set(right)
    this.headOf = new Int32Array(2 * headOf.length)
    this.headOf.set(headOf)
  }

  /** Greatest unsigned value of a register, infinite where it may be 2^51 and more. */
  private mostOf(register: number): number {
    this.known(register)
    const delta = this.deltas[register]!
    return delta < 0 ? Number.POSITIVE_INFINITY : this.boundOf(this.ids[register]!) + delta
  }

  private boundOf(id: number): number {
    return id === 0 ? 0 : this.bound[id]!
  }

  private sum(a: number, b: number, c: number): void {
    const { deltas, ids } = this
    this.known(b)
    this.known(c)
    const delta = deltas[b]! + deltas[c]!
    const left = ids[b]!
    const right = ids[c]!
    if (Math.abs(delta) > far) return this.fresh(a)
    deltas[a] = delta
    if (left === 0) ids[a] = right
    else if (right === 0) ids[a] = left
    else {
      const slot = (left * 31 + right) & 63
      let id = this.sums[slot]!
      if (id === 0 || this.left[id] !== left || this.right[id] !== right) {
        const bound = this.bound[left]! + this.bound[right]!
        id = this.numbered(bound > far ? Number.POSITIVE_INFINITY : bound, left, right)
        this.sums[slot] = id
      }
      ids[a] = id
    }
  }

  /** Notes an access: proven, or with the check that covers it, here or before in the chain. */
  private access(row: number, op: number, base: number, block: number, chain: number): void {
    this.known(base)
    const id = this.ids[base]!
    const at = this.deltas[base]! + this.program.rows[row * rowWords + 3]!
    const end = at + octets[op]!
    this.value[row] = id
    this.distance[row] = at
    if (at >= nullZone && this.boundOf(id) + end <= this.size) {
      this.head[row] = -1 - row
      return
    }
    const head = this.headOf[id]!
    if (head >= chain) {
      const lo = Math.min(this.lo[head]!, at)
      const hi = Math.max(this.hi[head]!, end)
      const grows = lo < this.lo[head]! || hi > this.hi[head]! || stores[op]! > this.write[head]!
      // what another block accesses may not be accessed: nothing is checked for it alone
      if (!grows || (head >= block && hi - lo <= this.maxSpan)) {
        this.lo[head] = lo
        this.hi[head] = hi
        this.write[head]! |= stores[op]!
        this.head[row] = head
        return
      }
    }
    this.headOf[id] = row
    this.head[row] = row
    this.lo[row] = at
    this.hi[row] = end
    this.write[row] = stores[op]!
  }
}
