import { lateModule } from '../../../bits/late.node.ts'

type Heavy = typeof import('./heavy.ts')

/** Loaded when first asked for: a third of what the start of a ledger takes. */
export const heavyCurves: () => Heavy = await lateModule(new URL('./heavy.js', import.meta.url))
