import type { AbiValue } from 'alcatraz-vm/alcatraz'
import { encodeValue, parseType } from 'alcatraz-vm/alcatraz'
import { createHasher } from 'alcatraz-vm/state'
import type { Answered } from '../../chain/contract.ts'
import type { Executed } from '../../chain/produce.ts'
import { type Attack, attacks, Robbery } from './attacks.ts'
import { paidOut } from './books.ts'
import { sampleContract } from './guests.ts'
import { gasLimit, type Market, stock, who } from './market.ts'
import { Trading, tokenPayment } from './trade.ts'

/** What the day tells as it goes on. */
export interface Told {
  /** `10:30` */
  readonly time: string
  readonly who: string
  readonly what: string
}

/** Transactions of one kind. */
export interface Kind {
  readonly what: string
  times: number
  failed: number
  gas: bigint
}

export interface Day {
  readonly kinds: readonly Kind[]
  readonly events: readonly Told[]
  readonly attacks: readonly (Attack & { readonly time: string })[]
  readonly blocks: number
  readonly transactions: number
  readonly gas: bigint
  readonly instructions: bigint
  readonly ms: number
  /** A payment with its receipt, to be shown. */
  readonly example: Executed
}

/** Something that happens at a minute of the day, and who did what, in words; or an attack. */
interface Happening {
  readonly minute: number
  readonly run: () => Promise<readonly [who: string, what: string] | Attack>
}

/** Transactions of a block. */
const perBlock = 20
const minutes = 480
const bids = { bob: 4_100n, dave: 5_200n, grace: 4_900n, judy: 3_000n } as const
const deposit = 6_000n

/** What a message has to answer, or the demo says that something is wrong. */
function wellDone(answered: Answered): AbiValue {
  const { answer, receipt } = answered
  const isError = typeof answer === 'object' && answer !== null && 'err' in answer
  if (receipt.status !== 'success' || isError) throw new Error(`internal: a ${receipt.status}`)
  return answer ?? null
}

/** What is planned for the day besides trade. */
async function planOf(market: Market): Promise<Happening[]> {
  const { auction, chain, escrow, second, stall, treasury } = market
  const { blake2b } = await createHasher()
  const salt = new Uint8Array(32).fill(7)
  const sealType = parseType('(Address,u64,[u8;32])')
  const bidders = Object.entries(bids)
  const robbery = await Robbery.plan(market)
  const plan: Happening[] = [
    ...bidders.map(([name, amount], i) => ({
      minute: 10 + 20 * i,
      run: async () => {
        const sealed = blake2b(encodeValue(sealType, [who(name), amount, salt]))
        wellDone(await auction.call('bid', [sealed], { sender: who(name), value: deposit }))
        return [name, `bids for the best place, sealed, with ${deposit} coins`] as const
      },
    })),
    {
      minute: 95,
      run: async () => {
        const loss = await robbery.worth()
        return ['alice', `hears that the escrow could be robbed of ${loss} coins`] as const
      },
    },
    {
      minute: 100,
      run: async () => {
        const container = sampleContract('escrow-v4')
        await chain.upgrade({
          ...{ sender: who('alice'), to: escrow, container, input: new Uint8Array(0) },
          ...{ value: 0n, gasLimit },
        })
        return ['alice', "replaces the escrow's code; its books stay"] as const
      },
    },
    { minute: 105, run: () => robbery.attempt() },
    {
      minute: 118,
      run: async () => {
        const answered = await auction.call('open', [bids.dave, salt], { sender: who('dave') })
        if (answered.receipt.status === 'success') throw new Error('internal: opened too early')
        return ['dave', 'would open his bid, two minutes too early: not yet'] as const
      },
    },
    ...bidders.slice(0, 3).map(([name, amount], i) => ({
      minute: 130 + 15 * i,
      run: async () => {
        wellDone(await auction.call('open', [amount, salt], { sender: who(name) }))
        return [name, `opens the bid: ${amount}`] as const
      },
    })),
    {
      minute: 200,
      run: async () => {
        const input = new Uint8Array(0)
        wellDone(await treasury.call('propose', [who('heidi'), paidOut, input]))
        return ['alice', `proposes that the treasury pay heidi ${paidOut} coins`] as const
      },
    },
    {
      minute: 215,
      run: async () => {
        wellDone(await treasury.call('confirm', [0n], { sender: who('carol') }))
        return ['carol', 'confirms it, and it is paid'] as const
      },
    },
    {
      minute: 225,
      run: async () => {
        const again = await treasury.call('confirm', [0n], { sender: who('bob') })
        if (again.receipt.status === 'success') throw new Error('internal: paid twice')
        return ['bob', 'confirms it, too: it is done already'] as const
      },
    },
    {
      minute: 245,
      run: async () => {
        wellDone(await auction.call('finish'))
        for (const [name] of bidders) {
          const refund = await auction.call('refund', [], { sender: who(name) })
          if (name !== 'judy') wellDone(refund)
        }
        return [
          'alice',
          'ends the auction: dave has the best place; judy never opened hers',
        ] as const
      },
    },
    {
      minute: 250,
      run: async () => {
        wellDone(await stall.call('proxy_change', [second.address]))
        return ['alice', `has the stall hand out another token, ${stock} of them`] as const
      },
    },
  ]
  const step = (minutes - 60) / attacks.length
  for (const [i, attack] of attacks.entries())
    plan.push({ minute: 30 + i * step, run: () => attack(market) })
  return plan.sort((a, b) => a.minute - b.minute)
}

/** Lives through a day of `length` trades, and everything else that is planned for it. */
export async function liveThrough(
  market: Market,
  length: number,
  onProgress: (done: number, of: number, now: string) => void,
): Promise<Day> {
  const { chain, clock } = market
  const plan = await planOf(market)
  const total = length + plan.length
  const trading = new Trading(market)
  const kinds = new Map<string, Kind>()
  const events: Told[] = []
  const tried: Day['attacks'][number][] = []
  const first = chain.height!
  let example: Executed | undefined
  let [gas, instructions, transactions, done] = [0n, 0n, 0, 0]
  const start = performance.now()
  const happen = async (until: number): Promise<void> => {
    while (plan[0] !== undefined && plan[0].minute <= until) {
      const next = plan.shift()!
      clock.minute = next.minute
      const what = await next.run()
      if ('how' in what) tried.push({ ...what, time: clock.text })
      else events.push({ time: clock.text, who: what[0], what: what[1] })
      onProgress(++done, total, `${clock.text} ${'how' in what ? what.what : what[1]}`)
    }
  }
  while (transactions < length) {
    const trades = trading.next(Math.min(perBlock, length - transactions))
    const minute = (minutes * transactions) / length
    await happen(minute)
    clock.minute = minute
    const { executed, refused } = await chain.block(trades.map(({ sent }) => sent))
    if (refused[0] !== undefined) throw refused[0].error
    for (const [i, each] of executed.entries()) {
      const { what } = trades[i]!
      const kind = kinds.get(what) ?? { what, times: 0, failed: 0, gas: 0n }
      kind.times++
      kind.gas += each.receipt.gasUsed
      if (each.receipt.status !== 'success') kind.failed++
      else if (what === tokenPayment) example ??= each
      kinds.set(what, kind)
      gas += each.receipt.gasUsed
      instructions += each.instructions
    }
    example ??= executed[0]
    transactions += trades.length
    done += trades.length
    onProgress(done, total, `${clock.text} ${trades.length} trades in a block`)
  }
  await happen(minutes)
  return {
    kinds: [...kinds.values()].sort((a, b) => b.times - a.times),
    events,
    attacks: tried,
    blocks: chain.height! - first,
    transactions,
    ...{ gas, instructions, ms: performance.now() - start, example: example! },
  }
}
