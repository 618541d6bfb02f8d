import { spawnSync } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { liftProgram, recompEngine } from 'alcatraz-vm'
import { startBpf } from 'alcatraz-vm/bpf'
import { type Input, inputs } from './inputs.ts'
import type { Mode } from './modes.ts'
import type { Emission } from './results.ts'
import { spreadOf } from './stats.ts'

const child = fileURLToPath(new URL('./start-child.js', import.meta.url))
/** Enough to enter generated code, and done soon. */
const gas = 2000n

interface Compilation {
  begin: number
  end: number
  bytes: number
}

/** Runs `use` with the times of the one module that it makes. */
function watched<T>(use: (seen: Compilation) => T): T {
  const { Module } = WebAssembly
  const seen: Compilation = { begin: 0, end: 0, bytes: 0 }
  WebAssembly.Module = new Proxy(Module, {
    construct(target, args: [Uint8Array]) {
      seen.begin = performance.now()
      const module = new target(...args)
      seen.end = performance.now()
      seen.bytes = args[0].length
      return module
    },
  })
  try {
    return use(seen)
  } finally {
    WebAssembly.Module = Module
  }
}

interface Sample {
  readonly wasmBytes: number
  readonly emit: number
  readonly compile: number
  readonly first: number
}

/** From bytes to the end of a short run, some of it in generated code. */
function sample(input: Input, bytes: Uint8Array): Sample {
  return watched((seen) => {
    const begin = performance.now()
    const program = input.decode(bytes)
    liftProgram(program)
    const lifted = performance.now()
    const machine = recompEngine.instantiate(program, { gas })
    // all these programs begin with a host call, which would leave at once
    if (program.isa === 'bpf')
      startBpf(machine, program.functions[1]!.pc, { address: machine.memory.size, bytes })
    else machine.run()
    machine.run()
    const first = performance.now() - begin
    if ((machine.stats.tiers['recomp'] ?? 0n) === 0n)
      throw new Error(`${input.isa}: nothing ran in generated code`)
    machine.dispose()
    const { begin: emitted, end, bytes: wasmBytes } = seen
    return { wasmBytes, emit: emitted - lifted, compile: end - emitted, first }
  })
}

/** The package as it is published: a fresh process imports it from there. */
function stagedChild(): string {
  const folder = fileURLToPath(new URL('../../build/packages/', import.meta.url))
  const script = fileURLToPath(new URL('../../scripts/stage.mjs', import.meta.url))
  const run = spawnSync(process.execPath, [script], { encoding: 'utf8' })
  if (run.status !== 0) throw new Error(`the package: ${run.stderr}`)
  const path = `${folder}start-child.js`
  copyFileSync(child, path)
  return path
}

function started(path: string): { readonly import: number; readonly result: number } {
  const run = spawnSync(process.execPath, [path], { encoding: 'utf8' })
  if (run.status !== 0) throw new Error(`a fresh process: ${run.stderr}`)
  return JSON.parse(run.stdout) as { import: number; result: number }
}

/** How fast unseen programs become WebAssembly, and how fast a fresh process has a first result. */
export function emission(mode: Mode, say: (text: string) => void): Emission {
  const { latencyBytes, latencySamples, latencyWarmups } = mode
  // gas does not change what is generated for a shape, only its constants
  const used = inputs.filter((input) => input.gas !== 'pvm-pipeline-l2')
  const taken: Sample[][] = used.map(() => [])
  say(`${latencySamples} unseen programs for each input`)
  for (let seed = -latencyWarmups; seed < latencySamples; seed++)
    used.forEach((input, i) => {
      // other programs than those of the latency part
      const bytes = input.bytes('realistic', latencyBytes, 1_000_000 + seed)
      const one = sample(input, bytes)
      if (seed >= 0) taken[i]!.push(one)
    })
  const rows = used.map((input, i) => {
    const samples = taken[i]!
    const emit = spreadOf(samples.map((one) => one.emit))
    const bytes = input.bytes('realistic', latencyBytes, 1_000_000).length
    return {
      isa: input.isa,
      gas: input.gas,
      bytes,
      wasmBytes: samples[0]!.wasmBytes,
      samples: samples.length,
      emit,
      compile: spreadOf(samples.map((one) => one.compile)),
      first: spreadOf(samples.map((one) => one.first)),
      speed: bytes / emit.min / 1000,
    }
  })
  say(`${mode.starts} fresh processes`)
  const published = stagedChild()
  const starts = Array.from({ length: mode.starts }, () => started(published))
  const start = {
    samples: starts.length,
    import: spreadOf(starts.map((one) => one.import)),
    result: spreadOf(starts.map((one) => one.result)),
  }
  return { rows, start }
}
