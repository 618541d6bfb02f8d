import {
  type AbiMessage,
  type AbiValue,
  type DecodedEvent,
  decodeAnswer,
  decodeEvent,
  encodeCall,
  type Metadata,
  messageNamed,
  parseMetadata,
} from 'alcatraz-vm/alcatraz'
import type { Chain } from './chain.ts'
import type { Executed } from './produce.ts'

/** A contract as `alcatraz build` writes it. */
export interface ContractFiles {
  readonly container: Uint8Array
  /** The JSON beside it, as text or as read. */
  readonly metadata: string | Metadata
}

/** Who sends what with a message. */
export interface Terms {
  /** 32 bytes. */
  readonly sender: Uint8Array
  /** Coins that come with it, none unless given. */
  readonly value?: bigint
  /** 1000 million unless given. */
  readonly gasLimit?: bigint
}

/** Arguments in order, or by name. */
export type Arguments = readonly AbiValue[] | Readonly<Record<string, AbiValue>>

/** What became of a message. */
export interface Answered extends Executed {
  /** What it answered, also when it reverted; undefined where that is no value of its type. */
  readonly answer: AbiValue | undefined
  /** Events of the contract itself, in order. */
  readonly events: readonly DecodedEvent[]
}

/** A message that was to succeed has not. */
export class ContractError extends Error {
  readonly answered: Answered

  constructor(message: string, answered: Answered) {
    super(message)
    this.name = 'ContractError'
    this.answered = answered
  }
}

const defaultGas = 1_000_000_000n
const metadataOf = (from: string | Metadata): Metadata =>
  typeof from === 'string' ? parseMetadata(from) : from

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    // a contract may answer anything
    return undefined
  }
}

/**
 * A contract on a chain, called by the names in its metadata.
 * @example
 * const token = await Contract.deploy(chain, { container, metadata }, 'new', [1000n], { sender: alice })
 * await token.call('transfer', [bob, 5n])
 * await token.read('balance_of', [bob]) // 5n
 */
export class Contract {
  readonly chain: Chain
  /** 32 bytes. */
  readonly address: Uint8Array
  readonly metadata: Metadata
  readonly #terms: Terms

  /** A contract that is on the chain already; `terms` are what its messages come with. */
  constructor(chain: Chain, address: Uint8Array, metadata: string | Metadata, terms: Terms) {
    this.chain = chain
    this.address = address
    this.metadata = metadataOf(metadata)
    this.#terms = terms
  }

  /**
   * Deploys a contract with the constructor of that name; one without constructors has no arguments.
   * @throws {ContractError} when the constructor does not succeed
   * @throws {ValueError} `noMessage`, `argumentCount`, `badValue`
   * @throws {TransactionError}
   */
  static async deploy(
    chain: Chain,
    { container, metadata: from }: ContractFiles,
    name: string | undefined,
    args: Arguments,
    terms: Terms,
  ): Promise<Contract> {
    const metadata = metadataOf(from)
    const { constructors } = metadata
    const message =
      constructors.length === 0 && name === undefined ? undefined : messageNamed(constructors, name)
    const input = message === undefined ? new Uint8Array(0) : encodeCall(metadata, message, args)
    const executed = await chain.deploy({ ...complete(terms), container, input })
    const { contract, status } = executed.receipt
    if (status !== 'success' || contract === undefined)
      throw new ContractError(
        `${metadata.contract} is not deployed: ${status}`,
        answeredOf(metadata, message, undefined, executed),
      )
    // a value was for the constructor
    return new Contract(chain, contract, metadata, { ...terms, value: 0n })
  }

  /** The same contract with other terms, such as another sender. */
  with(terms: Partial<Terms>): Contract {
    return new Contract(this.chain, this.address, this.metadata, { ...this.#terms, ...terms })
  }

  /**
   * Sends a message in a block of its own. A message that fails is committed, too: `receipt.status` says so.
   * @throws {ValueError} `noMessage`, `argumentCount`, `badValue`
   * @throws {TransactionError}
   */
  async call(name: string, args: Arguments = [], terms: Partial<Terms> = {}): Promise<Answered> {
    const message = messageNamed(this.metadata.messages, name)
    const executed = await this.chain.call(this.#transaction(message, args, terms))
    return answeredOf(this.metadata, message, this.address, executed)
  }

  /**
   * What a message answers now; commits nothing.
   * @throws {ContractError} when it does not succeed
   * @throws {ValueError} `noMessage`, `argumentCount`, `badValue`
   */
  async read(name: string, args: Arguments = [], terms: Partial<Terms> = {}): Promise<AbiValue> {
    const message = messageNamed(this.metadata.messages, name)
    const executed = await this.chain.simulate(this.#transaction(message, args, terms))
    const answered = answeredOf(this.metadata, message, this.address, executed)
    const { status } = answered.receipt
    if (status !== 'success' || answered.answer === undefined)
      throw new ContractError(`${this.metadata.contract}.${name}: ${status}`, answered)
    return answered.answer
  }

  /** The bytes that call a message, for contracts that send them on. @throws {ValueError} */
  input(name: string, args: Arguments = []): Uint8Array {
    return encodeCall(this.metadata, messageNamed(this.metadata.messages, name), args)
  }

  #transaction(
    message: AbiMessage,
    args: Arguments,
    terms: Partial<Terms>,
  ): Parameters<Chain['call']>[0] {
    const input = encodeCall(this.metadata, message, args)
    return { ...complete({ ...this.#terms, ...terms }), to: this.address, input }
  }
}

function complete({ gasLimit = defaultGas, sender, value = 0n }: Terms): Required<Terms> {
  return { gasLimit, sender, value }
}

function answeredOf(
  metadata: Metadata,
  message: AbiMessage | undefined,
  address: Uint8Array | undefined,
  executed: Executed,
): Answered {
  const { events, returnData, status } = executed.receipt
  const spoke = status === 'success' || status === 'reverted'
  return {
    ...executed,
    answer:
      message !== undefined && spoke
        ? attempt(() => decodeAnswer(metadata, message, returnData))
        : undefined,
    events: events
      .filter((event) => address?.every((byte, i) => byte === event.address[i]) ?? true)
      .flatMap((event) => attempt(() => decodeEvent(metadata, event)) ?? []),
  }
}
