/**
 * Runs contracts of many instruction sets with exact, deterministic gas.
 *
 * Load a program (`loadProgram` of `alcatraz-vm/link`), make a machine of it with an engine, ready it
 * (`startBpf`, `startPvm`), and `drive` it with a host that answers its calls (`hostOf`).
 * @packageDocumentation
 */
export {
  AsmError,
  DecodeError,
  type ErrorPlace,
  InputError,
  LinkError,
  VerifyError,
} from '../bits/errors.ts'
export { fromHex, hexOf, toHex } from '../bits/hex.ts'
export { watOf } from '../emit/wat.ts'
export {
  type BackgroundCompiler,
  serveCompiler,
  type WebWorker,
  WorkerCompiler,
  type WorkerLike,
  type WorkerScope,
  webCompiler,
} from '../engine/background.ts'
export { ArtifactCache, type CacheLimits } from '../engine/cache.ts'
export { type EngineName, engineNamed, engineNames, interpEngine } from '../engine/engines.ts'
export { HostStack } from '../engine/host-stack.ts'
export { liftProgram } from '../engine/lifted.ts'
export type { ArtifactStore, StoreCounts } from '../engine/stored.ts'
export {
  createEngine,
  recompEngine,
  type TieringEngine,
  type TieringOptions,
  tieredEngine,
} from '../engine/tiering.ts'
export { type TraceOptions, type TraceStep, tracing } from '../engine/tracing.ts'
export { gasAt, gasBeyond } from '../ir/gas.ts'
export { printIr } from '../ir/printer.ts'
export { type IrProgram, Mark, rowWords } from '../ir/program.ts'
export { irRows } from '../ir/table.ts'
export { verifyIr } from '../ir/verify.ts'
export { type Blocks, blocksOf, End } from '../recomp/blocks.ts'
export { type Generated, generate } from '../recomp/module.ts'
export { referenceEngine } from '../reference/engine.ts'
export type { CodeOrigin, CodeStats, LeaveReason } from '../vm/code-stats.ts'
export { type DriveExit, drive, type Environment, type HostAnswer } from '../vm/environment.ts'
export { type Access, type Exit, type ExitKind, Trap, type TrapName, trapName } from '../vm/exit.ts'
export {
  HostCall,
  type HostFunction,
  type HostFunctions,
  type HostResult,
  hostAnswer,
  hostOf,
} from '../vm/host-call.ts'
export { HostedMachine } from '../vm/hosted.ts'
export {
  BusyError,
  DisposedError,
  type Engine,
  type Frame,
  type HostHandler,
  LostError,
  type Machine,
  MachineLimitError,
  type MachineState,
  type MachineStats,
  type PageState,
  type Registers,
} from '../vm/machine.ts'
export {
  type LinearPlan,
  type MappedRegion,
  type Memory,
  type MemoryPlan,
  nullZone,
  type PagedPlan,
  type PlannedRegion,
  pageSize,
  type Region,
  type RegionsPlan,
  regionLimits,
  type Segment,
} from '../vm/memory.ts'
export { limitMemory } from '../vm/memory-limit.ts'
export type {
  AvmFunction,
  AvmProgram,
  BpfFunction,
  BpfOptions,
  BpfProgram,
  ContractProgram,
  Program,
  PvmOptions,
  PvmProgram,
  PvmVersion,
  RiscvProgram,
  SbpfFrames,
  SbpfProgram,
  SbpfVersion,
} from '../vm/program.ts'
