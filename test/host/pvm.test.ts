import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toHex } from 'alcatraz-vm'
import { executeMessage } from 'alcatraz-vm/alcatraz'
import { type Container, programOf } from 'alcatraz-vm/link'
import { pagePrice } from '#vm/host/alcatraz/calls'
import { setBalance, slotOf } from '#vm/state/accounts'
import { diffOf } from '#vm/state/diff'
import { createHasher } from '#vm/state/hasher'
import { Journal } from '#vm/state/journal'
import { pvmContainerOf } from '../chain/contracts.ts'
import { forEachEngine } from '../engines.ts'
import { MapState } from '../state/arbitraries.ts'

const hasher = await createHasher()
const self = new Uint8Array(32).fill(2)
const caller = new Uint8Array(32).fill(1)

/** Sets slot input[0] to input[1], leaves an event of the input, returns it; fails with 7 on an empty input. */
const story = pvmContainerOf(
  `
pub @call:
    jump @empty if a1 == 0
    s0 = a0
    s1 = a1
    a1 = 1
    a2 = a0 + 1
    a3 = 1
    ecalli 0
    a0 = s0
    a1 = 0
    a2 = s0
    a3 = s1
    ecalli 1
    a0 = s0
    a1 = s1
    ecalli 2
    trap
@empty:
    a0 = 7
    ret
`,
  ['az_set', 'az_event', 'az_return'],
)
/** Asks for as many pages as the input says; answers where they begin. */
const growing = pvmContainerOf('pub @call:\n a0 = u32 [a0]\n ecalli 0\n ret', ['az_grow'])

forEachEngine((engine) => {
  const run = (container: Container, input: Uint8Array, gas = 1_000_000n) => {
    const state = new MapState()
    setBalance(state, caller, 1000n)
    const journal = new Journal(state)
    const program = programOf(container)
    const common = { engine, journal, hasher, self, caller, input, program }
    const outcome = executeMessage({ ...common, gas, entry: 'call', value: 5n })
    return { outcome, journal }
  }

  test('a contract of PVM stores, leaves events and answers', () => {
    const { journal, outcome } = run(story, Uint8Array.of(9, 8, 7))
    assert.equal(outcome.status, 'success')
    assert.equal(toHex(outcome.returnData), '090807')
    assert.deepEqual(slotOf(journal, self, Uint8Array.of(9)), Uint8Array.of(8))
    assert.equal(outcome.events.length, 1)
    assert.equal(toHex(outcome.events[0]!.data), '090807')
  })

  test('a contract of PVM fails by what it returns, and changes nothing', () => {
    const { journal, outcome } = run(story, new Uint8Array(0))
    assert.deepEqual([outcome.status, outcome.result], ['reverted', 7n])
    assert.deepEqual(diffOf(journal).changes, [])
  })

  test('gas of a contract of PVM: pages, then blocks by pvm-1', () => {
    const text =
      'pub @call:\n a0 = a0 /u a1\n u64 [sp + -8] = a0\n a2 = u8 [sp + -8]\n a0 = 0\n jump @end if a0 == 0\n@end:\n ret'
    const container = pvmContainerOf(text)
    // stack and input; div, store, load, li, branch; ret
    const price = BigInt(17 * pagePrice) + 16n + 2n + 2n + 1n + 1n + 2n
    const { outcome } = run(container, Uint8Array.of(1), price)
    assert.deepEqual([outcome.status, outcome.gasUsed], ['success', price])
    assert.equal(run(container, Uint8Array.of(1), price - 1n).outcome.status, 'outOfGas')
  })

  test('every bad access of a contract of PVM is a fault that says where', () => {
    const cases: readonly [string, bigint, string][] = [
      ['a0 = u8 [8]', 0n, 'read'],
      ['a0 = u64 [0x1fffc]', 0x20000n, 'read'],
      ['u8 [0x10000] = 1', 0x10000n, 'write'],
      ['u8 [sp + 0] = a0', 0xfffe0000n, 'write'],
      ['a0 = u32 [a0 + 4096]', 0x31000n, 'read'],
    ]
    const readOnly = new Uint8Array(0x10000)
    for (const [line, address, access] of cases) {
      const container = pvmContainerOf(`pub @call:\n ${line}\n ret`, [], { readOnly })
      const { exit, status } = run(container, Uint8Array.of(1)).outcome
      assert.deepEqual([status, exit.kind], ['faulted', 'fault'], line)
      if (exit.kind === 'fault') {
        assert.equal(exit.access, access, line)
        const page = exit.address - (exit.address % 4096n)
        assert.equal(page, address, line)
      }
    }
  })

  test('memory of a contract of PVM ends at 16 MiB, stack, data and input included', () => {
    const pages = (count: number) => {
      const input = new Uint8Array(4)
      new DataView(input.buffer).setUint32(0, count, true)
      return run(growing, input, 10_000_000n).outcome
    }
    // 4096 pages, of which 16 are the stack and one the input
    assert.equal(pages(4079).result, 0x21000n)
    assert.equal(pages(4080).result, 0xffff_ffff_ffff_ffffn)
    assert.equal(pages(0).result, 0x21000n)
  })

  test('addresses that a contract of PVM gives its host count as a whole', () => {
    const log = (text: string) =>
      pvmContainerOf(`pub @call:\n ${text}\n a1 = 1\n ecalli 0\n a0 = 0\n ret`, ['az_log'])
    assert.equal(run(log('a0 = a0'), Uint8Array.of(1)).outcome.status, 'success')
    for (const bad of ['a0 = i64 0x100020000', 'a0 = 0', 'a0 = sp', 'a0 = -1'])
      assert.equal(run(log(bad), Uint8Array.of(1)).outcome.status, 'trapped', bad)
  })
})
