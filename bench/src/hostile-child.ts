/**
 * `node --expose-gc hostile-child.js grow SHAPE INSTRUCTIONS` prints a `HostilePoint`;
 * `node --no-liftoff --no-wasm-lazy-compilation --trace-wasm-compilation-times hostile-child.js
 * optimise SHAPE INSTRUCTIONS` has V8 optimise every function and print what each one took.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { liftProgram, type Program, recompEngine } from 'alcatraz-vm'
import { hostilePrograms } from './hostile-programs.ts'
import { generate } from './internals.ts'
import type { HostilePoint } from './results.ts'

const [job = '', shape = '', size = ''] = process.argv.slice(2)
const make = hostilePrograms.find(({ name }) => name === shape)?.program
if (make === undefined) throw new Error(`no shape '${shape}'`)
const wanted = Number(size)

/** Fixed work, in gas: enough to make V8 optimise what is hot. */
const runs = 24
const gasOfRun = 2_000_000n

function instructionsOf(program: Program): number {
  const { count, marks } = liftProgram(program)
  let instructions = 0
  for (let row = 0; row < count; row++) instructions += marks[row]! & 1
  return instructions
}

const processor = (): number => {
  const { system, user } = process.cpuUsage()
  return (system + user) / 1000
}

/** Resident octets now, and most since `forgetPeak`, or since the start where that is unknown. */
const resident = (): number => process.memoryUsage.rss()
function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5')
  } catch {
    // then the peak is that of the whole process: an upper bound
  }
}
function peak(): number {
  try {
    const [, kib] = /^VmHWM:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
    if (kib !== undefined) return Number(kib) * 1024
  } catch {
    // not Linux
  }
  return process.resourceUsage().maxRSS * 1024
}

function hot(program: Program): void {
  for (let i = 0; i < runs; i++) {
    const machine = recompEngine.instantiate(program, { gas: gasOfRun })
    if (program.isa === 'bpf') machine.pc = 0
    // host calls go on; nobody answers them
    for (let k = 0; k < 1000 && machine.run().kind === 'host'; k++);
    machine.dispose()
  }
}

/** V8 optimises in threads of its own: until they have been idle for a while. */
async function settled(): Promise<void> {
  for (let quiet = 0, rounds = 0; quiet < 3 && rounds < 600; rounds++) {
    const before = processor()
    await setTimeout(50)
    quiet = processor() - before < 5 ? quiet + 1 : 0
  }
}

/** Smallest of some times; fewer where one takes long. */
function smallest(use: () => void): number {
  let best = Number.POSITIVE_INFINITY
  for (let i = 0, spent = 0; i < 7 && (i < 2 || spent < 1500); i++) {
    const start = performance.now()
    use()
    const ms = performance.now() - start
    best = Math.min(best, ms)
    spent += ms
  }
  return best
}

async function grow(program: Program): Promise<HostilePoint> {
  // the emitter itself is compiled before
  const small = liftProgram(make!(3000))
  for (let i = 0; i < 10; i++) generate(small)
  const ir = liftProgram(program)
  await settled()
  globalThis.gc?.()
  forgetPeak()
  const before = resident()
  const start = processor()
  hot(program)
  await settled()
  const cpu = processor() - start
  const peakMiB = (peak() - before) / 2 ** 20
  let bytes: Uint8Array | undefined
  const emit = smallest(() => {
    bytes = generate(ir)?.bytes
  })
  const module = bytes
  return {
    shape,
    instructions: instructionsOf(program),
    bytes: program.code.length,
    emit,
    cpu,
    peakMiB,
    ...(module && {
      module: { bytes: module.length, validate: smallest(() => WebAssembly.validate(module)) },
    }),
  }
}

/** V8 says what each function took by the clock; of that so much was processor time. */
function optimise(program: Program): void {
  const generated = generate(liftProgram(program))
  if (generated === undefined) return
  const start = processor()
  new WebAssembly.Module(generated.bytes)
  process.stdout.write(`processor ${processor() - start}\n`)
}

const program = make(wanted)
if (job === 'optimise') optimise(program)
else process.stdout.write(`${JSON.stringify(await grow(program))}\n`)
