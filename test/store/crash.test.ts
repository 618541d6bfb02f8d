import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openStore, type StoreKind } from '#node/store/open'
import { createHasher } from '#vm/state/hasher'
import { rootOfEntries } from '#vm/state/leaves'
import { StateTrie } from '#vm/state/trie'
import { StateView } from '#vm/state/view'
import { recordKey } from './commits.ts'
import { newFolder } from './folders.ts'
import { kinds } from './kinds.ts'
import { slots } from './writer.ts'

const child = fileURLToPath(new URL('./writer.js', import.meta.url))
const kills = Number(process.env['ALCATRAZ_KILLS'] ?? 30)
/** Longest time from the first commit to the kill, in ms; a commit takes about one. */
const longest = 60
const hasher = await createHasher()

/** Starts a writer, kills it at a random moment, answers the last height it acknowledged. */
async function runAndKill(folder: string, kind: StoreKind): Promise<number | undefined> {
  const writer = spawn(process.execPath, ['--no-warnings', child, folder, 'run', kind], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  let complaint = ''
  writer.stderr.setEncoding('utf8')
  writer.stderr.on('data', (more: string) => {
    complaint += more
  })
  writer.stdout.setEncoding('utf8')
  writer.stdout.on('data', (more: string) => {
    // The clock starts when the store is open, so that kills fall into commits, not into start-up.
    if (text === '') setTimeout(() => writer.kill('SIGKILL'), Math.random() * longest)
    text += more
  })
  const [, signal] = (await once(writer, 'close')) as [number | null, string | null]
  assert.equal(signal, 'SIGKILL', `the writer ended by itself: ${text} ${complaint}`)
  const lines = text.split('\n').slice(0, -1)
  const last = lines.at(-1)
  return last === undefined || last.startsWith('open') ? undefined : Number(last)
}

for (const { kind, skip } of kinds)
  test(`${kind}: ${kills} kills in the midst of commits lose and tear nothing`, {
    skip,
  }, async (context) => {
    const folder = newFolder()
    let acknowledged = -1
    let commits = 0
    for (let i = 0; i < kills; i++) {
      acknowledged = (await runAndKill(folder, kind)) ?? acknowledged
      const store = await openStore(folder)
      const head = store.head()
      const height = head?.height ?? -1
      assert(height >= acknowledged, `height ${height} after ${acknowledged} was acknowledged`)
      assert(height <= acknowledged + 1, 'at most one commit was on its way')
      const entries = [...store.scan('state')]
      assert.equal(entries.length, head === undefined ? 0 : slots)
      for (const [, value] of entries)
        assert.equal(new DataView(value.buffer, value.byteOffset).getUint32(0), height + 1)
      const trie = new StateTrie(hasher, new StateView(store))
      if (head !== undefined) assert.deepEqual(rootOfEntries(entries), head.root)
      if (head !== undefined) assert.deepEqual(trie.root(), head.root)
      // Every page is that of this root, and there is no other.
      assert.equal([...trie.walk()].length, [...store.scan('trie')].length)
      let next = 0
      for (const [key] of store.scan('log')) assert.deepEqual(key, recordKey(next++))
      assert.equal(next, height + 1)
      await store.close()
      acknowledged = height
      commits = height + 1
    }
    context.diagnostic(`${commits} commits survived ${kills} kills`)
    assert(acknowledged > 0)
  })
