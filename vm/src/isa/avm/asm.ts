import { AsmError } from '../../bits/errors.ts'
import { fromHex } from '../../bits/hex.ts'
import { linesOf, type Operand, type SourceLine } from '../text.ts'
import type { AvmFunctionSource, AvmPlace } from './encode.ts'
import { type AvmInsn, avmInsn } from './insn.ts'
import { avmSyntax } from './syntax.ts'
import { avmCodeBase, avmRow, avmRows, avmShapes } from './table.ts'

/** What a text says: instructions for `encodeAvm`, and what a container holds beside code. */
export interface AvmText {
  readonly functions: readonly (AvmFunctionSource & { readonly name: string })[]
  readonly codeTable: readonly AvmPlace[]
  readonly imports: readonly string[]
  /** Exports and the functions that they are, by index. */
  readonly exports: readonly { readonly name: string; readonly function: number }[]
  /** Bytes, or undefined where the text does not say. */
  readonly stackSize: number | undefined
  readonly bssSize: number
  readonly readOnly: Uint8Array
  readonly data: Uint8Array
}

interface OpenFunction {
  readonly name: string
  readonly frameSize: number
  readonly args: number
  readonly slots: number
  readonly insns: AvmInsn[]
}

/** An operand that names a place which may come later. */
interface Fixup {
  readonly insn: AvmInsn
  readonly function: number
  readonly label: string
  readonly line: number
}

function fail(code: string, message: string, line: number, value: string): never {
  throw new AsmError(code, message, { offset: line, value: value.slice(0, 40) })
}

function wholeNumber(text: string | undefined, line: number): number {
  if (text === undefined || !/^\d{1,9}$/.test(text))
    fail('badOperand', 'expected a number', line, text ?? '')
  return Number(text)
}

class Assembler {
  readonly functions: OpenFunction[] = []
  readonly names = new Map<string, AvmPlace>()
  readonly imports: string[] = []
  readonly exports: { name: string; of: string; line: number }[] = []
  readonly entries: { label: string; line: number }[] = []
  readonly fixups: Fixup[] = []
  readonly bytes: Record<'rodata' | 'data', string> = { rodata: '', data: '' }
  stackSize: number | undefined
  bssSize = 0

  define(name: string, line: number, place: AvmPlace): void {
    if (this.names.has(name)) fail('duplicateLabel', `'${name}' is already defined`, line, name)
    this.names.set(name, place)
  }

  line({ labels, line, text }: SourceLine): void {
    const open = this.functions[this.functions.length - 1]
    for (const label of labels) {
      if (open === undefined) fail('noFunction', `label '${label}' is in no function`, line, label)
      this.define(label, line, { function: this.functions.length - 1, insn: open.insns.length })
    }
    if (text.startsWith('.')) this.directive(text.split(/\s+/), line)
    else if (text !== '') {
      if (open === undefined) fail('noFunction', 'an instruction is in no function', line, text)
      open.insns.push(this.instruction(text, line))
    }
  }

  private directive([name, ...words]: readonly string[], line: number): void {
    const [first = '', second] = words
    switch (name) {
      case '.func':
        return this.open(words, line)
      case '.import':
        this.imports.push(...words)
        return
      case '.export':
        this.exports.push({ name: first, of: second ?? first, line })
        return
      case '.code':
        for (const label of words) this.entries.push({ label, line })
        return
      case '.stack':
        this.stackSize = wholeNumber(first, line)
        return
      case '.bss':
        this.bssSize = wholeNumber(first, line)
        return
      case '.rodata':
      case '.data':
        for (const word of words) {
          if (!/^([\da-f]{2})+$/i.test(word)) fail('badOperand', 'expected hex octets', line, word)
          this.bytes[name === '.data' ? 'data' : 'rodata'] += word
        }
        return
      default:
        fail('unknownDirective', `no directive '${name}'`, line, name ?? '')
    }
  }

  /** `.func NAME [frame=BYTES] [args=N] [slots=N] [export]` */
  private open([name = '', ...options]: readonly string[], line: number): void {
    let frameSize = 0
    let args = 0
    let slots = 0
    for (const option of options) {
      const [key, value] = option.split('=')
      if (key === 'frame') frameSize = wholeNumber(value, line)
      else if (key === 'args') args = wholeNumber(value, line)
      else if (key === 'slots') slots = wholeNumber(value, line)
      else if (option === 'export') this.exports.push({ name, of: name, line })
      else fail('badOperand', 'a function has frame=N, args=N, slots=N, export', line, option)
    }
    this.define(name, line, { function: this.functions.length, insn: 0 })
    this.functions.push({ name, frameSize, args, slots, insns: [] })
  }

  private instruction(text: string, line: number): AvmInsn {
    const { operands, row } = avmSyntax().parse(text, line)
    const { name, shape } = avmRows[row]!
    const has = (operand: 'a' | 'b' | 'c'): boolean => avmShapes[shape].includes(operand)
    const number = (operand: Operand | undefined): number =>
      typeof operand === 'number' ? operand : 0
    const { base, imm, off, target } = operands
    const b = base === undefined ? operands['b'] : base
    const insn = avmInsn(name, {
      a: has('a') ? number(operands['a']) : 0,
      b: has('b') ? number(b) : 0,
      c: has('c') ? number(operands['c']) : 0,
      imm: typeof imm === 'object' || imm === undefined ? 0 : imm,
      off: number(off),
      target: number(target),
    })
    const label = typeof target === 'object' ? target : typeof imm === 'object' ? imm : undefined
    const open = this.functions.length - 1
    if (label !== undefined) this.fixups.push({ insn, function: open, label: label.label, line })
    else if (shape === 'branch' || shape === 'branchi' || shape === 'jump')
      fail('badOperand', 'a branch names a label', line, text)
    return insn
  }

  private placeOf(label: string, line: number): AvmPlace {
    return this.names.get(label) ?? fail('unknownLabel', `no label '${label}'`, line, label)
  }

  private functionOf(label: string, line: number): number {
    const place = this.placeOf(label, line)
    if (this.functions[place.function]!.name !== label)
      fail('unknownLabel', `'${label}' is no function`, line, label)
    return place.function
  }

  finish(): AvmText {
    const taken = new Map<string, number>()
    const table: AvmPlace[] = []
    const enter = (label: string, line: number): number => {
      table.push(this.placeOf(label, line))
      return table.length - 1
    }
    for (const { label, line } of this.entries) {
      const index = enter(label, line)
      if (!taken.has(label)) taken.set(label, index)
    }
    for (const { function: from, insn, label, line } of this.fixups) {
      if (insn.row === avmRow.host) {
        insn.target = this.imports.indexOf(label)
        if (insn.target < 0) fail('unknownImport', `no import '${label}'`, line, label)
      } else if (insn.row === avmRow.call) insn.target = this.functionOf(label, line)
      else if (insn.row === avmRow.li) {
        const index = taken.get(label) ?? enter(label, line)
        taken.set(label, index)
        insn.low = avmCodeBase + 2 * index
      } else {
        const place = this.placeOf(label, line)
        if (place.function !== from)
          fail('unknownLabel', `'${label}' is in another function`, line, label)
        insn.target = place.insn
      }
    }
    return {
      functions: this.functions,
      codeTable: table,
      imports: this.imports,
      exports: this.exports
        .map(({ line, name, of }) => ({ name, function: this.functionOf(of, line) }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
      stackSize: this.stackSize,
      bssSize: this.bssSize,
      readOnly: fromHex(this.bytes.rodata),
      data: fromHex(this.bytes.data),
    }
  }
}

/**
 * Reads a source: one instruction or directive a line, `label:` before it, comments after `#`, `;` or `//`.
 *
 *     .func NAME [frame=BYTES] [args=N] [slots=N] [export]   the function that what follows belongs to
 *     .export NAME [FUNCTION]      .import NAME...      .code LABEL...   entries of the code table, in order
 *     .stack BYTES   .bss BYTES    .rodata HEX...       .data HEX...
 *
 * Branches name labels, `call` functions, `host` imports; `li r1, label` loads a code address. O(length of the source).
 * @throws {AsmError} `unknownInstruction`, `badOperand`, `operandCount`, `duplicateLabel`, `unknownLabel`,
 *   `unknownImport`, `unknownDirective`, `noFunction`; the offset is the line, from 1
 * @example parseAvm('.func one export\n li r0, 1\n ret').functions[0].insns.length // 2
 */
export function parseAvm(source: string): AvmText {
  const assembler = new Assembler()
  for (const line of linesOf(source)) assembler.line(line)
  if (assembler.functions.length === 0) fail('noFunction', 'the text has no function', 1, '')
  return assembler.finish()
}
