import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { linkSbpf } from 'alcatraz-vm/link'
import { ComputeBudget, LiteSVM } from 'alcatraz-vm/solana'
import { childResult } from './child.ts'
import { guestFolder } from './guests.ts'
import type { Mode } from './modes.ts'
import { peerProgram } from './peer-programs.ts'
import type { SolanaCompute, SolanaRate, SolanaTimes, SolanaUse } from './results.ts'
import {
  addressOf,
  keyFor,
  type Outcome,
  payer,
  type Svm,
  settle,
  systemTransfer,
  tokenTransfer,
  transactionOf,
} from './solana-worlds.ts'
import { stagedScripts } from './staged.ts'
import { spreadOf } from './stats.ts'

/** A program that computes: the same ELF in every runtime, its work chosen by instruction data. */
interface ComputeGuest {
  readonly name: string
  readonly version: 'V0' | 'V3'
  readonly elf: Uint8Array
  readonly data: Uint8Array
}

const computeProgram = keyFor(100)

/** Milliseconds by runtime. */
class Times {
  private readonly lists = new Map<string, number[]>()

  add(vm: string, ms: number): void {
    const list = this.lists.get(vm) ?? []
    list.push(ms)
    this.lists.set(vm, list)
  }

  runs(): SolanaTimes[] {
    return [...this.lists].map(([vm, list]) => ({ vm, ms: spreadOf(list) }))
  }
}

/** The sample that computes, linked for a version. */
function linked(version: 'v0' | 'v3'): Uint8Array {
  const bytes = Uint8Array.from(readFileSync(new URL('solana/objects/compute.o', guestFolder)))
  return linkSbpf([{ name: 'compute.o', bytes }], { version }).elf
}

function computeGuests(size: number): ComputeGuest[] {
  const elves = { V0: linked('v0'), V3: linked('v3') } as const
  const rounds: Readonly<Record<string, readonly [number, number, number]>> = {
    hash: [1, 20, 60],
    sort: [1, 20, 60],
    bigint: [1, 20, 60],
    machine: [1, 20, 60],
    keccak: [1, 20, 60],
  }
  return Object.entries(rounds).flatMap(([name, amounts], kind) =>
    (['V0', 'V3'] as const).map((version) => {
      const data = new Uint8Array(5)
      data[0] = kind
      new DataView(data.buffer).setUint32(1, amounts[size]!, true)
      return { name, version, elf: elves[version], data }
    }),
  )
}

type LiteSvmClass = new (options?: { readonly engine?: string }) => Svm

/** What both packages export. */
interface Peer {
  readonly LiteSVM: LiteSvmClass
  readonly ComputeBudget: new () => { computeUnitLimit: bigint }
}

/** litesvm; undefined where its native part is not installed. */
function peerPackage(): Peer | undefined {
  try {
    return createRequire(import.meta.url)('litesvm') as Peer
  } catch {
    return undefined
  }
}

const ours = LiteSVM as unknown as LiteSvmClass

/** A runtime without checks of signatures, with the accounts of the transfers. */
function open(make: LiteSvmClass, budget?: unknown, engine?: string): Svm {
  const svm = engine === undefined ? new make() : new make({ engine })
  svm.withSigverify(false).withBlockhashCheck(false).withTransactionHistory(0n)
  if (budget !== undefined) svm.withComputeBudget(budget)
  settle(svm)
  return svm
}

/** @throws {Error} when the transaction failed */
function succeeded(outcome: Outcome, what: string): bigint {
  if (outcome.computeUnitsConsumed === undefined)
    throw new Error(`${what} failed: ${outcome.meta?.().logs().join('\n')}`)
  return outcome.computeUnitsConsumed()
}

/** Milliseconds of one transaction that calls the guest, and its compute units. */
function timed(svm: Svm, guest: ComputeGuest, id: number): { ms: number; units: bigint } {
  const instruction = { program: computeProgram, accounts: [], data: guest.data }
  const transaction = transactionOf(payer, [instruction], id)
  const start = performance.now()
  const outcome = svm.sendTransaction(transaction)
  const ms = performance.now() - start
  return { ms, units: succeeded(outcome, `${guest.name} ${guest.version}`) }
}

/** Agave's virtual machine, built on demand by `npm run peers -w bench`: answers one line for each run. */
class AgaveVm {
  private readonly child: ChildProcessWithoutNullStreams
  private readonly lines: AsyncIterator<string>

  constructor(binary: string, elf: string, input: string) {
    this.child = spawn(binary, [elf, input])
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]()
  }

  async run(mode: 'interpreter' | 'jit'): Promise<{ ms: number; instructions: number }> {
    this.child.stdin.write(`${mode}\n`)
    const { value } = await this.lines.next()
    const { instructions, ns, result } = JSON.parse(value as string)
    if (result !== 0) throw new Error(`solana-sbpf ended with ${result}`)
    return { ms: ns / 1e6, instructions }
  }

  end(): void {
    this.child.stdin.end()
  }
}

/** The input region of a call without accounts (ABI v1): their number, the data, the program's address. */
function inputOf(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(16 + data.length + 32)
  new DataView(bytes.buffer).setBigUint64(8, BigInt(data.length), true)
  bytes.set(data, 16)
  bytes.set(computeProgram, 16 + data.length)
  return bytes
}

function withGuest(make: LiteSvmClass, budget: unknown, guest: ComputeGuest, engine?: string): Svm {
  const svm = open(make, budget, engine)
  svm.addProgram(addressOf(computeProgram), guest.elf)
  return svm
}

async function compute(
  mode: Mode,
  peer: Peer | undefined,
  guest: ComputeGuest,
): Promise<SolanaCompute> {
  const folder = mkdtempSync(join(tmpdir(), 'alcatraz-bench-'))
  const input = join(folder, 'input')
  writeFileSync(input, inputOf(guest.data))
  const elf = join(folder, 'compute.so')
  writeFileSync(elf, guest.elf)
  const binary = peerProgram('solana-sbpf')
  const agave = binary === undefined ? undefined : new AgaveVm(binary, elf, input)
  const budget = (made: { computeUnitLimit: bigint }): unknown => {
    made.computeUnitLimit = 1n << 40n
    return made
  }
  const subjects = new Map<string, Svm>([
    ['recomp', withGuest(ours, budget(new ComputeBudget()), guest, 'tiered')],
    ['interp', withGuest(ours, budget(new ComputeBudget()), guest, 'interp')],
  ])
  if (peer !== undefined)
    subjects.set('litesvm', withGuest(peer.LiteSVM, budget(new peer.ComputeBudget()), guest))
  const times = new Times()
  const units = new Set<bigint>()
  let id = 0
  for (let round = 0; round < mode.warmups + mode.rounds; round++) {
    for (const [name, svm] of subjects) {
      const run = timed(svm, guest, id++)
      units.add(run.units)
      if (round >= mode.warmups) times.add(name, run.ms)
    }
    for (const name of ['interpreter', 'jit'] as const) {
      const run = await agave?.run(name)
      if (run !== undefined && round >= mode.warmups) times.add(`agave ${name}`, run.ms)
    }
  }
  agave?.end()
  rmSync(folder, { recursive: true })
  if (units.size !== 1)
    throw new Error(`${guest.name}: compute units differ: ${[...units].join(', ')}`)
  const [instructions] = units
  return {
    name: guest.name,
    version: guest.version,
    units: Number(instructions),
    runs: times.runs(),
  }
}

/** Transactions a second of `batch` prepared ones, each runtime in turn. */
function rates(mode: Mode, peer: Peer | undefined): SolanaRate[] {
  const kinds = { 'system transfer': systemTransfer, 'token transferChecked': tokenTransfer }
  return Object.entries(kinds).map(([name, make]) => {
    const transactions = Array.from({ length: mode.solanaBatch }, (_, id) => make(id))
    const subjects = new Map<string, Svm>([['alcatraz', open(ours)]])
    if (peer !== undefined) subjects.set('litesvm', open(peer.LiteSVM))
    const times = new Times()
    for (let round = 0; round < mode.warmups + mode.rounds; round++)
      for (const [vm, svm] of subjects) {
        const start = performance.now()
        for (const transaction of transactions) svm.sendTransaction(transaction)
        const ms = (performance.now() - start) / transactions.length
        succeeded(svm.sendTransaction(make(round)), name)
        if (round >= mode.warmups) times.add(vm, ms)
      }
    return { name, runs: times.runs() }
  })
}

/** The in-process runtime of Solana against litesvm and Agave's virtual machine. */
export async function solana(mode: Mode, say: (text: string) => void): Promise<SolanaUse> {
  const peer = peerPackage()
  const rows: SolanaCompute[] = []
  for (const guest of computeGuests(mode.size)) {
    say(`${guest.name}, ${guest.version}`)
    rows.push(await compute(mode, peer, guest))
  }
  say('transactions')
  const transactions = rates(mode, peer)
  say('signatures')
  const signatures = childResult<number[]>('./solana-signatures-child.js', [`${mode.solanaBatch}`])
  say('fresh processes')
  const [start] = stagedScripts(['./solana-start-child.js', './solana-worlds.js'])
  const starts = Array.from({ length: mode.starts }, () =>
    childResult<{ readonly import: number; readonly first: number }>(start!, []),
  )
  return {
    compute: rows,
    transactions,
    signatureMicros: spreadOf(signatures),
    importMs: spreadOf(starts.map((found) => found.import)),
    startMs: spreadOf(starts.map(({ first }) => first)),
  }
}
