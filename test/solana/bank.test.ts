import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { address } from '@solana/kit'
import { Features } from '#vm/host/solana/feature-set'
import { programIds, sysvarIds } from '#vm/host/solana/ids'
import { Pubkey } from '#vm/host/solana/pubkey'
import { Bank } from '#vm/svm/bank'
import { Keypair } from '#vm/svm/keypair'
import { encodeMessage, encodeTransaction, type Message } from '#vm/svm/message'

/** Native programs need no engine. */
const runner = {
  load(): never {
    throw new Error('no program here is sBPF')
  },
  run(): void {},
}
const newBank = (): Bank<never> => Bank.basic<never>({ runner })
const keys = (n: number): Keypair => new Keypair(new Uint8Array(32).fill(n))
const payer = keys(1)
const to = Pubkey.from(new Uint8Array(32).fill(77))

function transferData(lamports: bigint): Uint8Array {
  const data = new Uint8Array(12)
  data[0] = 2
  new DataView(data.buffer).setBigUint64(4, lamports, true)
  return data
}

function transferMessage(
  blockhash: Uint8Array,
  lamports: bigint,
  more: Partial<Message> = {},
): Message {
  return {
    version: 'legacy',
    requiredSignatures: 1,
    readonlySigned: 0,
    readonlyUnsigned: 1,
    keys: [payer.pubkey, to, programIds.system],
    blockhash,
    instructions: [
      { programIdIndex: 2, accounts: Uint8Array.of(0, 1), data: transferData(lamports) },
    ],
    lookups: [],
    config: {},
    ...more,
  }
}

const signed = (message: Message): Uint8Array =>
  encodeTransaction(message, [payer.sign(encodeMessage(message))])

function funded(): Bank<never> {
  const bank = newBank()
  assert.equal(bank.airdrop(payer.pubkey, 10_000_000_000n).error, undefined)
  return bank
}

test('a transfer moves lamports, takes the fee, and says what changed', () => {
  const bank = funded()
  const bytes = signed(transferMessage(bank.latestBlockhash, 5_000_000n))
  const simulated = bank.simulate(bytes)
  assert.equal(bank.balance(to), undefined)
  const result = bank.process(bytes)
  assert.equal(result.error, undefined)
  assert.deepEqual(result.logs, simulated.logs)
  assert.deepEqual(result.postAccounts, simulated.postAccounts)
  assert.equal(result.fee, 5000n)
  assert.equal(result.units, 150n)
  assert.deepEqual(result.inner, [[]])
  assert.equal(bank.balance(to), 5_000_000n)
  assert.equal(bank.balance(payer.pubkey), 9_994_995_000n)
  assert.deepEqual(
    result.diff.map(({ address, old, new: now }) => [address.key, old?.lamports, now?.lamports]),
    [
      [payer.pubkey.key, 10_000_000_000n, 9_994_995_000n],
      [to.key, undefined, 5_000_000n],
    ],
  )
  assert.equal(bank.transaction(result.signature), result)
})

test('each check of a transaction has its error, and the first that fails decides', () => {
  const bank = funded()
  const hash = bank.latestBlockhash
  const kind = (message: Message): string | undefined => bank.process(signed(message)).error?.kind
  assert.equal(kind(transferMessage(hash, 1n, { readonlySigned: 1 })), 'SanitizeFailure')
  assert.equal(
    kind(transferMessage(hash, 1n, { keys: [payer.pubkey, to, to, programIds.system] })),
    'AccountLoadedTwice',
  )
  const many = Array.from({ length: 130 }, (_, i) =>
    Pubkey.from(new Uint8Array(32).fill(100 + i, 4)),
  )
  assert.equal(
    kind(
      transferMessage(hash, 1n, {
        keys: [payer.pubkey, to, programIds.system, ...many.slice(0, 62)],
      }),
    ),
    'TooManyAccountLocks',
  )
  const message = transferMessage(hash, 5_000_000n)
  const wrong = bank.process(encodeTransaction(message, [keys(2).sign(encodeMessage(message))]))
  assert.equal(wrong.error?.kind, 'SignatureFailure')
  assert.equal(kind(transferMessage(new Uint8Array(32), 1n)), 'BlockhashNotFound')
  const short = bank.process(signed(transferMessage(hash, 1n)))
  assert.deepEqual(short.error, { kind: 'InsufficientFundsForRent', index: 1 })
  assert.equal(kind(message), undefined)
  assert.equal(kind(message), 'AlreadyProcessed')
  const poor = bank.process(signed(transferMessage(hash, 10n ** 12n)))
  assert.deepEqual(poor.error, {
    kind: 'InstructionError',
    index: 0,
    error: { kind: 'Custom', code: 1 },
  })
  assert.deepEqual(
    poor.diff.map(({ address }) => address.key),
    [payer.pubkey.key],
  )
})

test('budgets are asked for once, in one form, and paid', () => {
  const bank = funded()
  const ask = (...datas: readonly number[][]): Message =>
    transferMessage(bank.latestBlockhash, 5_000_000n, {
      keys: [payer.pubkey, to, programIds.system, programIds.computeBudget],
      readonlyUnsigned: 2,
      instructions: [
        ...datas.map((data) => ({
          programIdIndex: 3,
          accounts: new Uint8Array(0),
          data: Uint8Array.from(data),
        })),
        { programIdIndex: 2, accounts: Uint8Array.of(0, 1), data: transferData(5_000_000n) },
      ],
    })
  const error = (...datas: readonly number[][]) => bank.simulate(signed(ask(...datas))).error
  const heap = [1, 0, 0, 1, 0]
  const units = [2, 0x40, 0x0d, 3, 0]
  assert.deepEqual(error(units, units), { kind: 'DuplicateInstruction', index: 1 })
  assert.deepEqual(error(heap, [0, 0, 0, 0, 0]), {
    kind: 'InstructionError',
    index: 1,
    error: { kind: 'InvalidInstructionData' },
  })
  assert.deepEqual(error(units, [1, 1, 0, 1, 0]), {
    kind: 'InstructionError',
    index: 1,
    error: { kind: 'InvalidInstructionData' },
  })
  assert.deepEqual(error([4, 0, 0, 0, 0]), { kind: 'InvalidLoadedAccountsDataSizeLimit' })
  assert.deepEqual(error([4, 1, 0, 0, 0]), { kind: 'MaxLoadedAccountsDataSizeExceeded' })
  assert.equal(error(heap, [4, 0, 0, 1, 0]), undefined)
  // 200,000 units at 3 micro-lamports each, rounded up
  assert.equal(bank.simulate(signed(ask(units, [3, 3, 0, 0, 0, 0, 0, 0, 0]))).fee, 5001n)
  // three instructions of the runtime's own programs
  assert.equal(
    bank.simulate(signed(ask([3, 255, 255, 255, 255, 0, 0, 0, 0], heap))).fee,
    5000n + 38_654_706n,
  )
  assert.deepEqual(error([2, 149, 0, 0, 0]), {
    kind: 'InstructionError',
    index: 0,
    error: { kind: 'ComputationalBudgetExceeded' },
  })
})

test('an old blockhash is refused; snapshots, forks and going back are independent', () => {
  const bank = funded()
  const bytes = signed(transferMessage(bank.latestBlockhash, 5_000_000n))
  const before = bank.snapshot()
  const fork = bank.fork()
  bank.expireBlockhash()
  assert.equal(bank.process(bytes).error?.kind, 'BlockhashNotFound')
  assert.equal(fork.process(bytes).error, undefined)
  assert.equal(bank.balance(to), undefined)
  bank.restore(before)
  assert.equal(bank.process(bytes).error, undefined)
  bank.restore(before)
  assert.equal(bank.balance(to), undefined)
  assert.equal(bank.process(bytes).error, undefined)
  assert.equal(fork.process(bytes).error?.kind, 'AlreadyProcessed')
})

test('what sysvars and programs must be is looked at when they are set', () => {
  const bank = newBank()
  const account = {
    lamports: 1n,
    data: new Uint8Array(3),
    owner: sysvarIds.owner,
    executable: false,
    rentEpoch: 0n,
  }
  assert.throws(() => bank.setAccount(sysvarIds.clock, account), {
    name: 'BankError',
    message: 'Invalid Clock sysvar data.',
  })
  // the runtime goes on with the clock that it had
  assert.notEqual(bank.ledger.sysvars.get('clock'), undefined)
  assert.throws(() => bank.setAccount(sysvarIds.rent, account), {
    message: 'Invalid Rent sysvar data.',
  })
  // there is no rent until one is set
  assert.equal(bank.ledger.sysvars.rent, undefined)
  bank.setSysvar('rent', bank.sysvar('rent'))
  assert.notEqual(bank.ledger.sysvars.rent, undefined)
  const program = { ...account, executable: true }
  assert.throws(() => bank.setAccount(to, { ...program, owner: programIds.loaderV2 }), {
    message: 'invalid account data for instruction',
  })
  assert.throws(() => bank.setAccount(to, program), {
    message: 'incorrect program id for instruction',
  })
  assert.throws(() => bank.addProgram(to, new Uint8Array(9), to), {
    message: `Unsupported loader: ${to}`,
  })
  bank.setAccount(to, { ...account, lamports: 0n })
  assert.equal(bank.account(to), undefined)
  bank.warpToSlot(17n)
  assert.equal(bank.sysvar('clock').slot, 17n)
})

test('accounts are found by their owner, whatever became of them', () => {
  const bank = newBank()
  const account = {
    lamports: 1n,
    data: new Uint8Array(3),
    owner: to,
    executable: false,
    rentEpoch: 0n,
  }
  const own = (): string[] => bank.programAccounts(to).map(([key]) => key.key)
  bank.setAccount(payer.pubkey, account)
  assert.deepEqual(own(), [payer.pubkey.key])
  bank.setAccount(to, account)
  bank.setAccount(payer.pubkey, { ...account, owner: payer.pubkey })
  assert.deepEqual(own(), [to.key])
  bank.setAccount(to, { ...account, lamports: 0n })
  assert.deepEqual(own(), [])
})

test('a history that is asked for less room than it has keeps what is there, and no more', () => {
  const bank = funded()
  bank.setHistoryCapacity(5)
  const one = bank.process(signed(transferMessage(bank.latestBlockhash, 5_000_000n)))
  const two = bank.process(signed(transferMessage(bank.latestBlockhash, 6_000_000n)))
  assert.equal(bank.transaction(one.signature), undefined)
  assert.equal(bank.transaction(two.signature), two)
  bank.setHistoryCapacity(100)
  assert.equal(bank.history.capacity, 112)
  bank.setHistoryCapacity(0)
  assert.equal(bank.history.capacity, 0)
})

test('a fresh bank has the accounts that litesvm has', async (t) => {
  const litesvm = await import('litesvm').catch(() => undefined)
  if (litesvm === undefined) return t.skip('litesvm is not installed')
  const svm = new litesvm.LiteSVM()
  const bank = newBank()
  let compared = 0
  for (const [key, account] of bank.ledger.entries()) {
    if (key.equals(bank.airdropAddress)) continue
    const theirs = svm.getAccount(address(key.toString()))
    assert.equal(theirs.exists, true, key.toString())
    if (!theirs.exists) return
    const { lamports, executable, programAddress, data } = theirs
    assert.deepEqual(
      { lamports, executable, programAddress, data: Buffer.from(data) },
      {
        lamports: account.lamports,
        executable: account.executable,
        programAddress: account.owner.toString(),
        data: Buffer.from(account.data),
      },
      key.toString(),
    )
    compared++
  }
  assert.equal(compared > 250, true)
  assert.equal(
    svm.getProgramAccounts(address(programIds.feature.toString())).length,
    Features.mainnet().active().length,
  )
})

test('the address of airdrops is that of their key', () => {
  const bank = newBank()
  const { key } = bank.airdropAddress
  const receipt = bank.airdrop(Pubkey.from(new Uint8Array(32).fill(9)), 5_000_000n)
  assert.equal(receipt.error, undefined)
  const seed = createHash('sha256').update('airdrop').digest()
  assert.equal(new Keypair(seed).pubkey.key, key)
})
