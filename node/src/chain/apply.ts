import type { ContractProgram, Engine } from 'alcatraz-vm'
import {
  type AccountTransaction,
  type CallTransaction,
  type DeployTransaction,
  executeMessage,
  type GenesisTransaction,
  intrinsicGas,
  type LogEntry,
  maxInputLength,
  type Outcome,
  type Receipt,
  type Signatures,
  type Transaction,
  type UpgradeTransaction,
  type World,
} from 'alcatraz-vm/alcatraz'
import {
  addressLength,
  balanceOf,
  codeHashOf,
  contractAddress,
  type DiffCause,
  diffOf,
  entryKey,
  Field,
  type Hasher,
  InputError,
  Journal,
  maxBalance,
  maxCodeLength,
  nonceOf,
  ownerOf,
  type StateDiff,
  type StateReader,
  sameValue,
  setBalance,
  setNonce,
  setOwner,
  transfer,
} from 'alcatraz-vm/state'
import type { ProgramCache } from './programs.ts'

/** A transaction cannot be part of the chain: nothing was charged, changed or logged. */
export class TransactionError extends InputError {}

/** What transactions are applied with. */
export interface ApplyContext {
  readonly state: StateReader
  /** A deployed container by hash. */
  readonly code: (hash: Uint8Array) => Uint8Array | undefined
  readonly programs: ProgramCache
  readonly engine: Engine
  readonly hasher: Hasher
  readonly signatures: Signatures
  /** Of the block that the transaction is in. */
  readonly block: Pick<World, 'height' | 'time'>
}

/** What a transaction does to a state, not yet written anywhere. */
export interface Applied {
  readonly diff: StateDiff
  readonly cause: DiffCause
  readonly codes: readonly (readonly [hash: Uint8Array, container: Uint8Array])[]
  readonly receipt: Omit<Receipt, 'height' | 'root'>
  /** Guest instructions executed. */
  readonly instructions: bigint
  /** What contracts logged; kept nowhere. */
  readonly logs: readonly LogEntry[]
}

/**
 * Gas one transaction may have. Its writes and undo records are in memory until it ends, 0.1 bytes for
 * each gas, and a gas takes 1 to 3 ns: 1 GB and half a minute at most.
 */
export const maxTransactionGas: bigint = 10_000_000_000n

const noBytes = new Uint8Array(0)

function checkAddress(address: Uint8Array, what: string): void {
  if (address.length !== addressLength)
    throw new TransactionError('badAddress', `${what} is no address of ${addressLength} bytes`, {
      value: address.length,
    })
}

function checkSent(state: StateReader, tx: AccountTransaction): void {
  checkAddress(tx.sender, 'the sender')
  const nonce = nonceOf(state, tx.sender)
  if (tx.nonce !== nonce)
    throw new TransactionError('badNonce', `nonce ${tx.nonce}, the sender's next one is ${nonce}`, {
      value: tx.nonce,
    })
  if (tx.input.length > maxInputLength)
    throw new TransactionError('inputTooLong', `input over ${maxInputLength} bytes`, {
      value: tx.input.length,
    })
  if (tx.gasLimit < 0n || tx.gasLimit > maxTransactionGas)
    throw new TransactionError('gasLimit', `a gas limit is at most ${maxTransactionGas}`, {
      value: tx.gasLimit,
    })
  const least = intrinsicGas(tx)
  if (tx.gasLimit < least)
    throw new TransactionError(
      'gasLimit',
      `the gas limit is below ${least}, what carrying it costs`,
      {
        value: tx.gasLimit,
      },
    )
  const balance = balanceOf(state, tx.sender)
  if (tx.value < 0n || tx.value > balance)
    throw new TransactionError('insufficientFunds', `the sender has ${balance}`, {
      value: tx.value,
    })
}

function applyGenesis(context: ApplyContext, tx: GenesisTransaction): Applied {
  const journal = new Journal(context.state)
  let minted = 0n
  for (const [address, amount] of tx.mint) {
    checkAddress(address, 'a funded account')
    if (amount <= 0n || minted + amount > maxBalance)
      throw new TransactionError('badAmount', 'amounts are positive and sum up to less than 2^64', {
        value: amount,
      })
    if (balanceOf(journal, address) !== 0n)
      throw new TransactionError('duplicate', 'an account is funded twice')
    setBalance(journal, address, amount)
    minted += amount
  }
  return {
    diff: diffOf(journal),
    cause: { kind: 'genesis', minted },
    codes: [],
    receipt: receiptOf(undefined, 0n, undefined),
    instructions: 0n,
    logs: [],
  }
}

function receiptOf(
  outcome: Outcome | undefined,
  intrinsic: bigint,
  contract: Uint8Array | undefined,
): Applied['receipt'] {
  return {
    status: outcome?.status ?? 'success',
    gasUsed: intrinsic + (outcome?.gasUsed ?? 0n),
    exit: outcome?.exit,
    result: outcome?.result ?? 0n,
    returnData: outcome?.returnData ?? noBytes,
    events: outcome?.events ?? [],
    contract,
  }
}

function run(
  context: ApplyContext,
  journal: Journal,
  program: ContractProgram,
  entry: string,
  self: Uint8Array,
  tx: AccountTransaction,
): Outcome {
  const { block, engine, hasher, programs, signatures } = context
  const stored = (hash: Uint8Array): ContractProgram | undefined => {
    const container = context.code(hash)
    return container && programs.get(hash, () => container)
  }
  return executeMessage({
    engine,
    hasher,
    signatures,
    world: { ...block, program: stored },
    program,
    journal,
    entry,
    self,
    caller: tx.sender,
    value: tx.value,
    input: tx.input,
    gas: tx.gasLimit - intrinsicGas(tx),
    brought: tx.kind !== 'call',
  })
}

/** The program of a container that a transaction brings, verified by the engine. */
function broughtProgram(
  { engine, hasher, programs }: ApplyContext,
  container: Uint8Array,
): { readonly program: ContractProgram; readonly hash: Uint8Array } {
  if (container.length > maxCodeLength)
    throw new TransactionError('containerTooLong', `a container over ${maxCodeLength} bytes`, {
      value: container.length,
    })
  const hash = hasher.blake2b(container)
  const program = programs.get(hash, () => container)
  // The engine verifies the code even when nothing of it runs now.
  engine.instantiate(program, { gas: 0n }).dispose()
  return { program, hash }
}

/** Puts code at an address and runs the entry for it, if there is one; undone unless that succeeds. */
function applyCode(
  context: ApplyContext,
  tx: DeployTransaction | UpgradeTransaction,
  target: Uint8Array,
  brought: ReturnType<typeof broughtProgram>,
): Applied {
  const { hash, program } = brought
  const journal = new Journal(context.state)
  setNonce(journal, tx.sender, tx.nonce + 1n)
  const before = journal.checkpoint()
  journal.set(entryKey(target, Field.code), hash)
  if (tx.kind === 'deploy') setOwner(journal, target, tx.sender)
  let outcome: Outcome | undefined
  if (program.exports.has(tx.kind)) outcome = run(context, journal, program, tx.kind, target, tx)
  else transfer(journal, tx.sender, target, tx.value)
  const done = outcome === undefined || outcome.status === 'success'
  if (!done) journal.rollback(before)
  return {
    diff: diffOf(journal),
    cause: { kind: tx.kind, sender: tx.sender, target, ran: outcome?.ran ?? [] },
    codes: done ? [[hash, tx.container]] : [],
    receipt: receiptOf(outcome, intrinsicGas(tx), target),
    instructions: outcome?.instructions ?? 0n,
    logs: outcome?.logs ?? [],
  }
}

function applyDeploy(context: ApplyContext, tx: DeployTransaction): Applied {
  checkSent(context.state, tx)
  const brought = broughtProgram(context, tx.container)
  const contract = contractAddress(context.hasher, tx.sender, tx.nonce, brought.hash)
  return applyCode(context, tx, contract, brought)
}

function applyUpgrade(context: ApplyContext, tx: UpgradeTransaction): Applied {
  const { state } = context
  checkAddress(tx.to, 'the target')
  checkSent(state, tx)
  if (codeHashOf(state, tx.to) === undefined)
    throw new TransactionError('noCode', 'there is no contract at the target address')
  if (!sameValue(ownerOf(state, tx.to), tx.sender))
    throw new TransactionError('notOwner', "only a contract's owner replaces its code")
  const brought = broughtProgram(context, tx.container)
  if (sameValue(codeHashOf(state, tx.to), brought.hash))
    throw new TransactionError('sameCode', 'the contract has this code already')
  return applyCode(context, tx, tx.to, brought)
}

function applyCall(context: ApplyContext, tx: CallTransaction): Applied {
  const { state, programs } = context
  checkAddress(tx.to, 'the target')
  checkSent(state, tx)
  const hash = codeHashOf(state, tx.to)
  if (hash === undefined && (tx.input.length > 0 || tx.value === 0n))
    throw new TransactionError('noCode', 'there is no contract at the target address')
  const journal = new Journal(state)
  setNonce(journal, tx.sender, tx.nonce + 1n)
  let outcome: Outcome | undefined
  if (hash === undefined) transfer(journal, tx.sender, tx.to, tx.value)
  else {
    const program = programs.get(hash, () => {
      const container = context.code(hash)
      if (container === undefined) throw new Error('internal: a code hash without its container')
      return container
    })
    if (!program.exports.has('call'))
      throw new TransactionError('noEntry', 'the contract exports no entry "call"')
    outcome = run(context, journal, program, 'call', tx.to, tx)
  }
  return {
    diff: diffOf(journal),
    cause: { kind: 'call', sender: tx.sender, target: tx.to, ran: outcome?.ran ?? [] },
    codes: [],
    receipt: receiptOf(outcome, intrinsicGas(tx), undefined),
    instructions: outcome?.instructions ?? 0n,
    logs: outcome?.logs ?? [],
  }
}

/**
 * What a transaction does, by running it on `context.engine`; writes nothing.
 * @throws {TransactionError} `badAddress`, `badNonce`, `badAmount`, `duplicate`, `inputTooLong`,
 * `gasLimit`, `insufficientFunds`, `containerTooLong`, `noCode`, `noEntry`, `notOwner`, `sameCode`
 * @throws {DecodeError | ProfileError | VerifyError} when a deployed container is refused
 */
export function applyTransaction(context: ApplyContext, transaction: Transaction): Applied {
  switch (transaction.kind) {
    case 'genesis':
      return applyGenesis(context, transaction)
    case 'deploy':
      return applyDeploy(context, transaction)
    case 'call':
      return applyCall(context, transaction)
    case 'upgrade':
      return applyUpgrade(context, transaction)
  }
}
