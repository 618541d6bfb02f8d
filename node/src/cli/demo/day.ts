import type { MessageStatus } from 'alcatraz-vm/alcatraz'
import { diceOf } from '../../store/dice.ts'
import { addressOption } from '../address.ts'

/** One transaction of the day, and how it has to end. */
export interface Act {
  readonly what: string
  readonly from: string
  /** `token`, or an entry of the hostile contract. */
  readonly to: string
  readonly input: Uint8Array
  readonly gasLimit: bigint
  readonly status: MessageStatus
}

/** Who lives through it; the first deploys the token and owns all of it. */
export const people = [
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

/** Tokens that alice begins with. */
export const supply = 1_000_000n

/** Entries of `guests/hostile` that get a contract of their own, and how a call of each ends. */
export const hostile: Readonly<Record<string, MessageStatus>> = {
  loop_forever: 'outOfGas',
  recurse_wide: 'trapped',
  recurse_thin: 'trapped',
  read_null: 'faulted',
  write_past_end: 'faulted',
  call_data: 'trapped',
  flood_storage: 'outOfGas',
}

export function u64(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(value)
  return bytes
}

const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))

/** Inputs of the token, as `guests/token/token.c` documents them. */
export const tokenInput = {
  balance: (who: string): Uint8Array => join(Uint8Array.of(0), addressOption(who)),
  transfer: (to: string, amount: bigint): Uint8Array =>
    join(Uint8Array.of(2), addressOption(to), u64(amount)),
  approve: (spender: string, amount: bigint): Uint8Array =>
    join(Uint8Array.of(3), addressOption(spender), u64(amount)),
  transferFrom: (owner: string, to: string, amount: bigint): Uint8Array =>
    join(Uint8Array.of(5), addressOption(owner), addressOption(to), u64(amount)),
}

const enough = 1_000_000n
/** Some ten milliseconds of looping: long enough to tell an engine's speed. */
const long = 8_000_000n
/** A token transfer costs about 37,000: this ends in its middle. */
const tooLittle = 20_000n

/** The token's books as the script keeps them, to know how each transaction has to end. */
class Books {
  readonly #balances = new Map<string, bigint>([[people[0], supply]])
  readonly #allowances = new Map<string, bigint>()

  balance(who: string): bigint {
    return this.#balances.get(who) ?? 0n
  }

  transfer(from: string, to: string, amount: bigint): MessageStatus {
    if (this.balance(from) < amount) return 'reverted'
    this.#balances.set(from, this.balance(from) - amount)
    this.#balances.set(to, this.balance(to) + amount)
    return 'success'
  }

  approve(owner: string, spender: string, amount: bigint): MessageStatus {
    this.#allowances.set(`${owner} ${spender}`, amount)
    return 'success'
  }

  transferFrom(spender: string, owner: string, to: string, amount: bigint): MessageStatus {
    const key = `${owner} ${spender}`
    const allowed = this.#allowances.get(key) ?? 0n
    if (allowed < amount || this.balance(owner) < amount) return 'reverted'
    this.#allowances.set(key, allowed - amount)
    return this.transfer(owner, to, amount)
  }
}

export interface Day {
  readonly acts: readonly Act[]
  /** Who has how much in the evening. */
  readonly balances: ReadonlyMap<string, bigint>
}

/** A day of `length` transactions: payments first of all, and now and then what must not work. */
export function dayOf(length: number): Day {
  const dice = diceOf(0x5eed)
  const books = new Books()
  const acts: Act[] = []
  const someone = (): string => people[dice(people.length)]!
  const token = (what: string, from: string, input: Uint8Array, status: MessageStatus): void => {
    acts.push({ what, from, to: 'token', input, gasLimit: enough, status })
  }
  const attacks = Object.entries(hostile)
  let tried = 0
  for (const to of people.slice(1))
    token(
      'transfer',
      people[0],
      tokenInput.transfer(to, 50_000n),
      books.transfer('alice', to, 50_000n),
    )
  while (acts.length < length) {
    const [from, to] = [someone(), someone()]
    const amount = BigInt(1 + dice(3_000))
    // Every twentieth is an attack, each kind in turn.
    if (acts.length % 20 === 19) {
      const [attack, status] = attacks[tried++ % attacks.length]!
      const input = new Uint8Array(0)
      const gasLimit = attack === 'loop_forever' ? long : enough
      acts.push({ what: attack, from, to: attack, input, gasLimit, status })
      continue
    }
    const roll = dice(19)
    if (roll < 12)
      token('transfer', from, tokenInput.transfer(to, amount), books.transfer(from, to, amount))
    else if (roll < 14)
      token('approve', from, tokenInput.approve(to, amount), books.approve(from, to, amount))
    else if (roll < 16) {
      const owner = someone()
      const status = books.transferFrom(from, owner, to, amount)
      const what = status === 'success' ? 'transfer_from' : 'transfer_from without allowance'
      token(what, from, tokenInput.transferFrom(owner, to, amount), status)
    } else if (roll === 16) {
      token(
        'transfer of more than there is',
        from,
        tokenInput.transfer(to, supply + 1n),
        'reverted',
      )
    } else if (roll === 17) token('input that means nothing', from, Uint8Array.of(99), 'reverted')
    else {
      const input = tokenInput.transfer(to, 1n)
      const act = { from, to: 'token', input, gasLimit: tooLittle, status: 'outOfGas' } as const
      acts.push({ what: 'transfer with too little gas', ...act })
    }
  }
  return { acts, balances: new Map(people.map((who) => [who, books.balance(who)])) }
}
