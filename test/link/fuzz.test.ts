import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { InputError } from '#vm/bits/errors'
import { decodeContainer } from '#vm/image/container'
import { linkBpf } from '#vm/link/bpf'
import { alloc, buildElf, exec, slots, type TestSymbol, write } from './elf-writer.ts'
import { guest, guestNames } from './guests.ts'

test('law: mutated objects give a typed error or a container that decodes', (t) => {
  const samples = guestNames.map((name) => guest(name))
  const mutation = fc.record({
    sample: fc.nat(samples.length - 1),
    edits: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 6,
    }),
    // Symbols and relocations lie behind the code, section headers at the end.
    where: fc.constantFrom('anywhere', 'secondHalf', 'headers'),
  })
  let linked = 0
  let worst = 0
  const codes = new Set<string>()
  fc.assert(
    fc.property(mutation, ({ sample, edits, where }) => {
      const { name, bytes: original } = samples[sample]!
      const bytes = original.slice()
      const part = { anywhere: 1, secondHalf: 0.5, headers: 0.25 }[where]
      const span = Math.ceil(bytes.length * part)
      for (const [at, value] of edits) bytes[bytes.length - span + (at % span)] = value
      const link = (): number => {
        const started = performance.now()
        try {
          decodeContainer(linkBpf([{ name, bytes }]).container)
          linked++
        } catch (error) {
          assert.ok(error instanceof InputError, `${String(error)}\n${(error as Error).stack}`)
          codes.add(error.code)
        }
        return (performance.now() - started) / (bytes.length / 1024)
      }
      // Again when it was slow: other work on the machine is not the linker's.
      const took = link()
      if (took > worst) worst = Math.max(worst, Math.min(took, link(), link()))
    }),
    { numRuns: 4000 },
  )
  const peak = Math.round(process.memoryUsage.rss() / 2 ** 20)
  t.diagnostic(`worst ${worst.toFixed(2)} ms/KB, ${peak} MiB resident, ${codes.size} error codes`)
  assert.ok(linked > 200, `${linked} mutants linked`)
  assert.ok(codes.size > 15, `only ${[...codes].join(' ')}`)
})

/**
 * Objects of every size in one hundred thousand entries: an algorithm that is quadratic in any of
 * them does not end within the test's time; one that is linear takes well under a second.
 */
const many = 100_000

test('many functions, symbols, calls and frames', { timeout: 60_000 }, () => {
  const code = new Uint8Array(many * 16)
  const call = slots('85100000ffffffff 9500000000000000')
  for (let i = 0; i < many; i++) code.set(call, i * 16)
  const symbols: TestSymbol[] = Array.from({ length: many }, (_, i) => ({
    name: `f${i}`,
    section: '.text',
    value: BigInt(i * 16),
    size: 16n,
    type: 2,
    binding: 1,
    visibility: i === 0 ? 0 : 2,
  }))
  const relocations = Array.from({ length: many }, (_, i) => ({
    offset: i * 16,
    type: 10,
    symbol: `f${many - 1 - i}`,
  }))
  const sizes = new Uint8Array(many * 9)
  const frames = Array.from({ length: many }, (_, i) => ({
    offset: i * 9,
    type: 2,
    symbol: `f${i}`,
  }))
  const bytes = buildElf(
    [
      { name: '.text', flags: alloc | exec, bytes: code, relocations },
      { name: '.stack_sizes', bytes: sizes, relocations: frames },
    ],
    symbols,
  )
  const { report } = linkBpf([{ name: 'a.o', bytes }])
  assert.equal(report.functions.length, many)
  assert.equal(report.declaredFrames, many)
})

test('many sections and jump tables', { timeout: 60_000 }, () => {
  const count = 20_000
  const lddw = slots('1801000000000000 0000000000000000 9500000000000000')
  const symbols: TestSymbol[] = []
  const sections = Array.from({ length: count }, (_, i) => {
    if (i % 2 === 1) return { name: '.jumptables', bytes: slots('1000000000000000') }
    symbols.push({ name: `f${i}`, section: `t${i}`, type: 2, visibility: i === 0 ? 0 : 2 })
    return { name: `t${i}`, flags: alloc | exec, bytes: lddw }
  })
  const bytes = buildElf(sections, symbols)
  const { report } = linkBpf([{ name: 'a.o', bytes }], { keepAll: true })
  assert.equal(report.functions.length, count / 2)
})

test('memory is not allocated for what a header only claims', () => {
  const object = (size: number): Uint8Array =>
    buildElf(
      [
        { name: '.text', flags: alloc | exec, bytes: slots('9500000000000000') },
        { name: '.bss', type: 8, flags: alloc | write, size },
      ],
      [{ name: 'f', section: '.text', type: 2 }],
    )
  for (const size of [2 ** 24, 2 ** 32, 2 ** 53 - 1]) {
    assert.throws(
      () => linkBpf([{ name: 'a.o', bytes: object(size) }], { keepAll: true }),
      (error) => error instanceof InputError && error.code === 'memoryTooLarge',
    )
  }
})
