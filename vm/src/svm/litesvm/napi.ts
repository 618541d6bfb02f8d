import { fromBase58, toBase58 } from '../../bits/base58.ts'

/** An error as litesvm's binding throws it: an `Error` with napi's name of its kind as `code`. */
export function napiError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}

/** Why classes of results cannot be made by calling them. */
export const internal: unique symbol = Symbol('made by LiteSVM')

/** @throws {Error} unless `token` is `internal` */
export function onlyInternal(token: unknown): void {
  if (token !== internal) throw new Error('Class contains no `constructor`, can not new it!')
}

/** A bigint as napi prints one in errors: its sign, and 64-bit words, low ones first. */
function wordsOf(value: bigint): string {
  const words: bigint[] = []
  for (let rest = value < 0n ? -value : value; rest > 0n; rest >>= 64n)
    words.push(rest & 0xffff_ffff_ffff_ffffn)
  return `BigInt { sign_bit: ${value < 0n}, words: [${words.join(', ')}] }`
}

function unsigned(value: unknown, type: string, bits: bigint): bigint {
  if (typeof value !== 'bigint') throw napiError('BigintExpected', '')
  if (value < 0n)
    throw napiError(
      'GenericFailure',
      `Cannot convert negative bigint to ${type}: ${wordsOf(value)}`,
    )
  if (value >> bits !== 0n)
    throw napiError('GenericFailure', `Bigint too large for ${type}: ${wordsOf(value)}`)
  return value
}

export const asU64 = (value: unknown): bigint => unsigned(value, 'u64', 64n)
export const asUsize = (value: unknown): bigint => unsigned(value, 'usize', 64n)
export const asU128 = (value: unknown): bigint => unsigned(value, 'u128', 128n)

export function asI64(value: unknown): bigint {
  if (typeof value !== 'bigint') throw napiError('BigintExpected', '')
  if (value !== BigInt.asIntN(64, value))
    throw napiError('GenericFailure', `Bigint too large for i64: ${wordsOf(value)}`)
  return value
}

export function asBool(value: unknown): boolean {
  if (typeof value !== 'boolean')
    throw napiError('BooleanExpected', 'Failed to convert napi value into rust type `bool`')
  return value
}

function number(value: unknown, type: string): number {
  if (typeof value !== 'number')
    throw napiError('NumberExpected', `Failed to convert napi value into rust type \`${type}\``)
  return value
}

export const asF64 = (value: unknown): number => number(value, 'f64')
/** As JavaScript's ToUint32, which napi uses. */
export const asU32 = (value: unknown): number => number(value, 'u32') >>> 0

export function asU8(value: unknown): number {
  const whole = number(value, 'u32') >>> 0
  if (whole > 255) throw napiError('GenericFailure', 'Failed to convert u32 to u8')
  return whole
}

export function asBytes(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw napiError('InvalidArg', 'Get TypedArray info failed')
  return value
}

/** 32 bytes, copied. */
export function asAddress(value: unknown): Uint8Array {
  const found = asBytes(value)
  if (found.length !== 32) throw napiError('GenericFailure', 'could not convert slice to array')
  return found.slice()
}

/** A hash of 32 bytes from base58. */
export function asHash(text: unknown): Uint8Array {
  const fail = (why: string): never => {
    throw napiError('GenericFailure', `Failed to parse blockhash: ${why}`)
  }
  if (typeof text !== 'string')
    throw napiError('StringExpected', 'Failed to convert JavaScript value into rust type `String`')
  const wrongSize = 'string decoded to wrong size for hash'
  if (text.length > 44) return fail(wrongSize)
  let found: Uint8Array
  try {
    found = fromBase58(text)
  } catch {
    return fail('failed to decoded string to hash')
  }
  return found.length === 32 ? found : fail(wrongSize)
}

export const hashText = (value: Uint8Array): string => toBase58(value)

/** What `value` must be an instance of, or litesvm's refusal. */
export function asInstance<T>(value: unknown, type: abstract new (...args: never[]) => T): T {
  if (value instanceof type) return value
  throw napiError('InvalidArg', `Failed to recover \`${type.name}\` type from napi value`)
}
