import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { amountValue, setBalance, setNonce, transfer } from '#vm/state/accounts'
import { type Change, diffOf, type StateDiff } from '#vm/state/diff'
import { Journal } from '#vm/state/journal'
import { entryKey, Field, noSlot } from '#vm/state/key'
import { type DiffCause, DiffError, validateDiff } from '#vm/state/validate'
import { MapState } from './arbitraries.ts'

const sender = new Uint8Array(32).fill(1)
const target = new Uint8Array(32).fill(2)
const other = new Uint8Array(32).fill(3)
const codeHash = new Uint8Array(32).fill(9)
const k = Uint8Array.of(0x6b)
const call: DiffCause = { kind: 'call', sender, target }
const deploy: DiffCause = { kind: 'deploy', sender, target }

function base(): MapState {
  const state = new MapState()
  setBalance(state, sender, 1000n)
  setBalance(state, target, 50n)
  setBalance(state, other, 5n)
  setNonce(state, sender, 7n)
  state.set(entryKey(target, Field.code), codeHash)
  state.set(entryKey(target, Field.storage, k), Uint8Array.of(1))
  return state
}

const number = (value: bigint): Uint8Array | undefined => amountValue(value)
const change = (
  address: Uint8Array,
  field: Field,
  old: Uint8Array | undefined,
  value: Uint8Array | undefined,
  slot: Uint8Array = noSlot,
): Change => ({ address, field, slot, old, new: value })

/** A valid call: pays 100, counts the nonce, writes a slot. */
const good: readonly Change[] = [
  change(sender, Field.balance, number(1000n), number(900n)),
  change(sender, Field.nonce, number(7n), number(8n)),
  change(target, Field.balance, number(50n), number(150n)),
  change(target, Field.storage, Uint8Array.of(1), Uint8Array.of(2), k),
]

function codeOf(
  changes: readonly Change[],
  cause: DiffCause = call,
  state: MapState = base(),
  hasCode = true,
): string {
  try {
    validateDiff({ changes }, state, { cause, hasCode: () => hasCode })
  } catch (error) {
    if (error instanceof DiffError) return error.code
    throw error
  }
  return 'accepted'
}

const replaced = (index: number, by: Partial<Change>): Change[] =>
  good.map((each, at) => (at === index ? { ...each, ...by } : each))

test('a good diff is accepted', () => assert.equal(codeOf(good), 'accepted'))

test('each tampering is refused with its own code', () => {
  const short = new Uint8Array(31)
  const cases: readonly (readonly [string, readonly Change[], DiffCause?, MapState?, boolean?])[] =
    [
      ['badAddress', replaced(0, { address: short })],
      ['unknownField', replaced(0, { field: 4 as Field })],
      ['badSlot', replaced(0, { slot: k })],
      ['badSlot', replaced(3, { slot: new Uint8Array(257) })],
      ['noChange', replaced(3, { new: Uint8Array.of(1) })],
      ['badValue', replaced(0, { new: new Uint8Array(8) })],
      ['badValue', replaced(0, { new: new Uint8Array(9).fill(1) })],
      ['badValue', replaced(3, { new: new Uint8Array(65_537) })],
      ['badValue', [...good, change(target, Field.code, undefined, k)]],
      ['duplicate', [...good, good[3]!]],
      ['unsorted', [good[1]!, good[0]!, good[2]!, good[3]!]],
      ['stale', replaced(3, { old: Uint8Array.of(3) })],
      ['stale', replaced(3, { old: undefined })],
      ['stale', replaced(0, { old: number(999n), new: number(899n) })],
      ['notConserved', replaced(2, { new: number(151n) })],
      ['notConserved', replaced(2, { new: number(149n) })],
      ['nonceStep', replaced(1, { new: number(9n) })],
      ['nonceStep', replaced(1, { new: number(6n) })],
      ['nonceStep', replaced(1, { new: undefined })],
      ['nonceMissing', good.filter((_, index) => index !== 1)],
      ['notPermitted', replaced(3, { address: other, old: undefined })],
      [
        'notPermitted',
        [good[1]!, good[2]!, change(other, Field.balance, number(5n), undefined)].map(
          (each) => each,
        ),
      ],
      ['notPermitted', [good[1]!, change(other, Field.nonce, undefined, number(1n))]],
      ['notPermitted', [good[1]!, change(other, Field.code, undefined, codeHash)]],
      ['notPermitted', [good[1]!, change(other, Field.code, undefined, codeHash)], deploy],
      ['codeChanged', [good[1]!, change(target, Field.code, codeHash, sender)], deploy],
      ['codeChanged', [good[1]!, change(target, Field.code, codeHash, undefined)], deploy],
    ]
  for (const [expected, changes, cause, state, hasCode] of cases)
    assert.equal(codeOf(changes, cause, state, hasCode), expected)
})

test('a deployment sets known code once and may write its storage', () => {
  const state = base()
  state.set(entryKey(target, Field.code), undefined)
  const code = change(target, Field.code, undefined, codeHash)
  const changes = [good[0]!, good[1]!, good[2]!, code, good[3]!]
  assert.equal(codeOf(changes, deploy, state), 'accepted')
  assert.equal(codeOf(changes, deploy, state, false), 'unknownCode')
  assert.equal(codeOf(changes, call, state), 'notPermitted')
  assert.equal(codeOf(good, call, state), 'unknownAddress')
})

test('genesis mints what it declares, and nothing but balances', () => {
  const fund = [change(sender, Field.balance, undefined, number(10n))]
  const genesis = (minted: bigint): DiffCause => ({ kind: 'genesis', minted })
  const empty = new MapState()
  assert.equal(codeOf(fund, genesis(10n), empty), 'accepted')
  assert.equal(codeOf(fund, genesis(11n), empty), 'notConserved')
  assert.equal(codeOf(fund, genesis(9n), empty), 'notConserved')
  const nonce = [change(sender, Field.nonce, undefined, number(1n))]
  assert.equal(codeOf(nonce, genesis(0n), empty), 'notPermitted')
  const slot = [change(sender, Field.storage, undefined, k, k)]
  assert.equal(codeOf(slot, genesis(0n), empty), 'notPermitted')
})

test('an error names the change and its address', () => {
  assert.throws(
    () =>
      validateDiff({ changes: replaced(3, { old: undefined }) }, base(), {
        cause: call,
        hasCode: () => true,
      }),
    { code: 'stale', offset: 3, value: '02'.repeat(32) },
  )
})

test('whatever transfers and writes a call makes, its diff is accepted; with one value changed it is not', () => {
  const step = fc.oneof(
    fc.record({
      from: fc.constantFrom(sender, target),
      to: fc.constantFrom(sender, target, other),
      amount: fc.bigInt(0n, 2000n),
    }),
    fc.record({ slot: fc.uint8Array({ maxLength: 2 }), value: fc.uint8Array({ maxLength: 3 }) }),
  )
  fc.assert(
    fc.property(fc.array(step), fc.nat(), (steps, pick) => {
      const state = base()
      const journal = new Journal(state)
      setNonce(journal, sender, 8n)
      for (const each of steps) {
        if ('from' in each) transfer(journal, each.from, each.to, each.amount)
        else journal.set(entryKey(target, Field.storage, each.slot), each.value)
      }
      const diff: StateDiff = diffOf(journal)
      // `from` is sender or contract, so `other` can only have gained.
      assert.equal(codeOf(diff.changes, call, state), 'accepted')
      const amounts = diff.changes.filter(({ field }) => field !== Field.storage)
      const hit = amounts[pick % amounts.length]!
      const more = hit.new === undefined ? number(1n) : number(readAmount(hit.new) + 1n)
      const tampered = diff.changes.map((each) => (each === hit ? { ...each, new: more } : each))
      assert.notEqual(codeOf(tampered, call, state), 'accepted')
    }),
  )
})

function readAmount(value: Uint8Array): bigint {
  return new DataView(value.buffer, value.byteOffset).getBigUint64(0, true)
}
