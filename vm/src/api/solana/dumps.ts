import type { Address, EncodedAccount, Lamports } from '@solana/kit'
import { fromBase64, toBase64 } from '../../bits/base64.ts'
import type { Account } from '../../host/solana/account.ts'
import type { Pubkey } from '../../host/solana/pubkey.ts'
import { pubkeyOf } from './kit.ts'

/** An account as the commands of Solana write it into files: `solana account ADDRESS --output json`. */
export interface AccountDump {
  readonly pubkey: string
  readonly account: {
    readonly lamports: number | bigint
    readonly data: readonly [string, 'base64']
    readonly owner: string
    readonly executable: boolean
    /** Beyond what JSON's numbers tell apart: not read. */
    readonly rentEpoch?: number | bigint
    readonly space?: number | bigint
  }
}

/**
 * @param dump the file's text, or what it stands for
 * @throws {SyntaxError} when the text is no JSON
 * @throws {Error} on an address that is none, or data that are no base64
 */
export function accountFromDump(dump: string | AccountDump): EncodedAccount {
  const { pubkey, account } = typeof dump === 'string' ? (JSON.parse(dump) as AccountDump) : dump
  const [text, encoding] = account.data
  if (encoding !== 'base64') throw new TypeError(`data of ${pubkey} are ${encoding}, not base64`)
  pubkeyOf(pubkey)
  const data = fromBase64(text)
  return {
    address: pubkey as Address,
    data,
    executable: account.executable,
    lamports: BigInt(account.lamports) as Lamports,
    programAddress: account.owner as Address,
    space: BigInt(data.length),
  }
}

/** What `accountFromDump` reads; lamports that a number cannot have are a bigint. */
export function dumpOf(pubkey: Pubkey, account: Account): AccountDump {
  const { lamports } = account
  return {
    pubkey: pubkey.toString(),
    account: {
      lamports: lamports <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(lamports) : lamports,
      data: [toBase64(account.data), 'base64'],
      owner: account.owner.toString(),
      executable: account.executable,
      space: account.data.length,
    },
  }
}
