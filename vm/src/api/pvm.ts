/** PVM programs: reading, validating, costing, assembling; rule sets by name. */
export { encodePolkavm, polkavmMagic, splitPolkavm } from '../image/polkavm.ts'
export {
  type PolkavmBlob,
  type PolkavmExport,
  type PolkavmVersion,
  polkavmLimits,
} from '../image/polkavm-rules.ts'
export {
  decodePvmBlob,
  encodePvmBlob,
  type PvmBlob,
  type PvmBlobRules,
  pvmLimits,
  splitPvmBlob,
} from '../image/pvm-blob.ts'
export {
  type PolkavmMemoryOptions,
  type PolkavmSizes,
  polkavmInputAddress,
  polkavmPlan,
} from '../image/pvm-memory.ts'
export { type PvmPreset, pvmDefaults, pvmPresets } from '../image/pvm-options.ts'
export { decodePolkavm, type PolkavmRules } from '../image/pvm-program.ts'
export {
  decodeSpi,
  encodeSpi,
  type SpiParts,
  type SpiRules,
  type SpiVersion,
  spiInputAddress,
  spiLimits,
  splitSpi,
} from '../image/pvm-spi.ts'
export { assemblePvm, type PvmAssembly } from '../isa/pvm/asm.ts'
export { blockStartsOf, decodePvm, hasBit, newPvmInsn, type PvmInsn } from '../isa/pvm/decode.ts'
export { disassemblePvm, printPvm } from '../isa/pvm/disasm.ts'
export { encodePvm, maxEncoded } from '../isa/pvm/encode.ts'
export { type BlockCost, blockAround, type PvmSchedule, pvmSchedules } from '../isa/pvm/gas.ts'
export { pipelineBlockCost } from '../isa/pvm/pipeline.ts'
export {
  type PvmForm,
  type PvmName,
  type PvmRow,
  pvmForms,
  pvmRegisters,
  pvmRows,
} from '../isa/pvm/table.ts'
export { validatePvm } from '../isa/pvm/validate.ts'
export { type PvmFeatures, type PvmIsa, pvmIsa, pvmVersions } from '../isa/pvm/versions.ts'
export { instantiatePvm } from '../reference/pvm.ts'
export { pvmHaltAddress, startContract, startPvm } from '../vm/start.ts'
