import { decodeContainer, encodeContainer, linkBpf } from 'alcatraz-vm/link'
import { amountOf, balanceOf, InputError } from 'alcatraz-vm/state'
import type { Contract } from '../../chain/contract.ts'
import type { Executed } from '../../chain/produce.ts'
import { failureOf } from '../receipt.ts'
import { json } from '../ui/format.ts'
import { sampleContract, sampleObject, withCall } from './guests.ts'
import { coins, gasLimit, joined, type Market, send, u64, who } from './market.ts'

/** What somebody tried, and what came of it. */
export interface Attack {
  readonly who: string
  readonly what: string
  readonly how: string
  readonly gas: bigint
}

/** Nothing of a failed transaction is kept but its sender's nonce. */
function checkNothingKept({ diff, receipt }: Executed): void {
  if (receipt.status === 'success') throw new Error('internal: an attack succeeded')
  if (diff.changes.length !== 1 || diff.changes[0]!.field !== 1)
    throw new Error('internal: an attack left something')
}

function failed(name: string, what: string, executed: Executed, answer?: unknown): Attack {
  checkNothingKept(executed)
  const said = answer === undefined ? undefined : json((answer as { err?: unknown }).err ?? answer)
  const how =
    said === undefined
      ? failureOf(executed.receipt)!
          .replace(/^the contract may not (\w+) (\w+): it faulted/, 'faulted: $1 at $2')
          .replace(/^the contract /, '')
          .replace(/ at pc \d+$/, '')
      : `reverted: ${said.replaceAll('"', '')}`
  return { who: name, what, how, gas: executed.receipt.gasUsed }
}

/** Calls of a contract that have to revert. */
async function reverts(
  contract: Contract,
  name: string,
  what: string,
  message: string,
  args: Parameters<Contract['call']>[1],
  value = 0n,
): Promise<Attack> {
  const answered = await contract.call(message, args, { sender: who(name), value })
  return failed(name, what, answered, answered.answer)
}

/** What cannot be a transaction at all. */
async function refused(name: string, what: string, work: () => unknown): Promise<Attack> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return { who: name, what, how: `refused: ${error.code}`, gas: 0n }
  }
  throw new Error(`internal: ${what} was taken`)
}

async function deployed(
  { chain }: Market,
  name: string,
  container: Uint8Array,
): Promise<Uint8Array> {
  const { receipt } = await chain.deploy({
    ...{ sender: who(name), container, input: new Uint8Array(0), value: 0n, gasLimit },
  })
  return receipt.contract!
}

/** Deploys one entry of `guests/hostile` as a contract and calls it. */
async function hostile(market: Market, name: string, what: string, entry: string): Promise<Attack> {
  const to = await deployed(market, name, withCall(sampleContract('hostile-v4'), entry))
  return failed(name, what, await market.chain.call(send(name, to, new Uint8Array(0))))
}

/** Coins that the robber pays in, to be paid four times as much. */
const robbed = 100n

/** A robber's contract, and the transaction that sets it on the escrow. */
export class Robbery {
  readonly #market: Market
  readonly #robber: Uint8Array
  readonly #sent: ReturnType<typeof send>

  private constructor(market: Market, robber: Uint8Array) {
    this.#market = market
    this.#robber = robber
    const input = joined(market.escrow, u64(robbed), u64(3n))
    this.#sent = send('mallory', robber, input, robbed)
  }

  static async plan(market: Market): Promise<Robbery> {
    return new Robbery(market, await deployed(market, 'mallory', sampleContract('robber-v4')))
  }

  /** Coins that the escrow would lose to it now. */
  async worth(): Promise<bigint> {
    const { chain, escrow } = this.#market
    const { diff } = await chain.simulate(this.#sent)
    const change = diff.changes.find(
      ({ address, field }) => field === 0 && Buffer.compare(address, escrow) === 0,
    )
    return change === undefined ? 0n : amountOf(change.old) - amountOf(change.new)
  }

  async attempt(): Promise<Attack> {
    const { chain, escrow } = this.#market
    const before = balanceOf(chain.state, escrow)
    const executed = await chain.call(this.#sent)
    const taken = before - balanceOf(chain.state, escrow)
    const has = balanceOf(chain.state, this.#robber)
    if (taken !== 0n || has > robbed) throw new Error('internal: the escrow was robbed')
    return {
      who: 'mallory',
      what: 're-entering the escrow while it pays',
      how: `its own ${has} coins back`,
      gas: executed.receipt.gasUsed,
    }
  }
}

/** An object file of somebody who hopes that the linker trusts what it says of itself. */
function hostileObject(): Uint8Array {
  const object = sampleObject('token-v4').slice()
  // Where the sections are, says bytes 40 to 47 of an ELF's header.
  new DataView(object.buffer).setBigUint64(40, 0xffff_ffff_ffff_fff0n, true)
  return object
}

/** The token with another host call in place of its first: one that would make coins. */
function minting(): Uint8Array {
  const decoded = decodeContainer(sampleContract('token-v4'))
  return encodeContainer({ ...decoded, imports: ['az_mint', ...decoded.imports.slice(1)] })
}

const nothing = new Uint8Array(0)
const allOfThem = (1n << 64n) - 1n

/** Whoever tries it: each is tried once on the day, in this order, and none may come of it. */
export const attacks: readonly ((market: Market) => Promise<Attack>)[] = [
  ({ chain, escrow }) =>
    refused('mallory', "replacing the escrow's code", () => {
      const container = sampleContract('robber-v4')
      return chain.upgrade({
        ...{ sender: who('mallory'), to: escrow, container, input: nothing, value: 0n, gasLimit },
      })
    }),
  ({ token }) =>
    reverts(token, 'mallory', 'moving 2^64 - 1 tokens', 'transfer', [who('mallory'), allOfThem]),
  ({ token }) => {
    const args = [who('alice'), who('mallory'), 1000n]
    return reverts(token, 'mallory', "taking alice's tokens", 'transfer_from', args)
  },
  ({ book }) =>
    // in 64 bits the product is 0, and so would be what it costs
    reverts(book, 'trudy', 'buying 2^62 at 4, overflowing to 0', 'place', ['Buy', 4n, 1n << 62n]),
  ({ book }) =>
    reverts(book, 'trudy', 'buying for less than it offers', 'place', ['Buy', 100n, 10n], 999n),
  ({ stall, second }) =>
    reverts(stall, 'trudy', 'putting another token in the stall', 'proxy_change', [second.address]),
  ({ treasury }) =>
    reverts(treasury, 'trudy', 'having the treasury pay her', 'propose', [
      who('trudy'),
      10_000n,
      nothing,
    ]),
  ({ chain, token }) =>
    refused('trudy', 'sending one payment twice', async () => {
      const pay = { ...send('trudy', token.address, token.input('total_supply')), nonce: 0n }
      await chain.call(pay)
      await chain.call(pay)
    }),
  ({ chain }) =>
    refused('trudy', 'paying with coins she has not', () =>
      chain.call(send('trudy', who('oscar'), nothing, coins * 2n)),
    ),
  (market) => hostile(market, 'oscar', 'looping for ever', 'loop_forever'),
  (market) => hostile(market, 'oscar', 'filling the storage', 'flood_storage'),
  (market) => hostile(market, 'oscar', 'flooding the receipts with events', 'flood_events'),
  (market) => hostile(market, 'oscar', 'recursing until the stack is full', 'recurse_wide'),
  (market) => hostile(market, 'oscar', 'recursing without any frame', 'recurse_thin'),
  (market) => hostile(market, 'eve', 'reading address 8', 'read_null'),
  (market) => hostile(market, 'eve', 'writing behind the memory', 'write_past_end'),
  (market) => hostile(market, 'eve', 'calling data as if it were code', 'call_data'),
  (market) => hostile(market, 'eve', 'copying all of the memory at once', 'copy_everything'),
  () =>
    refused('eve', 'linking an ELF of false offsets', () =>
      linkBpf([{ name: 'hostile.o', bytes: hostileObject() }]),
    ),
  (market) =>
    refused('eve', 'deploying an ELF as it is', () =>
      deployed(market, 'eve', sampleObject('token-v4')),
    ),
  (market) =>
    refused('eve', 'deploying half a container', () => {
      const container = sampleContract('token-v4')
      return deployed(market, 'eve', container.slice(0, container.length >> 1))
    }),
  (market) =>
    refused('eve', 'deploying a call of az_mint', () => deployed(market, 'eve', minting())),
]
