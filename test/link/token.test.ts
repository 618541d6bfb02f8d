import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { engineNamed, engineNames } from '#vm/engine/engines'
import { executeMessage, type Outcome } from '#vm/host/alcatraz/execute'
import { decodeContainer } from '#vm/image/container'
import { programOf } from '#vm/image/contract'
import { linkBpf } from '#vm/link/bpf'
import { createHasher } from '#vm/state/hasher'
import { Journal } from '#vm/state/journal'
import { guest } from './guests.ts'

const hasher = await createHasher()
const program = programOf(decodeContainer(linkBpf([guest('token-v4')]).container))
const people = [1, 2, 3].map((i) => new Uint8Array(32).fill(i))
const self = new Uint8Array(32).fill(9)

const word = (value: bigint): number[] => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(value)
  return [...bytes]
}

interface Action {
  readonly kind: 'transfer' | 'approve' | 'transferFrom' | 'garbage'
  readonly caller: number
  readonly owner: number
  readonly to: number
  readonly amount: bigint
  readonly bytes: Uint8Array
}

const person = fc.nat(people.length - 1)
const action: fc.Arbitrary<Action> = fc.record({
  kind: fc.constantFrom('transfer', 'approve', 'transferFrom', 'garbage'),
  caller: person,
  owner: person,
  to: person,
  amount: fc.oneof(fc.bigInt({ min: 0n, max: 700n }), fc.constant(2n ** 64n - 1n)),
  bytes: fc.uint8Array({ maxLength: 90 }).filter(([first = 255]) => first > 6),
})

function inputOf({ kind, owner, to, amount, bytes }: Action): Uint8Array {
  const [o, t, a] = [people[owner]!, people[to]!, word(amount)]
  switch (kind) {
    case 'transfer':
      return Uint8Array.from([2, ...t, ...a])
    case 'approve':
      return Uint8Array.from([3, ...t, ...a])
    case 'transferFrom':
      return Uint8Array.from([5, ...o, ...t, ...a])
    case 'garbage':
      return bytes
  }
}

/** The token in a few lines: what the contract has to do. */
class Model {
  readonly balances = [1000n, 0n, 0n]
  readonly allowances = new Map<string, bigint>()

  /** The error code of the contract, 0 for success. */
  apply({ kind, caller, owner, to, amount }: Action): number {
    if (kind === 'garbage') return 1
    if (kind === 'approve') {
      this.allowances.set(`${caller} ${to}`, amount)
      return 0
    }
    const from = kind === 'transfer' ? caller : owner
    const key = `${owner} ${caller}`
    const allowed = kind === 'transfer' ? amount : (this.allowances.get(key) ?? 0n)
    if (allowed < amount) return 3
    if (this.balances[from]! < amount) return 2
    if (kind === 'transferFrom') this.allowances.set(key, allowed - amount)
    this.balances[from]! -= amount
    this.balances[to]! += amount
    return 0
  }
}

test('law: the token does what its model does, at the same gas on every engine', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 8 }), (actions) => {
      const gasOf = new Map<string, readonly bigint[]>()
      for (const name of engineNames) {
        const engine = engineNamed(name)
        const journal = new Journal({ get: () => undefined, next: () => undefined })
        const gas: bigint[] = []
        const run = (entry: string, caller: number, input: Uint8Array): Outcome => {
          const outcome = executeMessage({
            ...{ engine, program, hasher, journal, entry, input, self },
            ...{ caller: people[caller]!, value: 0n, gas: 1_000_000n },
          })
          gas.push(outcome.gasUsed)
          return outcome
        }
        assert.equal(run('deploy', 0, Uint8Array.from(word(1000n))).status, 'success')
        const model = new Model()
        for (const act of actions) {
          const code = model.apply(act)
          const { status, returnData, events } = run('call', act.caller, inputOf(act))
          assert.equal(status, code === 0 ? 'success' : 'reverted')
          assert.deepEqual(returnData, code === 0 ? new Uint8Array(0) : Uint8Array.of(code))
          assert.equal(events.length, code === 0 ? 1 : 0)
        }
        const read = (input: readonly number[]): bigint =>
          Buffer.from(run('call', 1, Uint8Array.from(input)).returnData).readBigUInt64LE(0)
        for (const [i, balance] of model.balances.entries()) {
          assert.equal(read([0, ...people[i]!]), balance)
        }
        for (const [key, amount] of model.allowances) {
          const [owner = 0, spender = 0] = key.split(' ').map(Number)
          assert.equal(read([4, ...people[owner]!, ...people[spender]!]), amount)
        }
        assert.equal(read([1]), 1000n)
        gasOf.set(name, gas)
      }
      const all = [...gasOf.values()]
      for (const gas of all) assert.deepEqual(gas, all[0])
    }),
    { numRuns: 60 },
  )
})

test('the token tells its name, and events say who and how much', () => {
  const journal = new Journal({ get: () => undefined, next: () => undefined })
  const engine = engineNamed(engineNames[0]!)
  const run = (entry: string, input: readonly number[]): Outcome =>
    executeMessage({
      ...{ engine, program, hasher, journal, entry, self, caller: people[0]!, value: 0n },
      ...{ input: Uint8Array.from(input), gas: 1_000_000n },
    })
  const [minted] = run('deploy', word(5n)).events
  const topic = (text: string): Uint8Array =>
    Uint8Array.from(Buffer.alloc(32).fill(text, 0, text.length))
  assert.deepEqual(minted?.topics, [topic('Transfer'), new Uint8Array(32), people[0]])
  assert.deepEqual([...(minted?.data ?? [])], word(5n))
  const [approved] = run('call', [3, ...people[1]!, ...word(4n)]).events
  assert.deepEqual(approved?.topics, [topic('Approval'), people[0], people[1]])
  assert.equal(Buffer.from(run('call', [6]).returnData).toString(), 'Alcatraz sample token')
  assert.equal(run('deploy', [1]).status, 'reverted')
})
