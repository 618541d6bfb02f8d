import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/** Node 20.19 and 22.12 on can load a module at once; before them it is loaded at the start. */
const canWait: boolean = process.features.require_module === true

/** What a module exports, loaded when first asked for. @param file its compiled file */
export async function lateModule<Module>(file: URL): Promise<() => Module> {
  let loaded: Module | undefined = canWait ? undefined : ((await import(file.href)) as Module)
  return () => {
    loaded ??= createRequire(file)(fileURLToPath(file)) as Module
    return loaded
  }
}
