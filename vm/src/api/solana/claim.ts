import { createProgramAddress } from '../../host/solana/crypto/pda.ts'
import { isPrecompile } from '../../host/solana/crypto/precompiles.ts'
import { Pubkey } from '../../host/solana/pubkey.ts'
import { relaxedRent, staysRented } from '../../host/solana/rent.ts'
import { decodeTransaction } from '../../svm/message.ts'
import { programDataAddress } from '../../svm/native/loader-deploy.ts'
import { advancedNonce, nonceAccountOf } from '../../svm/nonce.ts'
import { resolveTransaction } from '../../svm/process.ts'
import { type ResolvedMessage, Role } from '../../svm/resolve.ts'
import type { TransactionResult } from '../../svm/result.ts'
import type { Claim, ClaimContext, ClaimedTransaction } from '../../validate/solana/claim.ts'
import type { SvmBank } from './ledger.ts'

/** What `validateClaim` looks at. */
export interface ClaimParts {
  readonly transaction: ClaimedTransaction
  readonly claim: Claim
  readonly context: ClaimContext
}

/** Calls that may be open at one time, before and with the feature that raises it. */
const depths = { usual: 5, raised: 9 } as const

function claimedOf({ keys, message, roles }: ResolvedMessage): ClaimedTransaction {
  const has = (i: number, role: number): boolean => (roles[i]! & role) !== 0
  return {
    accounts: keys.map((key, i) => ({
      key,
      signer: has(i, Role.signer),
      writable: has(i, Role.writable),
    })),
    instructions: message.instructions.map(({ accounts, data, programIdIndex }) => ({
      programId: keys[programIdIndex]!,
      accounts: Array.from(accounts, (account) => ({
        account,
        signer: has(account, Role.signer),
        writable: has(account, Role.writable),
      })),
      data,
    })),
  }
}

function contextOf(bank: SvmBank, resolved: ResolvedMessage, fee: bigint): ClaimContext {
  const { builtins, features, keepNonces, latestBlockhash } = bank.settings
  const { rent } = bank.ledger.sysvars
  if (rent === undefined) throw new Error('a ledger without the sysvar Rent runs no transactions')
  const relaxed = features.has(relaxedRent)
  const nonceKey = keepNonces ? resolved.keys[nonceAccountOf(resolved) ?? -1] : undefined
  const nonceData = nonceKey && bank.account(nonceKey)?.data
  const nonce = nonceKey !== undefined &&
    nonceData !== undefined && {
      nonce: { key: nonceKey, data: advancedNonce(nonceData, latestBlockhash) },
    }
  return {
    accountOf: (key) => bank.account(key),
    fee,
    rentExempt: (length) => rent.minimumBalance(length),
    staysRented: (before, after) => staysRented(rent, before, after, relaxed),
    isNative: (id) => builtins.has(id.key) || isPrecompile(id),
    derive(seeds, program) {
      const address = createProgramAddress(seeds, program.bytes)
      return typeof address === 'string' ? undefined : Pubkey.from(address)
    },
    programDataOf: (program) => programDataAddress(program) ?? program,
    maxDepth: features.has('raise_cpi_nesting_limit_to_8') ? depths.raised : depths.usual,
    ...nonce,
  }
}

/**
 * What somebody who executed a transaction elsewhere hands over, and what the ledger knows before it: for `validateClaim`.
 * @param bank as it is before the transaction @param bytes the signed transaction
 * @param result with its trace: of a bank that was told to `record`
 * @returns undefined for a transaction that was refused before it ran: it leaves nothing to validate
 */
export function claimOf(
  bank: SvmBank,
  bytes: Uint8Array,
  result: TransactionResult,
): ClaimParts | undefined {
  if (!result.included) return undefined
  const resolved = resolveTransaction(decodeTransaction(bytes), bank)
  if ('kind' in resolved) return undefined
  const diff = result.diff.map(({ address, new: to, old: from }) => ({
    key: address,
    ...(from && { from }),
    ...(to && { to }),
  }))
  return {
    transaction: claimedOf(resolved),
    claim: { succeeded: result.error === undefined, trace: result.trace, diff },
    context: contextOf(bank, resolved, result.fee),
  }
}
