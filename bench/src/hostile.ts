import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { childResult } from './child.ts'
import { hostilePrograms } from './hostile-programs.ts'
import type { Mode } from './modes.ts'
import type { Hostile, HostilePoint, HostileShape, Optimised } from './results.ts'
import { fitOf } from './stats.ts'

const child = fileURLToPath(new URL('./hostile-child.js', import.meta.url))
/** Every function by the optimising compiler, one at a time, with a line for each. */
const eager = [
  '--wasm-num-compilation-tasks=1',
  '--no-liftoff',
  '--no-wasm-lazy-compilation',
  '--trace-wasm-compilation-times',
]
const line =
  /using TurboFan, took (\d+) ms and (\d+) \/ \d+ max\/total bytes; bodysize (\d+) codesize \d+/g

/** Milliseconds and octets of V8's dearest function; interp's own module is not among them. */
function optimised(shape: string, instructions: number): Optimised {
  const args = [...eager, child, 'optimise', shape, `${instructions}`]
  const run = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 28 })
  if (run.status !== 0) throw new Error(`optimising '${shape}': ${run.stderr}`)
  const functions = [...run.stdout.matchAll(line)].map(([, ms, memory, body]) => ({
    ms: Number(ms),
    memory: Number(memory),
    body: Number(body),
  }))
  // a busy machine makes V8 wait: by the clock the same function takes several times as long
  const clock = functions.reduce((sum, { ms }) => sum + ms, 0)
  const [, used] = /^processor ([\d.]+)$/m.exec(run.stdout) ?? []
  const share = clock > 0 ? Math.min(1, Number(used ?? clock) / clock) : 1
  const worst = functions.reduce((a, b) => (b.ms > a.ms ? b : a), { ms: 0, memory: 0, body: 0 })
  return {
    functions: functions.length,
    worstMs: worst.ms * share,
    worstBody: worst.body,
    memoryMiB: Math.max(0, ...functions.map(({ memory }) => memory)) / 2 ** 20,
    totalMs: clock * share,
  }
}

/** Of `ms ~ instructions ^ power` between the two largest programs; 1 is linear. */
function powerOf(points: readonly HostilePoint[]): number {
  const [a, b] = points.filter(({ module }) => module !== undefined).slice(-2)
  if (a === undefined || b === undefined) return 1
  const ms = ({ emit, module }: HostilePoint): number => emit + module!.validate
  return Math.log(ms(b) / ms(a)) / Math.log(b.instructions / a.instructions)
}

/** What programs that only an attacker sends cost recomp and V8, each in a process of its own. */
export function hostile(mode: Mode, say: (text: string) => void): Hostile {
  const used = hostilePrograms.filter((_, i) => i % mode.hostileEvery === 0)
  const shapes = used.map(({ isa, name }): HostileShape => {
    const points = mode.hostileSizes.map((size) => {
      say(`${name}, ${size} instructions`)
      return childResult<HostilePoint>(
        './hostile-child.js',
        ['grow', name, `${size}`],
        ['--expose-gc'],
      )
    })
    const generated = points.filter(({ module }) => module !== undefined)
    say(`${name}, each function optimised`)
    return {
      isa,
      name,
      points,
      fit: fitOf(generated.map(({ emit, instructions }) => ({ bytes: instructions, ms: emit }))),
      power: powerOf(points),
      optimised: optimised(name, mode.optimisedSize),
    }
  })
  return { optimisedSize: mode.optimisedSize, shapes }
}
