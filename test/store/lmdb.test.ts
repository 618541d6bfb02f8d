import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { open } from 'lmdb'
import { openLmdbStore } from '#node/store/lmdb'
import { storeError } from '#node/store/problems'
import { commitOf, oneChange } from './commits.ts'
import { newFolder } from './folders.ts'

async function filledFolder(): Promise<string> {
  const folder = newFolder()
  const store = await openLmdbStore(folder)
  await store.commit(commitOf(0, [oneChange]))
  await store.close()
  return folder
}

const refused = (folder: string, code: string, readOnly = false): Promise<void> =>
  assert.rejects(openLmdbStore(folder, { readOnly }), (error: Error & { code?: string }) => {
    assert.equal(error.name, 'StoreError')
    assert.equal(error.code, code)
    return true
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
      return { ...oneChange, slot: Uint8Array.of(slot), old: kept.get(slot), new: value }
    })
    await store.commit(commitOf(height, changes))
    for (const { slot, new: value } of changes) {
      if (value === undefined) kept.delete(slot[0]!)
      else kept.set(slot[0]!, value)
    }
    assert.equal([...store.scan('state')].length, kept.size)
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
      ...oneChange,
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

test('a file that was closed whole is not read again, one that changed since is', async () => {
  const folder = newFolder()
  const store = await openLmdbStore(folder)
  for (let height = 0; height < 20; height++)
    await store.commit(commitOf(height, [{ ...oneChange, slot: Uint8Array.of(height) }]))
  await store.close()
  const path = join(folder, 'data.mdb')
  const { atimeNs, mtimeNs } = statSync(path, { bigint: true })
  const seconds = (ns: bigint): number => Number(ns) / 1e9
  // Damage that nobody could have done but the disk: the time stays, so only this one is not seen.
  const file = openSync(path, 'r+')
  const page = statSync(path).size / 4096 - 1
  writeSync(file, Buffer.alloc(16, 0xee), 0, 16, page * 4096)
  closeSync(file)
  await assert.rejects(openLmdbStore(folder), { code: 'corrupt' })
  utimesSync(path, seconds(atimeNs), seconds(mtimeNs))
  const mark = readFileSync(join(folder, 'closed'), 'latin1').split(' ')
  mark[2] = String(statSync(path, { bigint: true }).mtimeNs)
  writeFileSync(join(folder, 'closed'), mark.join(' '))
  const reader = await openLmdbStore(folder, { readOnly: true })
  assert.equal(reader.head()?.height, 19)
  await reader.close()
  unlinkSync(join(folder, 'closed'))
  await assert.rejects(openLmdbStore(folder), { code: 'corrupt' })
})

test('a data file that was never begun: not there to read, begun to write', async () => {
  const folder = newFolder()
  writeFileSync(join(folder, 'data.mdb'), '')
  await refused(folder, 'missing', true)
  const writer = await openLmdbStore(folder)
  await writer.commit(commitOf(0, [oneChange]))
  await writer.close()
  const reader = await openLmdbStore(folder, { readOnly: true })
  assert.equal(reader.head()?.height, 0)
  await reader.close()
})

const child = fileURLToPath(new URL('./writer.js', import.meta.url))

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
  const sqlite = (errcode: number): string =>
    storeError('/', Object.assign(new Error('x'), { code: 'ERR_SQLITE_ERROR', errcode })).code
  assert.equal(sqlite(13), 'full')
  assert.equal(sqlite(11), 'corrupt')
  assert.equal(sqlite(267), 'corrupt')
  assert.equal(sqlite(26), 'corrupt')
  assert.equal(sqlite(8), 'readOnly')
  assert.equal(sqlite(5), 'io')
})
