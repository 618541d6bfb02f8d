/** The guests of the experiment: every build on every engine answers what a build for a computer answers. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { type Engine, engineNamed, engineNames } from 'alcatraz-vm'
import {
  checksums,
  experimentFolder,
  objectNames,
  objectOf,
  routes,
  sizes,
  wasmAnswer,
} from './guests.ts'

const levels = ['O3', 'Os', 'Oz']
const names = Object.keys(sizes)
/** Files of a guest that end so, one for each level that is checked in. */
const filesOf = (name: string, ending: string): readonly string[] =>
  levels.map((level) => `${name}-${level}${ending}`).filter((file) => objectNames.includes(file))

/** Guests whose least work is below half a million instructions. */
const quick = new Set(['bigint', 'json', 'keccak', 'nes', 'sha256'])

const expected = (name: string, n: number): bigint => BigInt(checksums[name]![n]!)

test('OBJECTS.md of the experiment lists every checked-in object with its hash', () => {
  const list = readFileSync(new URL('OBJECTS.md', experimentFolder), 'utf8')
  const rows = [...list.matchAll(/^\| `(.+)` \| \d+ \| `([0-9a-f]{64})` \|$/gm)]
  assert.deepEqual(rows.map((row) => row[1]).sort(), objectNames)
  for (const [, file, hash] of rows) {
    const bytes = objectOf(file!)
    assert.ok(bytes.length < 300_000, file)
    assert.equal(createHash('sha256').update(bytes).digest('hex'), hash, file)
  }
})

test('the cartridge is what its source assembles to', async () => {
  const { href } = new URL('nes/assemble.mjs', experimentFolder)
  const { assemble } = (await import(href)) as { assemble: (source: string) => Uint8Array }
  const source = readFileSync(new URL('nes/demo.s', experimentFolder), 'utf8')
  const known = new Uint8Array(readFileSync(new URL('nes/demo.nes', experimentFolder)))
  assert.deepEqual(assemble(source), known)
  const list = readFileSync(new URL('OBJECTS.md', experimentFolder), 'utf8')
  assert.ok(list.includes(createHash('sha256').update(known).digest('hex')))
  for (const [wrong, message] of [
    ['  lda (4)', /line 1: lda has no ind/],
    ['\n  bne nowhere', /line 2: what is nowhere/],
    ['  xyz', /line 1: no instruction xyz/],
  ] as const)
    assert.throws(() => assemble(wrong), message)
})

test('every guest has an answer for each amount of work, and no two amounts the same', () => {
  assert.deepEqual(Object.keys(checksums), names)
  for (const name of names) {
    const { test: small, bench } = sizes[name]!
    const answers = [...small, bench].map((n) => expected(name, n))
    assert.equal(new Set(answers).size, answers.length, name)
  }
})

test('WebAssembly answers as a computer does, twice in one instance', () => {
  for (const name of names)
    for (const file of [...filesOf(name, '.wasm'), ...filesOf(name, '-opt.wasm')])
      for (const n of [...sizes[name]!.test, sizes[name]!.bench])
        assert.equal(wasmAnswer(objectOf(file), BigInt(n)), expected(name, n), `${file} ${n}`)
})

const engines = engineNames.map(engineNamed)
/** The reference is slow: it gets one level, and what is done in a second. */
const isTooLong = (engine: Engine, name: string, level: number, n: number): boolean =>
  engine.name === 'reference' && (level > 0 || n > 1 || !quick.has(name))

for (const [ending, load] of Object.entries(routes))
  for (const name of names)
    test(`${ending} of ${name} answers on every engine as a computer does`, () => {
      const files = filesOf(name, `-${ending.split(' ').at(-1)!}`)
      assert.ok(files.length > 0)
      files.forEach((file, level) => {
        const guest = load(objectOf(file))
        const amounts = sizes[name]!.test.slice(0, level === 0 ? undefined : 1)
        for (const engine of engines)
          for (const n of amounts)
            if (!isTooLong(engine, name, level, n))
              assert.equal(
                guest(engine, BigInt(n)),
                expected(name, n),
                `${file} ${n} on ${engine.name}`,
              )
      })
    })
