/** A record a contract leaves in its receipt. */
export interface ContractEvent {
  /** Address of the contract. */
  readonly address: Uint8Array
  /** At most `maxTopics`, 32 bytes each. */
  readonly topics: readonly Uint8Array[]
  readonly data: Uint8Array
}

/** Who runs, for whom and with how much. */
export interface Message {
  /** Address whose code runs, and whose storage it reads and writes. */
  readonly self: Uint8Array
  readonly caller: Uint8Array
  /** Amount that was moved from `caller` to `self` before the first instruction. */
  readonly value: bigint
}
