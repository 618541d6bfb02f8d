import { bytesId } from '../../../bits/octets.ts'
import { edwards25519 } from './edwards25519.ts'
import type { Address } from './field25519.ts'

/** Keys with tables, 10 KiB each. */
const mostKnown = 64
/** A key gets tables when it is met so often: they cost as much as two verifications save. */
const timesUntilKnown = 3
/** Keys that are counted. */
const mostCounted = 1024

const tables = new Map<string, Address>()
const counts = new Map<string, number>()

function countOf(id: string): number {
  const count = (counts.get(id) ?? 0) + 1
  counts.set(id, count)
  const [oldest] = counts.keys()
  if (counts.size > mostCounted && oldest !== undefined) counts.delete(oldest)
  return count
}

/** The place of new tables: that of the key that was not met for the longest time, when there are enough. */
function placeOfTables(): Address {
  const [oldest] = tables
  if (tables.size < mostKnown || oldest === undefined) return edwards25519().roomForKnown()
  tables.delete(oldest[0])
  return oldest[1]
}

/**
 * Tables of -A for a key A that was met before and is no point of small order; else undefined.
 * @param key 32 bytes
 */
export function tablesOfKey(key: Uint8Array): Address | undefined {
  const id = bytesId(key)
  const known = tables.get(id)
  if (known !== undefined) {
    // the last one of the map is the one met last
    tables.delete(id)
    tables.set(id, known)
    return known
  }
  if (countOf(id) < timesUntilKnown) return undefined
  const curve = edwards25519()
  if (!curve.decompress(curve.left, key) || curve.isSmallOrder(curve.left)) return undefined
  counts.delete(id)
  curve.negate(curve.left, curve.left)
  const made = placeOfTables()
  curve.makeKnown(made, curve.left)
  tables.set(id, made)
  return made
}
