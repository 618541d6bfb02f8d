import { fromBase58, toBase58 } from '#vm/bits/base58'
import type { Address } from './subject.ts'

const known = new Map<Address, Uint8Array>()

/** The 32 bytes of an address. Not to be changed. */
export function bytesOf(address: Address): Uint8Array {
  let bytes = known.get(address)
  if (bytes === undefined) {
    bytes = fromBase58(address)
    known.set(address, bytes)
  }
  return bytes
}

export function addressOf(bytes: Uint8Array): Address {
  return toBase58(bytes)
}

export type Part = Uint8Array | readonly number[]

export function join(...parts: readonly Part[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const out = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** Little-endian, `bytes` of them. */
export function le(value: bigint | number, bytes: number): Uint8Array {
  const out = new Uint8Array(bytes)
  let rest = BigInt.asUintN(bytes * 8, BigInt(value))
  for (let i = 0; i < bytes; i++) {
    out[i] = Number(rest & 255n)
    rest >>= 8n
  }
  return out
}

export const u16 = (value: bigint | number): Uint8Array => le(value, 2)
export const u32 = (value: bigint | number): Uint8Array => le(value, 4)
export const u64 = (value: bigint | number): Uint8Array => le(value, 8)

/** A length of 1 to 3 octets of seven bits (Solana's short vectors). */
export function shortLength(value: number): number[] {
  const out: number[] = []
  let rest = value
  while (rest > 127) {
    out.push((rest & 127) | 128)
    rest >>= 7
  }
  out.push(rest)
  return out
}

export function shortBytes(bytes: Part): Uint8Array {
  return join(shortLength(bytes.length), bytes)
}

/** Text after a length of eight octets, as bincode writes strings. */
export function text64(text: string): Uint8Array {
  const bytes = utf8(text)
  return join(u64(bytes.length), bytes)
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
}

export function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'))
}
