/** Vote and stake accounts. */
import { withSeed } from '../keys.ts'
import { addressOf, bytesOf, join, type Part, text64, u32, u64 } from '../pack.ts'
import type { Address } from '../subject.ts'
import type { Instruction, Meta } from '../wire.ts'
import { type Action, meta, rentOf, type World } from '../world.ts'
import { createAccount, rentSysvar } from './system.ts'

const voteProgram: Address = 'Vote111111111111111111111111111111111111111'
const stakeProgram: Address = 'Stake11111111111111111111111111111111111111'
const clock: Address = 'SysvarC1ock11111111111111111111111111111111'
const history: Address = 'SysvarStakeHistory1111111111111111111111111'
const slotHashes: Address = 'SysvarS1otHashes111111111111111111111111111'
const config: Address = 'StakeConfig11111111111111111111111111111111'
const voteBytes = 3762
const stakeBytes = 200

const stake = (code: number, metas: readonly Meta[], ...data: Part[]): Instruction => ({
  program: stakeProgram,
  metas,
  data: join(u32(code), ...data),
})
const vote = (code: number, metas: readonly Meta[], ...data: Part[]): Instruction => ({
  program: voteProgram,
  metas,
  data: join(u32(code), ...data),
})

interface Stake {
  readonly address: Address
  readonly staker: Address
  readonly withdrawer: Address
}

function anyStake(world: World): Stake | undefined {
  const address = world.any('stake')
  if (address === undefined) return undefined
  const data = world.data(address)
  if (data.length < stakeBytes) return undefined
  const key = (at: number): Address => addressOf(data.subarray(at, at + 32))
  return { address, staker: key(12), withdrawer: key(44) }
}

interface Vote {
  readonly address: Address
  readonly node: Address
  readonly withdrawer: Address
}

function anyVote(world: World): Vote | undefined {
  const address = world.any('vote')
  if (address === undefined) return undefined
  const data = world.data(address)
  if (data.length < 68) return undefined
  const key = (at: number): Address => addressOf(data.subarray(at, at + 32))
  return { address, node: key(4), withdrawer: key(36) }
}

function lockup(world: World): Uint8Array {
  const { rng } = world
  const custodian = bytesOf(rng.chance(70) ? world.wallet() : world.stranger())
  return join(u64(rng.pick([0, 0, 0, 10 ** 10])), u64(rng.pick([0, 0, 0, 5000])), custodian)
}

function slots(world: World): Uint8Array {
  const count = world.rng.below(4)
  return join(
    u64(count),
    ...Array.from({ length: count }, (_, i) => u64(world.slot - BigInt(count - i))),
  )
}

export const stakeActions: readonly Action[] = [
  {
    name: 'vote.initialize',
    plan(world) {
      const address = world.fresh().address
      const node = world.wallet()
      const make = createAccount(world.wallet(), address, rentOf(voteBytes), voteBytes, voteProgram)
      const metas = [meta(address, 'w'), meta(rentSysvar), meta(clock), meta(node, 's')]
      const keys = [node, world.wallet(), world.wallet()].map(bytesOf)
      const initialize = vote(0, metas, ...keys, [world.rng.below(101)])
      return { instructions: [make, initialize], after: () => world.add('vote', address) }
    },
  },
  {
    name: 'vote.change',
    weight: 4,
    plan(world) {
      const found = anyVote(world)
      if (found === undefined) return undefined
      const { rng } = world
      const account = meta(found.address, 'w')
      const owner = meta(found.withdrawer, 's')
      const next = world.wallet()
      const hash = rng.bytes(32).slice()
      const seed = `v${rng.below(10)}`
      const ways: (() => Instruction)[] = [
        () => vote(1, [account, meta(clock), owner], bytesOf(next), u32(rng.below(2))),
        () => vote(7, [account, meta(clock), owner, meta(next, 's')], u32(rng.below(2))),
        () =>
          vote(
            10,
            [account, meta(clock), owner],
            u32(rng.below(2)),
            bytesOf(stakeProgram),
            text64(seed),
            bytesOf(next),
          ),
        () =>
          vote(
            11,
            [account, meta(clock), owner, meta(next, 's')],
            u32(rng.below(2)),
            bytesOf(stakeProgram),
            text64(seed),
          ),
        () =>
          vote(
            3,
            [account, meta(next, 'w'), owner],
            u64(rng.pick([0n, 1n, world.lamports(found.address)])),
          ),
        () => vote(4, [account, meta(next, 's'), owner]),
        () => vote(5, [account, owner], [rng.below(256)]),
        () => vote(2, [account, meta(slotHashes), meta(clock), owner], slots(world), hash, [0]),
        () =>
          vote(
            8,
            [account, meta(slotHashes), meta(clock), owner],
            u64(1),
            u64(world.slot),
            u32(1),
            [0],
            hash,
            [0],
          ),
        () => vote(12, [account, owner], u64(0), [1, 1, 1], hash, [0]),
        () => vote(14, [account, owner], u64(world.slot), [1, 1, 1], hash, [0], hash),
        () => vote(16, [account, owner], rng.bytes(rng.below(40)).slice()),
        () => vote(18, [account, owner], u32(rng.below(10_000)), [rng.below(2)]),
      ]
      return { instructions: [rng.pick(ways)()] }
    },
  },
  {
    name: 'stake.initialize',
    weight: 2,
    plan(world) {
      const address = world.fresh().address
      const lamports = rentOf(stakeBytes) + BigInt(world.rng.pick([0, 1, 10 ** 9, 3 * 10 ** 9]))
      const make = createAccount(world.wallet(), address, lamports, stakeBytes, stakeProgram)
      const [staker, withdrawer] = [world.wallet(), world.wallet()]
      const account = meta(address, 'w')
      const initialize = world.rng.chance(70)
        ? stake(0, [account, meta(rentSysvar)], bytesOf(staker), bytesOf(withdrawer), lockup(world))
        : stake(9, [account, meta(rentSysvar), meta(staker), meta(withdrawer, 's')])
      return { instructions: [make, initialize], after: () => world.add('stake', address) }
    },
  },
  {
    name: 'stake.delegate',
    weight: 2,
    plan(world) {
      const found = anyStake(world)
      const to = world.any('vote')
      if (found === undefined || to === undefined) return undefined
      const metas = [
        meta(found.address, 'w'),
        meta(to),
        meta(clock),
        meta(history),
        meta(config),
        meta(found.staker, 's'),
      ]
      const after = (): void => {
        if (world.rng.chance(30)) world.warp(432_000)
      }
      return { instructions: [stake(2, metas)], after }
    },
  },
  {
    name: 'stake.split',
    plan(world) {
      const found = anyStake(world)
      if (found === undefined) return undefined
      const to = world.fresh().address
      const have = world.lamports(found.address)
      const part = world.rng.pick([have / 2n, have, 0n, rentOf(stakeBytes), have + 1n])
      const make = createAccount(world.wallet(), to, rentOf(stakeBytes), stakeBytes, stakeProgram)
      const metas = [meta(found.address, 'w'), meta(to, 'w'), meta(found.staker, 's')]
      const after = (): void => world.add('stake', to)
      return { instructions: [make, stake(3, metas, u64(part))], after }
    },
  },
  {
    name: 'stake.change',
    weight: 6,
    plan(world) {
      const found = anyStake(world)
      const other = anyStake(world)
      if (found === undefined || other === undefined) return undefined
      const { rng } = world
      const account = meta(found.address, 'w')
      const staker = meta(found.staker, 's')
      const owner = meta(found.withdrawer, 's')
      const next = world.wallet()
      const kind = rng.below(2)
      const seed = `k${rng.below(5)}`
      const base = world.wallet()
      const named = withSeed(base, seed, stakeProgram)
      const have = world.lamports(found.address)
      const amount = u64(
        rng.pick(
          [0n, 1n, have - rentOf(stakeBytes), have, 10n ** 8n].map((n) => (n < 0n ? 0n : n)),
        ),
      )
      const ways: (() => Instruction)[] = [
        () =>
          stake(1, [account, meta(clock), kind === 0 ? staker : owner], bytesOf(next), u32(kind)),
        () =>
          stake(1, [account, meta(clock), kind === 0 ? staker : owner], bytesOf(named), u32(kind)),
        () => stake(4, [account, meta(next, 'w'), meta(clock), meta(history), owner], amount),
        () => stake(5, [account, meta(clock), staker]),
        () => stake(6, [account, owner], [0, 0, 1], bytesOf(next)),
        () => stake(6, [account, owner], [1], u64(5), [0, 0]),
        () => stake(7, [account, meta(other.address, 'w'), meta(clock), meta(history), staker]),
        () =>
          stake(
            8,
            [account, meta(base, 's'), meta(clock)],
            bytesOf(next),
            u32(kind),
            text64(seed),
            bytesOf(stakeProgram),
          ),
        () =>
          stake(
            10,
            [account, meta(clock), kind === 0 ? staker : owner, meta(next, 's')],
            u32(kind),
          ),
        () => stake(12, [account, owner, meta(next, 's')], [0, 0]),
        () => stake(13, []),
        () =>
          stake(14, [account, meta(world.any('vote') ?? next), meta(world.any('vote') ?? next)]),
        () => stake(16, [account, meta(other.address, 'w'), staker], amount),
        () => stake(17, [account, meta(other.address, 'w'), staker], amount),
      ]
      return { instructions: [rng.pick(ways)()] }
    },
  },
]
