import { cursorOf, readU8, readU32, readU64 } from '../bits/bytes.ts'
import { DecodeError } from '../bits/errors.ts'
import type { Account } from '../host/solana/account.ts'
import type { TransactionError } from '../host/solana/errors.ts'
import { programIds } from '../host/solana/ids.ts'
import { Pubkey, pubkeyBytes } from '../host/solana/pubkey.ts'
import type { TableLookup } from './message.ts'
import type { LoadedAddresses } from './resolve.ts'

/** Bytes of a table before its addresses. */
const metaBytes = 56
const neverDeactivated = (1n << 64n) - 1n

interface TableMeta {
  readonly deactivationSlot: bigint
  readonly lastExtendedSlot: bigint
  /** Addresses from here on were added in that slot. */
  readonly lastExtendedStart: number
}

/** What tables are looked at with: the slot, and the slots whose hashes are known. */
export interface LookupClock {
  readonly slot: bigint
  isRecent(slot: bigint): boolean
}

type LookupErrorName =
  | 'AddressLookupTableNotFound'
  | 'InvalidAddressLookupTableOwner'
  | 'InvalidAddressLookupTableData'
  | 'InvalidAddressLookupTableIndex'

/** Ends a lookup; caught in `loadAddresses`. */
class LookupFailure extends Error {
  readonly kind: LookupErrorName

  constructor(kind: LookupErrorName) {
    super(kind)
    this.kind = kind
  }
}

function metaOf(data: Uint8Array): TableMeta | undefined {
  try {
    const cursor = cursorOf(data)
    // 0: not initialised
    if (readU32(cursor) !== 1) return undefined
    const deactivationSlot = readU64(cursor)
    const lastExtendedSlot = readU64(cursor)
    const lastExtendedStart = readU8(cursor)
    const hasAuthority = readU8(cursor)
    const left = (hasAuthority === 1 ? pubkeyBytes : 0) + 2
    if (hasAuthority > 1 || cursor.end - cursor.at < left) return undefined
    return { deactivationSlot, lastExtendedSlot, lastExtendedStart }
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
}

/** How many of a table's addresses, from the first, may be used at this slot. */
function usableAddresses(data: Uint8Array, clock: LookupClock): number {
  const meta = metaOf(data)
  const all = (data.length - metaBytes) / pubkeyBytes
  if (meta === undefined || all < 0 || !Number.isInteger(all))
    throw new LookupFailure('InvalidAddressLookupTableData')
  const { deactivationSlot, lastExtendedSlot, lastExtendedStart } = meta
  const active =
    deactivationSlot === neverDeactivated ||
    deactivationSlot === clock.slot ||
    clock.isRecent(deactivationSlot)
  if (!active) throw new LookupFailure('AddressLookupTableNotFound')
  const usable = clock.slot > lastExtendedSlot ? all : lastExtendedStart
  if (usable > all) throw new LookupFailure('InvalidAddressLookupTableData')
  return usable
}

function lookUp(data: Uint8Array, places: Uint8Array, usable: number, into: Pubkey[]): void {
  for (const place of places) {
    if (place >= usable) throw new LookupFailure('InvalidAddressLookupTableIndex')
    into.push(Pubkey.from(data, metaBytes + place * pubkeyBytes))
  }
}

/** Finds the addresses of lookups in their tables, or says which error the transaction ends with. */
export function loadAddresses(
  lookups: readonly TableLookup[],
  account: (table: Pubkey) => Account | undefined,
  clock: LookupClock,
): LoadedAddresses | TransactionError {
  const writable: Pubkey[] = []
  const readonly: Pubkey[] = []
  try {
    for (const lookup of lookups) {
      const table = account(lookup.table)
      if (table === undefined) throw new LookupFailure('AddressLookupTableNotFound')
      if (table.owner.key !== programIds.addressLookupTable.key)
        throw new LookupFailure('InvalidAddressLookupTableOwner')
      const usable = usableAddresses(table.data, clock)
      lookUp(table.data, lookup.writable, usable, writable)
      lookUp(table.data, lookup.readonly, usable, readonly)
    }
  } catch (error) {
    if (error instanceof LookupFailure) return { kind: error.kind }
    throw error
  }
  return { writable, readonly }
}
