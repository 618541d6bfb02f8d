import { withSeed } from '../keys.ts'
import { bytesOf, join, text64, u32, u64 } from '../pack.ts'
import type { Address } from '../subject.ts'
import type { Instruction, Meta } from '../wire.ts'
import { type Action, meta, type Plan, rentOf, type World } from '../world.ts'

export const systemProgram: Address = '11111111111111111111111111111111'
const recentBlockhashes: Address = 'SysvarRecentB1ockHashes11111111111111111111'
export const rentSysvar: Address = 'SysvarRent111111111111111111111111111111111'
const nonceBytes = 80

export function system(code: number, metas: readonly Meta[], ...data: Uint8Array[]): Instruction {
  return { program: systemProgram, metas, data: join(u32(code), ...data) }
}

export function createAccount(
  from: Address,
  to: Address,
  lamports: bigint,
  bytes: number,
  owner: Address,
): Instruction {
  const metas = [meta(from, 'ws'), meta(to, 'ws')]
  return system(0, metas, u64(lamports), u64(bytes), bytesOf(owner))
}

export function transfer(from: Address, to: Address, lamports: bigint): Instruction {
  return system(2, [meta(from, 'ws'), meta(to, 'w')], u64(lamports))
}

const owners = (world: World): Address =>
  world.rng.chance(50) ? world.stranger() : (world.any('program') ?? systemProgram)

const plan = (instruction: Instruction, after?: () => void): Plan =>
  after === undefined ? { instructions: [instruction] } : { instructions: [instruction], after }

function nonce(world: World): [Address, Address] | undefined {
  const address = world.any('nonce')
  if (address === undefined) return undefined
  const data = world.data(address)
  if (data.length !== nonceBytes || data[4] !== 1) return undefined
  const authority = world.wallets.find(({ address: wallet }) =>
    bytesOf(wallet).every((octet, i) => data[8 + i] === octet),
  )
  return authority === undefined ? undefined : [address, authority.address]
}

export const systemActions: readonly Action[] = [
  {
    name: 'system.createAccount',
    plan(world) {
      const to = world.fresh().address
      const bytes = world.rng.pick([0, 0, 1, 8, 80, 165, 200, 4000, 10_000])
      const owner = owners(world)
      const more = world.rng.chance(80) ? 0n : BigInt(world.rng.below(1000))
      const made = createAccount(world.wallet(), to, rentOf(bytes) + more, bytes, owner)
      return plan(made, () => world.add('plain', to))
    },
  },
  {
    name: 'system.assign',
    plan(world) {
      const from = world.fresh().address
      const fund = transfer(world.wallet(), from, rentOf(0))
      const assign = system(1, [meta(from, 'ws')], bytesOf(owners(world)))
      return { instructions: [fund, assign], after: () => world.add('plain', from) }
    },
  },
  {
    name: 'system.transfer',
    weight: 4,
    plan(world) {
      const from = world.wallet()
      const to = world.rng.chance(70) ? world.wallet() : world.anyone()
      const amounts = [0n, 1n, 1000n, rentOf(0), 10n ** 9n, BigInt(world.rng.below(2 ** 31))]
      const all = world.lamports(from)
      const rare = [all, all - 5000n, all - rentOf(0), all - rentOf(0) - 5000n, (1n << 64n) - 1n]
      const amount = world.rng.pick(world.rng.chance(80) ? amounts : rare)
      return plan(transfer(from, to, amount < 0n ? 0n : amount))
    },
  },
  {
    name: 'system.transferToNew',
    plan(world) {
      const to = world.rng.chance(50) ? world.fresh().address : world.stranger()
      const amount = world.rng.chance(80) ? rentOf(0) : rentOf(0) - 1n
      return plan(transfer(world.wallet(), to, amount), () => world.add('plain', to))
    },
  },
  {
    name: 'system.createAccountWithSeed',
    plan(world) {
      const base = world.wallet()
      const from = world.rng.chance(50) ? base : world.wallet()
      const seed = 'seed'.repeat(world.rng.below(9)) + world.rng.below(1000)
      const owner = owners(world)
      const to = withSeed(base, seed, owner)
      const bytes = world.rng.pick([0, 1, 100])
      const signs = base === from ? [] : [meta(base, 's')]
      const data = [bytesOf(base), text64(seed), u64(rentOf(bytes)), u64(bytes), bytesOf(owner)]
      const metas = [meta(from, 'ws'), meta(to, 'w'), ...signs]
      return plan(system(3, metas, ...data), () => world.add('plain', to))
    },
  },
  {
    name: 'system.allocate',
    plan(world) {
      const to = world.fresh().address
      const bytes = world.rng.pick([0, 1, 100, 10_000, 10 * 1024 * 1024, 10 * 1024 * 1024 + 1])
      const fund = transfer(world.wallet(), to, rentOf(world.rng.chance(80) ? bytes : 0))
      const allocate = system(8, [meta(to, 'ws')], u64(bytes))
      return { instructions: [fund, allocate], after: () => world.add('plain', to) }
    },
  },
  {
    name: 'system.withSeed',
    plan(world) {
      const base = world.wallet()
      const seed = `s${world.rng.below(1_000_000)}`
      const owner = owners(world)
      const to = withSeed(base, seed, owner)
      const named = join(bytesOf(base), text64(seed))
      const metas = [meta(to, 'w'), meta(base, 's')]
      if (world.rng.chance(50)) {
        const instructions = [
          transfer(base, to, rentOf(10)),
          system(9, metas, named, u64(10), bytesOf(owner)),
        ]
        return { instructions }
      }
      const instructions = [transfer(base, to, rentOf(0)), system(10, metas, named, bytesOf(owner))]
      return { instructions }
    },
  },
  {
    name: 'system.transferWithSeed',
    plan(world) {
      const base = world.wallet()
      const seed = `t${world.rng.below(1_000_000)}`
      const from = withSeed(base, seed, systemProgram)
      const metas = [meta(from, 'w'), meta(base, 's'), meta(world.wallet(), 'w')]
      const data = [u64(1_000_000n), text64(seed), bytesOf(systemProgram)]
      return { instructions: [transfer(base, from, 1_000_000n), system(11, metas, ...data)] }
    },
  },
  {
    name: 'system.createAccountAllowPrefund',
    plan(world) {
      const to = world.fresh().address
      const from = world.wallet()
      const owner = owners(world)
      const have = world.rng.chance(50)
      const instructions = [
        ...(have ? [transfer(from, to, rentOf(0))] : []),
        system(13, [meta(to, 'ws'), meta(from, 'ws')], u64(rentOf(64)), u64(64), bytesOf(owner)),
      ]
      return { instructions, after: () => world.add('plain', to) }
    },
  },
  {
    name: 'nonce.create',
    plan(world) {
      const to = world.fresh().address
      const from = world.wallet()
      const metas = [meta(to, 'w'), meta(recentBlockhashes), meta(rentSysvar)]
      const instructions = [
        createAccount(from, to, rentOf(nonceBytes), nonceBytes, systemProgram),
        system(6, metas, bytesOf(world.wallet())),
      ]
      return { instructions, after: () => world.add('nonce', to) }
    },
  },
  {
    name: 'nonce.advance',
    plan(world) {
      const found = nonce(world)
      if (found === undefined) return undefined
      const [address, authority] = found
      if (world.rng.chance(70)) world.expire()
      const metas = [meta(address, 'w'), meta(recentBlockhashes), meta(authority, 's')]
      return plan(system(4, metas))
    },
  },
  {
    name: 'nonce.withdraw',
    plan(world) {
      const found = nonce(world)
      if (found === undefined) return undefined
      const [address, authority] = found
      const have = world.lamports(address)
      if (world.rng.chance(30)) world.expire()
      const to = world.wallet()
      const metas = [
        meta(address, 'w'),
        meta(to, 'w'),
        meta(recentBlockhashes),
        meta(rentSysvar),
        meta(authority, 's'),
      ]
      const part = system(5, metas, u64(world.rng.chance(50) ? have : 1000n))
      return { instructions: [transfer(to, address, 1000n), part] }
    },
  },
  {
    name: 'nonce.authorize',
    plan(world) {
      const found = nonce(world)
      if (found === undefined) return undefined
      const [address, authority] = found
      const metas = [meta(address, 'w'), meta(authority, 's')]
      return plan(system(7, metas, bytesOf(world.wallet())))
    },
  },
  {
    name: 'nonce.upgrade',
    plan(world) {
      const found = nonce(world)
      if (found === undefined) return undefined
      const [address] = found
      if (world.rng.chance(60)) {
        const data = world.data(address)
        data[0] = 0
        world.put(address, systemProgram, world.lamports(address), data)
      }
      return plan(system(12, [meta(address, 'w')]))
    },
  },
]

/** The nonce that is stored, as a blockhash, with who may advance it. */
export function storedNonce(world: World): { hash: Uint8Array; advance: Instruction } | undefined {
  const found = nonce(world)
  if (found === undefined) return undefined
  const [address, authority] = found
  const metas = [meta(address, 'w'), meta(recentBlockhashes), meta(authority, 's')]
  return { hash: world.data(address).slice(40, 72), advance: system(4, metas) }
}
