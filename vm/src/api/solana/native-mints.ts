import type { Account } from '../../host/solana/account.ts'
import { Pubkey } from '../../host/solana/pubkey.ts'
import type { SvmBank } from './ledger.ts'

/** The token programs, and the mint of wrapped SOL that each has. */
const nativeMints = [
  ['TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA', 'So11111111111111111111111111111111111111112'],
  ['TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb', '9pan9bMn5HatX4EJdBwg9VgCa7Uz5HL8N1m5D3NdXejP'],
] as const
const mintBytes = 82

/** Adds the mint of wrapped SOL for each token program that is there. */
export function addNativeMints(bank: SvmBank): void {
  for (const [program, mint] of nativeMints) {
    const owner = Pubkey.parse(program)
    if (bank.account(owner) === undefined) continue
    const data = new Uint8Array(mintBytes)
    data[44] = 9 // decimals
    data[45] = 1 // initialised
    const account: Account = {
      lamports: bank.minimumBalance(mintBytes),
      data,
      owner,
      executable: false,
      rentEpoch: 0n,
    }
    bank.setAccount(Pubkey.parse(mint), account)
  }
}
