import type { Visitor } from '../codec.ts'
import { hasRow, opcodeOf, type SbpfName, sbpfRow, sbpfRows } from './table.ts'
import { type SbpfVersionName, sbpfFeatures } from './version.ts'

/** A decoded instruction. `decodeSbpf` fills it; fields the form lacks hold what the slot has. */
export interface SbpfInsn {
  /** Index into `sbpfRows`; -1: no instruction of the version. */
  row: number
  /** The opcode octet, also where there is no row. */
  opcode: number
  /** 0..15: in verified code 0..10. */
  dst: number
  src: number
  /** s16 */
  off: number
  /** s32 */
  imm: number
  /** s32, the high half of `lddw`'s constant; 0 elsewhere. */
  immHigh: number
  /** 1, and 2 for `lddw`. */
  slots: 1 | 2
}

/** One member per instruction: what lifts, interpreters and printers implement. */
export type SbpfVisitor<T, Args extends readonly unknown[] = [insn: SbpfInsn]> = Visitor<
  SbpfName,
  Args,
  T
>

/** @example decodeSbpf(sbpfIsa('v3'), code, 0, newSbpfInsn()) */
export function newSbpfInsn(): SbpfInsn {
  return { row: -1, opcode: 0, dst: 0, src: 0, off: 0, imm: 0, immHigh: 0, slots: 1 }
}

/** The instruction set of a version, for decoding. */
export interface SbpfIsa {
  readonly version: SbpfVersionName
  /** First row of each opcode; -1: the version has no such opcode. */
  readonly first: Int16Array
  /** The next row of the same opcode, by row; -1 ends. */
  readonly next: Int16Array
}

const isas = new Map<SbpfVersionName, SbpfIsa>()

/** @example sbpfIsa('v2').first[0x18] // -1 */
export function sbpfIsa(version: SbpfVersionName): SbpfIsa {
  let isa = isas.get(version)
  if (isa === undefined) {
    const features = sbpfFeatures[version]
    const first = new Int16Array(256).fill(-1)
    const next = new Int16Array(sbpfRows.length).fill(-1)
    for (let row = sbpfRows.length - 1; row >= 0; row--) {
      if (!hasRow(sbpfRows[row]!, features)) continue
      const code = opcodeOf(sbpfRows[row]!, features)
      next[row] = first[code]!
      first[code] = row
    }
    isa = { version, first, next }
    isas.set(version, isa)
  }
  return isa
}

// Values that rows fix, -1 where they do not.
const fixedSrc = Int16Array.from(sbpfRows, ({ more }) => more.fixed?.src ?? -1)
const fixedImm = Int16Array.from(sbpfRows, ({ more }) => more.fixed?.imm ?? -1)
const lddw = sbpfRow.lddw
const callxImm = sbpfRow.callx_imm

/** The word at `at`; bytes must be there. */
function wordAt(code: Uint8Array, at: number): number {
  return code[at]! | (code[at + 1]! << 8) | (code[at + 2]! << 16) | (code[at + 3]! << 24)
}

/**
 * Decodes the instruction at `slot` into `out`, as solana-sbpf executes it: fields that it does not use
 * mean nothing. `out.row` is -1 for an opcode that the version lacks, a call with a source of no
 * meaning, byte orders other than of 16, 32 and 64 bits, registers over r10 that the instruction uses,
 * `lddw` without a second slot of opcode 0, and outside the code. Allocates nothing.
 * @param slot index of the 8-byte slot
 * @example decodeSbpf(sbpfIsa('v0'), fromHex('9500000000000000'), 0, out); sbpfRows[out.row].name // 'exit'
 */
export function decodeSbpf(isa: SbpfIsa, code: Uint8Array, slot: number, out: SbpfInsn): void {
  const at = slot * 8
  out.row = -1
  out.slots = 1
  out.immHigh = 0
  if (!(slot >= 0) || at + 8 > code.length) return
  const word = wordAt(code, at)
  const imm = wordAt(code, at + 4)
  const dst = (word >> 8) & 15
  const src = (word >> 12) & 15
  out.opcode = word & 0xff
  out.dst = dst
  out.src = src
  out.off = word >> 16
  out.imm = imm
  let row = isa.first[word & 0xff]!
  while (
    row >= 0 &&
    ((fixedSrc[row]! >= 0 && fixedSrc[row] !== src) ||
      (fixedImm[row]! >= 0 && fixedImm[row] !== imm))
  )
    row = isa.next[row]!
  if (row < 0 || dst > 10 || src > 10) return
  if (row === callxImm && (imm < 0 || imm > 10)) return
  if (row === lddw) {
    if (at + 16 > code.length || code[at + 8] !== 0) return
    out.immHigh = wordAt(code, at + 12)
    out.slots = 2
  }
  out.row = row
}

/**
 * The instruction's bytes, 8 or 16: all fields as they are, but for what the row fixes.
 * @example encodeSbpf('v0', { ...newSbpfInsn(), row: sbpfRow.exit }) // 95 00 00 00 00 00 00 00
 */
export function encodeSbpf(version: SbpfVersionName, insn: Readonly<SbpfInsn>): Uint8Array {
  const row = sbpfRows[insn.row]!
  const bytes = new Uint8Array(insn.row === lddw ? 16 : 8)
  const view = new DataView(bytes.buffer)
  const src = row.more.fixed?.src ?? insn.src
  bytes[0] = opcodeOf(row, sbpfFeatures[version])
  bytes[1] = (insn.dst & 15) | ((src & 15) << 4)
  view.setInt16(2, insn.off, true)
  view.setInt32(4, row.more.fixed?.imm ?? insn.imm, true)
  if (insn.row === lddw) view.setInt32(12, insn.immHigh, true)
  return bytes
}

/** Slots of the code where an instruction starts: a sweep from slot 0, `lddw` covers two. */
export function sbpfStarts(isa: SbpfIsa, code: Uint8Array): Uint8Array {
  const slots = code.length >> 3
  const starts = new Uint8Array(slots)
  const insn = newSbpfInsn()
  for (let slot = 0; slot < slots; slot += insn.slots) {
    decodeSbpf(isa, code, slot, insn)
    starts[slot] = 1
  }
  return starts
}
