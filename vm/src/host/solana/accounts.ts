import { equalBytes } from '../../bits/octets.ts'
import { type Account, maxAccountBytes } from './account.ts'
import { fail } from './errors.ts'
import type { Pubkey } from './pubkey.ts'

/** An account of a transaction, as the bank loaded it. */
export interface KeyedAccount {
  readonly key: Pubkey
  readonly account: Account
}

/** Bytes by which the accounts of one transaction may grow together. */
export const maxGrowthPerTransaction: number = 2 * maxAccountBytes

/**
 * The accounts of one transaction, by their places in it, with what its instructions did to them.
 * Data is the bank's until the first write, which copies it.
 */
export class TransactionAccounts {
  readonly loaded: readonly KeyedAccount[]
  readonly lamports: bigint[]
  readonly owners: Pubkey[]
  readonly executable: boolean[]
  /** What came in minus what went out: not zero while an instruction moves lamports. */
  lamportsDelta = 0n
  /** Bytes that accounts grew by so far, less those that they shrank by. */
  resizeDelta = 0
  private readonly bytes: Uint8Array[]
  private readonly copied: boolean[]
  private readonly held: boolean[]
  private readonly places = new Map<string, number>()

  constructor(loaded: readonly KeyedAccount[]) {
    const count = loaded.length
    this.loaded = loaded
    this.lamports = new Array<bigint>(count)
    this.owners = new Array<Pubkey>(count)
    this.executable = new Array<boolean>(count)
    this.bytes = new Array<Uint8Array>(count)
    this.copied = new Array<boolean>(count).fill(false)
    this.held = new Array<boolean>(count).fill(false)
    for (let i = count - 1; i >= 0; i--) {
      const { key, account } = loaded[i]!
      this.lamports[i] = account.lamports
      this.owners[i] = account.owner
      this.executable[i] = account.executable
      this.bytes[i] = account.data
      this.places.set(key.key, i)
    }
  }

  get count(): number {
    return this.loaded.length
  }

  key(index: number): Pubkey {
    return this.loaded[index]!.key
  }

  /** The first place of an address, or -1. */
  find(key: Pubkey): number {
    return this.places.get(key.key) ?? -1
  }

  /** To be read only; valid until the next write. */
  data(index: number): Uint8Array {
    return this.bytes[index]!
  }

  dataToWrite(index: number): Uint8Array {
    if (!this.copied[index]) this.replaceData(index, this.bytes[index]!.slice())
    return this.bytes[index]!
  }

  /** Takes the array, which from now on is the account's. */
  replaceData(index: number, data: Uint8Array): void {
    this.resizeDelta += data.length - this.bytes[index]!.length
    this.bytes[index] = data
    this.copied[index] = true
  }

  checkResize(from: number, to: number): void {
    if (to > maxAccountBytes) fail('InvalidRealloc')
    if (this.resizeDelta + to - from > maxGrowthPerTransaction)
      fail('MaxAccountsDataAllocationsExceeded')
  }

  hold(index: number): void {
    this.checkFree(index)
    this.held[index] = true
  }

  release(index: number): void {
    this.held[index] = false
  }

  checkFree(index: number): void {
    if (this.held[index]) fail('AccountBorrowFailed')
  }

  isHeld(index: number): boolean {
    return this.held[index]!
  }

  /** The account now: the loaded one itself if nothing about it is another. */
  account(index: number): Account {
    const { account } = this.loaded[index]!
    const lamports = this.lamports[index]!
    const owner = this.owners[index]!
    const executable = this.executable[index]!
    const data = this.bytes[index]!
    const same =
      lamports === account.lamports &&
      owner.key === account.owner.key &&
      executable === account.executable &&
      (!this.copied[index] || equalBytes(data, account.data))
    return same ? account : { lamports, data, owner, executable, rentEpoch: account.rentEpoch }
  }
}
