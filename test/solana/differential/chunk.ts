/** A process that runs worlds: `litesvm` aborts its process where it panics, which must not end the run. */
import { actionsOf } from './generate.ts'
import { nativeLitesvm } from './litesvm.ts'
import { oursOf } from './ours.ts'
import { runWorld, type WorldResult } from './run.ts'
import { shrink } from './shrink.ts'
import type { FeatureName } from './world.ts'

/** Which worlds to run, as the parent asks for them. */
export interface Chunk {
  readonly seed: string
  readonly from: number
  readonly to: number
  readonly perWorld: number
  readonly only?: string
  readonly features: FeatureName
  readonly engine: string
}
export interface Report extends WorldResult {
  readonly world: number
}

process.on('message', async (chunk: Chunk) => {
  const native = nativeLitesvm()
  if (native === undefined) throw new Error('litesvm is not installed')
  const { seed, from, to, perWorld, only, features, engine } = chunk
  const ours = await oursOf(engine)
  for (let world = from; world < to; world++) {
    const result = runWorld(native, ours, seed, world, perWorld, actionsOf(only), features)
    const { difference } = result
    const less =
      ours !== undefined && difference !== undefined
        ? shrink(native, ours, difference.ops, difference.what)
        : undefined
    const shorter = less && { ...less.difference, ops: less.ops }
    const report: Report = { world, ...result, ...(shorter && { difference: shorter }) }
    await new Promise<void>((resolve) => process.send?.(report, () => resolve()))
  }
  process.disconnect()
})
