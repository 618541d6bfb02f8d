/** What one run of the benchmarks found: written as JSON, printed, drawn. Times are milliseconds. */
export interface Results {
  readonly mode: string
  readonly command: string
  readonly host: HostFacts
  readonly targets: readonly Target[]
  readonly throughput?: Throughput
  readonly costs?: Costs
  readonly calls?: readonly CallRow[]
  readonly latency?: readonly Latency[]
  readonly emission?: Emission
  readonly linearity?: readonly Line[]
  readonly hostile?: Hostile
  readonly memory?: MemoryUse
  readonly state?: StateUse
  readonly solana?: SolanaUse
  readonly experiment?: Experiment
}

export interface HostFacts {
  readonly cpu: string
  readonly cores: number
  readonly memoryMiB: number
  readonly system: string
  readonly node: string
  readonly v8: string
}

/** A number that was promised. `met` is left to the reader of a smoke run. */
export interface Target {
  readonly name: string
  readonly wanted: string
  readonly got: string
  readonly met: boolean
}

export interface Throughput {
  readonly rows: readonly ThroughputRow[]
  readonly peer: { readonly name: string; readonly builds: readonly PeerBuild[] }
}

/** Speeds in million guest instructions per second, of the fastest run. */
export interface ThroughputRow {
  readonly workload: string
  readonly isa: 'eBPF' | 'PVM'
  readonly instructions: number
  readonly interp: number
  readonly recomp: number
  /** recomp / interp */
  readonly speedup: number
  /** Share of instructions that ran in generated code, 0 to 1. */
  readonly generated: number
  readonly reference: number
  readonly peer?: number
  /** interp / peer */
  readonly ratio?: number
}

/** Whole runs of optimised code, interleaved; milliseconds. */
export interface CostRow {
  readonly workload: string
  readonly isa: 'eBPF' | 'PVM'
  /** What recomp runs: gas and exact faults. */
  readonly full: Spread
  /** The same without gas, without checks of memory, without both. */
  readonly noGas: Spread
  readonly noChecks: Spread
  readonly neither: Spread
  /** The same C source by clang as WebAssembly. */
  readonly wasm?: Spread
}

export interface Costs {
  readonly rounds: number
  readonly rows: readonly CostRow[]
}

/** A whole message through `executeMessage`, microseconds. */
export interface CallRow {
  readonly call: string
  readonly engine: string
  /** A program at hand; or first sent to one that comes as bytes, its code known to the engine or not. */
  readonly state: 'steady' | 'cached' | 'unseen'
  readonly instructions: number
  /** Share of instructions that ran in generated code, 0 to 1. */
  readonly generated: number
  readonly micros: Spread
}

/** Programs that the process has never seen, on recomp; milliseconds. */
export interface EmissionRow {
  readonly isa: 'eBPF' | 'PVM'
  readonly gas: string
  readonly bytes: number
  /** Octets of WebAssembly. */
  readonly wasmBytes: number
  readonly samples: number
  /** From IR to WebAssembly. */
  readonly emit: Spread
  /** What V8 takes to accept the module. */
  readonly compile: Spread
  /** From bytes until an instruction has run in generated code. */
  readonly first: Spread
  /** The same where the engine has seen equal code, and where it is in a folder on disk. */
  readonly cached: Spread
  readonly disk: Spread
  /** Million bytes of guest code a second, of the fastest emission. */
  readonly speed: number
}

export interface Emission {
  readonly rows: readonly EmissionRow[]
  /** Fresh processes: from before the import to the first result, through interp. */
  readonly start: { readonly samples: number; readonly import: Spread; readonly result: Spread }
}

export interface PeerBuild {
  readonly build: string
  readonly api: string
  readonly speed: number
  readonly chosen: boolean
}

export interface Spread {
  readonly min: number
  readonly median: number
  readonly p95: number
}

export interface Latency {
  readonly isa: 'eBPF' | 'PVM'
  readonly gas: string
  readonly bytes: number
  readonly instructions: number
  readonly samples: number
  readonly total: Spread
  /** Smallest time of each stage; they need not be of the same sample. */
  readonly stages: readonly {
    readonly name: string
    readonly min: number
    readonly median: number
  }[]
}

/** `ms = a + b * bytes`, by least squares of relative errors. */
export interface Fit {
  readonly a: number
  /** Milliseconds per byte; printed as ns per byte. */
  readonly b: number
  /** Largest |measured - fitted| / fitted. */
  readonly deviation: number
}

export interface Line {
  readonly input: string
  readonly shape: string
  readonly points: readonly { readonly bytes: number; readonly ms: number }[]
  readonly fit: Fit
}

/** One hostile program on recomp, in a process of its own. */
export interface HostilePoint {
  readonly shape: string
  readonly instructions: number
  /** Of guest code. */
  readonly bytes: number
  /** Milliseconds of emission, smallest; of giving up if there is no module. */
  readonly emit: number
  /** Milliseconds of processor time, of all threads, until fixed work is done and V8 is idle. */
  readonly cpu: number
  /** MiB of resident memory at most, over those before it was compiled. */
  readonly peakMiB: number
  /** Absent: beyond the limits, left to interp. */
  readonly module?: { readonly bytes: number; readonly validate: number }
}

/** V8's optimising compiler on every function of a program; processor time. */
export interface Optimised {
  readonly functions: number
  readonly worstMs: number
  /** Octets of Wasm of that function. */
  readonly worstBody: number
  /** Most memory that the compiler needed for one function. */
  readonly memoryMiB: number
  readonly totalMs: number
}

export interface HostileShape {
  readonly isa: 'eBPF' | 'PVM'
  readonly name: string
  readonly points: readonly HostilePoint[]
  /** Milliseconds of emission by instructions. */
  readonly fit: Fit
  /** Emission and validation grow with size to this power, between the two largest programs. */
  readonly power: number
  readonly optimised: Optimised
}

export interface Hostile {
  /** Instructions of the programs of which every function was optimised. */
  readonly optimisedSize: number
  readonly shapes: readonly HostileShape[]
}

export interface MemoryUse {
  readonly rows: readonly MemoryRow[]
}

export interface MemoryRow {
  readonly profile: string
  readonly engine: string
  readonly machines: number
  /** KiB of resident memory for each machine while all of them live, and after all are disposed. */
  readonly liveKiB: number
  readonly disposedKiB: number
  readonly churn: number
  /** Microseconds to make and dispose a machine, again and again; the worst waits for collection. */
  readonly medianMicros: number
  readonly meanMicros: number
  readonly worstMicros: number
  /** MiB by which the process grew while it made and disposed `churn` machines. */
  readonly churnGrowthMiB: number
}

/** Milliseconds by the clock, and of the processor in all threads: what it takes where nothing else runs. */
export interface Times {
  readonly wall: Spread
  readonly cpu: Spread
}

/** A store of so many accounts. */
export interface StateRow {
  readonly store: string
  readonly accounts: number
  /** Leaves of an update, and transfers of a block. */
  readonly each: number
  readonly openMs: number
  readonly update: Times
  readonly block: Times
  /** Microseconds to a contract's next slot, while a block is open that has written as many as are stored. */
  readonly nextMicros: Spread
  /** MiB of V8's heap and arrays after all of it. */
  readonly heapMiB: number
}

/** Many distinct contracts, each deployed and called once on recomp. */
export interface ContractsUse {
  readonly contracts: number
  readonly ms: number
  /** After each tenth: of the process, without files that it maps; of V8's heap and arrays. */
  readonly samples: readonly {
    readonly contracts: number
    readonly residentMiB: number
    readonly heapMiB: number
  }[]
  /** Programs, and octets of their code and modules, that the engine has in its cache in the end. */
  readonly cached: number
  readonly cacheBytes: number
}

export interface Instances {
  readonly engine: string
  /** A program that a chain keeps, or the bytes of one whose code the engine has. */
  readonly from: 'program' | 'bytes'
  readonly micros: Spread
}

export interface StateUse {
  readonly diffMicros: Spread
  readonly instances: readonly Instances[]
  readonly rows: readonly StateRow[]
  readonly contracts: ContractsUse
}

/** Times of one runtime, milliseconds. */
export interface SolanaTimes {
  readonly vm: string
  readonly ms: Spread
}

/** A program that computes: whole transactions, and bare runs of Agave's virtual machine. */
export interface SolanaCompute {
  readonly name: string
  readonly version: 'V0' | 'V3'
  /** Compute units of the transaction, the same in every runtime. */
  readonly units: number
  readonly runs: readonly SolanaTimes[]
}

/** One kind of transaction, signatures not checked; milliseconds of each. */
export interface SolanaRate {
  readonly name: string
  readonly runs: readonly SolanaTimes[]
}

export interface SolanaUse {
  readonly compute: readonly SolanaCompute[]
  readonly transactions: readonly SolanaRate[]
  /** Microseconds to verify a signature that was not seen before. */
  readonly signatureMicros: Spread
  /** Fresh processes: to import the published package, and from `new LiteSVM()` to the result of a transfer. */
  readonly importMs: Spread
  readonly startMs: Spread
}

/** From the bytes of a program to the result of a small call; milliseconds. */
export interface CycleTimes {
  readonly total: Spread
  /** Of the fastest cycle; what a machine does in one step has one name. */
  readonly stages: Readonly<Record<string, number>>
}

/** One guest on one virtual machine; with `error` it has no numbers. */
export interface ExperimentRow {
  readonly program: string
  readonly vm: string
  readonly format: string
  /** Of the deployed file. */
  readonly bytes: number
  readonly error?: string
  readonly version?: string
  /** How much work `run` is. */
  readonly n?: number
  /** Milliseconds of a run in the steady state. */
  readonly run?: Spread
  /** The first cycle of a process, and later ones; of a program whose code is in memory or on disk. */
  readonly cold?: CycleTimes
  readonly warm?: CycleTimes
  readonly cached?: CycleTimes
  readonly disk?: CycleTimes
  /** By which the process has grown. */
  readonly residentMiB?: number
  /** Bytes of what the program was translated to. */
  readonly code?: number
  /** Guest instructions of a run. */
  readonly instructions?: number
}

/** Fresh processes of Node: from their start to the first result, through generated code; milliseconds. */
export interface FreshStart {
  readonly program: string
  readonly format: string
  readonly samples: number
  readonly ms: Spread
}

/** Bytes of one guest in one format, from one level of optimisation. */
export interface SizeRow {
  readonly program: string
  readonly level: string
  readonly format: string
  /** Of code alone, and of that after brotli at its best. */
  readonly code: number
  readonly codeBrotli: number
  /** Of the deployed file. */
  readonly file: number
  readonly fileBrotli: number
  /** Code as our containers pack it, where the format has that. */
  readonly packed?: number
  /** Milliseconds to unpack it, warm. */
  readonly unpackMs?: number
  /** Gas that a contract pays when it is the first of a transaction to call one of that code. */
  readonly gas?: number
}

export interface Experiment {
  readonly rounds: number
  readonly programs: readonly {
    readonly name: string
    readonly n: number
    readonly small: number
  }[]
  /** Peers that are not built here. */
  readonly absent: readonly string[]
  readonly rows: readonly ExperimentRow[]
  readonly sizes: readonly SizeRow[]
  readonly starts: readonly FreshStart[]
}
