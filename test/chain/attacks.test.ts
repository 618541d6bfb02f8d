/** Attacks of contracts on contracts, on whoever pays for them, and on the host. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { engineNamed, engineNames } from '#vm/engine/engines'
import { linkBpf } from '#vm/link/bpf'
import { balanceOf } from '#vm/state/accounts'
import { guest } from '../link/guests.ts'
import { abyss, attacker, besieged, messenger, nothing } from './attacks.ts'
import { containerOf } from './contracts.ts'
import { books, careless, diceOf, escrow, escrowInput, relay } from './days.ts'
import { little, octets, Reader, sending } from './relay.ts'

const robber = linkBpf([{ name: 'robber.o', bytes: guest('robber-v4').bytes }]).container

for (const name of engineNames) {
  const engine = engineNamed(name)

  for (const [what, container, stolen] of [
    ["an escrow that writes first keeps what is not the robber's", escrow, 0n],
    ['one that pays first is robbed', careless, 400n],
  ] as const)
    test(`${name}: ${what}`, async () => {
      const { chain, contracts, send } = await besieged(engine, [container, robber])
      const [bank, thief] = contracts as [Uint8Array, Uint8Array]
      // the escrow has 1000 of others, the robber 1000 of its own
      const { receipt } = await send(thief, octets(bank, little(100n, 8), little(4n, 8)))
      assert.equal(receipt.status, 'success')
      assert.equal(balanceOf(chain.state, thief), 1000n + stolen)
      const { held, owed } = books(chain.state, bank)
      assert.equal(held, 1000n - stolen)
      assert.equal(owed, 0n)
    })

  test(`${name}: empty logs do not fill the memory of the host`, async () => {
    const flood = containerOf(
      'call:\n mov r1, r10\n mov r2, 0\n call 0\n ja call',
      ['call'],
      ['az_log'],
    )
    const { contracts, send } = await besieged(engine, [flood])
    const { logs, receipt } = await send(contracts[0]!, nothing, 1_000_000n)
    assert.equal(receipt.status, 'outOfGas')
    assert.equal(logs.length, 1024)
  })

  test(`${name}: code that is not among the last 32 that ran is paid for again`, async () => {
    const codes = Array.from({ length: 40 }, (_, at) =>
      containerOf(`call:\n mov r3, ${at}\n mov r0, 0\n exit`, ['call']),
    )
    const { contracts, send } = await besieged(engine, [relay, ...codes])
    const [first, ...others] = contracts as [Uint8Array, ...Uint8Array[]]
    const gasOf = async (called: readonly Uint8Array[]): Promise<bigint> => {
      const input = octets(...called.map((to) => sending(to, nothing)))
      const { receipt } = await send(first, input)
      assert.equal(receipt.status, 'success')
      // carrying the input costs 16 for each started 8 bytes, returning the answer 2
      const words = (bytes: Uint8Array): bigint => BigInt(Math.ceil(bytes.length / 8))
      return receipt.gasUsed - 16n * words(input) - 2n * words(receipt.returnData)
    }
    const again = async (count: number): Promise<bigint> => {
      const called = others.slice(0, count)
      return (await gasOf([...called, called[0]!])) - (await gasOf(called))
    }
    const warm = await again(2)
    assert.equal(await again(32), warm)
    // three instructions of 8 bytes, 4 gas each
    assert.equal(await again(33), warm + 96n)
    assert.equal(await again(40), warm + 96n)
  })

  test(`${name}: who is answered with more than it reads pays for what it reads`, async () => {
    const large = containerOf(
      'call:\n mov r1, 16\n call 1\n mov r1, r0\n mov r2, 65536\n call 0',
      ['call'],
      ['az_return', 'az_grow'],
    )
    const asks = (copied: number): Uint8Array =>
      containerOf(
        `
call:
  stxdw [r10-48], r1
  mov r1, 0
  stxdw [r10-40], r1
  stxdw [r10-32], r1
  stxdw [r10-24], r1
  stxdw [r10-16], r1
  stxdw [r10-8], r1
  mov r1, r10
  sub r1, 48
  call 0
  mov r1, r10
  sub r1, 48
  mov r2, 0
  mov r3, ${copied}
  call 1
  sub r0, 65536
  exit`,
        ['call'],
        ['az_call', 'az_returned'],
      )
    const { contracts, send } = await besieged(engine, [large, asks(0), asks(40)])
    const [from, none, some] = contracts as [Uint8Array, Uint8Array, Uint8Array]
    const one = (await send(none, from)).receipt
    const two = (await send(some, from)).receipt
    assert.deepEqual([one.status, two.status], ['success', 'success'])
    assert.equal(two.gasUsed - one.gasUsed, 10n)
  })

  test(`${name}: 16 messages, each at the end of 1000 calls, do not reach the host's stack`, async () => {
    const { chain, contracts, send } = await besieged(engine, [abyss(1000)])
    const to = contracts[0]!
    const { instructions, receipt } = await send(to, to)
    assert.equal(receipt.status, 'success')
    const reference = await besieged(engineNamed('reference'), [abyss(1000)])
    const same = await reference.send(to, to)
    assert.equal(instructions, same.instructions)
    assert.ok(instructions > 16n * 3000n)
    assert.deepEqual(receipt, same.receipt)
    assert.deepEqual(chain.root, reference.chain.root)
  })
}

test('who deletes pays for being led past it, in the block and not after it', async () => {
  const { chain, contracts, send } = await besieged(engineNamed('interp'), [relay])
  const to = contracts[0]!
  const sets = [1, 2, 3, 9].map((key) => octets(1, key, 7))
  const deletes = [1, 2, 3].map((key) => octets(16, key))
  const next = octets(15, 0, 0)
  await send(to, octets(...sets))
  const call = (input: Uint8Array) => ({
    sender: attacker,
    to,
    input,
    value: 0n,
    gasLimit: 9_000_000n,
  })
  const { executed } = await chain.block([call(next), call(octets(...deletes)), call(next)])
  const [before, , after] = executed.map(({ receipt }) => receipt)
  assert.deepEqual(before!.returnData, octets(1, 1))
  assert.deepEqual(after!.returnData, octets(1, 9))
  assert.equal(after!.gasUsed - before!.gasUsed, 3000n)
  const { receipt } = await send(to, next)
  assert.equal(receipt.gasUsed, before!.gasUsed)
  assert.deepEqual((await send(to, octets(15, 1, 9))).receipt.returnData, octets(255, 0))
  assert.deepEqual((await chain.verify(engineNamed('reference'))).problems, [])
})

test('16 messages at the end of calls do not reach the end of a small stack of a worker', async () => {
  for (const stackSizeMb of [1, 2, 4]) {
    const worker = new Worker(new URL('./abyss-worker.js', import.meta.url), {
      resourceLimits: { stackSizeMb },
    })
    const [ends] = await once(worker, 'message')
    assert.equal(new Set(ends).size, 1, `${stackSizeMb} MB: ${ends}`)
    assert.match(ends[0], /^success/)
    await worker.terminate()
  }
})

const edge = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  fc.constantFrom(
    0n,
    1n,
    0xffffn,
    0x10000n,
    0x10018n,
    0xffff_ffffn,
    1n << 32n,
    1n << 63n,
    (1n << 64n) - 1n,
  ),
  fc.bigInt({ min: 0n, max: 0x20000n }),
)

for (const call of ['az_next', 'az_call', 'az_deploy', 'az_returned', 'az_log', 'az_set_owner'])
  test(`${call} with any block ends the same on every engine`, async () => {
    const places = await Promise.all(
      engineNames.map((name) => besieged(engineNamed(name), [messenger(call)])),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(edge, { minLength: 2, maxLength: 9 }), async (words) => {
        const input = octets(...words.map((word) => little(word, 8)))
        const [first, ...others] = await Promise.all(
          places.map(({ contracts, send }) => send(contracts[0]!, input, 1_000_000n)),
        )
        for (const other of others) {
          assert.deepEqual(other.receipt, first!.receipt)
          assert.deepEqual(other.diff, first!.diff)
        }
      }),
      { numRuns: 60 },
    )
  })

test('the robber takes as much as it is let', async () => {
  const dice = diceOf(7)
  for (let round = 0; round < 10; round++) {
    const { chain, contracts, send } = await besieged(engineNamed('interp'), [careless, robber])
    const [bank, thief] = contracts as [Uint8Array, Uint8Array]
    const times = BigInt(dice(6))
    await send(thief, octets(bank, little(50n, 8), little(times, 8)))
    assert.equal(balanceOf(chain.state, thief), 1000n + 50n * times)
    assert.equal(balanceOf(chain.state, thief) + balanceOf(chain.state, bank), 2000n)
    const denied = await send(bank, escrowInput.withdraw(1n))
    assert.equal(denied.receipt.status, 'reverted')
    assert.equal(new Reader(denied.receipt.returnData).u8(), 2)
  }
})
