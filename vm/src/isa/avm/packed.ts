import { DecodeError } from '../../bits/errors.ts'
import { bitsAt, encodingAt } from './decode.ts'
import { avmEncodings } from './encodings.ts'
import {
  beforeOf,
  contextOf,
  opSeed,
  PartKind,
  packedModel,
  partSeed,
  slotBits,
} from './packed-model.ts'
import { branches, type Trees } from './packed-trees.ts'

/** Octets of code that unpacking is asked for at most: as many as a container's code may have. */
export const packedLimit = 0x100_0000

/** What taking a branch adds to its count. */
const step = 16
/** Counts of a node are halved when their sum is above. */
const mostCounts = 1024
/** The range has 31 bits; below this it is made wider by an octet. */
const narrow = 1 << 23
const mask31 = 0x7fff_ffff

/** The floor of a range divided by a total, without dividing: exact, as half a unit is more than any rounding. */
const inverses: Float64Array = Float64Array.from(
  { length: mostCounts + 2 * step },
  (_, total) => 1 / total,
)

/** What a new context counts together, about: shares of what its node counts over all contexts. */
const freshCounts = 48
/** A context of so many counts has seen enough: what it takes no longer counts for its node. */
const settled = 128

/** What nodes count over all contexts, and what contexts count, each in the slot that its hash says. */
class Contexts {
  readonly names = new Int32Array(1 << slotBits)
  readonly counts = new Uint16Array(branches << slotBits)
  readonly totals = new Uint16Array(1 << slotBits)
  readonly nodes: Uint16Array
  readonly nodeTotals: Uint16Array

  constructor({ fresh, freshTotal }: Trees) {
    this.nodes = Uint16Array.from(fresh)
    this.nodeTotals = Uint16Array.from(freshTotal)
  }

  /** The slot of a context of a node, made anew if it holds another's. */
  slot(node: number, seed: number): number {
    const name = contextOf(node, seed)
    const slot = name >>> (32 - slotBits)
    if (this.names[slot] !== name) {
      this.names[slot] = name
      this.totals[slot] = 0
      const inverse = inverses[this.nodeTotals[node]!]!
      for (let i = 0; i < branches; i++) {
        const count = this.nodes[branches * node + i]!
        const share = Math.floor((freshCounts * count + 0.5) * inverse)
        this.counts[branches * slot + i] = share === 0 && count > 0 ? 1 : share
        this.totals[slot]! += this.counts[branches * slot + i]!
      }
    }
    return slot
  }

  took(node: number, slot: number, branch: number): void {
    const total = this.totals[slot]!
    this.totals[slot] = add(this.counts, branches * slot, branch, total)
    if (total > settled) return
    this.nodeTotals[node] = add(this.nodes, branches * node, branch, this.nodeTotals[node]!)
  }
}

/** Counts a branch; where that is too much, halves all, but keeps a count of at least one. */
function add(counts: Uint16Array, at: number, branch: number, before: number): number {
  counts[at + branch]! += step
  if (before + step <= mostCounts) return before + step
  let total = 0
  for (let i = at; i < at + branches; i++) {
    counts[i] = (counts[i]! + 1) >> 1
    total += counts[i]!
  }
  return total
}

class Encoder {
  private readonly contexts: Contexts
  private readonly out: number[] = []
  private low = 0
  private range = mask31

  constructor(trees: Trees) {
    this.contexts = new Contexts(trees)
  }

  symbol(ways: readonly number[][], symbol: number, seed: number): void {
    for (const way of ways[symbol]!) {
      const branch = way & (branches - 1)
      const slot = this.contexts.slot(way >> 4, seed)
      const { counts, totals } = this.contexts
      const unit = Math.floor(this.range / totals[slot]!)
      let below = 0
      for (let i = 0; i < branch; i++) below += counts[branches * slot + i]!
      this.low += below * unit
      this.range = counts[branches * slot + branch]! * unit
      this.contexts.took(way >> 4, slot, branch)
      while (this.range < narrow) this.shift()
    }
  }

  private shift(): void {
    this.put(Math.floor(this.low / narrow))
    this.low = (this.low % narrow) * 256
    this.range *= 256
  }

  /** An octet, which may carry into those before. */
  private put(octet: number): void {
    if (octet > 0xff) {
      let i = this.out.length - 1
      while (this.out[i] === 0xff) this.out[i--] = 0
      this.out[i]! += 1
    }
    this.out.push(octet & 0xff)
  }

  finish(): Uint8Array {
    this.put(Math.ceil(this.low / narrow))
    return Uint8Array.from(this.out)
  }
}

/**
 * Packs flat code that the decoder accepts; the same code gives the same octets everywhere. O(code)
 * @throws {DecodeError} `unknownOpcode`, `truncated`
 * @example unpackAvm(packAvm(Uint8Array.of(0)), 1)[0] // 0
 */
export function packAvm(code: Uint8Array): Uint8Array {
  const { forms, opWays, trees } = packedModel()
  const coder = new Encoder(trees)
  let one = avmEncodings.length
  let two = one
  let written = 0
  for (let pc = 0; pc < code.length; ) {
    const op = encodingAt(code, pc)
    const value = code[pc]!
    if (op < 0) throw new DecodeError('unknownOpcode', 'no instruction', { offset: pc, value })
    const { length, parts } = forms[op]!
    if (pc + length > code.length)
      throw new DecodeError('truncated', 'the code ends in an instruction', { offset: pc, value })
    coder.symbol(opWays, op, opSeed(one, two))
    let registers = 1
    let piece = 0
    let kept = written
    for (const { at, id, kind, ways, width } of parts) {
      const bits = bitsAt(code, pc, at, width)
      coder.symbol(ways, bits, partSeed(id, beforeOf(kind, registers, piece, written, one)))
      if (kind >= PartKind.register) registers = (registers << 4) | bits
      else piece = kind === PartKind.top ? bits : (piece << 8) | bits
      if (kind === PartKind.written) kept = bits
    }
    written = kept
    two = one
    one = op
    pc += length
  }
  return coder.finish()
}

function refuse(offset: number, value: number): never {
  throw new DecodeError('packedEnd', 'no code of that length packs to this', { offset, value })
}

/**
 * Unpacks so many octets of code. What comes out still has to be decoded: any octets are code of some kind. O(length)
 * @throws {DecodeError} `packedLength`, `packedEnd`: not what `packAvm` writes for any code of that length
 */
export function unpackAvm(packed: Uint8Array, length: number): Uint8Array {
  if (!(length > 0 && length <= packedLimit))
    throw new DecodeError('packedLength', `${length} octets of code`, { offset: 0, value: length })
  const { flat, opRoot, trees } = packedModel()
  const { first, ids, kinds, lengths, places, roots, templates } = flat
  const { children } = trees
  const { counts, names, nodeTotals, nodes, totals } = new Contexts(trees)
  const out = new Uint8Array(length)
  const end = packed.length
  let at = 4
  // 31 bits, octets from the highest on: three whole ones and seven bits
  let value =
    ((packed[0]! << 23) | (packed[1]! << 15) | (packed[2]! << 7) | (packed[3]! >> 1)) & mask31
  let spare = packed[3]! & 1
  let low = 0
  let range = mask31
  let one = avmEncodings.length
  let two = one
  let written = 0
  let pc = 0
  let size = 0
  let part = 0
  let parts = 0
  let registers = 1
  let piece = 0
  let kept = 0
  // One symbol a round and no calls, sums kept to 32 bits: a third faster (`npm run bench -- --only packed`).
  for (;;) {
    let node = opRoot
    let seed = 0
    const isOp = part === parts
    if (isOp) {
      written = kept
      pc = (pc + size) | 0
      if (pc === length) break
      seed = opSeed(one, two)
    } else {
      node = roots[part]!
      seed = partSeed(ids[part]!, beforeOf(kinds[part]!, registers, piece, written, two))
    }
    do {
      const name = contextOf(node, seed)
      const slot = name >>> (32 - slotBits)
      const from = slot << 4
      const source = node << 4
      let total = totals[slot]!
      if (names[slot] !== name) {
        names[slot] = name
        total = 0
        const inverse = inverses[nodeTotals[node]!]!
        for (let k = 0; k < branches; k = (k + 1) | 0) {
          const count = nodes[(source + k) | 0]!
          const share = ((freshCounts * count + 0.5) * inverse) | 0
          const first = share === 0 && count > 0 ? 1 : share
          counts[(from + k) | 0] = first
          total = (total + first) | 0
        }
      }
      const unit = ((range + 0.5) * inverses[total]!) | 0
      let i = from
      let left = value
      let width = Math.imul(counts[i]!, unit)
      while (left >= width) {
        left = (left - width) | 0
        i = (i + 1) | 0
        // above all branches is what no code packs to
        if (i === from + branches) refuse(at, end)
        width = Math.imul(counts[i]!, unit)
      }
      low = (low + value - left) & mask31
      value = left
      range = width
      const branch = (i - from) | 0
      if (total <= settled) {
        const at = (source + branch) | 0
        nodes[at] = (nodes[at]! + step) | 0
        let sum = (nodeTotals[node]! + step) | 0
        if (sum > mostCounts) {
          sum = 0
          for (let k = source; k < source + branches; k = (k + 1) | 0) {
            const half = (nodes[k]! + 1) >> 1
            nodes[k] = half
            sum = (sum + half) | 0
          }
        }
        nodeTotals[node] = sum
      }
      counts[i] = (counts[i]! + step) | 0
      total = (total + step) | 0
      if (total > mostCounts) {
        total = 0
        for (let k = from; k < from + branches; k = (k + 1) | 0) {
          const half = (counts[k]! + 1) >> 1
          counts[k] = half
          total = (total + half) | 0
        }
      }
      totals[slot] = total
      node = children[source + branch]!
      while (range < narrow) {
        const octet = at < end ? packed[at]! : 0
        at = (at + 1) | 0
        value = (value << 8) | (spare << 7) | (octet >> 1)
        spare = octet & 1
        low = (low << 8) & mask31
        range <<= 8
      }
    } while (node >= 0)
    const bits = ~node
    if (isOp) {
      part = first[bits]!
      parts = first[bits + 1]!
      size = lengths[bits]!
      registers = 1
      piece = 0
      two = one
      one = bits
      if (pc + size > length) refuse(at, bits)
      const source = bits << 4
      for (let k = 0; k < size; k = (k + 1) | 0) out[(pc + k) | 0] = templates[(source + k) | 0]!
      continue
    }
    const kind = kinds[part]!
    if (kind >= PartKind.register) registers = (registers << 4) | bits
    else piece = kind === PartKind.top ? bits : (piece << 8) | bits
    if (kind === PartKind.written) kept = bits
    const place = places[part]!
    const byte = (pc + 1 + (place >> 3)) | 0
    const placed = bits << (place & 7)
    out[byte] = out[byte]! | placed
    if (placed > 0xff) out[byte + 1] = out[byte + 1]! | (placed >> 8)
    part = (part + 1) | 0
  }
  if (spare !== 0 || value !== (narrow - (low % narrow)) % narrow || end !== at - 3) refuse(at, end)
  return out
}
