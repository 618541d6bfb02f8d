import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pubkey } from '#vm/host/solana/pubkey'
import type { Message } from '#vm/svm/message'
import { isSane } from '#vm/svm/sanitize'

const key = (n: number): Pubkey => Pubkey.from(new Uint8Array(32).fill(n))
const many = (count: number): Pubkey[] =>
  Array.from({ length: count }, (_, i) =>
    Pubkey.from(new Uint8Array(32).fill(i + 1, 1).fill(i >> 8, 0, 1)),
  )
const call = (programIdIndex: number, ...accounts: number[]) => ({
  programIdIndex,
  accounts: Uint8Array.from(accounts),
  data: new Uint8Array(0),
})

function sane(version: Message['version'], more: Partial<Message>, signatures?: number): boolean {
  const message: Message = {
    version,
    requiredSignatures: 2,
    readonlySigned: 1,
    readonlyUnsigned: 1,
    keys: [key(1), key(2), key(3)],
    blockhash: new Uint8Array(32),
    instructions: [],
    lookups: [],
    config: {},
    ...more,
  }
  return isSane({
    message,
    signatures: new Array(signatures ?? message.requiredSignatures).fill(new Uint8Array(64)),
    messageBytes: new Uint8Array(0),
  })
}

for (const version of ['legacy', 0, 1] as const)
  test(`places and counts of messages of version ${version} agree`, () => {
    assert.equal(sane(version, {}), true)
    assert.equal(sane(version, {}, 1), false)
    assert.equal(sane(version, {}, 3), false)
    assert.equal(sane(version, { readonlyUnsigned: 2 }), false)
    assert.equal(sane(version, { readonlySigned: 2 }), false)
    assert.equal(sane(version, { requiredSignatures: 0, readonlySigned: 0 }), false)
    assert.equal(sane(version, { instructions: [call(2, 0, 1, 2)] }), true)
    assert.equal(sane(version, { instructions: [call(0)] }), false)
    assert.equal(sane(version, { instructions: [call(3)] }), false)
    assert.equal(sane(version, { instructions: [call(2, 3)] }), false)
  })

test('instructions name accounts of lookups, and no programs of them', () => {
  const lookup = (writable: number, readonly: number) => ({
    table: key(9),
    writable: new Uint8Array(writable),
    readonly: new Uint8Array(readonly),
  })
  assert.equal(sane(0, { lookups: [lookup(1, 1)], instructions: [call(2, 4)] }), true)
  assert.equal(sane(0, { lookups: [lookup(1, 1)], instructions: [call(2, 5)] }), false)
  assert.equal(sane(0, { lookups: [lookup(1, 1)], instructions: [call(3)] }), false)
  assert.equal(sane(0, { lookups: [lookup(0, 0)] }), false)
  assert.equal(sane(0, { lookups: [lookup(253, 0)] }), true)
  assert.equal(sane(0, { lookups: [lookup(200, 54)] }), false)
})

test('v1 has limits of its own', () => {
  assert.equal(sane(1, { keys: many(64) }), true)
  assert.equal(sane(1, { keys: many(65) }), false)
  assert.equal(sane('legacy', { keys: many(65) }), true)
  assert.equal(sane(1, { keys: [key(1), key(2), key(2)] }), false)
  assert.equal(sane(1, { keys: many(20), requiredSignatures: 12 }), true)
  assert.equal(sane(1, { keys: many(20), requiredSignatures: 13 }), false)
  assert.equal(sane(1, { instructions: new Array(64).fill(call(2)) }), true)
  assert.equal(sane(1, { instructions: new Array(65).fill(call(2)) }), false)
  const heap = (heapBytes: number): boolean => sane(1, { config: { heapBytes } })
  assert.deepEqual(
    [32, 33, 256].map((n) => heap(n * 1024)),
    [true, true, true],
  )
  assert.deepEqual(
    [31, 257, 32.5].map((n) => heap(n * 1024)),
    [false, false, false],
  )
})
