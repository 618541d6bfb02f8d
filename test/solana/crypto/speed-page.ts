import { ed25519 } from '@noble/curves/ed25519.js'
import { isOnCurve, verifyStrict } from '#vm/host/solana/crypto/ed25519'

/** What one runtime does, a second: from the least times of some rounds. */
export interface Speed {
  /** Of distinct signatures by distinct keys, over messages of 200 bytes. */
  readonly verifications: number
  /** Checks whether 32 bytes are a point. */
  readonly points: number
}

const rounds = 20
/** So few at once that most turns are not interrupted. */
const turn = 20

/** Items a second, from the least time of each turn. */
export function perSecond<T>(items: readonly T[], work: (item: T) => void): number {
  let total = 0
  for (let from = 0; from < items.length; from += turn) {
    const some = items.slice(from, from + turn)
    let least = Number.POSITIVE_INFINITY
    for (let round = 0; round < rounds; round++) {
      const start = performance.now()
      for (const item of some) work(item)
      least = Math.min(least, performance.now() - start)
    }
    total += least
  }
  return Math.round((1000 * items.length) / total)
}

/** Runs in Node and in a page. */
export function measure(count: number): Speed {
  const signed = Array.from({ length: count }, (_, i) => {
    const secret = new Uint8Array(32).fill(i & 255)
    secret[0] = i >> 8
    const message = new Uint8Array(200).fill(i)
    return { message, key: ed25519.getPublicKey(secret), bytes: ed25519.sign(message, secret) }
  })
  return {
    verifications: perSecond(signed, ({ message, key, bytes }) => {
      if (verifyStrict(bytes, message, key) !== 'ok') throw new Error('a signature was refused')
    }),
    points: perSecond(signed, ({ bytes }) => {
      isOnCurve(bytes)
    }),
  }
}
