import { At } from '../arena/layout.ts'
import type { ArenaMemory } from '../arena/memory.ts'
import type { IrProgram } from '../ir/program.ts'
import type { Registers } from '../vm/machine.ts'
import { cell } from './assist.ts'

/** Registers start at header offset 0. */
export const registersAt: number = At.registers >> 3

/**
 * The registers in a machine's header, checked.
 * @param gone throws: the machine has given its memory up
 */
export function registerView(ir: IrProgram, guest: ArenaMemory, gone: () => void): Registers {
  const count = ir.registers
  const check = (index: number): void => {
    if (index >>> 0 !== index || index >= count) throw new RangeError(`no register ${index}`)
    if (guest.bytes.length === 0) gone()
  }
  return {
    count,
    get(index) {
      check(index)
      return guest.longs[registersAt + index]!
    },
    set(index, value) {
      check(index)
      guest.longs[registersAt + index] = cell(ir, value)
    },
  }
}
