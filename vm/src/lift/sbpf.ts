import { type CodeTable, type IrProgram, irProgramOf, plainRules } from '../ir/program.ts'
import { decodeSbpf, sbpfIsa } from '../isa/sbpf/decode.ts'
import { sbpfCost } from '../isa/sbpf/gas.ts'
import { type SbpfRow, sbpfRow, sbpfRows } from '../isa/sbpf/table.ts'
import { Trap } from '../vm/exit.ts'
import type { SbpfProgram } from '../vm/program.ts'
import { SbpfLifter, Slot, sbpfLifts } from './sbpf-insns.ts'

/** A call saves r6..r9 and the frame pointer r10. */
const firstSaved = 6
const savedRegisters = 5
const registers = 11

/** Rows after which straight-line payment cannot go on: control may leave, or the host sees gas. */
const endsSegment: Uint8Array = Uint8Array.from(sbpfRows, ({ gas }: SbpfRow) =>
  gas === 'jump' || gas === 'call' || gas === 'exit' ? 1 : 0,
)
const isJump: Uint8Array = Uint8Array.from(sbpfRows, ({ gas }: SbpfRow) => (gas === 'jump' ? 1 : 0))

/** Finds where instructions start and which slots control may enter other than by falling through. */
function sweep(lifter: SbpfLifter): void {
  const { insn, kinds, program, slots } = lifter
  const isa = sbpfIsa(program.version)
  const lead = (slot: number): void => {
    if (slot >= 0 && slot <= slots) kinds[slot]! |= Slot.leader
  }
  lead(0)
  for (let pc = 0; pc < slots; pc += insn.slots) {
    decodeSbpf(isa, program.code, pc, insn)
    kinds[pc]! |= Slot.start
    const row = insn.row
    if (row < 0) {
      lead(pc + 1)
      continue
    }
    if (endsSegment[row] === 0) continue
    lead(pc + 1)
    if (isJump[row] === 1) lead(pc + 1 + insn.off)
    else if (row === sbpfRow.call_local) lead(pc + 1 + insn.imm)
  }
  for (const pc of program.functions.values()) lead(pc)
  for (const pc of program.addressTaken) lead(pc)
  for (const pc of program.exports.values()) lead(pc)
}

/** Rows of the slots that `callx` finds by a table; others it finds as well, slower. */
function functionTable(lifter: SbpfLifter, rowOf: Int32Array): CodeTable {
  const { kinds, program, slots, usesCallx } = lifter
  const rows = new Int32Array(usesCallx ? slots : 0).fill(-1)
  if (usesCallx)
    for (const slot of [...program.functions.values(), ...program.addressTaken])
      if (slot >= 0 && slot < slots && (kinds[slot]! & Slot.start) !== 0) rows[slot] = rowOf[slot]!
  return { base: program.textAddress, shift: 3, rows }
}

/**
 * Lifts a program of Solana: one pass to find leaders, one to write rows; O(code). The end of the
 * code is a place of its own, an instruction that overruns.
 * @throws {VerifyError} `unknownSchedule` when the program's gas schedule is not known
 */
export function liftSbpf(program: SbpfProgram): IrProgram {
  const lifter = new SbpfLifter(program)
  const { insn, kinds, rows, slots } = lifter
  const isa = sbpfIsa(program.version)
  const cost = sbpfCost(program.gas)
  sweep(lifter)
  for (let pc = 0; pc < slots; pc += insn.slots) {
    lifter.pc = pc
    decodeSbpf(isa, program.code, pc, insn)
    if ((kinds[pc]! & Slot.leader) !== 0) rows.startSegment(pc, 0)
    rows.startInstruction(pc, cost)
    if (insn.row < 0) lifter.trap(Trap.invalidInstruction)
    else sbpfLifts[insn.row]!(lifter, insn)
  }
  rows.startSegment(slots, 0)
  rows.startInstruction(slots, cost)
  lifter.trap(Trap.overrun)
  const built = rows.finish((_row, pc) => rows.trapStub(pc, Trap.invalidJump))
  const functions = functionTable(lifter, built.rowOf)
  const { maxDepth, start, step } = program.frames
  return irProgramOf(built, {
    registers,
    metering: 'instruction',
    memory: program.memory,
    calls: {
      kind: 'managed',
      maxDepth,
      first: firstSaved,
      saved: savedRegisters,
      stackLow: 0,
      stackHigh: Number(start),
      fixed: { step, places: slots, cost },
      functions,
      frameSizes: new Int32Array(functions.rows.length),
    },
    jumps: { base: 0n, shift: 3, rows: new Int32Array(0) },
    haltAddress: -1,
    badEntry: Trap.invalidInstruction,
    paging: { width: 64, nullPagePanics: false, pageFaults: true, sbrk: 'forbidden' },
    rules: plainRules,
    packet: { address: 0, length: 0 },
  })
}
