import { type AvmEncoding, type AvmField, avmEncodings } from './encodings.ts'
import { packedStatistics, packedWeights } from './packed-statistics.ts'
import { growTrees, type TreeClass, type Trees } from './packed-trees.ts'
import { avmRegisters, avmRows, avmShapes, noBase } from './table.ts'

/** Kinds of symbols, each with weights of its own. */
export const SymbolKind = { op: 0, register: 1, imm: 2, off: 3, target: 4 } as const
/** What a probability is mixed of: two counters and four symbols that were right before. */
export const mixed = 6
/** Each has as many states. */
export const states = 16
/** Weights are learnt in parts of what statistics say them in. */
export const weightUnit = 64

/** What packed code is written and read by: numbers by encoding, and by part, which are those of all encodings in order. */
export interface PackedModel {
  readonly trees: Trees
  readonly op: TreeClass
  /** At (kind * mixed + input) * states + state, 16384 is 1; 0 behind those. */
  readonly weights: Int32Array

  /** By encoding, and one more: where its parts begin. */
  readonly firstPart: Int32Array
  readonly lengths: Uint8Array
  readonly rows: Uint8Array
  /** 16 octets for each encoding: what opcode and `sub` say. */
  readonly templates: Uint8Array
  /** Of the encoding: the register that is its base without being a field, or -1. */
  readonly bases: Int8Array
  /** Does the encoding write the register of its field a? */
  readonly writes: Uint8Array

  /** By part: bit from 0 of the octet behind the opcode on, and number of bits. */
  readonly places: Uint8Array
  readonly widths: Uint8Array
  /** `SymbolKind` */
  readonly kinds: Uint8Array
  /** Is it the highest part of its field; is it register a? */
  readonly tops: Uint8Array
  readonly isA: Uint8Array
  /** Where it ends an offset: what a step of that is, and its least; else the step is 0. */
  readonly steps: Int32Array
  readonly leasts: Int32Array
  /** The class of its symbols: its number, root, first way and size. */
  readonly classes: Uint8Array
  readonly roots: Int32Array
  readonly firstWays: Int32Array
  readonly sizes: Int32Array
}

const isRegister = ({ operand, width }: AvmField): boolean =>
  width === 4 && (operand === 'a' || operand === 'b' || operand === 'c')

function kindOf(field: AvmField): number {
  if (isRegister(field)) return SymbolKind.register
  if (field.operand === 'off') return SymbolKind.off
  return field.operand === 'target' ? SymbolKind.target : SymbolKind.imm
}

/** Parts of a field as [first bit, bits], the highest first: eight bits each, but the first. */
function piecesOf({ at, width }: AvmField): [number, number][] {
  const pieces: [number, number][] = []
  for (let left = width; left > 0; ) {
    const bits = left % 8 === 0 ? 8 : left % 8
    left -= bits
    pieces.push([at + left, bits])
  }
  return pieces
}

/** Names the statistics of a part: what it is, how wide its field, and which piece. */
const classOf = (field: AvmField, at: number): string =>
  isRegister(field) ? field.operand : `${field.operand}${field.width}.${at - field.at}`

/** By class: the number of symbols, in the order in which encodings need them first. */
export function packedClasses(): Map<string, number> {
  const classes = new Map([['op', avmEncodings.length]])
  for (const { fields } of avmEncodings)
    for (const field of fields) {
      if (field.operand === 'pad') continue
      for (const [at, bits] of piecesOf(field)) classes.set(classOf(field, at), 2 ** bits)
    }
  return classes
}

function templatesOf(encodings: readonly AvmEncoding[]): Uint8Array {
  const templates = new Uint8Array(16 * encodings.length)
  encodings.forEach(({ opcode, sub, subAt, subWidth }, i) => {
    templates[16 * i] = opcode
    if (subWidth > 0) templates[16 * i + 1 + (subAt >> 3)]! |= sub << (subAt & 7)
  })
  return templates
}

/** The register, `noBase` too, that stands for b in the encoding without being a field; -1: none. */
function baseOf({ fixed }: AvmEncoding): number {
  const base = fixed.find(({ as, operand }) => operand === 'b' && as === undefined)
  return base === undefined ? -1 : base.value
}

/** Is a field `a` of the row what it writes? */
function writesA(row: number): boolean {
  const { shape } = avmRows[row]!
  return avmShapes[shape].includes('a') && shape !== 'store' && shape !== 'setslot'
}

interface Part {
  readonly field: AvmField
  readonly at: number
  readonly width: number
  readonly top: boolean
}

/** The model of these statistics: digits by class, and weights at first by kind and input. */
export function modelOf(
  statistics: Readonly<Record<string, string>>,
  weights: readonly (readonly number[])[],
): PackedModel {
  const trees = growTrees(packedClasses(), (name) => statistics[name])
  const firstPart = new Int32Array(avmEncodings.length + 1)
  const parts: Part[] = []
  avmEncodings.forEach(({ fields }, i) => {
    for (const field of fields) {
      if (field.operand === 'pad') continue
      for (const [n, [at, width]] of piecesOf(field).entries())
        parts.push({ field, at, width, top: n === 0 })
    }
    firstPart[i + 1] = parts.length
  })
  const classes = parts.map(({ at, field }) => trees.classes.get(classOf(field, at))!)
  const endsOffset = ({ at, field }: Part): boolean => field.operand === 'off' && at === field.at
  return {
    trees,
    op: trees.classes.get('op')!,
    weights: Int32Array.from(
      { length: 512 },
      (_, i) => weightUnit * (weights[Math.floor(i / states)]?.[i % states] ?? 0),
    ),
    firstPart,
    lengths: Uint8Array.from(avmEncodings, ({ length }) => length),
    rows: Uint8Array.from(avmEncodings, ({ row }) => row),
    templates: templatesOf(avmEncodings),
    bases: Int8Array.from(avmEncodings, baseOf),
    writes: Uint8Array.from(avmEncodings, ({ row }) => Number(writesA(row))),
    places: Uint8Array.from(parts, ({ at }) => at),
    widths: Uint8Array.from(parts, ({ width }) => width),
    kinds: Uint8Array.from(parts, ({ field }) => kindOf(field)),
    tops: Uint8Array.from(parts, ({ top }) => Number(top)),
    isA: Uint8Array.from(parts, ({ field }) => Number(field.operand === 'a')),
    steps: Int32Array.from(parts, (part) => (endsOffset(part) ? part.field.step : 0)),
    leasts: Int32Array.from(parts, (part) => (endsOffset(part) ? part.field.min : 0)),
    classes: Uint8Array.from(classes, ({ index }) => index),
    roots: Int32Array.from(classes, ({ root }) => root),
    firstWays: Int32Array.from(classes, ({ first }) => first),
    sizes: Int32Array.from(classes, ({ size }) => size),
  }
}

let model: PackedModel | undefined

/** Made when it is first asked for. */
export function packedModel(): PackedModel {
  model ??= modelOf(packedStatistics, packedWeights)
  return model
}

/** Registers and `noBase`. */
export const baseCount: number = Math.max(avmRegisters, noBase + 1)
