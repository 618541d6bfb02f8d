/** Proves that the law of the optimiser bites: it finds each of the mistakes seeded into a copy. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { copyOfEngine } from '../laws/seeding.ts'
import { type OptBug, optBugs } from './seeded-bugs.ts'

/** What the law says of the copy: a difference, or nothing. A crash is a difference. */
function verdict(folder: string, { program, spilled }: OptBug): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const args = [join(folder, 'opt/seeded-run.js'), String(program), '1', spilled ? 'spilled' : '']
    const child = spawn(process.execPath, args, { timeout: 60_000 })
    let out = ''
    child.stdout.on('data', (chunk) => {
      out += chunk
    })
    child.on('error', reject)
    child.on('close', (status) => resolve(status === 0 ? JSON.parse(out).found : undefined))
  })
}

async function found(bug: OptBug, folder: string) {
  const { file, find, replace, what } = bug
  const path = join(folder, 'vm/dist/opt', file)
  const text = readFileSync(path, 'utf8')
  assert.equal(text.split(find).length, 2, `'${what}': not exactly once in ${file}; seed it anew`)
  writeFileSync(
    path,
    text.replace(find, () => replace),
  )
  try {
    return await verdict(folder, bug)
  } finally {
    writeFileSync(path, text)
  }
}

test(`the law finds each of ${optBugs.length} bugs seeded into the optimiser`, async (t) => {
  const left = [...optBugs]
  const missed: string[] = []
  const work = async (): Promise<void> => {
    const folder = copyOfEngine()
    cpSync(fileURLToPath(new URL('.', import.meta.url)), join(folder, 'opt'), { recursive: true })
    for (let bug = left.shift(); bug !== undefined; bug = left.shift()) {
      const difference = await found(bug, folder)
      if (difference === undefined) missed.push(bug.what)
      else t.diagnostic(`${bug.what}: ${difference.slice(0, 150)}`)
    }
  }
  await Promise.all([work(), work()])
  assert.deepEqual(missed, [])
})
