import {
  compressedRows,
  encodeCompressed,
  encodeRiscv,
  type RiscvForm,
  type RiscvOperands,
  riscvRows,
} from 'alcatraz-vm/riscv'
import { edges32, edges64, type RowUnderTest, range, type SetUnderTest } from './rows.ts'

const data = 0x11000
const fieldsOf: Readonly<Record<RiscvForm, readonly (keyof RiscvOperands)[]>> = {
  none: [],
  rrr: ['rd', 'rs1', 'rs2'],
  rr: ['rd', 'rs1'],
  rri: ['rd', 'rs1'],
  upper: ['rd'],
  load: ['rd', 'rs1'],
  store: ['rs2', 'rs1'],
  branch: ['rs1', 'rs2'],
  jump: ['rd'],
  jumpr: ['rd', 'rs1'],
  reserve: ['rd', 'rs1'],
  atomic: ['rd', 'rs2', 'rs1'],
}

function immediatesOf(form: RiscvForm, length: number): number[] {
  // branches and jumps go over the first of the two host calls
  if (form === 'branch' || form === 'jump') return [length + 4]
  if (form === 'upper') return [0, 0x1000, -0x1000, 0x7fff_f000, -0x8000_0000]
  if (form === 'jumpr') return [0, 1, -2048]
  if (form === 'load' || form === 'store') return [0, 1, -1, 8, 2047, -2048]
  return form === 'rri' ? [0, 1, -1, 31, 32, 63, 2047, -2048] : [0]
}

const octets = (word: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (word >>> (8 * i)) & 0xff)

function fullRows(wide: boolean): RowUnderTest[] {
  return riscvRows.flatMap(({ form, name, width }, index) => {
    if (width !== 'both' && width !== (wide ? 'rv64' : 'rv32')) return []
    const fields = fieldsOf[form]
    return {
      name,
      fields: fields.map(() => range(0, 32)),
      immediates: immediatesOf(form, 4),
      isMemory: ['load', 'store', 'reserve', 'atomic'].includes(form),
      encode(registers, imm) {
        const operands = { rd: 0, rs1: 0, rs2: 0, imm }
        fields.forEach((field, i) => {
          operands[field] = registers[i]!
        })
        const word = encodeRiscv(index, operands)
        return word === undefined ? undefined : octets(word, 4)
      },
    }
  })
}

function shortRows(wide: boolean): RowUnderTest[] {
  return compressedRows.flatMap(({ expansion, name, pattern, width }, index) => {
    if (width !== 'both' && width !== (wide ? 'rv64' : 'rv32')) return []
    const { form } = riscvRows.find((row) => row.name === expansion)!
    const jumps = form === 'branch' || form === 'jump'
    return {
      name,
      fields: pattern.registers.map(({ short }) => (short ? range(8, 16) : range(0, 32))),
      immediates: jumps ? [6] : [0, 1, 4, 8, 16, 31, -1, -16, -32, 32, 64, 0x1000, -0x1000],
      isMemory: form === 'load' || form === 'store',
      encode(registers, imm) {
        const operands = { rd: 0, rs1: 0, rs2: 0, imm }
        pattern.registers.forEach((place, i) => {
          operands[place.name] = registers[i]!
        })
        const word = encodeCompressed(index, operands)
        return word === undefined ? undefined : octets(word, 2)
      },
    }
  })
}

/** RISC-V of one width: instructions of 32 and of 16 bits, all extensions. */
export function riscvSet(version: 'rv32' | 'rv64'): SetUnderTest {
  const wide = version === 'rv64'
  return {
    name: version,
    rows: [...fullRows(wide), ...shortRows(wide)],
    registers: 32,
    settable: range(0, 32),
    values: wide ? edges64 : edges32,
    addresses: [0, 1, 4, 8, 3, 0xff8, 0xffc, 0xfff, 0x1000, 0x1ff8, 0x1ffd, 0x2000]
      .map((at) => BigInt(data + at))
      .concat(0x10000n, 0x10ff8n, 0n, 0xffff_fff8n, 0x1_0001_1008n & (wide ? -1n : 0xffff_ffffn)),
    window: { address: BigInt(data), bytes: 48 },
    stop: octets(0x73, 4),
    pcUnit: 1,
    program: (_parts, code) => ({
      isa: 'riscv',
      version,
      embedded: false,
      code,
      codeBase: 0x40000,
      addressTaken: [],
      exports: new Map([['_start', 0]]),
      imports: ['ecall'],
      memory: {
        profile: 'paged32',
        pageSize: 4096,
        regions: [
          { address: 0x10000, length: 0x1000, writable: false },
          { address: data, length: 0x2000, writable: true },
        ],
        segments: [],
      },
      gas: 'riscv-instruction',
      symbols: new Map(),
      stackTop: BigInt(data + 0x2000),
    }),
  }
}
