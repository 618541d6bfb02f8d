import type { IrProgram } from '../ir/program.ts'
import { decodePvm, hasBit } from '../isa/pvm/decode.ts'
import { isTerminator, rowOf } from '../isa/pvm/table.ts'
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
