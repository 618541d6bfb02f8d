import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

type Heavy = typeof import('./heavy.ts')

const file = new URL('./heavy.js', import.meta.url)
/** Node 20.19 and 22.12 on; before them modules are loaded at the start. */
const canWait: boolean = process.features.require_module === true

let loaded: Heavy | undefined = canWait ? undefined : await import('./heavy.ts')

/** Loaded when first asked for: a third of what the start of a ledger takes. */
export function heavyCurves(): Heavy {
  loaded ??= createRequire(import.meta.url)(fileURLToPath(file)) as Heavy
  return loaded
}
