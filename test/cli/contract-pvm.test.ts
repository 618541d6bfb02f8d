import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { decodeContainer } from 'alcatraz-vm/link'
import { alcatraz } from './fake.ts'

const folder = mkdtempSync(join(tmpdir(), 'alcatraz-contract-pvm-'))
after(() => rmSync(folder, { recursive: true }))
const at = (name: string): string => join(folder, name)
const object = 'guests/objects/avm/token.o'
const file = at('token.alcz')
const supply = ['--input', 'e803000000000000']

test('link makes a contract of PVM, and the commands know it', async () => {
  const linked = await alcatraz('link', object, '--target', 'pvm', '-o', file, '--json')
  assert.equal(linked.code, 0, linked.err)
  const report = JSON.parse(linked.out) as { target: string; bytes: { code: number } }
  assert.equal(report.target, 'pvm')
  const container = decodeContainer(new Uint8Array(readFileSync(file)))
  assert.deepEqual(
    [container.kind, container.profile, container.gas],
    ['pvm', 'contract-pvm-1', 'pvm-1'],
  )
  assert.equal(container.code.length, report.bytes.code)
  const stripped = await alcatraz('link', object, '--target', 'pvm', '-o', at('s.alcz'), '--strip')
  assert.equal(stripped.code, 0, stripped.err)
  const identity = async (path: string): Promise<string> =>
    (JSON.parse((await alcatraz('inspect', path, '--json')).out) as { identity: string }).identity
  assert.equal(await identity(at('s.alcz')), await identity(file))
  const { out } = await alcatraz('inspect', file)
  assert.match(out, /^container +pvm, profile contract-pvm-1, gas pvm-1/m)
  assert.match(out, /^jump table +\d+ entries/m)
  assert.match(out, /^ *\d+ +deploy/m)
  assert.match((await alcatraz('disasm', file)).out, /^%isa = jam-v1\n[\s\S]*pub @call:/)
})

test('an entry of a contract of PVM runs with the calls of our host', async () => {
  const args = ['run', file, '--entry', 'deploy', ...supply, '--json']
  for (const engine of ['reference', 'interp', 'recomp', 'tiered']) {
    const { code, out } = await alcatraz(...args, '--engine', engine)
    const { exit, gas } = JSON.parse(out) as { exit: { kind: string }; gas: { used: number } }
    assert.deepEqual([code, exit.kind], [0, 'halt'], engine)
    assert.ok(gas.used > 10_000, 'a slot was written')
  }
  const traced = await alcatraz('trace', file, '--entry', 'deploy', ...supply, '--limit', '3')
  assert.match(traced.out, /^ +\d+ +\d+ +sp = sp \+ -/)
  const mapped = await alcatraz(...args, '--map', '0x20000:0x1000')
  assert.equal(mapped.code, 1)
  assert.match(mapped.err, /--map is for files of PVM/)
})

test('a contract of PVM is deployed, called, and its blocks replay on every engine', async () => {
  const db = ['--db', at('db')]
  const deployed = await alcatraz('deploy', file, ...supply, ...db, '--json')
  assert.equal(deployed.code, 0, deployed.err)
  const { contract } = JSON.parse(deployed.out) as { contract: string }
  const bob = Buffer.alloc(32)
  bob.write('bob')
  const transfer = ['--input', `02${bob.toString('hex')}0500000000000000`]
  const sent = await alcatraz('call', contract, ...transfer, ...db, '--json')
  const receipt = JSON.parse(sent.out) as { status: string; diff: unknown[] }
  assert.deepEqual([sent.code, receipt.status, receipt.diff.length], [0, 'success', 3])
  const asked = ['--input', `00${bob.toString('hex')}`, '--dry-run', '--json']
  const dry = JSON.parse((await alcatraz('call', contract, ...asked, ...db)).out) as {
    output: string
  }
  assert.equal(dry.output, '0x0500000000000000')
  for (const engine of ['reference', 'interp', 'recomp']) {
    const verified = await alcatraz('state', 'verify', ...db, '--engine', engine, '--json')
    assert.equal((JSON.parse(verified.out) as { ok: boolean }).ok, true, engine)
  }
})

const clang = ['clang', 'clang-19', 'clang-22'].find(
  (name) => spawnSync(name, ['--print-targets']).stdout?.includes('riscv64') === true,
)
test('build compiles C for each machine a chain runs', {
  skip: clang === undefined && 'SKIPPED: no clang here that compiles for RISC-V',
}, async () => {
  for (const [target, kind] of [
    ['alcatraz', 'bpf'],
    ['avm', 'avm'],
    ['pvm', 'pvm'],
  ]) {
    const out = at(`built-${target}.alcz`)
    const more = ['--clang', clang!, '--target', target!, '-o', out]
    const built = await alcatraz('build', 'guests/token/token.c', ...more)
    assert.equal(built.code, 0, built.err)
    const container = decodeContainer(new Uint8Array(readFileSync(out)))
    assert.equal(container.kind, kind)
    const ran = await alcatraz('run', out, '--entry', 'deploy', ...supply, '--json')
    assert.equal(ran.code, 0, ran.err)
  }
})
