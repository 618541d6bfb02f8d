import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pagePrice } from '#vm/host/alcatraz/calls'
import { executeMessage, type MessageCall, type Outcome } from '#vm/host/alcatraz/execute'
import { balanceOf, setBalance, slotOf, transfer } from '#vm/state/accounts'
import { diffOf } from '#vm/state/diff'
import { createHasher } from '#vm/state/hasher'
import { Journal } from '#vm/state/journal'
import { MapState } from '../state/arbitraries.ts'
import { ending, programWith, type Script, scriptedEngine } from './machine.ts'

const hasher = await createHasher()
const self = new Uint8Array(32).fill(2)
const caller = new Uint8Array(32).fill(1)
const imports = ['az_set', 'az_event', 'az_return', 'az_revert', 'az_transfer']
const base = 0x10000n
const gas = 1_000_000n
/** Four pages of program memory and one of input. */
const memoryCost = BigInt(5 * pagePrice)

function setUp(script: Script, more: Partial<MessageCall> = {}) {
  const state = new MapState()
  setBalance(state, caller, 1000n)
  const journal = new Journal(state)
  const engine = scriptedEngine(script)
  const input = Uint8Array.of(1, 2, 3)
  const call: MessageCall = {
    ...{ engine, journal, hasher, self, caller, input, gas },
    ...{ program: programWith(imports), entry: 'call', value: 100n, ...more },
  }
  const run = (): Outcome => executeMessage(call)
  return { run, journal, engine }
}

/** Writes a slot, leaves an event, pays one back, then ends in `ending`. */
const busy = (end: () => ReturnType<Script>): Script =>
  function* (machine) {
    machine.memory.write(base, Uint8Array.of(7))
    yield [0, base, 1n, base, 1n]
    yield [1, base, 0n, base, 1n]
    machine.memory.write(base, caller)
    yield [4, base, 1n]
    return yield* end()
  }

test('success keeps everything', () => {
  const { run, journal, engine } = setUp(
    busy(function* () {
      yield [2, base, 2n]
      return 'trap'
    }),
  )
  const outcome = run()
  assert.equal(outcome.status, 'success')
  assert.equal(outcome.exit.kind, 'halt')
  assert.deepEqual(outcome.returnData, caller.slice(0, 2))
  assert.equal(outcome.events.length, 1)
  assert.equal(balanceOf(journal, self), 99n)
  assert.equal(balanceOf(journal, caller), 901n)
  assert.deepEqual(slotOf(journal, self, Uint8Array.of(7)), Uint8Array.of(7))
  assert(outcome.gasUsed > memoryCost && outcome.gasUsed < gas)
  assert.equal(outcome.gasUsed, gas - engine.machines[0]!.gas)
  assert(engine.machines[0]!.released)
})

test('an entry that returns 0 succeeded; any other number reverts and is reported', () => {
  for (const [result, status] of [
    [0n, 'success'],
    [5n, 'reverted'],
  ] as const) {
    const { run, journal } = setUp((machine) => {
      machine.values[0] = result
      return ending('halt')
    })
    const outcome = run()
    assert.equal(outcome.status, status)
    assert.equal(outcome.result, result)
    assert.equal(outcome.exit.kind, 'halt')
    assert.equal(outcome.gasUsed, memoryCost)
    assert.equal(diffOf(journal).changes.length, status === 'success' ? 2 : 0)
  }
})

test('the input lies where memory ended, r1 and r2 say where', () => {
  const seen: unknown[] = []
  const { run } = setUp((machine) => {
    const [, r1, r2] = machine.values
    seen.push(r1, r2, machine.memory.read(r1!, Number(r2)))
    return ending('halt')
  })
  run()
  assert.deepEqual(seen, [base + 4n * 4096n, 3n, Uint8Array.of(1, 2, 3)])
})

const failures: readonly (readonly [string, () => ReturnType<Script>, Partial<Outcome>])[] = [
  [
    'az_revert',
    function* () {
      yield [3, base, 1n]
      return 'halt'
    },
    { status: 'reverted', returnData: caller.slice(0, 1) },
  ],
  [
    'a trap',
    () => ending('trap'),
    { status: 'trapped', exit: { kind: 'trap', trap: 'panic', pc: 0 } },
  ],
  [
    'a refused argument',
    function* () {
      yield [0, 0n, 1n, 0n, 1n]
      return 'halt'
    },
    { status: 'trapped', exit: { kind: 'trap', trap: 'hostCall', pc: 0 } },
  ],
  [
    'a fault',
    () => ending('fault'),
    { status: 'faulted', exit: { kind: 'fault', address: 7n, access: 'write', pc: 0 } },
  ],
  [
    'no gas in the code',
    () => ending('outOfGas'),
    { status: 'outOfGas', exit: { kind: 'outOfGas', pc: 0 }, gasUsed: gas },
  ],
  [
    'no gas for a host call',
    function* () {
      yield [1, base, 0n, base, 2n ** 40n]
      return 'halt'
    },
    { status: 'outOfGas', exit: { kind: 'outOfGas', pc: 0 }, gasUsed: gas },
  ],
]
for (const [name, end, expected] of failures) {
  test(`${name}: nothing the message did is left, the value neither`, () => {
    const { run, journal, engine } = setUp(busy(end))
    const outcome = run()
    for (const [key, value] of Object.entries(expected))
      assert.deepEqual(outcome[key as keyof Outcome], value, key)
    assert.deepEqual(outcome.events, [])
    assert.equal(outcome.result, 0n)
    assert.deepEqual(diffOf(journal).changes, [])
    assert(engine.machines[0]!.released)
  })
}

test('what was in the journal before the message stays', () => {
  const { run, journal } = setUp(() => ending('trap'))
  setBalance(journal, caller, 500n)
  run()
  assert.equal(balanceOf(journal, caller), 500n)
})

test('memory is paid for before there is any', () => {
  const { run, journal, engine } = setUp(
    busy(() => ending('halt')),
    { gas: memoryCost - 1n },
  )
  const outcome = run()
  assert.equal(outcome.status, 'outOfGas')
  assert.equal(outcome.gasUsed, memoryCost - 1n)
  assert.equal(engine.machines.length, 0)
  assert.deepEqual(diffOf(journal).changes, [])
})

test('a message that cannot run is refused and leaves nothing', () => {
  const halt: Script = () => ending('halt')
  const cases: readonly (readonly [string, Partial<MessageCall>])[] = [
    ['noEntry', { entry: 'main' }],
    ['inputTooLong', { input: new Uint8Array(65_537) }],
    ['insufficientFunds', { value: 1001n }],
    ['badAddress', { self: self.slice(1) }],
    ['badAddress', { caller: 'alice' as unknown as Uint8Array }],
    ['badValue', { value: -1n }],
    ['badValue', { value: 1n << 64n }],
    ['badValue', { value: 5 as unknown as bigint }],
    ['badInput', { input: '0102' as unknown as Uint8Array }],
    ['unknownImport', { program: programWith(['az_nothing']) }],
    ['inputTooLarge', { program: programWith([], 4, 4) }],
  ]
  for (const [code, more] of cases) {
    const { run, journal } = setUp(halt, more)
    assert.throws(run, { code })
    assert.deepEqual(diffOf(journal).changes, [])
  }
})

test('an engine that fails leaves nothing', () => {
  const { run, journal } = setUp(
    busy(function* () {
      yield [0]
      throw new Error('engine')
    }),
  )
  assert.throws(run, /engine/)
  assert.deepEqual(diffOf(journal).changes, [])
})

test('gas that is none is refused, and leaves nothing', () => {
  for (const wrong of [-1n, 1n << 63n, 5 as unknown as bigint]) {
    const { run, journal } = setUp(() => ending('halt'), { gas: wrong })
    assert.throws(run, (error) => error instanceof RangeError || error instanceof TypeError)
    assert.deepEqual(diffOf(journal).changes, [])
  }
})

test('entries of an address of another length, and amounts below 0, are refused', () => {
  const journal = new Journal(new MapState())
  for (const wrong of [new Uint8Array(20), new Uint8Array(33)]) {
    assert.throws(() => balanceOf(journal, wrong), { code: 'badAddress' })
    assert.throws(() => setBalance(journal, wrong, 1n), { code: 'badAddress' })
  }
  setBalance(journal, self, 10n)
  assert.throws(() => transfer(journal, caller, self, -5n), RangeError)
  assert.equal(balanceOf(journal, self), 10n)
})
