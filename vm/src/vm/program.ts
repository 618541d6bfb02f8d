import type { MemoryPlan } from './memory.ts'

/** What every program has, whatever its ISA. Built by `image/` or `link/`, never by an engine. */
interface ProgramBase {
  readonly code: Uint8Array
  /** Entry points by name, as guest pcs. */
  readonly exports: ReadonlyMap<string, number>
  /** Host calls by index: `host` exits carry the index (bpf) or the number the program named (PVM). */
  readonly imports: readonly string[]
  readonly memory: MemoryPlan
  /** Name of a gas schedule of the ISA (`isa/<isa>/gas.ts`), or 'none'. */
  readonly gas: string
  /** Names of places in the code, for people only. */
  readonly symbols: ReadonlyMap<number, string>
}

/** A function of an eBPF program; `frameSize` bytes below r10 are its own. */
export interface BpfFunction {
  /** Slot of the first instruction. */
  readonly pc: number
  /** Bytes, a multiple of 8. */
  readonly frameSize: number
}

/** Switches of the eBPF profile; each default is the contract profile's. */
export interface BpfOptions {
  /** Legacy packet access (RFC 9669, 5.3.. historical): read from the input region, big-endian. */
  readonly packet: boolean
  /** `callx` on a value that is no code address calls the host call of that id (conformance suite). */
  readonly callxHelpers: boolean
  /** Open local calls allowed at one time, the entry function not counted. */
  readonly maxDepth: number
}

export interface BpfProgram extends ProgramBase {
  readonly isa: 'bpf'
  readonly version: 'v4'
  /** Sorted by pc; covers the code; a program without symbols has one per call target. */
  readonly functions: readonly BpfFunction[]
  /** A code address is `codeBase + 8 * slot`. 0x1_0000_0000: no data address can equal it. */
  readonly codeBase: bigint
  /** Slots whose code address the program takes: the only valid targets of `gotox`. */
  readonly addressTaken: readonly number[]
  /** The stack occupies [low, high); r10 starts at `high`. */
  readonly stack: { readonly low: number; readonly high: number }
  /** The bytes that packet access reads; absent: none. */
  readonly input?: { readonly address: number; readonly length: number }
  readonly options: BpfOptions
}

export type PvmVersion = 'revive-v1' | 'latest32' | 'latest64' | 'jam-v1' | 'gp-0.7'

/** The places where the Gray Paper's versions and the polkavm crate differ, each by name. */
export interface PvmOptions {
  /** Third register of three-register forms: min(12, octet) in the paper, min(12, octet & 15) in the crate. */
  readonly wideThirdRegister: boolean
  /** Accept varints that are longer than needed (crate) or refuse them (paper). */
  readonly nonMinimalVarints: boolean
  /** Largest size of a jump-table entry: 4 in the crate, 255 in the paper. */
  readonly maxJumpEntrySize: number
  /** Gray Paper 0.8 `deblob`: unknown opcodes or a missing last terminator refuse the whole program. */
  readonly validateWhole: boolean
  /** Gray Paper 0.8: a branch panics when either of its targets is no block start, taken or not. */
  readonly bothBranchTargets: boolean
  /** Access below 0x10000 panics (paper) instead of faulting. */
  readonly nullPagePanics: boolean
  /** Other bad accesses are page faults, or traps (crate without dynamic paging). */
  readonly pageFaults: boolean
  /** What `sbrk` answers: the new top (crate), the old top (anan-as), or it is an invalid instruction. */
  readonly sbrk: 'newTop' | 'oldTop' | 'forbidden'
  /** Is `memset` an instruction. */
  readonly memset: boolean
  /** `ecalli` carries the index of an import (crate) or the host call's number (paper). */
  readonly ecalliImports: boolean
  /** When gas runs out: the counter stays as it was (0.8, crate), or is spent to zero (0.7 clamps a negative counter). */
  readonly outOfGasKeepsCounter: boolean
  /** The pc after halt or panic: of the last instruction executed (vectors), or 0 (Psi). */
  readonly pcAfterHalt: 'last' | 'zero'
  /** A fresh entry in mid-block charges the whole block that contains it. */
  readonly midBlockEntryCharges: boolean
}

export interface PvmProgram extends ProgramBase {
  readonly isa: 'pvm'
  readonly version: PvmVersion
  /** One bit per octet of code, least significant first: set where an instruction starts. */
  readonly bitmask: Uint8Array
  readonly jumpTable: Uint32Array
  readonly options: PvmOptions
  /** Registers at an entry, by the convention of the file: `startPvm` sets them. Others are 0. */
  readonly start?: readonly bigint[]
}

export type SbpfVersion = 'v0' | 'v1' | 'v2' | 'v3' | 'v4'

/** Managed calls of sBPF: each moves the frame pointer r10 by a fixed step. */
export interface SbpfFrames {
  /** Local calls open at one time; solana-sbpf's `max_call_depth` 64 refuses the 64th, which is 63 here. */
  readonly maxDepth: number
  /** r10 at an entry. */
  readonly start: bigint
  /** Bytes a call adds to r10: 0x2000 with gaps, 0x1000 without; 0 where programs move r10 (V1, V2). */
  readonly step: number
}

/**
 * A program of Solana. `image/sbpf-program.ts` builds it from what a loader has found.
 *
 * `code` is the text section, relocated, and nothing else; pcs are slots of it. `exports` has the
 * entry as 'entrypoint'. `imports` are names of syscalls: a `host` exit carries the index. The memory
 * is regions64: what is read-only and the stack stay as they are, the heap may be resized, and the
 * input is mapped by the host, from 0x4_0000_0000 on. The gas schedule is 'sbpf': 1 an instruction.
 *
 * Engines run any code, verified or not: what is no instruction of the version traps with
 * `invalidInstruction` when it is reached.
 */
export interface SbpfProgram extends ProgramBase {
  readonly isa: 'sbpf'
  readonly version: SbpfVersion
  /** Guest address of slot 0. `callx` goes to slot floor((address - textAddress) / 8), any slot there is. */
  readonly textAddress: bigint
  /** Index into `imports` by the u32 that `call` has as its immediate; from V3 on with source 0. */
  readonly syscalls: ReadonlyMap<number, number>
  /** V0 to V2: slot by that u32, asked when no syscall has it. From V3 on empty: calls are relative. */
  readonly functions: ReadonlyMap<number, number>
  /** Slots whose addresses code or data hold, ascending: generated code calls these by `callx`, other slots are slower. */
  readonly addressTaken: readonly number[]
  readonly frames: SbpfFrames
}

/**
 * A static executable of RISC-V, in user mode on one hart. `image/riscv.ts` builds it from an ELF file.
 *
 * `code` is the executable segment; pcs are byte offsets into it, addresses are `codeBase` + pc. Instructions are cut
 * one behind the other from pc 0 on (what is none is two octets); a run or jump to another place traps. The code is in
 * memory, too, to be read; what a program writes there does not change what it executes. The memory is paged32:
 * addresses are taken modulo 2^32. Register `n` of a machine is xn; register 0 is not x0, which reads as 0, but what
 * `lr` has reserved: its address plus 1, sign-extended from 32 bits, or 0. `ecall` is host call 0. The gas schedule
 * 'riscv-instruction' is 1 an instruction.
 */
export interface RiscvProgram extends ProgramBase {
  readonly isa: 'riscv'
  readonly version: 'rv32' | 'rv64'
  /** Registers x16 to x31 do not exist. */
  readonly embedded: boolean
  /** Address of the first octet of code, even, below 2^32. */
  readonly codeBase: number
  /** Offsets whose addresses code or data hold, ascending: jumps through registers are fast there, and slower elsewhere. */
  readonly addressTaken: readonly number[]
  /** x2 at an entry; the other registers are 0. */
  readonly stackTop: bigint
  /** Host calls by name: `ecall` with `firstEcallImport + i` in a7 is entry `i`. */
  readonly ecalls?: readonly string[]
}

/** The number in a7 that is a RISC-V program's first host call by name; the upper immediate of one `lui`. */
export const firstEcallImport: number = 0x1000

/** A function of AVM; `frameSize` bytes below r15 are its own. */
export interface AvmFunction {
  /** Offset of the first instruction. */
  readonly pc: number
  /** Bytes, a multiple of 8. */
  readonly frameSize: number
  /** Registers that it is given, r0 on: 0 to 8. */
  readonly args: number
  /** Values of its own, 0 to 128, that have no address; zero when it is entered. */
  readonly slots: number
}

/** A program of our own format (docs/avm.md); pcs are byte offsets. Code is valid, or no engine takes it. */
export interface AvmProgram extends ProgramBase {
  readonly isa: 'avm'
  readonly version: 'v1'
  /** In the order of their pcs, covering the code; `call` names one by its index. */
  readonly functions: readonly AvmFunction[]
  /** Pcs whose code address the program takes: 0x4000_0000 + 2 * index. */
  readonly codeTable: readonly number[]
  /** The stack occupies [low, high); r15 starts at `high`. */
  readonly stack: { readonly low: number; readonly high: number }
  /** Open calls allowed at one time, the entry function not counted. */
  readonly maxDepth: number
}

/** Programs of the contract profiles, which containers hold. */
export type ContractProgram = AvmProgram | BpfProgram | PvmProgram

export type Program = ContractProgram | SbpfProgram | RiscvProgram
