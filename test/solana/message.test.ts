import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteWriter, cursorOf } from '#vm/bits/bytes'
import { Pubkey } from '#vm/host/solana/pubkey'
import {
  decodeLegacyTransaction,
  decodeTransaction,
  encodeTransaction,
  type Message,
} from '#vm/svm/message'
import { readShort, writeShort } from '#vm/svm/shortvec'

const key = (n: number): Pubkey => Pubkey.from(new Uint8Array(32).fill(n))
const message = (version: Message['version']): Message => ({
  version,
  requiredSignatures: 2,
  readonlySigned: 1,
  readonlyUnsigned: 1,
  keys: [key(1), key(2), key(3), key(4)],
  blockhash: new Uint8Array(32).fill(9),
  instructions: [
    { programIdIndex: 3, accounts: Uint8Array.of(0, 1, 2), data: new Uint8Array(300).fill(7) },
    { programIdIndex: 3, accounts: new Uint8Array(0), data: Uint8Array.of(1) },
  ],
  lookups:
    version === 0
      ? [{ table: key(8), writable: Uint8Array.of(3, 4), readonly: Uint8Array.of(255) }]
      : [],
  config: version === 1 ? { priorityFee: 2n ** 63n, heapBytes: 65_536 } : {},
})
const signatures = [new Uint8Array(64).fill(5), new Uint8Array(64).fill(6)]

for (const version of ['legacy', 0, 1] as const)
  test(`a transaction of version ${version} comes back, and its message's bytes with it`, () => {
    const bytes = encodeTransaction(message(version), signatures)
    const decoded = decodeTransaction(Buffer.from(bytes))
    assert.deepEqual(decoded.message, message(version))
    assert.deepEqual(
      decoded.signatures.map((s) => Uint8Array.from(s)),
      signatures,
    )
    assert.equal(decoded.messageBytes.length, bytes.length - (version === 1 ? 128 : 129))
    for (let end = 0; end < bytes.length; end++)
      assert.throws(() => decodeTransaction(bytes.subarray(0, end)), { code: 'truncated' })
  })

test('what is decoded does not follow the bytes it came from', () => {
  const bytes = Buffer.from(encodeTransaction(message(0), signatures))
  const decoded = decodeTransaction(bytes)
  bytes.fill(0)
  assert.deepEqual(decoded.message, message(0))
  assert.equal(decoded.messageBytes[0], 0x80)
})

test('a legacy decoder never sees a version', () => {
  const bytes = encodeTransaction(message('legacy'), signatures)
  assert.deepEqual(decodeLegacyTransaction(bytes).message, message('legacy'))
  const versioned = encodeTransaction(message(0), signatures)
  assert.equal(decodeTransaction(versioned).message.version, 0)
  assert.equal(decodeLegacyTransaction(versioned).message.requiredSignatures, 0x80)
})

test('versions and prefixes that are none are refused', () => {
  const bytes = encodeTransaction(message(0), signatures)
  bytes[129] = 0x82
  assert.throws(() => decodeTransaction(bytes), { code: 'badMessageVersion', value: 2 })
  bytes[129] = 0x81
  assert.throws(() => decodeTransaction(bytes), { name: 'DecodeError' })
  bytes[0] = 0x80
  assert.throws(() => decodeTransaction(bytes), { code: 'badTransactionPrefix' })
  const v1 = encodeTransaction(message(1), signatures)
  v1[4] = 1
  assert.throws(() => decodeTransaction(v1), { code: 'badConfigMask' })
})

test('short lengths have one form', () => {
  for (let value = 0; value <= 0xffff; value++) {
    const writer = new ByteWriter()
    writeShort(writer, value)
    const bytes = writer.finish()
    assert.equal(bytes.length, value < 0x80 ? 1 : value < 0x4000 ? 2 : 3)
    assert.equal(readShort(cursorOf(bytes)), value)
  }
  for (const bytes of [
    [0x80, 0],
    [0xff, 0x80, 0],
    [0xff, 0xff, 4],
    [0xff, 0xff, 0x80, 1],
  ])
    assert.throws(() => readShort(cursorOf(Uint8Array.from(bytes))), { code: 'badShortLength' })
  assert.throws(() => readShort(cursorOf(Uint8Array.of(0x80))), { code: 'truncated' })
})
