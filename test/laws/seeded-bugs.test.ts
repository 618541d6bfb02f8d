/** Proves that the laws bite: every mistake seeded into the compiled engine is found by them. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type SeededBug, seededBugs } from './seeded-bugs.ts'
import type { Verdict } from './seeded-run.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const rooms = ['lift', 'ir', 'emit', 'interp', 'arena']
/** More than any of the bugs needs, by a factor of three. */
const programs = 2400
const folders: string[] = []

after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

/** A copy of the compiled engine and its laws in which `#vm/` and `alcatraz-vm` mean the copy. */
function copyOfEngine(): string {
  const folder = mkdtempSync(join(tmpdir(), 'alcatraz-seeded-'))
  folders.push(folder)
  const imports = { '#vm/*': './vm/dist/*.js' }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', imports }))
  cpSync(join(root, 'vm/dist'), join(folder, 'vm/dist'), { recursive: true })
  cpSync(join(root, 'vm/package.json'), join(folder, 'vm/package.json'))
  cpSync(join(root, 'build/test/laws'), join(folder, 'laws'), { recursive: true })
  mkdirSync(join(folder, 'node_modules'))
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name.startsWith('.') || name.startsWith('alcatraz')) continue
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'junction')
  }
  symlinkSync(join(folder, 'vm'), join(folder, 'node_modules/alcatraz-vm'), 'junction')
  return folder
}

function runLaws(folder: string, count: number, isa?: 'bpf' | 'pvm'): Promise<Verdict> {
  return new Promise((resolve, reject) => {
    const run = join(folder, 'laws/seeded-run.js')
    const args = [run, String(count), ...(isa === undefined ? [] : [isa])]
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    })
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk) => {
      out += chunk
    })
    child.stderr.on('data', (chunk) => {
      err += chunk
    })
    child.on('error', reject)
    child.on('close', (status) => {
      if (status === 0) resolve(JSON.parse(out))
      else resolve({ broken: `exit code ${status}: ${err}` })
    })
  })
}

/** Where the bug's text is: exactly one file, exactly once. */
function placeOf({ file, find, what }: SeededBug, folder: string): { path: string; text: string } {
  const places = rooms
    .map((room) => join(folder, 'vm/dist', room, file))
    .flatMap((path) => {
      try {
        return [{ path, text: readFileSync(path, 'utf8') }]
      } catch {
        return []
      }
    })
    .filter(({ text }) => text.includes(find))
  const [place] = places
  assert.ok(place !== undefined, `'${what}': ${file} has no '${find}' any more; seed it anew`)
  assert.equal(places.length, 1, `'${what}': in several files`)
  assert.equal(place.text.split(find).length, 2, `'${what}': not exactly once in ${file}`)
  return place
}

async function withBug(bug: SeededBug, folder: string): Promise<Verdict> {
  const { path, text } = placeOf(bug, folder)
  writeFileSync(
    path,
    text.replace(bug.find, () => bug.replace),
  )
  try {
    return await runLaws(folder, programs, bug.isa)
  } finally {
    writeFileSync(path, text)
  }
}

test('the laws hold for an unchanged copy of the engine', async () => {
  assert.deepEqual(await runLaws(copyOfEngine(), 60), { agreed: 60 })
})

test(`the laws find each of ${seededBugs.length} seeded bugs`, async (t) => {
  assert.ok(seededBugs.length >= 30)
  const left = [...seededBugs]
  const missed: string[] = []
  let slowest = { ms: 0, what: '' }
  const work = async (): Promise<void> => {
    const folder = copyOfEngine()
    for (let bug = left.shift(); bug !== undefined; bug = left.shift()) {
      const started = performance.now()
      const verdict = await withBug(bug, folder)
      const ms = performance.now() - started
      if (ms > slowest.ms) slowest = { ms, what: bug.what }
      if (!('disagreement' in verdict)) missed.push(`${bug.what}: ${JSON.stringify(verdict)}`)
      else t.diagnostic(`${ms.toFixed(0)} ms: ${bug.what}: ${verdict.disagreement}`)
    }
  }
  await Promise.all([work(), work()])
  t.diagnostic(`the slowest took ${(slowest.ms / 1000).toFixed(1)} s: ${slowest.what}`)
  assert.deepEqual(missed, [])
})
