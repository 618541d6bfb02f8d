/** Seeds mistakes into copies of the compiled engine and runs the laws on them. */
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
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { SeededBug } from './seeded-bugs.ts'
import type { Verdict } from './seeded-run.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const folders: string[] = []

after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

/** A copy of the compiled engine and its laws in which `#vm/` and `alcatraz-vm` mean the copy. */
export function copyOfEngine(): string {
  const folder = mkdtempSync(join(tmpdir(), 'alcatraz-seeded-'))
  folders.push(folder)
  const imports = { '#vm/*': './vm/dist/*.js' }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', imports }))
  cpSync(join(root, 'vm/dist'), join(folder, 'vm/dist'), { recursive: true })
  cpSync(join(root, 'vm/package.json'), join(folder, 'vm/package.json'))
  cpSync(join(root, 'build/test/laws'), join(folder, 'laws'), { recursive: true })
  cpSync(join(root, 'build/test/isa'), join(folder, 'isa'), { recursive: true })
  mkdirSync(join(folder, 'node_modules'))
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name.startsWith('.') || name.startsWith('alcatraz')) continue
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'junction')
  }
  symlinkSync(join(folder, 'vm'), join(folder, 'node_modules/alcatraz-vm'), 'junction')
  return folder
}

/** The law that compares the reference with `engine`, run on the copy. */
export function runLaws({ folder, programs, engine, isa }: LawRun): Promise<Verdict> {
  return new Promise((resolve, reject) => {
    const run = join(folder, 'laws/seeded-run.js')
    const args = [run, String(programs), engine, ...(isa === undefined ? [] : [isa])]
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
function placeOf(
  { file, find, what }: SeededBug,
  { folder, rooms }: Hunt & { folder: string },
): { path: string; text: string } {
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

interface LawRun {
  readonly folder: string
  readonly programs: number
  readonly engine: 'interp' | 'recomp' | 'tiered'
  readonly isa?: SeededBug['isa'] | undefined
}

/** Where bugs are seeded, and how long each is looked for. */
interface Hunt {
  readonly rooms: readonly string[]
  readonly engine: 'interp' | 'recomp' | 'tiered'
  readonly programs: number
}

async function withBug(bug: SeededBug, folder: string, hunt: Hunt): Promise<Verdict> {
  const { path, text } = placeOf(bug, { ...hunt, folder })
  writeFileSync(
    path,
    text.replace(bug.find, () => bug.replace),
  )
  try {
    return await runLaws({ folder, ...hunt, isa: bug.isa })
  } finally {
    writeFileSync(path, text)
  }
}

/** What shows the bug: engines that disagree, or a fault of generated code. */
function foundBy(verdict: Verdict): string | undefined {
  if ('disagreement' in verdict) return verdict.disagreement
  return 'broken' in verdict && verdict.broken.startsWith('RuntimeError')
    ? verdict.broken.split('\n')[0]
    : undefined
}

/** Seeds each bug into a copy of the engine, two at a time; the bugs that were not found. */
export async function hunt(
  bugs: readonly SeededBug[],
  how: Hunt,
  say: (text: string) => void,
): Promise<string[]> {
  const left = [...bugs]
  const missed: string[] = []
  let slowest = { ms: 0, what: '' }
  const work = async (): Promise<void> => {
    const folder = copyOfEngine()
    for (let bug = left.shift(); bug !== undefined; bug = left.shift()) {
      const started = performance.now()
      const verdict = await withBug(bug, folder, how)
      const ms = performance.now() - started
      if (ms > slowest.ms) slowest = { ms, what: bug.what }
      const found = foundBy(verdict)
      if (found === undefined) missed.push(`${bug.what}: ${JSON.stringify(verdict)}`)
      else say(`${ms.toFixed(0)} ms: ${bug.what}: ${found}`)
    }
  }
  await Promise.all([work(), work()])
  say(`the slowest took ${(slowest.ms / 1000).toFixed(1)} s: ${slowest.what}`)
  return missed
}
