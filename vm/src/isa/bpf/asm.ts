import { ByteWriter } from '../../bits/bytes.ts'
import { AsmError } from '../../bits/errors.ts'
import {
  displacementKind,
  immediateKind,
  linesOf,
  type Operand,
  type OperandKind,
  registerKind,
  type Syntax,
  syntaxOf,
  type Template,
  targetKind,
} from '../text.ts'
import { type BpfInsn, encodeBpf, newBpfInsn } from './decode.ts'
import { bpfAliases, bpfForms, bpfRow, bpfRows } from './table.ts'

/** A code address is `codeBase + 8 * slot`; no data address of a linear32 memory can equal one. */
export const bpfCodeBase = 0x1_0000_0000n

const names = Array.from({ length: 11 }, (_, index) => `r${index}`)
const imm64 = immediateKind(64, true)
const target64 = targetKind(64)

/** Operand kinds of the text by kind of field (`bpfForms`). */
const kinds: Readonly<Record<string, OperandKind>> = {
  reg: registerKind(names, 'a register r0..r10'),
  wreg: registerKind(names.slice(0, 10), 'a register r0..r9'),
  imm: immediateKind(32, false),
  disp: displacementKind(16),
}
const targets: Readonly<Record<number, OperandKind>> = { 16: targetKind(16), 32: targetKind(32) }

/** `lddw` takes a number or a label, whose code address it loads. */
const constant: OperandKind = {
  what: 'a number or a label',
  parse: (tokens, at) => imm64.parse(tokens, at) ?? target64.parse(tokens, at),
  print: (value) => (typeof value === 'object' ? value.label : imm64.print(value)),
}

function templateOf(row: number, syntax: string): Template {
  const fields = Object.entries(bpfForms[bpfRows[row]!.form])
  const byField = fields.map(([name, [, width, kind]]): [string, OperandKind] => [
    name,
    kind === 'target' ? targets[width]! : kinds[kind]!,
  ])
  return { row, syntax, kinds: { ...Object.fromEntries(byField), imm64: constant } }
}

let made: Syntax | undefined

/** The text of eBPF instructions, in the dialect of ubpf and bpf_conformance; `%` is optional. */
export function bpfSyntax(): Syntax {
  made ??= syntaxOf([
    ...bpfRows.map((row, index) => templateOf(index, row.syntax)),
    ...bpfAliases.map(([syntax, name]) => templateOf(bpfRow[name], syntax)),
  ])
  return made
}

export interface BpfAssembly {
  readonly code: Uint8Array
  /** Slots by label. */
  readonly labels: ReadonlyMap<string, number>
  /** Slots whose code address an `lddw` loads, ascending; the valid targets of `gotox`. */
  readonly addressTaken: readonly number[]
}

/** An instruction whose operand `field` waits for a label. */
interface Fixup {
  readonly insn: BpfInsn
  readonly slot: number
  readonly field: 'off' | 'imm' | 'imm64'
  readonly label: string
  readonly line: number
}

class Assembler {
  /** What the code is made of: instructions, or octets as they are. */
  readonly parts: (BpfInsn | Uint8Array)[] = []
  readonly labels = new Map<string, number>()
  readonly fixups: Fixup[] = []
  firstExit = -1
  slot = 0

  define(label: string, line: number): void {
    if (this.labels.has(label)) {
      const place = { offset: line, value: label }
      throw new AsmError('duplicateLabel', `label '${label}' is already defined`, place)
    }
    this.labels.set(label, this.slot)
  }

  instruction(text: string, line: number): void {
    const { row, operands } = bpfSyntax().parse(text, line)
    const insn: BpfInsn = { ...newBpfInsn(), row, slots: row === bpfRow.lddw ? 2 : 1 }
    for (const [field, value] of Object.entries(operands)) this.operand(insn, field, value, line)
    if (row === bpfRow.exit && this.firstExit < 0) this.firstExit = this.slot
    this.parts.push(insn)
    this.slot += insn.slots
  }

  operand(insn: BpfInsn, field: string, value: Operand, line: number): void {
    if (typeof value === 'object') {
      const named = {
        insn,
        slot: this.slot,
        field: field as Fixup['field'],
        label: value.label,
        line,
      }
      this.fixups.push(named)
    } else if (field === 'imm64') {
      setConstant(insn, BigInt(value))
    } else {
      insn[field as 'dst' | 'src' | 'off' | 'imm'] = Number(value)
    }
  }

  /** `.quad N`: eight octets, so that what is no instruction can be written too. */
  directive(text: string, line: number): void {
    const tokens = text.slice('.quad'.length).match(/[-+]|\w+|\S/g) ?? []
    const taken = /^\.quad\s/.test(text) ? imm64.parse(tokens, 0) : undefined
    if (typeof taken !== 'object' || taken.next !== tokens.length) {
      const place = { offset: line, value: text.slice(0, 40) }
      throw new AsmError('badOperand', "the one directive is '.quad NUMBER'", place)
    }
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, taken.value as bigint), true)
    this.parts.push(bytes)
    this.slot++
  }

  resolve(): number[] {
    const taken = new Set<number>()
    for (const { insn, slot, field, label, line } of this.fixups) {
      const to = this.labels.get(label) ?? (label === 'exit' ? this.firstExit : -1)
      const place = { offset: line, value: label }
      if (to < 0) throw new AsmError('unknownLabel', `no label '${label}'`, place)
      if (field === 'imm64') {
        taken.add(to)
        setConstant(insn, bpfCodeBase + 8n * BigInt(to))
        continue
      }
      const distance = to - slot - 1
      if (field === 'off' && distance !== (distance << 16) >> 16)
        throw new AsmError('tooFar', `label '${label}' is ${distance} slots away`, place)
      insn[field] = distance
    }
    return [...taken].sort((a, b) => a - b)
  }
}

function setConstant(insn: BpfInsn, value: bigint): void {
  insn.imm = Number(BigInt.asIntN(32, value))
  insn.immHigh = Number(BigInt.asIntN(32, value >> 32n))
}

/**
 * Assembles a source: one instruction a line, `label:` before it, comments after `#`, `;` or `//`.
 * A target is a label, or `+n` or `-n` slots from the next instruction; `lddw r1, label` loads a
 * code address. `.quad N` puts eight octets into the code. The label `exit` is the first exit
 * instruction unless it is defined. O(length of the source).
 * @throws {AsmError} `unknownInstruction`, `badOperand`, `operandCount`, `duplicateLabel`,
 * `unknownLabel`, `tooFar`; the offset is the line, from 1
 * @example assembleBpf('mov r0, 1\n exit').code.length // 16
 */
export function assembleBpf(source: string): BpfAssembly {
  const assembler = new Assembler()
  for (const { line, labels, text } of linesOf(source)) {
    for (const label of labels) assembler.define(label, line)
    if (text.startsWith('.')) assembler.directive(text, line)
    else if (text !== '') assembler.instruction(text, line)
  }
  const addressTaken = assembler.resolve()
  const writer = new ByteWriter()
  for (const part of assembler.parts)
    writer.bytes(part instanceof Uint8Array ? part : encodeBpf(part))
  return { code: writer.finish(), labels: assembler.labels, addressTaken }
}
