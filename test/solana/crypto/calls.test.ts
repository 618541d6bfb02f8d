import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toHex } from 'alcatraz-vm'
import { defaultBudget } from '#vm/host/solana/costs'
import { Features, knownFeatures } from '#vm/host/solana/feature-set'
import { programEnvironment } from '#vm/host/solana/syscalls/table'
import type { LoadedProgram } from '#vm/svm/run'
import { loadProgram } from '#vm/svm/runner'
import { Rng } from '../../laws/rng.ts'
import { address } from '../context.ts'
import { Asm, Op } from '../differential/asm.ts'
import { nativeLitesvm } from '../differential/litesvm.ts'
import { join } from '../differential/pack.ts'
import { compile, messageBytes, transactionBytes } from '../differential/wire.ts'
import { setUpPrograms } from '../program.ts'
import { type Call, givenStart, givenTo, randomCall, returnedBytes } from './calls.ts'

const count = Number(process.env['ALCATRAZ_SOLANA_CALLS'] ?? 250)
const seed = Number(process.env['ALCATRAZ_SOLANA_SEED'] ?? 1)
/** Features that no cluster has yet, and calls that came with them. */
const more = ['blake3_syscall_enabled', 'enable_sha512_syscall', 'enable_big_mod_exp_syscall']
const heapPage = 3
const offset = Number(givenStart & 0xffffn)
const lsh64 = 0x67
const programNumber = 100
const unitLimit = 200_000n

/** Copies what it was given to the heap, calls, and returns r0 with the results. */
function programFor(name: string): Asm {
  const asm = new Asm()
  const heap = (register: number): Asm =>
    asm.op(Op.mov, register, 0, 0, heapPage).op(lsh64, register, 0, 0, 32)
  asm.op(Op.ldxdw, 3, 2, -8)
  heap(1).op(Op.add, 1, 0, 0, offset).syscall('sol_memcpy_')
  heap(6)
  for (let register = 1; register <= 5; register++)
    asm.op(Op.ldxdw, register, 6, offset + 8 * (register - 1))
  asm.syscall(name)
  heap(6)
    .op(Op.stxdw, 6, 0, 0)
    .op(Op.movReg, 1, 6)
    .op(Op.mov, 2, 0, 0, returnedBytes)
    .syscall('sol_set_return_data')
  return asm.op(Op.mov, 0).op(Op.exit)
}

interface Seen {
  readonly logs: readonly string[]
  /** Hex. */
  readonly returned: string
}

const withoutZeros = (bytes: Uint8Array): string => toHex(bytes).replace(/(00)+$/, '')

/** Asks litesvm with the features of mainnet and some more; undefined where it is not installed. */
function litesvmCaller(): ((call: Call) => Seen) | undefined {
  const native = nativeLitesvm()
  if (native === undefined) return undefined
  const features = new (
    native.FeatureSet as unknown as new () => {
      activate(id: Uint8Array, slot: bigint): void
    }
  )()
  const wanted = Features.mainnet()
  for (const { name, id } of knownFeatures())
    if (wanted.has(name) || more.includes(name)) features.activate(id.bytes, 0n)
  const svm = new native.LiteSvm()
  svm.setFeatureSet(features)
  svm.setBuiltins()
  svm.setSysvars()
  svm.setSigverify(false)
  svm.setBlockhashCheck(false)
  svm.setTransactionHistory(0n)
  const payer = address(1)
  svm.airdrop(payer.bytes, 10n ** 12n)
  let loaded = ''
  return (call) => {
    const program = address(programNumber)
    if (loaded !== call.name) svm.addProgram(program.bytes, programFor(call.name).elf(0))
    loaded = call.name
    const message = compile({
      payer: payer.toString(),
      instructions: [{ program: program.toString(), metas: [], data: givenTo(call) }],
      blockhash: svm.latestBlockhash(),
    })
    const sent = svm.sendVersionedTransaction(
      transactionBytes([new Uint8Array(64)], messageBytes(message)),
    )
    const meta = 'meta' in sent ? sent.meta() : sent
    return { logs: meta.logs(), returned: withoutZeros(meta.returnData().data()) }
  }
}

const names = Features.mainnet()
const featureNames = [
  ...knownFeatures()
    .map(({ name }) => name)
    .filter((n) => names.has(n)),
  ...more,
]

const programs = new Map<string, LoadedProgram>()

/** The same file as for litesvm. */
function loadedFor(name: string): LoadedProgram {
  let program = programs.get(name)
  if (program === undefined) {
    const features = { has: (n: string) => featureNames.includes(n), activatedAt: () => undefined }
    program = loadProgram(programFor(name).elf(0), programEnvironment(features, false))
    programs.set(name, program)
  }
  return program
}

function ourAnswer(call: Call): Seen {
  const { invoker, log } = setUpPrograms({
    accounts: [],
    metas: [],
    loaded: [{ at: programNumber, program: loadedFor(call.name) }],
    data: givenTo(call),
    features: featureNames,
    environment: { budget: { ...defaultBudget, computeUnitLimit: unitLimit } },
  })
  try {
    invoker.processTopLevel()
  } catch {
    // the log tells
  }
  return { logs: log.lines, returned: withoutZeros(invoker.returnData.data) }
}

const theirs = litesvmCaller()

test(`${count} calls of cryptography from seed ${seed}: logs, units and results as litesvm has them`, {
  skip: theirs === undefined && 'litesvm is not installed for this machine',
}, () => {
  const rng = new Rng(seed)
  const calls = Array.from({ length: count }, () => randomCall(rng))
  // by name, so that a program is loaded once
  calls.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  for (const call of calls) {
    const what = `${call.name} ${call.args.map((arg) => arg.toString(16)).join(' ')} ${toHex(join(call.data))}`
    assert.deepEqual(ourAnswer(call), theirs?.(call), what)
  }
})
