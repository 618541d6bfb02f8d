import { splData } from './spl-data.ts'

/** Where nothing can be loaded at once later on, the data are loaded with the rest. */
export function splPacked(): Readonly<Record<string, string>> {
  return splData
}
