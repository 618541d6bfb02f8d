import { riscvRegisters } from 'alcatraz-vm/riscv'
import { encodeRiscv } from '#vm/isa/riscv/encode'
import { type RiscvForm, riscvForms, riscvRows } from '#vm/isa/riscv/table'
import type { CallTarget, CodePlace, CodeWord, LinkedCode } from '#vm/link/riscv-linked'

/** Addresses of the code, and of what code addresses are as values. */
export const codeLayout = {
  codeAddress: 0x2000_0000,
  codeValues: { base: 0x4000_0000, step: 2 },
} as const

export interface CodeOptions {
  readonly version?: 'rv32' | 'rv64'
  /** Names of exported functions; all unless told. */
  readonly exports?: readonly string[]
  /** Jump tables and tables of functions: names of places by address. `relative`: words count from the table. */
  readonly tables?: readonly {
    readonly address: number
    readonly size: number
    readonly places: readonly string[]
    readonly relative?: boolean
  }[]
}

interface Place {
  readonly pc: number
  readonly func: number
}

/**
 * Assembles a few functions as if they were linked. A line is `name:` (a function), `.name:` (a place in it), an instruction as
 * the disassembler prints it, or one of `call f`, `tail f`, `callt0 f`, `ret`, `mv`, `li`, `j .name`, `.half n`.
 * What is called and no function is an import.
 */
export function riscvCode(text: string, options: CodeOptions = {}): LinkedCode {
  const { version = 'rv64' } = options
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const places = new Map<string, Place>()
  const starts: { readonly name: string; readonly start: number }[] = []
  let pc = 0
  for (const line of lines) {
    if (line.endsWith(':')) {
      const name = line.slice(0, -1)
      if (!name.startsWith('.')) starts.push({ name, start: pc })
      places.set(name, { pc, func: starts.length - 1 })
    } else pc += /^(call|tail|callt0) /.test(line) ? 8 : line.startsWith('.half') ? 2 : 4
  }
  const imports: string[] = []
  const calls = new Map<number, CallTarget>()
  const target = (name: string): CallTarget => {
    const index = starts.findIndex((func) => func.name === name)
    if (index >= 0) return { kind: 'function', index }
    if (!imports.includes(name)) imports.push(name)
    return { kind: 'import', index: imports.indexOf(name) }
  }
  const bytes: number[] = []
  const word = (value: number): void => {
    bytes.push(value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24)
  }
  for (const line of lines) {
    if (line.endsWith(':')) continue
    const at = bytes.length
    const call = /^(call|tail|callt0) (\S+)$/.exec(line)
    const to = (name: string): number => {
      const place = places.get(name)
      if (place === undefined) throw new Error(`no place ${name}`)
      if (!name.startsWith('.')) calls.set(at, target(name))
      return place.pc - at
    }
    if (call !== null) {
      calls.set(at, target(call[2]!))
      const [temporary, link] = call[1] === 'call' ? [1, 1] : call[1] === 'tail' ? [6, 0] : [5, 5]
      word(insn('auipc', version, { rd: temporary!, imm: 0 }))
      word(insn('jalr', version, { rd: link!, rs1: temporary!, imm: 0 }))
    } else if (line.startsWith('.half')) {
      const value = Number(line.slice(6))
      bytes.push(value & 0xff, value >> 8)
    } else word(assembled(line, version, to))
  }
  const table: CodePlace[] = []
  const entryOf = (name: string): number => {
    const { func, pc: at } = places.get(name)!
    const known = table.findIndex((place) => place.pc === at)
    if (known >= 0) return known
    const value = codeLayout.codeValues.base + codeLayout.codeValues.step * table.length
    table.push({ pc: at, index: func, isFunction: !name.startsWith('.'), value })
    return table.length - 1
  }
  const codeWords: CodeWord[] = []
  for (const { address, places: names, relative, size } of options.tables ?? [])
    names.forEach((name, i) => {
      const from = relative === true ? address : 0
      codeWords.push({ address: address + i * size, size, entry: entryOf(name), from })
    })
  const exported = options.exports ?? starts.map(({ name }) => name)
  const functions = starts.map(({ name, start }, i) => ({
    name,
    start,
    end: starts[i + 1]?.start ?? bytes.length,
    exported: exported.includes(name),
    addressTaken: table.some((place) => place.pc === start),
  }))
  const dataAddress = 0x2_0000
  const data = new Uint8Array(0x1000)
  const view = new DataView(data.buffer)
  for (const { address, entry, from, size } of codeWords) {
    const value = table[entry]!.value - from
    if (size === 8) view.setBigInt64(address - dataAddress, BigInt(value), true)
    else view.setInt32(address - dataAddress, value, true)
  }
  return {
    isa: 'riscv',
    version,
    embedded: false,
    code: Uint8Array.from(bytes),
    codeAddress: codeLayout.codeAddress,
    functions,
    calls,
    codeTable: table,
    readOnly: { address: 0x1_0000, bytes: new Uint8Array(0) },
    data: { address: dataAddress, bytes: data },
    bss: { address: dataAddress + data.length, size: 0 },
    codeWords,
    imports,
    exports: functions.flatMap(({ exported: is, name }, index) => (is ? [{ name, index }] : [])),
    entry: undefined,
    objects: [],
    lines: [],
    sources: [],
  }
}

type Fields = Partial<Record<'rd' | 'rs1' | 'rs2' | 'imm', number>>

function insn(name: string, version: 'rv32' | 'rv64', fields: Fields): number {
  const row = riscvRows.findIndex(
    (known) => known.name === name && (known.width === 'both' || known.width === version),
  )
  const value = row < 0 ? undefined : encodeRiscv(row, { rd: 0, rs1: 0, rs2: 0, imm: 0, ...fields })
  if (value === undefined) throw new Error(`cannot assemble ${name} ${JSON.stringify(fields)}`)
  return value
}

const names: readonly string[] = riscvRegisters
const register = (name: string): number => {
  const index = names.indexOf(name)
  if (index < 0) throw new Error(`no register ${name}`)
  return index
}

const pseudo: Readonly<Record<string, (operands: readonly string[]) => string>> = {
  ret: () => 'jalr zero, 0(ra)',
  mv: ([to, from]) => `addi ${to}, ${from}, 0`,
  li: ([to, value]) => `addi ${to}, zero, ${value}`,
  j: ([to]) => `jal zero, ${to}`,
  jr: ([to]) => `jalr zero, 0(${to})`,
  unimp: () => '',
}

function assembled(text: string, version: 'rv32' | 'rv64', to: (name: string) => number): number {
  const parts = (line: string): readonly string[] =>
    line.split(/[\s,()]+/).filter((part) => part !== '')
  let [name = '', ...operands] = parts(text)
  const short = pseudo[name]
  if (name === 'unimp') return 0xc0001073
  if (short !== undefined) [name = '', ...operands] = parts(short(operands))
  const row = riscvRows.find((known) => known.name === name)
  if (row === undefined) throw new Error(`no instruction ${name}`)
  const fields: Fields = {}
  for (const [, field] of riscvForms[row.form as RiscvForm].matchAll(/\{(\w+)\}/g)) {
    const operand = operands.shift()!
    if (field === 'target') fields.imm = to(operand)
    else if (field === 'upper') fields.imm = Number(operand) << 12
    else if (field === 'imm') fields.imm = Number(operand)
    else fields[field as 'rd' | 'rs1' | 'rs2'] = register(operand)
  }
  return insn(name, version, fields)
}
