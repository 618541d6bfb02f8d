import { newRiscvInsn } from '../isa/riscv/decode.ts'
import type { RawBlock } from './raise-blocks.ts'
import type { CfgBuilder } from './raise-cfg.ts'
import { argumentMask, riscvConvention } from './raise-convention.ts'
import type { BlockUse } from './raise-live.ts'

const bit = (register: number): number => (register === 0 ? 0 : 1 << register)

function endReads({ end }: RawBlock): number {
  switch (end.kind) {
    case 'branch':
      return bit(end.insn.rs1) | bit(end.insn.rs2)
    case 'switch':
    case 'callr':
    case 'tailr':
      return bit(end.insn.rs1)
    case 'ecall':
      return argumentMask(riscvConvention, riscvConvention.open)
    default:
      return 0
  }
}

/** What blocks read and write, from last to first. O(code) */
export function usesOfBlocks(
  { decoder, linked }: CfgBuilder,
  order: readonly RawBlock[],
): BlockUse[] {
  const insn = newRiscvInsn()
  return order
    .map((block) => {
      let reads = 0
      let writes = 0
      for (let pc = block.from; pc < block.to; pc += insn.length) {
        decoder.decode(linked.code, pc, insn)
        reads |= (bit(insn.rs1) | bit(insn.rs2)) & ~writes
        writes |= bit(insn.rd)
      }
      return { block, reads, writes, endReads: endReads(block), live: 0 }
    })
    .reverse()
}
