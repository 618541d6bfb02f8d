import type { SectionHeader } from './file.ts'
import type { SyscallRegistry } from './registry.ts'

/** Where names of functions are. */
export interface SymbolSections {
  readonly symtab: SectionHeader
  readonly strtab: SectionHeader
  /** Address of slot 0. */
  readonly base: bigint
}

/** What either loader makes of a file. */
export interface LoadedElf {
  /** Guest address of the first instruction. */
  readonly textAddress: number
  readonly code: Uint8Array
  /** What the program may read; `bytes` may be empty. In V0..V2 the code is in it. */
  readonly rodata: { readonly address: number; readonly bytes: Uint8Array }
  readonly entryPc: number
  /** Slot of each function that calls name by hash; empty from V3 on. */
  readonly functions: ReadonlyMap<number, number>
  readonly symbols?: SymbolSections
}

/** Which files are taken. */
export interface SbpfLoadRules {
  readonly syscalls: SyscallRegistry
  /** As Agave does at deployment: names of syscalls are known, sections lie where their addresses say. */
  readonly rejectBrokenElfs: boolean
  /** `enable_symbol_and_section_labels`: functions of `.symtab` take part in calls of V0..V2. */
  readonly labels: boolean
}
