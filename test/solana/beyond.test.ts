/** What LiteSVM has here and not in litesvm. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  type Address,
  appendTransactionMessageInstruction,
  appendTransactionMessageInstructions,
  createKeyPairSignerFromPrivateKeyBytes,
  createTransactionMessage,
  lamports,
  setTransactionMessageFeePayerSigner,
  signTransactionMessageWithSigners,
} from '@solana/kit'
import { getTransferSolInstruction } from '@solana-program/system'
import { assembleSbpf, syscallRegistry, writeSbpf } from 'alcatraz-vm/sbpf'
import {
  check,
  diffText,
  expectResult,
  FeatureSet,
  hasSplPrograms,
  LiteSVM,
  Pubkey,
  type Syscall,
  type TransactionResult,
  unitsTable,
} from 'alcatraz-vm/solana'
import { oracle } from './oracle.ts'

const theirs = await oracle()
const [payer, friend] = await Promise.all(
  [1, 2].map((octet) => createKeyPairSignerFromPrivateKeyBytes(new Uint8Array(32).fill(octet))),
)
const sol = 1_000_000_000n
const system = '11111111111111111111111111111111' as Address

function funded(): LiteSVM {
  const svm = new LiteSVM()
  svm.airdrop(payer!.address, lamports(10n * sol))
  return svm
}

async function transfer(svm: LiteSVM, amount: bigint) {
  const message = setTransactionMessageFeePayerSigner(
    payer!,
    createTransactionMessage({ version: 0 }),
  )
  const instruction = getTransferSolInstruction({
    source: payer!,
    destination: friend!.address,
    amount,
  })
  return signTransactionMessageWithSigners(
    appendTransactionMessageInstruction(
      instruction,
      svm.setTransactionMessageLifetimeUsingLatestBlockhash(message),
    ),
  )
}

describe('beyond litesvm', () => {
  test('states are gone back to, and gone on from twice', async () => {
    const svm = funded()
    const before = svm.snapshot()
    const fork = svm.fork()
    svm.sendTransaction(await transfer(svm, sol))
    assert.equal(fork.getBalance(friend!.address), null)
    fork.sendTransaction(await transfer(fork, 2n * sol))
    assert.equal(svm.getBalance(friend!.address), sol)
    svm.restore(before)
    assert.equal(svm.getBalance(friend!.address), null)
    assert.equal(fork.getBalance(friend!.address), 2n * sol)
    // the same transaction is new in the state before it
    expectResult(svm.sendTransaction(await transfer(svm, sol)), check.success())
  })

  test('a result says who has what now, and checks say what is wrong', async () => {
    const svm = funded()
    const meta = svm.sendTransaction(await transfer(svm, sol))
    assert.equal(
      diffText(meta),
      [
        `${payer!.address}`,
        '  lamports: 10000000000 -> 8999995000',
        `${friend!.address} (new)`,
        '  lamports: 0 -> 1000000000',
        `  owner: - -> ${system}`,
      ].join('\n'),
    )
    expectResult(
      meta,
      check.success(),
      check.units(150n),
      check.unitsAtMost(150n),
      check.calls(0),
      check.log('success'),
      check.returnData(new Uint8Array(0)),
      check.account(friend!.address, { lamports: sol, owner: system, space: 0, executable: false }),
    )
    assert.throws(
      () =>
        expectResult(
          meta,
          check.error('Account in use'),
          check.units(1n),
          check.account(friend!.address, { lamports: 5n }),
          check.account(system, {}),
        ),
      (error: Error) => {
        const lines = error.message.split('\n').map((line) => line.trim())
        assert.deepEqual(lines.slice(1, 5), [
          'succeeded, instead of: Account in use',
          'consumed 150 compute units, not 1',
          `account ${friend!.address} has ${sol} lamports, not 5`,
          `account ${system} is none that the transaction wrote`,
        ])
        return true
      },
    )
    const failed = svm.sendTransaction(await transfer(svm, 1n << 60n))
    expectResult(failed, check.error('Error processing Instruction 0: custom program error: 0x1'))
    assert.throws(() => expectResult(failed, check.success()), /failed: Error processing/)
  })

  test('compute units are a table with what became of them', () => {
    const rows = { same: 5n, more: 7n, less: 3n, other: 1n }
    const table = unitsTable(rows, { same: 5n, more: 5n, less: 5n })
    assert.deepEqual(table.split('\n').slice(2), [
      '| same | 5 | - |',
      '| more | 7 | +2 |',
      '| less | 3 | -2 |',
      '| other | 1 | new |',
    ])
  })

  test('accounts come from files of the command solana, and go there', () => {
    const svm = new LiteSVM()
    const dump = {
      pubkey: friend!.address,
      account: {
        lamports: 77,
        data: ['AQID', 'base64'] as const,
        owner: system,
        executable: false,
        rentEpoch: 18446744073709552000,
        space: 3,
      },
    }
    svm.loadAccounts(JSON.stringify(dump))
    const account = svm.getAccount(friend!.address)
    assert.deepEqual(account.exists && account.data, Uint8Array.of(1, 2, 3))
    const { rentEpoch: _, ...rest } = dump.account
    assert.deepEqual(svm.dumpAccount(friend!.address), { pubkey: dump.pubkey, account: rest })
    assert.equal(svm.dumpAccount(payer!.address), null)
    assert.throws(() => svm.loadAccounts('{'), SyntaxError)
  })

  test('a transaction under several feature sets leaves nothing', async () => {
    const svm = funded()
    const transaction = await transfer(svm, sol)
    const sets = { none: new FeatureSet(), all: FeatureSet.allEnabled() }
    const found = svm.simulateWith(transaction, sets)
    assert.deepEqual(Object.keys(found), ['none', 'all'])
    for (const each of Object.values(found)) expectResult(each, check.units(150n))
    assert.equal(svm.getBalance(friend!.address), null)
  })

  test('time goes on in one piece, and sysvars are plain values', () => {
    const svm = LiteSVM.cluster()
    const { slot, unixTimestamp } = svm.sysvar('clock')
    const blockhash = svm.latestBlockhash()
    svm.time.advanceSeconds(10)
    const clock = svm.sysvar('clock')
    assert.equal(clock.unixTimestamp, unixTimestamp + 10n)
    assert.ok(clock.slot > slot)
    assert.notEqual(svm.latestBlockhash(), blockhash)
    assert.equal(svm.getSlotHashes()[0]?.slot, clock.slot - 1n)
    svm.setSysvar('clock', { ...clock, epoch: 9n })
    assert.equal(svm.getClock().epoch, 9n)
  })

  test('snapshots are litesvm’s, both ways', {
    skip: theirs === undefined && 'SKIPPED: litesvm has no binary for this system',
  }, async () => {
    const { LiteSVM: Theirs, ComputeBudget } = theirs!
    const other = new Theirs()
    other.airdrop(payer!.address, lamports(10n * sol))
    const sent = await transfer(other as unknown as LiteSVM, sol)
    other.sendTransaction(sent)
    other.sendTransaction(await transfer(other as unknown as LiteSVM, 1n << 60n))
    other.withComputeBudget(new ComputeBudget()).withLogBytesLimit(77n)
    const svm = LiteSVM.fromBytes(other.toBytes())
    const again = Theirs.fromBytes(svm.toBytes())
    for (const each of [svm, again]) {
      assert.equal(each.getBalance(friend!.address), sol)
      assert.equal(each.latestBlockhash(), other.latestBlockhash())
      assert.equal(String(each.getClock()), String(other.getClock()))
      assert.equal(String(each.sendTransaction(sent)), String(other.sendTransaction(sent)))
    }
    // sizes say that nothing is left out: the order of accounts is chance in litesvm
    assert.equal(svm.toBytes().length, again.toBytes().length)
    for (const bytes of [new Uint8Array(0), Uint8Array.of(9), Uint8Array.of(3, 1, 2)]) {
      const text = (run: () => unknown): string => {
        try {
          return String(run())
        } catch (error) {
          return (error as Error).message
        }
      }
      assert.equal(
        text(() => LiteSVM.fromBytes(bytes)),
        text(() => Theirs.fromBytes(bytes)),
      )
    }
  })

  test('programs call what the runtime has not, and native programs are added', async () => {
    const asked: bigint[] = []
    const answer: Syscall = {
      name: 'sol_answer_',
      cost: () => 77n,
      run: (call) => {
        asked.push(call.arg(1))
        call.context.log(`asked with ${call.arg(1)}`)
        return 0n
      },
    }
    const svm = new LiteSVM({ syscalls: [answer], record: true })
    svm.airdrop(payer!.address, lamports(10n * sol))
    const source = 'mov64 r1, 42\n syscall sol_answer_\n exit'
    const calls = syscallRegistry(['sol_answer_'])
    const hashOf = (): number => [...calls.indexOf.keys()][0]!
    const { code } = assembleSbpf(source, { version: 'v3', hashOf })
    const parts = { version: 'v3' as const, code, readOnly: new Uint8Array(0) }
    const elf = writeSbpf({ ...parts, entryPc: 0, syscalls: [], symbols: new Map() })
    svm.addProgram(friend!.address, elf)
    const native = Pubkey.from(new Uint8Array(32).fill(9))
    svm.addBuiltin({
      id: native,
      name: 'own',
      units: 11n,
      process: (context) => context.log('native here'),
    })
    const seen: TransactionResult[] = []
    const stop = svm.onResult((result) => seen.push(result))
    const message = setTransactionMessageFeePayerSigner(
      payer!,
      createTransactionMessage({ version: 0 }),
    )
    const meta = svm.sendTransaction(
      await signTransactionMessageWithSigners(
        appendTransactionMessageInstructions(
          [{ programAddress: friend!.address }, { programAddress: String(native) as Address }],
          svm.setTransactionMessageLifetimeUsingLatestBlockhash(message),
        ),
      ),
    )
    stop()
    svm.airdrop(payer!.address, lamports(sol))
    expectResult(meta, check.success(), check.units(3n + 77n + 11n), check.log('asked with 42'))
    assert.deepEqual(asked, [42n])
    assert.deepEqual(seen, [meta.result])
    const frames = meta.result.trace.filter(({ kind }) => kind === 'enter')
    assert.deepEqual(
      frames.map((event) => event.kind === 'enter' && String(event.frame.programId)),
      [friend!.address, String(native)],
    )
  })

  test('the package says whether it has SPL’s programs', () => {
    assert.equal(typeof hasSplPrograms(), 'boolean')
  })
})
