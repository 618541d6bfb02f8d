import { maxAccountBytes } from './account.ts'
import type { Pubkey } from './pubkey.ts'
import type { Sysvar } from './sysvars.ts'
import { maxU64 } from './words.ts'

/** Bytes that every account takes beside its data. */
const accountOverhead = 128n
/** Lamports per byte beyond which a balance would not fit, with a threshold of 1 and of 2. */
const maxPerByte = { 1: 1_759_197_129_867n, 2: 879_598_564_933n } as const

/** A double as u64: towards zero, what is outside becomes the nearest end, and what is no number 0. */
function saturated(value: number): bigint {
  if (!(value > 0)) return 0n
  return value >= 2 ** 64 ? maxU64 : BigInt(Math.trunc(value))
}

/**
 * How many lamports an account must have to stay, by the sysvar Rent (solana-rent).
 * @example new RentRule({ lamportsPerByte: 6960n, exemptionThreshold: 1, burnPercent: 50 }).minimumBalance(0) // 890880n
 */
export class RentRule {
  private readonly rent: Sysvar<'rent'>
  private lastLength = -1
  private lastBalance = 0n

  constructor(rent: Sysvar<'rent'>) {
    this.rent = rent
  }

  /** Lamports for `length` bytes of data. */
  minimumBalance(length: number): bigint {
    if (length === this.lastLength) return this.lastBalance
    const { lamportsPerByte, exemptionThreshold } = this.rent
    const once = BigInt.asUintN(64, (accountOverhead + BigInt(length)) * lamportsPerByte)
    this.lastLength = length
    this.lastBalance =
      exemptionThreshold === 1
        ? once
        : exemptionThreshold === 2
          ? BigInt.asUintN(64, 2n * once)
          : saturated(Number(once) * exemptionThreshold)
    return this.lastBalance
  }

  /** As `minimumBalance`; undefined where no balance is enough: beyond 10 MiB, or at an absurd price. */
  tryMinimumBalance(length: number): bigint | undefined {
    const { lamportsPerByte, exemptionThreshold } = this.rent
    if (length > maxAccountBytes) return undefined
    const known = exemptionThreshold === 1 || exemptionThreshold === 2
    if (known && lamportsPerByte > maxPerByte[exemptionThreshold]) return undefined
    return this.minimumBalance(length)
  }

  isExempt(lamports: bigint, length: number): boolean {
    return lamports >= this.minimumBalance(length)
  }
}

/** What rent asks about of an account. */
export interface RentedAccount {
  readonly lamports: bigint
  /** Bytes of data. */
  readonly length: number
  readonly owner: Pubkey
}

/**
 * May an account be so after a transaction that was so before it. No account may come to be short of rent;
 * one that is may not grow, shrink or be paid a part. When `relaxed` (SIMD-0392), what an account had is
 * enough for it as long as it neither grows nor has another owner, and it may be paid a part.
 */
export function staysRented(
  rent: RentRule,
  before: RentedAccount,
  after: RentedAccount,
  relaxed: boolean,
): boolean {
  if (after.lamports === 0n || rent.isExempt(after.lamports, after.length)) return true
  if (before.lamports === 0n) return false
  if (relaxed)
    return (
      after.length <= before.length &&
      after.owner.key === before.owner.key &&
      after.lamports >= before.lamports
    )
  const wasShort = !rent.isExempt(before.lamports, before.length)
  return wasShort && after.length === before.length && after.lamports <= before.lamports
}

/** The feature that relaxes `staysRented`. */
export const relaxedRent = 'relax_post_exec_min_balance_check'
