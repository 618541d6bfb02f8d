import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { toHex } from '#vm/bits/hex'
import { alcatrazCalls, costOf, none } from '#vm/host/alcatraz/calls'
import { type AlcatrazEnvironment, createEnvironment } from '#vm/host/alcatraz/environment'
import { maxEventBytes, maxEvents } from '#vm/host/alcatraz/limits'
import { emptyWorld, Session } from '#vm/host/alcatraz/session'
import { createSignatures } from '#vm/host/alcatraz/signatures'
import { balanceOf, setBalance } from '#vm/state/accounts'
import { diffOf, encodeDiff } from '#vm/state/diff'
import { createHasher } from '#vm/state/hasher'
import { Journal } from '#vm/state/journal'
import type { HostAnswer } from '#vm/vm/environment'
import { MapState } from '../state/arbitraries.ts'
import { FakeMachine, programWith } from './machine.ts'

const hasher = await createHasher()
const signatures = await createSignatures()

/** A transaction whose contract is alone on its chain. */
function sessionOn(journal: Journal): Session {
  const runFrame = (): never => {
    throw new Error('no other contract here')
  }
  return new Session({ journal, hasher, signatures, world: emptyWorld, runFrame })
}

const names = alcatrazCalls.map(({ name }) => name)
const self = new Uint8Array(32).fill(0x5e)
const caller = new Uint8Array(32).fill(0xca)
const base = 0x10000n
const size = 4 * 4096

interface Bench {
  readonly machine: FakeMachine
  readonly environment: AlcatrazEnvironment
  readonly session: Session
  readonly journal: Journal
  call(name: string, ...args: readonly bigint[]): HostAnswer
  readonly r0: bigint
}

function bench(gas = 10n ** 12n): Bench {
  const machine = new FakeMachine(programWith(names), gas, function* () {
    yield [0]
    return 'halt'
  })
  const state = new MapState()
  setBalance(state, self, 100n)
  setBalance(state, caller, 7n)
  const journal = new Journal(state)
  const message = { self, caller, value: 42n }
  const session = sessionOn(journal)
  const environment = createEnvironment(names, { message, session })
  return {
    machine,
    environment,
    session,
    journal,
    call(name, ...args) {
      for (const [index, value] of args.entries()) machine.registers.set(index + 1, value)
      return environment.call(machine, names.indexOf(name))
    },
    get r0() {
      return machine.registers.get(0)
    },
  }
}

const trap: HostAnswer = { kind: 'trap', trap: 'hostCall' }
const read = (b: Bench, at: bigint, length: number): Uint8Array =>
  b.machine.memory.read(at, length)!

test('every row is complete', () => {
  assert.equal(new Set(names).size, names.length)
  for (const { name, args, cost, doc } of alcatrazCalls) {
    assert(args.length <= 4, name)
    assert(cost.base > 0 && doc.endsWith('.'), name)
    for (const { arg, unit, price } of cost.linear ?? []) {
      // Only numbers are priced, and whoever names a length pays for it.
      assert.equal(args[arg]?.[1], 'u64', name)
      assert(unit > 0 && price > 0)
    }
    const lengths = args.flatMap(([arg, type], index) =>
      type === 'u64' && /len|^n$|pages|ntopics/.test(arg) ? [index] : [],
    )
    for (const index of lengths)
      assert(
        cost.linear?.some(({ arg }) => arg === index),
        `${name}: argument ${index} is free`,
      )
  }
})

/** Numbers that matter to addresses, lengths and amounts. */
const argument = fc.oneof(
  fc.constantFrom(0n, 1n, 4n, 5n, 8n, 32n, 33n, 256n, 257n, 65_536n, 65_537n, 2n ** 20n),
  fc.constantFrom(base, base - 1n, base + BigInt(size), base + BigInt(size) - 32n),
  fc.constantFrom(2n ** 32n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n, 2n ** 64n - 32n),
  fc.bigInt(base, base + BigInt(size)),
  fc.bigInt(0n, 2n ** 64n - 1n),
)
const row = fc.constantFrom(...alcatrazCalls)
const args = fc.tuple(argument, argument, argument, argument)

test('too little gas: nothing is touched, the counter neither', () => {
  fc.assert(
    fc.property(row, args, fc.bigInt(0n, 2n ** 63n - 1n), (call, values, some) => {
      const cost = costOf(call.cost, values.slice(0, call.args.length))
      const gas = some % (cost < 2n ** 63n ? cost : 2n ** 63n)
      const b = bench(gas)
      b.machine.values[0] = 77n
      const memory = toHex(b.machine.memory.bytes)
      assert.deepEqual(b.call(call.name, ...values), { kind: 'outOfGas' })
      assert.equal(b.machine.gas, gas)
      assert.equal(b.r0, 77n)
      assert.equal(toHex(b.machine.memory.bytes), memory)
      assert.equal(diffOf(b.journal).changes.length, 0)
      assert.equal(b.session.events.length, 0)
      assert.equal(b.environment.answer, undefined)
    }),
  )
})

test('any arguments: a call charges its cost and continues, traps or ends; it never throws', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(row, args), { minLength: 1, maxLength: 8 }), (steps) => {
      const b = bench()
      for (const [call, values] of steps) {
        const before = b.machine.gas
        const answer = b.call(call.name, ...values)
        const kind = answer === 'continue' ? answer : answer.kind
        const cost = costOf(call.cost, values.slice(0, call.args.length))
        if (kind === 'outOfGas') assert.equal(b.machine.gas, before)
        else assert(before - b.machine.gas >= cost)
        if (kind === 'trap') assert.deepEqual(answer, trap)
        if (kind === 'halt') assert(call.returns === 'noreturn')
        assert(b.machine.memory.bytes.length <= 8 * 4096)
        assert(b.machine.gas >= 0n)
      }
      encodeDiff(diffOf(b.journal))
    }),
    { numRuns: 500 },
  )
})

test('one gas more than too little is enough', () => {
  for (const call of alcatrazCalls) {
    const values = call.args.map(([, type]) => (type.endsWith('*') ? base : 1n))
    const cost = costOf(call.cost, values)
    const b = bench(cost)
    // argument blocks: addresses where the words are addresses, zeros elsewhere
    const pointers = { az_deploy: [0, 3, 5, 6], az_next: [0, 4] }[call.name] ?? [0, 3]
    const view = new DataView(b.machine.memory.bytes.buffer)
    if (call.args[0]?.[0] === 'block')
      for (const word of pointers) view.setBigUint64(8 * word, base + 256n, true)
    const answer = b.call(call.name, ...values)
    assert(answer === 'continue' || answer.kind === 'halt', call.name)
    assert.equal(b.machine.gas, 0n, call.name)
  }
})

test('slots behave like a map of bytes', () => {
  const slot = fc.uint8Array({ maxLength: 3 })
  const step = fc.oneof(
    fc.record({ do: fc.constant('set' as const), slot, value: fc.uint8Array({ maxLength: 20 }) }),
    fc.record({ do: fc.constant('delete' as const), slot }),
    fc.record({ do: fc.constant('get' as const), slot, cap: fc.nat(25) }),
  )
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const b = bench()
      const model = new Map<string, Uint8Array>()
      const [keyAt, valueAt, outAt] = [base, base + 64n, base + 128n]
      for (const each of steps) {
        const id = toHex(each.slot)
        b.machine.memory.write(keyAt, each.slot)
        const key = [keyAt, BigInt(each.slot.length)] as const
        if (each.do === 'set') {
          b.machine.memory.write(valueAt, each.value)
          assert.equal(b.call('az_set', ...key, valueAt, BigInt(each.value.length)), 'continue')
          assert.equal(b.r0, 0n)
          model.set(id, each.value)
        } else if (each.do === 'delete') {
          assert.equal(b.call('az_delete', ...key), 'continue')
          assert.equal(b.r0, model.delete(id) ? 1n : 0n)
        } else {
          b.machine.memory.write(outAt, new Uint8Array(32).fill(0xee))
          assert.equal(b.call('az_get', ...key, outAt, BigInt(each.cap)), 'continue')
          const value = model.get(id)
          assert.equal(b.r0, value === undefined ? none : BigInt(value.length))
          const expected = new Uint8Array(32).fill(0xee)
          expected.set((value ?? new Uint8Array(0)).slice(0, each.cap))
          assert.deepEqual(read(b, outAt, 32), expected)
        }
      }
    }),
  )
})

test('az_get charges for what it finds before it copies it', () => {
  const b = bench()
  const value = new Uint8Array(800).fill(1)
  b.machine.memory.write(base, value)
  b.call('az_set', base, 1n, base, 800n)
  b.machine.memory.write(base + 1000n, new Uint8Array(800))
  const need = costOf(alcatrazCalls.find(({ name }) => name === 'az_get')!.cost, [base, 1n])
  b.machine.gas = need + 199n
  assert.deepEqual(b.call('az_get', base, 1n, base + 1000n, 800n), { kind: 'outOfGas' })
  assert.equal(b.machine.gas, need + 199n)
  assert.deepEqual(read(b, base + 1000n, 800), new Uint8Array(800))
  b.machine.gas = need + 200n
  assert.equal(b.call('az_get', base, 1n, base + 1000n, 800n), 'continue')
  assert.equal(b.machine.gas, 0n)
})

test('memory calls are those of C, over any sizes and overlaps', () => {
  const total = 60 * 4096
  const span = fc.nat(total)
  fc.assert(
    fc.property(span, span, span, fc.nat(1000), (to, from, length, byte) => {
      const b = bench()
      b.machine.memory.bytes = Uint8Array.from(
        { length: total },
        (_, i) => (i * 7 + (i >> 8)) & 255,
      )
      const model = b.machine.memory.bytes.slice()
      const n = Math.min(length, total - Math.max(to, from))
      const [dst, src, count] = [base + BigInt(to), base + BigInt(from), BigInt(n)]
      assert.equal(b.call('memcmp', dst, src, count), 'continue')
      const order = Buffer.compare(model.subarray(to, to + n), model.subarray(from, from + n))
      assert.equal(BigInt.asIntN(64, b.r0), BigInt(order))
      for (const name of ['memmove', 'memcpy']) {
        assert.equal(b.call(name, dst, src, count), 'continue')
        assert.equal(b.r0, dst)
        model.copyWithin(to, from, from + n)
        assert(Buffer.compare(model, b.machine.memory.bytes) === 0, name)
      }
      assert.equal(b.call('memset', dst, BigInt(byte), count), 'continue')
      model.fill(byte & 255, to, to + n)
      assert(Buffer.compare(model, b.machine.memory.bytes) === 0)
    }),
    { numRuns: 60 },
  )
})

test('a range that leaves memory traps in every memory call', () => {
  const end = base + BigInt(size)
  for (const name of ['memcpy', 'memmove', 'memcmp', 'bcmp']) {
    assert.deepEqual(bench().call(name, base, end - 8n, 9n), trap)
    assert.deepEqual(bench().call(name, 2n ** 64n - 8n, base, 9n), trap)
    assert.equal(bench().call(name, 0n, 0n, 0n), 'continue')
  }
  assert.deepEqual(bench().call('memset', end - 8n, 1n, 9n), trap)
})

test('hashes are those of other implementations', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      const b = bench()
      b.machine.memory.write(base, bytes)
      const out = base + 1000n
      b.call('az_sha256', base, BigInt(bytes.length), out)
      assert.equal(toHex(read(b, out, 32)), createHash('sha256').update(bytes).digest('hex'))
      b.call('az_keccak256', base, BigInt(bytes.length), out)
      assert.deepEqual(read(b, out, 32), hasher.keccak256(bytes))
      b.call('az_blake2b', base, BigInt(bytes.length), out)
      assert.deepEqual(read(b, out, 32), hasher.blake2b(bytes))
    }),
  )
})

test('who, whom and how much', () => {
  const b = bench()
  b.call('az_caller', base)
  assert.deepEqual(read(b, base, 32), caller)
  b.call('az_self', base)
  assert.deepEqual(read(b, base, 32), self)
  b.call('az_value')
  assert.equal(b.r0, 42n)
  b.call('az_balance', base)
  assert.equal(b.r0, 100n)
  b.call('az_gas')
  assert.equal(b.r0, b.machine.gas)
})

test('transfers move what is there and answer 1 for more', () => {
  const b = bench()
  b.machine.memory.write(base, caller)
  b.call('az_transfer', base, 101n)
  assert.equal(b.r0, 1n)
  b.call('az_transfer', base, 100n)
  assert.equal(b.r0, 0n)
  assert.equal(balanceOf(b.journal, self), 0n)
  assert.equal(balanceOf(b.journal, caller), 107n)
  b.machine.memory.write(base, self)
  b.call('az_transfer', base, 1n)
  assert.equal(b.r0, 1n)
})

test('a transfer to oneself changes nothing', () => {
  const b = bench()
  b.machine.memory.write(base, self)
  b.call('az_transfer', base, 60n)
  assert.equal(b.r0, 0n)
  assert.equal(balanceOf(b.journal, self), 100n)
})

test('memory grows by pages, up to the limit of the program', () => {
  const b = bench()
  b.call('az_grow', 0n)
  assert.equal(b.r0, base + BigInt(size))
  b.call('az_grow', 3n)
  assert.equal(b.r0, base + BigInt(size))
  assert.equal(b.machine.memory.bytes.length, size + 3 * 4096)
  for (const pages of [2n, 2n ** 20n, 2n ** 20n + 1n]) {
    b.machine.gas = 10n ** 12n
    b.call('az_grow', pages)
    assert.equal(b.r0, none)
  }
  assert.equal(b.machine.memory.bytes.length, size + 3 * 4096)
})

test('events have at most four topics and bounded bytes', () => {
  const b = bench()
  b.machine.memory.bytes.fill(3)
  assert.equal(b.call('az_event', base, 4n, base, 5n), 'continue')
  assert.equal(b.session.events.length, 1)
  assert.deepEqual(b.session.events[0]?.topics, Array(4).fill(new Uint8Array(32).fill(3)))
  assert.deepEqual(b.session.events[0]?.data, new Uint8Array(5).fill(3))
  assert.deepEqual(bench().call('az_event', base, 5n, base, 5n), trap)
  let bytes = 133
  while (bytes + size <= maxEventBytes) {
    assert.equal(b.call('az_event', base, 0n, base, BigInt(size)), 'continue')
    bytes += size
  }
  assert.deepEqual(b.call('az_event', base, 0n, base, BigInt(size)), trap)
})

test('empty events are bounded too', () => {
  const b = bench()
  for (let i = 0; i < maxEvents; i++)
    assert.equal(b.call('az_event', base, 0n, base, 0n), 'continue')
  assert.deepEqual(b.call('az_event', base, 0n, base, 0n), trap)
})

test('return and revert data are copies', () => {
  for (const [name, kind] of [
    ['az_return', 'return'],
    ['az_revert', 'revert'],
  ] as const) {
    const b = bench()
    b.machine.memory.write(base, Uint8Array.of(1, 2))
    assert.deepEqual(b.call(name, base, 2n), { kind: 'halt' })
    b.machine.memory.write(base, Uint8Array.of(9, 9))
    assert.deepEqual(b.environment.answer, { kind, data: Uint8Array.of(1, 2) })
  }
})

test('an unknown import is named, with the nearest call there is', () => {
  const parts = { message: { self, caller, value: 0n }, session: bench().session }
  const link = (name: string) => () => createEnvironment(['az_get', name], parts)
  const expected = { name: 'VerifyError', code: 'unknownImport', offset: 1 }
  assert.throws(link('az_gett'), { ...expected, message: /az_gett.*did you mean az_get\?/ })
  assert.throws(link('az_keccak'), { ...expected, message: /did you mean az_keccak256\?/ })
  assert.throws(link('mem_cpy'), { ...expected, message: /did you mean memcpy\?/ })
  assert.throws(link('printf'), expected)
  assert.throws(link('x'.repeat(1_000_000)), (error: Error) => error.message.length < 200)
})

test('a host call that was never imported traps', () => {
  assert.deepEqual(bench().environment.call(bench().machine, 999), trap)
  assert.deepEqual(bench().environment.call(bench().machine, -1), trap)
})
