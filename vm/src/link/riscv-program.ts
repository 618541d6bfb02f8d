import { LinkError } from '../bits/errors.ts'
import { riscvLimits } from '../image/riscv.ts'
import { encodeRiscv, type RiscvOperands } from '../isa/riscv/encode.ts'
import { riscvRows } from '../isa/riscv/table.ts'
import { type PagedPlan, pageSize, type Segment } from '../vm/memory.ts'
import { firstEcallImport, type RiscvProgram } from '../vm/program.ts'
import type { ObjectInput } from './objects.ts'
import { riscvLayout } from './riscv-layouts.ts'
import { linkRiscv, type RiscvLinkReport } from './riscv-link.ts'
import type { LinkedCode } from './riscv-linked.ts'

const [zero, ra] = [0, 1]
/** Register of an ecall's number (psABI: t0 where x17 does not exist). */
const numberRegister = (embedded: boolean): number => (embedded ? 5 : 17)
const exitNumber = 93
/** Octets of code that calls an entry point and exits with its result. */
const wrapperBytes = 16
const maxWrappers = 4096

function words(...insns: readonly (readonly [string, Partial<RiscvOperands>])[]): Uint8Array {
  const encoded = insns.map(([name, operands]) => {
    const row = riscvRows.findIndex((r) => r.name === name)
    return encodeRiscv(row, { rd: 0, rs1: 0, rs2: 0, imm: 0, ...operands })!
  })
  return new Uint8Array(Int32Array.from(encoded).buffer)
}

/** `ecall` with the number of the import, and back. */
function importStub(index: number, embedded: boolean): Uint8Array {
  const number = numberRegister(embedded)
  if (index > 2047) throw new LinkError('tooManyImports', 'over 2048 host calls', { value: index })
  return words(
    ['lui', { rd: number, imm: firstEcallImport }],
    ['addi', { rd: number, rs1: number, imm: index }],
    ['ecall', {}],
    ['jalr', { rd: zero, rs1: ra }],
  )
}

/** Calls what lies `by` octets from here, then exits with a0. */
function wrapper(by: number, embedded: boolean): Uint8Array {
  const high = ((by + 0x800) >> 12) << 12
  return words(
    ['auipc', { rd: ra, imm: high }],
    ['jalr', { rd: ra, rs1: ra, imm: by - high }],
    ['addi', { rd: numberRegister(embedded), imm: exitNumber }],
    ['ecall', {}],
  )
}

function memoryOf(linked: LinkedCode, code: Uint8Array, stackBytes: number): PagedPlan {
  const { bss, codeAddress, data, readOnly } = linked
  const dataEnd = Math.ceil((bss.address + bss.size) / pageSize) * pageSize
  const segments: Segment[] = [
    { address: codeAddress, bytes: code },
    { address: readOnly.address, bytes: readOnly.bytes },
    { address: data.address, bytes: data.bytes },
  ].filter(({ bytes }) => bytes.length > 0)
  const low = riscvLimits.stackTop - stackBytes
  const regions = [
    { address: codeAddress, length: data.address - codeAddress, writable: false },
    { address: data.address, length: dataEnd - data.address, writable: true },
    { address: low, length: stackBytes, writable: true },
  ].filter(({ length }) => length > 0)
  return { profile: 'paged32', pageSize, regions, segments }
}

/**
 * Objects as a program that engines run as it is: `_start`, if there is one, and its other entry points, each of which exits
 * with what it returns. Undefined functions are host calls: `ecall` with `firstEcallImport` and up in a7, by `ecalls`.
 * @throws {DecodeError} a file is malformed; the message names it
 * @throws {LinkError} they do not fit together; with what avoids it
 * @example
 * const { program } = linkRiscvProgram([{ name: 'hello.o', bytes: readFileSync('hello.o') }])
 * startRiscv(machine, 'main')
 */
export function linkRiscvProgram(
  inputs: readonly ObjectInput[],
  options: { readonly exports?: readonly string[]; readonly stackBytes?: number } = {},
): { readonly program: RiscvProgram; readonly report: RiscvLinkReport } {
  const room = maxWrappers * wrapperBytes
  const { linked, report } = linkRiscv(inputs, {
    layout: {
      ...riscvLayout,
      place: (sizes) =>
        riscvLayout.place({ ...sizes, code: { ...sizes.code, size: sizes.code.size + room } }),
    },
    ...(options.exports && { exports: options.exports }),
    stub: importStub,
  })
  const { codeTable, exports, functions } = linked
  if (exports.length >= maxWrappers)
    throw new LinkError('tooManyExports', `over ${maxWrappers} entry points`, {
      value: exports.length,
    })
  const base = Math.ceil(linked.code.length / 4) * 4
  const code = new Uint8Array(base + exports.length * wrapperBytes)
  code.set(linked.code)
  const entries = new Map<string, number>()
  const addressTaken = codeTable.map(({ pc }) => pc)
  exports.forEach(({ index, name }, i) => {
    const at = base + i * wrapperBytes
    code.set(wrapper(functions[index]!.start - at, linked.embedded), at)
    entries.set(name, name === '_start' ? functions[index]!.start : at)
    addressTaken.push(at + 8)
  })
  if (linked.entry !== undefined) entries.set('_start', linked.entry)
  const { codeAddress, embedded, imports, version } = linked
  if (version === 'v4') throw new Error('linkRiscv answers RISC-V')
  const program: RiscvProgram = {
    ...{ isa: 'riscv', version, embedded, code, codeBase: codeAddress },
    addressTaken,
    exports: entries,
    imports: ['ecall'],
    ecalls: imports,
    memory: memoryOf(linked, code, options.stackBytes ?? riscvLimits.stackBytes),
    gas: 'riscv-instruction',
    symbols: new Map(functions.map(({ name, start }) => [start, name])),
    stackTop: BigInt(riscvLimits.stackTop),
  }
  return { program, report }
}
