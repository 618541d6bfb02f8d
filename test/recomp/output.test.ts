/** What is generated: the same octets everywhere, and nearly all that is executed. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { type BpfProgram, recompEngine } from 'alcatraz-vm'
import { startBpf } from 'alcatraz-vm/bpf'
import { decodeContainer, linkBpf, programOf } from 'alcatraz-vm/link'
import { liftBpf } from '#vm/lift/bpf'
import { generate } from '#vm/recomp/module'
import { guest } from '../link/guests.ts'
import { knownOutput } from './known-output.ts'

/** Guests whose work is set by one number, and a number that keeps them busy for a while. */
const work = {
  fib: 15,
  keccak: 3,
  quicksort: 800,
  sha256: 1,
  sieve: 5000,
  statemachine: 1,
  stream: 1,
} as const

function linked(name: string): BpfProgram {
  const program = programOf(decodeContainer(linkBpf([guest(`${name}-v4`)]).container))
  assert.ok(program.isa === 'bpf')
  return program
}

for (const [name, size] of Object.entries(work))
  test(`at least 99.9 % of the instructions of ${name} run in generated code`, () => {
    const program = linked(name)
    const machine = recompEngine.instantiate(program, { gas: 1n << 40n })
    const bytes = new Uint8Array(Uint32Array.of(size).buffer)
    startBpf(machine, program.exports.get('run')!, { address: machine.memory.size, bytes })
    assert.equal(machine.run().kind, 'halt')
    const { instructions, tiers } = machine.stats
    assert.ok(instructions > 1000n, `${instructions} instructions`)
    const share = Number((tiers['recomp']! * 100_000n) / instructions) / 1000
    assert.ok(share >= 99.9, `${share} % of ${instructions}`)
  })

/** A change of what is generated changes these: `UPDATE=1` writes them. */
const golden = new URL('../../../test/recomp/output.json', import.meta.url)
test('generated code is the same on every run and every platform', () => {
  const hashes = Object.keys(work).map((name) => {
    const program = linked(name)
    const [one, two] = [generate(liftBpf(program))!, generate(liftBpf(program))!]
    assert.deepEqual(one, two, name)
    return [name, createHash('sha256').update(one.bytes).digest('hex')] as const
  })
  const { UPDATE } = process.env
  const text = `${JSON.stringify(Object.fromEntries(hashes), undefined, 2)}\n`
  if (UPDATE === '1') writeFileSync(golden, text)
  assert.deepEqual(Object.fromEntries(hashes), JSON.parse(readFileSync(golden, 'utf8')))
})

/** Artifacts that were made before such a change must not be used after it. */
const version = new URL('../../../vm/src/engine/emitter-version.ts', import.meta.url)
test('the version in the key of artifacts is that of what is generated', () => {
  const { UPDATE } = process.env
  const text = readFileSync(version, 'utf8')
  const line = /'[0-9a-f]+'/
  const now = knownOutput()
  if (UPDATE === '1') writeFileSync(version, text.replace(line, `'${now}'`))
  const found = line.exec(readFileSync(version, 'utf8'))?.[0]
  assert.equal(found, `'${now}'`, 'UPDATE=1 writes it; then build again')
})
