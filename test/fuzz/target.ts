import { fileURLToPath } from 'node:url'

export const root: string = fileURLToPath(new URL('../../..', import.meta.url))

/** Something that reads foreign bytes. */
export interface Target {
  readonly name: string
  readonly seeds: readonly Uint8Array[]
  /** What mutations may insert; only texts have some. */
  readonly tokens: readonly Uint8Array[]
  /** The format names places by offsets: what moves octets breaks it at once. */
  readonly offsets?: true
  /** How much of the time it gets, 1 unless it says otherwise. */
  readonly share?: number
  /** Reads the input; may throw an `InputError` only. */
  readonly run: (bytes: Uint8Array) => void
}

export const decoder = new TextDecoder()
export const octets = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Decoding is the inverse of encoding: what was read is written as the same octets. */
export function same(what: string, bytes: Uint8Array, again: Uint8Array): void {
  if (Buffer.compare(bytes, again) !== 0) throw new Error(`${what}: read and written differ`)
}
