import type { PvmProgram } from 'alcatraz-vm'
import { first8 } from './expected.ts'
import { type PvmWorkload, pvmRegistersOf } from './guests.ts'
import type { PeerBuild } from './results.ts'

/** The peer, and what its package exports (the parts used here). */
export const peerName = '@fluffylabs/anan-as'

interface Output {
  readonly status: number
  readonly gas: bigint
  readonly registers: readonly bigint[]
}

export interface AnanAs {
  readonly __collect?: () => void
  prepareProgram(
    kind: number,
    hasMetadata: number,
    program: readonly number[],
    registers: readonly bigint[],
    pages: readonly { address: number; length: number; access: number }[],
    chunks: readonly { address: number; data: readonly number[] }[],
    args: readonly number[],
    preallocatedPages: number,
  ): unknown
  runProgram(
    program: unknown,
    gas: bigint,
    pc: number,
    logs: boolean,
    sbrkGas: boolean,
    dump: boolean,
  ): Output
  pvmStart(program: unknown, sbrkGas: boolean): number
  pvmResume(id: number, gas: bigint, pc: number, logs: boolean): Output | null
  pvmReadMemory(id: number, address: number, length: number): Uint8Array | null
  pvmDestroy(id: number): unknown
}

const generic = 0
const withoutMetadata = 1
const readable = 1
const writable = 2
const halted = 0
const plenty = 1n << 60n

/** Every build of the package without debug information; `release` first, the default export. */
export const loaders: Readonly<Record<string, () => Promise<unknown>>> = {
  release: () => import('@fluffylabs/anan-as/release'),
  'release-mini': () => import('@fluffylabs/anan-as/release-mini'),
  'release-stub': () => import('@fluffylabs/anan-as/release-stub'),
}

export interface PeerRun {
  readonly ms: number
  readonly instructions: number
  readonly result: bigint
}

/** One way to run a program in the peer: a build and one of its functions. */
export interface Peer {
  readonly build: string
  readonly api: string
  run(workload: PvmWorkload): PeerRun
}

/** A program in the peer's own form, its pages mapped. */
export function prepared(
  anan: AnanAs,
  blob: Uint8Array,
  { memory }: PvmProgram,
  registers: readonly bigint[],
): unknown {
  if (memory.profile !== 'paged32') throw new Error('a PVM program has pages')
  const pages = memory.regions.map(({ address, length, writable: w }) => ({
    address,
    length,
    access: w ? writable : readable,
  }))
  const chunks = memory.segments.map(({ address, bytes }) => ({ address, data: [...bytes] }))
  const count = pages.reduce((sum, { length }) => sum + length / 4096, 16)
  return anan.prepareProgram(
    generic,
    withoutMetadata,
    [...blob],
    registers,
    pages,
    chunks,
    [],
    count,
  )
}

function preparedFor(anan: AnanAs, { blob, program, size }: PvmWorkload): unknown {
  return prepared(anan, blob, program, pvmRegistersOf(size.args))
}

function finished(ms: number, output: Output | null, result: bigint | undefined): PeerRun {
  if (output === null || output.status !== halted)
    throw new Error(`${peerName}: the run ended with status ${output?.status}`)
  if (result === undefined) throw new Error(`${peerName}: the result cannot be read`)
  return { ms, instructions: Number(plenty - output.gas), result }
}

/** `pvmResume`: memory can be read afterwards. */
function byResume(anan: AnanAs, workload: PvmWorkload): PeerRun {
  const id = anan.pvmStart(preparedFor(anan, workload), false)
  const pc = workload.program.exports.get('main')!
  const start = performance.now()
  const output = anan.pvmResume(id, plenty, pc, false)
  const ms = performance.now() - start
  const a0 = output?.registers[7] ?? 0n
  let result: bigint | undefined = workload.name === 'quicksort' ? output?.registers[8] : a0
  if (workload.name === 'sha256') {
    const bytes = anan.pvmReadMemory(id, Number(a0), 8)
    result = bytes === null ? undefined : first8(bytes)
  }
  anan.pvmDestroy(id)
  anan.__collect?.()
  return finished(ms, output, result)
}

/** `runProgram`: in one call; of memory only what its output carries. */
function byRun(anan: AnanAs, workload: PvmWorkload): PeerRun {
  const program = preparedFor(anan, workload)
  const pc = workload.program.exports.get('main')!
  const start = performance.now()
  const output = anan.runProgram(program, plenty, pc, false, false, false)
  const ms = performance.now() - start
  anan.__collect?.()
  return finished(ms, output, output.registers[workload.name === 'quicksort' ? 8 : 7])
}

/** All builds, each with both ways to run. */
export async function peers(): Promise<Peer[]> {
  const out: Peer[] = []
  for (const [build, load] of Object.entries(loaders)) {
    const anan = (await load()) as AnanAs
    out.push({ build, api: 'pvmResume', run: (workload) => byResume(anan, workload) })
    out.push({ build, api: 'runProgram', run: (workload) => byRun(anan, workload) })
  }
  return out
}

/** Times each way on the same small workload, interleaved; the fastest comes out. */
export function fastest(
  all: readonly Peer[],
  workload: PvmWorkload,
  rounds: number,
): { readonly peer: Peer; readonly builds: readonly PeerBuild[] } {
  const best = all.map(() => 0)
  for (let round = 0; round < rounds; round++)
    all.forEach((peer, i) => {
      const { instructions, ms } = peer.run(workload)
      best[i] = Math.max(best[i]!, instructions / ms / 1000)
    })
  const top = best.indexOf(Math.max(...best))
  const builds = all.map(({ api, build }, i) => ({
    build,
    api,
    speed: best[i]!,
    chosen: i === top,
  }))
  return { peer: all[top]!, builds }
}
