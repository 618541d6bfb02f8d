import { equalBytes } from '../../bits/octets.ts'
import { type Account, maxAccountBytes } from '../../host/solana/account.ts'
import { programIds } from '../../host/solana/ids.ts'
import type { Pubkey } from '../../host/solana/pubkey.ts'
import type { AccountChange, Frame, FrameAccount } from '../../host/solana/trace.ts'
import { maxU64 } from '../../host/solana/words.ts'
import { type Claim, type ClaimContext, type ClaimedTransaction, refuse } from './claim.ts'

/** Instructions of a transaction, inner ones included (solana-program-runtime, `MAX_INSTRUCTION_TRACE_LENGTH`). */
const maxFrames = 64
/** Bytes (solana-transaction-context, `MAX_ACCOUNT_DATA_GROWTH_PER_INSTRUCTION`, `.._PER_TRANSACTION`). */
const growthOfFrame = 10 * 1024
const growthOfTransaction = 2 * maxAccountBytes

/** An account while the trace is replayed. */
export interface Replayed {
  readonly key: Pubkey
  lamports: bigint
  data: Uint8Array
  owner: Pubkey
  executable: boolean
}

interface Open {
  readonly frame: Frame
  readonly index: number
  /** By account: what its data was when the frame was entered. */
  readonly lengths: Map<number, number>
}

const nothing = new Uint8Array(0)

/** What `replayed` starts from. */
export function replayedOf(key: Pubkey, account: Account | undefined): Replayed {
  const {
    data = nothing,
    executable = false,
    lamports = 0n,
    owner = programIds.system,
  } = account ?? {}
  return { key, lamports, data, owner, executable }
}

function sameAccounts(a: readonly FrameAccount[], b: readonly FrameAccount[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ account, signer, writable }, i) => {
      const other = b[i]!
      return account === other.account && signer === other.signer && writable === other.writable
    })
  )
}

/** Replays a trace and holds each frame and change against the rules of the runtime; runs nothing. */
export class Replay {
  readonly accounts: Replayed[]
  private readonly transaction: ClaimedTransaction
  private readonly context: ClaimContext
  private readonly open: Open[] = []
  private frames = 0
  private next = 0
  private grown = 0
  /** Lamports that the changes so far made; 0 wherever a frame begins or ends. */
  private made = 0n
  private event = 0

  constructor(transaction: ClaimedTransaction, context: ClaimContext) {
    this.transaction = transaction
    this.context = context
    this.accounts = transaction.accounts.map(({ key }) => replayedOf(key, context.accountOf(key)))
  }

  /** The accounts as the trace leaves them are in `accounts`. @throws {ClaimError} */
  run({ trace }: Claim): void {
    trace.forEach((event, i) => {
      this.event = i
      if (event.kind === 'enter') this.enter(event.frame)
      else if (event.kind === 'leave') this.leave()
      else this.change(event.change)
    })
    this.event = trace.length
    if (this.open.length > 0) refuse('openFrame', this.event)
    if (this.next < this.transaction.instructions.length) refuse('missingInstruction', this.event)
  }

  private at(index: number): Replayed {
    return this.accounts[index] ?? refuse('badAccountIndex', this.event)
  }

  private enter(frame: Frame): void {
    const caller = this.open.at(-1)
    if (frame.parent !== caller?.index) refuse('wrongParent', this.event)
    if (this.made !== 0n) refuse('unbalanced', this.event)
    if (caller === undefined) this.checkInstruction(frame)
    else this.checkCall(caller.frame, frame)
    if (this.open.length >= this.context.maxDepth) refuse('tooDeep', this.event)
    if (++this.frames > maxFrames) refuse('tooManyFrames', this.event)
    this.checkProgram(frame.programId)
    const lengths = new Map<number, number>()
    for (const { account } of frame.accounts) lengths.set(account, this.at(account).data.length)
    this.open.push({ frame, index: this.frames - 1, lengths })
  }

  /** solana-program-runtime, `InvokeContext::push`: only the program that runs may call itself. */
  private checkProgram(id: Pubkey): void {
    const running = this.open.map(({ frame }) => frame.programId.key)
    if (running.includes(id.key) && running.at(-1) !== id.key) refuse('reentered', this.event, id)
    const account = this.accounts.find(({ key }) => key.equals(id))
    if (account === undefined) refuse('unknownProgram', this.event, id)
    if (!this.context.isNative(id) && !account.executable) refuse('notExecutable', this.event, id)
  }

  private checkInstruction(frame: Frame): void {
    const instruction = this.transaction.instructions[this.next]
    if (instruction === undefined || frame.instruction !== this.next++)
      refuse('extraInstruction', this.event)
    if (!frame.programId.equals(instruction.programId))
      refuse('wrongProgram', this.event, frame.programId)
    if (!sameAccounts(frame.accounts, instruction.accounts)) refuse('wrongAccounts', this.event)
    if (!equalBytes(frame.data, instruction.data)) refuse('wrongData', this.event)
  }

  private checkCall(caller: Frame, frame: Frame): void {
    if (frame.instruction !== caller.instruction) refuse('extraInstruction', this.event)
    for (const { account, seeds, signer, writable } of frame.accounts) {
      const { key } = this.at(account)
      const held = caller.accounts.filter((other) => other.account === account)
      if (held.length === 0) refuse('foreignCallAccount', this.event, key)
      if (writable && !held.some((other) => other.writable))
        refuse('writableEscalation', this.event, key)
      if (signer && !held.some((other) => other.signer) && !this.isDerived(caller, key, seeds))
        refuse('signerEscalation', this.event, key)
    }
  }

  private isDerived(caller: Frame, key: Pubkey, seeds: readonly Uint8Array[] | undefined): boolean {
    const { derive, programDataOf } = this.context
    if (seeds !== undefined) return derive(seeds, caller.programId)?.equals(key) ?? false
    if (!caller.programId.equals(programIds.loaderV3)) return false
    return caller.accounts.some(({ account }) => programDataOf(this.at(account).key).equals(key))
  }

  private leave(): void {
    if (this.made !== 0n) refuse('unbalanced', this.event)
    if (this.open.pop() === undefined) refuse('strayLeave', this.event)
  }

  private change(change: AccountChange): void {
    const top = this.open.at(-1)
    if (top === undefined) refuse('strayChange', this.event)
    const account = this.at(change.account)
    const { key } = account
    const held = top.frame.accounts.filter((other) => other.account === change.account)
    if (held.length === 0) refuse('unlistedAccount', this.event, key)
    if (!held.some(({ writable }) => writable)) refuse('readonlyChanged', this.event, key)
    const owns = account.owner.equals(top.frame.programId)
    switch (change.field) {
      case 'lamports':
        return this.changeLamports(account, change.from, change.to, owns)
      case 'data':
        return this.changeData(account, change.from, change.to, owns, top, change.account)
      case 'owner':
        if (!account.owner.equals(change.from)) refuse('staleFrom', this.event, key)
        if (change.from.equals(change.to)) refuse('noChange', this.event, key)
        if (!owns) refuse('foreignOwner', this.event, key)
        if (account.data.some((octet) => octet !== 0)) refuse('ownerOfFullAccount', this.event, key)
        account.owner = change.to
        return
      case 'executable':
        if (account.executable !== change.from) refuse('staleFrom', this.event, key)
        if (change.from === change.to) refuse('noChange', this.event, key)
        if (!owns) refuse('foreignExecutable', this.event, key)
        if (account.lamports < this.context.rentExempt(account.data.length))
          refuse('executableNotExempt', this.event, key)
        account.executable = change.to
    }
  }

  private changeLamports(account: Replayed, from: bigint, to: bigint, owns: boolean): void {
    const { key } = account
    if (account.lamports !== from) refuse('staleFrom', this.event, key)
    if (from === to) refuse('noChange', this.event, key)
    if (to < 0n || to > maxU64) refuse('badLamports', this.event, key)
    if (to < from && !owns) refuse('foreignSpend', this.event, key)
    this.made += to - from
    account.lamports = to
  }

  private changeData(
    account: Replayed,
    from: Uint8Array,
    to: Uint8Array,
    owns: boolean,
    { frame, lengths }: Open,
    index: number,
  ): void {
    const { key } = account
    if (!equalBytes(account.data, from)) refuse('staleFrom', this.event, key)
    if (equalBytes(from, to)) refuse('noChange', this.event, key)
    if (!owns) refuse('foreignData', this.event, key)
    if (to.length > maxAccountBytes) refuse('dataTooLong', this.event, key)
    const before = lengths.get(index) ?? 0
    const bounded = !this.context.isNative(frame.programId)
    if (bounded && to.length > before + growthOfFrame) refuse('grownTooMuch', this.event, key)
    this.grown += to.length - from.length
    if (to.length > from.length && this.grown > growthOfTransaction)
      refuse('transactionGrownTooMuch', this.event, key)
    account.data = to
  }
}
