/**
 * Random days on every engine: the same receipts, diffs and roots; no money made or lost; an escrow that holds
 * what it owes; what fails leaves no trace. ALCATRAZ_LAW_PROGRAMS says how many transactions, ALCATRAZ_LAW_SEED which.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { engineNamed, engineNames } from '#vm/engine/engines'
import { MemoryStore } from '#vm/state/memory-store'
import { kinds, makerOf } from '../store/kinds.ts'
import { beginDay, books, diceOf, hour, supply, wealth } from './days.ts'

const transactions = Number(process.env['ALCATRAZ_LAW_PROGRAMS'] ?? 400)
const seed = Number(process.env['ALCATRAZ_LAW_SEED'] ?? 1)
const hours = 5
const perHour = 20

/** Nothing but nonces changed. */
const onlyNonce = (changes: readonly { readonly field: number }[]): boolean =>
  changes.length === 1 && changes[0]!.field === 1

test('random days are the same on every engine, and keep their laws', async (t) => {
  const days = Math.ceil(transactions / (hours * perHour))
  const ends = new Map<string, number>()
  let executed = 0
  for (let day = 0; day < days; day++) {
    const places = await Promise.all(
      engineNames.map((name) => beginDay(new MemoryStore(), engineNamed(name))),
    )
    for (let at = 0; at < hours; at++) {
      const where = `seed ${seed}, day ${day}, hour ${at}`
      const results = []
      for (const place of places) {
        const dice = diceOf((seed * 0x9e37_79b1) ^ (day * 0x85eb_ca6b) ^ (at + 1))
        results.push(await place.chain.block(hour(dice, place, perHour)))
      }
      const [first, ...others] = results
      for (const [index, other] of others.entries()) {
        const who = `${where}, ${engineNames[index + 1]}`
        assert.deepEqual(
          other.executed.map(({ receipt, diff }) => ({ receipt, diff })),
          first!.executed.map(({ receipt, diff }) => ({ receipt, diff })),
          who,
        )
        assert.deepEqual(other.header, first!.header, who)
        assert.deepEqual(
          other.refused.map(({ error, index: i }) => [i, error.code]),
          first!.refused.map(({ error, index: i }) => [i, error.code]),
          who,
        )
      }
      for (const { receipt, diff } of first!.executed) {
        executed++
        ends.set(receipt.status, (ends.get(receipt.status) ?? 0) + 1)
        if (receipt.status !== 'success') assert.ok(onlyNonce(diff.changes), where)
        if (receipt.status === 'outOfGas') assert.equal(receipt.events.length, 0, where)
      }
      for (const { chain, escrow } of places.slice(0, 1)) {
        assert.equal(wealth(chain.state), supply, where)
        const { held, owed } = books(chain.state, escrow)
        // what is paid to it without a deposit is nobody's
        assert.ok(held >= owed, `${where}: ${held} of ${owed}`)
      }
    }
    if (day % 16 === 0) {
      const { problems } = await places[1]!.chain.verify(engineNamed('reference'))
      assert.deepEqual(problems, [], `seed ${seed}, day ${day}`)
    }
  }
  t.diagnostic(
    `${executed} transactions of ${days} days: ${[...ends].map(([end, count]) => `${count} ${end}`).join(', ')}`,
  )
})

for (const { kind, skip } of kinds)
  test(`a day is the same in ${kind} as in memory`, { skip }, async () => {
    const engine = engineNamed('interp')
    const store = await makerOf(kind).make()
    const places = [await beginDay(new MemoryStore(), engine), await beginDay(store, engine)]
    for (let at = 0; at < 3; at++) {
      const dice = places.map(() => diceOf(0xda7 + at))
      const blocks = await Promise.all(
        places.map((place, index) => place.chain.block(hour(dice[index]!, place, 40))),
      )
      assert.deepEqual(blocks[1], blocks[0])
    }
    const { problems } = await places[1]!.chain.verify(engineNamed('reference'))
    assert.deepEqual(problems, [])
    await store.close()
  })
