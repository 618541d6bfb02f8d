import { liftProgram } from 'alcatraz-vm'
import { type Input, inputs } from './inputs.ts'
import type { Mode } from './modes.ts'
import type { Line } from './results.ts'
import { fitOf } from './stats.ts'

/** Smallest time to decode, lift and verify; more rounds where a round is short. */
function cost(input: Input, bytes: Uint8Array, mode: Mode): number {
  const wanted = Math.ceil(mode.linearityWork / bytes.length)
  const rounds = Math.max(mode.linearityRounds, Math.min(200, wanted))
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    liftProgram(input.decode(bytes))
    best = Math.min(best, performance.now() - start)
  }
  return best
}

/** What deployment costs by size and shape of the program; `ms = a + b * bytes` fitted to it. */
export function linearity(mode: Mode, say: (text: string) => void): Line[] {
  const lines: Line[] = []
  for (const input of inputs)
    for (const shape of input.shapes) {
      const name = `${input.isa}, ${input.gas}`
      say(`${name}: ${shape}`)
      const points = mode.linearitySizes.map((size, i) => {
        const bytes = input.bytes(shape, size, i)
        return { bytes: bytes.length, ms: cost(input, bytes, mode) }
      })
      lines.push({ input: name, shape, points, fit: fitOf(points) })
    }
  return lines
}
