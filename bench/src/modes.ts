/** How much work each part does; every number is a count, a size, a share, or a limit of effort. */
export interface Mode {
  readonly name: 'full' | 'quick' | 'smoke'
  /** Interleaved rounds; the smallest time counts. The first `warmups` rounds do not count. */
  readonly rounds: number
  readonly warmups: number
  /** Counted rounds of the peer, which is slower. */
  readonly peerRounds: number
  /** Interleaved rounds of whole programs without some parts. */
  readonly costRounds: number
  /** Which of each guest's three amounts of work (guests.ts). */
  readonly size: 0 | 1 | 2
  /** Gas of the runs that are compared with the reference. */
  readonly referenceGas: bigint
  /** Programs that nobody has seen, before counting and counted. */
  readonly latencyWarmups: number
  readonly latencySamples: number
  readonly latencyBytes: number
  /** Bytes of programs, ascending; at least how often and how many bytes in all each is decoded. */
  readonly linearitySizes: readonly number[]
  readonly linearityRounds: number
  readonly linearityWork: number
  /** Instructions of hostile programs, ascending, and of those whose functions are all optimised. */
  readonly hostileSizes: readonly number[]
  readonly optimisedSize: number
  /** Every so many shapes of them are measured. */
  readonly hostileEvery: number
  /** Batches of messages, and messages in each. */
  readonly callBatches: number
  readonly callsPerBatch: number
  /** Fresh processes. */
  readonly starts: number
  readonly machines: number
  readonly churn: number
  /** Accounts of the stores that are measured, and rounds of each. */
  readonly stateAccounts: readonly number[]
  readonly stateRounds: number
  /** Distinct contracts in one process. */
  readonly contracts: number
  /** Transactions of Solana in one batch. */
  readonly solanaBatch: number
  /** The experiment: how many of its programs, rounds of processes, and in each runs and whole cycles at most. */
  readonly experimentPrograms: number
  readonly experimentRounds: number
  readonly experimentRuns: number
  readonly experimentCycles: number
  /** Milliseconds after which a process begins no further run, nor a further cycle. */
  readonly experimentBudget: number
}

const full: Mode = {
  name: 'full',
  rounds: 10,
  warmups: 3,
  peerRounds: 3,
  costRounds: 15,
  size: 2,
  referenceGas: 400_000n,
  latencyWarmups: 60,
  latencySamples: 100,
  latencyBytes: 100_000,
  linearitySizes: [10_000, 100_000, 1_000_000, 10_000_000],
  linearityRounds: 8,
  linearityWork: 20_000_000,
  hostileSizes: [10_000, 100_000, 1_000_000],
  optimisedSize: 10_000,
  hostileEvery: 1,
  callBatches: 60,
  callsPerBatch: 100,
  starts: 12,
  machines: 1000,
  churn: 20_000,
  stateAccounts: [2000, 100_000, 1_000_000],
  stateRounds: 16,
  contracts: 10_000,
  solanaBatch: 3000,
  experimentPrograms: 100,
  experimentRounds: 2,
  experimentRuns: 100,
  experimentCycles: 60,
  experimentBudget: 90,
}

/** The one list of modes. Only `full` gives numbers to quote. */
export const modes: Readonly<Record<Mode['name'], Mode>> = {
  full,
  quick: {
    ...full,
    name: 'quick',
    rounds: 5,
    peerRounds: 1,
    costRounds: 12,
    size: 1,
    referenceGas: 100_000n,
    latencyWarmups: 40,
    latencySamples: 40,
    linearitySizes: [10_000, 100_000, 1_000_000],
    linearityRounds: 4,
    linearityWork: 1_000_000,
    hostileSizes: [5000, 20_000],
    optimisedSize: 4000,
    hostileEvery: 3,
    callBatches: 30,
    starts: 4,
    churn: 2000,
    stateAccounts: [2000, 100_000],
    stateRounds: 8,
    contracts: 1000,
    solanaBatch: 1000,
    experimentRounds: 1,
    experimentRuns: 40,
    experimentCycles: 10,
    experimentBudget: 60,
  },
  smoke: {
    ...full,
    name: 'smoke',
    rounds: 1,
    warmups: 0,
    peerRounds: 1,
    costRounds: 2,
    size: 0,
    referenceGas: 2000n,
    latencyWarmups: 1,
    latencySamples: 2,
    latencyBytes: 10_000,
    linearitySizes: [1000, 3000, 10_000],
    linearityRounds: 2,
    linearityWork: 10_000,
    hostileSizes: [100, 1000],
    optimisedSize: 300,
    hostileEvery: 14,
    callBatches: 1,
    callsPerBatch: 3,
    starts: 1,
    machines: 10,
    churn: 20,
    stateAccounts: [200],
    stateRounds: 2,
    contracts: 20,
    solanaBatch: 20,
    experimentPrograms: 1,
    experimentRounds: 1,
    experimentRuns: 2,
    experimentCycles: 2,
    experimentBudget: 0,
  },
}
