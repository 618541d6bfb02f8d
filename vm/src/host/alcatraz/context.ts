import type { Hasher } from '../../state/hasher.ts'
import type { Journal } from '../../state/journal.ts'
import type { Machine } from '../../vm/machine.ts'
import type { Message } from './message.ts'
import type { Session } from './session.ts'

export type { ContractEvent, Message } from './message.ts'

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
  /** What it shares with the other messages of its transaction. */
  readonly session: Session
  answer: Answer | undefined
  /** What the last message that it sent answered. */
  returned: Uint8Array
}
