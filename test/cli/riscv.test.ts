import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { decodeContainer } from 'alcatraz-vm/link'
import { alcatraz } from './fake.ts'

const folder = mkdtempSync(join(tmpdir(), 'alcatraz-riscv-'))
after(() => rmSync(folder, { recursive: true }))
const at = (name: string): string => join(folder, name)
const object = (name: string): string => `guests/riscv/objects/${name}`

test('an object of RISC-V runs as it is: what the entry answers is the exit code, and 0 is success', async () => {
  for (const [entry, answer, code] of [
    ['pick', '0x1', 2],
    ['dead', '0x303a', 2],
  ] as const) {
    const ran = await alcatraz('run', object('norelax-probe.o'), '--entry', entry, '--json')
    assert.equal(ran.code, 1)
    assert.match(ran.err, /norelax-probe\.o/)
    const whole = await alcatraz('run', object('whole.o'), '--entry', entry, '--json')
    const { exit, registers } = JSON.parse(whole.out) as {
      exit: { kind: string }
      registers: string[]
    }
    assert.deepEqual([whole.code, exit.kind, registers[10]], [code, 'halt', answer])
  }
})

test('its host calls are for the host by name, and one that is unknown stops the run', async () => {
  const host = at('host.mjs')
  writeFileSync(host, 'export const outside = (call) => call.args[0] + 5n')
  const known = await alcatraz(
    'run',
    object('plain-other.o'),
    '--entry',
    'ask',
    '--host',
    host,
    '--json',
  )
  const ran = JSON.parse(known.out) as { exit: { kind: string }; registers: string[] }
  assert.deepEqual([ran.exit.kind, ran.registers[10]], ['halt', '0xa'])
  const unknown = await alcatraz('run', object('plain-other.o'), '--entry', 'ask', '--json')
  assert.equal((JSON.parse(unknown.out) as { exit: { kind: string } }).exit.kind, 'host')
})

test('link makes a contract of AVM of RISC-V objects, says what became of them, and the same again', async () => {
  const args = [
    'link',
    object('plain-probe.o'),
    object('plain-other.o'),
    '--export',
    'run',
    '--any-host',
  ]
  const { code, err, out } = await alcatraz(...args, '-o', at('a.alcz'), '--json')
  assert.equal(code, 0, err)
  const report = JSON.parse(out) as {
    link: { exports: string[]; imports: string[] }
    functions: { name: string; pc: number; size: number }[]
    bytes: { code: number }
  }
  assert.deepEqual(report.link.exports, ['run'])
  const container = decodeContainer(new Uint8Array(readFileSync(at('a.alcz'))))
  assert.deepEqual([container.kind, container.code.length], ['avm', report.bytes.code])
  assert.equal(
    report.functions.reduce((sum, { size }) => sum + size, 0),
    report.bytes.code,
  )
  const again = await alcatraz(...args, '-o', at('b.alcz'), '--target', 'avm', '--map')
  assert.equal(again.code, 0, again.err)
  assert.match(again.out, /^ *0x[0-9a-f]+ +\d+ +code +pick/m)
  assert.match(again.err, /weak and defined nowhere, calling them traps: nowhere/)
  assert.deepEqual(readFileSync(at('a.alcz')), readFileSync(at('b.alcz')))
})

test('what cannot be linked says why, where, and what avoids it', async () => {
  for (const [files, message] of [
    [['float-probe.o'], /float-probe\.o: calls pass floating-point registers.*-mabi=lp64/],
    [['bare.elf'], /bare\.elf: an executable without its relocations.*--emit-relocs/],
    [['plain-probe.o'], /error: tell is neither defined nor a host call/],
    [['plain-probe.o', 'plain-other.o'], /outside is neither defined nor a host call/],
  ] as const) {
    const { code, err } = await alcatraz('link', ...files.map(object), '-o', at('no.alcz'))
    assert.equal(code, 1)
    assert.match(err, message)
  }
})

test('link makes PVM programs of RISC-V objects, in each of their files', async () => {
  const sieve = 'guests/experiment/objects/sieve-Oz-rv64.o'
  const sums = JSON.parse(readFileSync('guests/experiment/checksums.json', 'utf8')) as {
    sieve: Record<string, string>
  }
  for (const target of ['polkavm', 'polkavm-jam-v1', 'polkavm-latest64']) {
    const linked = await alcatraz(
      'link',
      sieve,
      '--export',
      'run',
      '--target',
      target,
      '-o',
      at(target),
    )
    assert.equal(linked.code, 0, linked.err)
    const { out } = await alcatraz('run', at(target), '--entry', 'run', '--json', '--reg', '7=1')
    const { exit, registers } = JSON.parse(out) as { exit: { kind: string }; registers: string[] }
    assert.equal(exit.kind, 'halt')
    assert.equal(BigInt(registers[7]!), BigInt(sums.sieve['1']!))
  }
  for (const target of ['spi-jam-v1', 'spi-gp-0.7']) {
    const none = await alcatraz('link', object('whole.o'), '--target', target, '-o', at(target))
    assert.match(none.err, /--export refine accumulate/)
    const linked = await alcatraz(
      'link',
      object('whole.o'),
      '--export',
      'pick',
      '--target',
      target,
      '-o',
      at(target),
    )
    assert.equal(linked.code, 0, linked.err)
    const isa = target.replace('spi', 'pvm')
    const { out } = await alcatraz('run', at(target), '--format', 'spi', '--isa', isa, '--json')
    assert.equal((JSON.parse(out) as { exit: { kind: string } }).exit.kind, 'halt')
  }
})

test('link leaves in memory what compilers keep in frames when it is told to', async () => {
  const linked = async (name: string, ...flags: readonly string[]): Promise<Buffer> => {
    const object = 'guests/experiment/objects/keccak-O3-rv64b.o'
    const { code, err } = await alcatraz(
      'link',
      object,
      '--export',
      'run',
      '-o',
      at(name),
      ...flags,
    )
    assert.equal(code, 0, err)
    return readFileSync(at(name))
  }
  const [values, kept] = [await linked('values.alcz'), await linked('kept.alcz', '--keep-frames')]
  assert.ok(values.length < kept.length)
})
