import { VerifyError } from '../../bits/errors.ts'
import { decodePvm, newPvmInsn } from './decode.ts'
import { isTerminator } from './table.ts'
import type { PvmIsa } from './versions.ts'

/**
 * Refuses code that is not a sequence of instructions of `isa`, one after the other from 0, with a
 * terminator last (Gray Paper 0.8, A.2; `PvmOptions.validateWhole`). O(code length).
 * @throws {VerifyError} `invalidInstruction`, `openEnd`; the offset is a pc
 */
export function validatePvm(isa: PvmIsa, code: Uint8Array, bitmask: Uint8Array): void {
  const insn = newPvmInsn()
  let pc = 0
  do {
    decodePvm(isa, code, bitmask, pc, insn)
    if (insn.row < 0)
      throw new VerifyError('invalidInstruction', `no instruction of ${isa.version}`, {
        offset: pc,
        value: code[pc],
      })
    pc += insn.length
  } while (pc < code.length)
  if (!isTerminator(insn.row))
    throw new VerifyError('openEnd', 'the last instruction ends no block', {
      offset: pc - insn.length,
      value: code[pc - insn.length],
    })
}
