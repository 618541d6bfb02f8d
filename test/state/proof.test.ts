import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DecodeError } from '#vm/bits/errors'
import { toHex } from '#vm/bits/hex'
import { createHasher } from '#vm/state/hasher'
import { entryKey, Field, stateKey } from '#vm/state/key'
import {
  checkProof,
  decodeProof,
  encodeProof,
  ProofError,
  proveEntry,
  type StateProof,
} from '#vm/state/proof'
import { emptyTrie, trieOf } from '#vm/state/trie'
import { bitAt, leafNode } from '#vm/state/trie-page'
import { key, MapState, stateOf, writes } from './arbitraries.ts'

const hasher = await createHasher()
const address = new Uint8Array(32).fill(1)
const slotKey = (index: number): Uint8Array =>
  entryKey(address, Field.storage, Uint8Array.of(index & 255, index >> 8))

function stateOfSize(size: number): MapState {
  const state = new MapState()
  for (let i = 0; i < size; i++) state.set(slotKey(i), new Uint8Array(i % 70).fill(i))
  return state
}

const entriesOf = (state: MapState): [Uint8Array, Uint8Array][] =>
  [...state.map].map(([id, value]) => [new Uint8Array(Buffer.from(id, 'hex')), value])

const codeOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof ProofError || error instanceof DecodeError) return error.code
    throw error
  }
  return 'accepted'
}

test('every entry of a state, and every absence, has a proof that survives encoding', () => {
  fc.assert(
    fc.property(writes, fc.array(key, { maxLength: 10 }), (list, others) => {
      const state = stateOf(list)
      const trie = trieOf(hasher, entriesOf(state))
      for (const each of [...list.map(([at]) => at), ...others]) {
        const proof = proveEntry(hasher, trie, state, each)
        const bytes = encodeProof(proof)
        assert.deepEqual(decodeProof(bytes), proof)
        assert.deepEqual(checkProof(hasher, decodeProof(bytes), trie.root(), each), state.get(each))
      }
    }),
  )
})

test('proofs of large states: from buckets, from branches, of each kind of absence', () => {
  for (const size of [0, 1, 2, 31, 32, 33, 700]) {
    const state = stateOfSize(size)
    const trie = trieOf(hasher, entriesOf(state))
    const ends = new Set<string>()
    for (let i = 0; i < 1500; i += 3) {
      const proof = proveEntry(hasher, trie, state, slotKey(i))
      assert.deepEqual(proof.value, state.get(slotKey(i)))
      ends.add(
        proof.value !== undefined ? 'value' : proof.other === undefined ? 'nothing' : 'other',
      )
    }
    if (size === 700) assert.deepEqual([...ends].sort(), ['nothing', 'other', 'value'])
  }
  const { siblings } = proveEntry(hasher, emptyTrie(hasher), new MapState(), slotKey(0))
  assert.deepEqual(siblings, [])
})

test('a proof says nothing of another root, key or value', () => {
  const state = stateOfSize(300)
  const trie = trieOf(hasher, entriesOf(state))
  const root = trie.root()
  const present = proveEntry(hasher, trie, state, slotKey(7))
  const absences = [300, 301, 302, 303, 304, 305, 306, 307].map((i) =>
    proveEntry(hasher, trie, state, slotKey(i)),
  )
  const other = absences.find((proof) => proof.other !== undefined)!
  const check = (proof: StateProof, by = root, of = proof.key): string =>
    codeOf(() => checkProof(hasher, proof, by, of))
  assert.equal(check(present), 'accepted')
  assert.equal(check(other), 'accepted')
  assert.equal(check(present, new Uint8Array(32)), 'wrongRoot')
  assert.equal(check(present, root, slotKey(8)), 'wrongKey')
  assert.match(check({ ...present, key: slotKey(8) }), /wrongRoot|looseBit/)
  assert.equal(check({ ...present, value: Uint8Array.of(1) }), 'wrongRoot')
  // What is there cannot be said to be absent: neither its own leaf nor one of another place does.
  assert.equal(check({ ...present, value: undefined }), 'wrongRoot')
  const own = leafNode(hasher, stateKey(hasher, present.key), present.value!)
  assert.equal(check({ ...present, value: undefined, other: own }), 'sameLeaf')
  const stray = codeOf(() =>
    checkProof(hasher, { ...present, value: undefined, other: other.other! }, root),
  )
  assert.equal(stray, 'strayLeaf')
  // What is absent has no value.
  assert.equal(check({ ...other, value: new Uint8Array(0) }), 'wrongRoot')
  assert.match(check({ ...present, siblings: present.siblings.slice(1) }), /wrongRoot|looseBit/)
  assert.notEqual(check({ ...present, siblings: [...present.siblings].reverse() }), 'accepted')
  // Gray Paper, D.2: the first bit of a left half is not hashed, so it has to be 0.
  const at = stateKey(hasher, present.key)
  const left = present.siblings.findIndex((_, depth) => bitAt(at, depth) === 1)
  const loose = present.siblings.map((hash, depth) =>
    depth === left ? Uint8Array.of(hash[0]! | 0x80, ...hash.slice(1)) : hash,
  )
  assert.equal(check({ ...present, siblings: loose }), 'looseBit')
})

test('whatever octet of a proof is changed, it is no proof any more', () => {
  const state = stateOfSize(300)
  const trie = trieOf(hasher, entriesOf(state))
  const root = trie.root()
  for (const index of [7, 33, 300, 301, 302, 303]) {
    const bytes = encodeProof(proveEntry(hasher, trie, state, slotKey(index)))
    for (let at = 0; at < bytes.length; at++)
      for (const by of [1, 0x80, 0xff]) {
        const changed = bytes.map((octet, i) => (i === at ? octet ^ by : octet))
        const result = codeOf(() => checkProof(hasher, decodeProof(changed), root, slotKey(index)))
        assert.notEqual(result, 'accepted', `octet ${at} of ${toHex(bytes)}`)
      }
    for (let length = 0; length < bytes.length; length++)
      assert.notEqual(
        codeOf(() => decodeProof(bytes.subarray(0, length))),
        'accepted',
      )
    assert.equal(
      codeOf(() => decodeProof(Uint8Array.of(...bytes, 0))),
      'trailingBytes',
    )
  }
})

test('each malformation has its own code', () => {
  const state = stateOfSize(40)
  const trie = trieOf(hasher, entriesOf(state))
  const bytes = encodeProof(proveEntry(hasher, trie, state, slotKey(3)))
  const keyLength = slotKey(3).length
  const end = 5 + keyLength
  const depth = end + 1 + 4 + 3
  const edit = (at: number, ...octets: readonly number[]): Uint8Array => {
    const edited = bytes.slice()
    edited.set(octets, at)
    return edited
  }
  const cases: readonly (readonly [string, Uint8Array])[] = [
    ['badVersion', edit(0, 2)],
    ['tooLong', edit(1, 0xff, 0xff)],
    ['badEntryKey', edit(1, 3)],
    ['badEntryKey', edit(5 + 32, 9)],
    ['unknownKind', edit(end, 3)],
    ['tooLong', edit(end + 1, 0, 0, 2)],
    ['badDepth', edit(depth, 249)],
    ['truncated', edit(depth, 200)],
    [
      'badSibling',
      edit(depth + 1, ...bytes.subarray(depth + 1, depth + 2).map((octet) => octet | 1)),
    ],
    ['badSibling', edit(depth + 2, ...new Uint8Array(32))],
    ['badLeaf', edit(end, 2)],
  ]
  assert.equal(bytes[depth]! < 8, true, 'one octet of bits')
  for (const [code, edited] of cases)
    assert.equal(
      codeOf(() => decodeProof(edited)),
      code,
    )
})

test('a prover whose state and trie are not of one height says so', () => {
  const state = stateOfSize(10)
  const trie = trieOf(hasher, entriesOf(state))
  state.set(slotKey(3), Uint8Array.of(1))
  assert.throws(() => proveEntry(hasher, trie, state, slotKey(3)), { code: 'wrongRoot' })
})
