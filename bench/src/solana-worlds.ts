/** Transactions that both in-process runtimes of Solana get as the same bytes, and the accounts they need. */
import { type Address, getAddressDecoder, getAddressEncoder, type Transaction } from '@solana/kit'

/** The parts of both `LiteSVM` classes that are used here. */
export interface Svm {
  withSigverify(on: boolean): Svm
  withBlockhashCheck(on: boolean): Svm
  withTransactionHistory(capacity: bigint): Svm
  withComputeBudget(budget: unknown): Svm
  setAccount(account: unknown): Svm
  addProgram(id: Address, bytes: Uint8Array): unknown
  latestBlockhash(): string
  sendTransaction(transaction: Transaction): Outcome
}

export interface Outcome {
  computeUnitsConsumed?(): bigint
  err?(): unknown
  meta?(): { computeUnitsConsumed(): bigint; logs(): string[] }
}

export interface Meta {
  readonly key: Uint8Array
  readonly signer: boolean
  readonly writable: boolean
}

export interface Instruction {
  readonly program: Uint8Array
  readonly accounts: readonly Meta[]
  readonly data: Uint8Array
}

const decoder = getAddressDecoder()
const encoder = getAddressEncoder()

export const addressOf = (key: Uint8Array): Address => decoder.decode(key)
export const keyOf = (address: string): Uint8Array =>
  Uint8Array.from(encoder.encode(address as Address))

/** 32 octets that differ for each `seed`. */
export function keyFor(seed: number): Uint8Array {
  const key = new Uint8Array(32).fill(7)
  new DataView(key.buffer).setUint32(4, seed)
  return key
}

function shortVec(value: number): number[] {
  const out: number[] = []
  let rest = value
  while (rest > 127) {
    out.push((rest & 127) | 128)
    rest >>= 7
  }
  return [...out, rest]
}

const same = (a: Uint8Array, b: Uint8Array): boolean => a.every((octet, i) => octet === b[i])

/** A legacy message with one signer, who pays; its signature is made up: checks must be off. */
export function transactionOf(
  payer: Uint8Array,
  instructions: readonly Instruction[],
  id: number,
): Transaction {
  const metas: Meta[] = [{ key: payer, signer: true, writable: true }]
  const add = (meta: Meta): void => {
    if (!metas.some(({ key }) => same(key, meta.key))) metas.push(meta)
  }
  for (const writable of [true, false])
    for (const { accounts } of instructions)
      for (const meta of accounts) if (!meta.signer && meta.writable === writable) add(meta)
  for (const { program } of instructions) add({ key: program, signer: false, writable: false })
  const indexOf = (wanted: Uint8Array): number => metas.findIndex(({ key }) => same(key, wanted))
  const readonly = metas.filter(({ writable }) => !writable).length
  const bytes = [1, 0, readonly, ...shortVec(metas.length), ...metas.flatMap(({ key }) => [...key])]
  bytes.push(...new Uint8Array(32), ...shortVec(instructions.length))
  for (const { accounts, data, program } of instructions)
    bytes.push(
      indexOf(program),
      ...shortVec(accounts.length),
      ...accounts.map(({ key }) => indexOf(key)),
      ...shortVec(data.length),
      ...data,
    )
  const signature = new Uint8Array(64)
  new DataView(signature.buffer).setUint32(0, id)
  return {
    messageBytes: Uint8Array.from(bytes),
    signatures: { [addressOf(payer)]: signature },
  } as unknown as Transaction
}

const u64 = (value: bigint): Uint8Array => new Uint8Array(BigUint64Array.of(value).buffer)

export const programs: Readonly<Record<'system' | 'token', Uint8Array>> = {
  system: new Uint8Array(32),
  token: keyOf('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA'),
}

/** Gives an account to `svm`, in the form of kit's `EncodedAccount`. */
export function put(
  svm: Svm,
  key: Uint8Array,
  owner: Uint8Array,
  lamports: bigint,
  data: Uint8Array,
): void {
  svm.setAccount({
    address: addressOf(key),
    programAddress: addressOf(owner),
    lamports,
    data,
    executable: false,
    space: BigInt(data.length),
  })
}

export const payer: Uint8Array = keyFor(1)
const wallets = [keyFor(2), keyFor(3)] as const
const mint = keyFor(4)
const holdings = [keyFor(5), keyFor(6)] as const

/** Two wallets, a mint and two token accounts of the payer. */
export function settle(svm: Svm): void {
  put(svm, payer, programs.system, 10n ** 15n, new Uint8Array(0))
  for (const wallet of wallets) put(svm, wallet, programs.system, 10n ** 12n, new Uint8Array(0))
  const coin = new Uint8Array(82)
  coin.set(u64(10n ** 15n), 36)
  coin[44] = 6
  coin[45] = 1
  put(svm, mint, programs.token, 10n ** 9n, coin)
  for (const holding of holdings) {
    const data = new Uint8Array(165)
    data.set(mint)
    data.set(payer, 32)
    data.set(u64(10n ** 14n), 64)
    data[108] = 1
    put(svm, holding, programs.token, 10n ** 9n, data)
  }
}

export function systemTransfer(id: number): Transaction {
  const to = wallets[id & 1]!
  const accounts = [
    { key: payer, signer: true, writable: true },
    { key: to, signer: false, writable: true },
  ]
  const data = Uint8Array.of(2, 0, 0, 0, ...u64(BigInt(1 + (id % 1000))))
  return transactionOf(payer, [{ program: programs.system, accounts, data }], id)
}

/** `TransferChecked` of the token program. */
export function tokenTransfer(id: number): Transaction {
  const [from, to] = [holdings[id & 1]!, holdings[1 - (id & 1)]!]
  const accounts = [
    { key: from, signer: false, writable: true },
    { key: mint, signer: false, writable: false },
    { key: to, signer: false, writable: true },
    { key: payer, signer: true, writable: true },
  ]
  const data = Uint8Array.of(12, ...u64(BigInt(1 + (id % 1000))), 6)
  return transactionOf(payer, [{ program: programs.token, accounts, data }], id)
}
