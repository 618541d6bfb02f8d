import { fromBase58 } from '../../../bits/base58.ts'
import { fromBase64 } from '../../../bits/base64.ts'
import { DecodeError } from '../../../bits/errors.ts'
import { Pubkey } from '../../../host/solana/pubkey.ts'
import { invalidParams, type Json } from './json.ts'

/** What a method was given, read with what is wrong said as Agave says it. */
export type Params = readonly Json[]
export type Options = { readonly [name: string]: Json | undefined }

export function textAt(params: Params, index: number): string {
  const value = params[index]
  if (typeof value === 'string') return value
  throw invalidParams(`expected a string at position ${index}`)
}

export function bigAt(params: Params, index: number): bigint {
  const value = params[index]
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value)))
    return BigInt(value)
  throw invalidParams(`expected an integer at position ${index}`)
}

/** Members of the object at a place; none where there is none. */
export function optionsAt(params: Params, index: number): Options {
  const value = params[index]
  if (value === undefined || value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value))
    throw invalidParams(`expected an object at position ${index}`)
  return value as Options
}

export function listAt(params: Params, index: number): readonly Json[] {
  const value = params[index]
  if (Array.isArray(value)) return value
  throw invalidParams(`expected a list at position ${index}`)
}

function decoded<T>(what: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof DecodeError) throw invalidParams(what)
    throw error
  }
}

export function pubkeyIn(value: Json | undefined): Pubkey {
  if (typeof value !== 'string') throw invalidParams('Invalid')
  const bytes = decoded('Invalid', () => fromBase58(value))
  if (bytes.length !== 32) throw invalidParams('WrongSize')
  return Pubkey.from(bytes)
}
export const pubkeyAt = (params: Params, index: number): Pubkey => pubkeyIn(params[index])

export function signatureIn(value: Json | undefined): Uint8Array {
  if (typeof value !== 'string') throw invalidParams('Invalid')
  const bytes = decoded('Invalid', () => fromBase58(value))
  if (bytes.length !== 64) throw invalidParams('WrongSize')
  return bytes
}

/** Bytes of a message or transaction, in `base58` or `base64`. */
export function bytesIn(text: string, encoding: Json | undefined): Uint8Array {
  if (encoding === 'base64') return decoded('invalid base64 encoding', () => fromBase64(text))
  if (encoding === undefined || encoding === null || encoding === 'base58')
    return decoded('invalid base58 encoding', () => fromBase58(text))
  throw invalidParams(
    `unsupported encoding: ${String(encoding)}. Supported encodings: base58, base64`,
  )
}
