import { fail } from '../../host/solana/errors.ts'
import { programIds, sysvarIds } from '../../host/solana/ids.ts'
import type { Pubkey } from '../../host/solana/pubkey.ts'
import type { Builtin, InvokeContext } from '../../host/solana/runtime.ts'
import { hash, pubkey, u8, u16, u64 } from './bincode.ts'
import { dispatch, type InstructionRow, row } from './program.ts'
import { transferInstruction } from './system-calls.ts'
import {
  checkSysvarAccount,
  clockOf,
  epochScheduleOf,
  rentOf,
  slotHashesOf,
} from './sysvar-views.ts'
import { authorize, authorizeDerived, checkSigner } from './vote-authorize.ts'
import { checkPossession } from './vote-bls.ts'
import {
  CommissionKind,
  commissionKind,
  compactVoteStateUpdate,
  seededAuthority,
  towerSync,
  vote,
  voteAuthorize,
  voteInit,
  voteInitV2,
  voteStateUpdate,
} from './vote-data.ts'
import { voteFail } from './vote-errors.ts'
import {
  isInitialized,
  readVoteState,
  storeVoteState,
  type VoteState,
  voterOf,
  voteStateBytes,
  voteStateOf,
} from './vote-state.ts'
import { applyTower, applyVote, setTimestamp, type Tower, type Vote } from './vote-tower.ts'

/** The account must be of a vote account's size and never used. */
function checkFresh(context: InvokeContext): void {
  const me = context.instruction.account(0)
  if (me.data.length !== voteStateBytes) fail('InvalidAccountData')
  if (isInitialized(readVoteState(me.data, me.key))) fail('AccountAlreadyInitialized')
}

const fresh = {
  pendingRewards: 0n,
  votes: [],
  root: undefined,
  credits: [],
  timestamp: { slot: 0n, timestamp: 0n },
}

/** Reads the state, changes it, and writes it. */
function change(context: InvokeContext, by: (state: VoteState) => void): void {
  const me = context.instruction.account(0)
  const state = voteStateOf(me)
  by(state)
  storeVoteState(me, state)
}

function refuseUnless(context: InvokeContext, ...features: readonly string[]): void {
  if (!features.every((name) => context.features.has(name))) fail('InvalidInstructionData')
}

/** Forms of votes that towers replaced. */
function refuseLegacy(context: InvokeContext): void {
  if (context.features.has('deprecate_legacy_vote_ixs')) fail('InvalidInstructionData')
}

function castVote(context: InvokeContext, cast: Vote): void {
  refuseLegacy(context)
  checkSysvarAccount(context, 1, sysvarIds.slotHashes)
  const hashes = slotHashesOf(context)
  checkSysvarAccount(context, 2, sysvarIds.clock)
  const clock = clockOf(context)
  change(context, (state) => {
    checkSigner(context, voterOf(state, clock.epoch))
    applyVote(state, cast, hashes, clock)
    if (cast.timestamp === undefined) return
    const newest = cast.slots.reduce((a, b) => (a > b ? a : b))
    setTimestamp(state, newest, cast.timestamp)
  })
}

function castTower(context: InvokeContext, tower: Tower): void {
  const hashes = slotHashesOf(context)
  const clock = clockOf(context)
  change(context, (state) => {
    checkSigner(context, voterOf(state, clock.epoch))
    applyTower(state, tower, hashes, clock)
  })
}

function castLegacyTower(context: InvokeContext, tower: Tower): void {
  refuseLegacy(context)
  castTower(context, tower)
}

/** Commissions may rise in the first half of an epoch only, until changes wait an epoch anyhow. */
function updateCommission(context: InvokeContext, commission: number): void {
  const schedule = epochScheduleOf(context)
  const { slot } = clockOf(context)
  const me = context.instruction.account(0)
  const rises = () => {
    try {
      const held = Math.min(Math.floor(voteStateOf(me).inflationCommission / 100), 255)
      return commission > held
    } catch {
      // an account that cannot be read is refused below, but after the rule
      return true
    }
  }
  if (!context.features.has('delay_commission_updates') && rises()) {
    const passed = slot > schedule.firstNormalSlot ? slot - schedule.firstNormalSlot : 0n
    const perEpoch = schedule.slotsPerEpoch
    if (perEpoch > 0n && 2n * (passed % perEpoch) > perEpoch) voteFail('CommissionUpdateTooLate')
  }
  change(context, (state) => {
    checkSigner(context, state.withdrawer)
    state.inflationCommission = commission * 100
  })
}

function withdraw(context: InvokeContext, lamports: bigint): void {
  const { instruction } = context
  instruction.checkAccountCount(2)
  const rent = rentOf(context)
  const clock = clockOf(context)
  const me = instruction.account(0)
  const state = voteStateOf(me)
  checkSigner(context, state.withdrawer)
  if (lamports > me.lamports) fail('InsufficientFunds')
  const left = me.lamports - lamports
  if (left > 0n) {
    const least = rent.minimumBalance(me.data.length) + state.pendingRewards
    if (least >= 1n << 64n) fail('ArithmeticOverflow')
    if (left < least) fail('InsufficientFunds')
  } else {
    if (state.pendingRewards > 0n) fail('InsufficientFunds')
    const last = state.credits.at(-1)
    if (last !== undefined && clock.epoch < last.epoch + 2n) voteFail('ActiveVoteAccountClose')
    me.dataToWrite().fill(0)
  }
  me.subLamports(lamports)
  instruction.account(1).addLamports(lamports)
}

/**
 * Collectors are the vote account itself, or accounts of the system program that are rent-exempt and may
 * be written (SIMD-0232). Two of them may not be the same account: Agave would borrow it twice.
 */
function collectors(context: InvokeContext, ...indexes: readonly number[]): () => Pubkey[] {
  const { instruction } = context
  const mine = instruction.key(0)
  const seen = new Set<string>()
  for (const index of indexes) {
    const { key } = instruction.key(index)
    if (key !== mine.key && seen.has(key)) fail('AccountBorrowFailed')
    seen.add(key)
  }
  return () => {
    const rent = rentOf(context)
    return indexes.map((index) => {
      if (instruction.key(index).equals(mine)) return mine
      const account = instruction.account(index)
      if (!account.owner.equals(programIds.system)) fail('InvalidAccountOwner')
      if (account.lamports < rent.minimumBalance(account.data.length)) fail('InsufficientFunds')
      if (!account.isWritable) fail('InvalidArgument')
      return account.key
    })
  }
}

/** Instructions by their numbers (solana-vote-interface 6.0.3, `VoteInstruction`). Account 0 is the vote account. */
export const voteInstructions: readonly InstructionRow[] = [
  row('InitializeAccount', voteInit, (context, args) => {
    checkSysvarAccount(context, 1, sysvarIds.rent)
    const rent = rentOf(context)
    const me = context.instruction.account(0)
    if (me.lamports < rent.minimumBalance(me.data.length)) fail('InsufficientFunds')
    checkSysvarAccount(context, 2, sysvarIds.clock)
    const clock = clockOf(context)
    checkFresh(context)
    checkSigner(context, args.node)
    storeVoteState(me, {
      ...fresh,
      node: args.node,
      withdrawer: args.withdrawer,
      inflationCollector: me.key,
      blockCollector: args.node,
      inflationCommission: args.commission * 100,
      blockCommission: 10_000,
      blsKey: undefined,
      voters: new Map([[clock.epoch, args.voter]]),
    })
  }),
  row('Authorize', { to: pubkey, authorize: voteAuthorize }, (context, args) => {
    checkSysvarAccount(context, 1, sysvarIds.clock)
    const clock = clockOf(context)
    authorize(context, args.to, args.authorize, context.instruction.signers(), clock)
  }),
  row('Vote', { vote }, (context, args) => castVote(context, args.vote)),
  row('Withdraw', { lamports: u64 }, (context, { lamports }) => withdraw(context, lamports)),
  row('UpdateValidatorIdentity', {}, (context) => {
    context.instruction.checkAccountCount(2)
    const node = context.instruction.key(1)
    change(context, (state) => {
      checkSigner(context, state.withdrawer)
      checkSigner(context, node)
      state.node = node
      if (!context.features.has('custom_commission_collector')) state.blockCollector = node
    })
  }),
  row('UpdateCommission', { commission: u8 }, (context, { commission }) =>
    updateCommission(context, commission),
  ),
  row('VoteSwitch', { vote, proof: hash }, (context, args) => castVote(context, args.vote)),
  row('AuthorizeChecked', { authorize: voteAuthorize }, (context, args) => {
    const { instruction } = context
    instruction.checkAccountCount(4)
    if (!instruction.isSigner(3)) fail('MissingRequiredSignature')
    checkSysvarAccount(context, 1, sysvarIds.clock)
    const clock = clockOf(context)
    authorize(context, instruction.key(3), args.authorize, instruction.signers(), clock)
  }),
  row('UpdateVoteState', { tower: voteStateUpdate }, (context, { tower }) =>
    castLegacyTower(context, tower),
  ),
  row('UpdateVoteStateSwitch', { tower: voteStateUpdate, proof: hash }, (context, { tower }) =>
    castLegacyTower(context, tower),
  ),
  row('AuthorizeWithSeed', { ...seededAuthority, to: pubkey }, (context, args) => {
    context.instruction.checkAccountCount(3)
    authorizeDerived(context, args.to, args)
  }),
  row('AuthorizeCheckedWithSeed', seededAuthority, (context, args) => {
    const { instruction } = context
    instruction.checkAccountCount(4)
    if (!instruction.isSigner(3)) fail('MissingRequiredSignature')
    authorizeDerived(context, instruction.key(3), args)
  }),
  row('CompactUpdateVoteState', { tower: compactVoteStateUpdate }, (context, { tower }) =>
    castLegacyTower(context, tower),
  ),
  row(
    'CompactUpdateVoteStateSwitch',
    { tower: compactVoteStateUpdate, proof: hash },
    (context, { tower }) => castLegacyTower(context, tower),
  ),
  row('TowerSync', { tower: towerSync }, (context, { tower }) => castTower(context, tower)),
  row('TowerSyncSwitch', { tower: towerSync, proof: hash }, (context, { tower }) =>
    castTower(context, tower),
  ),
  row('InitializeAccountV2', voteInitV2, (context, args) => {
    refuseUnless(
      context,
      'bls_pubkey_management_in_vote_account',
      'commission_rate_in_basis_points',
      'custom_commission_collector',
      'block_revenue_sharing',
      'vote_account_initialize_v2',
    )
    context.instruction.checkAccountCount(4)
    const resolve = collectors(context, 2, 3)
    const clock = clockOf(context)
    rentOf(context)
    checkFresh(context)
    checkSigner(context, args.node)
    const [inflationCollector, blockCollector] = resolve()
    const me = context.instruction.account(0)
    checkPossession(context, me.key, args.blsKey, args.blsProof)
    storeVoteState(me, {
      ...fresh,
      node: args.node,
      withdrawer: args.withdrawer,
      inflationCollector: inflationCollector!,
      blockCollector: blockCollector!,
      inflationCommission: args.inflationCommission,
      blockCommission: args.blockCommission,
      blsKey: args.blsKey.slice(),
      voters: new Map([[clock.epoch, args.voter]]),
    })
  }),
  row('UpdateCommissionCollector', { kind: commissionKind }, (context, { kind }) => {
    refuseUnless(context, 'custom_commission_collector')
    context.instruction.checkAccountCount(3)
    const resolve = collectors(context, 1)
    rentOf(context)
    change(context, (state) => {
      checkSigner(context, state.withdrawer)
      const [collector] = resolve()
      if (kind === CommissionKind.inflationRewards) state.inflationCollector = collector!
      else state.blockCollector = collector!
    })
  }),
  row('UpdateCommissionBps', { commission: u16, kind: commissionKind }, (context, args) => {
    refuseUnless(context, 'commission_rate_in_basis_points', 'delay_commission_updates')
    const inflation = args.kind === CommissionKind.inflationRewards
    if (!inflation) refuseUnless(context, 'block_revenue_sharing')
    change(context, (state) => {
      checkSigner(context, state.withdrawer)
      if (inflation) state.inflationCommission = args.commission
      else state.blockCommission = args.commission
    })
  }),
  row('DepositDelegatorRewards', { lamports: u64 }, (context, { lamports }) => {
    refuseUnless(
      context,
      'commission_rate_in_basis_points',
      'custom_commission_collector',
      'block_revenue_sharing',
    )
    const { instruction } = context
    instruction.checkAccountCount(2)
    checkSigner(context, instruction.key(1))
    const me = instruction.account(0)
    const found = readVoteState(me.data, me.key)
    if (found === undefined || found.version !== 3) return fail('InvalidAccountData')
    context.invokeSigned(transferInstruction(instruction.key(1), me.key, lamports), [])
    const { state } = found
    state.pendingRewards += lamports
    if (state.pendingRewards >= 1n << 64n) fail('ArithmeticOverflow')
    storeVoteState(instruction.account(0), state)
  }),
]

/** Accounts of validators: their votes, who casts them, and what they take of rewards. */
export const voteProgram: Builtin = {
  id: programIds.vote,
  name: 'solana_vote_program',
  units: 2100n,
  process(context) {
    if (!context.instruction.account(0).owner.equals(programIds.vote)) fail('InvalidAccountOwner')
    dispatch(voteInstructions, context)
  },
}
