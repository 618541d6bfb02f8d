/**
 * Classes of values, held against litesvm's own: the same calls, the same answers or errors. What ends
 * the process in litesvm (a panic) is not tried.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import * as account from '#vm/svm/litesvm/account'
import * as budget from '#vm/svm/litesvm/compute-budget'
import * as errors from '#vm/svm/litesvm/errors'
import * as features from '#vm/svm/litesvm/feature-set'
import * as metadata from '#vm/svm/litesvm/metadata'
import * as history from '#vm/svm/litesvm/slot-history'
import * as sysvars from '#vm/svm/litesvm/sysvars'
import { oracle } from './oracle.ts'

const ours = { ...account, ...budget, ...errors, ...features, ...metadata, ...history, ...sysvars }
const theirs = await oracle()
const skip = theirs === undefined && 'SKIPPED: litesvm has no binary for this system'
const key = (octet: number): Uint8Array => new Uint8Array(32).fill(octet)
const none = '1'.repeat(32)
const big = 1n << 64n

/** What a call gave: its value, without the class of binary data, or how it threw. */
function outcome(run: () => unknown): unknown {
  try {
    const value = run()
    return Buffer.isBuffer(value) ? new Uint8Array(value) : value
  } catch (error) {
    assert.ok(error instanceof Error)
    return { threw: error.message, code: (error as { code?: string }).code }
  }
}

// biome-ignore lint/suspicious/noExplicitAny: wrong arguments are what is tried
type Loose = any
const cases: Readonly<Record<string, (classes: Loose) => unknown>> = {
  account: (c) => String(new c.Account(5n, Uint8Array.of(1, 2), key(7), true, 9n)),
  'account without data': (c) => String(new c.Account(5n, key(1).slice(0, 0), key(7), false, 9n)),
  'account of much data': (c) => String(new c.Account(5n, new Uint8Array(99), key(7), false, 9n)),
  'account, getters': (c) => {
    const account = new c.Account(5n, Uint8Array.of(1, 2), key(7), true, 9n)
    account.data()[0] = 9
    return [account.lamports(), account.data(), account.owner(), account.executable()]
  },
  'account, short owner': (c) => new c.Account(5n, key(1), new Uint8Array(31), true, 9n),
  'account, negative': (c) => new c.Account(-5n, key(1), key(2), true, 9n),
  'account, too rich': (c) => new c.Account(big, key(1), key(2), true, 9n),
  'account, number': (c) => new c.Account(1, key(1), key(2), true, 9n),
  'account, list': (c) => new c.Account(1n, [1], key(2), true, 9n),
  'account, flag': (c) => new c.Account(1n, key(1), key(2), 1, 9n),
  clock: (c) => String(new c.Clock(1n, -2n, 3n, 4n, -5n)),
  'clock, set': (c) => {
    const clock = new c.Clock(1n, 2n, 3n, 4n, 5n)
    Object.assign(clock, { slot: 6n, epochStartTimestamp: -7n, epoch: 8n, unixTimestamp: 10n })
    clock.leaderScheduleEpoch = 9n
    return [String(clock), clock.slot, clock.epochStartTimestamp, clock.leaderScheduleEpoch]
  },
  'clock, late': (c) => new c.Clock(1n, 1n << 63n, 3n, 4n, 5n),
  'clock, early': (c) => new c.Clock(1n, -(1n << 63n) - 1n, 3n, 4n, 5n),
  'clock, slot of a number': (c) => {
    new c.Clock(1n, 1n, 3n, 4n, 5n).slot = 5
  },
  'epoch rewards': (c) => {
    const rewards = new c.EpochRewards(1n, 2n, `${none.slice(1)}2`, 4n, 5n, 6n, true)
    rewards.totalPoints = 1n << 127n
    return [rewards.parentBlockhash, rewards.totalPoints, rewards.totalRewards, rewards.active]
  },
  'epoch rewards, short hash': (c) => new c.EpochRewards(1n, 2n, 'zz', 4n, 5n, 6n, true),
  'epoch rewards, long hash': (c) => new c.EpochRewards(1n, 2n, none + none, 4n, 5n, 6n, true),
  'epoch rewards, no base58': (c) => new c.EpochRewards(1n, 2n, '0OIl', 4n, 5n, 6n, true),
  'epoch rewards, points': (c) => new c.EpochRewards(1n, 2n, none, 1n << 128n, 5n, 6n, true),
  'epoch rewards, less than no points': (c) => new c.EpochRewards(1n, 2n, none, -1n, 5n, 6n, true),
  'epoch schedule': (c) => {
    const schedule = new c.EpochSchedule(1n, 2n, true, 4n, 5n)
    schedule.warmup = false
    schedule.firstNormalSlot = 9n
    return [schedule.slotsPerEpoch, schedule.leaderScheduleSlotOffset, schedule.warmup]
  },
  rent: (c) => [new c.Rent(3480n, 2, 50), c.Rent.default(), c.Rent.free()].map(String),
  'rent by epochs': (c) => String(c.Rent.withSlotsPerEpoch(5n)),
  'rent, burnt': (c) => new c.Rent(3480n, 2, 50).calculateBurn(1001n),
  'rent, burnt twice over': (c) => new c.Rent(3480n, 2, 200).calculateBurn(1001n),
  'rent, much burnt': (c) => new c.Rent(3480n, 1, 90).calculateBurn(big - 1n),
  'rent, least': (c) =>
    [1, 2, 1.5, 1e30, Number.NaN, -1].map((threshold) =>
      new c.Rent(3480n, threshold, 50).minimumBalance(165n),
    ),
  'rent, least of the largest': (c) => c.Rent.default().minimumBalance(10_485_760n),
  'rent, larger': (c) => c.Rent.default().minimumBalance(10_485_761n),
  'rent, dear': (c) => new c.Rent(big - 1n, 1, 1).minimumBalance(1n),
  'rent, due': (c) => {
    const rent = new c.Rent(3480n, 2, 50)
    const amounts = [1.5, -1, 1e30, Number.NaN].map((years) => rent.dueAmount(100n, years))
    return [rent.due(5n, 100n, 1.5), rent.due(1n << 40n, 100n, 1), rent.isExempt(1n, 1n), amounts]
  },
  'rent, percent': (c) => new c.Rent(1n, 1, 300),
  'rent, negative percent': (c) => new c.Rent(1n, 1, -1),
  'rent, broken percent': (c) => new c.Rent(1n, 1, 1.7).burnPercent,
  'slot hash': (c) => new c.SlotHash(),
  'slot history': (c) => {
    const history = new c.SlotHistory(BigUint64Array.of(3n), 5n)
    const checks = [0n, 1n, 2n, 5n].map((slot) => history.check(slot))
    return [history.bits, checks, history.oldest(), history.newest(), history.nextSlot]
  },
  'slot history, its default': (c) => {
    const history = c.SlotHistory.default()
    const seen: unknown[] = [String(history)]
    for (const slot of [5n, 5_000_000n, 5_000_064n, 10n]) {
      history.add(slot)
      seen.push(history.nextSlot, history.check(5n), history.check(slot), history.oldest())
    }
    return [...seen, history.bits]
  },
  'slot history of no words': (c) => new c.SlotHistory(),
  'slot history, negative': (c) => c.SlotHistory.default().add(-1n),
  'stake history': (c) => {
    const history = new c.StakeHistory()
    const entry = new c.StakeHistoryEntry(1n, 2n, 3n)
    for (const epoch of [5n, 3n, 9n, 5n]) history.add(epoch, entry)
    const found = history.get(9n)
    const all = [3n, 5n, 7n, 8n, 10n].map((epoch) => String(history.get(epoch)))
    return [...all, found.effective, found.deactivating]
  },
  'stake history, setters': (c) => {
    const entry = new c.StakeHistoryEntry(1n, 2n, 3n)
    entry.activating = 9n
    const first = String(entry)
    entry.deactivating = 8n
    return [first, String(entry)]
  },
  'stake history, full': (c) => {
    const history = new c.StakeHistory()
    for (let epoch = 0n; epoch < 520n; epoch++)
      history.add(epoch, new c.StakeHistoryEntry(epoch, 0n, 0n))
    return [0n, 7n, 8n, 519n].map((epoch) => String(history.get(epoch)))
  },
  budget: (c) => {
    const budget = new c.ComputeBudget()
    const names = Object.keys(Object.getOwnPropertyDescriptors(c.ComputeBudget.prototype))
    return [names.length > 0, budget.computeUnitLimit, budget.heapSize]
  },
  'budget, wrapped': (c) => {
    const budget = new c.ComputeBudget()
    return [2 ** 32 + 5, -1, 1.5].map((size) => {
      budget.heapSize = size
      return budget.heapSize
    })
  },
  'budget, negative': (c) => Object.assign(new c.ComputeBudget(), { heapCost: -1n }),
  'budget, depth': (c) => Object.assign(new c.ComputeBudget(), { maxCallDepth: big }),
  'budget, set': (c) => Object.assign(new c.ComputeBudget(), { log64Units: 7n }).log64Units,
  features: (c) => {
    const set = new c.FeatureSet()
    const counts = (): number[] => [set.getActiveFeaturesCount(), set.getInactiveFeaturesCount()]
    const seen: unknown[] = [set.isActive(key(3)), set.activatedSlot(key(3)), counts()]
    set.activate(key(3), 5n)
    set.activate(key(4), -5n)
    seen.push(counts(), set.activatedSlot(key(3)), set.activatedSlot(key(4)))
    set.activate(key(3), 6n)
    set.deactivate(key(4))
    set.deactivate(key(9))
    seen.push(counts(), set.activatedSlot(key(3)), set.isActive(key(4)))
    return [
      ...seen,
      set.getActiveFeatures().map((id: Uint8Array) => Buffer.from(id).toString('hex')),
    ]
  },
  'all features': (c) => {
    const set = c.FeatureSet.allEnabled()
    const ids = set.getActiveFeatures().map((id: Uint8Array) => Buffer.from(id).toString('hex'))
    return [ids.sort(), set.getInactiveFeaturesCount()]
  },
  ...Object.fromEntries(
    ['TransactionMetadata', 'FailedTransactionMetadata', 'InnerInstruction'].map((name) => [
      `new ${name}`,
      (c: Loose) => new c[name](),
    ]),
  ),
  'compiled instruction': (c) => {
    const made = new c.CompiledInstruction(3, Uint8Array.of(1), Uint8Array.of(2, 3))
    return [String(made), made.programIdIndex(), made.accounts(), made.data()]
  },
}

describe('values as litesvm has them', { skip }, () => {
  for (const [name, run] of Object.entries(cases))
    test(name, () => {
      const wanted = outcome(() => run(theirs))
      const found = outcome(() => run(ours))
      if (wanted !== null && typeof wanted === 'object' && 'threw' in wanted)
        assert.deepEqual(found, wanted)
      else assert.deepEqual(plain(found), plain(wanted))
    })

  test('the budget has their names and numbers', () => {
    const read = (c: Loose): unknown => {
      const budget = new c.ComputeBudget()
      return Object.keys(ours.computeBudgetDefaults).map((name) => [name, budget[name]])
    }
    const { constructor: _, ...names } = Object.getOwnPropertyDescriptors(
      (theirs as Loose).ComputeBudget.prototype,
    )
    assert.deepEqual(Object.keys(ours.computeBudgetDefaults).sort(), Object.keys(names).sort())
    assert.deepEqual(read(ours), read(theirs))
  })

  for (const name of [
    'InstructionErrorFieldless',
    'TransactionErrorFieldless',
    'SlotHistoryCheck',
  ] as const)
    test(`${name} has their numbers`, () => {
      // litesvm has them in its declarations alone
      const text = readFileSync(new URL(import.meta.resolve('litesvm/dist/internal.d.ts')), 'utf8')
      const body = new RegExp(`const enum ${name} \\{([^}]*)\\}`).exec(text)![1]!
      const wanted = [...body.matchAll(/(\w+) = (\d+)/g)].map(([, key, n]) => [key, Number(n)])
      assert.deepEqual({ ...ours[name] }, Object.fromEntries(wanted))
    })
})

/** Objects of classes that show nothing are nothing to compare: cases answer strings and numbers. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  return Buffer.isBuffer(value) ? new Uint8Array(value) : value
}
