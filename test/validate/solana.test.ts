import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Account } from '#vm/host/solana/account'
import { programIds } from '#vm/host/solana/ids'
import { Pubkey } from '#vm/host/solana/pubkey'
import type { AccountChange, FrameAccount, TraceEvent } from '#vm/host/solana/trace'
import {
  type AccountDifference,
  type Claim,
  type ClaimContext,
  ClaimError,
  type ClaimedTransaction,
} from '#vm/validate/solana/claim'
import { type ClaimRule, claimRules } from '#vm/validate/solana/rules'
import { validateClaim } from '#vm/validate/solana/validate'

const keyOf = (octet: number): Pubkey => Pubkey.from(new Uint8Array(32).fill(octet))
const program = keyOf(100)
const other = keyOf(101)
const derived = keyOf(102)
const stranger = keyOf(103)
const nothing = new Uint8Array(0)
const never = 0xffff_ffff_ffff_ffffn
const fee = 5000n

const account = (lamports: bigint, owner: Pubkey, data = nothing, executable = false): Account => ({
  lamports,
  data,
  owner,
  executable,
  rentEpoch: never,
})

/** Places in the transaction. */
const payer = 0
const vault = 1
const fresh = 2
const signedFor = 3
const readonly = 4
const system = 6
const callee = 7

const keys = [keyOf(1), keyOf(2), keyOf(3), derived, keyOf(5), program, programIds.system, other]
const before: ReadonlyMap<string, Account> = new Map([
  [keys[payer]!.key, account(1_000_000n, programIds.system)],
  [keys[vault]!.key, account(500_000n, program, Uint8Array.of(1, 2, 3))],
  [keys[signedFor]!.key, account(300_000n, programIds.system)],
  [keys[readonly]!.key, account(300_000n, program, Uint8Array.of(9))],
  [program.key, account(1n, programIds.loaderV2, nothing, true)],
  [other.key, account(1n, programIds.loaderV2, nothing, true)],
  [programIds.system.key, account(1n, programIds.nativeLoader, nothing, true)],
])
const seeds = [Uint8Array.of(7)]

const context: ClaimContext = {
  accountOf: (key) => before.get(key.key),
  fee,
  rentExempt: (length) => 1000n + 10n * BigInt(length),
  staysRented: () => true,
  isNative: (id) => id.equals(programIds.system),
  derive: (given, id) => (given === seeds && id.equals(program) ? derived : undefined),
  programDataOf: () => stranger,
  maxDepth: 5,
}

const held = (place: number, writable: boolean, signer = false): FrameAccount => ({
  account: place,
  signer,
  writable,
})
const outer = [
  held(payer, true, true),
  held(vault, true),
  held(fresh, true),
  held(signedFor, true),
  held(readonly, false),
  held(system, false),
]
const data = Uint8Array.of(1)

const transaction: ClaimedTransaction = {
  accounts: keys.map((key, i) => ({ key, signer: i === payer, writable: i <= signedFor })),
  instructions: [{ programId: program, accounts: outer, data }],
}

const enter = (
  programId: Pubkey,
  accounts: readonly FrameAccount[],
  parent?: number,
  octets = nothing,
): TraceEvent => ({
  kind: 'enter',
  frame: {
    programId,
    accounts,
    data: octets,
    instruction: 0,
    ...(parent !== undefined && { parent }),
  },
})
const change = (what: AccountChange): TraceEvent => ({ kind: 'change', change: what })
const leave: TraceEvent = { kind: 'leave' }
const lamports = (place: number, from: bigint, to: bigint): TraceEvent =>
  change({ account: place, field: 'lamports', from, to })

const written = Uint8Array.of(4, 5, 6, 7)
const made = Uint8Array.of(0, 0)
const inner = [
  held(payer, true, true),
  held(fresh, true),
  { ...held(signedFor, true, true), seeds },
]

/** A program writes its vault, pays from it, and has the system program make an account with a derived one's lamports. */
const trace: readonly TraceEvent[] = [
  enter(program, outer, undefined, data),
  change({ account: vault, field: 'data', from: Uint8Array.of(1, 2, 3), to: written }),
  enter(programIds.system, inner, 0),
  lamports(payer, 995_000n, 990_000n),
  lamports(fresh, 0n, 15_000n),
  lamports(signedFor, 300_000n, 290_000n),
  change({ account: fresh, field: 'data', from: nothing, to: made }),
  change({ account: fresh, field: 'owner', from: programIds.system, to: program }),
  leave,
  lamports(vault, 500_000n, 400_000n),
  lamports(payer, 990_000n, 1_090_000n),
  leave,
]

const diff: readonly AccountDifference[] = [
  {
    key: keys[payer]!,
    from: before.get(keys[payer]!.key)!,
    to: account(1_090_000n, programIds.system),
  },
  {
    key: keys[vault]!,
    from: before.get(keys[vault]!.key)!,
    to: account(400_000n, program, written),
  },
  { key: keys[fresh]!, to: account(15_000n, program, made) },
  {
    key: keys[signedFor]!,
    from: before.get(keys[signedFor]!.key)!,
    to: account(290_000n, programIds.system),
  },
]
const good: Claim = { succeeded: true, trace, diff }

interface Case {
  readonly claim?: Partial<Claim>
  readonly transaction?: ClaimedTransaction
  readonly context?: Partial<ClaimContext>
}

/** The trace with events replaced at an index. */
const spliced = (at: number, remove: number, ...put: readonly TraceEvent[]): Case => {
  const events = [...trace]
  events.splice(at, remove, ...put)
  return { claim: { trace: events } }
}
const entry = (place: number, to: Partial<AccountDifference>): Case => ({
  claim: { diff: diff.map((d) => (d.key.equals(keys[place]!) ? { ...d, ...to } : d)) },
})
const first = enter(program, outer, undefined, data)
const call = (accounts: readonly FrameAccount[], id = programIds.system): Case =>
  spliced(2, 1, enter(id, accounts, 0))
const withEntry = (added: AccountDifference): Case => ({ claim: { diff: [...diff, added] } })
const nested = (count: number, id: Pubkey): TraceEvent[] => [
  first,
  ...Array.from({ length: count }, (_, i) => enter(id, outer, i)),
  ...Array.from({ length: count + 1 }, () => leave),
]
const payerPaid = { ...diff[0]!, to: account(995_000n, programIds.system) }
const failed = (entries: readonly AccountDifference[], more: Partial<ClaimContext> = {}): Case => ({
  claim: { succeeded: false, diff: entries },
  context: more,
})
const grow = (bytes: number): TraceEvent =>
  change({ account: vault, field: 'data', from: Uint8Array.of(1, 2, 3), to: new Uint8Array(bytes) })
const withVault = (to: Account): Partial<ClaimContext> => ({
  accountOf: (key) => (key.equals(keys[vault]!) ? to : before.get(key.key)),
})

const tampered: Readonly<Record<ClaimRule, Case>> = {
  strayLeave: spliced(trace.length, 0, leave),
  openFrame: spliced(trace.length - 1, 1),
  strayChange: spliced(trace.length, 0, lamports(payer, 1_090_000n, 1n)),
  wrongParent: spliced(2, 1, enter(programIds.system, inner, 1)),
  badAccountIndex: call([...inner, held(44, false)]),
  unlistedAccount: spliced(3, 1, lamports(vault, 500_000n, 495_000n)),
  noChange: spliced(3, 0, lamports(payer, 995_000n, 995_000n)),
  badLamports: spliced(3, 1, lamports(payer, 995_000n, -1n)),
  missingInstruction: { claim: { trace: [] } },
  extraInstruction: spliced(trace.length, 0, first, leave),
  wrongProgram: spliced(0, 1, enter(other, outer, undefined, data)),
  wrongAccounts: spliced(0, 1, enter(program, outer.slice(1), undefined, data)),
  wrongData: spliced(0, 1, enter(program, outer, undefined, nothing)),
  unknownProgram: call(inner, stranger),
  notExecutable: call(inner, keys[vault]!),
  tooDeep: { claim: { trace: nested(5, program) } },
  tooManyFrames: {
    claim: {
      trace: [
        first,
        ...Array.from({ length: 64 }, () => [enter(program, [], 0), leave]).flat(),
        leave,
      ],
    },
  },
  reentered: spliced(3, 0, enter(program, [], 1), leave),
  writableEscalation: call([...inner, held(readonly, true)]),
  signerEscalation: call([held(payer, true, true), held(fresh, true), held(signedFor, true, true)]),
  foreignCallAccount: call([...inner, held(callee, false)]),
  staleFrom: spliced(3, 1, lamports(payer, 994_999n, 990_000n)),
  readonlyChanged: spliced(9, 0, lamports(readonly, 300_000n, 400_000n)),
  foreignSpend: spliced(9, 0, lamports(signedFor, 290_000n, 280_000n)),
  foreignData: spliced(
    9,
    0,
    change({ account: signedFor, field: 'data', from: nothing, to: Uint8Array.of(1) }),
  ),
  foreignOwner: spliced(
    9,
    0,
    change({ account: signedFor, field: 'owner', from: programIds.system, to: program }),
  ),
  ownerOfFullAccount: spliced(
    9,
    0,
    change({ account: vault, field: 'owner', from: program, to: other }),
  ),
  foreignExecutable: spliced(
    9,
    0,
    change({ account: signedFor, field: 'executable', from: false, to: true }),
  ),
  executableNotExempt: {
    ...spliced(9, 0, change({ account: fresh, field: 'executable', from: false, to: true })),
    context: { rentExempt: () => 15_001n },
  },
  dataTooLong: {
    ...spliced(1, 1, grow(10 * 1024 * 1024 + 1)),
  },
  grownTooMuch: spliced(1, 1, grow(10 * 1024 + 4)),
  transactionGrownTooMuch: {
    claim: {
      trace: [
        first,
        enter(programIds.system, [held(fresh, true), held(signedFor, true), held(payer, true)], 0),
        ...[fresh, signedFor, payer].map((place) =>
          change({
            account: place,
            field: 'data',
            from: nothing,
            to: new Uint8Array(10 * 1024 * 1024).fill(1),
          }),
        ),
        leave,
        leave,
      ],
    },
  },
  unbalanced: spliced(3, 1, lamports(payer, 995_000n, 990_001n)),
  unknownAddress: withEntry({ key: stranger, to: account(1n, program) }),
  readonlyAddress: withEntry({ key: keys[readonly]!, to: account(1n, program) }),
  staleOld: entry(vault, { from: account(500_001n, program, Uint8Array.of(1, 2, 3)) }),
  noDifference: withEntry(diff[1]!),
  emptyKept: entry(fresh, { to: account(0n, program, made) }),
  notOfTrace: entry(vault, { to: account(400_000n, program, Uint8Array.of(4, 5, 6, 8)) }),
  missingEntry: {
    ...spliced(6, 0, change({ account: signedFor, field: 'data', from: nothing, to: made })),
    claim: {
      trace: [
        first,
        change({ account: vault, field: 'data', from: Uint8Array.of(1, 2, 3), to: written }),
        leave,
      ],
      diff: [payerPaid],
    },
  },
  created: entry(payer, { to: account(1_090_001n, programIds.system) }),
  destroyed: entry(payer, { to: account(1_089_999n, programIds.system) }),
  wrongFee: failed([
    { ...diff[0]!, to: account(995_001n, programIds.system) },
    {
      ...diff[3]!,
      to: account(299_999n, programIds.system),
    },
  ]),
  rentPaying: {
    context: { staysRented: (before, after) => after.length !== 2 || before.length > 0 },
  },
  failedWithChanges: failed([payerPaid, { ...diff[1]!, to: account(500_000n, program, written) }]),
  wrongNonce: failed([payerPaid, { ...diff[1]!, to: account(500_000n, program, written) }], {
    nonce: { key: keys[vault]!, data: made },
  }),
}

const check = ({ claim, transaction: sent, context: known }: Case): void =>
  validateClaim(sent ?? transaction, { ...good, ...claim }, { ...context, ...known })

test('what the rules allow passes', () => {
  check({})
  check(failed([payerPaid]))
  const used = { ...diff[1]!, to: account(500_000n, program, made) }
  check(failed([payerPaid, used], { nonce: { key: keys[vault]!, data: made } }))
  check({ context: withVault(before.get(keys[vault]!.key)!) })
})

for (const [rule, broken] of Object.entries(tampered))
  test(`refused: ${claimRules[rule as ClaimRule]}`, () => {
    assert.throws(
      () => check(broken),
      (error) => {
        assert.ok(error instanceof ClaimError, String(error))
        assert.equal(error.code, rule)
        return true
      },
    )
  })

test('the rules are written down in docs/host/solana-validation.md', () => {
  const page = readFileSync('docs/host/solana-validation.md', 'utf8')
  const listed = [...page.matchAll(/^\| `(\w+)` \| (.*) \|$/gm)].map(([, rule, text]) => [
    rule,
    text,
  ])
  assert.deepEqual(listed, Object.entries(claimRules))
})
