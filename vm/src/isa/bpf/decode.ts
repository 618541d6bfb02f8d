import { DecodeError } from '../../bits/errors.ts'
import { hexOf } from '../../bits/hex.ts'
import { type Field, type Fixed, type Form, patternOf, putField, type Visitor } from '../codec.ts'
import { type BpfName, bpfForms, bpfRow, bpfRows } from './table.ts'

/** A decoded instruction. `decodeBpf` fills it; fields the form lacks hold what the slot has. */
export interface BpfInsn {
  /** Index into `bpfRows`; -1: no instruction. */
  row: number
  dst: number
  src: number
  /** s16 */
  off: number
  /** s32; the register number in `callx_imm`. */
  imm: number
  /** s32, the high half of `lddw`'s constant; 0 elsewhere. */
  immHigh: number
  /** 1, and 2 for `lddw`. */
  slots: 1 | 2
}

/** One member per instruction: what lifts, interpreters and printers implement. */
export type BpfVisitor<T, Args extends readonly unknown[] = [insn: BpfInsn]> = Visitor<
  BpfName,
  Args,
  T
>

/** @example decodeBpf(code, 0, newBpfInsn()) */
export function newBpfInsn(): BpfInsn {
  return { row: -1, dst: 0, src: 0, off: 0, imm: 0, immHigh: 0, slots: 1 }
}

/** Bit positions of the fields that rows fix. */
const fixable = { src: [12, 4], off: [16, 16], imm: [32, 32] } as const

function fixedOf(index: number): Fixed {
  const row = bpfRows[index]!
  const fixed: [number, number, number][] = [[0, 8, row.code]]
  for (const name of ['src', 'off', 'imm'] as const) {
    const value = row.fixed[name]
    if (value !== undefined) fixed.push([...fixable[name], value])
  }
  return fixed
}

const patterns = bpfRows.map((row, index) =>
  patternOf(bpfForms[row.form], fixedOf(index), row.form === 'lddw' ? 4 : 2),
)

// Per row: what words 0 and 1 must be, and the highest register of dst and src.
const mask0 = Int32Array.from(patterns, (pattern) => pattern.mask[0]!)
const value0 = Int32Array.from(patterns, (pattern) => pattern.value[0]!)
const mask1 = Int32Array.from(patterns, (pattern) => pattern.mask[1]!)
const value1 = Int32Array.from(patterns, (pattern) => pattern.value[1]!)

function highest(form: Form, name: string): number {
  const kind = form[name]?.[2]
  return kind === 'wreg' ? 9 : kind === 'reg' ? 10 : -1
}
const dstMax = Int32Array.from(bpfRows, (row) => highest(bpfForms[row.form], 'dst'))
const srcMax = Int32Array.from(bpfRows, (row) => highest(bpfForms[row.form], 'src'))

// First row of each opcode, and the next row of the same opcode; -1 ends.
const first = new Int32Array(256).fill(-1)
const next = new Int32Array(bpfRows.length).fill(-1)
for (let row = bpfRows.length - 1; row >= 0; row--) {
  const code = bpfRows[row]!.code
  next[row] = first[code]!
  first[code] = row
}

const lddw = bpfRow.lddw
const callxImm = bpfRow.callx_imm

/** The word at `at`; bytes must be there. */
function wordAt(code: Uint8Array, at: number): number {
  return code[at]! | (code[at + 1]! << 8) | (code[at + 2]! << 16) | (code[at + 3]! << 24)
}

/**
 * Decodes the instruction at `slot` into `out`, strictly: `out.row` is -1 for an unknown opcode, a
 * non-zero unused field, a register over r10, a write to r10, an unknown atomic operation, `lddw`
 * with a source other than 0 or a malformed second slot, and outside the code. Allocates nothing.
 * RFC 9669, 3.1: "unused fields shall be cleared to zero".
 * @param slot index of the 8-byte slot
 * @example decodeBpf(fromHex('9500000000000000'), 0, out); bpfRows[out.row].name // 'exit'
 */
export function decodeBpf(code: Uint8Array, slot: number, out: BpfInsn): void {
  const at = slot * 8
  out.row = -1
  out.slots = 1
  out.immHigh = 0
  if (!(slot >= 0) || at + 8 > code.length) return
  const word0 = wordAt(code, at)
  const word1 = wordAt(code, at + 4)
  const dst = (word0 >> 8) & 15
  const src = (word0 >> 12) & 15
  out.dst = dst
  out.src = src
  out.off = word0 >> 16
  out.imm = word1
  let row = first[word0 & 0xff]!
  while (
    row >= 0 &&
    ((word0 & mask0[row]!) !== value0[row]! || (word1 & mask1[row]!) !== value1[row]!)
  ) {
    row = next[row]!
  }
  if (row < 0) return
  // A form without the field has the maximum -1 and, by its pattern, a 0 there.
  if (dst > dstMax[row]! && dstMax[row]! >= 0) return
  if (src > srcMax[row]! && srcMax[row]! >= 0) return
  if (row === callxImm && (word1 < 0 || word1 > 10)) return
  if (row === lddw) {
    if (at + 16 > code.length || wordAt(code, at + 8) !== 0) return
    out.immHigh = wordAt(code, at + 12)
    out.slots = 2
  }
  out.row = row
}

/**
 * The instruction's bytes, 8 or 16. Inverse of `decodeBpf` for every valid instruction; fields are
 * cut to their widths, fields that the form lacks are ignored.
 * @example encodeBpf({ ...newBpfInsn(), row: bpfRow.exit }) // 95 00 00 00 00 00 00 00
 */
export function encodeBpf(insn: Readonly<BpfInsn>): Uint8Array {
  const words = Int32Array.from(patterns[insn.row]!.value)
  const form: Form = bpfForms[bpfRows[insn.row]!.form]
  for (const [name, field] of Object.entries(form)) {
    putField(words, field as Field, insn[name as 'dst' | 'src' | 'off' | 'imm' | 'immHigh'])
  }
  const bytes = new Uint8Array(words.length * 4)
  const view = new DataView(bytes.buffer)
  words.forEach((word, index) => {
    view.setInt32(index * 4, word, true)
  })
  return bytes
}

/** What `lddw` asks for by a source other than 0 (RFC 9669, 5.4.1): a linker's business. */
const lddwSources = [
  '',
  'mapByFd',
  'mapValueByFd',
  'platformVariable',
  'codeAddress',
  'mapByIndex',
  'mapValueByIndex',
]

/**
 * Why the slot is no instruction, or undefined when it is one. Codes: `truncated`,
 * `unknownOpcode`, `unknownOperation`, `lddwSource`, `lddwSecondSlot`, `register`,
 * `framePointerWrite`, `unusedField`; the offset counts bytes.
 * @example bpfProblem(fromHex('ff00000000000000'), 0)?.code // 'unknownOpcode'
 */
export function bpfProblem(code: Uint8Array, slot: number): DecodeError | undefined {
  const insn = newBpfInsn()
  decodeBpf(code, slot, insn)
  if (insn.row >= 0) return undefined
  const offset = slot * 8
  const refuse = (problem: string, text: string, value: number | string): DecodeError =>
    new DecodeError(problem, text, { offset, value })
  if (!(slot >= 0) || offset + 8 > code.length)
    return refuse('truncated', 'the code ends here', slot)
  const opcode = code[offset]!
  const { dst, src, imm } = insn
  if (first[opcode]! < 0)
    return refuse('unknownOpcode', `unknown opcode ${hexOf(opcode, 2)}`, opcode)
  if (opcode === 0x18) {
    if (src !== 0) {
      const name = lddwSources[src] ?? 'unknown'
      return refuse('lddwSource', `lddw source ${src} (${name}) is not linked`, src)
    }
    if (dst <= 9) return refuse('lddwSecondSlot', 'lddw without a clean second slot', slot)
  }
  const row = bpfRows[first[opcode]!]!
  if (Math.max(dst, src) > 10)
    return refuse('register', `no register r${Math.max(dst, src)}`, Math.max(dst, src))
  const operations = ((opcode & 7) === 3 && opcode >> 5 === 6) || row.fixed.imm !== undefined
  if (operations && !knownImm(opcode, imm)) {
    return refuse('unknownOperation', `opcode ${hexOf(opcode, 2)} has no operation ${imm}`, imm)
  }
  if (dst === 10 || src === 10) return refuse('framePointerWrite', 'r10 may not be written', 10)
  return refuse('unusedField', 'a field this instruction does not use is not 0', opcode)
}

function knownImm(opcode: number, imm: number): boolean {
  for (let row = first[opcode]!; row >= 0; row = next[row]!)
    if (bpfRows[row]!.fixed.imm === imm) return true
  return false
}
