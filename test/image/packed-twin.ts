import { type AvmField, avmEncodings } from '#vm/isa/avm/encodings'
import { packedStatistics, packedWeights } from '#vm/isa/avm/packed-statistics'
import { avmRows } from '#vm/isa/avm/table'

/** Packs as docs/avm-packed.md says it, one thing after another and nothing for speed. */

interface Tree {
  readonly weight: number
  readonly symbol: number
  readonly node: { number: number }
  readonly branches: readonly Tree[]
}

interface Part {
  readonly part: number
  readonly encoding: number
  readonly field: AvmField
  readonly low: number
  readonly bits: number
  readonly top: boolean
  readonly name: string
}

const isRegister = (field: AvmField): boolean => ['a', 'b', 'c'].includes(field.operand)

const allParts: Part[] = []
for (const { fields, index } of avmEncodings)
  for (const field of fields) {
    if (field.operand === 'pad') continue
    const cuts = [field.width]
    while (cuts.at(-1)! > 0) cuts.push(Math.ceil(cuts.at(-1)! / 8 - 1) * 8)
    for (let i = 1; i < cuts.length; i++) {
      const low = cuts[i]!
      const name = isRegister(field) ? field.operand : `${field.operand}${field.width}.${low}`
      const bits = cuts[i - 1]! - low
      const part = allParts.length
      allParts.push({ part, encoding: index, field, low, bits, top: i === 1, name })
    }
  }

const sizes = new Map([['op', avmEncodings.length]])
for (const { bits, name } of allParts) sizes.set(name, 2 ** bits)
const classNumbers = [...sizes.keys()]

const trees = new Map<string, Tree>()
const nodes: Tree[] = []
for (const [name, size] of sizes) {
  const weightOf = (symbol: number): number =>
    Math.round(2 ** (Number.parseInt(packedStatistics[name]?.[symbol] ?? '0', 36) / 2))
  let roots: Tree[] = Array.from({ length: size }, (_, symbol) => ({
    weight: weightOf(symbol),
    symbol,
    node: { number: -1 },
    branches: [],
  }))
  // symbols before nodes, lower and earlier ones first: a stable sort keeps that, as nodes are added behind
  roots.sort((x, y) => x.weight - y.weight)
  while (roots.length > 1) {
    const [lighter, heavier, ...others] = roots
    const weight = lighter!.weight + heavier!.weight
    const made = { weight, symbol: -1, node: { number: -1 }, branches: [heavier!, lighter!] }
    const place = others.findIndex((other) => other.weight > weight)
    roots =
      place < 0 ? [...others, made] : [...others.slice(0, place), made, ...others.slice(place)]
  }
  const number = (tree: Tree): void => {
    if (tree.branches.length === 0) return
    tree.node.number = nodes.length
    nodes.push(tree)
    for (const branch of tree.branches) number(branch)
  }
  number(roots[0]!)
  trees.set(name, roots[0]!)
}

const wayTo = (tree: Tree, symbol: number): number[] | undefined => {
  if (tree.branches.length === 0) return tree.symbol === symbol ? [] : undefined
  for (const [branch, child] of tree.branches.entries()) {
    const rest = wayTo(child, symbol)
    if (rest !== undefined) return [branch, ...rest]
  }
  return undefined
}
const knownWays = new Map<string, number[]>()
function way(name: string, symbol: number): readonly number[] {
  const key = `${name} ${symbol}`
  const found = knownWays.get(key) ?? wayTo(trees.get(name)!, symbol)!
  knownWays.set(key, found)
  return found
}

const word = (value: bigint): number => Number(BigInt.asIntN(32, value))
const times = (x: number, y: number): number => word(BigInt(x) * BigInt(y))
const sum = (x: number, y: number): number => word(BigInt(x) + BigInt(y))
const cut = (x: number, least: number, most: number): number => Math.max(least, Math.min(most, x))
const squash = (x: number): number => cut(Math.round(4096 / (1 + Math.exp(-x / 256))), 1, 4095)
const stretch = (p: number): number =>
  p === 0 ? -2047 : cut(Math.round(256 * Math.log(p / (4096 - p))), -2047, 2047)
function mix(h: number, v: number): number {
  const m = times(h ^ times(v + 1, 0x85ebca6b), 0x9e3779b1)
  return m ^ (m >>> 15)
}

class Counter {
  p: number
  t = 0
  readonly tag: number

  constructor(p: number, tag = 0) {
    this.p = p
    this.tag = tag
  }

  learn(second: boolean): void {
    const share = Math.round(65536 / (this.t + 1.5))
    this.p += Math.floor((((second ? 4095 : 0) - this.p) * share) / 65536)
    this.t = Math.min(15, this.t + 1)
  }
}

interface Run {
  readonly tag: number
  readonly symbol: number
  readonly state: number
}

class Twin {
  private readonly own = nodes.map(
    (tree) => new Counter(Math.max(1, Math.round((4096 * tree.branches[1]!.weight) / tree.weight))),
  )
  private readonly counters = new Map<number, Counter>()
  private readonly runs = new Map<number, Run>()
  private readonly weights = packedWeights.map((list) => list.map((weight) => 64 * weight))
  private readonly n: number
  /** low, and what was written so far, as one number. */
  private low = 0n
  private written = 0
  private range = 2 ** 31 - 1

  constructor(length: number) {
    this.n = cut(length === 1 ? 0 : Math.floor(Math.log2(length - 1)) + 1, 8, 16)
  }

  private counter(seed: number, node: number): Counter {
    const name = times(seed ^ times(node + 1, 0x27d4eb2f), 0x9e3779b1)
    const slot = name >>> (32 - this.n - 2)
    const tag = (name & 0xffff) | 1
    const found = this.counters.get(slot)
    if (found?.tag === tag) return found
    const made = new Counter(2048, tag)
    this.counters.set(slot, made)
    return made
  }

  symbol(name: string, kind: number, symbol: number, seed: number, seeds: readonly number[]): void {
    const slots = seeds.map((s) => s >>> (32 - this.n - 1))
    const runs = slots.map((slot, i): Run | undefined => {
      const run = this.runs.get(slot)
      const isOwn = run?.tag === (seeds[i]! & 0xffff) && run.symbol < sizes.get(name)!
      return isOwn ? run : undefined
    })
    const on = runs.map((run) => run !== undefined)
    const ways = runs.map((run) => (run === undefined ? [] : way(name, run.symbol)))
    let tree = trees.get(name)!
    for (const [depth, branch] of way(name, symbol).entries()) {
      const second = branch === 1
      const counters = [this.own[tree.node.number]!, this.counter(seed, tree.node.number)]
      const inputs = [
        ...counters.map(({ p, t }) => ({ state: t, x: stretch(p) })),
        ...runs.map((run, i) => ({
          state: run?.state ?? 0,
          x: on[i] === true ? (ways[i]![depth] === 1 ? 512 : -512) : 0,
        })),
      ]
      let total = 0
      for (const [i, { state, x }] of inputs.entries())
        total = sum(total, times(this.weights[6 * kind + i]![state]!, x))
      const share = squash(cut(total >> 14, -2047, 2047))
      const bound = Math.floor(this.range / 4096) * share
      if (second) this.range = bound
      else {
        this.low += BigInt(bound)
        this.range -= bound
      }
      while (this.range < 2 ** 23) {
        this.low *= 256n
        this.written += 1
        this.range *= 256
      }
      const e = (second ? 4096 : 0) - share
      for (const [i, { state, x }] of inputs.entries()) {
        const weights = this.weights[6 * kind + i]!
        if (i < 2) weights[state]! += Math.floor((x * e + 2048) / 4096)
        else if (x !== 0) weights[state]! += Math.sign(x) * Math.floor(e / 8)
      }
      for (const counter of counters) counter.learn(second)
      for (const i of on.keys()) on[i] = on[i] === true && ways[i]![depth] === branch
      tree = tree.branches[branch]!
    }
    for (const [i, run] of runs.entries()) {
      const before = run?.state ?? 0
      const right = before === 7 || before === 15 ? before : before + 1
      const state = run === undefined ? 1 : on[i] === true ? right : 8
      this.runs.set(slots[i]!, { tag: seeds[i]! & 0xffff, symbol, state })
    }
  }

  finish(): Uint8Array {
    const last = (this.low + 2n ** 23n - 1n) >> 23n
    const out = new Uint8Array(this.written + 1)
    for (let i = out.length - 1, left = last; i >= 0; i--, left >>= 8n) out[i] = Number(left & 255n)
    return out
  }
}

function fieldBits(code: Uint8Array, from: number, at: number, width: number): number {
  let value = 0
  for (let bit = width - 1; bit >= 0; bit--)
    value = 2 * value + ((code[from + ((at + bit) >> 3)]! >> ((at + bit) & 7)) & 1)
  return value
}

/** What `packAvm` makes of code of such encodings. */
export function packTwin(code: Uint8Array): Uint8Array {
  const twin = new Twin(code.length)
  let ops: number[] = []
  let rows: number[] = []
  let before = 1
  let written = 0
  let hash1 = 0
  let hash2 = 0
  const latest = new Map<number, number>()
  const near = new Map<number, number>()
  const latestOf = (list: readonly number[], count: number, bits: number): number => {
    let value = 0
    for (let i = count - 1; i >= 0; i--) value = (value << bits) | (list[i] ?? 2 ** bits - 1)
    return value
  }
  for (let pc = 0; pc < code.length; ) {
    const encoding = avmEncodings.find(
      ({ opcode, sub, subAt, subWidth }) =>
        opcode === code[pc] && fieldBits(code, pc + 1, subAt, subWidth) === sub,
    )!
    const { fixed, index, length, row } = encoding
    const one = latestOf(ops, 1, 10)
    twin.symbol('op', 0, index, mix(0, one), [
      mix(1, latestOf(rows, 4, 8)),
      mix(2, hash1),
      mix(3, latestOf(ops, 2, 10)),
      mix(4, hash2),
    ])
    const without = fixed.find(({ as, operand }) => operand === 'b' && as === undefined)
    let registers = 1
    let base = without?.value ?? -1
    let hash = index
    let higher = 1
    let a: number | undefined
    for (const { bits, field, low, name, part, top } of allParts) {
      if (allParts[part]!.encoding !== index) continue
      const symbol = fieldBits(code, pc + 1, field.at + low, bits)
      const number = classNumbers.indexOf(name) + 16
      if (isRegister(field)) {
        const s = mix(part + 4096, registers)
        twin.symbol(name, 1, symbol, s, [
          mix(s, one * 2 ** 16 + before),
          mix(mix(number, 256 * row + latestOf(rows, 1, 8)), written * 2 ** 16 + registers),
          mix(number, row),
          mix(s, hash2),
        ])
        registers = registers * 16 + symbol
        if (field.operand === 'a') a = symbol
        if (without === undefined) base = symbol
      } else {
        if (top) higher = 1
        const s = mix(part + 4096, higher)
        const kind = field.operand === 'imm' ? 2 : field.operand === 'off' ? 3 : 4
        twin.symbol(name, kind, symbol, s, [
          mix(number, higher),
          mix(s, one),
          mix(s + 1, latest.get(part) ?? 0),
          mix(s + 2, near.get(base) ?? 0),
        ])
        latest.set(part, symbol)
        higher = sum(times(higher, 256), symbol)
        if (field.operand === 'off' && low === 0 && base >= 0)
          near.set(base, sum(times(higher, field.step), field.min))
      }
      hash = mix(hash, symbol)
    }
    hash2 = mix(hash1, hash)
    hash1 = hash
    ops = [index, ...ops].slice(0, 2)
    rows = [row, ...rows].slice(0, 4)
    before = registers
    const { shape } = avmRows[row]!
    if (a !== undefined && shape !== 'store' && shape !== 'setslot') written = a
    pc += length
  }
  return twin.finish()
}
