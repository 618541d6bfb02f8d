/** Artifacts on disk: found again, and never believed when anything about them is not as it was written. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createEngine, type Program } from 'alcatraz-vm'
import { type ArtifactStore, openArtifactStore } from 'alcatraz-vm/node'
import { Rng } from '../laws/rng.ts'
import { largeProgram, loopOf } from './programs.ts'

const made: string[] = []
after(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true })
})

/** A path in a folder of its own, which goes when the tests have ended. */
function fresh(): string {
  const folder = mkdtempSync(join(tmpdir(), 'alcatraz-store-'))
  made.push(folder)
  return join(folder, 'artifacts')
}

/** Runs the program on an engine that is new but for the store; where its code came from. */
function origin(store: ArtifactStore, program: Program): string {
  const machine = createEngine({ after: 0, store }).instantiate(program, { gas: 10_000n })
  machine.pc = 0
  assert.equal(machine.run().kind, 'halt')
  const { code, tiers } = machine.stats
  assert.ok(tiers['recomp']! > 0n)
  machine.dispose()
  return code?.origin ?? ''
}

const artifacts = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.artifact'))
    .map((name) => join(folder, name))

/** A folder with the artifact of `program`, and the path of that. */
function saved(program: Program): { readonly folder: string; readonly path: string } {
  const folder = fresh()
  assert.equal(origin(openArtifactStore(folder), program), 'compiled')
  return { folder, path: artifacts(folder)[0]! }
}

test('code outlives the engine, and comes with what lifting gave', () => {
  const { folder, path } = saved(loopOf(5))
  assert.equal(lstatSync(folder).mode & 0o777, 0o700)
  assert.equal(lstatSync(path).mode & 0o777, 0o600)
  const store = openArtifactStore(folder)
  assert.equal(origin(store, loopOf(5)), 'disk')
  assert.equal(origin(store, loopOf(6)), 'compiled')
  assert.equal(origin(store, loopOf(6)), 'disk')
  const { hits, misses, refused, saved: written } = store.counts
  assert.deepEqual([hits, misses, refused, written], [2, 1, 0, 1])
})

test('a tiered engine takes from disk what it would not have compiled yet', () => {
  const { folder } = saved(loopOf(5))
  const engine = createEngine({ store: openArtifactStore(folder) })
  const machine = engine.instantiate(loopOf(5), { gas: 1000n })
  machine.pc = 0
  machine.run()
  assert.equal(machine.stats.code?.origin, 'disk')
})

test('data that is not part of the code is verified though the code is known', () => {
  const { folder } = saved(loopOf(5))
  const program = loopOf(5)
  const { memory } = program
  const outside = [{ address: 0xfff0_0000, bytes: Uint8Array.of(1, 2, 3) }]
  const engine = createEngine({ after: 0, store: openArtifactStore(folder) })
  assert.throws(
    () => engine.instantiate({ ...program, memory: { ...memory, segments: outside } }, { gas: 1n }),
    { code: 'memory' },
  )
})

function refusedThenHealed(folder: string, program: Program, what: string): void {
  const store = openArtifactStore(folder)
  assert.equal(origin(store, program), 'compiled', what)
  assert.equal(store.counts.refused, 1, what)
  assert.equal(origin(store, program), 'disk', `${what}, written again`)
}

test('one octet changed, anywhere: compiled anew, and healed', () => {
  const { folder, path } = saved(loopOf(5))
  const whole = readFileSync(path)
  const rng = new Rng(5)
  for (let round = 0; round < 120; round++) {
    // each octet of the head, then anywhere
    const at = round < 48 ? round : rng.below(whole.length)
    const bad = Buffer.from(whole)
    bad[at]! ^= 1 << rng.below(8)
    writeFileSync(path, bad, { mode: 0o600 })
    refusedThenHealed(folder, loopOf(5), `octet ${at}`)
    assert.deepEqual(readFileSync(path), whole)
  }
})

test('cut short, drawn long, empty, or something else', () => {
  const { folder, path } = saved(loopOf(5))
  const whole = readFileSync(path)
  for (const length of [0, 1, 47, 48, 49, 56, whole.length - 33, whole.length - 1]) {
    truncateSync(path, length)
    refusedThenHealed(folder, loopOf(5), `${length} octets`)
  }
  writeFileSync(path, Buffer.concat([whole, Buffer.alloc(1)]))
  refusedThenHealed(folder, loopOf(5), 'one octet more')
  writeFileSync(path, Buffer.alloc(5000, 'x'))
  refusedThenHealed(folder, loopOf(5), 'text')
})

test("another program's artifact under this one's name", () => {
  const { folder, path } = saved(loopOf(5))
  assert.equal(origin(openArtifactStore(folder), loopOf(5, 1)), 'compiled')
  const other = artifacts(folder).find((each) => each !== path)!
  renameSync(other, path)
  refusedThenHealed(folder, loopOf(5), 'exchanged')
})

test('a file that others may read or write is not used', () => {
  const { folder, path } = saved(loopOf(5))
  for (const mode of [0o644, 0o620, 0o602, 0o606]) {
    chmodSync(path, mode)
    refusedThenHealed(folder, loopOf(5), mode.toString(8))
  }
})

test('a link in place of the file is not followed, nor written through', () => {
  const { folder, path } = saved(loopOf(5))
  const aside = join(folder, 'aside')
  renameSync(path, aside)
  const before = readFileSync(aside)
  symlinkSync(aside, path)
  refusedThenHealed(folder, loopOf(5), 'a link')
  assert.ok(lstatSync(path).isFile())
  assert.deepEqual(readFileSync(aside), before)
})

test('a folder that others may enter, a link to a folder, a file: nothing is read or written there', () => {
  const { folder } = saved(loopOf(5))
  const link = `${folder}-link`
  symlinkSync(folder, link)
  const open = fresh()
  mkdirSync(open, { mode: 0o755 })
  chmodSync(open, 0o755)
  const file = fresh()
  writeFileSync(file, 'x')
  for (const place of [link, open, file, join(file, 'below')]) {
    const store = openArtifactStore(place)
    assert.equal(origin(store, loopOf(5)), 'compiled', place)
    assert.equal(origin(store, loopOf(5)), 'compiled', place)
    assert.deepEqual([store.counts.refused, store.counts.saved, store.counts.hits], [1, 0, 0])
  }
  assert.deepEqual(readdirSync(open), [])
})

const reader = fileURLToPath(new URL('./store-reader.js', import.meta.url))
const nobody = 65534
/** Root may write anywhere, so where tests run as root the reader is someone whom permissions bind. */
const bound = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {}

/** Why the reader cannot be run as that user: sandboxes may forbid it, or hide this folder from others. */
function whyUnbound(): string | false {
  const run = spawnSync(process.execPath, [reader, ''], { encoding: 'utf8', ...bound })
  return run.status !== 0 && `no process of another user here: ${run.error?.message ?? run.stderr}`
}

test('a folder that cannot be written still answers', { skip: whyUnbound() }, () => {
  const { folder, path } = saved(loopOf(5))
  if (bound.uid !== undefined)
    for (const each of [join(folder, '..'), folder, path]) chownSync(each, nobody, nobody)
  chmodSync(folder, 0o500)
  const run = spawnSync(process.execPath, [reader, folder], { encoding: 'utf8', ...bound })
  chmodSync(folder, 0o700)
  assert.equal(run.stderr, '')
  const found = { origins: ['disk', 'compiled'], hits: 1, refused: 0, failed: 1 }
  assert.deepEqual(JSON.parse(run.stdout), found)
})

test('a folder that is removed meanwhile costs nothing but the code', () => {
  const { folder } = saved(loopOf(5))
  const store = openArtifactStore(folder)
  rmSync(folder, { recursive: true })
  assert.equal(origin(store, loopOf(5)), 'compiled')
  assert.deepEqual([store.counts.misses, store.counts.failed], [1, 1])
})

test('the folder stays within its bound; the least recently used goes first', () => {
  const folder = fresh()
  const roomy = openArtifactStore(folder)
  for (let body = 0; body < 6; body++)
    assert.equal(origin(roomy, largeProgram(200, body)), 'compiled')
  const sizes = artifacts(folder).map((path) => lstatSync(path).size)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  // all last used long ago, but the first
  for (const path of artifacts(folder)) utimesSync(path, 1000, 1000)
  const tight = openArtifactStore(folder, { bytes: total + sizes[0]! / 2 })
  assert.equal(origin(tight, largeProgram(200, 0)), 'disk')
  for (let body = 6; body < 9; body++)
    assert.equal(origin(tight, largeProgram(200, body)), 'compiled')
  assert.equal(tight.counts.evictions, 3)
  assert.equal(origin(tight, largeProgram(200, 0)), 'disk')
  const left = artifacts(folder).reduce((sum, path) => sum + lstatSync(path).size, 0)
  assert.ok(left <= total + sizes[0]! / 2, `${left} of ${total}`)
})

test('what a dead process left behind goes; what a live one is writing stays', () => {
  const { folder } = saved(loopOf(5))
  const [old, young] = [join(folder, 'dead.tmp'), join(folder, 'live.tmp')]
  writeFileSync(old, 'x')
  utimesSync(old, 1000, 1000)
  writeFileSync(young, 'x')
  assert.equal(origin(openArtifactStore(folder), loopOf(5, 1)), 'compiled')
  const names = readdirSync(folder)
  assert.ok(names.includes('live.tmp') && !names.includes('dead.tmp'))
})

test('processes that write, read and evict the same artifacts at once', async () => {
  const folder = fresh()
  const script = fileURLToPath(new URL('./store-writer.js', import.meta.url))
  const ended = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const child = spawn(process.execPath, [script, folder, '8'], {
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      let said = ''
      child.stderr.on('data', (text: Buffer) => {
        said += text.toString()
      })
      const [status] = (await once(child, 'close')) as [number | null]
      return `${status} ${said}`
    }),
  )
  assert.deepEqual(ended, ['0 ', '0 ', '0 '])
  assert.ok(readdirSync(folder).every((name) => name.endsWith('.artifact')))
})
