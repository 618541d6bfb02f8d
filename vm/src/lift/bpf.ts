import { IrBuilder } from '../ir/builder.ts'
import { type CodeTable, type IrProgram, irProgramOf, plainRules } from '../ir/program.ts'
import { decodeBpf } from '../isa/bpf/decode.ts'
import { bpfCosts } from '../isa/bpf/gas.ts'
import { type BpfRow, bpfRow, bpfRows } from '../isa/bpf/table.ts'
import { Trap } from '../vm/exit.ts'
import type { BpfProgram } from '../vm/program.ts'
import { BpfLifter, bpfLifts, Slot } from './bpf-insns.ts'

/** A call saves r6..r9 and the frame pointer r10 (docs/contract-ebpf.md, "Calls"). */
const firstSaved = 6
const savedRegisters = 5
const registers = 11

/** Rows after which straight-line payment cannot go on: control may leave, or the host sees gas. */
const endsSegment: Uint8Array = Uint8Array.from(bpfRows, (row: BpfRow) =>
  row.gas === 'jump' || row.gas === 'call' || row.gas === 'host' || row.gas === 'exit' ? 1 : 0,
)
const callLocal = bpfRow.call_local
const gotol = bpfRow.gotol
const isJump: Uint8Array = Uint8Array.from(bpfRows, (row: BpfRow) =>
  row.form === 'jump' || row.form === 'jrr' || row.form === 'jri' ? 1 : 0,
)

/** Finds where instructions start and which slots control may enter other than by falling through. */
function sweep(lifter: BpfLifter, program: BpfProgram): void {
  const { insn, kinds, slots } = lifter
  const lead = (slot: number): void => {
    if (slot >= 0 && slot <= slots) kinds[slot]! |= Slot.leader
  }
  lead(0)
  for (let pc = 0; pc < slots; pc += insn.slots) {
    decodeBpf(program.code, pc, insn)
    kinds[pc]! |= Slot.start
    const row = insn.row
    if (row < 0) {
      lead(pc + 1)
      continue
    }
    if (endsSegment[row] === 0) continue
    lead(pc + insn.slots)
    if (isJump[row] === 1) lead(pc + 1 + insn.off)
    else if (row === callLocal || row === gotol) lead(pc + 1 + insn.imm)
  }
  for (const { pc, frameSize } of program.functions) {
    lead(pc)
    if (pc >= 0 && pc < slots) lifter.frames[pc] = frameSize
  }
  for (const slot of program.addressTaken) lead(slot)
  for (const pc of program.exports.values()) lead(pc)
}

/** Slots at which `valid` holds, as a table of code addresses; empty when nothing uses it. */
function codeTable(
  lifter: BpfLifter,
  base: bigint,
  rowOf: Int32Array,
  used: boolean,
  targets: Iterable<number>,
): CodeTable {
  const rows = new Int32Array(used ? lifter.slots : 0).fill(-1)
  if (used) {
    for (const slot of targets) {
      if (slot >= 0 && slot < lifter.slots && (lifter.kinds[slot]! & Slot.start) !== 0)
        rows[slot] = rowOf[slot]!
    }
  }
  return { base, shift: 3, rows }
}

/**
 * Lifts an eBPF program: one pass to find leaders, one to write rows; O(code).
 * A slot that is no instruction traps when reached; so does the end of the code.
 * @throws {VerifyError} `unknownSchedule` when the program's gas schedule is not known
 */
export function liftBpf(program: BpfProgram): IrProgram {
  const count = program.code.length >> 3
  const rows = new IrBuilder(count + 1, count + (count >> 1) + 16, true)
  const lifter = new BpfLifter(program, rows)
  const { insn, kinds, slots } = lifter
  const costs = bpfCosts(program.gas)
  sweep(lifter, program)
  let next = 0
  const { functions } = program
  for (let pc = 0; pc < slots; pc += insn.slots) {
    while (next < functions.length && functions[next]!.pc <= pc)
      lifter.frame = functions[next++]!.frameSize
    lifter.pc = pc
    decodeBpf(program.code, pc, insn)
    if ((kinds[pc]! & Slot.leader) !== 0) rows.startSegment(pc, 0)
    if (insn.row < 0) {
      rows.startInstruction(pc, 0)
      lifter.trap(Trap.invalidInstruction)
    } else {
      rows.startInstruction(pc, costs[insn.row]!)
      bpfLifts[insn.row]!(lifter, insn)
    }
  }
  rows.startSegment(slots, 0)
  rows.startInstruction(slots, 0)
  lifter.trap(Trap.invalidInstruction)
  const built = rows.finish((_row, pc) => rows.trapStub(pc, Trap.invalidJump))
  const starts = functions.map((f) => f.pc)
  const functionTable = codeTable(lifter, program.codeBase, built.rowOf, lifter.usesCallx, starts)
  return irProgramOf(built, {
    registers,
    metering: 'instruction',
    memory: program.memory,
    calls: {
      kind: 'managed',
      maxDepth: program.options.maxDepth,
      first: firstSaved,
      saved: savedRegisters,
      stackLow: program.stack.low,
      stackHigh: program.stack.high,
      functions: functionTable,
      frameSizes: lifter.frames.subarray(0, functionTable.rows.length),
    },
    jumps: codeTable(lifter, program.codeBase, built.rowOf, lifter.usesGotox, program.addressTaken),
    haltAddress: -1,
    badEntry: Trap.invalidInstruction,
    paging: { width: 64, nullPagePanics: false, pageFaults: true, sbrk: 'forbidden' },
    rules: plainRules,
    packet: program.input ?? { address: 0, length: 0 },
  })
}
