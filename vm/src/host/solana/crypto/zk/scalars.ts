import { bytesOfNumber, numberOf, reversed } from '../numbers.ts'

/** Order of ristretto255. */
export const scalarOrder: bigint = 2n ** 252n + 27742317777372353535851937790883648493n

/** 0..order - 1. */
export function reduced(value: bigint): bigint {
  const rest = value % scalarOrder
  return rest < 0n ? rest + scalarOrder : rest
}

/** Of 32 bytes, little-endian; undefined unless below the order. */
export function scalarOf(bytes: Uint8Array): bigint | undefined {
  const value = numberOf(reversed(bytes))
  return value < scalarOrder ? value : undefined
}

export function scalarBytes(value: bigint): Uint8Array {
  return reversed(bytesOfNumber(reduced(value), 32))
}

export function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let [result, square] = [1n, base % modulus]
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}

/** 1 / value; 0 of 0. */
export function inverted(value: bigint): bigint {
  return power(reduced(value), scalarOrder - 2n, scalarOrder)
}
