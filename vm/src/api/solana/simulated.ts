import type { EncodedAccount } from '@solana/kit'
import { TransactionMetadata } from '../../svm/litesvm/metadata.ts'
import { internal } from '../../svm/litesvm/napi.ts'
import type { TransactionResult } from '../../svm/result.ts'
import { encodedAccount } from './accounts.ts'

/** What a transaction would do. */
export class SimulatedTransactionInfo {
  /** All that is known of it: not in litesvm. */
  readonly result: TransactionResult

  constructor(result: TransactionResult) {
    this.result = result
  }
  meta(): TransactionMetadata {
    return new TransactionMetadata(internal, this.result)
  }
  /** The accounts that the transaction may write, as it would leave them. */
  postAccounts(): EncodedAccount[] {
    return this.result.postAccounts.map(([pubkey, account]) => encodedAccount(pubkey, account))
  }
}
