import type { Engine } from 'alcatraz-vm'
import { compare, Disagreement, inPieces } from './compare.ts'
import { irModel } from './ir-model.ts'
import type { Seen } from './law.ts'
import { regionTrial } from './region-programs.ts'
import { Rng } from './rng.ts'

/**
 * One seed: the model and an engine agree on an IR program over regions at every exit, and with its
 * gas in pieces.
 * @throws {Disagreement} with the seed
 */
export function regionSeed(engine: Engine, seed: number, seen: Seen): void {
  const trial = regionTrial(seed)
  try {
    const { exits, instructions } = compare(irModel, engine, trial)
    seen.programs++
    seen.instructions += instructions
    for (const exit of exits) {
      const kind = exit.kind === 'trap' ? exit.trap : exit.kind
      seen.exits.set(kind, (seen.exits.get(kind) ?? 0) + 1)
    }
    const rng = new Rng(seed)
    const most = rng.pick([1, 3, 40])
    inPieces(
      irModel,
      engine,
      trial,
      () => BigInt(rng.between(1, most)),
      () => {},
    )
  } catch (error) {
    if (!(error instanceof Disagreement)) throw new Error(`seed ${seed}`, { cause: error })
    throw new Disagreement(`seed ${seed}, regions: ${error.message}`)
  }
}
