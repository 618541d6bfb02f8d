import { DecodeError } from '#vm/bits/errors'
import type { Account } from '#vm/host/solana/account'
import { programIds, sysvarIds } from '#vm/host/solana/ids'
import { Pubkey } from '#vm/host/solana/pubkey'
import { decodeSysvar, encodeSysvar, type SysvarName, sysvarLayouts } from '#vm/host/solana/sysvars'
import { Bank } from '#vm/svm/bank'
import { BankError } from '#vm/svm/errors'
import {
  decodeLegacyTransaction,
  decodeTransaction,
  encodeTransaction,
  type Message,
  type Transaction,
} from '#vm/svm/message'
import { durableNonceOf } from '#vm/svm/nonce'
import type { TransactionResult } from '#vm/svm/result'
import { same, type Target } from './target.ts'

const key = (n: number): Pubkey => Pubkey.from(new Uint8Array(32).fill(n))
const [payer, other, table, nonce, buffer] = [key(1), key(2), key(3), key(4), key(5)] as const

const account = (
  lamports: bigint,
  owner = programIds.system,
  data: Uint8Array = new Uint8Array(0),
): Account => ({
  lamports,
  data,
  owner,
  executable: false,
  rentEpoch: 0n,
})

/** A table of three addresses that nobody deactivated. */
function tableData(): Uint8Array {
  const data = new Uint8Array(56 + 96)
  data[0] = 1
  data.fill(255, 4, 12)
  for (const [i, { bytes }] of [other, nonce, key(9)].entries()) data.set(bytes, 56 + 32 * i)
  return data
}

function nonceData(hash: Uint8Array): Uint8Array {
  const data = new Uint8Array(80)
  data[0] = 1
  data[4] = 1
  data.set(payer.bytes, 8)
  data.set(durableNonceOf(hash), 40)
  return data
}

function bufferData(): Uint8Array {
  const data = new Uint8Array(200)
  data[0] = 1
  data[4] = 1
  data.set(payer.bytes, 5)
  return data
}

function makeBank(): Bank<never> {
  const bank = Bank.basic<never>({
    runner: {
      load(): never {
        throw new Error('nothing is loaded')
      },
      run() {},
    },
  })
  bank.set({ sigverify: false, record: true })
  bank.setAccount(payer, account(10n ** 15n))
  bank.setAccount(other, account(10n ** 12n))
  bank.setAccount(table, account(10n ** 10n, programIds.addressLookupTable, tableData()))
  bank.setAccount(nonce, account(10n ** 10n, programIds.system, nonceData(key(8).bytes)))
  bank.setAccount(buffer, account(10n ** 10n, programIds.loaderV3, bufferData()))
  return bank
}
const bank = makeBank()
const start = bank.snapshot()

const call = (programIdIndex: number, accounts: readonly number[], data: readonly number[]) => ({
  programIdIndex,
  accounts: Uint8Array.from(accounts),
  data: Uint8Array.from(data),
})
const keys = [payer, other, nonce, buffer, sysvarIds.recentBlockhashes, programIds.system] as const
const message = (version: Message['version'], more: Partial<Message>): Message => ({
  version,
  requiredSignatures: 2,
  readonlySigned: 0,
  readonlyUnsigned: 4,
  keys: [...keys, programIds.computeBudget, programIds.loaderV3, programIds.ed25519],
  blockhash: bank.latestBlockhash,
  instructions: [],
  lookups: [],
  config: {},
  ...more,
})

const advance = call(5, [2, 4, 0], [4, 0, 0, 0])
const messages: readonly Message[] = [
  message('legacy', {
    instructions: [
      call(6, [], [2, 0, 1, 0, 0]),
      call(5, [0, 1], [2, 0, 0, 0, 0, 1, 2, 3, 0, 0, 0, 0]),
      call(
        5,
        [1, 2],
        [0, 0, 0, 0, 200, 0, 0, 0, 0, 0, 0, 0, 80, 0, 0, 0, 0, 0, 0, 0, ...key(7).bytes],
      ),
      call(8, [], [0, 0]),
    ],
  }),
  message('legacy', {
    blockhash: durableNonceOf(key(8).bytes),
    instructions: [advance, call(5, [2, 1], [7, 0, 0, 0, ...other.bytes])],
  }),
  message('legacy', {
    instructions: [call(7, [3, 0], [1, 0, 0, 0, 9, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 5, 6])],
  }),
  message(0, {
    instructions: [
      call(5, [0, 9], [2, 0, 0, 0, 0, 1, 2, 3, 0, 0, 0, 0]),
      call(6, [], [3, 9, 0, 0, 0, 0, 0, 0, 0]),
    ],
    lookups: [{ table, writable: Uint8Array.of(2), readonly: Uint8Array.of() }],
  }),
  message(1, {
    instructions: [call(5, [0, 1], [2, 0, 0, 0, 0, 1, 2, 3, 0, 0, 0, 0])],
    config: { priorityFee: 5n, unitLimit: 1000, loadedBytesLimit: 10_000_000, heapBytes: 65_536 },
  }),
]
const signatures = [new Uint8Array(64).fill(1), new Uint8Array(64).fill(2)]

/** A decoder that knows no versions may read the same bytes; it must end, too. */
function readAsLegacy(bytes: Uint8Array): void {
  try {
    const { message } = decodeLegacyTransaction(bytes)
    if (message.version !== 'legacy') throw new Error('a legacy transaction has a version')
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
  }
}

/** Nothing comes from nowhere: what accounts lose is the fee, or what the incinerator got. */
function expectBalance(result: TransactionResult): void {
  let sum = 0n
  for (const { old, new: now } of result.diff) sum += (now?.lamports ?? 0n) - (old?.lamports ?? 0n)
  const expected = result.included ? -result.fee : 0n
  const burnt = result.error !== undefined && result.diff.length === 0
  if (!burnt && sum !== expected) throw new Error(`lamports changed by ${sum}, not by ${expected}`)
}

function runTransaction(transaction: Transaction): void {
  const simulated = bank.simulate(transaction)
  const result = bank.process(transaction)
  expectBalance(result)
  bank.restore(start)
  const again = bank.process(transaction)
  bank.restore(start)
  const text = ({ error, logs, units, fee }: TransactionResult): string =>
    JSON.stringify([error, logs, String(units), String(fee)])
  if (text(again) !== text(result)) throw new Error('the same transaction ended otherwise')
  if (result.error?.kind !== 'InsufficientFundsForFee' && text(simulated) !== text(result))
    throw new Error('a simulation ended otherwise')
}

const names = Object.keys(sysvarLayouts).filter((name): name is SysvarName => name in sysvarLayouts)

function readSysvar<N extends SysvarName>(name: N, bytes: Uint8Array): void {
  const value = decodeSysvar(name, bytes)
  const written = encodeSysvar(name, value)
  // bytes behind are ignored; a double may be any of the numbers that are none
  if (name !== 'rent' && name !== 'slotHistory') same(name, bytes.slice(0, written.length), written)
}

/** Sets an account to bytes that mean something to the bank, then executes a transaction that reads it. */
function runAccount(bytes: Uint8Array): void {
  const [first = 0, ...rest] = bytes
  const data = Uint8Array.from(rest)
  const name = names[first % names.length]!
  try {
    if (first < 128) bank.setAccount(sysvarIds[name], account(1n, sysvarIds.owner, data))
    else bank.setAccount(table, account(1n, programIds.addressLookupTable, data))
  } catch (error) {
    if (!(error instanceof BankError)) throw error
  }
  try {
    for (const read of [messages[1]!, messages[3]!])
      bank.process(encodeTransaction(read, signatures))
  } catch (error) {
    if (!(error instanceof BankError)) throw error
  } finally {
    bank.restore(start)
  }
  if (first < 128) readSysvar(name, data)
}

/** What a bank of Solana takes from outside. */
export const solanaTargets: readonly Target[] = [
  {
    name: 'Solana transactions',
    seeds: messages.map((each) => encodeTransaction(each, signatures)),
    tokens: [],
    share: 2,
    run: (bytes) => {
      readAsLegacy(bytes)
      const transaction = decodeTransaction(bytes)
      const again = encodeTransaction(transaction.message, transaction.signatures)
      same('transaction', bytes.slice(0, again.length), again)
      runTransaction(transaction)
    },
  },
  {
    name: 'accounts that a bank of Solana reads',
    share: 2,
    seeds: [
      ...names
        .filter((name) => name !== 'slotHistory')
        .map((name) => [
          names.indexOf(name),
          ...(bank.account(sysvarIds[name])?.data.subarray(0, 200) ?? []),
        ]),
      [128, ...tableData()],
    ].map((bytes) => Uint8Array.from(bytes)),
    tokens: [],
    run: runAccount,
  },
]
