import { createRequire } from 'node:module'
import { type Failure, failureOf, type Meta, successOf } from './outcome.ts'
import { addressOf, bytesOf, fromBase64, toBase64 } from './pack.ts'
import type { Address, Answer, Op, Outcome, Setup, StoredAccount, Subject } from './subject.ts'

/** The native classes of `litesvm`, as far as they are used: below its kit-typed wrapper, which takes bytes. */
interface NativeAccount {
  data(): Uint8Array
  executable(): boolean
  lamports(): bigint
  owner(): Uint8Array
}
interface NativeSimulation {
  meta(): Meta
  postAccounts(): { address: Uint8Array; account(): NativeAccount }[]
  toString(): string
}
interface NativeFeatures {
  activate(feature: Uint8Array, slot: bigint): void
}
interface NativeSvm {
  setSigverify(on: boolean): void
  setBlockhashCheck(on: boolean): void
  setTransactionHistory(capacity: bigint): void
  setLogBytesLimit(limit?: bigint | null): void
  setFeatureSet(set: object): void
  setBuiltins(): void
  setSysvars(): void
  setDefaultPrograms(): void
  getAccount(address: Uint8Array): NativeAccount | null
  setAccount(address: Uint8Array, account: NativeAccount): void
  getProgramAccounts(owner: Uint8Array): { address: Uint8Array; account(): NativeAccount }[]
  addProgram(address: Uint8Array, elf: Uint8Array): void
  addProgramWithLoader(address: Uint8Array, elf: Uint8Array, loader: Uint8Array): void
  airdrop(address: Uint8Array, lamports: bigint): Meta | Failure
  sendVersionedTransaction(bytes: Uint8Array): Meta | Failure
  simulateVersionedTransaction(bytes: Uint8Array): NativeSimulation | Failure
  getTransaction(signature: Uint8Array): Meta | Failure | null
  latestBlockhash(): string
  expireBlockhash(): void
  warpToSlot(slot: bigint): void
  setClock(clock: object): void
}
export interface Native {
  LiteSvm: new () => NativeSvm
  Account: new (
    lamports: bigint,
    data: Uint8Array,
    owner: Uint8Array,
    executable: boolean,
    rentEpoch: bigint,
  ) => NativeAccount
  Clock: new (...fields: bigint[]) => object
  FeatureSet: { new (): NativeFeatures; allEnabled(): NativeFeatures }
  TransactionMetadata: new () => Meta
  FailedTransactionMetadata: new () => Failure
}

/** The native binding of `litesvm`, or undefined where it is not installed or has none for this machine. */
export function nativeLitesvm(): Native | undefined {
  try {
    return createRequire(import.meta.url)('litesvm/dist/internal.js') as Native
  } catch {
    return undefined
  }
}

function stored(account: NativeAccount): StoredAccount {
  return {
    lamports: account.lamports().toString(),
    data: toBase64(account.data()),
    owner: addressOf(account.owner()),
    executable: account.executable(),
  }
}

export class LitesvmSubject implements Subject {
  readonly name = 'litesvm'
  private readonly native: Native
  private readonly svm: NativeSvm

  constructor(native: Native) {
    this.native = native
    this.svm = new native.LiteSvm()
  }

  do(op: Op): Answer {
    try {
      return this.answer(op)
    } catch (error) {
      return { thrown: error instanceof Error ? error.message : String(error) }
    }
  }

  account(address: Address): StoredAccount | undefined {
    const account = this.svm.getAccount(bytesOf(address))
    return account === null ? undefined : stored(account)
  }

  owned(program: Address): (readonly [Address, StoredAccount])[] {
    return this.svm
      .getProgramAccounts(bytesOf(program))
      .map((row) => [addressOf(row.address), stored(row.account())] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1))
  }

  latestBlockhash(): string {
    return this.svm.latestBlockhash()
  }

  private answer(op: Op): Answer {
    const { svm, native } = this
    switch (op.op) {
      case 'setup':
        this.setUp(op.setup)
        break
      case 'send':
        return this.outcome(svm.sendVersionedTransaction(fromBase64(op.transaction)))
      case 'simulate': {
        const result = svm.simulateVersionedTransaction(fromBase64(op.transaction))
        if (result instanceof native.FailedTransactionMetadata) return this.outcome(result)
        const simulation = result as NativeSimulation
        const post = simulation
          .postAccounts()
          .map((row) => [addressOf(row.address), stored(row.account())] as const)
        return { ...this.outcome(simulation.meta()), post }
      }
      case 'airdrop': {
        // The airdrop's own key is random: its signature can be compared with nothing.
        const result = this.outcome(svm.airdrop(bytesOf(op.address), BigInt(op.lamports)))
        const text = result.text!.replace(/signature: \w+/, 'signature: ')
        return { ...result, signature: '', text }
      }
      case 'setAccount': {
        const { lamports, data, owner, executable } = op.account
        const account = new native.Account(
          BigInt(lamports),
          fromBase64(data),
          bytesOf(owner),
          executable,
          0n,
        )
        svm.setAccount(bytesOf(op.address), account)
        break
      }
      case 'addProgram':
        if (op.loader === undefined) svm.addProgram(bytesOf(op.address), fromBase64(op.elf))
        else svm.addProgramWithLoader(bytesOf(op.address), fromBase64(op.elf), bytesOf(op.loader))
        break
      case 'expireBlockhash':
        svm.expireBlockhash()
        return { value: svm.latestBlockhash() }
      case 'warpToSlot':
        svm.warpToSlot(BigInt(op.slot))
        break
      case 'setClock':
        svm.setClock(new native.Clock(...op.clock.map(BigInt)))
        break
      case 'getTransaction': {
        const result = svm.getTransaction(fromBase64(op.signature))
        return result === null ? { value: 'null' } : this.outcome(result)
      }
    }
    return { value: '' }
  }

  private setUp(setup: Setup): void {
    const { svm } = this
    if (setup.allFeatures === true) {
      svm.setFeatureSet(this.native.FeatureSet.allEnabled())
      svm.setBuiltins()
      svm.setSysvars()
      svm.setDefaultPrograms()
    }
    if (setup.sigverify !== undefined) svm.setSigverify(setup.sigverify)
    if (setup.blockhashCheck !== undefined) svm.setBlockhashCheck(setup.blockhashCheck)
    if (setup.history !== undefined) svm.setTransactionHistory(BigInt(setup.history))
    if (setup.logLimit === null) svm.setLogBytesLimit()
    else if (setup.logLimit !== undefined) svm.setLogBytesLimit(BigInt(setup.logLimit))
  }

  private outcome(result: Meta | Failure): Outcome {
    return result instanceof this.native.FailedTransactionMetadata
      ? failureOf(result)
      : successOf(result as Meta)
  }
}
