import { type Engine, interpEngine, recompEngine, referenceEngine } from 'alcatraz-vm'
import {
  bpfWorkloads,
  type PvmWorkload,
  pvmWorkloads,
  readied,
  resultOf,
  type Workload,
} from './guests.ts'
import type { Mode } from './modes.ts'
import { fastest, type Peer, peerName, peers } from './peer.ts'
import type { Throughput, ThroughputRow } from './results.ts'
import { touch } from './touch.ts'

const plenty = 1n << 60n

function check(workload: Workload, what: string, got: bigint, wanted: bigint | undefined): void {
  if (wanted !== undefined && got !== wanted)
    throw new Error(`${workload.isa} ${workload.name}: ${what} is ${got}, not ${wanted}`)
}

interface Run {
  readonly ms: number
  readonly instructions: number
  readonly result: bigint
}

interface WholeRun extends Run {
  readonly gas: bigint
  /** Instructions in generated code. */
  readonly generated: number
}

/** Runs to the end; making the machine and touching its memory is not timed. */
function wholeRun(engine: Engine, workload: Workload): WholeRun {
  const machine = readied(engine, workload, plenty)
  touch(machine)
  const start = performance.now()
  const exit = machine.run()
  const ms = performance.now() - start
  if (exit.kind !== 'halt') throw new Error(`${workload.name} ended with ${exit.kind}`)
  const result = resultOf(machine, workload)
  const { gas, stats } = machine
  machine.dispose()
  check(workload, `the result of ${engine.name}`, result, workload.size.expected)
  const generated = Number(stats.tiers['recomp'] ?? 0n)
  return { ms, instructions: Number(stats.instructions), result, gas, generated }
}

/** The first instructions on both engines: the same exit, gas, pc and registers, or an error. */
function referenceRun(workload: Workload, gas: bigint): Run {
  const ours = readied(interpEngine, workload, gas)
  const other = readied(referenceEngine, workload, gas)
  const kind = ours.run().kind
  const start = performance.now()
  const exit = other.run()
  const ms = performance.now() - start
  if (exit.kind !== kind) throw new Error(`${workload.name}: reference ends with ${exit.kind}`)
  check(workload, 'gas of reference', other.gas, ours.gas)
  check(workload, 'pc of reference', BigInt(other.pc), BigInt(ours.pc))
  for (let i = 0; i < ours.registers.count; i++)
    check(workload, `register ${i} of reference`, other.registers.get(i), ours.registers.get(i))
  const instructions = Number(other.stats.instructions)
  ours.dispose()
  other.dispose()
  return { ms, instructions, result: 0n }
}

const million = ({ instructions, ms }: Run): number => instructions / ms / 1000

/** Of one workload: most million instructions a second, and of `best` least milliseconds. */
interface Tally {
  readonly workload: Workload
  readonly best: { interp: number; recomp: number }
  instructions: number
  generated: number
  reference: number
  peer: number
}

function tallyOf(workload: Workload): Tally {
  const best = { interp: Number.POSITIVE_INFINITY, recomp: Number.POSITIVE_INFINITY }
  return { workload, best, instructions: 0, generated: 0, reference: 0, peer: 0 }
}

/** `interp` and `recomp` in turn; the same result, gas and instructions. */
function turn({ best, workload }: Tally): WholeRun {
  const interp = wholeRun(interpEngine, workload)
  const recomp = wholeRun(recompEngine, workload)
  check(workload, 'the result of recomp', recomp.result, interp.result)
  check(workload, 'gas of recomp', recomp.gas, interp.gas)
  const executed = BigInt(interp.instructions)
  check(workload, 'instructions of recomp', BigInt(recomp.instructions), executed)
  best.interp = Math.min(best.interp, interp.ms)
  best.recomp = Math.min(best.recomp, recomp.ms)
  return { ...interp, generated: recomp.generated }
}

/** A guest that is there as eBPF and as PVM answers the same to the same arguments. */
class Answers {
  private readonly known = new Map<string, bigint>()

  check({ size, ...workload }: Workload, result: bigint): void {
    const key = `${workload.name} ${size.args.join(' ')}`
    check({ size, ...workload }, 'the result', result, this.known.get(key))
    this.known.set(key, result)
  }
}

function peerRun(peer: Peer, workload: PvmWorkload, ours: Run): number {
  const run = peer.run(workload)
  check(
    workload,
    `the number of instructions in ${peerName}`,
    BigInt(run.instructions),
    BigInt(ours.instructions),
  )
  // the output of runProgram has registers only
  if (peer.api === 'pvmResume' || workload.name !== 'sha256')
    check(workload, `the result of ${peerName}`, run.result, ours.result)
  return million(run)
}

function rowOf({ best, generated, instructions, peer, reference, workload }: Tally): ThroughputRow {
  const { isa, name } = workload
  const [interp, recomp] = [best.interp, best.recomp].map((ms) => instructions / ms / 1000)
  return {
    workload: name,
    isa,
    instructions,
    interp: interp!,
    recomp: recomp!,
    speedup: best.interp / best.recomp,
    generated: generated / instructions,
    reference,
    ...(peer > 0 && { peer, ratio: interp! / peer }),
  }
}

/**
 * Speeds of all engines on all workloads, in one process: each round runs every workload on every
 * engine once, and the fastest of an engine's rounds counts. Every result is checked.
 */
export async function throughput(mode: Mode, say: (text: string) => void): Promise<Throughput> {
  say('choosing the fastest build of the peer')
  const small = pvmWorkloads(Math.min(1, mode.size)).find(({ name }) => name === 'sieve')!
  const all = await peers()
  // every build must agree on every workload, whichever is timed later
  for (const workload of pvmWorkloads(0)) {
    const ours = wholeRun(interpEngine, workload)
    for (const peer of all) peerRun(peer, workload, ours)
  }
  const { builds, peer } = fastest(all, small, mode.peerRounds + 1)
  const pvm = pvmWorkloads(mode.size)
  const tallies = [...bpfWorkloads(mode.size), ...pvm].map(tallyOf)
  const answers = new Answers()
  // the first rounds are for V8, which optimises what runs often and long
  for (let round = -mode.warmups; round < mode.rounds; round++) {
    say(round < 0 ? 'warming up' : `round ${round + 1} of ${mode.rounds}`)
    for (const tally of tallies) {
      const { workload } = tally
      const ours = turn(tally)
      answers.check(workload, ours.result)
      tally.instructions = ours.instructions
      tally.generated = ours.generated
      if (round < 0 || round >= mode.peerRounds) continue
      const reference = referenceRun(workload, mode.referenceGas)
      tally.reference = Math.max(tally.reference, million(reference))
      const other = pvm.find((candidate) => candidate === workload)
      if (other !== undefined) tally.peer = Math.max(tally.peer, peerRun(peer, other, ours))
    }
  }
  return { rows: tallies.map(rowOf), peer: { name: peerName, builds } }
}
