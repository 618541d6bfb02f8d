import { bls12_381 } from '@noble/curves/bls12-381.js'
import { withSeed } from '../differential/keys.ts'
import {
  bytesOf,
  join,
  shortLength,
  text64,
  toBase64,
  u16,
  u32,
  u64,
  utf8,
} from '../differential/pack.ts'
import type { Address, StoredAccount } from '../differential/subject.ts'
import { type Case, Draw, rentOf, systemId, sysvars } from './cases.ts'

export const voteId: Address = 'Vote111111111111111111111111111111111111111'
const sysvarOwner: Address = 'Sysvar1111111111111111111111111111111111111'
const stateBytes = 3762

/** Slots whose banks' hashes the cluster knows: with gaps, newest first. */
export const knownSlots: readonly bigint[] = Array.from({ length: 120 }, (_, i) =>
  BigInt(1300 - 2 * i - (i % 3 === 0 ? 1 : 0)),
)
function hashOf(slot: bigint): Uint8Array {
  return join(u64(slot), new Uint8Array(24).fill(9))
}

/** The sysvar's account. */
export function slotHashesAccount(): StoredAccount {
  const rows = knownSlots.map((slot) => join(u64(slot), hashOf(slot)))
  const data = join(u64(knownSlots.length), ...rows)
  return { lamports: '143487360', data: toBase64(data), owner: sysvarOwner, executable: false }
}

interface Parties {
  readonly node: Address
  readonly voter: Address
  readonly withdrawer: Address
}

interface Vote {
  readonly slot: bigint
  readonly confirmations: number
}

const option = (bytes: Uint8Array | undefined): Uint8Array =>
  bytes === undefined ? Uint8Array.of(0) : join([1], bytes)

/** Votes with falling confirmations and rising slots, mostly known ones, each inside the lockout of the one before. */
function tower(draw: Draw, newest: bigint): Vote[] {
  const { rng } = draw
  const slots = knownSlots.filter((slot) => slot <= newest)
  const count = 1 + rng.below(Math.min(rng.chance(80) ? 8 : 31, Math.max(slots.length, 1)))
  const votes: Vote[] = []
  let at = 0
  let confirmations = 1
  for (let i = 0; i < count && at < slots.length; i++) {
    votes.unshift({ slot: slots[at]!, confirmations })
    at += 1 + rng.below(rng.chance(70) ? 1 : 4)
    confirmations += 1 + (rng.chance(15) ? rng.below(3) : 0)
  }
  return votes
}

/** A vote account's bytes, of any version. */
function stateOf(draw: Draw, parties: Parties, epoch: bigint): Uint8Array {
  const { rng } = draw
  const version = rng.pick([3, 3, 3, 2, 2, 1])
  const votes = rng.chance(20) ? [] : tower(draw, rng.pick(knownSlots.slice(4, 60)))
  const rows = votes.map(({ slot, confirmations }) =>
    join(version === 1 ? [] : [rng.pick([0, 1, 2, 3, 20, 255])], u64(slot), u32(confirmations)),
  )
  const root = rng.chance(60) ? u64((votes[0]?.slot ?? 900n) - BigInt(rng.below(60))) : undefined
  const voters: (readonly [bigint, Address])[] = []
  let from = epoch - BigInt(rng.below(4))
  for (let i = rng.chance(5) ? 0 : 1 + rng.below(3); i > 0; i--) {
    voters.push([from, rng.chance(90) ? parties.voter : draw.address()])
    from += BigInt(1 + rng.below(3))
  }
  const credits = Array.from({ length: rng.pick([0, 1, 2, 5, 64]) }, (_, i, all = 5) => {
    const before = BigInt(10 * i)
    return join(
      u64(epoch - BigInt(all - i - rng.below(2))),
      u64(before + BigInt(rng.below(3))),
      u64(before),
    )
  })
  const head =
    version === 3
      ? join(
          ...[parties.withdrawer, draw.address(), draw.address()].map(bytesOf),
          u16(rng.pick([0, 100, 500, 10_000, 30_000])),
          u16(rng.pick([0, 10_000])),
          u64(rng.pick([0n, 0n, 0n, 5n])),
          option(rng.chance(20) ? draw.bytes(48) : undefined),
        )
      : join(bytesOf(parties.withdrawer), [rng.pick([0, 1, 5, 100, 255])])
  const bytes = join(
    u32(version),
    bytesOf(parties.node),
    head,
    u64(rows.length),
    ...rows,
    option(root),
    u64(voters.length),
    ...voters.map(([at, key]) => join(u64(at), bytesOf(key))),
    version === 3 ? [] : join(new Uint8Array(32 * 48), u64(31n), [rng.pick([0, 1, 1, 1])]),
    u64(credits.length),
    ...credits,
    u64(rng.pick([0n, 1000n, 1290n, votes.at(-1)?.slot ?? 3n])),
    u64(rng.pick([0n, 77n, 1_000_000n])),
  )
  const length = version === 1 ? rng.pick([3731, 3731, stateBytes]) : stateBytes
  return bytes.length > length ? bytes : join(bytes, new Uint8Array(length - bytes.length))
}

interface Scene extends Parties {
  readonly draw: Draw
  readonly seeds: Seeds
  readonly epoch: bigint
  readonly vote: Address
}

/** A vote account in use or not, named first. */
function voteAccount(draw: Draw, parties: Parties, epoch: bigint, fresh: boolean): Address {
  const { rng } = draw
  let bytes = fresh ? new Uint8Array(stateBytes) : stateOf(draw, parties, epoch)
  if (rng.chance(3)) bytes = new Uint8Array(rng.pick([0, 3, 4, 200, 3731, 3763]))
  if (rng.chance(3)) bytes = bytes.subarray(0, rng.below(bytes.length + 1))
  if (rng.chance(3)) {
    bytes = bytes.slice()
    bytes[rng.below(Math.min(bytes.length, 300))] = rng.below(256)
  }
  return draw.put(draw.address(), {
    bytes,
    owner: rng.chance(96) ? voteId : draw.address(),
    lamports: (
      rentOf(rng.chance(90) ? stateBytes : bytes.length) + rng.pick([0n, 5n, 1000n, 10n ** 9n])
    ).toString(),
  })
}

const clockText = (slot: bigint, epoch: bigint, leader: bigint): Case['clock'] => [
  `${slot}`,
  '0',
  `${epoch}`,
  `${leader}`,
  '1700000000',
]

const optionalTime = (draw: Draw): Uint8Array =>
  option(
    draw.rng.chance(50)
      ? u64(draw.rng.pick([0n, 77n, 78n, 1_000_000n, -5n, 1n << 62n]))
      : undefined,
  )

/** A new tower, mostly one that may follow; some slots, orders and roots are wrong. */
function proposal(draw: Draw): { votes: Vote[]; root: bigint | undefined; hash: Uint8Array } {
  const { rng } = draw
  const newest = rng.pick(knownSlots.slice(0, rng.chance(80) ? 5 : 100))
  let votes = tower(draw, newest)
  if (rng.chance(10))
    votes = votes.map((vote) => (rng.chance(20) ? { ...vote, slot: vote.slot + 1n } : vote))
  if (rng.chance(10))
    votes = votes.map((vote) =>
      rng.chance(20) ? { ...vote, confirmations: rng.pick([0, 1, 31, 32]) } : vote,
    )
  if (rng.chance(5)) votes.unshift({ slot: BigInt(rng.below(1100)), confirmations: 31 })
  if (rng.chance(2)) votes = []
  if (rng.chance(3))
    votes = Array.from({ length: 33 }, (_, i) => ({
      slot: 1300n - BigInt(33 - i),
      confirmations: 33 - i,
    }))
  const oldest = votes[0]?.slot ?? 1000n
  const root = rng.chance(20)
    ? undefined
    : rng.pick([
        oldest - 1n,
        oldest - BigInt(rng.below(50)),
        knownSlots.find((slot) => slot < oldest) ?? 0n,
        900n,
        0n,
        oldest,
      ])
  const last = votes.at(-1)?.slot ?? 0n
  return { votes, root, hash: rng.chance(95) ? hashOf(last) : draw.bytes(32) }
}

function varint(value: bigint): number[] {
  const out: number[] = []
  let rest = value
  while (rest >= 0x80n) {
    out.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  out.push(Number(rest))
  return out
}

function compact(draw: Draw): Uint8Array {
  const { votes, root, hash } = proposal(draw)
  const noRoot = 2n ** 64n - 1n
  let slot = root ?? 0n
  const rows = votes.map((vote) => {
    const offset = BigInt.asUintN(64, vote.slot - slot)
    slot = vote.slot
    return join(varint(offset), [vote.confirmations])
  })
  return join(u64(root ?? noRoot), shortLength(rows.length), ...rows, hash, optionalTime(draw))
}

function plain(draw: Draw): Uint8Array {
  const { votes, root, hash } = proposal(draw)
  return join(
    u64(votes.length),
    ...votes.map((vote) => join(u64(vote.slot), u32(vote.confirmations))),
    option(root === undefined ? undefined : u64(root)),
    hash,
    optionalTime(draw),
  )
}

function oldVote(draw: Draw): Uint8Array {
  const { votes, hash } = proposal(draw)
  return join(u64(votes.length), ...votes.map((vote) => u64(vote.slot)), hash, optionalTime(draw))
}

/** A BLS key, and mostly a proof that its secret is known for this account. */
function blsKey({ draw, vote }: Scene): Uint8Array {
  const { rng } = draw
  const secret = 1n + BigInt(rng.below(2 ** 31))
  const key = bls12_381.G1.Point.BASE.multiply(secret).toBytes(true)
  if (rng.chance(20)) return join(key, draw.bytes(96))
  const said = join(utf8('ALPENGLOW'), bytesOf(rng.chance(80) ? vote : voteId), key)
  const signed = bls12_381.G2.hashToCurve(said, {
    DST: 'BLS_POP_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_',
  })
  return join(key, signed.multiply(secret).toBytes(true))
}

const authorizeOf = (scene: Scene): Uint8Array => {
  const kind = scene.draw.rng.pick([0, 0, 0, 0, 1, 1, 1, 2, 3])
  return kind === 2 ? join(u32(2), blsKey(scene)) : u32(kind)
}

/** Either authority signs, or nobody. */
function signer({ draw, voter, withdrawer }: Scene): void {
  const { rng } = draw
  if (rng.chance(60)) draw.name(voter, rng.chance(95) ? 's' : '')
  if (rng.chance(60)) draw.name(withdrawer, rng.chance(95) ? 's' : '')
}

/** Authorities of accounts whose instructions derive them from account 2. */
interface Seeds {
  readonly base: Address
  readonly seed: string
  readonly owner: Address
}

function seeded(scene: Scene, checked: boolean): Uint8Array {
  const { draw, seeds } = scene
  const { base, seed, owner } = seeds
  draw.name(sysvars.clock)
  draw.name(base, draw.rng.chance(90) ? 's' : '')
  if (checked) draw.name(draw.address(), draw.rng.chance(90) ? 's' : '')
  return join(
    authorizeOf(scene),
    bytesOf(owner),
    text64(seed),
    checked ? [] : bytesOf(draw.address()),
  )
}

type Make = (scene: Scene) => Uint8Array

const voting =
  (data: (draw: Draw) => Uint8Array, ...more: Address[]): Make =>
  (scene) => {
    for (const key of more) scene.draw.name(key)
    scene.draw.name(scene.voter, scene.draw.rng.chance(95) ? 's' : '')
    return data(scene.draw)
  }

const rows: readonly (readonly [name: string, make: Make])[] = [
  [
    'InitializeAccount',
    ({ draw, node }) => {
      draw.name(sysvars.rent)
      draw.name(sysvars.clock)
      draw.name(node, draw.rng.chance(90) ? 's' : '')
      const keys = [node, draw.address(), draw.address()].map(bytesOf)
      return join(...keys, [draw.rng.pick([0, 5, 100, 255])])
    },
  ],
  [
    'Authorize',
    (scene) => {
      scene.draw.name(sysvars.clock)
      signer(scene)
      return join(bytesOf(scene.draw.address()), authorizeOf(scene))
    },
  ],
  ['Vote', voting(oldVote, sysvars.slotHashes, sysvars.clock)],
  [
    'Withdraw',
    (scene) => {
      const { draw, vote } = scene
      draw.name(draw.rng.chance(90) ? draw.any() : vote, 'w')
      signer(scene)
      const all = BigInt(draw.accounts.get(vote)!.lamports)
      return u64(draw.amount(0n, 5n, all, all, all - rentOf(stateBytes)))
    },
  ],
  [
    'UpdateValidatorIdentity',
    (scene) => {
      scene.draw.name(scene.draw.rich(), scene.draw.rng.chance(90) ? 's' : '')
      signer(scene)
      return new Uint8Array(0)
    },
  ],
  [
    'UpdateCommission',
    (scene) => {
      signer(scene)
      return Uint8Array.of(scene.draw.rng.pick([0, 1, 2, 5, 6, 100, 255]))
    },
  ],
  [
    'VoteSwitch',
    voting((draw) => join(oldVote(draw), draw.bytes(32)), sysvars.slotHashes, sysvars.clock),
  ],
  [
    'AuthorizeChecked',
    (scene) => {
      const { draw } = scene
      draw.name(sysvars.clock)
      draw.name(
        draw.rng.chance(70) ? scene.voter : scene.withdrawer,
        draw.rng.chance(90) ? 's' : '',
      )
      draw.name(draw.address(), draw.rng.chance(90) ? 's' : '')
      return authorizeOf(scene)
    },
  ],
  ['UpdateVoteState', voting(plain)],
  ['UpdateVoteStateSwitch', voting((draw) => join(plain(draw), draw.bytes(32)))],
  ['AuthorizeWithSeed', (scene) => seeded(scene, false)],
  ['AuthorizeCheckedWithSeed', (scene) => seeded(scene, true)],
  ['CompactUpdateVoteState', voting(compact)],
  ['CompactUpdateVoteStateSwitch', voting((draw) => join(compact(draw), draw.bytes(32)))],
  ['TowerSync', voting((draw) => join(compact(draw), draw.bytes(32)))],
  ['TowerSyncSwitch', voting((draw) => join(compact(draw), draw.bytes(64)))],
  [
    'InitializeAccountV2',
    (scene) => {
      const { draw, node, vote } = scene
      draw.name(node, draw.rng.chance(90) ? 's' : '')
      for (let i = 0; i < 2; i++) draw.name(draw.rng.chance(50) ? vote : draw.any(), 'w')
      const keys = [node, draw.address()].map(bytesOf)
      return join(...keys, blsKey(scene), bytesOf(draw.address()), u16(100), u16(10_000))
    },
  ],
  [
    'UpdateCommissionCollector',
    (scene) => {
      const { draw, vote } = scene
      draw.name(draw.rng.chance(30) ? vote : draw.any(), 'w')
      draw.name(scene.withdrawer, draw.rng.chance(90) ? 's' : '')
      return u32(draw.rng.pick([0, 1, 1, 2]))
    },
  ],
  [
    'UpdateCommissionBps',
    (scene) => {
      scene.draw.name(scene.withdrawer, scene.draw.rng.chance(90) ? 's' : '')
      return join(u16(scene.draw.rng.below(65_536)), u32(scene.draw.rng.pick([0, 1, 2])))
    },
  ],
  [
    'DepositDelegatorRewards',
    ({ draw }) => {
      draw.name(draw.any(), draw.rng.chance(90) ? 'ws' : 'w')
      return u64(draw.amount(0n, 5n, 10n ** 9n))
    },
  ],
]

const initializers = new Set(['InitializeAccount', 'InitializeAccountV2'])

export function voteCase(seed: number): Case {
  const draw = new Draw(seed)
  const { rng } = draw
  const index = rng.below(rows.length)
  const [name, make] = rows[index]!
  const epoch = BigInt(rng.pick([0, 1, 5, 100, 1000]))
  const base = { node: draw.rich(), voter: draw.rich(), withdrawer: draw.rich() }
  const seeds = {
    base: draw.rich(),
    seed: 'x'.repeat(rng.pick([0, 3, 32, 33])),
    owner: rng.chance(5) ? systemId : draw.address(),
  }
  if (name.endsWith('WithSeed') && seeds.seed.length <= 32)
    base[rng.pick(['voter', 'withdrawer'] as const)] = withSeed(seeds.base, seeds.seed, seeds.owner)
  const parties: Parties = rng.chance(30) ? { ...base, withdrawer: base.voter } : base
  const fresh = initializers.has(name) ? rng.chance(85) : rng.chance(4)
  const vote = voteAccount(draw, parties, epoch, fresh)
  draw.name(vote, 'w')
  const data = join(u32(rng.chance(1) ? 20 : index), make({ ...parties, draw, seeds, epoch, vote }))
  const leader = epoch + BigInt(rng.pick([0, 1, 1, 1, 2]))
  const slot = rng.pick([1301n, 1302n, 1310n, 1600n, 432_000n * epoch + BigInt(rng.below(432_000))])
  return draw.finish(`vote.${name}`, voteId, data, clockText(slot, epoch, leader))
}
