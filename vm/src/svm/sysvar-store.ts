import { DecodeError } from '../bits/errors.ts'
import { sysvarIds } from '../host/solana/ids.ts'
import type { Pubkey } from '../host/solana/pubkey.ts'
import { RentRule } from '../host/solana/rent.ts'
import type { SysvarCache } from '../host/solana/runtime.ts'
import { decodeSysvar, type Sysvar, type SysvarName } from '../host/solana/sysvars.ts'
import { checkedSysvars } from './errors.ts'

type CheckedName = keyof typeof checkedSysvars
const names = Object.keys(checkedSysvars).filter(
  (name): name is CheckedName => name in checkedSysvars,
)
const nameByKey: ReadonlyMap<string, CheckedName> = new Map(
  names.map((name) => [sysvarIds[name].key, name]),
)

/** The name of the sysvar whose account has this address, if setting it is looked at. */
export function checkedSysvarOf(id: Pubkey): CheckedName | undefined {
  return nameByKey.get(id.key)
}

/**
 * Sysvars as the runtime sees them: the accounts that could be read when one of them was last set, which is
 * not always what the accounts are now. A value: who sets a sysvar makes another.
 */
export class SysvarStore implements SysvarCache {
  private readonly values: ReadonlyMap<string, Uint8Array>
  private readonly decoded = new Map<SysvarName, unknown>()
  private rentRule: RentRule | undefined

  private constructor(values: ReadonlyMap<string, Uint8Array>) {
    this.values = values
  }

  static empty(): SysvarStore {
    return new SysvarStore(new Map())
  }

  /** Reads all sysvars anew. @param data the bytes of an account */
  static fill(data: (id: Pubkey) => Uint8Array | undefined, before: SysvarStore): SysvarStore {
    const values = new Map<string, Uint8Array>()
    for (const name of names) {
      const id = sysvarIds[name]
      const bytes = data(id)
      if (bytes === undefined) continue
      if (before.values.get(id.key) === bytes || isSysvar(name, bytes)) values.set(id.key, bytes)
    }
    return new SysvarStore(values)
  }

  bytes(id: Pubkey): Uint8Array | undefined {
    return this.values.get(id.key)
  }

  /** The sysvar's fields; undefined when there is none. */
  get<N extends CheckedName>(name: N): Sysvar<N> | undefined {
    const known = this.decoded.get(name)
    // what was put there under this name
    if (known !== undefined) return known as Sysvar<N>
    const bytes = this.values.get(sysvarIds[name].key)
    if (bytes === undefined) return undefined
    const value = decodeSysvar(name, bytes)
    this.decoded.set(name, value)
    return value
  }

  get rent(): RentRule | undefined {
    if (this.rentRule !== undefined) return this.rentRule
    const rent = this.get('rent')
    if (rent !== undefined) this.rentRule = new RentRule(rent)
    return this.rentRule
  }
}

/** Can the bytes be read as the sysvar. */
export function isSysvar(name: SysvarName, bytes: Uint8Array): boolean {
  try {
    decodeSysvar(name, bytes)
    return true
  } catch (error) {
    if (error instanceof DecodeError) return false
    throw error
  }
}
