import type { IrProgram } from '../ir/program.ts'
import type { Engine } from '../vm/machine.ts'
import type { Program } from '../vm/program.ts'
import { InterpMachine } from './machine.ts'

/** The interpreter as an engine; `lift` turns a program into verified IR and may cache it. */
export function interpEngineOf(lift: (program: Program) => IrProgram): Engine {
  return {
    name: 'interp',
    instantiate: (program, { gas }) => new InterpMachine(program, lift(program), gas),
  }
}
