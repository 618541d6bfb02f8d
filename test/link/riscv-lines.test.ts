import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { avmLayout, lineOf, linkAvm, linkPolkavm, readElf } from 'alcatraz-vm/link'
import fc from 'fast-check'
import { InputError } from '#vm/bits/errors'
import { readLines } from '#vm/image/dwarf-lines'
import { link, riscvFolder, riscvGuests } from './riscv-linking.ts'

const source = (name: string): string[] =>
  readFileSync(new URL(name, riscvFolder), 'utf8').split('\n')
/** The line, from 1, that has the text. */
const lineWith = (name: string, part: string): number =>
  source(name).findIndex((line) => line.includes(part)) + 1

const expected: Readonly<Record<string, string>> = {
  square: `probe.c:${lineWith('probe.c', 'int square(')}`,
  cube: `probe.c:${lineWith('probe.c', 'int cube(')}`,
  negative: `probe.c:${lineWith('probe.c', 'int negative(')}`,
  mix: `other.c:${lineWith('other.c', 'int mix(')}`,
  run: `probe.c:${lineWith('probe.c', 'int run(') + 1}`,
}

for (const [version, files] of [
  [5, ['sections-probe.o', 'sections-other.o']],
  [4, ['medany-probe.o', 'medany-other.o']],
] as const)
  test(`DWARF ${version}: functions of the linked code start at their lines of source`, () => {
    const { linked } = link(riscvGuests(...files), { exports: ['run'], lines: true })
    assert.deepEqual([...linked.sources].sort(), ['other.c', 'probe.c'])
    for (const { name, start } of linked.functions) {
      const at = linked.lines.findLast(({ pc }) => pc <= start)!
      const wanted = expected[name]
      if (wanted === undefined) continue
      const shown = `${linked.sources[at.source]}:${at.line}`
      const opening = name === 'run' ? `probe.c:${lineWith('probe.c', 'int run(')}` : wanted
      assert.ok(shown === wanted || shown === opening, `${name}: ${shown}`)
    }
    for (const [i, { pc }] of linked.lines.entries())
      assert.ok(i === 0 || pc > linked.lines[i - 1]!.pc)
    assert.deepEqual(link(riscvGuests(...files), { exports: ['run'] }).linked.lines, [])
  })

test('a source map says where instructions of AVM and PVM come from', () => {
  const inputs = riscvGuests('sections-probe.o', 'sections-other.o')
  const options = { exports: ['run'], lines: true }
  const avm = linkAvm(inputs, options)
  const pvm = linkPolkavm(inputs, 'revive-v1', options)
  for (const { report, sourceMap } of [avm, pvm])
    for (const { name, pc } of report.functions) {
      const wanted = expected[name]
      if (wanted !== undefined && name !== 'run') assert.equal(lineOf(sourceMap!, pc), wanted)
    }
  assert.equal(linkAvm(inputs, { exports: ['run'] }).sourceMap, undefined)
  assert.deepEqual(linkAvm(inputs, { exports: ['run'] }).container, avm.container)
  const none = linkAvm(riscvGuests('plain-probe.o', 'plain-other.o'), options).sourceMap!
  assert.deepEqual([none.sources, lineOf(none, 0)], [[], undefined])
})

test('a line table that lies is refused by object and section, or read to its end', () => {
  const cut = { ...riscvGuests('sections-other.o')[0]! }
  const bytes = cut.bytes.slice()
  const { sections } = readElf(bytes)
  bytes[sections.find(({ name }) => name === '.debug_line')!.offset + 4] = 9
  assert.throws(() => link([{ name: 'cut.o', bytes }], { lines: true, layout: avmLayout(4096) }), {
    code: 'dwarf',
    message: /^cut\.o\(\.debug_line\): DWARF version 9/,
  })
  const none = new Uint8Array(0)
  const tables = (lines: Uint8Array) => ({ lines, lineStrings: none, strings: none })
  assert.throws(() => readLines(tables(Uint8Array.of(0xff, 0xff, 0xff, 0xff))), { code: 'dwarf' })
  assert.throws(() => readLines(tables(Uint8Array.of(9, 0, 0, 0, 5))), { code: 'dwarf' })
  const objects = riscvGuests('sections-other.o', 'medany-other.o')
  fc.assert(
    fc.property(
      fc.nat(1),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 5 }),
      (which, edits) => {
        const { bytes: original, name } = objects[which]!
        const copy = original.slice()
        for (const [place, octet] of edits) copy[64 + (place % (copy.length - 64))] = octet
        try {
          link([{ name, bytes: copy }], { lines: true })
        } catch (error) {
          assert.ok(error instanceof InputError, `${String(error)}\n${(error as Error).stack}`)
        }
      },
    ),
    { numRuns: 2000 },
  )
})
