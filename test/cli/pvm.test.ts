import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { assemblePvm, encodePolkavm, encodePvmBlob, encodeSpi } from 'alcatraz-vm/pvm'
import { polkavmOf } from '../image/polkavm-blobs.ts'
import { alcatraz } from './fake.ts'

const folder = mkdtempSync(join(tmpdir(), 'alcatraz-pvm-'))
after(() => rmSync(folder, { recursive: true }))

function save(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

/** `call` sums the two octets that `load` writes and returns them by `seal`; `other` traps. */
const source = `pub @call:
    sp = sp + -16
    a0 = sp
    ecalli 0
    a1 = u8 [sp]
    a2 = u8 [sp + 1]
    a0 = a0 + a1
    a0 = a0 + a2
    u8 [sp] = a0
    a1 = sp
    a2 = 1
    ecalli 1
    trap
pub @other:
    trap`
const file = save(
  'sum.polkavm',
  encodePolkavm(polkavmOf(source, 'latest64', { imports: ['load', 'seal'] })),
)
const script = (calls: object): string => save('host.json', JSON.stringify({ calls }))
const sealed = { end: 'halt', output: { at: 'a1', length: 'a2' } }

test('without a host a run stops at the first call, which is named', async () => {
  const { out, code } = await alcatraz('run', file, '--entry', 'call')
  assert.equal(code, 2)
  assert.match(out, /stopped at host call 0 \(load\), pc \d+: no host answers it here/)
  const json = JSON.parse((await alcatraz('run', file, '--entry', 'call', '--json')).out)
  assert.equal(json.exit.name, 'load')
})

test('a script answers calls in order, by name or number', async () => {
  const host = script({
    load: { a0: 1, write: [{ at: 'a0', hex: '0203' }], gas: 100 },
    1: sealed,
  })
  for (const engine of ['reference', 'interp', 'recomp', 'tiered']) {
    const args = ['run', file, '--entry', 'call', '--host', host, '--engine', engine, '--json']
    const { out, code } = await alcatraz(...args)
    assert.equal(code, 0)
    const { output, gas, exit } = JSON.parse(out)
    assert.deepEqual([output, gas.used, exit.kind], ['0x06', '112', 'halt'].map(String))
  }
})

test('a module of functions answers calls', async () => {
  const module = save(
    'host.mjs',
    `export function load(call) { call.write(call.args[0], Uint8Array.of(4, 5)); return 6 }
     export default { seal: (call) => ({ end: 'halt', output: call.read(call.args[1], call.args[2]) }) }`,
  )
  const { out, code } = await alcatraz('run', file, '--entry', 'call', '--host', module, '--json')
  assert.equal(code, 0)
  assert.equal(JSON.parse(out).output, '0x0f')
})

test('what a host may not touch, and what it does not know, is said', async () => {
  const over = script({ load: { write: [{ at: 0, hex: '00' }] } })
  const refused = await alcatraz('run', file, '--entry', 'call', '--host', over)
  assert.equal(refused.code, 1)
  assert.match(refused.err, /the host writes 1 bytes at 0x0, where it may not/)
  const half = script({ load: [{ a0: '0xff' }], other: { end: 'trap' } })
  const stopped = await alcatraz('run', file, '--entry', 'call', '--host', half)
  assert.match(stopped.out, /host call 1 \(seal\)/)
  const poor = script({ load: { gas: 1_000_000_000 } })
  const broke = await alcatraz('run', file, '--entry', 'call', '--host', poor)
  assert.match(broke.out, /ran out of gas/)
  const trapped = script({ load: { end: 'trap' } })
  const answer = await alcatraz('run', file, '--entry', 'call', '--host', trapped)
  assert.match(answer.out, /trapped at pc \d+: hostCall/)
})

test('a malformed host is refused', async () => {
  for (const text of [
    '{',
    '[]',
    '{"calls":[]}',
    '{"calls":{"load":1}}',
    '{"calls":{"load":[]}}',
    '{"calls":{"load":{"b9":1}}}',
    '{"calls":{"load":{"a0":1.5}}}',
    '{"calls":{"load":{"a0":"x"}}}',
    '{"calls":{"load":{"write":{}}}}',
    '{"calls":{"load":{"write":[{"at":1,"hex":"0"}]}}}',
    '{"calls":{"load":{"end":"stop"}}}',
    '{"calls":{"load":{"output":{"at":1,"length":2}}}}',
  ]) {
    const path = save('bad.json', text)
    const { code, out } = await alcatraz('run', file, '--entry', 'call', '--host', path, '--json')
    assert.equal(code, 1, text)
    assert.equal(JSON.parse(out).error.code, 'badHost', text)
  }
  const empty = save('empty.mjs', 'export const load = 1')
  assert.match(
    (await alcatraz('run', file, '--entry', 'call', '--host', empty)).err,
    /no functions/,
  )
  const broken = save('broken.mjs', 'export function')
  assert.match((await alcatraz('run', file, '--entry', 'call', '--host', broken)).err, /not load/)
})

test('inspect, disasm and trace read polkavm files, with names', async () => {
  const { out } = await alcatraz('inspect', file)
  assert.match(out, /polkavm file +latest64, gas pvm-block/)
  assert.match(out, /0 +load\n +1 +seal/)
  assert.match(out, /0 +call\n/)
  const json = JSON.parse((await alcatraz('inspect', file, '--json')).out)
  assert.deepEqual(json.imports, ['load', 'seal'])
  const text = (await alcatraz('disasm', file)).out
  assert.match(text, /pub @call:\n/)
  assert.match(text, /ecalli 1 \/\/ seal\n/)
  assert.deepEqual(assemblePvm(text).code, assemblePvm(source, { version: 'latest64' }).code)
  const traced = await alcatraz('trace', file, '--entry', 'call')
  assert.match(traced.out, /host call 0 \(load\)/)
  const ir = await alcatraz('inspect', file, '--ir')
  assert.match(ir.out, /paged32/)
})

test('names of a file make no lines of their own', async () => {
  const exports = [
    { name: 'a:\n trap\n@b', pc: 0 },
    { name: 'c', pc: 0 },
  ]
  const blob = polkavmOf('ecalli 0\n ret', 'latest64', { exports, imports: ['x\ntrap'] })
  const odd = save('odd.polkavm', encodePolkavm(blob))
  const { out } = await alcatraz('disasm', odd)
  assert.equal(
    out,
    '%isa = latest64\n// export a:? trap?@b\npub @c:\n    ecalli 0 // x?trap\n    jump [ra]\n',
  )
  assert.ok(!(await alcatraz('inspect', odd)).out.includes('\n trap\n@b'))
})

test('a standard program gets its argument, and what a0 and a1 span is its answer', async () => {
  const blob = encodePvmBlob(assemblePvm('a1 = 2\n a0 = a0 + 1\n ret', { version: 'jam-v1' }))
  const none = new Uint8Array(0)
  const parts = { roData: none, rwData: none, heapPages: 0, stackSize: 4096, blob }
  const image = save('program.jam', encodeSpi(parts))
  const service = save('service.jam', encodeSpi({ ...parts, metadata: Uint8Array.of(1, 2) }))
  const flags = ['--isa', 'pvm-jam-v1', '--input', '0a0b0c', '--json', '--format']
  for (const args of [
    [image, ...flags, 'spi'],
    [service, ...flags, 'service'],
  ]) {
    const { out, code } = await alcatraz('run', ...args)
    assert.equal(code, 0)
    assert.equal(JSON.parse(out).output, '0x0b0c')
  }
  assert.match(
    (await alcatraz('inspect', image, ...flags.slice(0, 2), '--format', 'spi')).out,
    /standard program/,
  )
})

test('what a PVM file lacks is asked for', async () => {
  const blob = encodePvmBlob(assemblePvm('ret', { version: 'jam-v1' }))
  const raw = save('raw.pvm', blob)
  for (const [args, message] of [
    [[raw, '--format', 'spi'], /which version of the PVM/],
    [[raw, '--format', 'spi', '--isa', 'pvm-latest64'], /are of the Gray Paper/],
    [[raw, '--format', 'elf'], /must be one of polkavm, spi, service, blob/],
    [[raw, '--isa', 'pvm-jam-v1', '--input', '00'], /--input is for programs with a memory/],
    [[raw, '--format', 'polkavm'], /no PVM magic/],
    [[file, '--isa', 'pvm-jam-v1'], /it is pvm-latest64/],
    [[file], /which entry shall run/],
    [[file, '--entry', 'nothing'], /there is no entry nothing/],
    [['guests/objects/token-v4.o', '--entry', 'call', '--host', raw], /host script/],
  ] as const) {
    const { err, code } = await alcatraz('run', ...args)
    assert.equal(code, 1, args.join(' '))
    assert.match(err, message)
  }
})

test('an eBPF program runs with a host of the caller, by its names and registers', async () => {
  const text = 'entry:\n call 0\n ldxb r2, [r1+0]\n add r0, r2\n exit\n'
  const container = join(folder, 'own.alcz')
  const asm = ['asm', save('own.s', text), '-o', container, '--import', 'price']
  assert.equal((await alcatraz(...asm)).code, 0)
  const answer = { r0: 40, gas: 100, write: [{ at: 'r1', hex: '02' }] }
  const module = save(
    'own.mjs',
    'export function price(call) { call.write(call.args[0], Uint8Array.of(2)); call.charge(100n); return 40 }',
  )
  const args = ['run', container, '--input', '00', '--gas', '1000', '--json']
  const found: unknown[] = []
  for (const host of [script({ price: answer }), module])
    for (const engine of ['reference', 'interp', 'recomp']) {
      const { out, code } = await alcatraz(...args, '--host', host, '--engine', engine)
      assert.equal(code, 0, out)
      const { exit, gas, registers } = JSON.parse(out) as Record<string, unknown>
      assert.deepEqual((registers as string[])[0], '0x2a')
      found.push({ exit, gas, registers })
    }
  for (const other of found) assert.deepEqual(other, found[0])
  const traced = await alcatraz('trace', container, '--input', '00', '--host', module)
  assert.match(traced.out, /call price|call 0/)
  const pvmName = await alcatraz(...args.slice(0, -1), '--host', script({ price: { a0: 1 } }))
  assert.match(pvmName.err, /there is no register a0/)
  const stopped = await alcatraz(...args, '--host', script({ other: { r0: 1 } }))
  assert.equal(stopped.code, 2)
  assert.match(stopped.out, /"kind":"host".*"name":"price"/)
  // our own host has no such call
  assert.match((await alcatraz(...args)).err, /no host call is named "price"/)
})
