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
import type { StoreError } from '#vm/state/store'
import {
  emptyTrie,
  leafChanges,
  type PageSource,
  pageWrites,
  StateTrie,
  type TrieUpdate,
  trieOf,
} from '#vm/state/trie'
import { writeCheck } from '#vm/state/trie-page'
import type { LeafChange } from '#vm/state/trie-update'
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

function applied(trie: StateTrie, ...changes: readonly LeafChange[]): StateTrie {
  trie.accept(trie.update(changes))
  return trie
}

/** Pages as a store keeps them. */
class Pages implements PageSource {
  readonly map = new Map<string, Uint8Array>()
  reads = 0

  page(key: Uint8Array): Uint8Array | undefined {
    this.reads++
    return this.map.get(toHex(key))
  }

  write(update: TrieUpdate): void {
    for (const [key, bytes] of pageWrites(update)) {
      if (bytes === undefined) this.map.delete(toHex(key))
      else this.map.set(toHex(key), bytes)
    }
  }
}

/** Few prefixes and many keys, so that pages fill, split and become one again. */
const crowdedKey = fc
  .tuple(fc.constantFrom(0, 0x5a, 0x5b, 0xff), fc.nat(63), fc.nat(3))
  .map(([first, second, last]) => {
    const key = new Uint8Array(31).fill(last)
    key.set([first, second])
    return key
  })
const batch = fc.array(
  fc.tuple(
    fc.oneof({ weight: 8, arbitrary: crowdedKey }, anyKey),
    fc.option(leafValue, { nil: undefined, freq: 2 }),
  ),
  { maxLength: 150 },
)

test('the trie has the root of its leaves after any batches, on disk and in memory', () => {
  fc.assert(
    fc.property(fc.array(batch, { maxLength: 6 }), fc.nat(3), (batches, cacheSize) => {
      const pages = new Pages()
      const cached = new StateTrie(hasher, pages, cacheSize * 100)
      const inMemory = emptyTrie(hasher)
      const leaves = new Map<string, Uint8Array>()
      for (const changes of batches) {
        for (const [key, value] of changes) {
          if (value === undefined) leaves.delete(toHex(key))
          else leaves.set(toHex(key), value)
        }
        const before = cached.root()
        const update = cached.update(changes)
        assert.deepEqual(cached.root(), before)
        pages.write(update)
        cached.accept(update)
        applied(inMemory, ...changes)
        const expected = rootOfLeaves([...leaves].map(([key, value]) => [fromHex(key), value]))
        assert.deepEqual(update.root, expected)
        const reopened = new StateTrie(hasher, pages)
        for (const trie of [cached, inMemory, reopened]) {
          assert.deepEqual(trie.root(), expected)
          assert.equal(trie.entries, leaves.size)
        }
        assert(cached.cachedNodes <= cacheSize * 100)
        // The pages are those of the leaves, however they came about.
        const fresh = new Pages()
        fresh.write(
          emptyTrie(hasher).update([...leaves].map(([key, value]) => [fromHex(key), value])),
        )
        assert.deepEqual(new Map([...pages.map].sort()), new Map([...fresh.map].sort()))
        assert.equal([...reopened.walk()].length, pages.map.size)
      }
    }),
    { numRuns: 60 },
  )
})

test('all leaves can go, and the trie is empty again', () => {
  const keys = Array.from({ length: 500 }, (_, i) =>
    hasher.blake2b(Uint8Array.of(i, i >> 8)).slice(0, 31),
  )
  const pages = new Pages()
  const trie = new StateTrie(hasher, pages)
  for (const value of [Uint8Array.of(1), undefined]) {
    const update = trie.update(keys.map((key) => [key, value]))
    pages.write(update)
    trie.accept(update)
  }
  assert.deepEqual(trie.root(), new Uint8Array(32))
  assert.equal(pages.map.size, 0)
})

test('an update beside the trie leaves it as it was', () => {
  const key = new Uint8Array(31)
  const first = applied(emptyTrie(hasher), [key, Uint8Array.of(1)])
  const before = first.root()
  const second = first.after(first.update([[new Uint8Array(31).fill(1), Uint8Array.of(2)]]))
  assert.notDeepEqual(second.root(), before)
  assert.deepEqual(first.root(), before)
  before[0] = before[0]! ^ 1
  assert.notDeepEqual(first.root(), before)
})

test('opening reads one page, and a change the pages on its way', () => {
  const pages = new Pages()
  const keys = Array.from({ length: 20_000 }, (_, i) =>
    hasher.blake2b(Uint8Array.of(i, i >> 8)).slice(0, 31),
  )
  pages.write(emptyTrie(hasher).update(keys.map((key) => [key, key])))
  const trie = new StateTrie(hasher, pages)
  assert.equal(pages.reads, 1)
  trie.update([[keys[7]!, undefined]])
  // 20,000 leaves: three pages of branches, then a bucket or another branch above it.
  assert(pages.reads <= 6, `${pages.reads}`)
})

test('a damaged, foreign or missing page is refused when it is read', () => {
  const whole = new Pages()
  const keys = Array.from({ length: 300 }, (_, i) =>
    hasher.blake2b(Uint8Array.of(i, i >> 8)).slice(0, 31),
  )
  whole.write(emptyTrie(hasher).update(keys.map((key) => [key, key])))
  const root = new StateTrie(hasher, whole).root()
  const refusedOrOther = (pages: Pages): boolean => {
    try {
      const trie = new StateTrie(hasher, pages)
      for (const _ of trie.walk());
      return toHex(trie.root()) !== toHex(root)
    } catch (error) {
      assert.equal((error as StoreError).code, 'corrupt')
      return true
    }
  }
  assert(!refusedOrOther(whole))
  for (const [name, bytes] of whole.map) {
    const damages = [
      undefined,
      bytes.slice(0, -1),
      Uint8Array.of(...bytes, 0),
      ...[...bytes.keys()].map((at) =>
        bytes.map((octet, index) => (index === at ? octet ^ 1 : octet)),
      ),
    ]
    for (const damage of damages) {
      const pages = new Pages()
      for (const [other, kept] of whole.map) pages.map.set(other, kept)
      if (damage === undefined) pages.map.delete(name)
      else pages.map.set(name, damage)
      assert(refusedOrOther(pages), `page ${name}`)
    }
  }
})

test('a bucket whose hashes are not those of its leaves passes its own check, and is found by walking', () => {
  const key = new Uint8Array(31)
  const pages = new Pages()
  pages.write(emptyTrie(hasher).update([[key, Uint8Array.of(1)]]))
  const bytes = pages.map.get('00')!.slice()
  // The first octet of the leaf's value, and the check anew.
  bytes[41 + 32]! ^= 1
  pages.map.set('00', bytes)
  assert.throws(() => new StateTrie(hasher, pages), { code: 'corrupt' })
  writeCheck(bytes)
  pages.map.set('00', bytes)
  assert.throws(() => [...new StateTrie(hasher, pages).walk()], { code: 'corrupt' })
})

test('updates that no store gets stay, however few pages memory holds', () => {
  const pages = new Pages()
  const keys = Array.from({ length: 400 }, (_, i) =>
    hasher.blake2b(Uint8Array.of(i, i >> 8)).slice(0, 31),
  )
  pages.write(emptyTrie(hasher).update(keys.map((key) => [key, key])))
  const whole = new Map(pages.map)
  const trie = new StateTrie(hasher, pages, 0)
  const leaves = keys.map((key): LeafChange => [key, key])
  for (let round = 0; round < 3; round++) {
    leaves[round] = [keys[round]!, Uint8Array.of(round)]
    trie.keep(trie.update([leaves[round]!]))
    assert.deepEqual(trie.root(), applied(emptyTrie(hasher), ...leaves).root())
  }
  assert.deepEqual(pages.map, whole)
})

test('only an update of this very state that was committed is accepted', () => {
  const pages = new Pages()
  const trie = new StateTrie(hasher, pages)
  const key = new Uint8Array(31)
  const first = trie.update([[key, Uint8Array.of(1)]])
  const other = trie.update([[key, Uint8Array.of(2)]])
  assert.throws(() => trie.accept(first), { code: 'conflict' })
  assert.deepEqual(trie.root(), new Uint8Array(32))
  pages.write(first)
  assert.throws(() => trie.accept(other), { code: 'conflict' })
  trie.accept(first)
  assert.deepEqual(trie.root(), first.root)
  pages.write(other)
  // It was made of the empty state.
  assert.throws(() => trie.accept(other), { code: 'conflict' })
  assert.throws(() => trie.accept(first), { code: 'conflict' })
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
      const { root } = trie.update(leafChanges(hasher, diff.changes))
      applyDiff(diff, state)
      assert.deepEqual(root, trieOf(hasher, entries()).root())
      assert.deepEqual(root, rootOfEntries(entries()))
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
  const one: LeafChange = [key, Uint8Array.of(7, 8)]
  assert.deepEqual(applied(emptyTrie(hasher), one).root(), hasher.blake2b(leaf))
  // B by hand: two keys that differ in their first bit.
  const left = new Uint8Array(64)
  left[0] = 0x80
  const branch = Uint8Array.of(...hasher.blake2b(left), ...hasher.blake2b(leaf))
  branch[0] = branch[0]! & 0x7f
  const both = applied(emptyTrie(hasher), one, [new Uint8Array(31), new Uint8Array(0)])
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
        const leaves = keyvals.map(({ key, value }) => [fromHex(key), fromHex(value)] as const)
        const trie = applied(emptyTrie(hasher), ...leaves)
        assert.equal(`0x${toHex(trie.root())}`, state_root, `${folder}/${name}`)
        states++
      }
    }
  }
  assert(states > 0)
})
