import type { RiscvProgram } from 'alcatraz-vm'
import {
  compressedRows,
  encodeCompressed,
  encodeRiscv,
  type RiscvOperands,
  riscvRows,
} from 'alcatraz-vm/riscv'
import type { Trial } from './compare.ts'
import { Rng } from './rng.ts'

const codeBase = 0x40000
const data = 0x11000
/** Where programs have data, and registers that point there. */
const pointers = [2, 10, 11]

/** An instruction whose place is known and whose targets are not. */
interface Draft {
  readonly row: number
  readonly compressed: number
  readonly length: 2 | 4
  readonly operands: RiscvOperands
  /** Pieces of the pattern hold an offset to an instruction. */
  readonly jumps: boolean
}

function register(rng: Rng): number {
  return rng.chance(92) ? rng.between(5, 15) : rng.below(32)
}

/** What an instruction writes: seldom a register that points at data. */
function written(rng: Rng): number {
  const rd = register(rng)
  return pointers.includes(rd) && rng.chance(90) ? 12 : rd
}

/** Ends most programs that have it. */
const fatal = new Set(['jalr', 'ebreak', 'c.jr', 'c.jalr', 'c.ebreak'])

function full(rng: Rng, wide: boolean): Draft {
  const width = wide ? 'rv64' : 'rv32'
  let row = 0
  do row = rng.below(riscvRows.length)
  while (
    (riscvRows[row]!.width !== 'both' && riscvRows[row]!.width !== width) ||
    (fatal.has(riscvRows[row]!.name) && rng.chance(85))
  )
  const { form, name } = riscvRows[row]!
  const jumps = form === 'branch' || form === 'jump'
  const memory = form === 'load' || form === 'store' || form === 'atomic' || form === 'reserve'
  // a load to x0 may fault as any other
  const toNothing = form === 'load' && rng.chance(5)
  const rs1 = memory && !toNothing && rng.chance(96) ? rng.pick(pointers) : register(rng)
  const shift = /^(s[lr][la]i|rori|b\w+i|slli\.uw)/.test(name)
  let imm = shift ? rng.below(wide && !name.endsWith('w') ? 64 : 32) : rng.between(-2048, 2047)
  if (memory && rng.chance(60)) imm = 8 * rng.below(16)
  if (form === 'upper') imm = rng.chance(50) ? 0 : (rng.word() >> 12) << 12
  return {
    row,
    compressed: -1,
    length: 4,
    operands: { rd: toNothing ? 0 : written(rng), rs1, rs2: register(rng), imm },
    jumps,
  }
}

function short(rng: Rng, wide: boolean): Draft {
  const width = wide ? 'rv64' : 'rv32'
  let row = 0
  do row = rng.below(compressedRows.length)
  while (
    (compressedRows[row]!.width !== 'both' && compressedRows[row]!.width !== width) ||
    (fatal.has(compressedRows[row]!.name) && rng.chance(85))
  )
  const { expansion } = compressedRows[row]!
  const imm = rng.chance(70) ? 4 * rng.below(8) : rng.between(-32, 31)
  const operands = { rd: rng.between(8, 15), rs1: rng.between(8, 15), rs2: rng.between(8, 15), imm }
  if (pointers.includes(operands.rd) && rng.chance(80)) operands.rd = 12
  if (rng.chance(60)) operands.rs1 = rng.pick([10, 11])
  return {
    row: -1,
    compressed: row,
    length: 2,
    operands,
    jumps: ['jal', 'beq', 'bne'].includes(expansion),
  }
}

/** Most jumps through registers go to an address that was made right before. */
function farJump(rng: Rng): [Draft, Draft] {
  const through = rng.between(5, 15)
  const rowOf = (name: string): number => riscvRows.findIndex((row) => row.name === name)
  const draft = (name: string, operands: RiscvOperands, jumps: boolean): Draft => ({
    row: rowOf(name),
    compressed: -1,
    length: 4,
    operands,
    jumps,
  })
  return [
    draft('auipc', { rd: through, rs1: 0, rs2: 0, imm: 0 }, false),
    draft('jalr', { rd: rng.pick([0, 1, 1, through]), rs1: through, rs2: 0, imm: 4 }, true),
  ]
}

function encoded(draft: Draft, rng: Rng, at: number, starts: readonly number[]): number {
  const { compressed, jumps, operands, row } = draft
  const imm = (): number => {
    if (!jumps) return operands.imm
    const target = rng.chance(96) ? rng.pick(starts) : at + 2 * rng.between(-20, 20)
    if (row < 0 || riscvRows[row]!.name !== 'jalr') return target - at
    // `jalr` counts from the `auipc` before it, and clears the lowest bit
    return target - (at - 4) + (rng.chance(25) ? 1 : 0)
  }
  for (let tries = 0; tries < 20; tries++) {
    const all = { ...operands, imm: imm() }
    const word = row < 0 ? encodeCompressed(compressed, all) : encodeRiscv(row, all)
    if (word !== undefined) return word
    if (!jumps) break
  }
  // what does not fit is any octets
  return row < 0 ? rng.below(0x4000) << 2 : rng.word() | 3
}

/** A random RISC-V program over two pages of data; most of it runs. */
export function riscvProgram(rng: Rng): RiscvProgram {
  const wide = rng.chance(60)
  const drafts: Draft[] = []
  const count = rng.between(10, 90)
  while (drafts.length < count) {
    if (rng.chance(6)) drafts.push(...farJump(rng))
    else drafts.push(rng.chance(30) ? short(rng, wide) : full(rng, wide))
  }
  const starts: number[] = []
  let length = 0
  for (const draft of drafts) {
    starts.push(length)
    length += draft.length
  }
  const code = new Uint8Array(length)
  const view = new DataView(code.buffer)
  drafts.forEach((draft, i) => {
    const word = encoded(draft, rng, starts[i]!, starts)
    if (draft.length === 4) view.setInt32(starts[i]!, word, true)
    else view.setUint16(starts[i]!, word, true)
  })
  return {
    isa: 'riscv',
    version: wide ? 'rv64' : 'rv32',
    embedded: false,
    code,
    codeBase,
    addressTaken: starts.filter(() => rng.chance(30)),
    exports: new Map([['_start', 0]]),
    imports: ['ecall'],
    memory: {
      profile: 'paged32',
      pageSize: 4096,
      regions: [
        { address: 0x10000, length: 0x1000, writable: false },
        { address: data, length: 0x2000, writable: true },
      ],
      segments: [{ address: data, bytes: rng.bytes(512) }],
    },
    gas: 'riscv-instruction',
    symbols: new Map(),
    stackTop: BigInt(data + 0x2000),
  }
}

/** Registers at the start: some point at data, some have values where arithmetic goes wrong. */
export function riscvRegisters(rng: Rng, program: RiscvProgram): bigint[] {
  const wide = program.version === 'rv64'
  return Array.from({ length: 32 }, (_, i) => {
    if (pointers.includes(i) || (i > 7 && rng.chance(30)))
      return BigInt(data + 8 * rng.below(0x300))
    if (i === 0) return 0n
    return wide ? rng.value() : BigInt.asUintN(64, BigInt.asIntN(32, rng.value()))
  })
}

/** A random RISC-V program, entered mostly at its start. */
export function riscvTrial(seed: number): Trial {
  const rng = new Rng(seed)
  const program = riscvProgram(rng)
  const registers = riscvRegisters(rng, program)
  const entry = rng.chance(90) ? 0 : rng.below(program.code.length + 2)
  return {
    program,
    seed,
    gas: BigInt(rng.chance(75) ? rng.between(200, 3000) : rng.below(300)),
    start(machine) {
      for (const [i, value] of registers.entries()) machine.registers.set(i, value)
      machine.pc = entry
    },
  }
}
