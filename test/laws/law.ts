import type { Engine } from 'alcatraz-vm'
import { liftProgram } from '#vm/engine/lifted'
import { Mark, rowWords } from '#vm/ir/program'
import { compare, Disagreement, inPieces, type Outcome, type Trial } from './compare.ts'
import { Rng } from './rng.ts'
import { cuttable, stepwise, unmetered } from './trials.ts'

/** What a law has seen. */
export interface Seen {
  programs: number
  /** Programs that executed at least `longRun` instructions in one trial. */
  long: number
  instructions: bigint
  hostCalls: number
  readonly exits: Map<string, number>
  /** IR ops of guest instructions that were executed. */
  readonly ops: Set<number>
}

const longRun = 50n

export function nothingSeen(): Seen {
  return { programs: 0, long: 0, instructions: 0n, hostCalls: 0, exits: new Map(), ops: new Set() }
}

function note(seen: Seen, outcome: Outcome): void {
  seen.instructions += outcome.instructions
  for (const exit of outcome.exits) {
    const kind = exit.kind === 'trap' ? exit.trap : exit.kind
    seen.exits.set(kind, (seen.exits.get(kind) ?? 0) + 1)
    if (exit.kind === 'host') seen.hostCalls++
  }
}

/** Adds the ops of the guest instructions at `pcs`. */
function noteOps(seen: Seen, trial: Trial, pcs: ReadonlySet<number>): void {
  if (pcs.size === 0) return
  const ir = liftProgram(trial.program)
  for (const pc of pcs) {
    const first = ir.rowOf[pc] ?? -1
    if (first < 0) continue
    for (let row = first; row < ir.count && ir.pcOf[row] === pc; row++)
      if ((ir.marks[row]! & Mark.outOfLine) === 0) seen.ops.add(ir.rows[row * rowWords]! & 0xff)
  }
}

/** Does a program end by itself soon, without a host call: then it does so without gas, too. */
function endsAlone(engine: Engine, trial: Trial): boolean {
  const { exits } = inPieces(
    engine,
    engine,
    { ...trial, gas: 2000n },
    () => 2000n,
    () => {},
  )
  const kind = exits[0]?.kind
  return kind !== undefined && kind !== 'host' && kind !== 'outOfGas'
}

/**
 * One seed: the engines agree at every exit. In turn programs are also cut into single
 * instructions, cut into random pieces of gas, and run without gas.
 * @throws {Disagreement} with the seed
 */
export function oneSeed(
  engines: readonly [Engine, Engine],
  trialOf: (seed: number) => Trial,
  seed: number,
  seen: Seen,
): void {
  const [left, right] = engines
  const trial = trialOf(seed)
  try {
    const outcome = compare(left, right, trial)
    note(seen, outcome)
    seen.programs++
    if (outcome.instructions >= longRun) seen.long++
    if (seed % 3 === 0) {
      const steps = stepwise(trial)
      const pcs = new Set<number>()
      note(
        seen,
        inPieces(
          left,
          right,
          steps,
          () => 1n,
          (pc) => pcs.add(pc),
        ),
      )
      noteOps(seen, steps, pcs)
    } else if (seed % 3 === 1) {
      const rng = new Rng(seed)
      const most = rng.pick([3, 40, 400])
      inPieces(
        left,
        right,
        cuttable(trial),
        () => BigInt(rng.between(1, most)),
        () => {},
      )
    } else if (endsAlone(left, stepwise(trial))) {
      note(
        seen,
        inPieces(
          left,
          right,
          unmetered(trial),
          () => 1n,
          () => {},
        ),
      )
    }
  } catch (error) {
    if (!(error instanceof Disagreement)) throw new Error(`seed ${seed}`, { cause: error })
    throw new Disagreement(`seed ${seed}, ${trial.program.version}: ${error.message}`)
  }
}
