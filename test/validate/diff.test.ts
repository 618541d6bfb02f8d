import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { amountValue, setBalance, setNonce, transfer } from '#vm/state/accounts'
import { type Change, diffOf, type StateDiff } from '#vm/state/diff'
import { Journal } from '#vm/state/journal'
import { entryKey, Field, noSlot } from '#vm/state/key'
import { type DiffCause, DiffError, validateDiff } from '#vm/validate/diff'
import { type DiffRule, diffRules } from '#vm/validate/rules'
import { MapState } from '../state/arbitraries.ts'

const sender = new Uint8Array(32).fill(1)
const target = new Uint8Array(32).fill(2)
const other = new Uint8Array(32).fill(3)
const codeHash = new Uint8Array(32).fill(9)
const k = Uint8Array.of(0x6b)
const call: DiffCause = { kind: 'call', sender, target }
const deploy: DiffCause = { kind: 'deploy', sender, target }
const upgrade: DiffCause = { kind: 'upgrade', sender, target }

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

/** One way to break a rule; the state, cause and containers are those of `good` unless given. */
interface Tampering {
  readonly what: string
  readonly changes: readonly Change[]
  readonly cause?: DiffCause
  readonly state?: MapState
  readonly hasCode?: boolean
}

function baseWith(...edits: readonly (readonly [Uint8Array, Uint8Array | undefined])[]): MapState {
  const state = base()
  for (const [key, value] of edits) state.set(key, value)
  return state
}

const genesis = (minted: bigint): DiffCause => ({ kind: 'genesis', minted })
const empty = new MapState()
const undeployed = baseWith([entryKey(target, Field.code), undefined])
const code = change(target, Field.code, undefined, codeHash)
const nonceOnly = [good[1]!]
const owned = change(target, Field.owner, undefined, sender)
const ownedBy = (owner: Uint8Array | undefined): MapState =>
  baseWith([entryKey(target, Field.owner), owner])
const highNonce = baseWith([entryKey(sender, Field.nonce), number(2n ** 64n - 1n)])
const fund = (amount: bigint): Change => change(sender, Field.balance, undefined, number(amount))

/** At least one tampering for every rule. */
const tamperings: Readonly<Record<DiffRule, readonly Tampering[]>> = {
  badAddress: [
    { what: 'cut', changes: replaced(0, { address: new Uint8Array(31) }) },
    { what: 'too long', changes: replaced(0, { address: new Uint8Array(33) }) },
  ],
  unknownField: [{ what: 'field 5', changes: replaced(0, { field: 5 as Field }) }],
  straySlot: [
    { what: 'of a balance', changes: replaced(0, { slot: k }) },
    { what: 'of a nonce', changes: replaced(1, { slot: k }) },
    { what: 'of code', changes: [good[1]!, { ...code, slot: k }], cause: deploy },
  ],
  slotTooLong: [{ what: '257 bytes', changes: replaced(3, { slot: new Uint8Array(257) }) }],
  noChange: [
    { what: 'the same value', changes: replaced(3, { new: Uint8Array.of(1) }) },
    {
      what: 'absent before and after',
      changes: replaced(3, { old: undefined, new: undefined, slot: noSlot }),
    },
  ],
  zeroBalance: [{ what: 'eight zeros', changes: replaced(0, { new: new Uint8Array(8) }) }],
  badBalance: [
    { what: '9 bytes', changes: replaced(0, { new: new Uint8Array(9).fill(1) }) },
    { what: 'none', changes: replaced(0, { new: new Uint8Array(0) }) },
  ],
  zeroNonce: [{ what: 'eight zeros', changes: replaced(1, { new: new Uint8Array(8) }) }],
  badNonce: [{ what: '7 bytes', changes: replaced(1, { new: new Uint8Array(7).fill(1) }) }],
  badCodeHash: [{ what: 'one byte', changes: [...nonceOnly, { ...code, new: k }], cause: deploy }],
  badOwner: [
    { what: 'one byte', changes: [...good, { ...owned, new: k }] },
    { what: 'zeros', changes: [...good, { ...owned, new: new Uint8Array(32) }] },
  ],
  valueTooLong: [{ what: '65,537 bytes', changes: replaced(3, { new: new Uint8Array(65_537) }) }],
  tooManyChanges: [
    {
      what: 'a million and more',
      changes: Array.from({ length: (1 << 20) + 1 }, () => good[0]!),
    },
  ],
  duplicate: [
    { what: 'the same again', changes: [...good, good[3]!] },
    { what: 'with another value', changes: [...good, { ...good[3]!, new: Uint8Array.of(7) }] },
  ],
  unsorted: [
    { what: 'fields', changes: [good[1]!, good[0]!, good[2]!, good[3]!] },
    { what: 'addresses', changes: [good[2]!, good[0]!, good[1]!, good[3]!] },
  ],
  inventedOld: [
    { what: 'of a slot', changes: replaced(3, { slot: noSlot, old: Uint8Array.of(1) }) },
    { what: 'of a balance', changes: [...good, change(other, Field.nonce, k, undefined)] },
  ],
  deniedOld: [
    { what: 'of a slot', changes: replaced(3, { old: undefined }) },
    { what: 'of a balance', changes: replaced(2, { old: undefined, new: number(100n) }) },
  ],
  stale: [
    { what: 'a slot', changes: replaced(3, { old: Uint8Array.of(3) }) },
    { what: 'a balance', changes: replaced(0, { old: number(999n), new: number(899n) }) },
    { what: 'an empty value', changes: replaced(3, { old: new Uint8Array(0) }) },
  ],
  damagedState: [
    {
      what: 'a balance of 3 bytes',
      changes: replaced(2, { old: new Uint8Array(3) }),
      state: baseWith([entryKey(target, Field.balance), new Uint8Array(3)]),
    },
  ],
  nonceMissing: [{ what: 'left out', changes: good.filter((_, index) => index !== 1) }],
  foreignNonce: [
    {
      what: "another account's",
      changes: [...nonceOnly, change(other, Field.nonce, undefined, number(1n))],
    },
    {
      what: "the contract's",
      changes: [...nonceOnly, change(target, Field.nonce, undefined, number(1n))],
    },
  ],
  nonceSkipped: [{ what: 'by two', changes: replaced(1, { new: number(9n) }) }],
  nonceLowered: [
    { what: 'by one', changes: replaced(1, { new: number(6n) }) },
    {
      what: 'round the end',
      changes: [change(sender, Field.nonce, number(2n ** 64n - 1n), number(1n))],
      state: highNonce,
    },
  ],
  nonceRemoved: [{ what: 'made absent', changes: replaced(1, { new: undefined }) }],
  codeWithoutDeployment: [
    { what: 'of another', changes: [...nonceOnly, { ...code, address: other }] },
    { what: 'of the target', changes: [...nonceOnly, code], state: undeployed },
  ],
  codeElsewhere: [
    { what: 'of another', changes: [...nonceOnly, { ...code, address: other }], cause: deploy },
  ],
  codeReplaced: [
    {
      what: 'by another hash',
      changes: [...nonceOnly, { ...code, old: codeHash, new: sender }],
      cause: deploy,
    },
    {
      what: 'by an upgrade of another',
      changes: [...nonceOnly, { ...code, old: codeHash, new: sender }],
      cause: { kind: 'upgrade', sender, target: other },
      state: ownedBy(sender),
    },
  ],
  upgradeByStranger: [
    {
      what: 'of another',
      changes: [...nonceOnly, { ...code, old: codeHash, new: sender }],
      cause: upgrade,
      state: ownedBy(other),
    },
    {
      what: 'of nobody',
      changes: [...nonceOnly, { ...code, old: codeHash, new: sender }],
      cause: upgrade,
    },
  ],
  codeRemoved: [
    {
      what: 'made absent',
      changes: [...nonceOnly, { ...code, old: codeHash, new: undefined }],
      cause: deploy,
    },
  ],
  unknownCode: [
    {
      what: 'without its container',
      changes: [...nonceOnly, code],
      cause: deploy,
      state: undeployed,
      hasCode: false,
    },
  ],
  deploymentWithoutCode: [
    { what: 'a payment only', changes: [good[0]!, good[1]!, good[2]!], cause: deploy },
  ],
  foreignStorage: [
    {
      what: 'another address',
      changes: [...nonceOnly, { ...good[3]!, address: other, old: undefined }],
    },
    {
      what: "the sender's",
      changes: [...nonceOnly, { ...good[3]!, address: sender, old: undefined }],
    },
  ],
  foreignOwner: [
    { what: 'of another', changes: [...good, { ...owned, address: other }] },
    {
      what: 'of one that did not run',
      changes: [...good, { ...owned, address: other }],
      cause: { ...call, ran: [target, new Uint8Array(32).fill(4)] } as DiffCause,
    },
  ],
  storageWithoutCode: [{ what: 'of a plain account', changes: good, state: undeployed }],
  foreignPayment: [
    {
      what: 'all of it',
      changes: [...nonceOnly, good[2]!, change(other, Field.balance, number(5n), undefined)],
    },
    {
      what: 'some of it',
      changes: [...nonceOnly, change(other, Field.balance, number(5n), number(4n))],
    },
  ],
  created: [{ what: 'one more arrives', changes: replaced(2, { new: number(151n) }) }],
  destroyed: [{ what: 'one less arrives', changes: replaced(2, { new: number(149n) }) }],
  genesisNotEmpty: [
    {
      what: 'a funded account',
      changes: [{ ...good[0]!, new: number(1001n) }],
      cause: genesis(1n),
    },
  ],
  genesisNonce: [
    {
      what: 'of a funded account',
      changes: [fund(1n), change(sender, Field.nonce, undefined, number(1n))],
      cause: genesis(1n),
      state: empty,
    },
  ],
  genesisCode: [{ what: 'of anyone', changes: [code], cause: genesis(0n), state: empty }],
  genesisOwner: [{ what: 'of anyone', changes: [owned], cause: genesis(0n), state: empty }],
  genesisStorage: [
    {
      what: 'of anyone',
      changes: [{ ...good[3]!, old: undefined }],
      cause: genesis(0n),
      state: empty,
    },
  ],
  mintMismatch: [
    { what: 'one too many', changes: [fund(10n)], cause: genesis(9n), state: empty },
    { what: 'one too few', changes: [fund(10n)], cause: genesis(11n), state: empty },
  ],
  mintTooLarge: [
    { what: 'more than u64', changes: [fund(10n)], cause: genesis(2n ** 64n), state: empty },
    { what: 'less than none', changes: [fund(10n)], cause: genesis(-1n), state: empty },
  ],
}

for (const [rule, list] of Object.entries(tamperings))
  for (const { what, changes, cause, state, hasCode } of list)
    test(`a tampered diff is refused: ${rule}, ${what}`, () =>
      assert.equal(codeOf(changes, cause, state ?? base(), hasCode), rule))

test('every rule has a tampering, and the documentation has every rule', () => {
  const rules = Object.keys(diffRules)
  assert.deepEqual(Object.keys(tamperings).sort(), [...rules].sort())
  assert(rules.length >= 30, `${rules.length}`)
  const text = readFileSync('docs/state.md', 'utf8')
  for (const [rule, refused] of Object.entries(diffRules))
    assert(text.includes(`| \`${rule}\` | ${refused} |`), `docs/state.md lacks ${rule}`)
})

test('a deployment sets known code once and may write its storage', () => {
  const changes = [good[0]!, good[1]!, good[2]!, code, good[3]!]
  assert.equal(codeOf(changes, deploy, undeployed), 'accepted')
  // One that fails leaves the nonce alone.
  assert.equal(codeOf(nonceOnly, deploy, undeployed), 'accepted')
})

test('an upgrade by the owner replaces the code', () => {
  const changes = [...nonceOnly, { ...code, old: codeHash, new: sender }]
  assert.equal(codeOf(changes, upgrade, ownedBy(sender)), 'accepted')
})

test('contracts that ran may pay, write, and own what they deployed', () => {
  const contract = new Uint8Array(32).fill(4)
  const changes = [
    good[1]!,
    change(other, Field.balance, number(5n), number(4n)),
    change(contract, Field.balance, undefined, number(1n)),
    change(contract, Field.code, undefined, codeHash),
    change(contract, Field.storage, undefined, k, k),
    change(contract, Field.owner, undefined, target),
  ]
  const ran: DiffCause = { kind: 'call', sender, target, ran: [target, other, contract] }
  assert.equal(codeOf(changes, ran), 'accepted')
  assert.notEqual(codeOf(changes, call), 'accepted')
})

test('genesis mints what it declares', () =>
  assert.equal(codeOf([fund(10n)], genesis(10n), empty), 'accepted'))

test('an error names the change and its address', () => {
  assert.throws(
    () =>
      validateDiff({ changes: replaced(3, { old: undefined }) }, base(), {
        cause: call,
        hasCode: () => true,
      }),
    { code: 'deniedOld', offset: 3, value: `0x${'02'.repeat(32)}`, message: /at change 3/ },
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
