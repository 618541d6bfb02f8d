import { readdirSync, readFileSync } from 'node:fs'

const folder = new URL('../../../guests/objects/', import.meta.url)

/** A checked-in object, such as `token-v4`. */
export function guest(name: string): { name: string; bytes: Uint8Array } {
  return { name: `${name}.o`, bytes: new Uint8Array(readFileSync(new URL(`${name}.o`, folder))) }
}

const namesIn = (place: string): string[] =>
  readdirSync(new URL(place, folder))
    .filter((file) => file.endsWith('.o'))
    .map((file) => `${place}${file.slice(0, -2)}`)
    .sort()

/** Names of all checked-in objects of eBPF. */
export const guestNames: readonly string[] = namesIn('')
/** Names of contracts as objects of RISC-V. */
export const riscvNames: readonly string[] = namesIn('avm/')
