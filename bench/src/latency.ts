import { interpEngine, liftProgram, verifyIr } from 'alcatraz-vm'
import { type Input, inputs } from './inputs.ts'
import type { Mode } from './modes.ts'
import type { Latency } from './results.ts'
import { spreadOf } from './stats.ts'

/** Times of one sample; `deploy` is lift and verify, and `verify` its second part once more. */
const steps = ['decode', 'deploy', 'verify', 'instantiate', 'first run'] as const

interface Sample {
  readonly bytes: number
  readonly instructions: number
  readonly total: number
  readonly steps: readonly number[]
}

/** From bytes to the exit of the first instruction, a host call. */
function sample(input: Input, bytes: Uint8Array): Sample {
  const begin = performance.now()
  const program = input.decode(bytes)
  const decoded = performance.now()
  const ir = liftProgram(program)
  const lifted = performance.now()
  const machine = interpEngine.instantiate(program, { gas: 1_000_000n })
  const made = performance.now()
  const exit = machine.run()
  const end = performance.now()
  if (exit.kind !== 'host') throw new Error(`the first instruction ended with ${exit.kind}`)
  machine.dispose()
  // again, by itself: `liftProgram` verifies what it lifted
  const before = performance.now()
  verifyIr(ir)
  const verify = performance.now() - before
  let instructions = 0
  for (let row = 0; row < ir.count; row++) instructions += ir.marks[row]! & 1
  return {
    bytes: bytes.length,
    instructions,
    total: end - begin,
    steps: [decoded - begin, lifted - decoded, verify, made - lifted, end - made],
  }
}

/** Lifting is what deploying takes beyond verifying. */
function stagesOf(samples: readonly Sample[]): Latency['stages'] {
  const spread = new Map(
    steps.map((name, k) => [name, spreadOf(samples.map((one) => one.steps[k]!))]),
  )
  const verify = spread.get('verify')!
  return [...spread].map(([name, { median, min }]) =>
    name === 'deploy'
      ? { name: 'lift', min: min - verify.min, median: median - verify.median }
      : { name, min, median },
  )
}

/** How long an unseen program takes to its first instruction in a warm process. */
export function latency(mode: Mode, say: (text: string) => void): Latency[] {
  const { latencyBytes, latencySamples, latencyWarmups } = mode
  const taken: Sample[][] = inputs.map(() => [])
  say(`${latencySamples} unseen programs for each input`)
  for (let seed = -latencyWarmups; seed < latencySamples; seed++)
    inputs.forEach((input, i) => {
      const one = sample(input, input.bytes('realistic', latencyBytes, seed + latencyWarmups))
      if (seed >= 0) taken[i]!.push(one)
    })
  return inputs.map(({ gas, isa }, i) => {
    const samples = taken[i]!
    return {
      isa,
      gas,
      bytes: samples[0]!.bytes,
      instructions: samples[0]!.instructions,
      samples: samples.length,
      total: spreadOf(samples.map(({ total }) => total)),
      stages: stagesOf(samples),
    }
  })
}
