import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { linkBpf } from '#vm/link/bpf'
import { guest, guestNames, riscvNames } from './guests.ts'

const guests = fileURLToPath(new URL('../../../guests/', import.meta.url))
const listed = new Map(
  [
    ...readFileSync(join(guests, 'OBJECTS.md'), 'utf8').matchAll(
      /^\| `(.+)\.o` .*`([0-9a-f]{64})` \|$/gm,
    ),
  ].map((match) => [match[1]!, match[2]!]),
)

test('OBJECTS.md lists every checked-in object with its hash', () => {
  assert.deepEqual([...listed.keys()].sort(), [...guestNames, ...riscvNames].sort())
  for (const [name, hash] of listed) {
    const { bytes } = guest(name)
    assert.ok(bytes.length < 300_000, name)
    assert.equal(createHash('sha256').update(bytes).digest('hex'), hash, name)
  }
})

/** The version of the compiler that made the objects, or why it is not here. */
function missing(compiler: string, version: string): string | undefined {
  try {
    const text = execFileSync(compiler, ['--version'], { encoding: 'utf8', stdio: 'pipe' })
    return text.includes(version) ? undefined : `${compiler} is not version ${version}`
  } catch {
    return `${compiler} is not installed`
  }
}

const flags = [
  ...'-target bpf -O2 -ffreestanding -fno-builtin -fvisibility=hidden -fstack-size-section'.split(
    ' ',
  ),
  ...'-mllvm -bpf-stack-size=4096 -w -Iinclude'.split(' '),
]

function compile(compiler: string, args: readonly string[]): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'guest-'))
  try {
    const out = join(folder, 'out.o')
    execFileSync(compiler, [...flags, ...args, '-o', out], { cwd: guests, stdio: 'pipe' })
    return new Uint8Array(readFileSync(out))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

for (const [compiler, version, suffix] of [
  ['clang-19', '19.1.7', ''],
  ['clang-22', '22.1.8', '-next'],
] as const) {
  const absent = missing(compiler, version)
  const skip =
    absent === undefined ? false : `SKIPPED: ${absent}; checked-in objects are tested anyway`

  test(`${compiler} gives the checked-in bytes again`, { skip }, () => {
    for (const probe of ['switch', 'data', 'arith4']) {
      const bytes = compile(compiler, ['-mcpu=v4', '-c', `probes/${probe}.c`])
      assert.deepEqual(bytes, guest(`${probe}-v4${suffix}`).bytes, probe)
    }
  })

  test(`${compiler}: debug information changes nothing that is linked`, { skip }, () => {
    const plain = linkBpf([guest(`data-v4${suffix}`)]).container
    const bytes = compile(compiler, ['-mcpu=v4', '-g', '-c', 'probes/data.c'])
    assert.ok(bytes.length > 2 * guest(`data-v4${suffix}`).bytes.length)
    assert.deepEqual(linkBpf([{ name: 'data.o', bytes }]).container, plain)
  })

  test(`${compiler}: sections per function link to a program as large`, { skip }, () => {
    const one = linkBpf([guest(`fptr-v4${suffix}`)]).report
    const bytes = compile(compiler, [
      '-mcpu=v4',
      '-ffunction-sections',
      '-fdata-sections',
      '-c',
      'probes/fptr.c',
    ])
    const { report } = linkBpf([{ name: 'fptr.o', bytes }])
    assert.equal(report.bytes.code, one.bytes.code)
    assert.equal(report.functions.length, one.functions.length)
    assert.ok(report.sections.length > one.sections.length)
  })
}
