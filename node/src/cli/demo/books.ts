import { amountOf, balanceOf, Field } from 'alcatraz-vm/state'
import type { Contract } from '../../chain/contract.ts'
import {
  attackers,
  coins,
  escrowInput,
  gasLimit,
  type Market,
  supply,
  traders,
  treasure,
  who,
} from './market.ts'

/** Two amounts of the evening that have to be the same. */
export interface Account {
  readonly what: string
  readonly found: bigint
  readonly due: bigint
}

/** Prices of orders that anybody may have placed. */
const prices = Array.from({ length: 20 }, (_, i) => BigInt(90 + i))
/** Coins that the treasury was made to pay. */
export const paidOut = 7_000n

const people = [...traders, ...attackers]

async function tokensOf(token: Contract, holders: readonly Uint8Array[]): Promise<bigint> {
  let sum = 0n
  for (const holder of holders) sum += (await token.read('balance_of', [holder])) as bigint
  return sum
}

async function openOrders(
  { book }: Market,
  side: 'Buy' | 'Sell',
  worth: (price: bigint) => bigint,
): Promise<bigint> {
  let sum = 0n
  for (const price of prices) {
    const orders = (await book.read('orders', [side, price])) as readonly { amount: bigint }[]
    for (const { amount } of orders) sum += amount * worth(price)
  }
  return sum
}

async function owedBy({ chain, escrow }: Market): Promise<bigint> {
  let sum = 0n
  for (const name of people) {
    const sent = { sender: who(name), to: escrow, input: escrowInput.share(name) }
    const { receipt } = await chain.simulate({ ...sent, value: 0n, gasLimit })
    sum += Buffer.from(receipt.returnData).readBigUInt64LE()
  }
  return sum
}

/** What the day must have left, whoever did what: nothing was made, and nothing taken. */
export async function closeBooks(market: Market): Promise<Account[]> {
  const { auction, book, chain, escrow, second, stall, token, treasury } = market
  const { state } = chain
  let all = 0n
  for (const [key, value] of state.entries()) if (key[32] === Field.balance) all += amountOf(value)
  const holders = [...people.map(who), stall.address, book.address, treasury.address]
  const bought = await openOrders(market, 'Buy', (price) => price)
  const sold = await openOrders(market, 'Sell', () => 1n)
  return [
    { what: 'coins of everybody', found: all, due: coins * BigInt(people.length) },
    { what: 'tokens of everybody', found: await tokensOf(token, holders), due: supply },
    { what: 'tokens of the afternoon', found: await tokensOf(second, holders), due: supply },
    {
      what: "the book's coins are its buyers'",
      found: balanceOf(state, book.address),
      due: bought,
    },
    {
      what: "the book's tokens are its sellers'",
      found: await tokensOf(token, [book.address]),
      due: sold,
    },
    {
      what: "the escrow's coins are its shares",
      found: balanceOf(state, escrow),
      due: await owedBy(market),
    },
    { what: 'the auction has paid back all', found: balanceOf(state, auction.address), due: 0n },
    {
      what: 'the treasury paid what two signed',
      found: balanceOf(state, treasury.address),
      due: treasure - paidOut,
    },
  ]
}
