import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openLmdbStore } from '#node/store/lmdb'
import { rootOfEntries } from '#vm/state/leaves'
import { newFolder } from './folders.ts'

const child = fileURLToPath(new URL('./writer.js', import.meta.url))
const kills = Number(process.env['ALCATRAZ_KILLS'] ?? 30)
/** Longest time from the first commit to the kill; a commit takes about a millisecond. */
const longest = 60

/** Starts a writer, kills it at a random moment, answers the last height it acknowledged. */
async function runAndKill(folder: string): Promise<number | undefined> {
  const writer = spawn(process.execPath, [child, folder, 'run'], {
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

test(`${kills} kills in the midst of commits lose and tear nothing`, async (context) => {
  const folder = newFolder()
  let acknowledged = -1
  for (let i = 0; i < kills; i++) {
    acknowledged = (await runAndKill(folder)) ?? acknowledged
    const store = await openLmdbStore(folder)
    const head = store.head()
    const height = head?.height ?? -1
    assert(height >= acknowledged, `height ${height} after ${acknowledged} was acknowledged`)
    assert(height <= acknowledged + 1, 'at most one commit was on its way')
    const entries = [...store.entries()]
    assert.equal(entries.length, head === undefined ? 0 : 20)
    for (const [, value] of entries)
      assert.equal(new DataView(value.buffer, value.byteOffset).getUint32(0), height + 1)
    if (head !== undefined) assert.deepEqual(rootOfEntries(entries), head.root)
    for (let at = 0; at <= height; at++) assert(store.record(at) !== undefined, `record ${at}`)
    assert.equal(store.record(height + 1), undefined)
    await store.close()
    acknowledged = height
  }
  context.diagnostic(`${acknowledged + 1} commits survived ${kills} kills`)
  assert(acknowledged > 0)
})
