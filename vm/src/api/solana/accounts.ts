import type { EncodedAccount, Lamports } from '@solana/kit'
import type { Account } from '../../host/solana/account.ts'
import type { Pubkey } from '../../host/solana/pubkey.ts'
import { addressOf } from './kit.ts'

/** An account as kit has it; its data is a copy. */
export function encodedAccount(
  pubkey: Pubkey,
  account: Account,
): EncodedAccount & { readonly data: Uint8Array } {
  return {
    address: addressOf(pubkey),
    executable: account.executable,
    lamports: account.lamports as Lamports,
    programAddress: addressOf(account.owner),
    space: BigInt(account.data.length),
    data: account.data.slice(),
  }
}
