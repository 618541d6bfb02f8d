/**
 * polkavm's assembly text (polkavm-common/src/assembler.rs), with two more directives:
 *
 *     %isa = latest64          // or by the caller
 *     %rw_data_size = 4096     // and ro_data_size, stack_size; %ro_data, %rw_data = 81 82
 *     %jump_table = @main +0   // entries before those that `a0 = @label` adds; +n is a pc
 *     pub @main:               // exported; a label ends a block with `fallthrough` if need be,
 *     @inside: %no_fallthrough // unless told not to
 *         a0 = a0 + 1
 *         ret
 *     %octets 1 33 07          // an instruction by its octets; %octets 0: no instruction starts
 */
import { AsmError } from '../../bits/errors.ts'
import { linesOf, type Operand, type Operands, type Syntax } from '../text.ts'
import { newPvmInsn, type PvmInsn } from './decode.ts'
import { encodePvm, immLength, maxEncoded } from './encode.ts'
import { pvmSyntax } from './syntax.ts'
import { isTerminator, rowOf } from './table.ts'
import { type PvmIsa, type PvmVersionName, pvmIsa, pvmVersions } from './versions.ts'

export interface PvmAssembly {
  readonly version: PvmVersionName
  readonly code: Uint8Array
  /** One bit per octet of code, least significant first: set where an instruction starts. */
  readonly bitmask: Uint8Array
  readonly jumpTable: Uint32Array
  /** Places by name without `@`; `exports` are those marked `pub`. */
  readonly labels: ReadonlyMap<string, number>
  readonly exports: ReadonlyMap<string, number>
  readonly roData: Uint8Array
  readonly rwData: Uint8Array
  readonly roDataSize: number
  readonly rwDataSize: number
  readonly stackSize: number
}

/** An instruction whose target may be a label, or octets. */
interface Item {
  readonly insn: PvmInsn | undefined
  readonly octets: Uint8Array | undefined
  readonly starts: boolean
  readonly label: string | undefined
  readonly line: number
  length: number
}

const jumpAlignment = 2
/** Rounds of growing offsets that programs need; text made to need more gets full offsets. */
const maxRounds = 20
const maxOffset = 4

function fail(code: string, message: string, line: number, value?: string): AsmError {
  return new AsmError(code, message, { offset: line, value: value?.slice(0, 40) })
}

function octetsOf(text: string, line: number): Uint8Array {
  const hex = text.replaceAll(' ', '')
  if (hex.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(hex))
    throw fail('badOctets', 'expected octets in hex', line, text)
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) =>
    Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16),
  )
}

class Assembler {
  readonly items: Item[] = []
  /** Item index by label. */
  readonly labels = new Map<string, number>()
  readonly exported: string[] = []
  readonly tableEntries: { readonly target: string | number; readonly line: number }[] = []
  readonly data = new Map<string, Uint8Array>()
  readonly sizes = new Map<string, number>()
  version: PvmVersionName | undefined
  atBlockStart = true
  private cached: { readonly isa: PvmIsa; readonly syntax: Syntax } | undefined

  constructor(version: PvmVersionName | undefined) {
    this.version = version
  }

  private dialect(line: number): { readonly isa: PvmIsa; readonly syntax: Syntax } {
    if (this.version === undefined)
      throw fail('noVersion', 'say the version first: %isa = latest64', line)
    if (this.cached?.isa.version !== this.version) {
      const isa = pvmIsa(this.version)
      this.cached = { isa, syntax: pvmSyntax(isa) }
    }
    return this.cached
  }

  get isa(): PvmIsa {
    return this.dialect(0).isa
  }

  private push(line: number, part: Partial<Item>): void {
    this.items.push({
      insn: undefined,
      octets: undefined,
      starts: true,
      label: undefined,
      line,
      length: 1,
      ...part,
    })
  }

  label(name: string, exported: boolean, inside: boolean, line: number): void {
    if (this.labels.has(name)) throw fail('duplicateLabel', `label ${name} again`, line, name)
    if (!this.atBlockStart && !inside) {
      this.push(line, { insn: { ...newPvmInsn(), row: rowOf.fallthrough } })
      this.atBlockStart = true
    }
    this.labels.set(name, this.items.length)
    if (exported) this.exported.push(name)
  }

  directive(text: string, line: number): void {
    const octets = /^%octets ([01])((?: [0-9a-fA-F]{2})+)$/.exec(text)
    if (octets !== null) {
      const bytes = octetsOf(octets[2]!, line)
      this.push(line, { octets: bytes, starts: octets[1] === '1', length: bytes.length })
      const row = octets[1] === '1' ? this.isa.rowByCode[bytes[0]!]! : -1
      this.atBlockStart = row >= 0 && isTerminator(row)
      return
    }
    const [, name = '', value = ''] = /^%(\w+)\s*=\s*(.*)$/.exec(text) ?? []
    if (/^(ro_data|rw_data|stack)_size$/.test(name)) {
      if (!/^\d{1,10}$/.test(value) || Number(value) > 0xffffffff)
        throw fail('badSize', `%${name} is a decimal number below 2^32`, line, value)
      this.sizes.set(name, Number(value))
    } else if (name === 'ro_data' || name === 'rw_data') this.data.set(name, octetsOf(value, line))
    else if (name === 'isa') {
      const version = value.replaceAll('_', '-') as PvmVersionName
      if (!pvmVersions.includes(version))
        throw fail('badVersion', `versions: ${pvmVersions.join(', ')}`, line, value)
      this.version = version
    } else if (name === 'jump_table') {
      for (const entry of value.split(' ')) {
        if (!/^(@\S+|\+\d{1,10})$/.test(entry))
          throw fail('badJumpTable', 'entries are @labels and +pcs', line, entry)
        this.tableEntries.push({ target: entry[0] === '@' ? entry : Number(entry), line })
      }
    } else throw fail('unknownDirective', `unknown directive '${text.slice(0, 40)}'`, line, text)
  }

  instruction(text: string, line: number): void {
    const address = /^(\w+) = (@\S+)$/.exec(text)
    let source = text
    if (address !== null) {
      this.tableEntries.push({ target: address[2]!, line })
      source = `${address[1]} = ${this.tableEntries.length * jumpAlignment}`
    } else if (text === 'ret') source = 'jump [ra]'
    else if (text === 'nop') source = 'ra = ra'
    const { row, operands } = this.dialect(line).syntax.parse(source, line)
    const insn = insnOf(row, operands)
    if (row === rowOf.load_imm_jump_ind && insn.rA === insn.rB && !source.startsWith('tmp'))
      throw fail('badOperand', 'write: tmp = base, base = value, jump [tmp]', line, text)
    const { target } = operands
    const label = typeof target === 'object' ? target.label : undefined
    this.push(line, { insn, label })
    this.atBlockStart = isTerminator(row)
  }

  /** Places by item, the last one the end. Grows instructions until all targets fit; O(n). */
  layout(): Float64Array {
    const pcs = new Float64Array(this.items.length + 1)
    const scratch = new Uint8Array(maxEncoded)
    let changed = true
    for (let round = 0; changed; round++) {
      changed = false
      this.items.forEach((item, index) => {
        pcs[index + 1] = pcs[index]! + item.length
      })
      this.items.forEach((item, index) => {
        if (item.insn === undefined) return
        if (item.label !== undefined) item.insn.target = this.place(item.label, pcs, item.line)
        const relative = item.label === undefined ? 0 : pcs[index]!
        let length = encodePvm(this.isa, item.insn, relative, scratch)
        if (round >= maxRounds && item.label !== undefined)
          length += maxOffset - immLength((item.insn.target - relative) | 0)
        if (length > item.length) {
          item.length = length
          changed = true
        }
      })
    }
    return pcs
  }

  private place(label: string, pcs: Float64Array, line: number): number {
    const index = this.labels.get(label)
    if (index === undefined) throw fail('unknownLabel', `no label ${label}`, line, label)
    return pcs[index]!
  }

  finish(): PvmAssembly {
    const pcs = this.layout()
    const code = new Uint8Array(pcs[this.items.length]!)
    const bitmask = new Uint8Array((code.length + 7) >>> 3)
    const scratch = new Uint8Array(maxEncoded)
    this.items.forEach((item, index) => {
      const pc = pcs[index]!
      if (item.starts) bitmask[pc >>> 3]! |= 1 << (pc & 7)
      if (item.octets !== undefined) code.set(item.octets, pc)
      if (item.insn === undefined) return
      const length = encodePvm(this.isa, item.insn, item.label === undefined ? 0 : pc, scratch)
      // Longer than it needs to be: its last field, the offset, goes on in sign octets.
      const sign = item.insn.target < pc ? 0xff : 0
      if (length < item.length) scratch.fill(sign, length, item.length)
      code.set(scratch.subarray(0, item.length), pc)
    })
    const named = (names: Iterable<string>): Map<string, number> =>
      new Map([...names].map((name) => [name.slice(1), this.place(name, pcs, 0)]))
    const data = (name: string): Uint8Array => this.data.get(name) ?? new Uint8Array(0)
    return {
      version: this.isa.version,
      code,
      bitmask,
      jumpTable: Uint32Array.from(this.tableEntries, ({ target, line }) =>
        typeof target === 'number' ? target : this.place(target, pcs, line),
      ),
      labels: named(this.labels.keys()),
      exports: named(this.exported),
      roData: data('ro_data'),
      rwData: data('rw_data'),
      roDataSize: Math.max(this.sizes.get('ro_data_size') ?? 0, data('ro_data').length),
      rwDataSize: Math.max(this.sizes.get('rw_data_size') ?? 0, data('rw_data').length),
      stackSize: this.sizes.get('stack_size') ?? 0,
    }
  }
}

function insnOf(row: number, operands: Operands): PvmInsn {
  const insn = newPvmInsn()
  insn.row = row
  const number = (value: Operand | undefined): number =>
    value === undefined || typeof value === 'object' ? 0 : Number(value)
  insn.rA = number(operands['rA'])
  insn.rB = number(operands['rB'])
  insn.rD = number(operands['rD'])
  insn.immX = number(operands['immX'] ?? operands['negated'])
  insn.immY = number(operands['immY'])
  insn.target = number(operands['target'])
  const imm64 = operands['imm64']
  if (typeof imm64 === 'bigint') {
    insn.imm64Low = Number(BigInt.asIntN(32, imm64))
    insn.imm64High = Number(BigInt.asIntN(32, imm64 >> 32n))
  }
  return insn
}

/**
 * Assembles polkavm's text, see the head of this file.
 * @throws {AsmError} offsets are line numbers, from 1
 * @example assemblePvm('pub @main:\n a0 = a0 + a1\n ret', { version: 'jam-v1' }).exports
 */
export function assemblePvm(
  text: string,
  options: { readonly version?: PvmVersionName } = {},
): PvmAssembly {
  const assembler = new Assembler(options.version)
  for (const { line, labels, text: raw } of linesOf(text)) {
    // `pub @name:` is no label to `linesOf`, which knows nothing of `pub`.
    const exported = /^pub\s+(@[\w.$@]+)\s*:\s*(.*)$/.exec(raw)
    const rest = exported === null ? raw : exported[2]!
    const inside = rest === '%no_fallthrough'
    for (const label of labels) {
      if (!label.startsWith('@')) throw fail('badLabel', 'labels begin with @', line, label)
      assembler.label(label, false, inside, line)
    }
    if (exported !== null) assembler.label(exported[1]!, true, inside, line)
    if (inside || rest === '') continue
    if (rest.startsWith('%')) assembler.directive(rest, line)
    else assembler.instruction(rest, line)
  }
  return assembler.finish()
}
