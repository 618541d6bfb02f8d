import { VerifyError } from '../bits/errors.ts'
import { type CodeTable, type IrProgram, irProgramOf } from '../ir/program.ts'
import { decodePvm, hasBit } from '../isa/pvm/decode.ts'
import { type PvmSchedule, pvmSchedules } from '../isa/pvm/gas.ts'
import { isTerminator, rowOf } from '../isa/pvm/table.ts'
import { validatePvm } from '../isa/pvm/validate.ts'
import { pvmIsa } from '../isa/pvm/versions.ts'
import { Trap } from '../vm/exit.ts'
import type { PvmProgram } from '../vm/program.ts'
import { PvmLifter, pvmLifts } from './pvm-insns.ts'

/** Gray Paper A.4: a dynamic jump to this address halts. */
const haltAddress = 0xffff0000
/** Gray Paper A.4: a dynamic address is (index + 1) * 2. */
const jumpBase = 2n
const jumpShift = 1
const registers = 13

function scheduleOf(program: PvmProgram): PvmSchedule {
  const schedule = pvmSchedules.get(program.gas)
  if (schedule === undefined)
    throw new VerifyError('unknownSchedule', `no gas schedule '${program.gas}' for PVM`, {
      value: program.gas,
    })
  return schedule
}

/** Writes the rows of all instructions, the trap past the end included. */
function liftCode(lifter: PvmLifter, schedule: PvmSchedule): void {
  const { insn, isa, program, rows } = lifter
  const { bitmask, code } = program
  const perInstruction = schedule.kind === 'instruction'
  const cost = perInstruction ? schedule.cost : 0
  let opens = true
  for (let pc = 0; ; ) {
    decodePvm(isa, code, bitmask, pc, insn)
    lifter.pc = pc
    if (opens) {
      rows.startSegment(pc, perInstruction ? 0 : schedule.costOf(isa, code, bitmask, pc))
    }
    rows.startInstruction(pc, cost)
    if (!hasBit(bitmask, pc)) rows.hideInstruction()
    if (insn.row < 0) lifter.trap(Trap.invalidInstruction)
    else pvmLifts[insn.row]!(lifter, insn)
    if (pc >= code.length) return
    // in an instruction schedule the host sees exact gas, and memset takes its own
    opens =
      isTerminator(insn.row) ||
      (perInstruction && (insn.row === rowOf.ecalli || insn.row === rowOf.memset))
    pc += insn.length
    // a skip is at most 24 octets: what follows a longer gap is reached by jumps only
    if (insn.row < 0) while (pc < code.length && !hasBit(bitmask, pc)) pc++
  }
}

function jumpTable(lifter: PvmLifter, rowOfPc: Int32Array): CodeTable {
  const { jumpTable: targets } = lifter.program
  const rows = new Int32Array(targets.length)
  for (let i = 0; i < rows.length; i++) {
    const target = targets[i]!
    rows[i] = lifter.isStart(target) ? rowOfPc[target]! : -1
  }
  return { base: jumpBase, shift: jumpShift, rows }
}

/**
 * Lifts a PVM program in one pass over its code; O(code), the pipeline model's costs included.
 * @throws {VerifyError} `unknownSchedule`, and with `validateWhole` as `validatePvm`
 */
export function liftPvm(program: PvmProgram): IrProgram {
  const { options, version } = program
  const isa = pvmIsa(version, options)
  if (options.validateWhole) validatePvm(isa, program.code, program.bitmask)
  const schedule = scheduleOf(program)
  const lifter = new PvmLifter(program, isa)
  liftCode(lifter, schedule)
  const built = lifter.rows.finish((_row, pc) => lifter.rows.trapStub(pc, Trap.invalidJump))
  return irProgramOf(built, {
    registers,
    metering: schedule.kind,
    memory: program.memory,
    calls: { kind: 'link' },
    jumps: jumpTable(lifter, built.rowOf),
    haltAddress,
    badEntry: Trap.invalidJump,
    paging: {
      width: isa.features.width,
      nullPagePanics: options.nullPagePanics,
      pageFaults: options.pageFaults,
      sbrk: options.sbrk,
    },
    rules: {
      outOfGasSpends: !options.outOfGasKeepsCounter,
      pcZeroAtEnd: options.pcAfterHalt === 'zero',
      freeMidBlockEntry: !options.midBlockEntryCharges,
      freeMemset: schedule.kind === 'instruction' && schedule.cost === 0,
      jumpsAnywhere: false,
    },
    packet: { address: 0, length: 0 },
  })
}
