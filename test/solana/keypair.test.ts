import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { test } from 'node:test'
import { verifySignature } from '#vm/host/solana/crypto/signatures'
import { Keypair } from '#vm/svm/keypair'

/** PKCS #8 of an Ed25519 seed. */
const head = Buffer.from('302e020100300506032b657004220420', 'hex')

test('keys and signatures are those of another implementation', () => {
  for (let n = 0; n < 40; n++) {
    const seed = new Uint8Array(32).fill(n).map((byte, i) => (byte * 31 + i * n) & 255)
    const message = new Uint8Array(n * 13).fill(n)
    const key = createPrivateKey({
      key: Buffer.concat([head, seed]),
      format: 'der',
      type: 'pkcs8',
    })
    const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' })
    const keypair = new Keypair(seed)
    assert.deepEqual(Buffer.from(keypair.pubkey.bytes), publicKey.subarray(12))
    const signature = keypair.sign(message)
    assert.deepEqual(Buffer.from(signature), sign(null, message, key))
    assert.equal(verifySignature(signature, message, keypair.pubkey.bytes), true)
  }
})
