import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

type Data = typeof import('./spl-data.ts')

const file = new URL('./spl-data.js', import.meta.url)
/** Node 20.19 and 22.12 on; before them the data are loaded at the start. */
const canWait: boolean = process.features.require_module === true

let loaded: Data | undefined = canWait ? undefined : await import('./spl-data.ts')

/** Loaded when a program is first used: half a megabyte of text. */
export function splPacked(): Readonly<Record<string, string>> {
  loaded ??= createRequire(import.meta.url)(fileURLToPath(file)) as Data
  return loaded.splData
}
