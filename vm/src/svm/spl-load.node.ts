import { lateModule } from '../bits/late.node.ts'

type Data = typeof import('./spl-data.ts')

const data: () => Data = await lateModule(new URL('./spl-data.js', import.meta.url))

/** Loaded when a program is first used: half a megabyte of text. */
export function splPacked(): Readonly<Record<string, string>> {
  return data().splData
}
