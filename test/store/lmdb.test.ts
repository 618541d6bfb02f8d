import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { open } from 'lmdb'
import { openLmdbStore, storeFormat } from '#node/store/lmdb'
import { storeError } from '#node/store/problems'
import { Field } from '#vm/state/key'
import type { Store } from '#vm/state/store'
import { commitOf, storeConformance } from './conformance.ts'
import { newFolder } from './folders.ts'

const folders = new WeakMap<Store, string>()

async function openIn(folder: string): Promise<Store> {
  const store = await openLmdbStore(folder)
  folders.set(store, folder)
  return store
}

storeConformance({
  name: 'lmdb',
  make: () => openIn(newFolder()),
  reopen: async (store) => {
    await store.close()
    return openIn(folders.get(store)!)
  },
})

const change = {
  address: new Uint8Array(32).fill(1),
  field: Field.storage,
  slot: Uint8Array.of(1),
  old: undefined,
  new: new Uint8Array(1000).fill(5),
}

async function filledFolder(): Promise<string> {
  const folder = newFolder()
  const store = await openLmdbStore(folder)
  await store.commit(commitOf(0, [change]))
  await store.close()
  return folder
}

const refused = (folder: string, code: string, readOnly = false): Promise<void> =>
  assert.rejects(openLmdbStore(folder, { readOnly }), (error: Error & { code?: string }) => {
    assert.equal(error.name, 'StoreError')
    assert.equal(error.code, code)
    return true
  })

test('a path that is a file', async () => {
  const file = join(newFolder(), 'file')
  writeFileSync(file, 'x')
  await refused(file, 'notAFolder')
  assert.equal(readFileSync(file, 'utf8'), 'x')
})

test('a folder of something else is left as it is', async () => {
  const folder = newFolder()
  writeFileSync(join(folder, 'thesis.txt'), 'x')
  await refused(folder, 'foreign')
  assert.deepEqual(readdirSync(folder), ['thesis.txt'])
})

test("another program's LMDB environment is left as it is", async () => {
  const folder = newFolder()
  const theirs = open({ path: folder, encoding: 'binary' })
  const db = theirs.openDB('people', { encoding: 'binary' })
  await db.put('a', Buffer.from('b'))
  await theirs.close()
  await refused(folder, 'foreign')
  const again = open({ path: folder, encoding: 'binary' })
  assert.deepEqual([...again.getKeys({})], ['people'])
  await again.close()
})

test('a store of a newer format', async () => {
  const folder = await filledFolder()
  const root = open({ path: folder, encoding: 'binary', keyEncoding: 'binary' })
  const meta = root.openDB('meta', { encoding: 'binary', keyEncoding: 'binary' })
  assert.equal(meta.get(Buffer.from('format')).toString(), storeFormat)
  meta.putSync(Buffer.from('format'), Buffer.from('alcatraz-store 2'))
  await root.close()
  await refused(folder, 'newer')
})

test('damaged data files are refused, not mapped', async () => {
  const whole = await filledFolder()
  const { length } = readFileSync(join(whole, 'data.mdb'))
  const damage = (edit: (file: string) => void): string => {
    const folder = newFolder()
    copyFileSync(join(whole, 'data.mdb'), join(folder, 'data.mdb'))
    edit(join(folder, 'data.mdb'))
    return folder
  }
  const cases: readonly ((file: string) => void)[] = [
    (file) => writeFileSync(file, 'not a database'),
    (file) => writeFileSync(file, Buffer.alloc(length)),
    (file) => truncateSync(file, 100),
    (file) => truncateSync(file, 4096),
    (file) => truncateSync(file, 8192),
    (file) => truncateSync(file, length - 4096),
  ]
  for (const edit of cases) {
    await refused(damage(edit), 'corrupt')
    await refused(damage(edit), 'corrupt', true)
  }
})

test('values of any size, overwritten and removed, can be opened again', async () => {
  const folder = newFolder()
  const kept = new Map<number, Uint8Array>()
  const sizes = [0, 1, 1000, 1990, 2020, 2040, 4000, 4072, 4073, 8168, 8169, 20_000, 65_536]
  for (let height = 0; height < 60; height++) {
    const store = await openLmdbStore(folder)
    const slots = [height % 17, (height * 5) % 17].filter(
      (slot, at, all) => all.indexOf(slot) === at,
    )
    const changes = slots.map((slot) => {
      const size = sizes[(height + slot) % sizes.length]!
      const value = height % 7 === 0 ? undefined : new Uint8Array(size).fill(height)
      return { ...change, slot: Uint8Array.of(slot), old: kept.get(slot), new: value }
    })
    await store.commit(commitOf(height, changes))
    for (const { slot, new: value } of changes) {
      if (value === undefined) kept.delete(slot[0]!)
      else kept.set(slot[0]!, value)
    }
    assert.equal([...store.entries()].length, kept.size)
    await store.close()
  }
})

/** The same damage on every run; other seeds by hand. */
const seed = Number(process.env['ALCATRAZ_SEED'] ?? 1)

/** Numbers in [0, 1) from a 32-bit xorshift. */
function numbersFrom(start: number): () => number {
  let state = start | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

test('a damaged page is refused or shows; LMDB never kills the process', async (context) => {
  const folder = newFolder()
  const store = await openLmdbStore(folder)
  for (let height = 0; height < 60; height++) {
    const changes = [0, 1, 2, 3].map((slot) => ({
      ...change,
      slot: Uint8Array.of(height, slot),
      new: new Uint8Array(slot === 3 ? 9000 : 30).fill(height),
    }))
    await store.commit(commitOf(height, changes))
  }
  await store.close()
  const whole = readFileSync(join(folder, 'data.mdb'))
  const random = numbersFrom(seed * 7919)
  let refusedFiles = 0
  const rounds = 40
  const damaged = newFolder()
  for (let round = 0; round < rounds; round++) {
    const bytes = Buffer.from(whole)
    for (let i = 0; i < 20; i++) {
      const page = 2 + Math.floor(random() * (bytes.length / 4096 - 2))
      // Headers and pointers are at the beginning of a page, nodes at its end.
      const within = random() < 0.6 ? random() * 64 : random() * 4096
      bytes[page * 4096 + Math.floor(within)] = Math.floor(random() * 256)
    }
    const each = join(damaged, String(round))
    mkdirSync(each)
    writeFileSync(join(each, 'data.mdb'), bytes)
  }
  // In a process of its own: what this test is about ends processes.
  const run = spawnSync(process.execPath, [child, damaged, 'scan'], { encoding: 'utf8' })
  assert.equal(run.signal, null, `LMDB stopped the process at ${run.stdout.split('\n').length}`)
  assert.equal(run.status, 0, run.stderr)
  const lines = run.stdout.trim().split('\n')
  assert.equal(lines.length, rounds)
  for (const line of lines) {
    assert.match(line, /^(read|corrupt|foreign|newer|conflict)$/)
    if (line !== 'read') refusedFiles++
  }
  context.diagnostic(`${refusedFiles} of ${rounds} damaged files were refused, the others read`)
  assert(refusedFiles > 0)
})

test('nothing there to read', async () => {
  await refused(join(newFolder(), 'no'), 'missing', true)
  const empty = newFolder()
  await refused(empty, 'missing', true)
  assert.deepEqual(readdirSync(empty), [])
})

test('a data file that was never begun: not there to read, begun to write', async () => {
  const folder = newFolder()
  writeFileSync(join(folder, 'data.mdb'), '')
  await refused(folder, 'missing', true)
  const writer = await openLmdbStore(folder)
  await writer.commit(commitOf(0, [change]))
  await writer.close()
  const reader = await openLmdbStore(folder, { readOnly: true })
  assert.equal(reader.head()?.height, 0)
  await reader.close()
})

test('one writer in a process; readers beside it see commits', async () => {
  const folder = newFolder()
  const writer = await openLmdbStore(folder)
  await refused(folder, 'locked')
  await writer.commit(commitOf(0, [change]))
  const reader = await openLmdbStore(folder, { readOnly: true })
  assert.equal(reader.head()?.height, 0)
  await assert.rejects(reader.commit(commitOf(1, [])), { code: 'readOnly' })
  await reader.close()
  await writer.close()
  const next = await openLmdbStore(folder)
  await next.close()
  assert(!existsSync(join(folder, 'writer.lock')))
})

const child = fileURLToPath(new URL('./writer.js', import.meta.url))

test('one writer among processes; the lock of a dead one is taken over', async () => {
  const folder = newFolder()
  const other = spawn(process.execPath, [child, folder, 'hold'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await once(other.stdout, 'data')
  await refused(folder, 'locked')
  other.kill('SIGKILL')
  await once(other, 'exit')
  assert(existsSync(join(folder, 'writer.lock')))
  const store = await openLmdbStore(folder)
  await store.close()
})

test('readers open and read while a writer commits as fast as it can', async () => {
  const folder = newFolder()
  const writer = spawn(process.execPath, [child, folder, 'run'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    await once(writer.stdout, 'data')
    await once(writer.stdout, 'data')
    writer.stdout.resume()
    for (let i = 0; i < 30; i++) {
      const reader = await openLmdbStore(folder, { readOnly: true })
      const values = [...reader.entries()].map(([, value]) => Buffer.from(value).readUInt32BE(0))
      assert.equal(values.length, 20)
      assert.equal(new Set(values).size, 1, 'one commit is read, not parts of two')
      await reader.close()
    }
  } finally {
    writer.kill('SIGKILL')
    await once(writer, 'exit')
  }
})

test('a lock file that says nothing is taken over', async () => {
  for (const text of ['', 'rubbish', `${process.ppid} 1`]) {
    const folder = newFolder()
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'writer.lock'), text)
    const store = await openLmdbStore(folder)
    await store.close()
  }
})

interface Filled {
  readonly code: string
  readonly acknowledged: number
  readonly head: number
}

function fillIn(shell: string, ...before: readonly string[]): Filled {
  const command = [...before, 'bash', '-c', `${shell}; exec "$0" "$1" "$2" fill`]
  const [program = '', ...args] = [...command, process.execPath, child, newFolder()]
  const run = spawnSync(program, args, { encoding: 'utf8', timeout: 60_000 })
  assert.equal(run.status, 0, run.stderr)
  return JSON.parse(run.stdout) as Filled
}

function checkFilled({ acknowledged, head }: Filled): void {
  assert(acknowledged > 0)
  assert.equal(head, acknowledged)
}

const canMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0
const noMount = 'SKIPPED: no tmpfs can be mounted here (needs unshare -rm), so no disk is full'

test('a full disk refuses the commit by name, and what was there stays', {
  skip: canMount ? false : noMount,
}, () => {
  const filled = fillIn('mount -t tmpfs -o size=600k tmpfs "$2"', 'unshare', '-rm')
  assert.equal(filled.code, 'full')
  checkFilled(filled)
})

test('a limit on file sizes refuses the commit, and what was there stays', () => {
  // The ignored signal makes the limit an error instead of the end of the process.
  checkFilled(fillIn("trap '' XFSZ; ulimit -f 400"))
})

test(
  'a folder that cannot be made or written',
  { skip: existsSync('/sys/kernel') ? false : 'SKIPPED: no /sys to be refused by' },
  () => refused('/sys/alcatraz-store', 'readOnly'),
)

test('system errors have names', () => {
  const named = (code: string | number): string =>
    storeError('p', Object.assign(new Error('x'), { code })).code
  assert.equal(named('ENOSPC'), 'full')
  assert.equal(named(-30792), 'full')
  assert.equal(named('EACCES'), 'readOnly')
  assert.equal(named('EROFS'), 'readOnly')
  assert.equal(named(-30796), 'corrupt')
  assert.equal(named(-30793), 'corrupt')
  assert.equal(named(-30794), 'newer')
  assert.equal(named('EIO'), 'io')
  assert.equal(storeError('p', undefined).code, 'io')
})
