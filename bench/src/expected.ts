import { createHash } from 'node:crypto'

/** What the guests must answer, computed by other means than the guests'. */

export function first8(bytes: Uint8Array): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)
}

export function primesBelow(limit: number): bigint {
  const composite = new Uint8Array(limit)
  let count = 0n
  for (let i = 2; i < limit; i++) {
    if (composite[i] === 1) continue
    count++
    for (let j = i * i; j < limit; j += i) composite[j] = 1
  }
  return count
}

/** First octets of SHA-256 over `buffer`, whose front each round replaces with its digest. */
export function hashedOver(buffer: Uint8Array, times: number): bigint {
  let digest = new Uint8Array(32)
  for (let i = 0; i < times; i++) {
    digest = new Uint8Array(createHash('sha256').update(buffer).digest())
    buffer.set(digest)
  }
  return first8(digest)
}

/** Sum of position times number over the sorted numbers, the first position being `from`. */
export function sortedSum(numbers: BigUint64Array, from: bigint): bigint {
  let sum = 0n
  numbers.sort().forEach((value, i) => {
    sum += (BigInt(i) + from) * value
  })
  return BigInt.asUintN(64, sum)
}

/** The generator of guests/bench/quicksort.c and statemachine.c. */
export function xorshifts(count: number): BigUint64Array {
  let x = 88172645463325252n
  return BigUint64Array.from({ length: count }, () => {
    x = BigInt.asUintN(64, x ^ (x << 13n))
    x ^= x >> 7n
    x = BigInt.asUintN(64, x ^ (x << 17n))
    return x
  })
}

/** The generator of guests/pvm/quicksort.pvm.s. */
export function congruents(count: number, seed: bigint): BigUint64Array {
  let x = seed
  return BigUint64Array.from({ length: count }, () => {
    x = BigInt.asUintN(64, x * 6364136223846793005n + 1442695040888963407n)
    return x ^ (x >> 29n)
  })
}

export function fibonacci(n: number): bigint {
  let [a, b] = [0n, 1n]
  for (let i = 0; i < n; i++) [a, b] = [b, a + b]
  return a
}

const letters = 'etaoinshrdlucmfwypvbgkjqxzetaoinshrdluet01234567890   \n\n+*;()"#\\'
/** Words, numbers, strings, comments, marks; then what the end of the text cuts short. */
const token =
  /([a-z][a-z0-9]*)|([0-9]+)|("(?:\\[\s\S]|[^"\\])*")|(#[^\n]*\n)|([+*;()])|"(?:\\[\s\S]|[^"\\])*\\?$|#.*$/g
const weights = [1n, 31n, 1009n, 65537n, 1000003n] as const

/** guests/bench/statemachine.c by a regular expression. */
export function tokensCounted(rounds: number): bigint {
  const text = Array.from(xorshifts(65536), (x) => letters[Number(x & 63n)]!)
  let mixed = 0n
  for (let r = rounds; r > 0; r--) {
    text[(r * 40503) % 65536] = letters[r & 63]!
    const counts = [0, 0, 0, 0, 0]
    for (const match of text.join('').matchAll(token))
      for (let k = 0; k < 5; k++) if (match[k + 1] !== undefined) counts[k]!++
    const sum = counts.reduce((all, count, k) => all + BigInt(count) * weights[k]!, 0n)
    mixed = BigInt.asUintN(64, mixed * 31n + sum)
  }
  return mixed
}

/** guests/bench/stream.c: a round changes one word, and the sum by as much. */
export function streamed(rounds: number): bigint {
  const count = 1 << 17
  const words = BigUint64Array.from({ length: count }, (_, i) => BigInt(i) * 0x9e3779b97f4a7c15n)
  let sum = words.reduce((all, word) => BigInt.asUintN(64, all + word), 0n)
  let answer = 0n
  for (let r = rounds; r > 0; r--) {
    answer = sum
    const before = words[r % count]!
    words[r % count] = before ^ sum
    sum = BigInt.asUintN(64, sum - before + words[r % count]!)
  }
  return answer
}
