import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromBase58, toBase58 } from '#vm/bits/base58'
import { Pubkey } from '#vm/host/solana/pubkey'

test('base58 of known addresses', () => {
  assert.equal(toBase58(new Uint8Array(32)), '1'.repeat(32))
  assert.equal(toBase58(new TextEncoder().encode('Hello World!')), '2NEpo7TZRRrLZSi2U')
  for (const text of [
    'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA',
    'SysvarC1ock11111111111111111111111111111111',
    'So11111111111111111111111111111111111111112',
  ])
    assert.equal(Pubkey.parse(text).toString(), text)
})

test('base58 of all lengths and leading zeros comes back', () => {
  for (let length = 0; length < 70; length++)
    for (let zeros = 0; zeros <= length; zeros += 7) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i < zeros ? 0 : (i * 37 + length) & 255))
      assert.deepEqual(fromBase58(toBase58(bytes)), bytes)
    }
})

test('text that is no base58, or no address, is refused', () => {
  assert.throws(() => fromBase58('0OIl'), { code: 'badBase58', offset: 0 })
  assert.throws(() => fromBase58('é'), { code: 'badBase58' })
  assert.throws(() => Pubkey.parse('abc'), { code: 'badPubkey' })
})
