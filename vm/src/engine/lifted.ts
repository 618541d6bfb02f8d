import type { IrProgram } from '../ir/program.ts'
import { verifyIr } from '../ir/verify.ts'
import { liftAvm } from '../lift/avm.ts'
import { liftBpf } from '../lift/bpf.ts'
import { liftPvm } from '../lift/pvm.ts'
import { liftRiscv } from '../lift/riscv.ts'
import { liftSbpf } from '../lift/sbpf.ts'
import type { Program } from '../vm/program.ts'

const lifted = new WeakMap<Program, IrProgram>()

/**
 * The program as verified IR; lifted once per program object and kept as long as it lives.
 * @throws {VerifyError} when the program breaks a rule of its profile
 * @example liftProgram(program).count // rows
 */
export function liftProgram(program: Program): IrProgram {
  let ir = lifted.get(program)
  if (ir === undefined) {
    ir = lift(program)
    verifyIr(ir)
    lifted.set(program, ir)
  }
  return ir
}

function lift(program: Program): IrProgram {
  switch (program.isa) {
    case 'avm':
      return liftAvm(program)
    case 'bpf':
      return liftBpf(program)
    case 'pvm':
      return liftPvm(program)
    case 'sbpf':
      return liftSbpf(program)
    case 'riscv':
      return liftRiscv(program)
  }
}

const given = new WeakMap<Program, IrProgram>()

/**
 * Gives a program its IR, verified, in place of what lifting would make of it.
 * @throws {VerifyError} when the IR breaks a rule
 * @example adoptIr(program, parseIr('b0:\n 0: halt'))
 */
export function adoptIr(program: Program, ir: IrProgram): void {
  verifyIr(ir)
  given.set(program, ir)
  lifted.set(program, ir)
}

/** The IR that the program was given, if it was not lifted from its code. */
export function givenIr(program: Program): IrProgram | undefined {
  return given.get(program)
}

/** The program's IR if it is at hand. */
export function liftedBefore(program: Program): IrProgram | undefined {
  return lifted.get(program)
}

/** Takes `ir`, which an equal program was lifted to and which was verified then. */
export function adoptLifted(program: Program, ir: IrProgram): void {
  lifted.set(program, ir)
}
