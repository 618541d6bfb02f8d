/** Bounds of what is linked at once; those of the result are the container's. */
export const linkLimits = {
  /** Each object costs a table of its own; contracts have tens. */
  objects: 4096,
  /** All objects together: four times the largest result, as debug sections are dropped. */
  inputBytes: 0x8000000,
} as const

/** e_machine of eBPF objects. */
export const machineBpf: number = 247

/** Relocation types (kernel documentation, "BPF LLVM Relocations"). */
export const Reloc = {
  /** lddw: imm64 := S + A. Before LLVM 13 also 64 bits of data. */
  bpf64_64: 1,
  /** data: u64 := S + A. Older clang used the number for calls. */
  abs64: 2,
  /** data: u32 := S + A. */
  abs32: 3,
  /** .BTF and .BTF.ext: nothing to do. */
  nodyld32: 4,
  /** call: imm := (S + A - P) / 8 - 1. Before LLVM 13 also 32 bits of data. */
  bpf64_32: 10,
} as const

/** Undefined functions that end the contract with a trap instead of naming a host call. */
export const trapFunctions: ReadonlySet<string> = new Set(['__bpf_trap', 'abort'])

/** Sections only the Linux kernel gives a meaning to. */
export const kernelSections: ReadonlySet<string> = new Set([
  'maps',
  '.maps',
  '.struct_ops',
  '.struct_ops.link',
  '.ksyms',
  '.kconfig',
])

/** Sections that run code before the entry point, which contracts never do. */
export const constructorSections: ReadonlySet<string> = new Set([
  '.init_array',
  '.fini_array',
  '.preinit_array',
  '.ctors',
  '.dtors',
])

/** Loadable by their flags, of no use to a contract: unwinding tables of old clang. */
export const ignoredSections: ReadonlySet<string> = new Set(['.eh_frame', '.llvm_addrsig'])

export const jumpTableSection: string = '.jumptables'
export const stackSizesSection: string = '.stack_sizes'
