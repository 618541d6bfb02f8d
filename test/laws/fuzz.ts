/**
 * Compares the engines on random programs:
 *   npm run fuzz:engines -- --programs 1000000 --seed 1 [--processes 2] [--state FILE] [--write]
 * With a state file, a run that was stopped goes on where it was. `--write` writes docs/fuzzing.md.
 * `--only SEED` runs one program and shrinks it when engines disagree.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { fuzz } from './fuzz-pool.ts'
import { fuzzPage, scarce } from './fuzz-report.ts'
import { fuzzTrial } from './fuzz-trials.ts'
import { explain } from './shrink.ts'
import type { Tally } from './trio.ts'

const { values } = parseArgs({
  options: {
    programs: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    processes: { type: 'string', default: '2' },
    state: { type: 'string' },
    write: { type: 'boolean', default: false },
    failures: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
})

const { programs, seed, only, state } = values
if (only === undefined) process.exitCode = await all()
else {
  const told = explain(fuzzTrial(Number(only)), Number(only))
  console.log(told ?? `the engines agree on program ${only}`)
  process.exitCode = told === undefined ? 0 : 1
}

async function all(): Promise<number> {
  const started = performance.now()
  let first: number | undefined
  let shown = 0
  const progress = (tally: Tally): void => {
    first ??= tally.long
    const now = performance.now()
    const live = process.stderr.isTTY
    if (now - shown < (live ? 500 : 30_000)) return
    shown = now
    const line = `${tally.long} of ${programs} programs, ${speed(tally.long - first, now - started)}`
    process.stderr.write(live ? `\r${line}  ` : `${line}\n`)
  }
  const { tally, failures } = await fuzz({
    programs: Number(programs),
    seed: Number(seed),
    processes: Number(values.processes),
    failures: Number(values.failures),
    ...(state === undefined ? {} : { state }),
    progress,
  })
  if (process.stderr.isTTY) process.stderr.write('\n')
  for (const { seed: at, message } of failures)
    console.log(explain(fuzzTrial(at), at) ?? `program ${at}: ${message} (does not repeat alone)`)
  console.log(
    `${tally.programs} programs, ${tally.long} of them long, ${tally.runs} runs, ` +
      `${(tally.instructions / tally.programs).toFixed(0)} instructions each, ` +
      `${failures.length} disagreements; ${speed(tally.long - (first ?? 0), performance.now() - started)}`,
  )
  const missing = scarce(tally)
  console.log(
    missing.length === 0
      ? 'every possible op and end was reached often enough'
      : `${missing.length} combinations of op and end are scarce: ${missing.slice(0, 8).join('; ')}`,
  )
  if (values.write && failures.length === 0) {
    const command = `npm run fuzz:engines -- --programs ${programs} --seed ${seed} --write`
    const page = fuzzPage(tally, { command, node: process.version })
    writeFileSync(join('docs', 'fuzzing.md'), page)
  }
  return failures.length === 0 ? 0 : 1
}

function speed(count: number, ms: number): string {
  return `${((count / ms) * 1000).toFixed(0)} a second`
}
