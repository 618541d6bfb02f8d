/** What is looked at before and after the instructions of a transaction, rule by rule. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Account } from '#vm/host/solana/account'
import { programIds, sysvarIds } from '#vm/host/solana/ids'
import { Pubkey } from '#vm/host/solana/pubkey'
import { Bank } from '#vm/svm/bank'
import type { Message } from '#vm/svm/message'
import { durableNonceOf } from '#vm/svm/nonce'
import type { TransactionResult } from '#vm/svm/result'

const key = (n: number): Pubkey => Pubkey.from(new Uint8Array(32).fill(n))
const [payer, other, table, nonce] = [key(1), key(2), key(3), key(4)] as const
const inTable = [key(21), key(22), key(23)] as const
const rich = 10n ** 10n

const account = (fields: Partial<Account> = {}): Account => ({
  lamports: rich,
  data: new Uint8Array(0),
  owner: programIds.system,
  executable: false,
  rentEpoch: 0n,
  ...fields,
})

function newBank(): Bank<never> {
  const bank = Bank.basic<never>({
    runner: {
      load(): never {
        throw new Error('no program here is sBPF')
      },
      run() {},
    },
  })
  bank.set({ sigverify: false })
  bank.setAccount(payer, account())
  return bank
}

const bytes = (...parts: readonly (number | Uint8Array)[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...part])))
const u64 = (value: bigint): Uint8Array => new Uint8Array(BigUint64Array.of(value).buffer)
const transfer = (lamports: bigint): Uint8Array => bytes(2, 0, 0, 0, u64(lamports))

/** The payer pays and signs; `keys` come behind it, the last `readonly` of them to be read only. */
function send(
  bank: Bank<never>,
  keys: readonly Pubkey[],
  instructions: readonly (readonly [
    program: number,
    accounts: readonly number[],
    data: Uint8Array,
  ])[],
  more: Partial<Message> = {},
): TransactionResult {
  const message: Message = {
    version: 'legacy',
    requiredSignatures: 1,
    readonlySigned: 0,
    readonlyUnsigned: 0,
    keys: [payer, ...keys],
    blockhash: bank.latestBlockhash,
    instructions: instructions.map(([programIdIndex, accounts, data]) => ({
      programIdIndex,
      accounts: Uint8Array.from(accounts),
      data,
    })),
    lookups: [],
    config: {},
    ...more,
  }
  const signatures = Array.from({ length: message.requiredSignatures }, () => new Uint8Array(64))
  return bank.process({ message, signatures, messageBytes: new Uint8Array(0) })
}
const kindOf = (result: TransactionResult): string | undefined => result.error?.kind

interface Table {
  readonly deactivated?: bigint
  readonly extended?: bigint
  readonly start?: number
  readonly tag?: number
  readonly tail?: Uint8Array
}
function tableAccount(of: Table = {}): Account {
  const { deactivated = 2n ** 64n - 1n, extended = 0n, start = 0, tag = 1 } = of
  const meta = bytes(tag, 0, 0, 0, u64(deactivated), u64(extended), start, 1, payer.bytes, 0, 0)
  const data = bytes(meta, ...inTable.map((address) => address.bytes), of.tail ?? new Uint8Array(0))
  return account({ owner: programIds.addressLookupTable, data })
}

/** Sends lamports to the table's account at a place. */
function sendByTable(bank: Bank<never>, place: number): TransactionResult {
  return send(bank, [programIds.system], [[1, [0, 2], transfer(5_000_000n)]], {
    version: 0,
    readonlyUnsigned: 1,
    lookups: [{ table, writable: Uint8Array.of(place), readonly: new Uint8Array(0) }],
  })
}

test('lookups take addresses of active tables, and name what is wrong with others', () => {
  const bank = newBank()
  const { slot } = bank.sysvar('clock')
  const withTable = (of: Account | undefined, place = 2): string | undefined => {
    bank.setAccount(table, of ?? account({ lamports: 0n }))
    return kindOf(sendByTable(bank, place))
  }
  assert.equal(withTable(tableAccount()), undefined)
  assert.equal(bank.balance(inTable[2]), 5_000_000n)
  assert.equal(withTable(undefined), 'AddressLookupTableNotFound')
  assert.equal(withTable(account()), 'InvalidAddressLookupTableOwner')
  const owned = { owner: programIds.addressLookupTable }
  for (const wrong of [
    account({ ...owned, data: new Uint8Array(55).fill(1) }),
    tableAccount({ tag: 0 }),
    tableAccount({ tag: 2 }),
    tableAccount({ tail: new Uint8Array(31) }),
    tableAccount({ extended: slot, start: 4 }),
  ])
    assert.equal(withTable(wrong), 'InvalidAddressLookupTableData')
  assert.equal(withTable(tableAccount(), 3), 'InvalidAddressLookupTableIndex')
  // addresses may be used in the slot behind the one that added them
  assert.equal(
    withTable(tableAccount({ extended: slot, start: 2 })),
    'InvalidAddressLookupTableIndex',
  )
  assert.equal(withTable(tableAccount({ extended: slot, start: 3 })), undefined)
  assert.equal(withTable(tableAccount({ extended: slot - 1n, start: 2 })), undefined)
  // and as long as the slot that deactivated the table is remembered
  assert.equal(withTable(tableAccount({ deactivated: slot })), undefined)
  assert.equal(withTable(tableAccount({ deactivated: slot - 1n })), 'AddressLookupTableNotFound')
  bank.warpToSlot(slot + 1n)
  assert.equal(withTable(tableAccount({ deactivated: slot })), undefined)
  assert.equal(withTable(tableAccount({ deactivated: slot + 1n })), undefined)
  assert.equal(withTable(tableAccount({ deactivated: slot + 2n })), 'AddressLookupTableNotFound')
})

test('an account that a message names is not named again by a lookup', () => {
  const bank = newBank()
  bank.setAccount(table, tableAccount())
  const lookups = [{ table, writable: Uint8Array.of(0), readonly: Uint8Array.of(0) }]
  assert.equal(
    kindOf(send(bank, [programIds.system], [], { version: 0, lookups })),
    'AccountLoadedTwice',
  )
})

test('who pays is an account of the system program, or a nonce that keeps what it must', () => {
  const bank = newBank()
  const least = bank.minimumBalance(80)
  const nonceData = bytes(1, 0, 0, 0, 1, 0, 0, 0, new Uint8Array(72))
  const pays = (fields: Partial<Account>): string | undefined => {
    bank.setAccount(payer, account(fields))
    return kindOf(send(bank, [], []))
  }
  assert.equal(pays({ lamports: 0n }), 'AccountNotFound')
  assert.equal(pays({ owner: other }), 'InvalidAccountForFee')
  assert.equal(pays({ data: new Uint8Array(80) }), 'InvalidAccountForFee')
  assert.equal(pays({ data: nonceData.subarray(0, 79) }), 'InvalidAccountForFee')
  assert.equal(pays({ lamports: 4999n }), 'InsufficientFundsForFee')
  assert.equal(pays({ lamports: 5000n }), undefined)
  assert.equal(bank.account(payer), undefined)
  assert.equal(pays({ lamports: bank.minimumBalance(0) + 4999n }), 'InsufficientFundsForRent')
  assert.equal(pays({ lamports: bank.minimumBalance(0) + 5000n }), undefined)
  assert.equal(pays({ data: nonceData, lamports: least + 4999n }), 'InsufficientFundsForFee')
  assert.equal(pays({ data: nonceData, lamports: least + 5000n }), undefined)
})

test('programs are executable, and what runs them is a program of the runtime', () => {
  const bank = newBank()
  const calls = (program: Account): string | undefined => {
    bank.ledger.put(other, program)
    return kindOf(send(bank, [other], [[1, [], new Uint8Array(0)]]))
  }
  assert.equal(calls(account()), 'InvalidProgramForExecution')
  assert.equal(calls(account({ executable: true, owner: key(99) })), 'InvalidProgramForExecution')
  assert.equal(calls(account({ executable: true, owner: payer })), 'InvalidProgramForExecution')
  bank.ledger.put(key(97), account({ owner: programIds.nativeLoader }))
  assert.equal(calls(account({ executable: true, owner: key(97) })), 'InvalidProgramForExecution')
  const closed = send(bank, [key(98)], [[1, [], new Uint8Array(0)]])
  assert.equal(kindOf(closed), 'InvalidProgramForExecution')
  // the loader is there, the program was never loaded
  const unknown = account({ executable: true, owner: programIds.loaderV2 })
  assert.equal(calls(unknown), 'InstructionError')
})

test('sysvars, programs that are called and reserved accounts are never writable', () => {
  const bank = newBank()
  const written = (keys: readonly Pubkey[]): Pubkey[] =>
    send(
      bank,
      [...keys, programIds.system],
      [[keys.length + 1, [], transfer(0n)]],
    ).postAccounts.map(([address]) => address)
  assert.deepEqual(written([other, sysvarIds.clock, programIds.vote]), [payer, other])
  // with the upgradeable loader beside it a program could be written, but that one is reserved
  assert.deepEqual(written([programIds.loaderV3, other]), [payer, other])
})

test('accounts count with their data and 64 bytes, tables with 8248', () => {
  const bank = newBank()
  bank.setAccount(other, account({ data: new Uint8Array(1000) }))
  bank.setAccount(table, tableAccount())
  const limit = (size: number): Uint8Array => bytes(4, size & 255, size >> 8, 0, 0)
  const fits = (size: number, more: Partial<Message> = {}): string | undefined =>
    kindOf(send(bank, [other, programIds.computeBudget], [[2, [], limit(size)]], more))
  // payer, other and compute_budget_program with its name of 22 bytes
  const sum = 64 + 1064 + 64 + 22
  assert.equal(fits(sum), undefined)
  assert.equal(fits(sum - 1), 'MaxLoadedAccountsDataSizeExceeded')
  const lookups = [{ table, writable: Uint8Array.of(0), readonly: new Uint8Array(0) }]
  assert.equal(fits(sum + 8248, { version: 0, lookups }), undefined)
  assert.equal(fits(sum + 8247, { version: 0, lookups }), 'MaxLoadedAccountsDataSizeExceeded')
})

test('a nonce stands for a blockhash only for who may advance it, in the first instruction', () => {
  const bank = newBank()
  const held = durableNonceOf(new Uint8Array(32).fill(9))
  const nonceAccount = (hash: Uint8Array, authority = payer): Account =>
    account({ data: bytes(1, 0, 0, 0, 1, 0, 0, 0, authority.bytes, hash, u64(0n)) })
  const advance = [3, [1, 2, 0], Uint8Array.of(4, 0, 0, 0)] as const
  const nothing = [3, [0, 0], transfer(0n)] as const
  const keys = [nonce, sysvarIds.recentBlockhashes, programIds.system]
  const uses = (of: Account, instructions: Parameters<typeof send>[2], hash = held) => {
    bank.setAccount(nonce, of)
    return kindOf(send(bank, keys, instructions, { blockhash: hash, readonlyUnsigned: 2 }))
  }
  assert.equal(uses(nonceAccount(held), [advance]), undefined)
  assert.equal(uses(nonceAccount(held), [nothing, advance]), 'BlockhashNotFound')
  assert.equal(uses(nonceAccount(held, other), [advance]), 'BlockhashNotFound')
  assert.equal(uses(nonceAccount(key(5).bytes), [advance]), 'BlockhashNotFound')
  assert.equal(
    uses(account({ ...nonceAccount(held), owner: other }), [advance]),
    'BlockhashNotFound',
  )
  const legacy = nonceAccount(held)
  assert.equal(
    uses({ ...legacy, data: bytes(0, legacy.data.subarray(1)) }, [advance]),
    'BlockhashNotFound',
  )
  // the nonce of this block cannot be used in it
  const next = durableNonceOf(bank.latestBlockhash)
  assert.equal(uses(nonceAccount(next), [advance], next), 'BlockhashNotFound')
})

test('a transaction whose program cannot be loaded afterwards leaves all as it was', () => {
  const bank = newBank()
  const broken = account({ executable: true, owner: programIds.loaderV2, data: new Uint8Array(9) })
  bank.ledger.put(key(97), broken)
  const keys = [other, key(97), programIds.loaderV3, programIds.system]
  const move = [[4, [0, 1], transfer(5_000_000n)]] as const
  assert.throws(() => send(bank, keys, move, { readonlyUnsigned: 2 }), {
    name: 'BankError',
    message: 'invalid account data for instruction',
  })
  assert.equal(bank.balance(payer), rich)
  assert.equal(bank.balance(other), undefined)
  assert.equal(bank.account(key(97)), broken)
})
