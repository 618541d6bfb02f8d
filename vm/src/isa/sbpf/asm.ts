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
  takeNumber,
  targetKind,
} from '../text.ts'
import { encodeSbpf, newSbpfInsn, type SbpfInsn } from './decode.ts'
import { hasRow, sbpfForms, sbpfRow, sbpfRows } from './table.ts'
import { type SbpfVersionName, sbpfFeatures } from './version.ts'

const names = Array.from({ length: 11 }, (_, index) => `r${index}`)
const registers = registerKind(names, 'a register r0..r10')
const imm32 = immediateKind(32, true)

/** As `targetKind`, but a number needs no sign. */
function distanceKind(width: number): OperandKind {
  const signed = targetKind(width)
  return {
    what: 'a label or a distance',
    parse(tokens, at) {
      const number = takeNumber(tokens, at)
      if (number === undefined || tokens[at] === '+' || tokens[at] === '-')
        return signed.parse(tokens, at)
      return typeof number === 'string'
        ? number
        : { value: Number(number.value), next: number.next }
    },
    print: signed.print,
  }
}

/** The hash of a call, in hex, or a name that has one. */
const hash: OperandKind = {
  what: 'a name or a hash',
  parse: (tokens, at) => imm32.parse(tokens, at) ?? targetKind(32).parse(tokens, at),
  print: (value) =>
    typeof value === 'object' ? value.label : `0x${(Number(value) >>> 0).toString(16)}`,
}

/** Operand kinds of the text by kind of field (`sbpfForms`). */
const kinds: Readonly<Record<string, OperandKind>> = {
  // r10 is written by one instruction of V1 and V2; the verifier says which
  reg: registers,
  wreg: registers,
  imm: imm32,
  disp: displacementKind(16),
  hash,
}
const targets: Readonly<Record<number, OperandKind>> = {
  16: distanceKind(16),
  32: distanceKind(32),
}

function templateOf(row: number, syntax: string): Template {
  const fields = Object.entries(sbpfForms[sbpfRows[row]!.form])
  const byField = fields.map(([name, [, width, kind]]): [string, OperandKind] => [
    name,
    kind === 'target' ? targets[width]! : kinds[kind]!,
  ])
  return {
    row,
    syntax,
    kinds: { ...Object.fromEntries(byField), imm64: immediateKind(64, true) },
  }
}

/** Where hashes name functions, `call` names one by its label. */
const callByHash = 'call {imm}'

const syntaxes = new Map<SbpfVersionName, Syntax>()

/**
 * The text of a version's instructions, in the dialect of solana-sbpf: widths are in names, `add` and
 * `jeq64` are read for `add64` and `jeq`.
 */
export function sbpfSyntax(version: SbpfVersionName): Syntax {
  let syntax = syntaxes.get(version)
  if (syntax === undefined) {
    const features = sbpfFeatures[version]
    const rows = sbpfRows.flatMap((row, index) => (hasRow(row, features) ? [{ row, index }] : []))
    const aliases = rows.flatMap(({ row, index }) => {
      const [, name = '', rest = ''] = /^(\w+) (.*)$/.exec(row.syntax) ?? []
      const other = name.endsWith('64') && !/^[lb]e/.test(name) ? name.slice(0, -2) : undefined
      if (other !== undefined) return [templateOf(index, `${other} ${rest}`)]
      const jumps = row.form === 'jrr' || row.form === 'jri'
      return jumps && !name.endsWith('32') ? [templateOf(index, `${name}64 ${rest}`)] : []
    })
    const calls = features.staticSyscalls
      ? []
      : [{ row: sbpfRow.call, syntax: callByHash, kinds: { imm: targets[32]! } }]
    syntax = syntaxOf([
      ...rows.map(({ row, index }) => templateOf(index, row.syntax)),
      ...aliases,
      ...calls,
    ])
    syntaxes.set(version, syntax)
  }
  return syntax
}

export interface SbpfAssembly {
  readonly code: Uint8Array
  /** Slots by label. */
  readonly labels: ReadonlyMap<string, number>
  /** V0 to V2: slots by what `call` has as its immediate: the slot itself. */
  readonly functions: ReadonlyMap<number, number>
}

export interface SbpfAsmOptions {
  readonly version: SbpfVersionName
  /** The hash of a syscall's name; names are refused without it. */
  readonly hashOf?: (name: string) => number
}

/** An instruction whose operand waits for a label. */
interface Fixup {
  readonly insn: SbpfInsn
  readonly slot: number
  readonly field: 'off' | 'imm'
  readonly label: string
  readonly line: number
  /** A call that names its slot, not its distance. */
  readonly absolute: boolean
}

class Assembler {
  readonly options: SbpfAsmOptions
  readonly parts: (SbpfInsn | Uint8Array)[] = []
  readonly labels = new Map<string, number>()
  readonly functions = new Map<number, number>()
  private readonly fixups: Fixup[] = []
  private slot = 0

  constructor(options: SbpfAsmOptions) {
    this.options = options
  }

  define(label: string, line: number): void {
    if (this.labels.has(label)) {
      const place = { offset: line, value: label }
      throw new AsmError('duplicateLabel', `label '${label}' is already defined`, place)
    }
    this.labels.set(label, this.slot)
  }

  instruction(text: string, line: number): void {
    const { row, operands } = sbpfSyntax(this.options.version).parse(text, line)
    const insn: SbpfInsn = { ...newSbpfInsn(), row, slots: row === sbpfRow.lddw ? 2 : 1 }
    const callsSlot = row === sbpfRow.call && text.startsWith('call')
    for (const [field, value] of Object.entries(operands))
      this.operand(insn, field, value, line, callsSlot)
    this.parts.push(insn)
    this.slot += insn.slots
  }

  private operand(
    insn: SbpfInsn,
    field: string,
    value: Operand,
    line: number,
    absolute: boolean,
  ): void {
    const { form } = sbpfRows[insn.row]!
    if (field === 'imm64') {
      const constant = BigInt(value as number | bigint)
      insn.imm = Number(BigInt.asIntN(32, constant))
      insn.immHigh = Number(BigInt.asIntN(32, constant >> 32n))
    } else if (typeof value !== 'object') {
      const number = Number(value)
      if (absolute) this.callSlot(insn, this.slot + 1 + number)
      else insn[field as 'dst' | 'src' | 'off' | 'imm'] = number
    } else if (form === 'hash' && !absolute) {
      const { hashOf } = this.options
      if (hashOf === undefined) {
        const place = { offset: line, value: value.label }
        throw new AsmError('unknownName', `no hash is known for '${value.label}'`, place)
      }
      insn.imm = hashOf(value.label) | 0
    } else {
      const named = { insn, slot: this.slot, label: value.label, line, absolute }
      this.fixups.push({ ...named, field: field as Fixup['field'] })
    }
  }

  private callSlot(insn: SbpfInsn, slot: number): void {
    insn.imm = slot
    this.functions.set(slot >>> 0, slot)
  }

  /** `.quad N`: eight octets; `.fill COUNT, N`: so many times. */
  directive(text: string, line: number): void {
    const tokens = text.match(/[-+]|\.?\w+|\S/g) ?? []
    const [name, ...rest] = tokens
    const count = name === '.fill' ? takeNumber(rest, 0) : undefined
    const at = typeof count === 'object' && rest[count.next] === ',' ? count.next + 1 : 0
    const value = takeNumber(rest, at)
    const known = name === '.quad' || (name === '.fill' && at > 0)
    if (!known || typeof value !== 'object' || value.next !== rest.length) {
      const place = { offset: line, value: text.slice(0, 40) }
      throw new AsmError(
        'badOperand',
        "directives are '.quad NUMBER', '.fill COUNT, NUMBER'",
        place,
      )
    }
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value.value), true)
    const times = typeof count === 'object' ? Number(count.value) : 1
    for (let i = 0; i < times; i++) this.parts.push(bytes)
    this.slot += times
  }

  resolve(): void {
    for (const { absolute, insn, slot, field, label, line } of this.fixups) {
      const to = this.labels.get(label) ?? (label === 'entrypoint' ? 0 : undefined)
      const place = { offset: line, value: label }
      if (to === undefined) throw new AsmError('unknownLabel', `no label '${label}'`, place)
      const distance = to - slot - 1
      if (field === 'off' && distance !== (distance << 16) >> 16)
        throw new AsmError('tooFar', `label '${label}' is ${distance} slots away`, place)
      if (absolute) this.callSlot(insn, to)
      else insn[field] = distance
    }
  }
}

/**
 * Assembles a source: one instruction a line, `label:` before it, comments after `#`, `;` or `//`. A
 * target is a label, or a distance from the next instruction. `call label` calls a function (V0 to V2:
 * the hash is the slot, as solana-sbpf's assembler has it), `syscall name` by the name's hash.
 * `.quad N` puts eight octets into the code. O(length of the source).
 * @throws {AsmError} `unknownInstruction`, `badOperand`, `operandCount`, `duplicateLabel`,
 * `unknownLabel`, `unknownName`, `tooFar`; the offset is the line, from 1
 * @example assembleSbpf('mov64 r0, 1\n exit', { version: 'v3' }).code.length // 16
 */
export function assembleSbpf(source: string, options: SbpfAsmOptions): SbpfAssembly {
  const assembler = new Assembler(options)
  for (const { line, labels, text } of linesOf(source)) {
    for (const label of labels) assembler.define(label, line)
    if (text.startsWith('.')) assembler.directive(text, line)
    else if (text !== '') assembler.instruction(text, line)
  }
  assembler.resolve()
  const writer = new ByteWriter()
  for (const part of assembler.parts)
    writer.bytes(part instanceof Uint8Array ? part : encodeSbpf(options.version, part))
  const { functions, labels } = assembler
  return { code: writer.finish(), labels, functions }
}
