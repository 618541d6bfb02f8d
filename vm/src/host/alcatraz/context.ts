import type { Hasher } from '../../state/hasher.ts'
import type { Journal } from '../../state/journal.ts'
import type { Machine } from '../../vm/machine.ts'

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

/** How a contract ended itself, if it did. */
export type Answer =
  | { readonly kind: 'return'; readonly data: Uint8Array }
  | { readonly kind: 'revert'; readonly data: Uint8Array }

/** What host calls work on during one message. */
export interface CallContext {
  readonly machine: Machine
  readonly message: Message
  readonly journal: Journal
  readonly hasher: Hasher
  readonly events: ContractEvent[]
  /** Bytes of topics and data in `events`. */
  eventBytes: number
  answer: Answer | undefined
}
