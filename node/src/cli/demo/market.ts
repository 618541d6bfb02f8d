import type { Engine } from 'alcatraz-vm'
import type { Store } from 'alcatraz-vm/state'
import { Chain } from '../../chain/chain.ts'
import { Contract } from '../../chain/contract.ts'
import type { Executed } from '../../chain/produce.ts'
import { addressOption } from '../address.ts'
import { sampleContract, sampleFiles } from './guests.ts'

/** Who trades; the first opens the market and owns its contracts. */
export const traders = [
  'alice',
  'bob',
  'carol',
  'dave',
  'erin',
  'frank',
  'grace',
  'heidi',
  'ivan',
  'judy',
] as const
/** Who comes for other reasons. */
export const attackers = ['mallory', 'trudy', 'oscar', 'eve'] as const

/** Coins that each of them begins with. */
export const coins = 1_000_000n
/** Tokens that alice makes, and hands to each of the others. */
export const supply = 1_000_000n
export const share = 80_000n
/** Tokens of the stall, in the morning and again in the afternoon. */
export const stock = 5_000n
/** Coins that each trader has in the escrow in the morning. */
export const safe = 100n
/** Coins of the treasury. */
export const treasure = 50_000n

export const who = (name: string): Uint8Array => addressOption(name)
/** Gas of a transaction: the longest that succeeds needs a tenth of it. */
export const gasLimit = 10_000_000n

export function u64(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(value)
  return new Uint8Array(bytes)
}

export const joined = (...parts: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(Buffer.concat(parts))

/** Inputs of the escrow, as `guests/escrow/escrow.c` documents them. */
export const escrowInput: {
  readonly deposit: Uint8Array
  withdraw(amount: bigint): Uint8Array
  share(name: string): Uint8Array
} = {
  deposit: Uint8Array.of(0),
  withdraw: (amount) => joined(Uint8Array.of(1), u64(amount)),
  share: (name) => joined(Uint8Array.of(3), who(name)),
}

/** Time of the chain: it goes on as the script says. */
export class Clock {
  /** Minutes after nine, when the market opens; closed after eight hours. */
  minute = 0

  /** Milliseconds since 1970. */
  now(): number {
    return Date.UTC(2026, 0, 5, 9) + Math.round(this.minute * 60_000)
  }

  get text(): string {
    return clockText(this.minute)
  }
}

/** @example clockText(61) // '10:01' */
export function clockText(minute: number): string {
  const whole = Math.floor(minute)
  return `${String(9 + Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`
}

/** What there is on the market place. */
export interface Market {
  readonly chain: Chain
  readonly clock: Clock
  /** Money of the market, and what the stall sells in the afternoon. */
  readonly token: Contract
  readonly second: Contract
  /** Orders of the token against coins. */
  readonly book: Contract
  /** Of the best place; bids are sealed until eleven and opened until one. */
  readonly auction: Contract
  /** Two of alice, bob and carol spend from it. */
  readonly treasury: Contract
  /** Hands its visitors a token each; alice says which, behind the same address. */
  readonly stall: Contract
  /** In C, and at first careless: it pays before it writes down what is left. */
  readonly escrow: Uint8Array
}

const hour = 60n * 60_000n

export function send(
  name: string,
  to: Uint8Array,
  input: Uint8Array,
  value = 0n,
): Parameters<Chain['call']>[0] {
  return { sender: who(name), to, input, value, gasLimit }
}

/** Sends transactions of many people as one block, of which each has to succeed. */
async function settle(
  chain: Chain,
  sent: readonly Parameters<Chain['block']>[0][number][],
): Promise<readonly Executed[]> {
  const { executed, refused } = await chain.block(sent)
  if (refused[0] !== undefined) throw refused[0].error
  const failed = executed.find(({ receipt }) => receipt.status !== 'success')
  if (failed !== undefined)
    throw new Error(`internal: the market opened with a ${failed.receipt.status}`)
  return executed
}

/** Deploys the contracts of the market and hands out what its people need. */
export async function openMarket(store: Store, engine: Engine): Promise<Market> {
  const clock = new Clock()
  const chain = await Chain.open({ store, engine, clock: () => clock.now() })
  await chain.genesis([...traders, ...attackers].map((name) => [who(name), coins] as const))
  const alice = { sender: who('alice'), gasLimit }
  const tokenFiles = sampleFiles('token-rust')
  const token = await Contract.deploy(chain, tokenFiles, 'new', [supply], alice)
  const second = await Contract.deploy(chain, tokenFiles, 'new', [supply], alice)
  const book = await Contract.deploy(chain, sampleFiles('book-rust'), 'new', [token.address], alice)
  const times = [2n * hour, 2n * hour]
  const auction = await Contract.deploy(chain, sampleFiles('auction-rust'), 'new', times, alice)
  const owners = ['alice', 'bob', 'carol'].map(who)
  const treasury = await Contract.deploy(chain, sampleFiles('multisig-rust'), 'new', [owners, 2n], {
    ...alice,
    value: treasure,
  })
  const stall = await Contract.deploy(
    chain,
    sampleFiles('proxy-rust'),
    'new',
    [token.address],
    alice,
  )
  const careless = { container: sampleContract('careless-v4'), input: new Uint8Array(0) }
  const { receipt } = await chain.deploy({ ...alice, ...careless, value: 0n })
  const escrow = receipt.contract!
  await settle(chain, [
    ...traders
      .slice(1)
      .map((name) => send('alice', token.address, token.input('transfer', [who(name), share]))),
    ...[token, second].map((kind) =>
      send('alice', kind.address, kind.input('transfer', [stall.address, stock])),
    ),
    ...traders.map((name) =>
      send(name, token.address, token.input('approve', [book.address, (1n << 64n) - 1n])),
    ),
    ...traders.map((name) => send(name, escrow, escrowInput.deposit, safe)),
  ])
  return { chain, clock, token, second, book, auction, treasury, stall, escrow }
}
