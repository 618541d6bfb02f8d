/** The table of answers, worked out by other means than the guests': by Node's own functions and by BigInt. */
import assert from 'node:assert/strict'
import { createHash, createPrivateKey, sign } from 'node:crypto'
import { test } from 'node:test'
import { checksums, sizes } from './guests.ts'

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value)

/** `guest_mix` of guests/experiment/c/guest.h. */
function mix(sum: bigint, value: bigint): bigint {
  const mixed = u64((sum ^ value) * 0x9e3779b97f4a7c15n)
  return mixed ^ (mixed >> 29n)
}

function next(x: bigint): bigint {
  let y = u64(x ^ (x << 13n))
  y ^= y >> 7n
  return u64(y ^ (y << 17n))
}

const seed = 88172645463325252n

/** `n` steps of a sum that starts at 0. */
function summed(n: number, step: (sum: bigint, round: number) => bigint): bigint {
  let sum = 0n
  for (let round = 0; round < n; round++) sum = step(sum, round)
  return sum
}

function sha256(n: number): bigint {
  const message = Buffer.from(Uint8Array.from({ length: 1024 }, (_, i) => i))
  return summed(n, (sum) => {
    const digest = createHash('sha256').update(message).digest()
    digest.copy(message)
    return mix(sum, digest.readBigUInt64LE())
  })
}

function quicksort(n: number): bigint {
  let x = seed
  return summed(n, (sum) => {
    const numbers = BigUint64Array.from({ length: 4096 }, () => {
      x = next(x)
      return x
    })
    numbers.sort()
    return u64(numbers.reduce((all, number, i) => all + BigInt(i) * number, sum))
  })
}

function sieve(n: number): bigint {
  const primes: number[] = []
  for (let i = 2; i < 32768; i++)
    if (primes.every((prime) => prime * prime > i || i % prime !== 0)) primes.push(i)
  const below = (limit: number): number => primes.filter((prime) => prime < limit).length
  return summed(n, (sum, round) => mix(sum, BigInt(below(32768 - (round & 1023)))))
}

function powerOf(base: bigint, exponent: number, modulus: bigint): bigint {
  let result = 1n
  for (const bit of exponent.toString(2))
    result = (result * result * (bit === '1' ? base : 1n)) % modulus
  return result
}

/** A Montgomery product has a factor of 2^-1024: so x^65537 has 65536 of them. */
function bigint(n: number): bigint {
  let state = seed
  let [modulus, x] = [0n, 0n]
  for (let i = 0n; i < 32n; i++) {
    state = next(state)
    modulus |= (state & 0xffffffffn) << (32n * i)
    state = next(state)
    x |= (state & 0xffffffffn) << (32n * i)
  }
  modulus |= 1n | (1n << 1023n)
  if (x >= modulus) x -= modulus
  const inverse = powerOf((modulus + 1n) >> 1n, 1024, modulus)
  const factor = powerOf(inverse, 65536, modulus)
  return summed(n, (sum) => {
    x = (powerOf(x, 65537, modulus) * factor) % modulus
    return mix(sum, u64(x))
  })
}

/** RFC 8032's signatures are deterministic. */
function ed25519(n: number): bigint {
  const prefix = Buffer.from('302e020100300506032b657004220420', 'hex')
  const key = createPrivateKey({
    key: Buffer.concat([prefix, Buffer.alloc(32, 42)]),
    format: 'der',
    type: 'pkcs8',
  })
  let message = Buffer.alloc(64, 7)
  return summed(n, (before) => {
    message = Buffer.from(sign(null, message, key))
    let sum = before
    for (let at = 0; at < 64; at += 8) sum = mix(sum, message.readBigUInt64BE(at))
    return sum
  })
}

const words =
  'the |then |there |a |ba.|abcde |acdde|0x1fC |2024-11-30 |1987-02-3|me@home.org |a_1@b.c|x |banana. |7 |abbc'
const patterns = [
  /[a-z0-9_]+@[a-z]+(\.[a-z]+)+/g,
  /(19|20)\d\d-[01]\d-[0-3]\d/g,
  /0x[0-9a-fA-F]+|\d+/g,
  /(ab|a)(bc|c)?d*e/g,
  /[^a-z .@-][^0-9]?/g,
  /(the|there|then|a) (\w*a\w*|\w+)\./g,
]

function regex(n: number): bigint {
  const list = words.split('|')
  let x = seed
  return summed(n, (before) => {
    let text = ''
    while (text.length < 1024) {
      x = next(x)
      text += list[Number(((x >> 32n) * 16n) >> 32n)]!
    }
    text = text.slice(0, 1024)
    let sum = before
    for (const pattern of patterns) {
      for (const { index, 0: match } of text.matchAll(pattern))
        sum = mix(sum, (BigInt(index) << 16n) | BigInt(index + match.length))
      sum = mix(sum, 0xffffn)
    }
    return sum
  })
}

for (const [name, answer] of Object.entries({ bigint, ed25519, quicksort, regex, sha256, sieve }))
  test(`${name} answers what other means find`, () => {
    const { test: small, bench } = sizes[name]!
    for (const n of [...small, bench])
      assert.equal(BigInt(checksums[name]![n]!), answer(n), `${name} ${n}`)
  })
