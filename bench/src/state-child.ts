/** `node --expose-gc state-child.js ACCOUNTS ROUNDS STORE` prints a `StateRow`. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Chain, openStore, type StoreKind, storeKinds } from 'alcatraz-node'
import { engineNamed } from 'alcatraz-vm'
import {
  amountValue,
  blockWrites,
  createHasher,
  entryKey,
  Field,
  type Hasher,
  headerOf,
  Journal,
  type LeafChange,
  pageWrites,
  StateTrie,
  StateView,
  type Store,
  stateKey,
  type Write,
} from 'alcatraz-vm/state'
import type { Spread, StateRow, Times } from './results.ts'
import { spreadOf } from './stats.ts'
import { Random } from './synthetic/random.ts'

const [count = '1000', times = '2', wanted = 'lmdb'] = process.argv.slice(2)
const accounts = Number(count)
const rounds = Number(times)
const kind: StoreKind = storeKinds.find((name) => name === wanted) ?? 'lmdb'
/** Transfers of a block, and leaves of an update. */
const each = Math.min(1000, accounts >> 1)
/** Of a contract, in the store. */
const slots = Math.min(10_000, accounts)

function addressOf(hasher: Hasher, account: number): Uint8Array {
  return hasher.blake2b(new Uint8Array(Uint32Array.of(account).buffer))
}

const contract = new Uint8Array(32).fill(0xfe)

/** Slot `2 * index` of the contract is in the store, `2 * index + 1` in the open block. */
function slotOf(place: number): Uint8Array {
  const slot = new Uint8Array(4)
  new DataView(slot.buffer).setUint32(0, place)
  return entryKey(contract, Field.storage, slot)
}

/**
 * Microseconds to the next of the contract's slots, of all in turn, for a transaction in a block that has
 * written as many as are stored, and removed each fifth of those.
 */
function nexts(store: Store): Spread {
  const micros = Array.from({ length: rounds }, () => {
    // as chains do
    const block = new Journal(new StateView(store), 32_768)
    for (let i = 0; i < slots; i++) {
      block.set(slotOf(2 * i + 1), amountValue(7n))
      if (i % 5 === 4) block.set(slotOf(2 * i), undefined)
    }
    const journal = new Journal(block)
    const prefix = slotOf(0).subarray(0, 33)
    let found = 0
    const start = performance.now()
    for (let at: Uint8Array | undefined = prefix; ; found++) {
      at = journal.next(prefix, at)
      if (at === undefined) break
      at = Uint8Array.of(...at, 0)
    }
    const ms = performance.now() - start
    if (found !== slots + Math.ceil((slots * 4) / 5)) throw new Error(`${found} slots were found`)
    return (ms / found) * 1000
  })
  return spreadOf(micros)
}

/** A chain at height 0 in which every account has a million, and a contract its slots. */
async function fill(hasher: Hasher, store: Store): Promise<void> {
  const trie = new StateTrie(hasher, new StateView(store))
  const step = 250_000
  for (let from = 0; from < accounts; from += step) {
    const leaves: LeafChange[] = []
    const writes: Write[] = []
    for (let account = from; account < Math.min(accounts, from + step); account++) {
      const key = entryKey(addressOf(hasher, account), Field.balance)
      const value = amountValue(1_000_000n)
      leaves.push([stateKey(hasher, key), value])
      writes.push({ table: 'state', key, value })
    }
    for (let place = 0; from === 0 && place < slots; place++) {
      const [key, value] = [slotOf(2 * place), amountValue(1n)]
      leaves.push([stateKey(hasher, key), value])
      writes.push({ table: 'state', key, value })
    }
    const update = trie.update(leaves)
    for (const [key, value] of pageWrites(update)) writes.push({ table: 'trie', key, value })
    await store.commit({ after: undefined, head: undefined, writes })
    trie.accept(update)
  }
  const body = { transactions: [], receipts: [], diffs: [] }
  const place = { height: 0, time: 0n, parent: new Uint8Array(32), root: trie.root() }
  const writes = blockWrites(hasher, headerOf(hasher, place, body), body)
  await store.commit({ after: undefined, head: { height: 0, root: trie.root() }, writes })
}

interface Time {
  readonly ms: number
  /** Of the processor, in all threads: what the time would be on a machine that does nothing else. */
  readonly cpuMs: number
}

async function timed(work: () => unknown): Promise<Time> {
  const [cpu, start] = [process.cpuUsage(), performance.now()]
  await work()
  const ms = performance.now() - start
  const { user, system } = process.cpuUsage(cpu)
  return { ms, cpuMs: (user + system) / 1000 }
}

const timesOf = (found: readonly Time[]): Times => ({
  wall: spreadOf(found.map(({ ms }) => ms)),
  cpu: spreadOf(found.map(({ cpuMs }) => cpuMs)),
})

/** ms: `each` leaves get another value, with the root; every leaf was last seen long ago. */
async function updates(hasher: Hasher, store: Store): Promise<Time[]> {
  const trie = new StateTrie(hasher, new StateView(store))
  const random = new Random(7)
  const found: Time[] = []
  for (let round = 0; round < rounds; round++) {
    const leaves = Array.from({ length: each }, (): LeafChange => {
      const key = entryKey(addressOf(hasher, random.below(accounts)), Field.balance)
      return [stateKey(hasher, key), amountValue(BigInt(round + 1))]
    })
    found.push(await timed(() => trie.update(leaves)))
  }
  return found
}

/** Blocks of `each` transfers between random accounts, each block on disk before the next one begins. */
async function blocks(hasher: Hasher, chain: Chain): Promise<Time[]> {
  const random = new Random(9)
  const found: Time[] = []
  for (let round = 0; round < rounds; round++) {
    const senders = new Set<number>()
    while (senders.size < each) senders.add(random.below(accounts))
    const sent = [...senders].map((sender) => ({
      sender: addressOf(hasher, sender),
      to: addressOf(hasher, random.below(accounts)),
      input: new Uint8Array(0),
      value: 1n,
      gasLimit: 100_000n,
    }))
    const time = await timed(async () => {
      const { executed } = await chain.block(sent)
      if (executed.length !== each) throw new Error('a transfer was refused')
    })
    found.push(time)
  }
  return found
}

const hasher = await createHasher()
const folder = mkdtempSync(join(tmpdir(), 'alcatraz-bench-state-'))
try {
  const filled = await openStore(folder, {}, kind)
  await fill(hasher, filled)
  await filled.close()
  const start = performance.now()
  const store = await openStore(folder)
  const chain = await Chain.open({ store, engine: engineNamed('interp') })
  const openMs = performance.now() - start
  const nextMicros = nexts(store)
  const update = timesOf(await updates(hasher, store))
  const block = timesOf(await blocks(hasher, chain))
  globalThis.gc?.()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  const heapMiB = (heapUsed + arrayBuffers) / 2 ** 20
  await store.close()
  const row: StateRow = { store: kind, accounts, each, openMs, update, block, nextMicros, heapMiB }
  process.stdout.write(`${JSON.stringify(row)}\n`)
} finally {
  rmSync(folder, { recursive: true })
}
