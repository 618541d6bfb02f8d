/** What a child of the experiment is asked, and what it prints as one line of JSON: as bench/peers/protocol. */
export interface Job {
  readonly file: string
  readonly n: number
  readonly small: number
  readonly runs: number
  readonly cycles: number
  /** Milliseconds; spent, no further run or cycle is begun after the second. */
  readonly budget: number
}

/** Nanoseconds by stage; `first` is the first call, `run(small)`. */
export type Cycle = Readonly<Record<string, number>>

export interface Report {
  readonly version: string
  readonly engine: number
  readonly cycles: readonly Cycle[]
  /** Where the engine has the code of an equal program, in memory or on disk; of ours only. */
  readonly cached?: readonly Cycle[]
  readonly disk?: readonly Cycle[]
  readonly runs: readonly number[]
  /** Decimal. */
  readonly result: string
  readonly small: string
  /** Bytes. */
  readonly resident: number
  readonly code: number | null
  /** Guest instructions of a run; of ours only. */
  readonly instructions?: number
}

/** The arguments of a child behind its own: FILE and options, as a peer's. */
export function argumentsOf(job: Job): string[] {
  const { file, ...numbers } = job
  return [file, ...Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, `${value}`])]
}

/** @throws {Error} when an option is missing */
export function jobOf(args: readonly string[]): Job {
  const option = (name: string): number => {
    const value = args[args.indexOf(`--${name}`) + 1]
    if (!args.includes(`--${name}`) || value === undefined) throw new Error(`--${name} is missing`)
    return Number(value)
  }
  return {
    file: args[0]!,
    n: option('n'),
    small: option('small'),
    runs: option('runs'),
    cycles: option('cycles'),
    budget: option('budget'),
  }
}

/** Nanoseconds of each stage of a cycle. */
export class Stages {
  readonly cycle: Record<string, number> = {}

  time<T>(name: string, stage: () => T): T {
    const start = performance.now()
    const made = stage()
    this.cycle[name] = Math.round((performance.now() - start) * 1e6)
    return made
  }
}

/**
 * Runs in V8, and cycles of ours, have so many times the budget: its optimising compiler works beside them, on half a
 * megabyte of the emulator's code for half a second.
 */
export const tieringRoom = 4

/** `body` again and again: `count` times or, after two, until the budget is spent. */
export function repeated<T>(count: number, budget: number, body: () => T): T[] {
  const made: T[] = []
  const begin = performance.now()
  while (made.length < count && (made.length < 2 || performance.now() - begin < budget))
    made.push(body())
  return made
}

/** The one value all of them are. @throws {Error} when they differ */
export function onlyOf(values: readonly bigint[]): string {
  const distinct = [...new Set(values)]
  if (distinct.length !== 1) throw new Error(`runs answer ${distinct.join(', ')}`)
  return `${distinct[0]!}`
}
