import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Account } from '#vm/host/solana/account'
import { programIds } from '#vm/host/solana/ids'
import { Pubkey } from '#vm/host/solana/pubkey'
import { addressHash, type MapSnapshot, PubkeyMap } from '#vm/svm/pubkey-map'

const account = (lamports: number): Account => ({
  lamports: BigInt(lamports),
  data: new Uint8Array(0),
  owner: programIds.system,
  executable: false,
  rentEpoch: 0n,
})

/** Numbers below `n`, the same for a seed. */
function dice(seed: number): (n: number) => number {
  let state = seed
  return (n) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * n)
  }
}

/** Few enough that they meet; every second differs from another in the last byte alone. */
function keyOf(n: number): Pubkey {
  const bytes = new Uint8Array(32)
  new DataView(bytes.buffer).setUint32(n % 2 === 0 ? 0 : 28, n * 0x9e37_79b1)
  return Pubkey.from(bytes)
}

function same(map: PubkeyMap<Account>, twin: ReadonlyMap<string, Account>): void {
  assert.equal(map.size, twin.size)
  assert.deepEqual(new Map([...map.entries()].map(([key, value]) => [key.key, value])), twin)
}

test('puts, deletions, snapshots, forks and returns are those of copied maps', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const roll = dice(seed)
    let map = new PubkeyMap<Account>()
    let twin = new Map<string, Account>()
    const saved: [MapSnapshot<Account>, Map<string, Account>][] = []
    for (let step = 0; step < 400; step++) {
      const key = keyOf(roll(90))
      const what = roll(12)
      if (what < 6) {
        map.set(key, account(step))
        twin.set(key.key, account(step))
      } else if (what < 9) assert.equal(map.delete(key), twin.delete(key.key))
      else if (what === 9) saved.push([map.snapshot(), new Map(twin)])
      else if (what === 10 && saved.length > 0) {
        const [snapshot, then] = saved[roll(saved.length)]!
        map.restore(snapshot)
        twin = new Map(then)
      } else if (what === 11) {
        const parent = map
        const before = new Map(twin)
        map = parent.fork()
        map.set(key, account(-1))
        twin.set(key.key, account(-1))
        same(parent, before)
        parent.delete(key)
      }
      assert.deepEqual(map.get(key), twin.get(key.key))
    }
    same(map, twin)
    for (const [snapshot, then] of saved) {
      map.restore(snapshot)
      same(map, then)
    }
  }
})

test('addresses with one hash are told apart', () => {
  const first = new Map<number, Pubkey>()
  const pairs: Pubkey[] = []
  for (let n = 0; n < 400_000 && pairs.length < 4; n++) {
    const key = keyOf(n)
    const other = first.get(addressHash(key.bytes))
    if (other !== undefined) pairs.push(other, key)
    first.set(addressHash(key.bytes), key)
  }
  assert.equal(pairs.length, 4)
  const map = new PubkeyMap<Account>()
  pairs.forEach((key, n) => {
    map.set(key, account(n))
  })
  const before = map.snapshot()
  pairs.forEach((key, n) => {
    map.set(key, account(n + 10))
    assert.equal(map.get(key)?.lamports, BigInt(n + 10))
  })
  assert.equal(map.size, 4)
  assert.equal(map.get(keyOf(5)), undefined)
  for (const key of pairs) assert.equal(map.delete(key), true)
  assert.deepEqual([map.size, ...map.entries()], [0])
  map.restore(before)
  assert.deepEqual(
    pairs.map((key) => map.get(key)?.lamports),
    [0n, 1n, 2n, 3n],
  )
})
