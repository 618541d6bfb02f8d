import { DecodeError } from '../../bits/errors.ts'
import { bitsAt, encodingAt } from './decode.ts'
import { baseCount, type PackedModel, packedModel, SymbolKind } from './packed-model.ts'
import { changes, squash, stretch, tableBits } from './packed-numbers.ts'

/** Octets of code that unpacking is asked for at most: as many as a container's code may have. */
export const packedLimit = 0x100_0000

/** The range has 31 bits; below this it is made wider by an octet. */
const narrow = 1 << 23
const mask31 = 0x7fff_ffff

/** Where packed octets come from or go to, and flat ones go to or come from. */
interface Ends {
  readonly packing: boolean
  readonly code: Uint8Array
  /** Longer as needed. */
  packed: Uint8Array
  /** Octets of `packed`. */
  length: number
}

function refuse(offset: number, value: number): never {
  throw new DecodeError('packedEnd', 'no code of that length packs to this', { offset, value })
}

function longer(octets: Uint8Array): Uint8Array {
  const more = new Uint8Array(2 * octets.length)
  more.set(octets)
  return more
}

/** Adds one to the number before `at`, whose digits are octets. */
function carry(octets: Uint8Array, at: number): void {
  let i = at - 1
  while (octets[i] === 0xff) octets[i--] = 0
  octets[i]! += 1
}

/** The encoding of the instruction at `pc`, all of which is there. */
function encodingOf(code: Uint8Array, pc: number, lengths: Uint8Array): number {
  const op = encodingAt(code, pc)
  const value = code[pc]!
  if (op < 0) throw new DecodeError('unknownOpcode', 'no instruction', { offset: pc, value })
  if (pc + lengths[op]! > code.length)
    throw new DecodeError('truncated', 'the code ends in an instruction', { offset: pc, value })
  return op
}

/** A hash of a hash and a number. */
function mix(hash: number, value: number): number {
  const product = Math.imul(hash ^ Math.imul(value + 1, 0x85ebca6b), 0x9e3779b1)
  return product ^ (product >>> 15)
}

/**
 * Packs or unpacks: the same steps, but for where each branch is known from.
 * @param weights what the mixer starts with, and learns: changed
 */
function transcode(ends: Ends, model: PackedModel, weights: Int32Array): void {
  const { bases, classes, firstPart, firstWays, isA, kinds, leasts, lengths } = model
  const { op: opClass, places, roots, rows, sizes, steps, templates, tops, trees } = model
  const { widths, writes } = model
  const { children, seconds, ways } = trees
  const { code, packing } = ends
  const total = code.length

  const { countBits, runBits } = tableBits(total)
  const countShift = 32 - countBits
  const runShift = 32 - runBits
  /** Probability of the second branch in 4096ths, and in the low four bits how often it was learnt from. */
  const nodes = new Uint16Array(seconds.length)
  for (let i = 0; i < nodes.length; i++) nodes[i] = seconds[i]! << 4
  /** The same of nodes in contexts, and above it 16 bits of the context's hash. */
  const counts = new Int32Array(1 << countBits)
  /** By context: the symbol that was right the last time (12 bits), the state (4), bits of the hash (16). */
  const runs = new Int32Array(1 << runBits)
  const near = new Int32Array(baseCount)
  const latest = new Int32Array(places.length)

  let packed = ends.packed
  const end = ends.length
  let at = 0
  let low = 0
  let range = mask31
  let value = 0
  let spare = 0
  if (!packing) {
    at = 4
    // 31 bits, octets from the highest on: three whole ones and seven bits
    value =
      ((packed[0]! << 23) | (packed[1]! << 15) | (packed[2]! << 7) | (packed[3]! >> 1)) & mask31
    spare = packed[3]! & 1
  }

  let pc = 0
  let size = 0
  let part = 0
  let parts = 0
  // of the instruction: encoding, its row, registers (a one, then four bits each), base, higher parts of the field, hash
  let op = 0
  let row = 0
  let registers = 1
  let base = -1
  let higher = 1
  let hash = 0
  let a = -1
  // of those before: encodings (10 bits each), rows (8 bits each), what the latest wrote, registers, and hashes of one and two
  let ops = -1
  let history = -1
  let written = 0
  let registersBefore = 1
  let hash1 = 0
  let hash2 = 0

  for (;;) {
    const isOp = part === parts
    let node = 0
    let first = 0
    let symbols = 0
    let weigh = 0
    let seed = 0
    let seed0 = 0
    let seed1 = 0
    let seed2 = 0
    let seed3 = 0
    let wanted = 0
    if (isOp) {
      if (size > 0) {
        hash2 = mix(hash1, hash)
        hash1 = hash
        ops = (ops << 10) | op
        history = (history << 8) | row
        registersBefore = registers
        if (a >= 0 && writes[op] === 1) written = a
        pc = (pc + size) | 0
      }
      if (pc === total) break
      node = opClass.root
      first = opClass.first
      symbols = opClass.size
      seed = mix(0, ops & 0x3ff)
      seed0 = mix(1, history)
      seed1 = mix(2, hash1)
      seed2 = mix(3, ops & 0xfffff)
      seed3 = mix(4, hash2)
      if (packing) wanted = ways[first + encodingOf(code, pc, lengths)]!
    } else {
      node = roots[part]!
      first = firstWays[part]!
      symbols = sizes[part]!
      const kind = kinds[part]!
      weigh = kind * 96
      if (tops[part] === 1) higher = 1
      const own = classes[part]! + 16
      if (kind === SymbolKind.register) {
        seed = mix(part + 0x1000, registers)
        seed0 = mix(seed, ((ops & 0x3ff) << 16) | registersBefore)
        seed1 = mix(mix(own, (row << 8) | (history & 0xff)), (written << 16) | registers)
        seed2 = mix(own, row)
        seed3 = mix(seed, hash2)
      } else {
        seed = mix(part + 0x1000, higher)
        seed0 = mix(own, higher)
        seed1 = mix(seed, ops & 0x3ff)
        seed2 = mix(seed + 1, latest[part]!)
        seed3 = mix(seed + 2, base < 0 ? 0 : near[base]!)
      }
      if (packing) wanted = ways[first + bitsAt(code, pc, places[part]!, widths[part]!)]!
    }

    const slot0 = seed0 >>> runShift
    const slot1 = seed1 >>> runShift
    const slot2 = seed2 >>> runShift
    const slot3 = seed3 >>> runShift
    const run0 = known(runs[slot0]!, seed0, symbols)
    const run1 = known(runs[slot1]!, seed1, symbols)
    const run2 = known(runs[slot2]!, seed2, symbols)
    const run3 = known(runs[slot3]!, seed3, symbols)
    // the way to the symbol of the run, next branch in bit 31; and its weight's place, or `none` once that is not the way
    let way0 = ways[first + (run0 >>> 20)]!
    let way1 = ways[first + (run1 >>> 20)]!
    let way2 = ways[first + (run2 >>> 20)]!
    let way3 = ways[first + (run3 >>> 20)]!
    let weigh0 = placeOf(run0, weigh + 32)
    let weigh1 = placeOf(run1, weigh + 48)
    let weigh2 = placeOf(run2, weigh + 64)
    let weigh3 = placeOf(run3, weigh + 80)

    // Masks instead of branches, which a processor would guess wrongly as often as not.
    do {
      const own = nodes[node]!
      const ownWeigh = weigh + (own & 15)
      const ownStretch = stretch[own >> 4]!
      const name = Math.imul(seed ^ Math.imul(node + 1, 0x27d4eb2f), 0x9e3779b1)
      const slot = name >>> countShift
      const tag = ((name | 1) << 16) | 0
      const found = counts[slot]!
      const isOther = -((((found ^ tag) >>> 16) + 0xffff) >>> 16)
      const count = (found & ~isOther) | ((tag | 0x8000) & isOther)
      const countWeigh = weigh + 16 + (count & 15)
      const countStretch = stretch[(count >>> 4) & 0xfff]!
      const ownWeight = weights[ownWeigh]!
      const countWeight = weights[countWeigh]!
      const first0 = ~(way0 >> 31)
      const first1 = ~(way1 >> 31)
      const first2 = ~(way2 >> 31)
      const first3 = ~(way3 >> 31)
      const weight0 = weights[weigh0]!
      const weight1 = weights[weigh1]!
      const weight2 = weights[weigh2]!
      const weight3 = weights[weigh3]!
      const votes =
        (((weight0 ^ first0) - first0) | 0) +
        (((weight1 ^ first1) - first1) | 0) +
        (((weight2 ^ first2) - first2) | 0) +
        (((weight3 ^ first3) - first3) | 0)
      const inputs = (Math.imul(ownWeight, ownStretch) + Math.imul(countWeight, countStretch)) | 0
      const sum = ((inputs + (votes << 9)) | 0) >> 14
      const share = squash[sum < -2047 ? 1 : sum > 2047 ? 4095 : sum + 2048]!

      const bound = Math.imul(range >>> 12, share)
      const second = packing ? wanted >> 31 : (value - bound) >> 31
      const skipped = bound & ~second
      range = (bound & second) | ((range - bound) & ~second)
      value = (value - skipped) | 0
      low = (low + skipped) | 0
      if (packing) {
        wanted <<= 1
        if (low < 0) carry(packed, at)
      }
      low &= mask31
      while (range < narrow) {
        if (packing) {
          if (at === packed.length) packed = longer(packed)
          packed[at] = low >> 23
        } else {
          const octet = at < end ? packed[at]! : 0
          value = (value << 8) | (spare << 7) | (octet >> 1)
          spare = octet & 1
        }
        at = (at + 1) | 0
        low = (low << 8) & mask31
        range <<= 8
      }

      const error = ((second & 4096) - share) | 0
      weights[ownWeigh] = ownWeight + ((Math.imul(ownStretch, error) + 0x800) >> 12)
      weights[countWeigh] = countWeight + ((Math.imul(countStretch, error) + 0x800) >> 12)
      const learnt = error >> 3
      weights[weigh0] = weight0 + (learnt ^ first0) - first0
      weights[weigh1] = weight1 + (learnt ^ first1) - first1
      weights[weigh2] = weight2 + (learnt ^ first2) - first2
      weights[weigh3] = weight3 + (learnt ^ first3) - first3
      weights[none] = 0
      weigh0 |= ~(first0 ^ second) & none
      weigh1 |= ~(first1 ^ second) & none
      weigh2 |= ~(first2 ^ second) & none
      weigh3 |= ~(first3 ^ second) & none
      way0 <<= 1
      way1 <<= 1
      way2 <<= 1
      way3 <<= 1
      const target = second & 4095
      nodes[node] = learn(own, target)
      counts[slot] = tag | learn(count & 0xffff, target)
      node = children[2 * node - second]!
    } while (node >= 0)

    const bits = ~node
    runs[slot0] = ran(run0, weigh0, bits, seed0)
    runs[slot1] = ran(run1, weigh1, bits, seed1)
    runs[slot2] = ran(run2, weigh2, bits, seed2)
    runs[slot3] = ran(run3, weigh3, bits, seed3)
    if (isOp) {
      op = bits
      row = rows[op]!
      part = firstPart[op]!
      parts = firstPart[op + 1]!
      size = lengths[op]!
      base = bases[op]!
      registers = 1
      a = -1
      hash = op
      if (packing) continue
      if (pc + size > total) refuse(at, op)
      const from = op << 4
      for (let k = 0; k < size; k = (k + 1) | 0) code[pc + k] = templates[from + k]!
      continue
    }
    hash = mix(hash, bits)
    if (kinds[part] === SymbolKind.register) {
      registers = (registers << 4) | bits
      if (isA[part] === 1) a = bits
      if (bases[op]! < 0) base = bits
    } else {
      latest[part] = bits
      higher = (higher << 8) | bits
      if (base >= 0 && steps[part] !== 0)
        near[base] = (Math.imul(higher, steps[part]!) + leasts[part]!) | 0
    }
    if (!packing) {
      const place = places[part]!
      const byte = (pc + 1 + (place >> 3)) | 0
      const placed = bits << (place & 7)
      code[byte] = code[byte]! | placed
      if (placed > 0xff) code[byte + 1] = code[byte + 1]! | (placed >> 8)
    }
    part = (part + 1) | 0
  }

  if (packing) {
    let last = (low + narrow - 1) >>> 23
    if (last > 0xff) {
      carry(packed, at)
      last &= 0xff
    }
    if (at === packed.length) packed = longer(packed)
    packed[at] = last
    ends.packed = packed
    ends.length = at + 1
  } else if (value !== (narrow - (low % narrow)) % narrow || end !== at - 3) refuse(at, end)
}

/** In place of a weight's: that of a run which says nothing; the weight there is 0. */
const none = 511

/** The run if it is the context's and one of so many symbols, else 0. */
function known(run: number, seed: number, symbols: number): number {
  const isOwn = ((((run ^ seed) & 0xffff) + 0xffff) >>> 16) - 1
  return run & isOwn & (((run >>> 20) - symbols) >> 31)
}

/** Where the weight of the run's state is. */
function placeOf(run: number, weigh: number): number {
  const state = (run >>> 16) & 15
  return (weigh + state) | (none & (((state + 15) >>> 4) - 1))
}

/** The state after a state, by 16 if it was right: 1 to 7 count that it was, 8 to 15 the same since it was wrong. */
const nextState: Uint8Array = Uint8Array.from({ length: 32 }, (_, i) => {
  if (i < 16) return i === 0 ? 1 : 8
  return (i & 7) === 7 ? i & 15 : (i & 15) + 1
})

/** The run of a context after a symbol. */
function ran(run: number, weigh: number, symbol: number, seed: number): number {
  const state = nextState[((run >>> 16) & 15) | (((weigh - none) >> 31) & 16)]!
  return (symbol << 20) | (state << 16) | (seed & 0xffff)
}

/** A counter after a branch, by so much the less as it has counted more. */
function learn(counter: number, target: number): number {
  const times = counter & 15
  const share = counter >> 4
  const changed = (share + (((target - share) * changes[times]!) >> 16)) | 0
  return (changed << 4) | (times + ((times - 15) >>> 31))
}

/**
 * Packs flat code that the decoder accepts; the same code gives the same octets everywhere. O(code)
 * @throws {DecodeError} `unknownOpcode`, `truncated`
 * @example unpackAvm(packAvm(Uint8Array.of(0)), 1)[0] // 0
 */
export function packAvm(code: Uint8Array): Uint8Array {
  const model = packedModel()
  return packWith(model, code, model.weights.slice())
}

/** Packs with a model, and with these weights, which are after it what they became. */
export function packWith(model: PackedModel, code: Uint8Array, weights: Int32Array): Uint8Array {
  const ends = { packing: true, code, packed: new Uint8Array(code.length + 64), length: 0 }
  transcode(ends, model, weights)
  return ends.packed.slice(0, ends.length)
}

/**
 * Unpacks so many octets of code. What comes out still has to be decoded: any octets are code of some kind. O(length)
 * @throws {DecodeError} `packedLength`, `packedEnd`: not what `packAvm` writes for any code of that length
 */
export function unpackAvm(packed: Uint8Array, length: number): Uint8Array {
  if (!(length > 0 && length <= packedLimit))
    throw new DecodeError('packedLength', `${length} octets of code`, { offset: 0, value: length })
  const code = new Uint8Array(length)
  const model = packedModel()
  const ends = { packing: false, code, packed, length: packed.length }
  transcode(ends, model, model.weights.slice())
  return code
}
