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
import { storeFormat } from '#node/store/format'
import { openLmdbStore } from '#node/store/lmdb'
import { openStore, type StoreKind, storeKindOf } from '#node/store/open'
import { openSqliteStore } from '#node/store/sqlite'
import { loadSqlite } from '#node/store/sqlite-module'
import type { Store } from '#vm/state/store'
import { commitOf, oneChange } from './commits.ts'
import { newFolder } from './folders.ts'
import { kinds } from './kinds.ts'

const child = fileURLToPath(new URL('./writer.js', import.meta.url))

const openAs = (kind: StoreKind, folder: string, readOnly = false): Promise<Store> =>
  kind === 'lmdb' ? openLmdbStore(folder, { readOnly }) : openSqliteStore(folder, { readOnly })

async function filledFolder(kind: StoreKind): Promise<string> {
  const folder = newFolder()
  const store = await openAs(kind, folder)
  await store.commit(commitOf(0, [oneChange]))
  await store.close()
  return folder
}

/** Puts another mark of the format in a store. */
async function mark(kind: StoreKind, folder: string, format: number): Promise<void> {
  if (kind === 'sqlite') {
    const { DatabaseSync } = await loadSqlite()
    const database = new DatabaseSync(join(folder, 'state.sqlite'), { readOnly: false })
    database.exec(`PRAGMA user_version = ${format}`)
    database.close()
    return
  }
  const root = open({ path: folder, encoding: 'binary', keyEncoding: 'binary' })
  const meta = root.openDB('meta', { encoding: 'binary', keyEncoding: 'binary' })
  assert.equal(meta.get(Buffer.from('format')).toString(), storeFormat)
  meta.putSync(Buffer.from('format'), Buffer.from(`alcatraz-store ${format}`))
  await root.close()
}

async function foreignDatabase(kind: StoreKind, folder: string): Promise<void> {
  if (kind === 'sqlite') {
    const { DatabaseSync } = await loadSqlite()
    const database = new DatabaseSync(join(folder, 'state.sqlite'), { readOnly: false })
    database.exec('CREATE TABLE people (name TEXT)')
    database.close()
    return
  }
  const theirs = open({ path: folder, encoding: 'binary' })
  theirs.openDB('people', { encoding: 'binary' }).putSync('a', Buffer.from('b'))
  await theirs.close()
}

interface Filled {
  readonly code: string
  readonly acknowledged: number
  readonly head: number
}

function fillIn(kind: StoreKind, shell: string, ...before: readonly string[]): Filled {
  const command = [
    ...before,
    'bash',
    '-c',
    `${shell}; exec "$0" --no-warnings "$1" "$2" fill ${kind}`,
  ]
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

for (const { kind, file, skip } of kinds) {
  const refused = (folder: string, code: string, readOnly = false): Promise<void> =>
    assert.rejects(openAs(kind, folder, readOnly), (error: Error & { code?: string }) => {
      assert.equal(error.name, 'StoreError')
      assert.equal(error.code, code, error.message)
      return true
    })
  const check = (name: string, run: () => Promise<void> | void, unless = skip): void =>
    void test(`${kind}: ${name}`, { skip: skip === false ? unless : skip }, run)

  check('a path that is a file', async () => {
    const path = join(newFolder(), 'file')
    writeFileSync(path, 'x')
    await refused(path, 'notAFolder')
    assert.equal(readFileSync(path, 'utf8'), 'x')
  })

  check('a folder of something else is left as it is', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'thesis.txt'), 'x')
    await refused(folder, 'foreign')
    assert.deepEqual(readdirSync(folder), ['thesis.txt'])
  })

  check("another program's database is left as it is", async () => {
    const folder = newFolder()
    await foreignDatabase(kind, folder)
    const before = readFileSync(join(folder, file))
    await refused(folder, 'foreign')
    await refused(folder, 'foreign', true)
    if (kind === 'sqlite') {
      const { DatabaseSync } = await loadSqlite()
      const database = new DatabaseSync(join(folder, file), { readOnly: true })
      assert.deepEqual(
        [...database.prepare('SELECT name FROM sqlite_master').iterate()].map((row) => row['name']),
        ['people'],
      )
      database.close()
    } else assert.deepEqual(readFileSync(join(folder, file)), before)
  })

  check('a store of a newer or an older format', async () => {
    for (const [format, code] of [
      [4, 'newer'],
      [2, 'older'],
      [1, 'older'],
    ] as const) {
      const folder = await filledFolder(kind)
      await mark(kind, folder, format)
      await refused(folder, code)
      await refused(folder, code, true)
    }
  })

  check('a file that is cut short or is something else', async () => {
    const whole = await filledFolder(kind)
    const { length } = readFileSync(join(whole, file))
    const edits: readonly ((path: string) => void)[] = [
      (path) => writeFileSync(path, 'not a database, but long enough to be one\n'.repeat(100)),
      (path) => truncateSync(path, length - 4096),
    ]
    for (const edit of edits)
      for (const readOnly of [false, true]) {
        const folder = newFolder()
        copyFileSync(join(whole, file), join(folder, file))
        edit(join(folder, file))
        await refused(folder, 'corrupt', readOnly)
      }
  })

  check('nothing there to read', async () => {
    await refused(join(newFolder(), 'no'), 'missing', true)
    const empty = newFolder()
    await refused(empty, 'missing', true)
    assert.deepEqual(readdirSync(empty), [])
  })

  check('one writer in a process; readers beside it see commits', async () => {
    const folder = newFolder()
    const writer = await openAs(kind, folder)
    await refused(folder, 'locked')
    await writer.commit(commitOf(0, [oneChange]))
    const reader = await openAs(kind, folder, true)
    assert.equal(reader.head()?.height, 0)
    await assert.rejects(reader.commit(commitOf(1, [])), { code: 'readOnly' })
    await reader.close()
    await writer.close()
    const next = await openStore(folder)
    assert.equal(storeKindOf(folder), kind)
    await next.close()
    assert(!existsSync(join(folder, 'writer.lock')))
  })

  check('one writer among processes; the lock of a dead one is taken over', async () => {
    const folder = newFolder()
    const other = spawn(process.execPath, ['--no-warnings', child, folder, 'hold', kind], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    await once(other.stdout, 'data')
    await refused(folder, 'locked')
    other.kill('SIGKILL')
    await once(other, 'exit')
    assert(existsSync(join(folder, 'writer.lock')))
    const store = await openAs(kind, folder)
    await store.close()
  })

  check('readers see one height, while a writer commits as fast as it can', async () => {
    const folder = newFolder()
    const writer = spawn(process.execPath, ['--no-warnings', child, folder, 'run', kind], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const first = (value: Uint8Array): number => Buffer.from(value).readUInt32BE(0)
    try {
      await once(writer.stdout, 'data')
      await once(writer.stdout, 'data')
      writer.stdout.resume()
      const heights = new Set<number>()
      for (let i = 0; i < 10; i++) {
        const reader = await openAs(kind, folder, true)
        for (let j = 0; j < 10; j++) {
          const snapshot = reader.snapshot()
          const height = snapshot.head()!.height
          heights.add(height)
          // Read one by one, with time for the writer between: a commit in between would show.
          const [key] = [...snapshot.scan('state')][7]!
          await new Promise((resolve) => setTimeout(resolve, 2))
          assert.equal(first(snapshot.get('state', key)!), height + 1)
          const values = [...snapshot.scan('state')].map(([, value]) => first(value))
          assert.deepEqual(new Set(values), new Set([height + 1]))
          assert.equal(snapshot.head()!.height, height)
          snapshot.close()
        }
        await reader.close()
      }
      assert(heights.size > 1, `${heights.size} heights were seen`)
    } finally {
      writer.kill('SIGKILL')
      await once(writer, 'exit')
    }
  })

  check('a lock file that says nothing is taken over', async () => {
    for (const text of ['', 'rubbish', `${process.ppid} 1`]) {
      const folder = newFolder()
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, 'writer.lock'), text)
      const store = await openAs(kind, folder)
      await store.close()
    }
  })

  check(
    'a full disk refuses the commit by name, and what was there stays',
    () => {
      const filled = fillIn(kind, 'mount -t tmpfs -o size=1500k tmpfs "$2"', 'unshare', '-rm')
      assert.equal(filled.code, 'full')
      checkFilled(filled)
    },
    canMount ? false : noMount,
  )

  check('a limit on file sizes refuses the commit, and what was there stays', () => {
    // The ignored signal makes the limit an error instead of the end of the process.
    checkFilled(fillIn(kind, "trap '' XFSZ; ulimit -f 1000"))
  })

  check(
    'a folder that cannot be made or written',
    () => refused('/sys/alcatraz-store', 'readOnly'),
    existsSync('/sys/kernel') ? false : 'SKIPPED: no /sys to be refused by',
  )

  check(
    'a folder on a disk that is mounted for reading only',
    async () => {
      const folder = await filledFolder(kind)
      const ends = (command: string): string => {
        const shell = `mount --bind "$2" "$2" && mount -o remount,ro,bind "$2" && ${command}`
        const args = ['-rm', 'bash', '-c', shell, process.execPath, child, folder]
        const { stdout, stderr } = spawnSync('unshare', args, { encoding: 'utf8', timeout: 60_000 })
        return stdout + stderr
      }
      assert.match(ends(`"$0" --no-warnings "$1" "$2" fill ${kind} 2>&1`), /readOnly/)
      const { head } = await openAs(kind, folder).then(async (store) => {
        const found = store.head()
        await store.close()
        return { head: found }
      })
      assert.equal(head?.height, 0)
    },
    canMount ? false : noMount,
  )
}
