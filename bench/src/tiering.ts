// Measures what vm/src/engine/break-even.ts is based on, on this machine.
//   node bench/dist/tiering.js [--eager]     --eager: V8 compiles every function when it gets a module
import { setFlagsFromString } from 'node:v8'
import { createEngine, type Engine, interpEngine, liftProgram, recompEngine } from 'alcatraz-vm'
import { bpfWorkloads, pvmWorkloads, readied, type Workload } from './guests.ts'
import { inputs } from './inputs.ts'

const rounds = 8

function least(samples: number, take: (sample: number) => number): number {
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < samples; i++) best = Math.min(best, take(i))
  return best
}

/** Milliseconds to compile a small program, its lifting not counted. */
function coldly(input: (typeof inputs)[number]): number {
  const program = input.decode(input.bytes(input.shapes[0]!, 1_000, 5))
  const machine = createEngine({ after: 0 }).instantiate(program, { gas: 0n })
  const { emit = 0, compile = 0 } = machine.stats.code ?? {}
  machine.dispose()
  return emit + compile
}

/** Milliseconds to compile a program of about `size` octets, all its functions, and its rows. */
function compilation(input: (typeof inputs)[number], size: number): { ms: number; rows: number } {
  let rows = 0
  const ms = least(rounds, (seed) => {
    const program = input.decode(input.bytes(input.shapes[0]!, size, seed + 77))
    rows = liftProgram(program).count
    const machine = createEngine({ after: 0 }).instantiate(program, { gas: 0n })
    const { code } = machine.stats
    machine.dispose()
    if (code?.origin !== 'compiled') throw new Error(`not compiled: ${code?.refusal}`)
    return code.emit + code.compile
  })
  return { ms, rows }
}

/** Nanoseconds for an instruction. */
function speed(engine: Engine, workload: Workload): number {
  return least(rounds, () => {
    const machine = readied(engine, workload, 1n << 60n)
    const begin = performance.now()
    machine.run()
    const ns = ((performance.now() - begin) * 1e6) / Number(machine.stats.instructions)
    machine.dispose()
    return ns
  })
}

if (process.argv.includes('--eager')) setFlagsFromString('--no-wasm-lazy-compilation')
const metered = inputs.filter(({ gas }) => gas !== 'pvm-pipeline-l2')
const first = metered[0]!
console.log(`compile, the first of a process: ${(coldly(first) * 1e6).toFixed(0)} ns`)
// the recompiler itself is optimised after a few
for (const input of metered) compilation(input, 100_000)
for (const input of metered) {
  const [small, large] = [compilation(input, 2_000), compilation(input, 100_000)]
  const row = ((large.ms - small.ms) * 1e6) / (large.rows - small.rows)
  const any = small.ms * 1e6 - row * small.rows
  console.log(
    `compile, ${input.isa}: ${row.toFixed(0)} ns a row, ${any.toFixed(0)} ns for any program`,
  )
}
let gains = 0
const workloads = [...bpfWorkloads(1), ...pvmWorkloads(1)]
for (const workload of workloads) {
  const [slow, fast] = [speed(interpEngine, workload), speed(recompEngine, workload)]
  gains += slow - fast
  const name = `${workload.isa} ${workload.name}`
  console.log(`${name}: interp ${slow.toFixed(2)} ns, recomp ${fast.toFixed(2)} ns an instruction`)
}
console.log(
  `interpreted: ${(gains / workloads.length).toFixed(2)} ns more than generated, on average`,
)
