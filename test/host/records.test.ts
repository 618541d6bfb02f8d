import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DecodeError } from '#vm/bits/errors'
import { decodeReceipt, encodeReceipt, type Receipt } from '#vm/host/alcatraz/receipt'
import {
  decodeTransaction,
  encodeTransaction,
  type Transaction,
} from '#vm/host/alcatraz/transaction'
import { Trap, type TrapName } from '#vm/vm/exit'

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 })
const u64 = fc.bigInt(0n, 2n ** 64n - 1n)
const u32 = fc.nat(0xffff_ffff)
const data = fc.uint8Array({ maxLength: 40 })
const plain = { noNullPrototype: true } as const

const sent = {
  sender: bytes32,
  nonce: u64,
  value: u64,
  gasLimit: fc.bigInt(0n, 2n ** 63n - 1n),
  input: data,
}
const transaction: fc.Arbitrary<Transaction> = fc.oneof(
  fc.record(
    { kind: fc.constant('genesis' as const), mint: fc.array(fc.tuple(bytes32, u64)) },
    plain,
  ),
  fc.record({ kind: fc.constant('deploy' as const), ...sent, container: data }, plain),
  fc.record({ kind: fc.constant('call' as const), ...sent, to: bytes32 }, plain),
)

const exit: fc.Arbitrary<Receipt['exit']> = fc.oneof(
  fc.constant(undefined),
  fc.record({ kind: fc.constantFrom('halt' as const, 'outOfGas' as const), pc: u32 }, plain),
  fc.record(
    {
      kind: fc.constant('trap' as const),
      trap: fc.constantFrom(...(Object.keys(Trap) as TrapName[])),
      pc: u32,
    },
    plain,
  ),
  fc.record(
    {
      kind: fc.constant('fault' as const),
      address: u64,
      access: fc.constantFrom('read' as const, 'write' as const),
      pc: u32,
    },
    plain,
  ),
)
const event = fc.record(
  { address: bytes32, topics: fc.array(bytes32, { maxLength: 4 }), data },
  plain,
)
const receipt: fc.Arbitrary<Receipt> = fc.record(
  {
    height: u32,
    status: fc.constantFrom(
      ...(['success', 'reverted', 'trapped', 'faulted', 'outOfGas'] as const),
    ),
    gasUsed: u64,
    exit,
    result: u64,
    returnData: data,
    events: fc.array(event, { maxLength: 3 }),
    contract: fc.option(bytes32, { nil: undefined }),
    root: bytes32,
  },
  plain,
)

const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 })

/** Damaged bytes are either refused by name or mean something whose encoding they are. */
function checkDamaged<T>(
  good: Uint8Array,
  changes: readonly (readonly [number, number])[],
  cut: number,
  decode: (bytes: Uint8Array) => T,
  encode: (value: T) => Uint8Array,
): void {
  let bytes = good.slice()
  for (const [at, octet] of changes) bytes[at % bytes.length] = octet
  if (cut % 4 === 0) bytes = bytes.slice(0, cut % bytes.length)
  let value: T
  try {
    value = decode(bytes)
  } catch (error) {
    assert(error instanceof DecodeError, String(error))
    assert.notEqual(error.offset, undefined)
    return
  }
  assert.deepEqual(encode(value), bytes)
}

test('transactions: decode is the inverse of encode, and accepts nothing else', () => {
  fc.assert(
    fc.property(transaction, edits, fc.nat(), (each, changes, cut) => {
      const good = encodeTransaction(each)
      assert.deepEqual(decodeTransaction(good), each)
      checkDamaged(good, changes, cut, decodeTransaction, encodeTransaction)
    }),
    { numRuns: 1000 },
  )
})

test('receipts: decode is the inverse of encode, and accepts nothing else', () => {
  fc.assert(
    fc.property(receipt, edits, fc.nat(), (each, changes, cut) => {
      const good = encodeReceipt(each)
      assert.deepEqual(decodeReceipt(good), each)
      checkDamaged(good, changes, cut, decodeReceipt, encodeReceipt)
    }),
    { numRuns: 1000 },
  )
})

test('counts that cannot be in the bytes are refused before anything is allocated', () => {
  const genesis = Uint8Array.of(1, 0, 0xff, 0xff, 0xff, 0xff)
  assert.throws(() => decodeTransaction(genesis), { code: 'truncated', offset: 2 })
})
