import { bytesOfNumber, numberOf, reversed } from './numbers.ts'

/** Most bytes of each operand (solana-big-mod-exp). */
export const maxOperandBytes = 512n
/** Least number of bits that an exponent is paid as. */
const minExponentBits = 75n
/** An exponent of one is paid as a reduction. */
const reductionFactor = 15n
const leadingBytes = 32

/** What a product of so many bytes costs (SIMD-0529). */
function productComplexity(length: bigint): bigint {
  const square = length * length
  if (length <= 64n) return square
  return square / 4n + 96n * length - 3072n
}

/** Bits below the highest one that is set; 0 when there is none. */
function highestBit(bytes: Uint8Array): bigint {
  for (let i = bytes.length - 1; i >= 0; i--)
    if (bytes[i] !== 0) return BigInt(8 * i + 31 - Math.clz32(bytes[i]!))
  return 0n
}

function exponentBits(exponent: Uint8Array): bigint {
  const trailing = Math.max(0, exponent.length - leadingBytes)
  return BigInt(8 * trailing) + highestBit(exponent.subarray(trailing))
}

const isOne = (bytes: Uint8Array): boolean => bytes.every((byte, i) => byte === (i === 0 ? 1 : 0))

/**
 * Compute units of a power, beside what each call costs.
 * @param exponent little-endian; operands have at most `maxOperandBytes`
 */
export function bigModExpCost(
  baseLength: bigint,
  exponent: Uint8Array,
  modulusLength: bigint,
  divisor: bigint,
): bigint {
  const product = productComplexity(baseLength > modulusLength ? baseLength : modulusLength)
  const bits = exponentBits(exponent)
  const products =
    exponent.length > 0 && isOne(exponent)
      ? reductionFactor
      : bits > minExponentBits
        ? bits
        : minExponentBits
  return (product * products + divisor - 1n) / divisor
}

/**
 * `base ^ exponent` modulo an odd number above one, all little-endian, as many bytes as the modulus.
 * @returns undefined for any other modulus
 * @example bigModExp(Uint8Array.of(5), Uint8Array.of(2), Uint8Array.of(7)) // Uint8Array.of(4)
 */
export function bigModExp(
  base: Uint8Array,
  exponent: Uint8Array,
  modulus: Uint8Array,
): Uint8Array | undefined {
  const order = numberOf(reversed(modulus))
  if (order < 3n || (order & 1n) === 0n) return undefined
  let power = 1n
  let factor = numberOf(reversed(base)) % order
  let rest = numberOf(reversed(exponent))
  while (rest > 0n) {
    if ((rest & 1n) === 1n) power = (power * factor) % order
    rest >>= 1n
    if (rest > 0n) factor = (factor * factor) % order
  }
  return reversed(bytesOfNumber(power, modulus.length))
}
