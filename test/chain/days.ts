/** Random days: contracts that call each other as their inputs say, and what has to be true afterwards. */
import { Chain, type SentTransaction } from '#node/chain/chain'
import { linkBpf } from '#vm/link/bpf'
import { amountOf, balanceOf } from '#vm/state/accounts'
import { createHasher } from '#vm/state/hasher'
import { Field } from '#vm/state/key'
import type { Store } from '#vm/state/store'
import type { StateView } from '#vm/state/view'
import type { Engine } from '#vm/vm/machine'
import { guest } from '../link/guests.ts'
import { kitchen } from './contracts.ts'
import { deploying, little, octets, sending } from './relay.ts'

const linked = (name: string): Uint8Array =>
  linkBpf([{ name: `${name}.o`, bytes: guest(`${name}-v4`).bytes }]).container

export const relay: Uint8Array = linked('relay')
export const escrow: Uint8Array = linked('escrow')
export const careless: Uint8Array = linked('careless')
const token: Uint8Array = linked('token')

const hasher = await createHasher()
const relayHash = hasher.blake2b(relay)
const escrowHash = hasher.blake2b(escrow)
const nothing = new Uint8Array(0)

/** Accounts that send transactions. */
export const people: readonly Uint8Array[] = [0xa1, 0xb0, 0xc4, 0xd7].map((octet) =>
  new Uint8Array(32).fill(octet),
)
const fortune = 1_000_000n
export const supply: bigint = fortune * BigInt(people.length)

/** xorshift32: the same day for the same seed. */
export function diceOf(seed: number): (sides: number) => number {
  let state = seed >>> 0 || 1
  return (sides) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % sides
  }
}

type Dice = ReturnType<typeof diceOf>

/** What a day goes on with. */
export interface Place {
  readonly chain: Chain
  /** Three relays, the escrow, a token and the kitchen: addresses. */
  readonly contracts: readonly Uint8Array[]
  readonly escrow: Uint8Array
}

/** A chain where people have money and contracts have code. */
export async function beginDay(store: Store, engine: Engine): Promise<Place> {
  const chain = await Chain.open({ store, engine, clock: () => 1000 })
  await chain.genesis(people.map((who) => [who, fortune] as const))
  const containers = [relay, relay, relay, escrow, token, kitchen]
  const { executed } = await chain.block(
    containers.map((container, at) => ({
      ...{ sender: people[at % people.length]!, container, gasLimit: 2_000_000n },
      input: container === token ? little(1_000_000n, 8) : nothing,
      value: container === relay ? 5_000n : 0n,
    })),
  )
  const contracts = executed.map(({ receipt }) => receipt.contract!)
  return { chain, contracts, escrow: contracts[3]! }
}

/** An input of the escrow. */
export const escrowInput = {
  deposit: Uint8Array.of(0),
  withdraw: (amount: bigint): Uint8Array => octets(1, little(amount, 8)),
  give: (to: Uint8Array, amount: bigint): Uint8Array => octets(2, to, little(amount, 8)),
}

const gasOf = (dice: Dice): bigint =>
  dice(3) === 0 ? BigInt(dice(300_000)) : dice(20) === 0 ? (1n << 64n) - 1n : 0n

/** Steps of a relay, with messages in messages down to `depth`. */
function script(dice: Dice, place: Place, depth: number): Uint8Array {
  const { contracts } = place
  const someone = (): Uint8Array => (dice(3) > 0 ? contracts : people)[dice(4)]!
  const steps: Uint8Array[] = []
  for (let count = 1 + dice(4); count > 0; count--) {
    const roll = dice(34)
    if (roll < 12 && depth > 0) {
      const to = dice(8) === 0 ? someone() : contracts[dice(contracts.length)]!
      const terms = {
        value: dice(2) === 0 ? BigInt(dice(900)) : 0n,
        gas: gasOf(dice),
        flags: dice(3) === 0 ? 0 : 1,
      }
      steps.push(sending(to, inputFor(dice, place, to, depth - 1), terms))
    } else if (roll < 16) steps.push(octets(1, dice(6), dice(256)))
    else if (roll < 18) steps.push(octets(14, someone(), little(BigInt(dice(3000)), 8)))
    else if (roll === 18) steps.push(octets(3))
    else if (roll === 19) steps.push(octets(4))
    else if (roll === 20 && dice(6) === 0) steps.push(octets(5))
    else if (roll < 23) steps.push(octets(11, dice(256)))
    else if (roll === 23) steps.push(octets(10, dice(256)))
    else if (roll < 26 && depth > 0) {
      const hash = [relayHash, relayHash, escrowHash, people[0]!][dice(4)]!
      const salt = new Uint8Array(32).fill(dice(8))
      const input = hash === relayHash ? script(dice, place, depth - 1) : nothing
      steps.push(deploying(hash, salt, input, { value: BigInt(dice(300)), gas: gasOf(dice) }))
    } else if (roll === 26) steps.push(octets(9, dice(9) === 0 ? new Uint8Array(32) : someone()))
    else if (roll === 27 && dice(12) === 0) steps.push(octets(12))
    else if (roll === 28) steps.push(octets(13, dice(6)))
    else if (roll === 29)
      steps.push(dice(2) === 0 ? octets(15, dice(2), dice(6)) : octets(16, dice(6)))
    else if (roll === 30 && dice(4) === 0) steps.push(octets(dice(256)))
    else steps.push(octets(6 + dice(2)))
  }
  return octets(...steps)
}

/** What might be sent to an address. */
function inputFor(dice: Dice, place: Place, to: Uint8Array, depth: number): Uint8Array {
  const at = place.contracts.indexOf(to)
  const someone = (): Uint8Array => (dice(2) === 0 ? place.contracts : people)[dice(4)]!
  const amount = BigInt(dice(500))
  if (at === 3)
    return [
      escrowInput.deposit,
      escrowInput.deposit,
      escrowInput.withdraw(amount),
      escrowInput.give(someone(), amount),
      octets(3, someone()),
    ][dice(5)]!
  if (at === 4)
    return [octets(2, someone(), little(amount, 8)), octets(0, someone()), octets(6)][dice(3)]!
  if (at === 5) {
    const what = [0, 1, 2, 4, 5, 7, 8, 9][dice(8)]!
    return dice(4) === 0
      ? octets(6, someone(), little(amount, 8))
      : octets(what, dice(4), dice(256))
  }
  return dice(12) === 0 ? nothing : script(dice, place, depth)
}

/** The next transactions of a day. */
export function hour(dice: Dice, place: Place, length: number): SentTransaction[] {
  return Array.from({ length }, (): SentTransaction => {
    const sender = people[dice(people.length)]!
    const roll = dice(40)
    const to = place.contracts[dice(place.contracts.length)]!
    const gasLimit = BigInt(20_000 + dice(700_000))
    if (roll === 0) {
      const container = [relay, escrow, kitchen, token, broken(dice)][dice(5)]!
      const input = container === relay ? script(dice, place, 2) : nothing
      return { sender, container, input, value: BigInt(dice(50)), gasLimit: 1_000_000n }
    }
    if (roll === 1) {
      const relayed = dice(3) === 0 ? broken(dice) : kitchen
      const target = dice(2) === 0 ? relayed : relay
      const contract = place.contracts[dice(3)]!
      return {
        sender,
        to: contract,
        container: target,
        input: nothing,
        value: 0n,
        gasLimit: 1_000_000n,
      }
    }
    const value = dice(2) === 0 ? BigInt(dice(1000)) : 0n
    if (roll < 4) return { sender, to: people[dice(4)]!, input: nothing, value, gasLimit }
    return { sender, to, input: inputFor(dice, place, to, 3), value, gasLimit }
  })
}

/** A container with some of its bytes changed. */
function broken(dice: Dice): Uint8Array {
  const container = [relay, escrow, kitchen][dice(3)]!.slice(0)
  for (let count = 1 + dice(3); count > 0; count--) container[dice(container.length)] = dice(256)
  return container
}

/** All balances in sum. */
export function wealth(state: StateView): bigint {
  let sum = 0n
  for (const [key, value] of state.entries()) if (key[32] === Field.balance) sum += amountOf(value)
  return sum
}

/** What a contract owes by its shares, and what it has. */
export function books(state: StateView, contract: Uint8Array): { owed: bigint; held: bigint } {
  let owed = 0n
  for (const [key, value] of state.entries(contract))
    if (key[32] === Field.storage) owed += amountOf(value)
  return { owed, held: balanceOf(state, contract) }
}
