/**
 * What the tables of all instruction sets share: the shape of a row, and for sets of fixed layout
 * (eBPF, RISC-V) bit-field forms, from which matching, decoding and encoding derive.
 * Assembly text derives from the rows' `syntax` in `text.ts`.
 */

/** One instruction of a table. Sets add members (versions, groups) of their own. */
export interface InsnRow {
  /** Unique in its table; visitors have a member of this name. */
  readonly name: string
  /** Opcode: the first octet. */
  readonly code: number
  /** Name of the operand form. */
  readonly form: string
  /** Template of the assembly text: literal tokens and `{field}` operands. */
  readonly syntax: string
  /** Gas class, a key of the set's gas schedules. */
  readonly gas: string
  /** The meaning as a formula; terms are explained at the head of the table. */
  readonly does: string
}

/**
 * Where a field is: first bit counted from the least significant bit of the first octet, width in
 * bits (at most 32, within one 32-bit word), and kind of operand (a name the set defines).
 */
export type Field = readonly [bit: number, width: number, kind: string]

/** The fields of an operand form by name. Bits of no field and not fixed by a row must be 0. */
export type Form = Readonly<Record<string, Field>>

/** Values that a row demands of fields its form does not have: `[bit, width, value]`. */
export type Fixed = readonly (readonly [bit: number, width: number, value: number])[]

/** What the words of an instruction must be: `(word[i] & mask[i]) === value[i]` for every i. */
export interface Pattern {
  readonly mask: Int32Array
  readonly value: Int32Array
}

function bitsAt(bit: number, width: number): number {
  return (width === 32 ? -1 : (1 << width) - 1) << (bit & 31)
}

/**
 * The pattern of a row: all bits outside the fields of `form` are fixed, to 0 unless `fixed` says
 * otherwise. So decoding is strict by construction.
 * @param words length of the instruction in 32-bit words
 */
export function patternOf(form: Form, fixed: Fixed, words: number): Pattern {
  const mask = new Int32Array(words).fill(-1)
  const value = new Int32Array(words)
  for (const [bit, width] of Object.values(form)) mask[bit >> 5]! &= ~bitsAt(bit, width)
  for (const [bit, width, want] of fixed) {
    const at = bit >> 5
    value[at] = (value[at]! & ~bitsAt(bit, width)) | ((want << (bit & 31)) & bitsAt(bit, width))
  }
  return { mask, value }
}

/** `words` with field `field` set to the low bits of `value`. */
export function putField(words: Int32Array, field: Field, value: number): void {
  const [bit, width] = field
  const bits = bitsAt(bit, width)
  words[bit >> 5] = (words[bit >> 5]! & ~bits) | ((value << (bit & 31)) & bits)
}

/** The field of `words`, sign-extended when `signed`. */
export function getField(words: Int32Array, field: Field, signed: boolean): number {
  const [bit, width] = field
  const up = words[bit >> 5]! << (32 - width - (bit & 31))
  return signed ? up >> (32 - width) : up >>> (32 - width)
}

/**
 * One member per row name, so that the compiler finds the instruction a room forgot.
 * @example const cost: Visitor<'add' | 'exit', [], number> = { add: () => 1, exit: () => 0 }
 */
export type Visitor<Name extends string, Args extends readonly unknown[], T> = {
  readonly [N in Name]: (...args: Args) => T
}

/** A visitor's members in the order of the table, for dispatch by row index. */
export function visitorList<Name extends string, Args extends readonly unknown[], T>(
  names: readonly Name[],
  visitor: Visitor<Name, Args, T>,
): readonly ((...args: Args) => T)[] {
  return names.map((name) => visitor[name])
}
