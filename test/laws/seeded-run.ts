/**
 * Runs the laws against the engine this file is linked to and prints one line of JSON: how many
 * programs agreed, or the first disagreement. For `seeded-bugs.test.ts`.
 *   node seeded-run.js PROGRAMS ENGINE [avm | slots | bpf | pvm | order | riscv | memory | calls | regions | loops | bulk | paces | pages]
 */
import { createEngine, type Engine, engineNamed, referenceEngine } from 'alcatraz-vm'
import { avmTrial } from './avm-programs.ts'
import { callTrial } from './call-programs.ts'
import { Disagreement, type Trial } from './compare.ts'
import { nothingSeen, oneSeed } from './law.ts'
import { bulkTrial, loopTrial, paceTrial } from './loop-programs.ts'
import { memoryTrial } from './memory-programs.ts'
import { orderTrial } from './order-programs.ts'
import { pageTrial } from './page-programs.ts'
import { regionSeed } from './region-law.ts'
import { riscvTrial } from './riscv-programs.ts'
import { Rng } from './rng.ts'
import { sbpfTrial } from './sbpf-programs.ts'
import { shapeTrial } from './shapes/trial.ts'
import { slotTrial } from './slot-programs.ts'
import { bpfTrial, pvmTrial } from './trials.ts'

export type Verdict =
  | { readonly agreed: number }
  | { readonly disagreement: string }
  | { readonly broken: string }

/** Of both, twice as many of eBPF: they take a third of the time. */
function trialsOf(isa: string | undefined): readonly ((seed: number) => Trial)[] {
  if (isa === 'avm') return [avmTrial]
  if (isa === 'slots') return [slotTrial]
  if (isa === 'memory') return [memoryTrial]
  if (isa === 'shapes') return [shapeTrial]
  if (isa === 'pages') return [pageTrial]
  if (isa === 'calls') return [callTrial]
  if (isa === 'loops') return [loopTrial]
  if (isa === 'bulk') return [bulkTrial]
  if (isa === 'paces') return [paceTrial]
  if (isa === 'bpf') return [bpfTrial]
  if (isa === 'sbpf') return [sbpfTrial]
  if (isa === 'order') return [orderTrial]
  if (isa === 'riscv') return [riscvTrial]
  return isa === 'pvm' ? [pvmTrial] : [bpfTrial, pvmTrial, bpfTrial]
}

function verdict(programs: number, engine: Engine, isa: string | undefined): Verdict {
  const trials = trialsOf(isa)
  const seen = nothingSeen()
  try {
    for (let seed = 1; seen.programs < programs; seed++) {
      if (isa === 'regions') regionSeed(engine, seed, seen)
      else oneSeed([referenceEngine, engine], trials[seed % trials.length]!, seed, seen)
    }
    return { agreed: seen.programs }
  } catch (error) {
    if (error instanceof Disagreement) return { disagreement: error.message }
    const cause = (error as Error).cause ?? error
    return { broken: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause) }
  }
}

/** The tiered engine, which compiles at another moment on each machine. */
let made = 0
const hopping: Engine = {
  name: 'tiered',
  instantiate(program, options) {
    const rng = new Rng(++made)
    const engine = createEngine({ after: rng.below(120), look: BigInt(rng.between(1, 60)) })
    return engine.instantiate(program, options)
  },
}

const [programs, name, isa] = process.argv.slice(2)
const engine = name === 'tiered' ? hopping : engineNamed(name!)
console.log(JSON.stringify(verdict(Number(programs), engine, isa)))
