/**
 * The class LiteSVM, held against litesvm: one story for each, told to both, with the same answers. Keys are
 * the same for both, but for the one that airdrops come from.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  type Address,
  appendTransactionMessageInstructions,
  createKeyPairSignerFromPrivateKeyBytes,
  createTransactionMessage,
  getSignatureFromTransaction,
  type Instruction,
  type KeyPairSigner,
  lamports,
  setTransactionMessageFeePayerSigner,
  signTransactionMessageWithSigners,
  type Transaction,
} from '@solana/kit'
import { getCreateAccountInstruction, getTransferSolInstruction } from '@solana-program/system'
import {
  getCreateAssociatedTokenIdempotentInstructionAsync,
  getInitializeMint2Instruction,
  getMintToInstruction,
  TOKEN_PROGRAM_ADDRESS,
} from '@solana-program/token'
import * as alcatraz from 'alcatraz-vm/solana'
import { oracle } from './oracle.ts'

const theirs = await oracle()
const skip = theirs === undefined && 'SKIPPED: litesvm has no binary for this system'
// both have the same names: the type of one stands for both
type Module = typeof alcatraz
type Svm = alcatraz.LiteSVM

const signer = (octet: number): Promise<KeyPairSigner> =>
  createKeyPairSignerFromPrivateKeyBytes(new Uint8Array(32).fill(octet))
const [payer, friend, mint, stranger] = await Promise.all([1, 2, 3, 4].map(signer))
const system = '11111111111111111111111111111111' as Address
const sol = (amount: bigint): ReturnType<typeof lamports> => lamports(amount)

async function signed(
  svm: Svm,
  instructions: readonly Instruction[],
  version: 'legacy' | 0 = 0,
): Promise<Transaction & Parameters<typeof getSignatureFromTransaction>[0]> {
  // kit's types tell the versions apart where nothing here does
  const empty = createTransactionMessage({ version: version as 0 })
  const paid = setTransactionMessageFeePayerSigner(payer!, empty)
  const timed = svm.setTransactionMessageLifetimeUsingLatestBlockhash(paid)
  return signTransactionMessageWithSigners(
    appendTransactionMessageInstructions(instructions, timed),
  )
}

const transfer = (amount: bigint, destination = friend!.address): Instruction =>
  getTransferSolInstruction({ source: payer!, destination, amount })
const budget = (...data: number[]): Instruction => ({
  programAddress: 'ComputeBudget111111111111111111111111111111' as Address,
  data: Uint8Array.from(data),
})

function funded({ LiteSVM }: Module): Svm {
  const svm = new LiteSVM()
  svm.airdrop(payer!.address, sol(10_000_000_000n))
  return svm
}

/** What of a result can be asked for, but for the signature of an airdrop. */
function told(result: unknown): unknown {
  const found = result as alcatraz.TransactionMetadata | alcatraz.FailedTransactionMetadata
  const failed = 'err' in found
  const meta = failed ? found.meta() : found
  const error = failed ? found.err() : undefined
  return {
    text: String(found),
    error: typeof error === 'number' ? error : String(error),
    inner: typeof error === 'object' && 'err' in error ? String(error.err()) : undefined,
    signature: [...meta.signature()],
    logs: meta.logs(),
    pretty: meta.prettyLogs(),
    units: meta.computeUnitsConsumed(),
    returned: [String(meta.returnData()), [...meta.returnData().data()]],
    calls: meta
      .innerInstructions()
      .map((list) =>
        list.map((call) => [String(call), call.stackHeight(), String(call.instruction())]),
      ),
  }
}

const account = (changes: object): Parameters<Svm['setAccount']>[0] => ({
  ...{ address: friend!.address, lamports: sol(5n), data: new Uint8Array(2), executable: false },
  ...{ programAddress: system, space: 2n, ...changes },
})

const stories: Readonly<Record<string, (module: Module) => unknown>> = {
  'a transfer, and again': async (module) => {
    const svm = funded(module)
    const transaction = await signed(svm, [transfer(1_000_000n)])
    const first = svm.sendTransaction(transaction)
    const found = svm.getTransaction(getSignatureFromTransaction(transaction))
    return [told(first), told(svm.sendTransaction(transaction)), told(found)]
  },
  'a legacy transfer': async (module) => {
    const svm = funded(module)
    return told(svm.sendTransaction(await signed(svm, [transfer(1_000_000n)], 'legacy')))
  },
  'transfers that fail': async (module) => {
    const svm = funded(module)
    const failures: Instruction[][] = [
      [transfer(1n << 60n)],
      [transfer(5n)],
      [budget(2, 1, 0, 0, 0), budget(2, 1, 0, 0, 0)],
      [budget(2, 1, 0, 0, 0), transfer(1_000_000n)],
      [budget(9)],
      [{ programAddress: system, data: Uint8Array.of(2, 0, 0, 0) }],
      [{ programAddress: stranger!.address }],
    ]
    const out: unknown[] = []
    for (const instructions of failures)
      out.push(told(svm.sendTransaction(await signed(svm, instructions))))
    return [...out, svm.getBalance(payer!.address)]
  },
  'a token, minted': async (module) => {
    const svm = funded(module)
    const ata = await getCreateAssociatedTokenIdempotentInstructionAsync({
      payer: payer!,
      owner: payer!.address,
      mint: mint!.address,
    })
    const token = ata.accounts[1].address
    const instructions = [
      getCreateAccountInstruction({
        payer: payer!,
        newAccount: mint!,
        lamports: sol(svm.minimumBalanceForRentExemption(82n)),
        space: 82n,
        programAddress: TOKEN_PROGRAM_ADDRESS,
      }),
      getInitializeMint2Instruction({
        mint: mint!.address,
        decimals: 6,
        mintAuthority: payer!.address,
      }),
      ata,
      getMintToInstruction({
        mint: mint!.address,
        token,
        mintAuthority: payer!,
        amount: 77n,
      }),
    ]
    const result = svm.sendTransaction(await signed(svm, instructions))
    const owned = svm.getProgramAccounts(TOKEN_PROGRAM_ADDRESS)
    return [told(result), svm.getAccount(token), owned.map(({ address }) => address).sort()]
  },
  'a simulation': async (module) => {
    const svm = funded(module)
    const good = svm.simulateTransaction(await signed(svm, [transfer(1_000_000n)]))
    const bad = svm.simulateTransaction(await signed(svm, [transfer(1n << 60n)]))
    const info = good as alcatraz.SimulatedTransactionInfo
    const after = [svm.getBalance(payer!.address), svm.getBalance(friend!.address)]
    return [told(info.meta()), info.postAccounts(), told(bad), after]
  },
  'a blockhash that expires': async (module) => {
    const svm = funded(module)
    const transaction = await signed(svm, [transfer(1_000_000n)])
    const before = svm.latestBlockhash()
    svm.expireBlockhash()
    const late = told(svm.sendTransaction(transaction))
    return [
      before,
      svm.latestBlockhash(),
      late,
      told(svm.withBlockhashCheck(false).sendTransaction(transaction)),
    ]
  },
  'signatures that are not checked': async (module) => {
    const svm = funded(module)
    const transaction = await signed(svm, [transfer(1_000_000n)])
    const { [payer!.address]: _, ...others } = transaction.signatures
    const unsigned = { ...transaction, signatures: { [payer!.address]: null, ...others } }
    const forged = { [payer!.address]: new Uint8Array(64).fill(1) }
    const refused = [unsigned, { ...transaction, signatures: forged }].map((tx) =>
      outcome(() => told(svm.sendTransaction(tx as Transaction))),
    )
    svm.withSigverify(false)
    return [refused, told(svm.sendTransaction(unsigned as Transaction))]
  },
  'a history of two': async (module) => {
    const svm = funded(module).withTransactionHistory(0n).withTransactionHistory(2n)
    const all = await Promise.all([1n, 2n, 3n].map((n) => signed(svm, [transfer(n * 1_000_000n)])))
    for (const transaction of all) svm.sendTransaction(transaction)
    return all.map((one) => svm.getTransaction(getSignatureFromTransaction(one)) === null)
  },
  'accounts, set': ({ LiteSVM }) => {
    const svm = new LiteSVM()
    const loader = 'BPFLoader2111111111111111111111111111111111'
    const clock = 'SysvarC1ock11111111111111111111111111111111'
    const changes = [
      {},
      { lamports: 0n },
      { lamports: -1n },
      { lamports: 7 },
      { executable: true },
      { executable: true, programAddress: loader },
      { address: clock },
      { address: 'zz' },
      { data: [1] },
    ]
    return changes.map((change) =>
      outcome(() => {
        svm.setAccount(account(change))
        return [svm.getAccount(friend!.address), svm.getBalance(friend!.address)]
      }),
    )
  },
  'programs that do not load': ({ LiteSVM }) => {
    const svm = new LiteSVM()
    const id = friend!.address
    const loader = stranger!.address
    return [
      outcome(() => svm.addProgram(id, new Uint8Array(5))),
      outcome(() => svm.addProgram(id, new Uint8Array(5000).fill(0x7f))),
      svm.getAccount(id),
      outcome(() => svm.addProgramFromFile(id, '/no/such/file')),
      outcome(() => svm.addProgramFromFile(id, '/')),
      outcome(() => svm.addProgramWithLoader(id, new Uint8Array(5), loader)),
    ]
  },
  'arguments of other types': ({ LiteSVM }) => {
    const svm = new LiteSVM()
    const loose = svm as unknown as Record<string, (...args: unknown[]) => unknown>
    const calls: [string, ...unknown[]][] = [
      ['airdrop', payer!.address, 5],
      ['airdrop', payer!.address, -5n],
      ['airdrop', 'zzz', 5n],
      ['airdrop', '0'.repeat(40), 5n],
      ['airdrop', 'z'.repeat(44), 5n],
      ['getBalance', 'x'],
      ['getTransaction', 'zz!'],
      ['minimumBalanceForRentExemption', -1n],
      ['minimumBalanceForRentExemption', 5],
      ['minimumBalanceForRentExemption', 10_485_761n],
      ['warpToSlot', -1n],
      ['withTransactionHistory', -1n],
      ['withLogBytesLimit', -1n],
      ['withSigverify', 1],
      ['withBlockhashCheck', 'yes'],
      ['withLamports', 1n << 64n],
      ['withComputeBudget', {}],
      ['withFeatureSet', null],
      ['setClock', { slot: 1n }],
      ['setSlotHashes', [{ slot: 5n }]],
      ['setSlotHashes', [{ slot: 5n, hash: 'z' }]],
      ['setLastRestartSlot', -5n],
    ]
    return calls.map(([name, ...args]) => outcome(() => loose[name]!(...args)))
  },
  sysvars: ({ LiteSVM, Clock, SlotHistory, StakeHistory, StakeHistoryEntry }) => {
    const svm = new LiteSVM()
    const fresh = [String(svm.getClock()), String(svm.getRent()), svm.getLastRestartSlot()]
    const schedule = svm.getEpochSchedule()
    const rewards = svm.getEpochRewards()
    svm.warpToSlot(1000n)
    const warped = String(svm.getClock())
    svm.setClock(new Clock(1n, 2n, 3n, 4n, 5n))
    svm.setSlotHashes([
      { slot: 5n, hash: system },
      { slot: 9n, hash: stranger!.address },
    ])
    const history = SlotHistory.default()
    history.add(77n)
    svm.setSlotHistory(history)
    const stake = new StakeHistory()
    stake.add(4n, new StakeHistoryEntry(1n, 2n, 3n))
    svm.setStakeHistory(stake)
    svm.setLastRestartSlot(8n)
    return [
      ...fresh,
      [schedule.slotsPerEpoch, schedule.warmup, schedule.firstNormalEpoch],
      [rewards.parentBlockhash, rewards.active],
      warped,
      String(svm.getClock()),
      svm.getSlotHashes().map(({ slot, hash }) => [slot, hash]),
      [svm.getSlotHistory().check(77n), svm.getSlotHistory().nextSlot],
      String(svm.getStakeHistory().get(4n)),
      svm.getLastRestartSlot(),
      svm.getAccount('SysvarS1otHashes111111111111111111111111111' as Address),
    ]
  },
  'an empty one': ({ LiteSVM }) => {
    const svm = LiteSVM.default()
    const empty = svm.getAccount('SysvarC1ock11111111111111111111111111111111' as Address)
    const rent = svm.minimumBalanceForRentExemption(0n)
    const made = svm.withSysvars().withBuiltins().withLamports(5n).withPrecompiles()
    const names = [system, 'Ed25519SigVerify111111111111111111111111111', TOKEN_PROGRAM_ADDRESS]
    const before = names.map((name) => made.getAccount(name as Address))
    made.withDefaultPrograms().withNativeMints()
    const mints = ['So11111111111111111111111111111111111111112', TOKEN_PROGRAM_ADDRESS]
    return [empty, rent, before, mints.map((name) => made.getAccount(name as Address))]
  },
  'accounts of a new one': ({ LiteSVM }) => {
    const svm = new LiteSVM()
    const owners = [
      'NativeLoader1111111111111111111111111111111',
      'BPFLoaderUpgradeab1e11111111111111111111111',
      'BPFLoader2111111111111111111111111111111111',
      'BPFLoader1111111111111111111111111111111111',
      'Sysvar1111111111111111111111111111111111111',
      'Feature111111111111111111111111111111111111',
      'Config1111111111111111111111111111111111111',
    ]
    const byAddress = (a: { address: string }, b: { address: string }): number =>
      a.address < b.address ? -1 : 1
    return owners.map((owner) =>
      svm
        .getProgramAccounts(owner as Address)
        .filter(({ address }) => !notHere.has(address))
        .sort(byAddress),
    )
  },
}

/** Native programs of litesvm that are not here: proofs of encrypted balances. */
const notHere = new Set<string>(['ZkE1Gama1Proof11111111111111111111111111111'])

/** What a call gave, or how it threw. */
function outcome(run: () => unknown): unknown {
  try {
    return run() ?? null
  } catch (error) {
    assert.ok(error instanceof Error)
    const { code, context } = error as { code?: string; context?: unknown }
    return { threw: error.message, name: error.name, code, context: { ...(context as object) } }
  }
}

describe('LiteSVM as litesvm', { skip }, () => {
  for (const [name, story] of Object.entries(stories))
    test(name, async () => {
      const wanted = await story(theirs as unknown as Module)
      assert.deepEqual(await story(alcatraz), wanted)
    })

  test('every name of theirs is one of ours', () => {
    const methods = (of: object): string[] => Object.getOwnPropertyNames(of)
    const missing = Object.keys(theirs!).filter(
      (name) => !(name in alcatraz) && !['LiteSvm', 'AddressAndAccount'].includes(name),
    )
    assert.deepEqual(missing, ['InstructionErrorBorshIo', 'InstructionErrorBorshIO'])
    for (const [name, type] of Object.entries(alcatraz)) {
      const other = (theirs as unknown as Record<string, { prototype?: object }>)[name]
      if (typeof type !== 'function' || other?.prototype === undefined) continue
      const names = methods(other.prototype).filter((method) => method !== 'constructor')
      assert.deepEqual(
        names.filter((method) => !(method in type.prototype)),
        [],
        name,
      )
    }
  })
})
