import { newRiscvInsn, type RiscvDecoder } from './decode.ts'

/** What an octet of code is. */
export const CodeByte = { start: 1, leader: 2 } as const

/**
 * Cuts code into instructions, one behind the other; what is none is two octets. O(code).
 * @returns for each octet, and one past the end, `CodeByte.start` where an instruction starts, else 0
 */
export function instructionStarts(decoder: RiscvDecoder, code: Uint8Array): Uint8Array {
  const kinds = new Uint8Array(code.length + 1)
  const insn = newRiscvInsn()
  for (let pc = 0; pc < code.length; pc += insn.row < 0 ? 2 : insn.length) {
    kinds[pc] = CodeByte.start
    decoder.decode(code, pc, insn)
  }
  return kinds
}
