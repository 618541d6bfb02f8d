/** What is asked of both sides, and what they answer. Plain values: a list of them is a repro, and goes to JSON. */

/** Base58. */
export type Address = string

/** Numbers beyond 2^53 are decimal text, bytes are base64. */
export interface StoredAccount {
  readonly lamports: string
  readonly data: string
  readonly owner: Address
  readonly executable: boolean
}

/** How a world is set up; what is absent stays as the class makes it. */
export interface Setup {
  readonly sigverify?: boolean
  readonly blockhashCheck?: boolean
  /** Transactions that are remembered; 0 allows the same one twice. */
  readonly history?: number
  /** Bytes; null: no limit. */
  readonly logLimit?: number | null
  /** Every feature there is, rather than those of mainnet. */
  readonly allFeatures?: boolean
}

export type Op =
  | { readonly op: 'setup'; readonly setup: Setup }
  | { readonly op: 'send' | 'simulate'; readonly transaction: string }
  | { readonly op: 'airdrop'; readonly address: Address; readonly lamports: string }
  | { readonly op: 'setAccount'; readonly address: Address; readonly account: StoredAccount }
  | {
      readonly op: 'addProgram'
      readonly address: Address
      readonly elf: string
      readonly loader?: Address
    }
  | { readonly op: 'expireBlockhash' }
  | { readonly op: 'warpToSlot'; readonly slot: string }
  | { readonly op: 'setClock'; readonly clock: readonly [string, string, string, string, string] }
  | { readonly op: 'getTransaction'; readonly signature: string }

export interface InnerCall {
  readonly program: number
  readonly accounts: readonly number[]
  /** Base64. */
  readonly data: string
  readonly height: number
}

/** What a transaction did. */
export interface Outcome {
  /** As Rust's Debug prints it: 'InstructionError(0, Custom(1))'; null: none. */
  readonly error: string | null
  /** The error's value as a suite sees it: class, fields, text; or the number of a plain one. */
  readonly value?: string
  readonly logs: readonly string[]
  readonly units: string
  readonly fee: string | null
  readonly returnProgram: Address
  readonly returnData: string
  readonly inner: readonly (readonly InnerCall[])[]
  readonly signature: string
  /** The result's own text, `toString()`. */
  readonly text?: string
  readonly pretty?: string
  /** Of simulations: the accounts after it. */
  readonly post?: readonly (readonly [Address, StoredAccount])[]
}

/** A transaction's outcome, a thrown error's text, or any other answer. */
export type Answer = Outcome | { readonly thrown: string } | { readonly value: string }

export interface Subject {
  readonly name: string
  do(op: Op): Answer
  account(address: Address): StoredAccount | undefined
  owned(program: Address): readonly (readonly [Address, StoredAccount])[]
  latestBlockhash(): string
}

export function isOutcome(answer: Answer): answer is Outcome {
  return 'logs' in answer
}

export function succeeded(answer: Answer): boolean {
  return isOutcome(answer) && answer.error === null
}
