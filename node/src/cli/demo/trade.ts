import type { SentTransaction } from '../../chain/chain.ts'
import { diceOf } from '../../store/dice.ts'
import { escrowInput, type Market, safe, send, traders, who } from './market.ts'

/** A transaction, and what it is for the books of the day. */
export interface Trade {
  readonly what: string
  readonly sent: SentTransaction
}

export const tokenPayment = 'a payment in tokens'

/** What people do all day, and what they have put into the escrow meanwhile. */
export class Trading {
  readonly #market: Market
  readonly #dice = diceOf(0x5eed)
  readonly #shares = new Map<string, bigint>(traders.map((name) => [name, safe]))

  constructor(market: Market) {
    this.#market = market
  }

  /** The next transactions, of many people at once. */
  next(count: number): Trade[] {
    return Array.from({ length: count }, () => this.#one())
  }

  #one(): Trade {
    const { book, escrow, stall, token } = this.#market
    const dice = this.#dice
    const name = traders[dice(traders.length)]!
    const roll = dice(20)
    const amount = BigInt(1 + dice(40))
    if (roll < 9) {
      const buys = dice(2) === 0
      // around 100, a little to the good of whoever takes it, so that half of them meet
      const price = BigInt(buys ? 96 + dice(7) : 98 + dice(7))
      const input = book.input('place', [buys ? 'Buy' : 'Sell', price, amount])
      const sent = send(name, book.address, input, buys ? price * amount : 0n)
      return { what: buys ? 'an order to buy' : 'an order to sell', sent }
    }
    if (roll < 14) {
      const to = who(traders[dice(traders.length)]!)
      const sent = send(name, token.address, token.input('transfer', [to, amount]))
      return { what: tokenPayment, sent }
    }
    if (roll < 16) {
      const to = who(traders[dice(traders.length)]!)
      return { what: 'a payment in coins', sent: send(name, to, new Uint8Array(0), amount) }
    }
    if (roll < 17) {
      const input = token.input('transfer', [who(name), 1n])
      return { what: 'a token from the stall', sent: send(name, stall.address, input) }
    }
    const held = this.#shares.get(name) ?? 0n
    if (roll < 19 || held === 0n) {
      this.#shares.set(name, held + amount)
      const sent = send(name, escrow, escrowInput.deposit, amount)
      return { what: 'a deposit in escrow', sent }
    }
    this.#shares.set(name, 0n)
    return { what: 'a withdrawal from it', sent: send(name, escrow, escrowInput.withdraw(held)) }
  }
}
