import { toHex } from '../../bits/hex.ts'
import type { Operand } from '../text.ts'
import { sbpfSyntax } from './asm.ts'
import { decodeSbpf, newSbpfInsn, type SbpfInsn, sbpfIsa, sbpfStarts } from './decode.ts'
import { sbpfForms, sbpfRow, sbpfRows } from './table.ts'
import type { SbpfVersionName } from './version.ts'

export interface SbpfDisassemblyOptions {
  readonly version: SbpfVersionName
  /** Names of slots: functions and other places. */
  readonly symbols?: ReadonlyMap<number, string>
  /** Names of syscalls by hash. */
  readonly names?: ReadonlyMap<number, string>
  /** V0 to V2: slots of functions by hash. */
  readonly functions?: ReadonlyMap<number, number>
}

/** The slot that a jump, branch or relative call at `slot` names; undefined for other instructions. */
export function sbpfTarget(insn: Readonly<SbpfInsn>, slot: number): number | undefined {
  switch (insn.row < 0 ? 'none' : sbpfRows[insn.row]!.form) {
    case 'jump':
    case 'jrr':
    case 'jri':
      return slot + 1 + insn.off
    case 'jumpl':
      return slot + 1 + insn.imm
    default:
      return undefined
  }
}

/** The slot that a call by hash names. */
function functionOf(insn: SbpfInsn, options: SbpfDisassemblyOptions): number | undefined {
  return insn.row === sbpfRow.call ? options.functions?.get(insn.imm >>> 0) : undefined
}

/** Names of all places that need one: symbols made valid and unique, targets as `L<slot>`. */
function labelsOf(code: Uint8Array, options: SbpfDisassemblyOptions): Map<number, string> {
  const isa = sbpfIsa(options.version)
  const starts = sbpfStarts(isa, code)
  const labels = new Map<number, string>()
  const used = new Set<string>()
  for (const [slot, symbol] of options.symbols ?? []) {
    if (slot > starts.length || (slot < starts.length && starts[slot] === 0)) continue
    let name = symbol.replace(/[^\w.$@]/g, '_')
    if (!/^[A-Za-z_$@]/.test(name) || /^L\d+$/.test(name)) name = `_${name}`
    if (used.has(name)) name += `@${slot}`
    while (used.has(name)) name += '_'
    used.add(name)
    labels.set(slot, name)
  }
  const insn = newSbpfInsn()
  for (let slot = 0; slot < starts.length; slot += insn.slots) {
    decodeSbpf(isa, code, slot, insn)
    const to = sbpfTarget(insn, slot) ?? functionOf(insn, options)
    if (to !== undefined && starts[to] === 1 && !labels.has(to)) labels.set(to, `L${to}`)
  }
  return labels
}

/** One instruction of a disassembly. */
export interface SbpfLine {
  readonly slot: number
  /** Slots it covers: 2 for `lddw`. */
  readonly slots: number
  readonly text: string
}

/** Fields of which the text says nothing would be lost: such instructions are written as octets. */
function saysAll(insn: Readonly<SbpfInsn>): boolean {
  const { form, more } = sbpfRows[insn.row]!
  const fields = sbpfForms[form]
  const { dst, src, off, imm } = insn
  for (const [name, value] of Object.entries({ dst, src, off, imm })) {
    const fixed = name === 'src' || name === 'imm' ? more.fixed?.[name] : undefined
    if (!(name in fields) && value !== (fixed ?? 0)) return false
  }
  return true
}

function operandsOf(
  insn: SbpfInsn,
  slot: number,
  labels: ReadonlyMap<number, string>,
  options: SbpfDisassemblyOptions,
): Record<string, Operand> {
  const { dst, src, off, imm, immHigh } = insn
  const imm64 = (BigInt(immHigh >>> 0) << 32n) | BigInt(imm >>> 0)
  const operands: Record<string, Operand> = { dst, src, off, imm, imm64 }
  const target = sbpfTarget(insn, slot)
  const label = target === undefined ? undefined : labels.get(target)
  if (label !== undefined)
    operands['off' in sbpfForms[sbpfRows[insn.row]!.form] ? 'off' : 'imm'] = { label }
  const name = options.names?.get(imm >>> 0)
  if (name !== undefined && sbpfRows[insn.row]!.form === 'hash') operands['imm'] = { label: name }
  return operands
}

function textOf(
  insn: SbpfInsn,
  slot: number,
  labels: ReadonlyMap<number, string>,
  options: SbpfDisassemblyOptions,
): string {
  const to = functionOf(insn, options)
  const label = to === undefined || options.names?.has(insn.imm >>> 0) ? undefined : labels.get(to)
  if (label !== undefined) return `call ${label}`
  return sbpfSyntax(options.version).print(insn.row, operandsOf(insn, slot, labels, options))
}

/**
 * The instructions of the code in order, targets as labels, syscalls by their names. What is no
 * instruction, or has fields that its text would lose, becomes `.quad`. O(code).
 * @example [...sbpfLines(assembleSbpf('exit', { version: 'v3' }).code, { version: 'v3' })][0]?.text // 'exit'
 */
export function sbpfLines(code: Uint8Array, options: SbpfDisassemblyOptions): Generator<SbpfLine> {
  return linesOf(code, options, labelsOf(code, options))
}

function* linesOf(
  code: Uint8Array,
  options: SbpfDisassemblyOptions,
  labels: ReadonlyMap<number, string>,
): Generator<SbpfLine> {
  const isa = sbpfIsa(options.version)
  const insn = newSbpfInsn()
  const quad = (slot: number): string =>
    `.quad 0x${toHex(new Uint8Array(code.subarray(slot * 8, slot * 8 + 8)).reverse())}`
  for (let slot = 0; slot < code.length >> 3; slot += insn.slots) {
    decodeSbpf(isa, code, slot, insn)
    if (insn.row >= 0 && saysAll(insn)) {
      yield { slot, slots: insn.slots, text: textOf(insn, slot, labels, options) }
      continue
    }
    const text = insn.row < 0 ? 'no instruction' : textOf(insn, slot, labels, options)
    yield { slot, slots: 1, text: `${quad(slot)} # ${text}` }
    if (insn.slots === 2) yield { slot: slot + 1, slots: 1, text: quad(slot + 1) }
  }
}

/**
 * `sbpfLines` with labels, as text that `assembleSbpf` turns into the same code: calls by hash into
 * functions excepted, whose immediates the assembler makes slots of.
 * @example disassembleSbpf(assembleSbpf('exit', { version: 'v0' }).code, { version: 'v0' }) // 'exit\n'
 */
export function disassembleSbpf(code: Uint8Array, options: SbpfDisassemblyOptions): string {
  const labels = labelsOf(code, options)
  const out: string[] = []
  for (const { slot, text } of linesOf(code, options, labels)) {
    const label = labels.get(slot)
    if (label !== undefined) out.push(`${label}:`)
    out.push(labels.size > 0 ? `  ${text}` : text)
  }
  return out.map((line) => line + '\n').join('')
}
