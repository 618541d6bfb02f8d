import { type AvmEncoding, avmEncodings, encodingsOfRow } from './encodings.ts'
import type { AvmOperand } from './table.ts'

/** Places of operands while an instruction is decoded; the immediate's low word is at `imm`. */
export const Slot = { a: 0, b: 1, c: 2, imm: 3, off: 4, target: 5, pad: 6 } as const
export const slotCount = 7

/** Kinds of conditions on an operand: is x; is register a; is in x..y by steps; is a power of two below 2^2^x. */
export const Condition = { is: 0, isA: 1, within: 2, power: 3 } as const

/** The numbers that an operand of an encoding may be. */
type Values =
  | { readonly kind: 'range'; readonly min: number; readonly max: number; readonly step: number }
  | { readonly kind: 'a' }
  | { readonly kind: 'power'; readonly width: number }
  | { readonly kind: 'any' }

function valuesOf({ fields, fixed }: AvmEncoding, operand: AvmOperand): Values {
  const constant = fixed.find((f) => f.operand === operand)
  if (constant?.as !== undefined) return { kind: 'a' }
  if (constant !== undefined)
    return { kind: 'range', min: constant.value, max: constant.value, step: 1 }
  const field = fields.find((f) => f.operand === operand)!
  if (field.power) return { kind: 'power', width: field.width }
  if (field.width === 64) return { kind: 'any' }
  const max = field.min + field.step * (2 ** field.width - 1)
  return { kind: 'range', min: field.min, max, step: field.step }
}

/** Are all values of `of` in `within`, none of them, or is it to be asked of the value? */
function relation(of: Values, within: Values): 'all' | 'none' | 'ask' {
  if (within.kind === 'any') return 'all'
  if (of.kind === 'a' && within.kind === 'a') return 'all'
  if (of.kind === 'power' && within.kind === 'power')
    return of.width <= within.width ? 'all' : 'ask'
  if (of.kind !== 'range' || within.kind !== 'range') return 'ask'
  if (of.max < within.min || of.min > within.max) return 'none'
  const inside = of.min >= within.min && of.max <= within.max
  if (of.min === of.max && (of.min - within.min) % within.step !== 0) return 'none'
  const onSteps = (of.min - within.min) % within.step === 0 && of.step % within.step === 0
  return inside && (onSteps || of.min === of.max) ? 'all' : 'ask'
}

function conditionOf(operand: AvmOperand, values: Values): number[] {
  const slot = Slot[operand]
  if (values.kind === 'a') return [Condition.isA, slot, 0, 0, 0]
  if (values.kind === 'power') return [Condition.power, slot, values.width, 0, 0]
  if (values.kind === 'any') return []
  const { max, min, step } = values
  return min === max ? [Condition.is, slot, min, 0, 0] : [Condition.within, slot, min, max, step]
}

/**
 * What is to be asked of an instruction in an encoding, to know whether `other` would fit, too: nothing of what the
 * encoding implies. Undefined when it never does.
 */
function conditionsOf(encoding: AvmEncoding, other: AvmEncoding): number[] | undefined {
  const out: number[] = []
  const operands = [...other.fields, ...other.fixed].map(({ operand }) => operand)
  for (const operand of operands) {
    if (operand === 'pad') continue
    const values = valuesOf(other, operand)
    const answer = relation(valuesOf(encoding, operand), values)
    if (answer === 'none') return undefined
    if (answer === 'ask') out.push(...conditionOf(operand, values))
  }
  return out
}

/** By encoding: its length in bytes, and its row of the instruction table. */
export const lengthOf: Int32Array = Int32Array.from(avmEncodings, ({ length }) => length)
export const rowOf: Int32Array = Int32Array.from(avmEncodings, ({ row }) => row)

/** By encoding: where its words in `fieldWords` begin; the last is the end. */
export const fieldsAt: Int32Array = new Int32Array(avmEncodings.length + 1)
/** Of each field: slot, bit, width (-1: a power of two of 6 bits at most, its width in the step), min, step. */
export const fieldWords: Int32Array = Int32Array.from(
  avmEncodings.flatMap(({ fields, index }) => {
    const words = fields.flatMap(({ at, min, operand, power, step, width }) =>
      power ? [Slot[operand], at, -1, 0, width] : [Slot[operand], at, width, min, step],
    )
    fieldsAt[index + 1] = fieldsAt[index]! + words.length
    return words
  }),
)

/** The same of operands that are no fields: slot, value; value -1: as register a. */
export const fixedAt: Int32Array = new Int32Array(avmEncodings.length + 1)
export const fixedWords: Int32Array = Int32Array.from(
  avmEncodings.flatMap(({ fixed, index }) => {
    const words = fixed.flatMap(({ as, operand, value }) => [
      Slot[operand],
      as === undefined ? value : -1,
    ])
    fixedAt[index + 1] = fixedAt[index]! + words.length
    return words
  }),
)

const better: (Int32Array | undefined)[] = []

/**
 * Of each encoding of the row that goes before this one: how many words of conditions follow, and these. Made when it
 * is first asked for: a program uses a third of all encodings.
 */
export function betterWordsOf(index: number): Int32Array {
  let words = better[index]
  if (words === undefined) {
    const encoding = avmEncodings[index]!
    const all = encodingsOfRow[encoding.row]!
    words = Int32Array.from(
      all.slice(0, all.indexOf(encoding)).flatMap((other) => {
        const conditions = conditionsOf(encoding, other)
        return conditions === undefined ? [] : [conditions.length, ...conditions]
      }),
    )
    better[index] = words
  }
  return words
}

/** By opcode: its encoding, or the first of those that share it; -1: none. */
export const firstOf: Int32Array = new Int32Array(256).fill(-1)
/** By opcode: the number of encodings that share it; 0 where it has one of its own. */
export const countOf: Int32Array = new Int32Array(256)
/** By shared opcode: the first of the bits that tell its encodings apart, and how many there are. */
export const subAtOf: Uint8Array = new Uint8Array(256)
export const subWidthOf: Uint8Array = new Uint8Array(256)
/** By shared opcode: where its encodings begin in `sharedEncodings`, in the order of `sub`. */
export const firstShared: Int32Array = new Int32Array(256)
export const sharedEncodings: Int32Array = new Int32Array(avmEncodings.length)

avmEncodings.forEach(({ index, opcode, subAt, subWidth }) => {
  if (firstOf[opcode] === -1) {
    firstOf[opcode] = index
    subAtOf[opcode] = subAt
    subWidthOf[opcode] = subWidth
  }
  if (subWidth > 0) countOf[opcode]!++
})
let places = 0
avmEncodings.forEach(({ index, opcode, sub, subWidth }) => {
  if (subWidth === 0) return
  if (sub === 0) {
    firstShared[opcode] = places
    places += countOf[opcode]!
  }
  sharedEncodings[firstShared[opcode]! + sub] = index
})
