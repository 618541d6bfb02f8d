import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toHex } from 'alcatraz-vm'
import { executeMessage } from 'alcatraz-vm/alcatraz'
import { assembleAvm } from 'alcatraz-vm/avm'
import { contractAvm1, decodeContainer, encodeContainer, programOf } from 'alcatraz-vm/link'
import { loadProgram } from '#node/chain/programs'
import { setBalance, slotOf } from '#vm/state/accounts'
import { diffOf } from '#vm/state/diff'
import { createHasher } from '#vm/state/hasher'
import { Journal } from '#vm/state/journal'
import { containerOf } from '../chain/contracts.ts'
import { forEachEngine } from '../engines.ts'
import { MapState } from '../state/arbitraries.ts'

const hasher = await createHasher()
const self = new Uint8Array(32).fill(2)
const caller = new Uint8Array(32).fill(1)

/** Sets slot input[0] to input[1], leaves an event of the input, returns it; fails with 7 on an empty input. */
const avm = assembleAvm(`
.import az_set az_event az_return
.func call args=2 export
  beq64i r1, 0, empty
  mov r4, r0
  mov r5, r1
  mov r0, r4
  li r1, 1
  add64i r2, r4, 1
  li r3, 1
  host az_set
  mov r0, r4
  li r1, 0
  mov r2, r4
  mov r3, r5
  host az_event
  mov r0, r4
  mov r1, r5
  host az_return
empty:
  li r0, 7
  ret
`)
const bpf = containerOf(
  `call:
  jeq r2, 0, empty
  mov r6, r1
  mov r7, r2
  mov r1, r6
  mov r2, 1
  mov r3, r6
  add r3, 1
  mov r4, 1
  call 0
  mov r1, r6
  mov r2, 0
  mov r3, r6
  mov r4, r7
  call 1
  mov r1, r6
  mov r2, r7
  call 2
empty:
  mov r0, 7
  exit`,
  ['call'],
  ['az_set', 'az_event', 'az_return'],
)

forEachEngine((engine) => {
  const run = (container: Uint8Array, input: Uint8Array) => {
    const state = new MapState()
    setBalance(state, caller, 1000n)
    const journal = new Journal(state)
    const program = programOf(decodeContainer(container))
    const common = { engine, journal, hasher, self, caller, input, program }
    const outcome = executeMessage({ ...common, gas: 1_000_000n, entry: 'call', value: 5n })
    return { outcome, journal }
  }

  test('a contract of AVM does to the state what the same one of eBPF does', () => {
    const input = Uint8Array.of(9, 8, 7)
    const [one, other] = [run(avm, input), run(bpf, input)]
    assert.equal(one.outcome.status, 'success')
    assert.equal(toHex(one.outcome.returnData), '090807')
    assert.deepEqual(slotOf(one.journal, self, Uint8Array.of(9)), Uint8Array.of(8))
    assert.deepEqual(diffOf(one.journal), diffOf(other.journal))
    assert.deepEqual(one.outcome.events, other.outcome.events)
  })

  test('a contract of AVM fails by what it returns, and changes nothing', () => {
    const { journal, outcome } = run(avm, new Uint8Array(0))
    assert.deepEqual([outcome.status, outcome.result], ['reverted', 7n])
    assert.deepEqual(diffOf(journal).changes, [])
  })
})

test('a chain takes containers of AVM whose code is valid, for its own profile', () => {
  assert.equal(loadProgram(avm).isa, 'avm')
  const container = decodeContainer(avm)
  const broken = { ...container, code: container.code.slice().fill(0xff, 0, 2) }
  assert.throws(() => loadProgram(encodeContainer(broken)), { code: 'unknownOpcode' })
  const foreign = encodeContainer({ ...container, gas: 'alcatraz-1' })
  assert.throws(() => loadProgram(foreign), { code: 'profile' })
  assert.equal(container.profile, contractAvm1.name)
})
