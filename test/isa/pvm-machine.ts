import { polkavmPlan } from '#vm/image/pvm-memory'
import { type PvmPreset, pvmPresets } from '#vm/image/pvm-options'
import { assemblePvm } from '#vm/isa/pvm/asm'
import { referenceEngine } from '#vm/reference/engine'
import type { Engine, Machine } from '#vm/vm/machine'
import type { PvmOptions, PvmProgram, PvmVersion } from '#vm/vm/program'

export interface Setup {
  /** By default the reference. */
  readonly engine?: Engine
  readonly version?: PvmVersion
  readonly preset?: PvmPreset
  readonly options?: Partial<PvmOptions>
  readonly gas?: string
  readonly limit?: bigint
}

type Parts = Pick<PvmProgram, 'code' | 'bitmask'> & Partial<PvmProgram>

/** A machine for these parts, by default of latest64 with page faults. */
export function pvmMachine(parts: Parts, setup: Setup = {}): Machine {
  const program: PvmProgram = {
    isa: 'pvm',
    version: setup.version ?? 'latest64',
    jumpTable: new Uint32Array(0),
    memory: { profile: 'paged32', pageSize: 4096, regions: [], segments: [] },
    gas: setup.gas ?? 'pvm-instruction',
    exports: new Map(),
    imports: [],
    symbols: new Map(),
    ...parts,
    options: { ...pvmPresets[setup.preset ?? 'polkavm-paging'], ...setup.options },
  }
  const { engine = referenceEngine, limit = 1_000_000n } = setup
  return engine.instantiate(program, { gas: limit })
}

/** The same for assembly text, with polkavm's memory; ra = return to host, sp = stack top. */
export function pvmText(text: string, setup: Setup = {}): Machine {
  const assembly = assemblePvm(text, { version: setup.version ?? 'latest64' })
  const { code, bitmask, jumpTable, exports } = assembly
  const machine = pvmMachine(
    { code, bitmask, jumpTable, exports, memory: polkavmPlan(assembly) },
    { ...setup, version: assembly.version },
  )
  machine.pc = exports.get('main') ?? 0
  machine.registers.set(0, 0xffff0000n)
  machine.registers.set(1, 0xfffe0000n)
  return machine
}
