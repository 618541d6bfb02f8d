import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, platform, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { calls } from './calls.ts'
import { costs } from './costs.ts'
import { emission } from './emission.ts'

import { experiment } from './experiment/experiment.ts'
import { hostile } from './hostile.ts'
import { latency } from './latency.ts'
import { linearity } from './linearity.ts'
import { memory } from './memory.ts'
import { type Mode, modes } from './modes.ts'
import { sayNothing, sayOf } from './progress.ts'
import { plotsOf } from './report/plots.ts'
import { markdownReport, paintFor, terminalReport } from './report/text.ts'
import type { HostFacts, Results } from './results.ts'
import { solana } from './solana.ts'
import { state } from './state.ts'
import { targetsOf } from './targets.ts'
import { throughput } from './throughput.ts'

const usage = `Usage: npm run bench -- [options]

Measures the engines of alcatraz-vm and writes bench/results/MODE.{json,md} and plots.

  --quick        fewer rounds and smaller inputs, about a minute
  --smoke        tiny inputs: shows that everything runs, the numbers mean nothing
  --only PARTS   of throughput,costs,calls,latency,emission,linearity,hostile,memory,state,solana,experiment
  --json         print the results as JSON instead of tables
  --out FOLDER   where results go (default: bench/results)
  --help

Examples:
  npm run bench -- --quick
  npm run bench -- --only throughput --json
`

const parts = {
  throughput,
  costs,
  calls,
  latency,
  emission,
  linearity,
  hostile,
  memory,
  state,
  solana,
  experiment,
} as const
type Part = keyof typeof parts
const partNames = Object.keys(parts) as Part[]

function hostFacts(): HostFacts {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown CPU',
    cores: availableParallelism(),
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    system: `${platform()} ${release()}`,
    node: process.versions.node,
    v8: process.versions.v8,
  }
}

function modeOf(values: { readonly quick?: boolean; readonly smoke?: boolean }): Mode {
  return modes[values.smoke === true ? 'smoke' : values.quick === true ? 'quick' : 'full']
}

function partsOf(list: string | undefined): readonly Part[] {
  if (list === undefined) return partNames
  return list.split(',').map((word) => {
    const part = partNames.find((name) => name === word)
    if (part === undefined) throw new Error(`--only ${word}: there are ${partNames.join(', ')}`)
    return part
  })
}

function write(folder: string, results: Results): string[] {
  mkdirSync(folder, { recursive: true })
  const files: string[] = []
  const put = (name: string, content: string): void => {
    writeFileSync(join(folder, name), content)
    files.push(name)
  }
  for (const [name, svg] of plotsOf(results)) put(`${results.mode}-${name}.svg`, svg)
  put(`${results.mode}.md`, markdownReport(results, [...files]))
  put(`${results.mode}.json`, `${JSON.stringify(results, undefined, 2)}\n`)
  return files
}

async function measure(mode: Mode, wanted: readonly Part[], command: string): Promise<Results> {
  const say = sayOf(process.stderr)
  const found: Partial<Record<Part, unknown>> = {}
  for (const part of wanted) found[part] = await parts[part](mode, say(part))
  sayNothing(process.stderr)
  const measured = found as Omit<Results, 'mode' | 'command' | 'host' | 'targets'>
  return { mode: mode.name, command, host: hostFacts(), targets: targetsOf(measured), ...measured }
}

async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean' },
      smoke: { type: 'boolean' },
      only: { type: 'string' },
      json: { type: 'boolean' },
      out: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  if (values.help === true) {
    process.stdout.write(usage)
    return
  }
  const wanted = partsOf(values.only)
  const command = ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' ')
  const results = await measure(modeOf(values), wanted, command)
  const folder = values.out ?? fileURLToPath(new URL('../results/', import.meta.url))
  const files = write(folder, results)
  if (results.experiment?.rows.some(({ error }) => error !== undefined)) process.exitCode = 1
  if (values.json === true) {
    process.stdout.write(`${JSON.stringify(results, undefined, 2)}\n`)
    return
  }
  const paint = paintFor(process.stdout, process.env)
  process.stdout.write(terminalReport(results, paint))
  process.stdout.write(`\n${paint('dim', `written to ${folder}: ${files.join(', ')}`)}\n`)
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`)
  process.stderr.write('  try: npm run bench -- --help\n')
  process.exitCode = 1
})
