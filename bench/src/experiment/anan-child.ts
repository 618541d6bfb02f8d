/** `node anan-child.js FILE ...` runs a standard program of the Gray Paper 0.7 in anan-as and prints a `Report`. */
import { readFileSync } from 'node:fs'
import { decodeSpi, splitSpi } from 'alcatraz-vm/pvm'
import { type AnanAs, loaders, peerName, prepared } from '../peer.ts'
import { jobOf, onlyOf, type Report, repeated, Stages } from './protocol.ts'

const job = jobOf(process.argv.slice(2))
const bytes = Uint8Array.from(readFileSync(job.file))
const before = process.memoryUsage.rss()
const start = performance.now()
// its fastest build in every comparison so far (`--only throughput`)
const anan = (await loaders['release-stub']!()) as AnanAs
const engine = Math.round((performance.now() - start) * 1e6)
const program = decodeSpi(bytes, { version: 'gp-0.7' })
const { blob } = splitSpi(bytes)
const [a0, halted, plenty] = [7, 0, 1n << 60n] as const

/** A machine is made anew for each call; all its pages are there before it runs. */
function call(n: number, stages: Stages): bigint {
  const registers = Array.from({ length: 13 }, (_, i) => program.start?.[i] ?? 0n)
  registers[a0] = BigInt(n)
  const form = stages.time('parse', () => prepared(anan, blob, program, registers))
  const id = stages.time('instantiate', () => anan.pvmStart(form, false))
  const output = stages.time('first', () => anan.pvmResume(id, plenty, 0, false))
  anan.pvmDestroy(id)
  anan.__collect?.()
  if (output?.status !== halted) throw new Error(`the run ended with status ${output?.status}`)
  return output.registers[a0]!
}

const cycles = repeated(job.cycles, job.budget, () => {
  const stages = new Stages()
  return { small: call(job.small, stages), cycle: stages.cycle }
})
const runs = repeated(job.runs, job.budget, () => {
  const stages = new Stages()
  const result = call(job.n, stages)
  return { result, ns: stages.cycle['first']! }
})
const report: Report = {
  version: peerName,
  engine,
  cycles: cycles.map(({ cycle }) => cycle),
  runs: runs.map(({ ns }) => ns),
  result: onlyOf(runs.map(({ result }) => result)),
  small: onlyOf(cycles.map(({ small }) => small)),
  resident: Math.max(0, process.memoryUsage.rss() - before),
  code: null,
}
process.stdout.write(`${JSON.stringify(report)}\n`)
