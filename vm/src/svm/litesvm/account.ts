import type { Account as StoredAccount } from '../../host/solana/account.ts'
import { Pubkey } from '../../host/solana/pubkey.ts'
import { accountText } from './debug.ts'
import { asAddress, asBool, asBytes, asU64 } from './napi.ts'

/** An account as litesvm's binding has it: every getter answers a copy. */
export class Account {
  readonly #account: StoredAccount

  constructor(
    lamports: bigint,
    data: Uint8Array,
    owner: Uint8Array,
    executable: boolean,
    rentEpoch: bigint,
  ) {
    this.#account = {
      lamports: asU64(lamports),
      data: asBytes(data).slice(),
      owner: Pubkey.from(asAddress(owner)),
      executable: asBool(executable),
      rentEpoch: asU64(rentEpoch),
    }
  }

  lamports(): bigint {
    return this.#account.lamports
  }
  data(): Uint8Array {
    return this.#account.data.slice()
  }
  owner(): Uint8Array {
    return this.#account.owner.bytes.slice()
  }
  executable(): boolean {
    return this.#account.executable
  }
  rentEpoch(): bigint {
    return this.#account.rentEpoch
  }
  toString(): string {
    return `Account(${accountText(this.#account)})`
  }
}
