/** Claims about transactions that were really executed: rules accept them, and re-execution finds lies that keep the rules. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { engineNamed } from 'alcatraz-vm'
import { type ClaimParts, claimOf } from '#vm/api/solana/claim'
import { concatBytes, equalBytes } from '#vm/bits/octets'
import { programIds } from '#vm/host/solana/ids'
import { Pubkey } from '#vm/host/solana/pubkey'
import type { Trace, TraceEvent } from '#vm/host/solana/trace'
import { Bank } from '#vm/svm/bank'
import { encodeTransaction, type Message } from '#vm/svm/message'
import type { TransactionResult } from '#vm/svm/result'
import type { LoadedProgram } from '#vm/svm/run'
import { sbpfRunner } from '#vm/svm/runner'
import { hasSplPrograms } from '#vm/svm/spl-programs'
import type { Claim } from '#vm/validate/solana/claim'
import { Replay } from '#vm/validate/solana/frames'
import { validateClaim } from '#vm/validate/solana/validate'
import { newWorld, step } from './differential/generate.ts'
import { BankSubject } from './differential/ours.ts'
import { fromBase64 } from './differential/pack.ts'
import type { Answer, Op } from './differential/subject.ts'

type Ledger = Bank<LoadedProgram>
const skip = hasSplPrograms() ? false : 'built without the SPL programs of litesvm'
const worlds = Number(process.env['ALCATRAZ_CLAIM_WORLDS'] ?? 6)
const transactions = 60
const maxU64 = (1n << 64n) - 1n

/** A ledger whose transactions are looked at, each executed on a fork first. */
class Watched extends BankSubject {
  private readonly watch: (before: Ledger, bytes: Uint8Array, result: TransactionResult) => void

  constructor(
    bank: Ledger,
    watch: (before: Ledger, bytes: Uint8Array, result: TransactionResult) => void,
  ) {
    super(bank)
    this.watch = watch
  }

  override do(op: Op): Answer {
    if (op.op === 'send') {
      const fork = this.bank.fork()
      fork.set({ record: true })
      const bytes = fromBase64(op.transaction)
      this.watch(this.bank, bytes, fork.process(bytes))
    }
    return super.do(op)
  }
}

function ledger(): Ledger {
  const bank: Ledger = Bank.basic({ runner: sbpfRunner(engineNamed('interp')) })
  bank.addSplPrograms()
  return bank
}

function play(
  world: number,
  watch: (before: Ledger, bytes: Uint8Array, result: TransactionResult) => void,
): void {
  const subject = new Watched(ledger(), watch)
  const made = newWorld(world, subject, (op) => subject.do(op))
  for (let i = 0; i < transactions; i++) step(made)
}

test('claims about generated transactions, failed ones too, keep all rules', { skip }, (t) => {
  const counts = { succeeded: 0, failed: 0, refused: 0, frames: 0, changes: 0 }
  for (let world = 1; world <= worlds; world++)
    play(world, (before, bytes, result) => {
      const parts = claimOf(before, bytes, result)
      if (parts === undefined) {
        counts.refused++
        return
      }
      const { claim, context, transaction } = parts
      try {
        validateClaim(transaction, claim, context)
      } catch (error) {
        const what = result.error === undefined ? 'success' : JSON.stringify(result.error)
        throw new Error(`${what}: ${(error as Error).message}\n${result.logs.join('\n')}`)
      }
      counts[claim.succeeded ? 'succeeded' : 'failed']++
      counts.frames += claim.trace.filter(({ kind }) => kind === 'enter').length
      counts.changes += claim.trace.filter(({ kind }) => kind === 'change').length
    })
  t.diagnostic(JSON.stringify(counts))
  assert.ok(counts.succeeded > 20 * worlds && counts.failed > 5 * worlds)
  assert.ok(counts.frames > counts.succeeded && counts.changes > counts.succeeded)
})

const token = Pubkey.parse('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA')
const keyOf = (octet: number): Pubkey => Pubkey.from(new Uint8Array(32).fill(octet))
const [payer, to, mint, source, target] = [1, 2, 3, 4, 5].map(keyOf) as [
  Pubkey,
  Pubkey,
  Pubkey,
  Pubkey,
  Pubkey,
]
const u64 = (value: bigint): Uint8Array => new Uint8Array(BigUint64Array.of(value).buffer)

function holding(amount: bigint): Uint8Array {
  const data = new Uint8Array(165)
  data.set(mint.bytes)
  data.set(payer.bytes, 32)
  data.set(u64(amount), 64)
  data[108] = 1
  return data
}

/** A payer, somebody, a mint, and two accounts of tokens. */
function market(): Ledger {
  const bank = ledger()
  bank.set({ sigverify: false, blockhashCheck: false })
  const put = (
    key: Pubkey,
    owner: Pubkey,
    lamports: bigint,
    data: Uint8Array = new Uint8Array(0),
  ): void => bank.setAccount(key, { lamports, data, owner, executable: false, rentEpoch: 0n })
  put(payer, programIds.system, 10n ** 10n)
  put(to, programIds.system, 10n ** 9n)
  const coin = new Uint8Array(82)
  coin.set([1], 0)
  coin.set(payer.bytes, 4)
  coin.set(u64(1000n), 36)
  coin[45] = 1
  put(mint, token, 10n ** 8n, coin)
  put(source, token, 10n ** 8n, holding(700n))
  put(target, token, 10n ** 8n, holding(300n))
  return bank
}

/** The payer signs; places: 0 payer, 1 to, 2 source, 3 target, 4 mint, 5 system, 6 token. */
function signed(program: 5 | 6, accounts: readonly number[], data: readonly number[]): Uint8Array {
  const message: Message = {
    version: 'legacy',
    requiredSignatures: 1,
    readonlySigned: 0,
    readonlyUnsigned: 2,
    keys: [payer, to, source, target, mint, programIds.system, token],
    blockhash: new Uint8Array(32),
    instructions: [
      { programIdIndex: program, accounts: Uint8Array.from(accounts), data: Uint8Array.from(data) },
    ],
    lookups: [],
    config: {},
  }
  return encodeTransaction(message, [new Uint8Array(64).fill(1)])
}
const payment = signed(5, [0, 1], [2, 0, 0, 0, ...u64(5_000_000n)])
const transfer = signed(6, [2, 3, 0], [3, ...u64(100n)])
const tooMuch = signed(6, [2, 3, 0], [3, ...u64(10_000n)])
const minting = signed(6, [4, 3, 0], [7, ...u64(50n)])

const amount = (data: Uint8Array, value: bigint): Uint8Array => {
  const out = data.slice()
  out.set(u64(value), 64)
  return out
}
type Change = Extract<TraceEvent, { kind: 'change' }>['change']
const changed = (trace: Trace, rule: (change: Change) => Change | undefined): Trace =>
  trace.flatMap((event): TraceEvent[] => {
    if (event.kind !== 'change') return [event]
    const change = rule(event.change)
    return change === undefined ? [] : [{ kind: 'change', change }]
  })
const data =
  (place: number, next: (now: Uint8Array) => Uint8Array) =>
  (change: Change): Change =>
    change.field === 'data' && change.account === place
      ? { ...change, to: next(change.to) }
      : change
const withEvents = (trace: Trace, ...changes: readonly Change[]): Trace => [
  ...trace.slice(0, -1),
  ...changes.map((change) => ({ kind: 'change', change }) as const),
  trace.at(-1)!,
]

interface Lie {
  readonly what: string
  readonly bytes: Uint8Array
  readonly tell: (parts: ClaimParts) => { readonly trace: Trace; readonly succeeded?: boolean }
}
const [sourcePlace, targetPlace, mintPlace] = [2, 3, 4]
const lies: readonly Lie[] = [
  {
    what: 'more lamports are paid than the instruction says',
    bytes: payment,
    tell: ({ claim }) => ({
      trace: changed(claim.trace, (change) => {
        if (change.field !== 'lamports') return change
        return { ...change, to: change.account === 0 ? change.to - 1000n : change.to + 1000n }
      }),
    }),
  },
  {
    what: 'a payment is left out',
    bytes: payment,
    tell: ({ claim }) => ({ trace: changed(claim.trace, () => undefined) }),
  },
  {
    what: 'a payment fails',
    bytes: payment,
    tell: ({ claim }) => ({ trace: claim.trace, succeeded: false }),
  },
  {
    what: 'more tokens are sent',
    bytes: transfer,
    tell: ({ claim }) => ({
      trace: changed(
        changed(
          claim.trace,
          data(sourcePlace, (now) => amount(now, 500n)),
        ),
        data(targetPlace, (now) => amount(now, 500n)),
      ),
    }),
  },
  {
    what: 'tokens arrive that nobody sent',
    bytes: transfer,
    tell: ({ claim }) => ({
      trace: changed(
        claim.trace,
        data(targetPlace, (now) => amount(now, 999_999n)),
      ),
    }),
  },
  {
    what: 'tokens have another owner',
    bytes: transfer,
    tell: ({ claim }) => ({
      trace: changed(
        claim.trace,
        data(targetPlace, (now) => {
          const out = now.slice()
          out.set(to.bytes, 32)
          return out
        }),
      ),
    }),
  },
  {
    what: 'an account of tokens is emptied of its lamports',
    bytes: transfer,
    tell: ({ claim }) => ({
      trace: withEvents(
        claim.trace,
        { account: sourcePlace, field: 'lamports', from: 10n ** 8n, to: 9n * 10n ** 7n },
        { account: targetPlace, field: 'lamports', from: 10n ** 8n, to: 11n * 10n ** 7n },
      ),
    }),
  },
  {
    what: 'an account is given to another program',
    bytes: transfer,
    tell: ({ claim }) => ({
      trace: withEvents(
        changed(
          claim.trace,
          data(sourcePlace, () => new Uint8Array(165)),
        ),
        { account: sourcePlace, field: 'owner', from: token, to: programIds.system },
      ),
    }),
  },
  {
    what: 'more is minted',
    bytes: minting,
    tell: ({ claim }) => ({
      trace: changed(
        claim.trace,
        data(mintPlace, (now) => {
          const out = now.slice()
          out.set(u64(77n), 36)
          return out
        }),
      ),
    }),
  },
  {
    what: 'data grow',
    bytes: minting,
    tell: ({ claim }) => ({
      trace: changed(
        claim.trace,
        data(mintPlace, (now) => concatBytes(now, new Uint8Array(8))),
      ),
    }),
  },
  {
    what: 'a transfer of more than there is succeeds',
    bytes: tooMuch,
    tell: ({ claim }) => ({ trace: claim.trace, succeeded: true }),
  },
]

/** The diff that a trace leads to, as a careful liar writes it. */
function diffOf(parts: ClaimParts, trace: Trace, succeeded: boolean): Claim['diff'] {
  const { context, transaction } = parts
  const replay = new Replay(transaction, context)
  replay.accounts[0]!.lamports -= context.fee
  if (succeeded) replay.run({ succeeded, trace, diff: [] })
  return replay.accounts.flatMap(({ key, ...now }) => {
    const from = context.accountOf(key)
    const account = { ...now, rentEpoch: maxU64 }
    if (
      from === undefined ||
      (now.lamports === from.lamports &&
        equalBytes(now.data, from.data) &&
        now.owner.equals(from.owner))
    )
      return []
    return [{ key, from, to: account }]
  })
}

for (const { bytes, tell, what } of lies)
  test(`rules accept a lie that keeps them, and executing again finds it: ${what}`, {
    skip,
  }, () => {
    const bank = market()
    const honest = bank.fork()
    honest.set({ record: true })
    const parts = claimOf(bank, bytes, honest.process(bytes))!
    validateClaim(parts.transaction, parts.claim, parts.context)
    const { succeeded = true, trace } = tell(parts)
    const claim = { succeeded, trace, diff: diffOf(parts, trace, succeeded) }
    validateClaim(parts.transaction, claim, parts.context)
    assert.notDeepEqual(claim.diff, parts.claim.diff)
    const again = bank.fork()
    const result = again.process(bytes)
    const told = new Map(claim.diff.map(({ key, to: now }) => [key.key, now]))
    const found = result.diff.some(({ address, new: now }) => {
      const then = told.get(address.key)
      return (
        then?.lamports !== now?.lamports ||
        !equalBytes(then!.data, now!.data) ||
        !then!.owner.equals(now!.owner)
      )
    })
    assert.ok(
      found || told.size !== result.diff.length || succeeded !== (result.error === undefined),
    )
  })
