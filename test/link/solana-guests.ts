import { readdirSync, readFileSync } from 'node:fs'

const folder = new URL('../../../guests/solana/objects/', import.meta.url)

/** A checked-in object of a Solana program, such as `counter`. */
export function solanaGuest(name: string): { name: string; bytes: Uint8Array } {
  return { name: `${name}.o`, bytes: new Uint8Array(readFileSync(new URL(`${name}.o`, folder))) }
}

export const solanaGuestNames: readonly string[] = readdirSync(folder)
  .filter((file) => file.endsWith('.o'))
  .map((file) => file.slice(0, -2))
  .sort()
