import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type CodeOrigin,
  type CodeStats,
  createEngine,
  type Engine,
  recompEngine,
} from 'alcatraz-vm'
import { startBpf } from 'alcatraz-vm/bpf'
import { type ArtifactStore, openArtifactStore } from 'alcatraz-vm/node'
import { childResult } from './child.ts'
import { type Input, inputs } from './inputs.ts'
import type { Mode } from './modes.ts'
import type { Emission } from './results.ts'
import { stagedScripts } from './staged.ts'
import { spreadOf } from './stats.ts'

/** Enough to enter generated code, and done soon. */
const gas = 2000n

interface Sample {
  readonly wasmBytes: number
  readonly emit: number
  readonly compile: number
  readonly first: number
  readonly cached: number
  readonly disk: number
}

/** From bytes to the end of a short run on `engine`, some of it in code that comes from `origin`. */
function firstRun(
  input: Input,
  bytes: Uint8Array,
  engine: Engine,
  origin: CodeOrigin,
): { readonly ms: number; readonly code: CodeStats } {
  const begin = performance.now()
  const program = input.decode(bytes)
  const machine = engine.instantiate(program, { gas })
  // all these programs begin with a host call, which would leave at once
  if (program.isa === 'bpf')
    startBpf(machine, program.functions[1]!.pc, { address: machine.memory.size, bytes })
  else machine.run()
  machine.run()
  const ms = performance.now() - begin
  const { code, tiers } = machine.stats
  machine.dispose()
  if (code === undefined || (tiers['recomp'] ?? 0n) === 0n)
    throw new Error(`${input.isa}: nothing ran in generated code`)
  if (code.origin !== origin)
    throw new Error(`${input.isa}: code came from ${code.origin}, not ${origin}`)
  return { ms, code }
}

function sample(input: Input, bytes: Uint8Array, store: ArtifactStore): Sample {
  const fresh = (): Engine => createEngine({ name: 'recomp', after: 0, store })
  const { code, ms: first } = firstRun(input, bytes, recompEngine, 'compiled')
  const { ms: cached } = firstRun(input, bytes, recompEngine, 'memory')
  // written by one engine, read by another one that knows nothing
  firstRun(input, bytes, fresh(), 'compiled')
  const { ms: disk } = firstRun(input, bytes, fresh(), 'disk')
  return { wasmBytes: code.bytes, emit: code.emit, compile: code.compile, first, cached, disk }
}

/** How fast unseen programs become WebAssembly, and how fast a fresh process has a first result. */
export function emission(mode: Mode, say: (text: string) => void): Emission {
  const { latencyBytes, latencySamples, latencyWarmups } = mode
  // gas does not change what is generated for a shape, only its constants
  const used = inputs.filter((input) => input.gas !== 'pvm-pipeline-l2')
  const taken: Sample[][] = used.map(() => [])
  const folder = mkdtempSync(join(tmpdir(), 'alcatraz-artifacts-'))
  const store = openArtifactStore(folder)
  say(`${latencySamples} unseen programs for each input`)
  for (let seed = -latencyWarmups; seed < latencySamples; seed++)
    used.forEach((input, i) => {
      // other programs than those of the latency part
      const bytes = input.bytes('realistic', latencyBytes, 1_000_000 + seed)
      const one = sample(input, bytes, store)
      if (seed >= 0) taken[i]!.push(one)
    })
  rmSync(folder, { recursive: true })
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
      cached: spreadOf(samples.map((one) => one.cached)),
      disk: spreadOf(samples.map((one) => one.disk)),
      speed: bytes / emit.min / 1000,
    }
  })
  say(`${mode.starts} fresh processes`)
  const published = stagedScripts(['./start-child.js'])[0]!
  const starts = Array.from({ length: mode.starts }, () =>
    childResult<{ import: number; result: number }>(published, []),
  )
  const start = {
    samples: starts.length,
    import: spreadOf(starts.map((one) => one.import)),
    result: spreadOf(starts.map((one) => one.result)),
  }
  return { rows, start }
}
