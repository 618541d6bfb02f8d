import { sha256 } from '@noble/hashes/sha2.js'
import { bytesId } from '../../../bits/octets.ts'
import { isOnCurve } from './ed25519.ts'
import { Memo } from './memo.ts'

/** solana-address, `MAX_SEEDS` and `MAX_SEED_LEN`. */
export const maxSeeds = 16
export const maxSeedBytes = 32
/** Bumps that are tried: 255 down to 1 (solana-address, `try_find_program_address`). */
export const maxBumps = 255
const marker = new TextEncoder().encode('ProgramDerivedAddress')

/** Why there is no address (solana-address, `AddressError`). */
export type AddressError = 'MaxSeedLengthExceeded' | 'InvalidSeeds'

/** Addresses kept: programs ask for the same few in every transaction. */
const memoBytes = 1 << 20
const created = new Memo<{ readonly address: Uint8Array | undefined }>(memoBytes)
const found = new Memo<FoundAddress>(memoBytes)

function inBounds(seeds: readonly Uint8Array[]): boolean {
  if (seeds.length > maxSeeds) return false
  for (const seed of seeds) if (seed.length > maxSeedBytes) return false
  return true
}

/** A seed's bytes belong to the address, its length does not: equal joined seeds have one address. */
function joined(seeds: readonly Uint8Array[], programId: Uint8Array): string {
  let key = ''
  for (const seed of seeds) key += bytesId(seed)
  return key + bytesId(programId)
}

function derive(
  seeds: readonly Uint8Array[],
  bump: number | undefined,
  programId: Uint8Array,
): Uint8Array | undefined {
  const hash = sha256.create()
  for (const seed of seeds) hash.update(seed)
  if (bump !== undefined) hash.update(Uint8Array.of(bump))
  const address = hash.update(programId).update(marker).digest()
  return isOnCurve(address) ? undefined : address
}

/**
 * The address of a program's seeds, which no key can sign for as it is not on the curve.
 * @param seeds at most 16 of at most 32 bytes @param programId 32 bytes
 * @returns 32 bytes, not to be changed
 * @example createProgramAddress([], new Uint8Array(32)) // 'InvalidSeeds', or 32 bytes
 */
export function createProgramAddress(
  seeds: readonly Uint8Array[],
  programId: Uint8Array,
): Uint8Array | AddressError {
  if (!inBounds(seeds)) return 'MaxSeedLengthExceeded'
  const key = joined(seeds, programId)
  let answer = created.get(key)
  if (answer === undefined) {
    answer = { address: derive(seeds, undefined, programId) }
    created.set(key, answer)
  }
  return answer.address ?? 'InvalidSeeds'
}

/** An address with the largest bump that gives one. */
export interface FoundAddress {
  /** 32 bytes, not to be changed; undefined when no bump gives one, or seeds are out of bounds. */
  readonly address: Uint8Array | undefined
  /** Of the address; 0 without one. Bumps that were tried are 256 less this, or 255. */
  readonly bump: number
}

const nothing: FoundAddress = { address: undefined, bump: 0 }

/**
 * Tries bumps from 255 down to 1 as one more seed.
 * @example findProgramAddress([Uint8Array.of(1)], new Uint8Array(32)).bump > 0 // true
 */
export function findProgramAddress(
  seeds: readonly Uint8Array[],
  programId: Uint8Array,
): FoundAddress {
  if (seeds.length >= maxSeeds || !inBounds(seeds)) return nothing
  const key = joined(seeds, programId)
  const known = found.get(key)
  if (known !== undefined) return known
  let answer = nothing
  for (let bump = maxBumps; bump > 0; bump--) {
    const address = derive(seeds, bump, programId)
    if (address === undefined) continue
    answer = { address, bump }
    break
  }
  found.set(key, answer)
  return answer
}
