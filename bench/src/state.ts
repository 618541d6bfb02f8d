// What the state costs: node bench/dist/state.js [--accounts N] [--rounds N] [--store lmdb|sqlite] [--json]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Chain, openStore, type StoreKind, storeKinds } from 'alcatraz-node'
import { engineNamed } from 'alcatraz-vm'
import {
  amountValue,
  blockWrites,
  createHasher,
  diffOf,
  encodeDiff,
  entryKey,
  Field,
  type Hasher,
  headerOf,
  Journal,
  type LeafChange,
  nonceOf,
  pageWrites,
  StateTrie,
  StateView,
  type Store,
  setNonce,
  stateKey,
  validateDiff,
  type Write,
} from 'alcatraz-vm/state'
import { spreadOf } from './stats.ts'

const { values } = parseArgs({
  options: {
    accounts: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '10' },
    store: { type: 'string', default: 'lmdb' },
    json: { type: 'boolean', default: false },
  },
})
const accounts = Number(values.accounts)
const rounds = Number(values.rounds)
const kind: StoreKind = storeKinds.find((name) => name === values.store) ?? 'lmdb'
/** Transfers of a block, and leaves of an update. */
const each = Math.min(1000, accounts >> 1)

function addressOf(hasher: Hasher, account: number): Uint8Array {
  return hasher.blake2b(new Uint8Array(Uint32Array.of(account).buffer))
}

/** xorshift32: the same accounts in every run. */
function diceOf(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % sides
  }
}

/** A chain at height 0 in which every account has a million. */
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

const spreadsOf = (times: readonly Time[]) => ({
  wall: spreadOf(times.map(({ ms }) => ms)),
  cpu: spreadOf(times.map(({ cpuMs }) => cpuMs)),
})

/** ms: `each` leaves get another value, with the root; every leaf was last seen long ago. */
async function updates(hasher: Hasher, store: Store): Promise<Time[]> {
  const trie = new StateTrie(hasher, new StateView(store))
  const dice = diceOf(7)
  const found: Time[] = []
  for (let round = 0; round < rounds; round++) {
    const leaves = Array.from({ length: each }, (): LeafChange => {
      const key = entryKey(addressOf(hasher, dice(accounts)), Field.balance)
      return [stateKey(hasher, key), amountValue(BigInt(round + 1))]
    })
    found.push(await timed(() => trie.update(leaves)))
  }
  return found
}

/** Blocks of `each` transfers between random accounts, each block on disk before the next one begins. */
async function blocks(hasher: Hasher, chain: Chain): Promise<Time[]> {
  const dice = diceOf(9)
  const found: Time[] = []
  for (let round = 0; round < rounds; round++) {
    const senders = new Set<number>()
    while (senders.size < each) senders.add(dice(accounts))
    const sent = [...senders].map((sender) => ({
      sender: addressOf(hasher, sender),
      to: addressOf(hasher, dice(accounts)),
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

/** 2,000 times what a token transfer writes, from the journal to a validated and encoded diff. */
async function diffs(): Promise<Time[]> {
  const [sender, target, to] = [1, 2, 3].map((octet) => new Uint8Array(32).fill(octet))
  const state = new Map<string, Uint8Array>()
  const id = (key: Uint8Array): string => String.fromCharCode(...key)
  const reader = { get: (key: Uint8Array) => state.get(id(key)), next: () => undefined }
  state.set(id(entryKey(target!, Field.code)), new Uint8Array(32).fill(9))
  for (const who of [sender!, to!])
    state.set(id(entryKey(target!, Field.storage, who)), new Uint8Array(8).fill(1))
  const transfer = (round: number): void => {
    for (let i = 0; i < 2000; i++) {
      const journal = new Journal(reader)
      setNonce(journal, sender!, nonceOf(journal, sender!) + 1n)
      for (const who of [sender!, to!]) {
        const key = entryKey(target!, Field.storage, who)
        const value = journal.get(key)!.slice()
        value[round & 7]! += 1
        journal.set(key, value)
      }
      const diff = diffOf(journal)
      const cause = { kind: 'call', sender: sender!, target: target! } as const
      validateDiff(diff, reader, { cause, hasCode: () => true })
      encodeDiff(diff)
    }
  }
  const found: Time[] = []
  for (let round = 0; round < rounds; round++) found.push(await timed(() => transfer(round)))
  return found
}

const hasher = await createHasher()
const folder = mkdtempSync(join(tmpdir(), 'alcatraz-bench-state-'))
try {
  const diff = spreadsOf(await diffs())
  const filled = await openStore(folder, {}, kind)
  await fill(hasher, filled)
  await filled.close()
  const start = performance.now()
  const store = await openStore(folder)
  const chain = await Chain.open({ store, engine: engineNamed('interp') })
  const open = performance.now() - start
  const update = spreadsOf(await updates(hasher, store))
  const block = spreadsOf(await blocks(hasher, chain))
  await store.close()
  const results = {
    store: kind,
    accounts,
    openMs: open,
    diff2000Ms: diff,
    updateMs: update,
    blockMs: block,
    residentMiB: Math.round(process.memoryUsage().rss / 2 ** 20),
  }
  const number = (value: number): string => value.toFixed(value < 100 ? 1 : 0)
  const row = (
    name: string,
    unit: string,
    of: (ms: number) => number,
    { wall, cpu }: typeof diff,
  ) =>
    [
      name.padEnd(32),
      `${number(of(wall.min))} ${unit}`.padEnd(16),
      `${number(of(wall.median))} ${unit}`.padEnd(16),
      `${number(of(cpu.min))} ${unit}`,
    ].join('')
  const perSecond = (ms: number): number => each / (ms / 1000)
  const same = (ms: number): number => ms
  const lines = [
    `${accounts} accounts in a store of ${kind}, ${rounds} rounds, opened in ${number(open)} ms`,
    `${''.padEnd(32)}${'best'.padEnd(16)}${'median'.padEnd(16)}best by processor time`,
    row('journal to validated diff', 'us', (ms) => ms / 2, diff),
    row(`${each} updates with root`, 'ms', same, update),
    row(`transfers in blocks of ${each}`, '/s', perSecond, block),
  ]
  process.stdout.write(values.json ? `${JSON.stringify(results)}\n` : `${lines.join('\n')}\n`)
} finally {
  rmSync(folder, { recursive: true })
}
