/** The law of the optimiser: a program does the same afterwards. */
import { isDeepStrictEqual } from 'node:util'
import type { OptProgram } from '#vm/opt/ir'
import { printProgram } from '#vm/opt/print'
import { verifyOpt } from '#vm/opt/verify'
import { Rng } from '../laws/rng.ts'
import { evaluate, memoryFor, type Outcome } from './evaluate.ts'
import { dataAddress, keptPointer, memorySize, randomOpt, stackHigh } from './programs.ts'

/** All that can be seen of a run. */
export interface Seen {
  readonly outcome: Outcome
  readonly host: readonly string[]
  readonly data: Uint8Array
  /** Instructions executed. */
  readonly steps: number
}

/** Runs function 0 with some arguments. */
export function observe(program: OptProgram, seed: number): Seen {
  const rng = new Rng(seed ^ 0x51ed)
  const places = { data: dataAddress, readOnly: dataAddress, size: memorySize }
  const memory = memoryFor(program, places)
  const host: string[] = []
  let steps = 0
  const outcome = evaluate(program, 0, [rng.value(), rng.value(), rng.value()], {
    ...{ memory, stackHigh, maxSteps: 200_000 },
    host: (index, args) => {
      host.push(`${index}(${args.join(' ')})`)
      return [args[0]! * 3n + BigInt(host.length), args[1]! ^ 0x55n].map((x) =>
        BigInt.asIntN(64, x),
      )
    },
    count: () => {
      steps++
    },
  })
  const data = memory.slice(dataAddress)
  // where frames are is nothing that a program may rely on
  data.fill(0, keptPointer, keptPointer + 8)
  return { outcome, host, data, steps }
}

/** Applies `change` to random programs; how the first that differs does so. */
export function findDifference(
  change: (program: OptProgram) => void,
  programs: number,
  seed = 1,
  make: (seed: number) => OptProgram = randomOpt,
): string | undefined {
  for (let i = 0; i < programs; i++) {
    const which = seed + i
    const program = make(which)
    const text = (): string => `${printProgram(make(which))}\n-- to\n${printProgram(program)}`
    const runs = [which, which + 7919]
    const before = runs.map((run) => observe(program, run))
    // a load that nothing needs may go with its fault
    if (before.some(({ outcome: { kind } }) => kind === 'steps' || kind === 'fault')) continue
    try {
      change(program)
      verifyOpt(program)
    } catch (error) {
      return `program ${which}: ${error instanceof Error ? error.stack : error}\n${text()}`
    }
    for (const [at, run] of runs.entries()) {
      const { steps, ...seen } = observe(program, run)
      const { steps: _steps, ...expected } = before[at]!
      if (!isDeepStrictEqual(seen, expected))
        return `program ${which}: ${show(expected)} became ${show(seen)}\n${text()}`
    }
  }
  return undefined
}

const show = ({ host, outcome }: Omit<Seen, 'steps'>): string =>
  JSON.stringify({ outcome, host }, (_, value) => (typeof value === 'bigint' ? `${value}` : value))
