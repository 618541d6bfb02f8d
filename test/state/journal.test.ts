import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bytesId } from '#vm/bits/octets'
import type { StateReader } from '#vm/state/accounts'
import { applyDiff, diffOf, invertDiff } from '#vm/state/diff'
import { Journal } from '#vm/state/journal'
import { key, MapState, stateOf, value, writes } from './arbitraries.ts'

test('a journal reads what was written last, else the base', () => {
  fc.assert(
    fc.property(writes, writes, key, (base, list, asked) => {
      const journal = new Journal(stateOf(base))
      for (const [at, to] of list) journal.set(at, to)
      assert.deepEqual(journal.get(asked), stateOf([...base, ...list]).get(asked))
    }),
  )
})

test('a journal that keeps what its base said asks once, and answers the same', () => {
  fc.assert(
    fc.property(
      writes,
      fc.array(fc.tuple(key, fc.option(value))),
      fc.nat(4),
      (base, steps, most) => {
        const state = stateOf(base)
        const asked: string[] = []
        const counted: StateReader = {
          get: (at) => {
            asked.push(bytesId(at))
            return state.get(at)
          },
          next: () => undefined,
        }
        const [journal, plain] = [new Journal(counted, most), new Journal(state)]
        for (const [at, to] of steps) {
          assert.deepEqual(journal.get(at), plain.get(at))
          if (to === null) continue
          journal.set(at, to)
          plain.set(at, to)
        }
        assert.deepEqual(diffOf(journal), diffOf(plain))
        const short = asked.filter((id, i) => {
          const said = state.get(Uint8Array.from(id, (unit) => unit.charCodeAt(0)))
          return asked.indexOf(id) < i && (said === undefined || said.length <= 64)
        })
        if (new Set(asked).size <= most) assert.deepEqual(short, [])
      },
    ),
  )
})

test('rollback to nested checkpoints restores each of them, in any shape of nesting', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('set' as const), key, value }),
    fc.record({ do: fc.constant('checkpoint' as const) }),
    fc.record({ do: fc.constant('rollback' as const) }),
    fc.record({ do: fc.constant('keep' as const) }),
  )
  fc.assert(
    fc.property(writes, fc.array(step, { maxLength: 60 }), (base, steps) => {
      const state = stateOf(base)
      const journal = new Journal(state)
      // The model copies the whole state at each checkpoint.
      let model = state.copy()
      const open: { readonly at: number; readonly model: MapState }[] = []
      for (const each of steps) {
        if (each.do === 'set') {
          journal.set(each.key, each.value)
          model.set(each.key, each.value)
        } else if (each.do === 'checkpoint') {
          open.push({ at: journal.checkpoint(), model: model.copy() })
        } else if (each.do === 'keep') open.pop()
        else {
          const last = open.pop()
          if (last === undefined) continue
          journal.rollback(last.at)
          model = last.model
        }
      }
      const after = state.copy()
      applyDiff(diffOf(journal), after)
      assert.deepEqual(after.map, model.map)
    }),
  )
})

test('a journal never writes to its base, and rollback to the start leaves no change', () => {
  fc.assert(
    fc.property(writes, writes, (base, list) => {
      const state = stateOf(base)
      const journal = new Journal(state)
      const start = journal.checkpoint()
      for (const [at, to] of list) journal.set(at, to)
      assert.deepEqual(state.map, stateOf(base).map)
      journal.rollback(start)
      assert.deepEqual(diffOf(journal).changes, [])
    }),
  )
})

test('writing one entry again and again keeps one undo record per checkpoint', () => {
  const at = new Uint8Array(33)
  const journal = new Journal(new MapState())
  for (let i = 0; i < 1000; i++) journal.set(at, Uint8Array.of(i & 255))
  const inner = journal.checkpoint()
  assert.equal(inner, 1)
  for (let i = 0; i < 1000; i++) journal.set(at, Uint8Array.of(7))
  assert.equal(journal.checkpoint(), 2)
  journal.rollback(inner)
  assert.deepEqual(journal.get(at), Uint8Array.of(999 & 255))
  journal.rollback(0)
  assert.equal(journal.get(at), undefined)
})

test('a rollback past the end is our own mistake', () => {
  assert.throws(() => new Journal(new MapState()).rollback(1), /internal/)
})

test('an entry that got its old value back is no change', () => {
  const at = new Uint8Array(33)
  const journal = new Journal(stateOf([[at, Uint8Array.of(7)]]))
  journal.set(at, undefined)
  journal.set(at, Uint8Array.of(7))
  assert.deepEqual(diffOf(journal).changes, [])
})

test('applying a diff and its inverse leads back', () => {
  fc.assert(
    fc.property(writes, writes, (base, list) => {
      const journal = new Journal(stateOf(base))
      for (const [at, to] of list) journal.set(at, to)
      const diff = diffOf(journal)
      const state = stateOf(base)
      applyDiff(diff, state)
      assert.deepEqual(state.map, stateOf([...base, ...list]).map)
      applyDiff(invertDiff(diff), state)
      assert.deepEqual(state.map, stateOf(base).map)
      assert.deepEqual(invertDiff(invertDiff(diff)), diff)
    }),
  )
})
