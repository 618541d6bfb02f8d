/** Objects of stock compilers in, containers out; and the container's own reader. */
export { decodeContainer, encodeContainer, identityBytes } from '../image/container.ts'
export { type Container, containerLimits } from '../image/container-rules.ts'
export {
  contractAvm1,
  contractEbpf1,
  contractProfiles,
  contractPvm1,
  layoutOf,
  programOf,
} from '../image/contract.ts'
export { type ElfFile, readElf } from '../image/elf.ts'
export { packAvm, packedLimit, unpackAvm } from '../isa/avm/packed.ts'
export { isArchive } from '../link/archive.ts'
export { type AvmLinkOptions, type AvmLinkReport, linkAvm } from '../link/avm.ts'
export { type LinkOptions, type LinkReport, linkBpf } from '../link/bpf.ts'
export { type FileKind, fileKindOf, type LoadOptions, loadProgram } from '../link/load.ts'
export type { ObjectInput } from '../link/objects.ts'
export {
  linkPolkavm,
  linkPvm,
  linkSpi,
  type PvmContractOptions,
  type PvmLinked,
  type PvmLinkOptions,
  type PvmLinkReport,
  type SpiLinkOptions,
} from '../link/pvm.ts'
export { avmLayout, pvmLayout, riscvLayout } from '../link/riscv-layouts.ts'
export { linkRiscv, type RiscvLinkOptions, type RiscvLinkReport } from '../link/riscv-link.ts'
export type {
  CallTarget,
  CodePlace,
  CodeWord,
  DataAddresses,
  DataExtents,
  Extent,
  LinkedCode,
  LinkedData,
  LinkedFunction,
  SourceLine,
  TargetLayout,
} from '../link/riscv-linked.ts'
export { linkRiscvProgram } from '../link/riscv-program.ts'
export { linkSbpf, type SbpfLinkOptions, type SbpfLinkReport } from '../link/sbpf.ts'
export { solanaSyscalls } from '../link/sbpf-syscalls.ts'
export { lineOf, type SourceMap } from '../link/source-map.ts'
