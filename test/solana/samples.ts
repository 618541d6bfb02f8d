import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { keccakP } from '@noble/hashes/sha3.js'
import { linkSbpf, solanaSyscalls } from 'alcatraz-vm/link'
import { solanaGuest } from '../link/solana-guests.ts'
import { derive, type Keypair, keypairOf, sha256, signWith } from './differential/keys.ts'
import {
  bytesOf,
  fromBase64,
  join,
  type Part,
  toBase64,
  u32,
  u64,
  utf8,
} from './differential/pack.ts'
import { type Address, isOutcome, type Outcome, type Subject } from './differential/subject.ts'
import {
  compile,
  type Instruction,
  type Meta,
  messageBytes,
  transactionBytes,
} from './differential/wire.ts'

export type SampleVersion = 'v0' | 'v3'

const system = '11111111111111111111111111111111'
const computeBudget = 'ComputeBudget111111111111111111111111111111'
const mostUnits = 1_400_000

export function sampleElf(name: string, version: SampleVersion): Uint8Array {
  return linkSbpf([solanaGuest(name)], { version, syscalls: solanaSyscalls, symbols: false }).elf
}

const meta = (key: Address, writable: boolean, signer = false): Meta => ({ key, writable, signer })

/** A world with the sample programs in it, and what its transactions have come to. */
export class Samples {
  readonly subject: Subject
  readonly outcomes: Outcome[] = []
  readonly alice: Keypair = keypairOf('alice')
  readonly bob: Keypair = keypairOf('bob')

  constructor(subject: Subject, programs: readonly { name: string; elf: Uint8Array }[]) {
    this.subject = subject
    for (const { name, elf } of programs)
      subject.do({ op: 'addProgram', address: this.program(name), elf: toBase64(elf) })
    for (const { address } of [this.alice, this.bob])
      subject.do({ op: 'airdrop', address, lamports: '10000000000' })
  }

  program(name: string): Address {
    return keypairOf(`program ${name}`).address
  }

  lamports(address: Address): bigint {
    return BigInt(this.subject.account(address)?.lamports ?? 0)
  }

  data(address: Address): Uint8Array {
    return fromBase64(this.subject.account(address)?.data ?? '')
  }

  /** Sends one instruction, paid by alice, at a new blockhash. */
  send(
    program: Address,
    metas: readonly Meta[],
    data: Uint8Array,
    also: readonly Keypair[] = [],
  ): Outcome {
    const budget = join([2], u32(mostUnits))
    const instructions: Instruction[] = [
      { program: computeBudget, metas: [], data: budget },
      { program, metas, data },
    ]
    this.subject.do({ op: 'expireBlockhash' })
    const blockhash = this.subject.latestBlockhash()
    const message = compile({ payer: this.alice.address, instructions, blockhash })
    const bytes = messageBytes(message)
    const signers = [this.alice, ...also]
    const signatures = message.keys
      .slice(0, message.header[0])
      .map((key) => signWith(signers.find(({ address }) => address === key)!, bytes))
    const transaction = toBase64(transactionBytes(signatures, bytes))
    const answer = this.subject.do({ op: 'send', transaction })
    assert.ok(isOutcome(answer), JSON.stringify(answer))
    this.outcomes.push(answer)
    return answer
  }
}

const customError = (number: number): string => `InstructionError(1, Custom(${number}))`
const ended = (outcome: Outcome, error: string | null): Outcome => {
  assert.equal(outcome.error, error, outcome.logs.join('\n'))
  return outcome
}

export function counterStory(world: Samples): void {
  const counter = world.program('counter')
  const account = keypairOf('a counter').address
  const { alice, bob, subject } = world
  const state = { lamports: '1000000000', data: toBase64(u64(41)), owner: counter }
  subject.do({ op: 'setAccount', address: account, account: { ...state, executable: false } })
  const metas = [meta(account, true), meta(alice.address, false, true)]
  const first = ended(world.send(counter, metas, new Uint8Array(0)), null)
  assert.ok(first.logs.includes('Program log: counted'))
  assert.ok(first.logs.includes('Program log: 0x2a, 0x1, 0x0, 0x0, 0x0'))
  assert.deepEqual(world.data(account), u64(42))
  assert.deepEqual(fromBase64(first.returnData), u64(42))
  ended(world.send(counter, metas, u64(1000)), null)
  assert.deepEqual(world.data(account), u64(1042))
  const most = u64((1n << 64n) - 1n)
  ended(world.send(counter, metas, most), 'InstructionError(1, ArithmeticOverflow)')
  ended(world.send(counter, metas, u32(1)), 'InstructionError(1, InvalidInstructionData)')
  const reading = [meta(account, false), meta(alice.address, false, true)]
  ended(world.send(counter, reading, u64(1)), customError(1))
  const unsigned = [meta(account, true), meta(bob.address, false)]
  ended(world.send(counter, unsigned, u64(1)), 'InstructionError(1, MissingRequiredSignature)')
  const foreign = [meta(bob.address, true), meta(alice.address, false, true)]
  ended(world.send(counter, foreign, u64(1)), 'InstructionError(1, IncorrectProgramId)')
  assert.deepEqual(world.data(account), u64(1042))
}

export function vaultStory(world: Samples): void {
  const vault = world.program('vault')
  const { alice, bob } = world
  const [address] = derive([utf8('vault'), bytesOf(alice.address)], vault)
  const metas = [meta(alice.address, true, true), meta(address, true), meta(system, false)]
  const order = (kind: number, amount: number): Uint8Array => join([kind], u64(amount))
  const deposit = ended(world.send(vault, metas, order(0, 5_000_000)), null)
  assert.ok(deposit.logs.includes(`Program ${system} invoke [2]`))
  assert.equal(world.lamports(address), 5_000_000n)
  ended(world.send(vault, metas, order(1, 3_000_000)), null)
  assert.equal(world.lamports(address), 2_000_000n)
  const tooMuch = world.send(vault, metas, order(1, 3_000_000))
  ended(tooMuch, 'InstructionError(1, InsufficientFunds)')
  ended(world.send(vault, metas, order(2, 1)), 'InstructionError(1, InvalidInstructionData)')
  const stolen = [meta(bob.address, true, true), meta(address, true), meta(system, false)]
  const theft = world.send(vault, stolen, order(1, 1), [bob])
  ended(theft, 'InstructionError(1, InvalidSeeds)')
  assert.equal(world.lamports(address), 2_000_000n)
}

export function escrowStory(world: Samples): void {
  const escrow = world.program('escrow')
  const { alice, bob, subject } = world
  const secret = utf8('a secret of thirty bytes or so')
  const hash = sha256(secret)
  const seeds: Part[] = [utf8('escrow'), bytesOf(alice.address), hash]
  const [address] = derive(seeds, escrow)
  const metas = (maker: boolean, taker: boolean): Meta[] => [
    meta(alice.address, true, maker),
    meta(bob.address, true, taker),
    meta(address, true),
    meta(system, false),
  ]
  const clock = (slot: number): void => {
    subject.do({ op: 'setClock', clock: [String(slot), '0', '0', '0', '0'] })
  }
  const make = join([0], hash, u64(7_000_000), u64(100))
  const made = ended(world.send(escrow, metas(true, false), make), null)
  assert.ok(made.logs.includes('Program log: escrow made'))
  const record = world.data(address)
  assert.equal(record.length, 80)
  assert.deepEqual(record.slice(64), join(u64(7_000_000), u64(100)))
  const again = world.send(escrow, metas(true, false), make)
  ended(again, 'InstructionError(1, AccountAlreadyInitialized)')
  const guess = join([1], hash, utf8('a guess'))
  ended(world.send(escrow, metas(true, true), guess, [bob]), customError(1))
  clock(99)
  ended(world.send(escrow, metas(true, false), join([2], hash)), customError(2))
  const before = world.lamports(bob.address)
  const taken = ended(world.send(escrow, metas(true, true), join([1], hash, secret), [bob]), null)
  assert.ok(taken.logs.includes(`Program data: ${toBase64(secret)}`))
  assert.equal(world.lamports(bob.address), before + 7_000_000n)
  assert.equal(world.lamports(address), 0n)
  ended(world.send(escrow, metas(true, false), make), null)
  clock(100)
  ended(world.send(escrow, metas(true, false), join([2], hash)), null)
  assert.equal(world.lamports(address), 0n)
  const other = join([1], sha256(utf8('another')), secret)
  const elsewhere = world.send(escrow, metas(true, true), other, [bob])
  ended(elsewhere, 'InstructionError(1, InvalidSeeds)')
}

const mask = (1n << 64n) - 1n
const seed = 88172645463325252n

/** The xorshift generator of `compute.c`. */
function nextOf(x: bigint): bigint {
  let y = x ^ ((x << 13n) & mask)
  y ^= y >> 7n
  return y ^ ((y << 17n) & mask)
}

/** What `compute.c` answers, computed in other ways. */
const computations: readonly (readonly [kind: number, rounds: number, result: () => bigint])[] = [
  [
    0,
    2,
    () => {
      const message = Uint8Array.from({ length: 1024 }, (_, i) => i)
      for (let i = 0; i < 2; i++) message.set(createHash('sha256').update(message).digest())
      return new DataView(message.buffer).getBigUint64(0, true)
    },
  ],
  [
    1,
    2,
    () => {
      let x = seed
      let sum = 0n
      for (let round = 0; round < 2; round++) {
        const numbers = Array.from({ length: 1024 }, () => {
          x = nextOf(x)
          return x
        })
        numbers.sort((a, b) => (a < b ? -1 : 1))
        sum = (sum * 31n + numbers[512]!) & mask
      }
      return sum
    },
  ],
  [
    4,
    1,
    () => {
      const state = new Uint32Array(50)
      for (let i = 0; i < 25; i++) state[2 * i] = i
      keccakP(state)
      return (BigInt(state[1]!) << 32n) | BigInt(state[0]!)
    },
  ],
]

export function computeStory(world: Samples): void {
  const compute = world.program('compute')
  for (const [kind, rounds, result] of computations) {
    const outcome = ended(world.send(compute, [], join([kind], u32(rounds))), null)
    const answer = fromBase64(outcome.returnData)
    assert.equal(new DataView(answer.buffer).getBigUint64(0, true), result(), `kind ${kind}`)
  }
  // the program itself holds the product of a number and its inverse to be 1
  ended(world.send(compute, [], join([2], u32(1))), null)
  ended(world.send(compute, [], join([3], u32(4))), null)
  ended(world.send(compute, [], join([9], u32(1))), 'InstructionError(1, InvalidInstructionData)')
  const endless = world.send(compute, [], join([0], u32(1_000_000)))
  ended(endless, 'InstructionError(1, ProgramFailedToComplete)')
  assert.equal(endless.units, String(mostUnits))
}

/** What is done with the program of an object; the Rust ones do what those in C do. */
export const stories: Readonly<Record<string, (world: Samples) => void>> = {
  counter: counterStory,
  vault: vaultStory,
  escrow: escrowStory,
  compute: computeStory,
  'counter-rust': counterStory,
  'vault-rust': vaultStory,
  'escrow-rust': escrowStory,
}
