/** Functional units of the pipeline model: how many of each exist. */
export const pipelineUnits = { alu: 4, load: 4, store: 4, mul: 1, div: 1 } as const

/**
 * How an instruction passes through the pipeline model (Gray Paper 0.8, A.9 and A.10;
 * polkavm-common/src/simulator.rs). Latency in cycles, decode in slots of the front end.
 */
export interface PipelineCost {
  readonly latency: number | 'memory' | 'branch'
  readonly decode: number
  /** One more decode slot unless the destination is the first source, or any source. */
  readonly extraUnless?: 'first' | 'any'
  readonly units: { readonly [U in keyof typeof pipelineUnits]?: number }
  /** A 32-bit operation: in a 64-bit program latency and decode slots are one higher. */
  readonly narrow?: true
}

/** Classes of instructions that the model does not tell apart; rows of the table name theirs. */
export const pipelineClasses = {
  /** Renamed in the front end: one decode slot, never executed. */
  move: { latency: 0, decode: 1, units: {} },
  trap: { latency: 2, decode: 1, units: {} },
  unlikely: { latency: 40, decode: 1, units: {} },
  jump: { latency: 15, decode: 1, units: {} },
  jumpInd: { latency: 22, decode: 1, units: {} },
  branch: { latency: 'branch', decode: 1, units: { alu: 1 } },
  ecalli: { latency: 100, decode: 4, units: { alu: 1 } },
  loadImm: { latency: 1, decode: 1, units: {} },
  loadImm64: { latency: 1, decode: 2, units: {} },
  load: { latency: 'memory', decode: 1, units: { alu: 1, load: 1 } },
  store: { latency: 25, decode: 1, units: { alu: 1, store: 1 } },
  alu: { latency: 1, decode: 1, extraUnless: 'any', units: { alu: 1 } },
  alu32: { latency: 1, decode: 1, extraUnless: 'any', units: { alu: 1 }, narrow: true },
  bits: { latency: 1, decode: 1, units: { alu: 1 } },
  ctz: { latency: 2, decode: 1, units: { alu: 2 } },
  shift: { latency: 1, decode: 2, extraUnless: 'first', units: { alu: 1 } },
  shift32: { latency: 1, decode: 2, extraUnless: 'first', units: { alu: 1 }, narrow: true },
  shiftAlt: { latency: 1, decode: 3, units: { alu: 1 } },
  shiftAlt32: { latency: 2, decode: 4, units: { alu: 1 } },
  set: { latency: 3, decode: 3, units: { alu: 1 } },
  cmov: { latency: 2, decode: 2, units: { alu: 1 } },
  cmovImm: { latency: 2, decode: 3, units: { alu: 1 } },
  minMax: { latency: 3, decode: 2, extraUnless: 'any', units: { alu: 1 } },
  andInv: { latency: 2, decode: 3, units: { alu: 1 } },
  xnor: { latency: 2, decode: 2, extraUnless: 'any', units: { alu: 1 } },
  negAdd: { latency: 2, decode: 3, units: { alu: 1 } },
  negAdd32: { latency: 3, decode: 4, units: { alu: 1 } },
  mul: { latency: 3, decode: 1, extraUnless: 'any', units: { alu: 1, mul: 1 } },
  mul32: { latency: 4, decode: 2, extraUnless: 'any', units: { alu: 1, mul: 1 } },
  mulUpper: { latency: 4, decode: 4, units: { alu: 1, mul: 1 } },
  mulUpperSU: { latency: 6, decode: 4, units: { alu: 1, mul: 1 } },
  div: { latency: 60, decode: 4, units: { alu: 1, div: 1 } },
} as const
pipelineClasses satisfies Record<string, PipelineCost>
export type PipelineClass = keyof typeof pipelineClasses

/**
 * Gas by class in schedule `pvm-1`; 1 for those that are not here. The prices and their reasons are those of `alcatraz-1`
 * (`isa/bpf/gas.ts`), but that calls are jumps here: what they save is paid as stores.
 */
export const contractCosts: { readonly [C in PipelineClass]?: number } = {
  /** Not pipelined. */
  div: 16,
  load: 2,
  store: 2,
  /** Looked up in the jump table. */
  jumpInd: 2,
  /** Leaves the engine; the host charges its own work on top. */
  ecalli: 8,
}
