import type { Account } from '../host/solana/account.ts'
import { programIds } from '../host/solana/ids.ts'
import type { Pubkey } from '../host/solana/pubkey.ts'
import type { ProgramCache, ProgramEntry } from '../host/solana/runtime.ts'
import type { ProgramEnvironment } from '../host/solana/syscalls/table.ts'
import { BankError, checkedSysvars } from './errors.ts'
import { type ElfPlace, elfOf, type LoadedPrograms, UpgradeableState } from './programs.ts'
import { type MapSnapshot, PubkeyMap } from './pubkey-map.ts'
import type { AccountChange } from './result.ts'
import { checkedSysvarOf, isSysvar, SysvarStore } from './sysvar-store.ts'

/** A state of a ledger; constant size, whatever is in it. */
export interface LedgerSnapshot<Program> {
  readonly accounts: MapSnapshot<Account>
  readonly programs: MapSnapshot<ProgramEntry<Program>>
  readonly sysvars: SysvarStore
  readonly environment: ProgramEnvironment
}

/** Accounts, with what the runtime makes of some of them: sysvars that are read, and programs that are loaded. */
export class Ledger<Program> {
  sysvars: SysvarStore = SysvarStore.empty()
  /** What programs are loaded with from now on. */
  environment: ProgramEnvironment
  private readonly accounts = new PubkeyMap<Account>()
  private readonly programs = new PubkeyMap<ProgramEntry<Program>>()
  private readonly loaded: LoadedPrograms<Program>
  /** Accounts by owner, made when first asked for and kept up from then on. */
  private owned: Map<string, Map<string, Pubkey>> | undefined

  constructor(loaded: LoadedPrograms<Program>, environment: ProgramEnvironment) {
    this.loaded = loaded
    this.environment = environment
  }

  get size(): number {
    return this.accounts.size
  }

  get(key: Pubkey): Account | undefined {
    return this.accounts.get(key)
  }

  program(id: Pubkey): ProgramEntry<Program> | undefined {
    return this.programs.get(id)
  }

  entries(): IterableIterator<readonly [Pubkey, Account]> {
    return this.accounts.entries()
  }

  /** Puts an account that is neither a program nor a sysvar, or whose meaning was seen to. */
  put(key: Pubkey, account: Account): void {
    if (this.owned !== undefined) this.reindex(key, account)
    this.accounts.set(key, account)
  }

  /** Takes code that is known to load as that of a program, and loads it when it is first run. */
  putUnloaded(id: Pubkey, code: () => ElfPlace): void {
    const { loaded, environment } = this
    this.programs.set(id, {
      kind: 'loaded',
      get program() {
        return loaded.load(code(), environment).program
      },
    })
  }

  /** Loads code as that of a program. @throws {Error} when it may not run; its message is Agave's */
  putLoaded(id: Pubkey, place: ElfPlace): void {
    this.programs.set(id, this.loaded.load(place, this.environment))
  }

  remove(key: Pubkey): void {
    if (this.owned !== undefined) this.reindex(key, undefined)
    this.accounts.delete(key)
  }

  /**
   * Sets an account whatever it was before; one without lamports is removed. A program is loaded, a sysvar
   * read, and what cannot be is refused.
   * @throws {BankError}
   */
  set(key: Pubkey, account: Account): void {
    const { executable, owner } = account
    if (
      executable &&
      key.key !== programIds.system.key &&
      owner.key !== programIds.nativeLoader.key
    )
      this.programs.set(key, this.load(account))
    else this.takeSysvar(key, account)
    if (account.lamports === 0n) this.remove(key)
    else this.put(key, account)
  }

  /** Loads the code of an executable account. @throws {BankError} */
  private load(program: Account): ProgramEntry<Program> {
    const place = elfOf(program, (key) => this.accounts.get(key))
    if (place === 'closed') return { kind: 'closed' }
    try {
      return this.loaded.load(place, this.environment)
    } catch {
      throw BankError.instruction({ kind: 'InvalidAccountData' })
    }
  }

  private takeSysvar(key: Pubkey, { data }: Account): void {
    const name = checkedSysvarOf(key)
    if (name === undefined) return
    const error = isSysvar(name, data)
      ? undefined
      : new BankError('invalidSysvarData', `Invalid ${checkedSysvars[name]} sysvar data.`)
    // a bad clock is refused before anything is read anew, another only after
    if (error !== undefined && name === 'clock') throw error
    this.sysvars = SysvarStore.fill(
      (id) => (id.key === key.key ? data : this.accounts.get(id)?.data),
      this.sysvars,
    )
    if (error !== undefined) throw error
  }

  /**
   * Takes over what a transaction made of its writable accounts, all of it or nothing.
   * @returns what is not as before
   * @throws {BankError} when one is a program that cannot be loaded
   */
  commit(accounts: readonly (readonly [Pubkey, Account])[]): AccountChange[] {
    const changes: AccountChange[] = []
    try {
      // code first: programs are loaded from it
      for (const code of [true, false])
        for (const [address, account] of accounts)
          if (isProgramData(account) === code) this.commitOne(address, account, changes)
    } catch (error) {
      for (const { address, old } of changes)
        if (old === undefined) this.remove(address)
        else this.put(address, old)
      throw error
    }
    return changes
  }

  private commitOne(address: Pubkey, account: Account, changes: AccountChange[]): void {
    const old = this.accounts.get(address)
    if (old === account && !account.executable) return
    this.set(address, account)
    const now = account.lamports === 0n ? undefined : account
    if (old !== now) changes.push({ address, old, new: now })
  }

  /** Programs as one transaction sees them: what it deploys stays with it. */
  transactionPrograms(): ProgramCache {
    let own: Map<string, ProgramEntry> | undefined
    return {
      rules: this.environment,
      find: (id) => own?.get(id.key) ?? this.programs.get(id),
      set: (id, entry) => {
        own ??= new Map()
        own.set(id.key, entry)
      },
    }
  }

  /** All accounts of an owner. The first call looks at every account, later ones only at these. */
  ownedBy(owner: Pubkey): (readonly [Pubkey, Account])[] {
    if (this.owned === undefined) {
      this.owned = new Map()
      for (const [key, account] of this.accounts.entries()) this.index(key, account)
    }
    return [...(this.owned.get(owner.key)?.values() ?? [])].map((key) => [
      key,
      this.accounts.get(key)!,
    ])
  }

  snapshot(): LedgerSnapshot<Program> {
    return {
      accounts: this.accounts.snapshot(),
      programs: this.programs.snapshot(),
      sysvars: this.sysvars,
      environment: this.environment,
    }
  }

  restore(snapshot: LedgerSnapshot<Program>): void {
    this.accounts.restore(snapshot.accounts)
    this.programs.restore(snapshot.programs)
    this.sysvars = snapshot.sysvars
    this.environment = snapshot.environment
    this.owned = undefined
  }

  fork(): Ledger<Program> {
    const out = new Ledger<Program>(this.loaded, this.environment)
    out.restore(this.snapshot())
    return out
  }

  private reindex(key: Pubkey, account: Account | undefined): void {
    const old = this.accounts.get(key)
    if (old !== undefined && old.owner.key === account?.owner.key) return
    if (old !== undefined) this.owned?.get(old.owner.key)?.delete(key.key)
    if (account !== undefined) this.index(key, account)
  }

  private index(key: Pubkey, { owner }: Account): void {
    const keys = this.owned?.get(owner.key)
    if (keys === undefined) this.owned?.set(owner.key, new Map([[key.key, key]]))
    else keys.set(key.key, key)
  }
}

/** Is it code of the upgradeable loader, by its first byte. */
function isProgramData({ owner, data }: Account): boolean {
  return owner.key === programIds.loaderV3.key && data[0] === UpgradeableState.programData
}
