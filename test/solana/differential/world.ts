import { Rng } from '../../laws/rng.ts'
import { type Keypair, keypairOf, signWith } from './keys.ts'
import { addressOf, fromBase64, toBase64 } from './pack.ts'
import {
  type Address,
  type Answer,
  isOutcome,
  type Op,
  type StoredAccount,
  type Subject,
  succeeded,
} from './subject.ts'
import {
  compile,
  type Instruction,
  type Message,
  type Meta,
  messageBytes,
  type Table,
  transactionBytes,
} from './wire.ts'

/** One thing a program is asked to do, likely to succeed as it is. */
export interface Plan {
  readonly instructions: readonly Instruction[]
  /** What the world knows when it succeeded. */
  readonly after?: () => void
  /** Asks for units, when the default is too little. */
  readonly units?: number
}
export interface Action {
  /** Program, dot, instruction. */
  readonly name: string
  readonly weight?: number
  /** Undefined: nothing there to do it to. */
  plan(world: World): Plan | undefined
}

/** Does an operation on every side, and answers what the first of them answered. */
export type Act = (op: Op) => Answer

export function meta(key: Address, role: '' | 's' | 'w' | 'ws' = ''): Meta {
  return { key, signer: role.includes('s'), writable: role.includes('w') }
}

/** Lamports that keep an account of so many bytes (Rent's default of 6960 for a byte and 128 more). */
export function rentOf(bytes: number): bigint {
  return BigInt(bytes + 128) * 6960n
}

/** Which features are active: mainnet's, or every one that is known. */
export type FeatureName = 'mainnet' | 'all'

/** A small cluster: who has keys, and which accounts play which part. All from the seed. */
export class World {
  readonly rng: Rng
  readonly oracle: Subject
  readonly act: Act
  readonly features: FeatureName
  readonly wallets: Keypair[] = []
  readonly tables: Table[] = []
  /** Transactions that were sent, for duplicates. */
  readonly sent: string[] = []
  slot: bigint
  /** The slot it began with, which SlotHashes knows. */
  readonly firstSlot: bigint
  blockhash: string
  private readonly keys = new Map<Address, Keypair>()
  private readonly parts = new Map<string, Address[]>()
  private made = 0

  /** @param seed of all that is chosen */
  constructor(seed: number, oracle: Subject, act: Act, features: FeatureName = 'mainnet') {
    this.features = features
    this.rng = new Rng(seed)
    this.oracle = oracle
    this.act = act
    this.blockhash = oracle.latestBlockhash()
    const clock = this.data('SysvarC1ock11111111111111111111111111111111')
    this.firstSlot = new DataView(clock.buffer).getBigUint64(0, true)
    this.slot = this.firstSlot
  }

  /** A new key. */
  fresh(): Keypair {
    const keypair = keypairOf(`key ${this.made++}`)
    this.keys.set(keypair.address, keypair)
    return keypair
  }

  /** An address without a known key. */
  stranger(): Address {
    return addressOf(this.rng.bytes(32).slice())
  }

  wallet(): Address {
    return this.rng.pick(this.wallets).address
  }

  add(part: string, address: Address): void {
    const list = this.parts.get(part)
    if (list === undefined) this.parts.set(part, [address])
    else if (!list.includes(address)) list.push(address)
  }

  drop(part: string, address: Address): void {
    const list = this.parts.get(part) ?? []
    const at = list.indexOf(address)
    if (at >= 0) list.splice(at, 1)
  }

  all(part: string): readonly Address[] {
    return this.parts.get(part) ?? []
  }

  any(part: string): Address | undefined {
    const list = this.all(part)
    return list.length === 0 ? undefined : this.rng.pick(list)
  }

  /** Any account that plays a part, or a wallet. */
  anyone(): Address {
    const lists = [...this.parts.values()].filter((list) => list.length > 0)
    return lists.length > 0 && this.rng.chance(70)
      ? this.rng.pick(this.rng.pick(lists))
      : this.wallet()
  }

  account(address: Address): StoredAccount | undefined {
    return this.oracle.account(address)
  }

  data(address: Address): Uint8Array {
    const account = this.account(address)
    return account === undefined ? new Uint8Array(0) : fromBase64(account.data)
  }

  lamports(address: Address): bigint {
    return BigInt(this.account(address)?.lamports ?? 0)
  }

  put(
    address: Address,
    owner: Address,
    lamports: bigint,
    data: Uint8Array = new Uint8Array(0),
  ): void {
    const account = {
      lamports: lamports.toString(),
      data: toBase64(data),
      owner,
      executable: false,
    }
    this.act({ op: 'setAccount', address, account })
  }

  warp(slots: number): void {
    this.slot += BigInt(slots)
    this.act({ op: 'warpToSlot', slot: this.slot.toString() })
  }

  /** Signs with the keys that are known; for others there are octets that are no signature. */
  seal(message: Message, count: number = message.header[0], wrong = -1): string {
    const bytes = messageBytes(message)
    const signatures = Array.from({ length: count }, (_, i) => {
      const keypair = this.keys.get(message.keys[i] ?? '')
      if (keypair === undefined || i === wrong) return this.rng.bytes(64).slice()
      return signWith(keypair, bytes)
    })
    return toBase64(transactionBytes(signatures, bytes))
  }

  /** Sends instructions as they are; for setting up. True when they succeeded. */
  send(instructions: readonly Instruction[], payer: Address = this.wallets[0]!.address): boolean {
    const message = compile({ payer, instructions, blockhash: this.blockhash })
    const answer = this.act({ op: 'send', transaction: this.seal(message) })
    return succeeded(answer)
  }

  expire(): void {
    this.act({ op: 'expireBlockhash' })
    this.blockhash = this.oracle.latestBlockhash()
  }
}

/** Why a transaction ended as it did, in a word or two: for tables of what was reached. */
export function endOf(answer: Answer): string {
  if (!isOutcome(answer)) return 'thrown' in answer ? 'thrown' : 'value'
  if (answer.error === null) return 'success'
  const inner = /^InstructionError\(\d+, (.*)\)$/.exec(answer.error)?.[1]
  if (inner === undefined) return answer.error.replace(/[({ ].*/, '')
  return inner.startsWith('Custom') ? 'Custom' : inner
}
