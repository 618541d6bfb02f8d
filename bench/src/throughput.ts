import { type Engine, interpEngine, referenceEngine } from 'alcatraz-vm'
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

/** Runs to the end; making the machine is not timed. */
function wholeRun(engine: Engine, workload: Workload): Run {
  const machine = readied(engine, workload, plenty)
  const start = performance.now()
  const exit = machine.run()
  const ms = performance.now() - start
  if (exit.kind !== 'halt') throw new Error(`${workload.name} ended with ${exit.kind}`)
  const result = resultOf(machine, workload)
  const instructions = Number(machine.stats.instructions)
  machine.dispose()
  check(workload, 'the result', result, workload.size.expected)
  return { ms, instructions, result }
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

interface Tally {
  readonly workload: Workload
  instructions: number
  interp: number
  reference: number
  peer: number
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

function rowOf({ instructions, interp, peer, reference, workload }: Tally): ThroughputRow {
  const { isa, name } = workload
  const row = { workload: name, isa, instructions, interp, reference }
  return peer === 0 ? row : { ...row, peer, ratio: interp / peer }
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
  const tallies: Tally[] = [...bpfWorkloads(mode.size), ...pvm].map((workload) => ({
    workload,
    instructions: 0,
    interp: 0,
    reference: 0,
    peer: 0,
  }))
  for (let round = -mode.warmups; round < mode.rounds; round++) {
    say(round < 0 ? 'warming up' : `round ${round + 1} of ${mode.rounds}`)
    for (const tally of tallies) {
      const { workload } = tally
      const ours = wholeRun(interpEngine, workload)
      tally.instructions = ours.instructions
      if (round < 0) continue
      tally.interp = Math.max(tally.interp, million(ours))
      if (round >= mode.peerRounds) continue
      const reference = referenceRun(workload, mode.referenceGas)
      tally.reference = Math.max(tally.reference, million(reference))
      const other = pvm.find((candidate) => candidate === workload)
      if (other !== undefined) tally.peer = Math.max(tally.peer, peerRun(peer, other, ours))
    }
  }
  return { rows: tallies.map(rowOf), peer: { name: peerName, builds } }
}
