import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { blake2b } from '@noble/hashes/blake2.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import fc from 'fast-check'
import { fromHex, toHex } from '#vm/bits/hex'
import { applyDiff, diffOf } from '#vm/state/diff'
import { createHasher } from '#vm/state/hasher'
import { Journal } from '#vm/state/journal'
import { stateKey } from '#vm/state/key'
import { rootOfEntries, rootOfLeaves } from '#vm/state/leaves'
import { emptyTrie, type StateTrie, trieAfter, trieOf } from '#vm/state/root'
import { stateOf, writes } from './arbitraries.ts'

const hasher = await createHasher()

test('hashes are those of other implementations', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      assert.deepEqual(hasher.blake2b(bytes), blake2b(bytes, { dkLen: 32 }))
      assert.deepEqual(hasher.keccak256(bytes), keccak_256(bytes))
      assert.equal(toHex(hasher.sha256(bytes)), createHash('sha256').update(bytes).digest('hex'))
    }),
  )
  assert.equal(
    toHex(hasher.blake2b(new TextEncoder().encode('abc'))),
    'bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319',
  )
})

/** Keys that share long prefixes, so that branches are deep. */
const deepKey = fc.tuple(fc.nat(247), fc.nat(247), fc.constantFrom(0, 0xff)).map(([a, b, fill]) => {
  const key = new Uint8Array(31).fill(fill)
  for (const bit of [a, b]) key[bit >> 3] = key[bit >> 3]! ^ (0x80 >> (bit & 7))
  return key
})
const anyKey = fc.oneof(deepKey, fc.uint8Array({ minLength: 31, maxLength: 31 }))
const leafValue = fc.oneof(
  fc.uint8Array({ maxLength: 34 }),
  fc.constantFrom(0, 31, 32, 33, 64).map((length) => new Uint8Array(length).fill(1)),
)

test('the trie has the root of its leaves after any insertions, updates and removals', () => {
  const step = fc.tuple(anyKey, fc.option(leafValue, { nil: undefined }))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 50 }), fc.array(fc.nat()), (steps, again) => {
      let trie = emptyTrie(hasher)
      const leaves = new Map<string, Uint8Array>()
      const all = [...steps]
      // Removing what is there matters more than removing what is not.
      for (const pick of again)
        if (steps.length > 0) all.push([steps[pick % steps.length]![0], undefined])
      for (const [index, [key, value]] of all.entries()) {
        trie = trie.with(key, value)
        if (value === undefined) leaves.delete(toHex(key))
        else leaves.set(toHex(key), value)
        if (index % 7 === 0) trie.root()
      }
      const expected = rootOfLeaves([...leaves].map(([key, value]) => [fromHex(key), value]))
      assert.deepEqual(trie.root(), expected)
    }),
  )
})

test('the root does not depend on the order of insertion', () => {
  const leaf = fc.tuple(anyKey, leafValue)
  const leaves = fc.uniqueArray(leaf, { selector: ([key]) => toHex(key), maxLength: 30 })
  fc.assert(
    fc.property(leaves, fc.nat(), (list, turn) => {
      const insert = (trie: StateTrie, [key, value]: readonly [Uint8Array, Uint8Array]) =>
        trie.with(key, value)
      const one = list.reduce(insert, emptyTrie(hasher)).root()
      const by = list.length === 0 ? 0 : turn % list.length
      const turned = [...list.slice(by), ...list.slice(0, by)].reverse()
      assert.deepEqual(turned.reduce(insert, emptyTrie(hasher)).root(), one)
    }),
  )
})

test('a trie is a value: later tries leave its root as it was', () => {
  const first = emptyTrie(hasher).with(new Uint8Array(31), Uint8Array.of(1))
  const before = first.root()
  const second = first.with(new Uint8Array(31).fill(1), Uint8Array.of(2))
  assert.notDeepEqual(second.root(), before)
  assert.deepEqual(first.root(), before)
  before[0] = before[0]! ^ 1
  assert.notDeepEqual(first.root(), before)
})

test('roots of changes are roots of the whole state', () => {
  fc.assert(
    fc.property(writes, writes, (base, list) => {
      const state = stateOf(base)
      const entries = (): [Uint8Array, Uint8Array][] =>
        [...state.map].map(([key, value]) => [fromHex(key), value])
      const trie = trieOf(hasher, entries())
      const journal = new Journal(state)
      for (const [at, to] of list) journal.set(at, to)
      const diff = diffOf(journal)
      const after = trieAfter(trie, hasher, diff.changes)
      applyDiff(diff, state)
      assert.deepEqual(after.root(), trieOf(hasher, entries()).root())
      assert.deepEqual(after.root(), rootOfEntries(entries()))
    }),
  )
})

test('known roots', () => {
  assert.deepEqual(emptyTrie(hasher).root(), new Uint8Array(32))
  assert.deepEqual(rootOfLeaves([]), new Uint8Array(32))
  // L by hand: octet 0x80 | length, the key, the value, zeros.
  const key = new Uint8Array(31).fill(0xab)
  const leaf = new Uint8Array(64)
  leaf.set([0x82, ...key, 7, 8])
  assert.deepEqual(emptyTrie(hasher).with(key, Uint8Array.of(7, 8)).root(), hasher.blake2b(leaf))
  // B by hand: two keys that differ in their first bit.
  const low = new Uint8Array(31)
  const left = new Uint8Array(64)
  left[0] = 0x80
  const l = hasher.blake2b(left)
  const branch = Uint8Array.of(...l, ...hasher.blake2b(leaf))
  branch[0] = branch[0]! & 0x7f
  const both = emptyTrie(hasher).with(key, Uint8Array.of(7, 8)).with(low, new Uint8Array(0))
  assert.deepEqual(both.root(), hasher.blake2b(branch))
})

test('a state key is the first 31 bytes of the hash of the entry key', () => {
  const key = stateKey(hasher, new Uint8Array(33))
  assert.equal(key.length, 31)
  assert.deepEqual(key, hasher.blake2b(new Uint8Array(33)).subarray(0, 31))
})

interface TraceState {
  readonly state_root: string
  readonly keyvals: readonly { readonly key: string; readonly value: string }[]
}

const traces = join('..', 'shared', 'vectors', 'jamtestvectors', 'traces')
const absent = `SKIPPED: no published JAM traces in ${traces} (github.com/w3f/jamtestvectors)`
test('published state roots of JAM traces', { skip: existsSync(traces) ? false : absent }, () => {
  let states = 0
  for (const folder of readdirSync(traces)) {
    const files = readdirSync(join(traces, folder)).filter((name) => /^[0-9]+\.json$/.test(name))
    for (const name of files) {
      const trace = JSON.parse(readFileSync(join(traces, folder, name), 'utf8')) as {
        pre_state: TraceState
        post_state: TraceState
      }
      for (const { state_root, keyvals } of [trace.pre_state, trace.post_state]) {
        let trie = emptyTrie(hasher)
        for (const { key, value } of keyvals) trie = trie.with(fromHex(key), fromHex(value))
        assert.equal(`0x${toHex(trie.root())}`, state_root, `${folder}/${name}`)
        states++
      }
    }
  }
  assert(states > 0)
})
