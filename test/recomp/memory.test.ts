import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type PagedPlan, recompEngine, referenceEngine } from 'alcatraz-vm'
import { PageWindows } from '#vm/arena/layout'
import { PagedMemory } from '#vm/arena/memory'
import { nothingSeen, oneSeed } from '../laws/law.ts'
import { bulkTrial, loopTrial } from '../laws/loop-programs.ts'
import { memoryTrial } from '../laws/memory-programs.ts'
import { pageTrial } from '../laws/page-programs.ts'

test('law: what is checked before a loop is what it accesses', (t) => {
  const seen = nothingSeen()
  for (let seed = 1; seed <= 400; seed++)
    oneSeed([referenceEngine, recompEngine], loopTrial, seed, seen)
  const exits = Object.fromEntries(seen.exits)
  t.diagnostic(JSON.stringify(exits))
  assert.ok(exits['fault']! > 50 && exits['halt']! > 50, 'accesses are refused and granted')
})

test('law: what a fill or a copy does at once is what its iterations do', (t) => {
  const seen = nothingSeen()
  for (let seed = 1; seed <= 400; seed++)
    oneSeed([referenceEngine, recompEngine], bulkTrial, seed, seen)
  const exits = Object.fromEntries(seen.exits)
  t.diagnostic(JSON.stringify(exits))
  for (const kind of ['fault', 'halt', 'outOfGas']) assert.ok(exits[kind]! > 30, kind)
})

test('law: ranges that are checked at once are those that are accessed', (t) => {
  const seen = nothingSeen()
  for (let seed = 1; seed <= 150; seed++)
    oneSeed([referenceEngine, recompEngine], memoryTrial, seed, seen)
  const exits = Object.fromEntries(seen.exits)
  t.diagnostic(JSON.stringify(exits))
  assert.ok(
    exits['fault']! > 20 && exits['halt']! + exits['panic']! > 20,
    'accesses are refused and granted',
  )
})

test('law: pages are what a loop and what is behind it expect, or it finds out', (t) => {
  const seen = nothingSeen()
  for (let seed = 1; seed <= 500; seed++)
    oneSeed([referenceEngine, recompEngine], pageTrial, seed, seen)
  const exits = Object.fromEntries(seen.exits)
  t.diagnostic(JSON.stringify(exits))
  assert.ok(exits['fault']! > 100 && exits['panic']! > 100, 'accesses are refused and granted')
})

const plan: PagedPlan = {
  profile: 'paged32',
  pageSize: 4096,
  regions: [
    { address: 0x20000, length: 0x2000, writable: true },
    { address: 0x40000, length: 0x3000, writable: true },
    { address: 0x10000, length: 0x1000, writable: false },
  ],
  segments: [],
  heap: { start: 0x21f00, max: 0x30000 },
}
const guest = 0x41_1000
const pagesOf = (): PagedMemory =>
  new PagedMemory(new WebAssembly.Memory({ initial: 80 }), plan, guest)
const lengths = ({ words }: PagedMemory): number[] =>
  [0, 1, 2].map((i) => words[(PageWindows.lengths + i * PageWindows.lengthBytes) >> 2]!)

test('generated code expects the heap behind its data, and what a host takes no more', () => {
  const memory = pagesOf()
  assert.deepEqual(lengths(memory), [0x2000, 0x3000, 0x1000])
  memory.grow(0x24001)
  assert.deepEqual(lengths(memory), [0x5000, 0x3000, 0x1000])
  memory.unmap(0x41000, 0x1000)
  assert.deepEqual(lengths(memory), [0x5000, 0x1000, 0x1000])
  memory.map(0x41000, 0x1000, true)
  assert.deepEqual(lengths(memory), [0x5000, 0x2000, 0x1000], 'what is behind it is looked up')
  memory.map(0x10000, 0x1000, true)
  assert.deepEqual(lengths(memory), [0x5000, 0x2000, 0])
})

test('pages of a saved state are where generated code expects them', () => {
  const memory = pagesOf()
  memory.map(0x60000, 0x1000, true)
  memory.grow(0x24001)
  const other = pagesOf()
  other.unmap(0x20000, 0x1000)
  other.load(memory.size, memory.pages())
  assert.deepEqual(other.pages(), memory.pages())
  // the other page was mapped before its heap, and comes behind it now
  assert.deepEqual(lengths(memory), [0x2000, 0x3000, 0x1000])
  assert.deepEqual(lengths(other), [0x5000, 0x3000, 0x1000])
})
