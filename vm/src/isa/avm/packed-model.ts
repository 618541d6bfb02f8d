import { type AvmEncoding, type AvmField, avmEncodings } from './encodings.ts'
import { packedStatistics } from './packed-statistics.ts'
import { growTrees, type Trees } from './packed-trees.ts'

/** A symbol of an instruction: a register, or at most eight bits of another field. */
export interface Part {
  /** Different for each part of each encoding: the first half of its context. */
  readonly id: number
  readonly root: number
  readonly ways: readonly number[][]
  /** Where the bits are, from bit 0 of the byte behind the opcode. */
  readonly at: number
  readonly width: number
  /** `PartKind` */
  readonly kind: number
}

/** An encoding as parts; what the opcode and `sub` say is in `template`. */
export interface PackedForm {
  readonly length: number
  readonly template: Uint8Array
  readonly parts: readonly Part[]
}

/** What packed code is written and read by. */
export interface PackedModel {
  readonly trees: Trees
  readonly opRoot: number
  readonly opWays: readonly number[][]
  /** By encoding. */
  readonly forms: readonly PackedForm[]
  readonly flat: FlatForms
}

/** Kinds of parts: lower and highest bits of a field; a register; the one that is written, a. */
export const PartKind = { piece: 0, top: 1, register: 2, written: 3 } as const

/** The forms in flat arrays, in which reading is half as long. */
export interface FlatForms {
  /** By encoding, and one more: where its parts begin in the arrays below. */
  readonly first: Int32Array
  readonly lengths: Uint8Array
  /** 16 octets for each encoding. */
  readonly templates: Uint8Array
  readonly ids: Int32Array
  readonly roots: Int32Array
  readonly places: Uint8Array
  /** `PartKind` */
  readonly kinds: Uint8Array
}

const isRegister = ({ operand, width }: AvmField): boolean =>
  width === 4 && (operand === 'a' || operand === 'b' || operand === 'c')

/** Of the field's part `piece`. */
function kindOf(field: AvmField, piece: number): number {
  if (!isRegister(field)) return piece === 0 ? PartKind.top : PartKind.piece
  return field.operand === 'a' ? PartKind.written : PartKind.register
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

function templateOf({ length, opcode, sub, subAt, subWidth }: AvmEncoding): Uint8Array {
  const template = new Uint8Array(length)
  template[0] = opcode
  if (subWidth > 0) template[1 + (subAt >> 3)]! |= sub << (subAt & 7)
  return template
}

function flatOf(forms: readonly PackedForm[]): FlatForms {
  const parts = forms.flatMap((form) => form.parts)
  const first = new Int32Array(forms.length + 1)
  const templates = new Uint8Array(16 * forms.length)
  forms.forEach((form, i) => {
    first[i + 1] = first[i]! + form.parts.length
    templates.set(form.template, 16 * i)
  })
  return {
    first,
    lengths: Uint8Array.from(forms, ({ length }) => length),
    templates,
    ids: Int32Array.from(parts, ({ id }) => id),
    roots: Int32Array.from(parts, ({ root }) => root),
    places: Uint8Array.from(parts, ({ at }) => at),
    kinds: Uint8Array.from(parts, ({ kind }) => kind),
  }
}

function build(): PackedModel {
  const trees = growTrees(packedClasses(), (name) => packedStatistics[name])
  let id = avmEncodings.length + 1
  const forms = avmEncodings.map((encoding): PackedForm => {
    const parts: Part[] = []
    for (const field of encoding.fields) {
      if (field.operand === 'pad') continue
      piecesOf(field).forEach(([at, width], i) => {
        const { root, ways } = trees.classes.get(classOf(field, at))!
        parts.push({ id, root, ways, at, width, kind: kindOf(field, i) })
        id += 1
      })
    }
    return { length: encoding.length, template: templateOf(encoding), parts }
  })
  const { root, ways } = trees.classes.get('op')!
  return { trees, opRoot: root, opWays: ways, forms, flat: flatOf(forms) }
}

let model: PackedModel | undefined

/** Made when it is first asked for. */
export function packedModel(): PackedModel {
  model ??= build()
  return model
}

/** Contexts are found in a table of so many slots by a hash; who comes later takes a slot over. */
export const slotBits = 15

/** A context's name: the node and what is known before it. Its slot are the highest bits. */
export const contextOf = (node: number, seed: number): number =>
  Math.imul(seed ^ Math.imul(node + 1, 0x27d4eb2f), 0x9e3779b1) | 1

/** What is known before an encoding: the two before it. */
export const opSeed = (one: number, two: number): number =>
  Math.imul(one + 1, 0x85ebca6b) ^ Math.imul(two + 1, 0x165667b1)

/** What is known before a part: which it is, and what stands before it. */
export const partSeed = (id: number, before: number): number =>
  Math.imul(id + 0x1000, 0x85ebca6b) ^ Math.imul(before + 1, 0x165667b1)

/**
 * What stands before a part: registers of the instruction (a one, then four bits each), higher pieces of its field; before
 * the first register the one that was written last, and the encoding before.
 */
export function beforeOf(
  kind: number,
  registers: number,
  piece: number,
  written: number,
  previous: number,
): number {
  if (kind === PartKind.top) return registers
  if (kind === PartKind.piece) return 0x10000 + piece
  return registers !== 1 ? registers : 0x4000_0000 + written * 1024 + previous
}
