/** A slice of what `npm run fuzz:engines` does, and its tools. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Engine, interpEngine, type Program, referenceEngine } from 'alcatraz-vm'
import { irTable } from '#vm/ir/table'
import { bpfRow, bpfRows } from '#vm/isa/bpf/table'
import { endKinds, opCount } from './coverage.ts'
import { chunkSize } from './fuzz-chunk.ts'
import { type FuzzResult, fuzz } from './fuzz-pool.ts'
import { fuzzPage, handedOver, impossible, scarce } from './fuzz-report.ts'
import { piecesOf, programOfPieces } from './pieces.ts'
import { sbpfTrial } from './sbpf-programs.ts'
import { shapeTrial } from './shapes/trial.ts'
import { explain, failureOf, shrink } from './shrink.ts'
import { bpfTrial, pvmTrial } from './trials.ts'

/** Long programs of the slice; ALCATRAZ_LAW_PROGRAMS for more. */
const wanted = Number(process.env['ALCATRAZ_LAW_PROGRAMS'] ?? 1000)
const seed = 7

let slice: FuzzResult

test('reference, interp and recomp agree on hot random programs', async (t) => {
  slice = await fuzz({ programs: wanted, seed, processes: 2 })
  assert.deepEqual(slice.failures, [])
  const { long, programs, instructions, ends } = slice.tally
  assert.ok(long >= wanted)
  t.diagnostic(`${programs} programs of ${(instructions / programs).toFixed(0)} instructions`)
  const reserved = ['divideOverflow', 'overrun', 'misaligned', 'hostCall']
  for (const kind of endKinds.filter((kind) => !reserved.includes(kind)))
    assert.ok(ends.has(kind), `no run ended with ${kind}`)
})

test('generated code executed every op that it does not hand over, where that can be, and nowhere else', () => {
  const { tally } = slice
  for (let op = 0; op < opCount; op++) {
    if (handedOver.has(op)) continue
    const [name] = irTable[op]!
    const runs = endKinds.map((_, i) => tally.counts[op * endKinds.length + i]!)
    const allowed = endKinds.filter((end) => impossible(tally, op, end) === undefined)
    endKinds.forEach((end, i) => {
      if (!allowed.includes(end)) assert.equal(runs[i], 0, `${name} and ${end}`)
    })
    if (allowed.length > 0)
      assert.ok(
        runs.some((n) => n > 0),
        `${name} never ran`,
      )
  }
})

test('a run that was stopped goes on to the same sums', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'alcatraz-fuzz-'))
  const state = join(folder, 'state.json')
  try {
    const part = await fuzz({ programs: 1, seed, processes: 1, state })
    assert.equal(part.tally.programs, chunkSize)
    const programs = part.tally.long + 1
    const rest = await fuzz({ programs, seed, processes: 1, state })
    const whole = await fuzz({ programs, seed, processes: 2 })
    assert.equal(whole.chunks, 2)
    assert.deepEqual(rest.tally, whole.tally)
    writeFileSync(state, readFileSync(state, 'utf8').replace('"seed":7', '"seed":8'))
    await assert.rejects(fuzz({ programs: 1, seed, processes: 1, state }), /seed 8/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('the page of a run names what is scarce and has a row for each op', () => {
  const page = fuzzPage(slice.tally, { command: 'x', node: 'v20' })
  for (const [name] of irTable) assert.match(page, new RegExp(`^\\| \`${name}\` \\|`, 'm'))
  const [first] = scarce(slice.tally)
  assert.ok(first !== undefined && page.includes(first))
})

/** An engine that takes one instruction for another. */
function mistaken(from: number, to: number): Engine {
  return {
    name: 'interp',
    instantiate(program, options) {
      const code = program.code.slice()
      for (let at = 0; at < code.length; at += 8) if (code[at] === from) code[at] = to
      const other: Program = { ...program, code }
      return interpEngine.instantiate(other, options)
    },
  }
}

test('a disagreement is shrunk to the instruction at fault, as text', () => {
  const [sub, add] = [bpfRows[bpfRow.sub64]!.code, bpfRows[bpfRow.add64]!.code]
  const engines = [referenceEngine, mistaken(sub, add)]
  let found = 0
  for (let at = 0; found < 3; at += 2) {
    const trial = shapeTrial(at)
    const text = explain(trial, at, engines)
    if (text === undefined) continue
    found++
    const small = shrink(trial, (one) => failureOf(engines, one) !== undefined)
    assert.ok(piecesOf(small.program).length <= 4, text)
    assert.match(text, /^\s*sub r/m)
    assert.match(text, new RegExp(`^program ${at} `))
  }
})

test('a program of all its pieces is the program', () => {
  for (let at = 0; at < 60; at++)
    for (const trialOf of [bpfTrial, pvmTrial, sbpfTrial, shapeTrial]) {
      const { program } = trialOf(at)
      const again = programOfPieces(program, piecesOf(program))
      assert.deepEqual(again.code, program.code, `${program.isa} ${at}`)
      if (program.isa === 'pvm' && again.isa === 'pvm')
        assert.deepEqual(again.bitmask, program.bitmask)
    }
})
