import { ed25519 } from '@noble/curves/ed25519.js'
import { isOnCurve, verifyStrict } from '#vm/host/solana/crypto/ed25519'

/** What one runtime does a second, from the least time of some turns; messages have 200 bytes. */
export interface Speed {
  /** Of signatures, each by a key that was not met before. */
  readonly verifications: number
  /** Of signatures by one key. */
  readonly ofOneKey: number
  /** Checks whether 32 bytes are a point. */
  readonly points: number
}

/** So few at once that most turns are not interrupted. */
const turn = 20

/** Items a second, from the turn that took least. */
export function perSecond<T>(items: readonly T[], work: (item: T) => void): number {
  let least = Number.POSITIVE_INFINITY
  for (let from = 0; from + turn <= items.length; from += turn) {
    const some = items.slice(from, from + turn)
    const start = performance.now()
    for (const item of some) work(item)
    least = Math.min(least, performance.now() - start)
  }
  return Math.round((1000 * turn) / least)
}

interface Signed {
  readonly message: Uint8Array
  readonly key: Uint8Array
  readonly bytes: Uint8Array
}

function signedBy(number: number, messageNumber: number): Signed {
  const secret = new Uint8Array(32).fill(number & 255)
  secret[0] = number >> 8
  const message = new Uint8Array(200).fill(messageNumber)
  message[0] = messageNumber >> 8
  return { message, key: ed25519.getPublicKey(secret), bytes: ed25519.sign(message, secret) }
}

function verify({ message, key, bytes }: Signed): void {
  if (verifyStrict(bytes, message, key) !== 'ok') throw new Error('a signature was refused')
}

/** Runs in Node and in a page. */
export function measure(count: number): Speed {
  const distinct = Array.from({ length: count }, (_, i) => signedBy(i, i))
  const ofOneKey = Array.from({ length: count }, (_, i) => signedBy(0, i))
  return {
    verifications: perSecond(distinct, verify),
    ofOneKey: perSecond(ofOneKey, verify),
    points: perSecond(distinct, ({ bytes }) => {
      isOnCurve(bytes)
    }),
  }
}
