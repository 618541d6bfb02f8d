import * as heavy from './heavy.ts'

/** Where nothing can be loaded at once later on, all of it is loaded with the rest. */
export function heavyCurves(): typeof heavy {
  return heavy
}
