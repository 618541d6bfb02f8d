import type { Address } from '@solana/kit'
import { toHex } from '../../bits/hex.ts'
import { equalBytes } from '../../bits/octets.ts'
import type { Account } from '../../host/solana/account.ts'
import { transactionErrorText } from '../../host/solana/errors.ts'
import type { TransactionResult } from '../../svm/result.ts'
import { pubkeyOf } from './kit.ts'
import type { HasResult } from './report.ts'

/** What is wrong with a result, or undefined. */
export type Check = (result: TransactionResult) => string | undefined

/** What an account must be after a transaction; what is not named may be anything. */
export interface AccountCheck {
  readonly lamports?: bigint
  readonly owner?: Address
  readonly data?: Uint8Array
  /** Bytes that the data have from an offset on. */
  readonly slice?: { readonly offset: number; readonly bytes: Uint8Array }
  readonly space?: number
  readonly executable?: boolean
  /** It is not there any more. */
  readonly closed?: boolean
}

function accountAfter({ postAccounts }: TransactionResult, address: Address): Account | undefined {
  const { key } = pubkeyOf(address)
  return postAccounts.find(([pubkey]) => pubkey.key === key)?.[1]
}

function accountProblem(account: Account, wanted: AccountCheck): string | undefined {
  const { lamports, owner, data, slice, space, executable, closed } = wanted
  if (closed === true)
    return account.lamports === 0n
      ? undefined
      : `has ${account.lamports} lamports, and should be closed`
  if (lamports !== undefined && account.lamports !== lamports)
    return `has ${account.lamports} lamports, not ${lamports}`
  if (owner !== undefined && account.owner.toString() !== owner)
    return `is owned by ${account.owner}, not ${owner}`
  if (space !== undefined && account.data.length !== space)
    return `has ${account.data.length} bytes, not ${space}`
  if (executable !== undefined && account.executable !== executable)
    return `is ${account.executable ? '' : 'not '}executable`
  if (data !== undefined && !equalBytes(account.data, data))
    return `has the data ${toHex(account.data)}, not ${toHex(data)}`
  if (slice === undefined) return undefined
  const found = account.data.subarray(slice.offset, slice.offset + slice.bytes.length)
  return equalBytes(found, slice.bytes)
    ? undefined
    : `has ${toHex(found)} at ${slice.offset}, not ${toHex(slice.bytes)}`
}

const found = (result: TransactionResult): string =>
  result.error === undefined ? 'succeeded' : `failed: ${transactionErrorText(result.error)}`

/** Checks of what a transaction did. */
export const check = {
  success: (): Check => (result) => (result.error === undefined ? undefined : found(result)),
  /** @param text all of the error's text, as Agave prints it */
  error:
    (text: string): Check =>
    (result) =>
      result.error !== undefined && transactionErrorText(result.error) === text
        ? undefined
        : `${found(result)}, instead of: ${text}`,
  /** Compute units, exactly. */
  units:
    (units: bigint): Check =>
    (result) =>
      result.units === units ? undefined : `consumed ${result.units} compute units, not ${units}`,
  unitsAtMost:
    (units: bigint): Check =>
    (result) =>
      result.units <= units ? undefined : `consumed ${result.units} compute units, over ${units}`,
  returnData:
    (bytes: Uint8Array): Check =>
    ({ returnData: { data } }) =>
      equalBytes(data, bytes) ? undefined : `returned ${toHex(data)}, not ${toHex(bytes)}`,
  /** A line of the log has these words. */
  log:
    (words: string): Check =>
    ({ logs }) =>
      logs.some((line) => line.includes(words)) ? undefined : `no line of the log has: ${words}`,
  /** Number of instructions that programs called. */
  calls:
    (count: number): Check =>
    ({ inner }) => {
      const made = inner.reduce((sum, calls) => sum + calls.length, 0)
      return made === count ? undefined : `made ${made} calls, not ${count}`
    },
  /** An account that the transaction may write, as it leaves it. */
  account:
    (address: Address, wanted: AccountCheck): Check =>
    (result) => {
      const account = accountAfter(result, address)
      const problem =
        account === undefined
          ? 'is none that the transaction wrote'
          : accountProblem(account, wanted)
      return problem === undefined ? undefined : `account ${address} ${problem}`
    },
} as const

/**
 * Holds a result against checks.
 * @throws {Error} that says all that is wrong, and the log
 */
export function expectResult({ result }: HasResult, ...checks: readonly Check[]): void {
  const problems = checks.map((each) => each(result)).filter((problem) => problem !== undefined)
  if (problems.length === 0) return
  const log = result.logs.map((line) => `\n    ${line}`).join('')
  throw new Error(`the transaction is not as expected:\n  ${problems.join('\n  ')}\n  log:${log}`)
}
