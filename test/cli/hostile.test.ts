import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { alcatraz } from './fake.ts'

// Whatever a file holds, a command answers 0, 1 or 2: 70 would be a mistake of ours.

const folder = mkdtempSync(join(tmpdir(), 'alcatraz-hostile-'))
after(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'file')
const seeds: Uint8Array[] = []

before(async () => {
  const object = 'guests/objects/token-v4.o'
  const container = join(folder, 'token.alcz')
  assert.equal((await alcatraz('link', object, '-o', container)).code, 0)
  const blob = join(folder, 'blob')
  writeFileSync(join(folder, 'text'), 'a0 = 40\na0 = a0 + 2\ntrap\n')
  await alcatraz('asm', join(folder, 'text'), '-o', blob, '--isa', 'pvm-jam-v1')
  for (const file of [object, container, blob]) seeds.push(new Uint8Array(readFileSync(file)))
})

const mutation = fc.record({
  seed: fc.nat(2),
  cut: fc.option(fc.nat(8000), { freq: 4 }),
  flips: fc.array(fc.tuple(fc.nat(8000), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
})

function mutated({ seed, cut, flips }: typeof mutation extends fc.Arbitrary<infer T> ? T : never) {
  const bytes = seeds[seed]!.slice(0, cut ?? undefined)
  for (const [at, value] of flips) if (bytes.length > 0) bytes[at % bytes.length] = value
  return bytes
}

const commands: readonly (readonly string[])[] = [
  ['inspect', path],
  ['inspect', path, '--json'],
  ['inspect', path, '--isa', 'pvm-latest64'],
  ['inspect', path, '--ir'],
  ['inspect', path, '--wasm'],
  ['inspect', path, '--cfg'],
  ['inspect', path, '--cfg', '--isa', 'pvm-jam-v1'],
  ['trace', path, '--entry', 'call', '--gas', '20000', '--engine', 'recomp'],
  ['trace', path, '--isa', 'pvm-jam-v1', '--gas', '1000', '--json'],
  ['trace', '--diff', path, 'guests/objects/token-v4.o'],
  ['disasm', path],
  ['disasm', path, '--isa', 'pvm-jam-v1'],
  ['link', path, '-o', join(folder, 'out')],
  ['run', path, '--entry', 'call', '--input', '01', '--gas', '20000'],
  ['run', path, '--isa', 'pvm-jam-v1', '--gas', '1000'],
  ['run', path, '--isa', 'pvm-revive-v1', '--gas', '1000', '--engine', 'reference'],
  ['vectors', 'bpf', path],
  ['vectors', 'pvm-gp07', path],
]

test('no file makes a command fail in a way of our own', async () => {
  await fc.assert(
    fc.asyncProperty(mutation, fc.nat(commands.length - 1), async (change, which) => {
      writeFileSync(path, mutated(change))
      const { code, err, out } = await alcatraz(...commands[which]!)
      assert.ok([0, 1, 2].includes(code), `${commands[which]!.join(' ')}: ${err}`)
      assert.doesNotMatch(out + err, /internal/)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get out
      assert.doesNotMatch(out + err, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
    }),
    { numRuns: Number(process.env['ALCATRAZ_FUZZ_RUNS'] ?? 400) },
  )
})
