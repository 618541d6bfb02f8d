import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ed25519 } from '@noble/curves/ed25519.js'
import { Memo } from '#vm/host/solana/crypto/memo'
import { verifySignature } from '#vm/host/solana/crypto/signatures'

test('answers are kept until newer ones need their room', () => {
  // an entry has 160 bytes beside two for each unit of its key
  const memo = new Memo<string>(3 * 162)
  for (const key of ['a', 'b', 'c']) memo.set(key, `of ${key}`)
  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => memo.get(key)),
    ['of a', 'of b', 'of c'],
  )
  memo.set('d', 'of d')
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((key) => memo.get(key)),
    [undefined, 'of b', 'of c', 'of d'],
  )
  memo.set('e'.repeat(100), 'long')
  assert.equal(memo.get('e'.repeat(100)), 'long')
  assert.equal(memo.get('c'), undefined)
  assert.equal(memo.get('d'), undefined)
  memo.set('f'.repeat(1000), 'longer than all')
  assert.equal(memo.get('f'.repeat(1000)), undefined)
})

test('a signature is told from others of the same key and message, however often it is asked for', () => {
  const secret = new Uint8Array(32).fill(5)
  const key = ed25519.getPublicKey(secret)
  for (const length of [0, 200, 5000]) {
    const message = new Uint8Array(length).fill(1)
    const signature = ed25519.sign(message, secret)
    const other = signature.slice()
    other[40] = other[40]! ^ 1
    const longer = new Uint8Array(length + 1).fill(1)
    for (let round = 0; round < 2; round++) {
      assert.equal(verifySignature(signature, message, key), true)
      assert.equal(verifySignature(other, message, key), false)
      assert.equal(verifySignature(signature, longer, key), false)
    }
  }
})
