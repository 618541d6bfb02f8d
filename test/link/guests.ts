import { readdirSync, readFileSync } from 'node:fs'

const folder = new URL('../../../guests/objects/', import.meta.url)

/** A checked-in object, such as `token-v4`. */
export function guest(name: string): { name: string; bytes: Uint8Array } {
  return { name: `${name}.o`, bytes: new Uint8Array(readFileSync(new URL(`${name}.o`, folder))) }
}

/** Names of all checked-in objects. */
export const guestNames: readonly string[] = readdirSync(folder)
  .filter((file) => file.endsWith('.o'))
  .map((file) => file.slice(0, -2))
  .sort()
