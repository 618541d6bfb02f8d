import type { PagedPlan, PvmProgram } from 'alcatraz-vm'
import { pvmPresets } from '#vm/image/pvm-options'
import { assemblePvm } from '#vm/isa/pvm/asm'

type Rules = Partial<Pick<PvmProgram, 'gas' | 'options' | 'jumpTable'>>

/** A program of latest64 from text, entered at its start, on pages of 4 KiB; by default with polkavm's rules. */
export function pvmProgramOf(
  text: string,
  memory: Partial<PagedPlan>,
  rules: Rules = {},
): PvmProgram {
  const { code, bitmask, jumpTable } = assemblePvm(text, { version: 'latest64' })
  return {
    isa: 'pvm',
    version: 'latest64',
    code,
    bitmask,
    jumpTable,
    exports: new Map([['entry', 0]]),
    imports: [],
    memory: { profile: 'paged32', pageSize: 4096, regions: [], segments: [], ...memory },
    gas: 'pvm-instruction',
    symbols: new Map(),
    options: pvmPresets.polkavm,
    ...rules,
  }
}
