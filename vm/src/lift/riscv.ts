import { IrBuilder } from '../ir/builder.ts'
import { type CodeTable, type IrProgram, irProgramOf, plainRules } from '../ir/program.ts'
import { riscvCost } from '../isa/riscv/gas.ts'
import { CodeByte } from '../isa/riscv/starts.ts'
import { riscvRows } from '../isa/riscv/table.ts'
import { Trap } from '../vm/exit.ts'
import type { RiscvProgram } from '../vm/program.ts'
import { RiscvLifter, riscvLifts } from './riscv-insns.ts'

/** x1 to x31, and in place of x0 what `lr` has reserved. */
const registers = 32
/** Code addresses are even. */
const shift = 1

/** Rows behind which another segment starts. */
const ends: Uint8Array = Uint8Array.from(riscvRows, ({ form, name }) =>
  form === 'branch' || form === 'jump' || form === 'jumpr' || name === 'ecall' ? 1 : 0,
)
const hasTarget: Uint8Array = Uint8Array.from(riscvRows, ({ form }) =>
  form === 'branch' || form === 'jump' ? 1 : 0,
)

/** Marks where instructions start, and segments: behind and at the targets of jumps, and wherever the program says. */
function sweep(lifter: RiscvLifter, program: RiscvProgram): void {
  const { decoder, insn, kinds } = lifter
  const { code } = program
  const lead = (pc: number): void => {
    if (pc >= 0 && pc < code.length) kinds[pc]! |= CodeByte.leader
  }
  lead(0)
  for (let pc = 0; pc < code.length; pc += insn.row < 0 ? 2 : insn.length) {
    kinds[pc]! |= CodeByte.start
    decoder.decode(code, pc, insn)
    if (insn.row < 0) lead(pc + 2)
    else if (ends[insn.row] === 1) {
      lead(pc + insn.length)
      if (hasTarget[insn.row] === 1) lead(pc + insn.imm)
    }
  }
  for (const pc of program.addressTaken) lead(pc)
  for (const pc of program.exports.values()) lead(pc)
}

/** Rows of all segments, by half their pc: where jumps through registers are fast. */
function jumpTable({ kinds, program }: RiscvLifter, rowOf: Int32Array): CodeTable {
  const rows = new Int32Array(program.code.length >> 1).fill(-1)
  for (let i = 0; i < rows.length; i++)
    if ((kinds[2 * i]! & CodeByte.leader) !== 0) rows[i] = rowOf[2 * i]!
  return { base: BigInt(program.codeBase), shift, rows }
}

/**
 * Lifts a RISC-V program: one pass to find where segments start, one to write rows; O(code).
 * @throws {VerifyError} `unknownSchedule` when the program's gas schedule is not known
 */
export function liftRiscv(program: RiscvProgram): IrProgram {
  const { code } = program
  const rows = new IrBuilder(code.length + 1, (code.length >> 1) + 16, true)
  const lifter = new RiscvLifter(program, rows)
  const { decoder, insn } = lifter
  const cost = riscvCost(program.gas)
  sweep(lifter, program)
  for (let pc = 0; pc < code.length; pc += insn.row < 0 ? 2 : insn.length) {
    decoder.decode(code, pc, insn)
    lifter.pc = pc
    if ((lifter.kinds[pc]! & CodeByte.leader) !== 0) rows.startSegment(pc, 0)
    rows.startInstruction(pc, cost)
    if (insn.row < 0) lifter.trap(Trap.invalidInstruction)
    else riscvLifts[insn.row]!(lifter, insn)
  }
  rows.startSegment(code.length, 0)
  rows.startInstruction(code.length, cost)
  lifter.trap(Trap.invalidInstruction)
  const built = rows.finish((_row, pc) => rows.trapStub(pc, Trap.invalidJump))
  return irProgramOf(built, {
    registers,
    metering: 'instruction',
    memory: program.memory,
    calls: { kind: 'link' },
    jumps: jumpTable(lifter, built.rowOf),
    haltAddress: -1,
    badEntry: Trap.invalidJump,
    paging: {
      width: lifter.wide ? 64 : 32,
      nullPagePanics: false,
      pageFaults: true,
      sbrk: 'forbidden',
    },
    rules: { ...plainRules, jumpsAnywhere: true },
    packet: { address: 0, length: 0 },
  })
}
