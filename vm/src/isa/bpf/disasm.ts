import { toHex } from '../../bits/hex.ts'
import type { Operand } from '../text.ts'
import { bpfCodeBase, bpfSyntax } from './asm.ts'
import { type BpfInsn, bpfProblem, decodeBpf, newBpfInsn } from './decode.ts'
import { bpfForms, bpfRow, bpfRows } from './table.ts'

export interface BpfDisassemblyOptions {
  /** Names of slots: functions and other places. */
  readonly symbols?: ReadonlyMap<number, string>
  /** Names of host calls by id, shown as comments. */
  readonly imports?: readonly string[]
  /** Slots whose code address the program takes: their `lddw` is written with a label. */
  readonly addressTaken?: readonly number[]
  /** Put slot numbers and bytes before each line; the result is for reading only. */
  readonly listing?: boolean
}

/** Slots of the code where an instruction starts: a sweep from slot 0, `lddw` covers two. */
export function bpfStarts(code: Uint8Array): Uint8Array {
  const slots = code.length >> 3
  const starts = new Uint8Array(slots)
  const insn = newBpfInsn()
  for (let slot = 0; slot < slots; slot += insn.slots) {
    decodeBpf(code, slot, insn)
    starts[slot] = 1
  }
  return starts
}

/** The slot that a jump, branch or local call at `slot` names; undefined for other instructions. */
export function bpfTarget(insn: Readonly<BpfInsn>, slot: number): number | undefined {
  switch (insn.row < 0 ? 'none' : bpfRows[insn.row]!.form) {
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

/** The constant of `lddw`, unsigned. */
export function bpfConstant(insn: Readonly<BpfInsn>): bigint {
  return BigInt.asUintN(64, (BigInt(insn.immHigh) << 32n) | BigInt(insn.imm >>> 0))
}

/** Names of all places that need one: symbols made valid and unique, targets as `L<slot>`. */
function labelsOf(code: Uint8Array, options: BpfDisassemblyOptions): Map<number, string> {
  const starts = bpfStarts(code)
  const labels = new Map<number, string>()
  const used = new Set<string>(['exit'])
  for (const [slot, symbol] of options.symbols ?? []) {
    if (slot > starts.length || (slot < starts.length && starts[slot] === 0)) continue
    let name = symbol.replace(/[^\w.$@]/g, '_')
    if (!/^[A-Za-z_$@]/.test(name) || /^L\d+$/.test(name)) name = `_${name}`
    if (used.has(name)) name += `@${slot}`
    while (used.has(name)) name += '_'
    used.add(name)
    labels.set(slot, name)
  }
  const need = (slot: number | undefined): void => {
    if (slot !== undefined && starts[slot] === 1 && !labels.has(slot)) labels.set(slot, `L${slot}`)
  }
  for (const slot of options.addressTaken ?? []) need(slot)
  const insn = newBpfInsn()
  for (let slot = 0; slot < starts.length; slot += insn.slots) {
    decodeBpf(code, slot, insn)
    need(bpfTarget(insn, slot))
  }
  return labels
}

function operandsOf(
  insn: Readonly<BpfInsn>,
  slot: number,
  labels: ReadonlyMap<number, string>,
  taken: ReadonlySet<number>,
): Record<string, Operand> {
  const { dst, src, off, imm } = insn
  const operands: Record<string, Operand> = { dst, src, off, imm }
  if (insn.row === bpfRow.lddw) {
    const value = bpfConstant(insn)
    const place = Number(value - bpfCodeBase) / 8
    const label = taken.has(place) ? labels.get(place) : undefined
    operands['imm64'] = label === undefined ? value : { label }
  }
  const target = bpfTarget(insn, slot)
  const label = target === undefined ? undefined : labels.get(target)
  if (label !== undefined) {
    const fields = bpfForms[bpfRows[insn.row]!.form]
    operands['off' in fields ? 'off' : 'imm'] = { label }
  }
  return operands
}

/**
 * One instruction as text, targets relative. @example printBpf(insn) // 'ldxdw r0, [r1+2]'
 * @param insn a valid instruction: `row` is not -1
 */
export function printBpf(insn: Readonly<BpfInsn>): string {
  return bpfSyntax().print(insn.row, operandsOf(insn, 0, new Map(), new Set()))
}

function quadAt(code: Uint8Array, slot: number): string {
  return `0x${toHex(new Uint8Array(code.subarray(slot * 8, slot * 8 + 8)).reverse())}`
}

/** One instruction of a disassembly. */
export interface BpfLine {
  readonly slot: number
  /** Slots it covers: 2 for `lddw`. */
  readonly slots: number
  readonly text: string
}

function* linesOf(
  code: Uint8Array,
  options: BpfDisassemblyOptions,
  labels: ReadonlyMap<number, string>,
): Generator<BpfLine> {
  const taken = new Set(options.addressTaken ?? [])
  const insn = newBpfInsn()
  const count = code.length >> 3
  for (let slot = 0; slot < count; slot += insn.slots) {
    decodeBpf(code, slot, insn)
    let text: string
    if (insn.row < 0) {
      text = `.quad ${quadAt(code, slot)} # ${bpfProblem(code, slot)?.code ?? ''}`
    } else {
      text = bpfSyntax().print(insn.row, operandsOf(insn, slot, labels, taken))
      const name = insn.row === bpfRow.call ? options.imports?.[insn.imm] : undefined
      if (name !== undefined) text += ` # ${name.replace(/[^ -~]/g, '?')}`
    }
    yield { slot, slots: insn.slots, text }
  }
}

/**
 * The instructions of the code in order, targets as labels. Slots that are no instruction become
 * `.quad`; octets after the last whole slot are left out. O(code).
 * @example [...bpfLines(assembleBpf('exit').code)][0]?.text // 'exit'
 */
export function bpfLines(
  code: Uint8Array,
  options: BpfDisassemblyOptions = {},
): Generator<BpfLine> {
  return linesOf(code, options, labelsOf(code, options))
}

/**
 * `bpfLines` with labels, as text that `assembleBpf` turns into the same code (without `listing`).
 * @example disassembleBpf(assembleBpf('exit').code) // 'exit\n'
 */
export function disassembleBpf(code: Uint8Array, options: BpfDisassemblyOptions = {}): string {
  const labels = labelsOf(code, options)
  const out: string[] = []
  for (const { slot, slots, text } of linesOf(code, options, labels)) {
    const label = labels.get(slot)
    if (label !== undefined) out.push(`${label}:`)
    if (options.listing === true) {
      const bytes = toHex(code.subarray(slot * 8, (slot + slots) * 8))
      out.push(`${String(slot).padStart(6)}  ${bytes.padEnd(32)}  ${text}`)
    } else out.push(labels.size > 0 ? `  ${text}` : text)
  }
  const end = labels.get(code.length >> 3)
  if (end !== undefined) out.push(`${end}:`)
  return out.map((line) => line + '\n').join('')
}
