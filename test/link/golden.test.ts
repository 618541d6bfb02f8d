import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { toHex } from '#vm/bits/hex'
import { decodeContainer } from '#vm/image/container'
import { layoutOf } from '#vm/image/contract'
import { disassembleBpf } from '#vm/isa/bpf/disasm'
import { linkBpf } from '#vm/link/bpf'
import { guest } from './guests.ts'

const folder = new URL('../../../test/filetests/link/', import.meta.url)

/** Everything the linker decided, as text. */
function dump(names: readonly string[]): string {
  const { container, report } = linkBpf(names.map(guest))
  const c = decodeContainer(container)
  const hex = (value: number): string => `0x${value.toString(16)}`
  const layout = layoutOf(c)
  const lines = [
    `; linked from ${names.join(' ')}; rewrite with UPDATE=1`,
    ...report.sections.map(
      ({ object, name, place, address, size }) =>
        `; section ${object} ${name}: ${place} at ${hex(address)}, ${size} bytes`,
    ),
    `; stack ${hex(layout.stack.low)}..${hex(layout.stack.high)}, memory ends at ${hex(layout.end)}`,
    `; ${report.relocations} relocations, traps: ${report.traps.join(' ') || 'none'}`,
    ...c.imports.map((name, i) => `; import ${i} ${name}`),
    ...c.exports.map(({ name, pc }) => `; export ${name} = slot ${pc}`),
    ...c.functions.map(({ pc, frameSize }) => `; function at slot ${pc}, frame ${frameSize}`),
    `; address taken: ${c.addressTaken.join(' ') || 'none'}`,
    `; read-only ${toHex(c.readOnly)}`,
    `; data ${toHex(c.data)}`,
    `; bss ${c.bssSize} bytes`,
    disassembleBpf(c.code, {
      symbols: new Map(c.symbols.map(({ pc, name }) => [pc, name])),
      imports: c.imports,
      addressTaken: c.addressTaken,
    }).trimEnd(),
  ]
  return `${lines.join('\n')}\n`
}

const cases: Readonly<Record<string, readonly string[]>> = {
  'weak-v3': ['weak-v3', 'weak_strong-v3'],
  'fptr-v1': ['fptr-v1'],
  'hostcalls-v4': ['hostcalls-v4'],
  'goto-v4-next': ['goto-v4-next'],
  'switch-v4-next': ['switch-v4-next'],
  'trap-v4-next': ['trap-v4-next'],
  'comdat-v4': ['comdat_first-v4', 'comdat_second-v4'],
}

for (const [name, objects] of Object.entries(cases)) {
  test(`linked program, reviewed: ${name}`, () => {
    const file = new URL(`${name}.s`, folder)
    const text = dump(objects)
    if (process.env['UPDATE'] === '1') {
      mkdirSync(folder, { recursive: true })
      writeFileSync(file, text)
    }
    assert.equal(text, readFileSync(file, 'utf8'))
  })
}
