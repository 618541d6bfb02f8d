import { InputError } from '#vm/bits/errors'
import { Rng } from '../laws/rng.ts'
import { type Coverage, Frontier } from './coverage.ts'
import { mutate } from './mutate.ts'
import type { Target } from './target.ts'

/** What came out that may not. */
export interface Finding {
  readonly target: string
  readonly what: string
  /** Base64 of the input, made small. */
  readonly input: string
}

export interface TargetReport {
  readonly target: string
  executions: number
  accepted: number
  readonly codes: Set<string>
  /** Inputs each of which reached new code. */
  corpus: number
  functions: number
  /** The longest input, in ms, and the slowest by size, in ms per KiB; least of three times. */
  slowest: number
  slowestPerKiB: number
  peakMiB: number
  readonly findings: Finding[]
}

/** Inputs between two looks at the coverage, each of which takes as long as some dozen inputs. */
export const batch = 96
const maxInput = 16_384
const maxFindings = 3
/** ms; what takes longer is measured again: other work on the machine is not ours. */
const slow = 20

/** Undefined when the input was taken or refused as it should be, else what is wrong. */
function verdictOf(target: Target, bytes: Uint8Array, report?: TargetReport): string | undefined {
  try {
    target.run(bytes)
    if (report !== undefined) report.accepted++
    return undefined
  } catch (error) {
    if (!(error instanceof InputError)) return String((error as Error)?.stack ?? error)
    report?.codes.add(error.code)
    const { code, offset } = error
    if (!/^[a-z][A-Za-z0-9]*$/.test(code)) return `code '${code}'`
    const places = error.message.match(/\((?:at offset|line) \d/g) ?? []
    if (places.length > 1) return `${code}: several places in one message: ${error.message}`
    if (offset === undefined) return undefined
    return Number.isSafeInteger(offset) && offset >= 0 ? undefined : `${code}: offset ${offset}`
  }
}

/** Numbers apart: the same at another place is the same. */
const firstLine = (text: string): string => text.split('\n', 1)[0]!.replaceAll(/-?\d+/g, '#')

/** Cuts pieces out as long as the same thing goes wrong. */
function minimised(target: Target, bytes: Uint8Array, what: string): Uint8Array {
  let out = bytes
  const started = performance.now()
  for (let size = out.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at < out.length && performance.now() - started < 1500; ) {
      const less = new Uint8Array([...out.subarray(0, at), ...out.subarray(at + size)])
      const still = verdictOf(target, less)
      if (still !== undefined && firstLine(still) === firstLine(what)) out = less
      else at += size
    }
  }
  return out
}

export interface FuzzOptions {
  readonly seed: number
  readonly milliseconds: number
  /** Called with each input before it is read, so that one that never ends can be told. */
  readonly before: (input: Uint8Array) => void
}

/** Fuzzes one target: first guided by coverage, then, faster, from what that has found. */
export class Fuzzer {
  readonly report: TargetReport
  private readonly target: Target
  private readonly options: FuzzOptions
  private readonly rng: Rng
  private readonly corpus: Uint8Array[] = []
  private readonly seeds: readonly Uint8Array[]

  constructor(target: Target, options: FuzzOptions) {
    this.target = target
    this.options = options
    this.rng = new Rng(options.seed)
    // of a Buffer, which targets may give, a slice is no copy
    this.seeds = target.seeds.map((seed) => new Uint8Array(seed))
    this.report = {
      target: target.name,
      executions: 0,
      accepted: 0,
      codes: new Set(),
      corpus: 0,
      functions: 0,
      slowest: 0,
      slowestPerKiB: 0,
      peakMiB: 0,
      findings: [],
    }
  }

  private milliseconds(bytes: Uint8Array): number {
    const started = performance.now()
    verdictOf(this.target, bytes)
    return performance.now() - started
  }

  private one(bytes: Uint8Array): void {
    const { report, target } = this
    this.options.before(bytes)
    const started = performance.now()
    const what = verdictOf(target, bytes, report)
    let took = performance.now() - started
    report.executions++
    if (took > slow && took > report.slowest)
      took = Math.min(took, this.milliseconds(bytes), this.milliseconds(bytes))
    report.slowest = Math.max(report.slowest, took)
    report.slowestPerKiB = Math.max(report.slowestPerKiB, took / Math.max(1, bytes.length / 1024))
    if (what === undefined || report.findings.length >= maxFindings) return
    if (report.findings.some((found) => firstLine(found.what) === firstLine(what))) return
    const input = Buffer.from(minimised(target, bytes, what)).toString('base64')
    report.findings.push({ target: target.name, what, input })
  }

  private mutants(count: number): Uint8Array[] {
    const { corpus, rng } = this
    return Array.from({ length: count }, () => {
      // what reached new code is most often broken: half of all mutants have a good parent
      const recent = corpus[corpus.length - 1 - rng.below(Math.min(corpus.length, 8))]!
      const parent = rng.pick(rng.chance(50) ? this.seeds : rng.chance(50) ? [recent] : corpus)
      const { tokens, offsets = false } = this.target
      return mutate(rng, parent, rng.pick(corpus), tokens, maxInput, offsets)
    })
  }

  /** Keeps what reaches new code, until time is up. */
  guided(coverage: Coverage): void {
    const frontier = new Frontier()
    /** Runs inputs; of those that reach new code, found by halving, keeps a few. */
    const keep = (inputs: readonly Uint8Array[]): void => {
      for (const input of inputs) this.one(input)
      const taken = coverage.take()
      if (inputs.length > 1) {
        if (!new Frontier(frontier).grows(taken)) return
        const half = inputs.length >> 1
        keep(inputs.slice(0, half))
        keep(inputs.slice(half))
      } else if (frontier.grows(taken)) this.corpus.push(...inputs)
    }
    coverage.take()
    const end = performance.now() + this.options.milliseconds / 2
    for (const seed of this.seeds) keep([seed])
    if (this.corpus.length === 0) this.corpus.push(...this.seeds)
    while (performance.now() < end) {
      keep(this.mutants(batch))
      this.remember()
    }
    this.report.functions = frontier.functions
  }

  /** The same without looking at what is reached. */
  plain(): void {
    const end = performance.now() + this.options.milliseconds / 2
    while (performance.now() < end) {
      for (const input of this.mutants(batch)) this.one(input)
      this.remember()
    }
  }

  private remember(): void {
    this.report.corpus = this.corpus.length
    this.report.peakMiB = Math.max(this.report.peakMiB, process.memoryUsage.rss() / 2 ** 20)
  }
}
