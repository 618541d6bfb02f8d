/** Messages between contracts: what arrives, what is undone, who may call whom, and who pays. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Chain } from '#node/chain/chain'
import { engineNamed, engineNames } from '#vm/engine/engines'
import { linkBpf } from '#vm/link/bpf'
import { referenceEngine } from '#vm/reference/engine'
import { balanceOf, ownerOf, slotOf } from '#vm/state/accounts'
import { createHasher } from '#vm/state/hasher'
import { MemoryStore } from '#vm/state/memory-store'
import type { Engine } from '#vm/vm/machine'
import { guest } from '../link/guests.ts'
import { deploying, octets, Reader, sending } from './relay.ts'

const hasher = await createHasher()
const { container } = linkBpf([{ name: 'relay.o', bytes: guest('relay-v4').bytes }])
const codeHash = hasher.blake2b(container)
const alice = new Uint8Array(32).fill(0xa1)
const bob = new Uint8Array(32).fill(0xb0)
const gasLimit = 100_000_000n
const nothing = new Uint8Array(0)
const time = 1_234_567

interface Place {
  readonly chain: Chain
  /** Two contracts with the same code. */
  readonly first: Uint8Array
  readonly second: Uint8Array
  /** Sends steps to a contract, `first` unless it is said. */
  send(steps: Uint8Array, to?: Uint8Array, gas?: bigint): ReturnType<Chain['call']>
}

async function begin(engine: Engine): Promise<Place> {
  const chain = await Chain.open({ store: new MemoryStore(), engine, clock: () => time })
  await chain.genesis([[alice, 1_000_000n]])
  const deploy = async (): Promise<Uint8Array> => {
    const sent = { sender: alice, container, input: nothing, value: 1000n, gasLimit }
    return (await chain.deploy(sent)).receipt.contract!
  }
  const [first, second] = [await deploy(), await deploy()]
  return {
    ...{ chain, first, second },
    send: (input, to = first, gas = gasLimit) =>
      chain.call({ sender: alice, to, input, value: 0n, gasLimit: gas }),
  }
}

const set = (key: number, value: number): Uint8Array => octets(1, key, value)
const revert = octets(3)

for (const name of engineNames) {
  const engine = engineNamed(name)
  const place = (): Promise<Place> => begin(engine)

  test(`${name}: a call arrives with its sender, its value and its input, and answers`, async () => {
    const { chain, first, second, send } = await place()
    const inner = octets(6, set(5, 6))
    const { receipt } = await send(octets(sending(second, inner, { value: 7n }), octets(13, 5)))
    assert.equal(receipt.status, 'success')
    const reader = new Reader(receipt.returnData)
    const { answer, status } = reader.sent()
    assert.equal(status, 0)
    assert.deepEqual(answer, first)
    // the slot is the other contract's
    assert.equal(reader.u8(), 0)
    assert.deepEqual(slotOf(chain.state, second, octets(5)), octets(6))
    assert.equal(balanceOf(chain.state, first), 993n)
    assert.equal(balanceOf(chain.state, second), 1007n)
  })

  test(`${name}: what fails is undone, and only that`, async () => {
    const { chain, first, second, send } = await place()
    const fails = [revert, octets(4), octets(255)]
    for (const [index, end] of fails.entries()) {
      const inner = octets(set(1, 1), octets(11, 9), sending(first, nothing), end)
      const steps = octets(
        set(index, 1),
        octets(11, 1),
        sending(second, inner, { value: 5n }),
        octets(11, 2),
      )
      const { receipt } = await send(steps)
      assert.equal(receipt.status, 'success')
      // a null pointer faults; what is no step reverts
      assert.equal(new Reader(receipt.returnData).sent().status, index === 1 ? 2 : 1)
      assert.deepEqual(
        receipt.events.map((event) => event.data[0]),
        [1, 2],
      )
      assert.deepEqual(slotOf(chain.state, first, octets(index)), octets(1))
    }
    assert.equal(slotOf(chain.state, second, octets(1)), undefined)
    assert.equal(balanceOf(chain.state, second), 1000n)
  })

  test(`${name}: a failure of the first message undoes what others did in it`, async () => {
    const { chain, second, send } = await place()
    const { diff, receipt } = await send(octets(sending(second, set(1, 1)), revert))
    assert.equal(receipt.status, 'reverted')
    assert.equal(new Reader(receipt.returnData).sent().status, 0)
    assert.equal(slotOf(chain.state, second, octets(1)), undefined)
    assert.equal(diff.changes.length, 1)
  })

  test(`${name}: nobody is called again who did not allow it`, async () => {
    const { first, second, send } = await place()
    const back = (flags: number): Uint8Array =>
      octets(sending(second, sending(first, octets(6)), { flags }))
    const refused = new Reader((await send(back(0))).receipt.returnData).sent()
    assert.equal(refused.status, 0)
    assert.equal(new Reader(refused.answer).sent().status, 3)
    const allowed = new Reader((await send(back(1))).receipt.returnData).sent()
    const inner = new Reader(allowed.answer).sent()
    assert.equal(inner.status, 0)
    assert.deepEqual(inner.answer, second)
    // itself, too
    const self = await send(sending(first, nothing))
    assert.equal(new Reader(self.receipt.returnData).sent().status, 3)
  })

  test(`${name}: sixteen messages may be open`, async () => {
    const { receipt } = await (await place()).send(octets(12), undefined, 1_000_000_000n)
    assert.equal(receipt.status, 'success')
    assert.equal(new Reader(receipt.returnData).u64(), 16n)
  })

  test(`${name}: gas that is given is all that is used, and a 64th stays`, async () => {
    const { second, send } = await place()
    const bounded = await send(octets(sending(second, octets(5), { gas: 100_000n }), octets(13, 1)))
    assert.equal(bounded.receipt.status, 'success')
    assert.equal(new Reader(bounded.receipt.returnData).sent().status, 2)
    assert.ok(bounded.receipt.gasUsed > 100_000n && bounded.receipt.gasUsed < 300_000n)
    const all = await send(
      octets(sending(second, octets(5)), octets(13, 1)),
      undefined,
      10_000_000n,
    )
    assert.equal(all.receipt.status, 'success')
    assert.equal(new Reader(all.receipt.returnData).sent().status, 2)
    assert.ok(all.receipt.gasUsed < 10_000_000n)
  })

  test(`${name}: what cannot be called is refused`, async () => {
    const { chain, send } = await place()
    const steps = [
      sending(bob, nothing),
      sending(bob, nothing, { value: 5000n }),
      sending(bob, octets(1), { value: 5n }),
      sending(bob, nothing, { value: 5n }),
    ]
    const reader = new Reader((await send(octets(...steps))).receipt.returnData)
    assert.deepEqual(
      [1, 2, 3, 4].map(() => reader.sent().status),
      [3, 3, 3, 0],
    )
    assert.equal(balanceOf(chain.state, bob), 5n)
    const { receipt } = await send(sending(bob, nothing, { flags: 2 }))
    assert.deepEqual([receipt.status, receipt.exit?.kind], ['trapped', 'trap'])
  })

  test(`${name}: a contract deploys stored code, once at an address, and owns it`, async () => {
    const { chain, first, send } = await place()
    const salt = new Uint8Array(32).fill(5)
    const once = deploying(codeHash, salt, set(3, 4), { value: 9n })
    const again = await send(octets(once, once, deploying(salt, salt, nothing)))
    const reader = new Reader(again.receipt.returnData)
    const made = reader.made()
    assert.equal(made.status, 0)
    assert.deepEqual(made.address, hasher.blake2b(octets(first, codeHash, salt)))
    assert.equal(reader.made().status, 3)
    assert.equal(reader.made().status, 3)
    assert.deepEqual(ownerOf(chain.state, made.address), first)
    assert.deepEqual(slotOf(chain.state, made.address, octets(3)), octets(4))
    assert.equal(balanceOf(chain.state, made.address), 9n)
    const called = await send(octets(6), made.address)
    assert.deepEqual(called.receipt.returnData, alice)
    const other = new Uint8Array(32).fill(6)
    const failed = await send(deploying(codeHash, other, revert, { value: 9n }))
    assert.equal(new Reader(failed.receipt.returnData).made().status, 1)
    assert.equal(failed.diff.changes.length, 1)
  })

  test(`${name}: a contract knows its block, and logs`, async () => {
    const { chain, send } = await place()
    const { logs, receipt } = await send(octets(7, octets(10, 0x41)))
    const reader = new Reader(receipt.returnData)
    assert.deepEqual([reader.u64(), reader.u64()], [BigInt(chain.height!), BigInt(time)])
    assert.deepEqual(
      logs.map(({ text }) => text[0]),
      [0x41],
    )
  })

  test(`${name}: the owner replaces code, and nobody else; state stays`, async () => {
    const { chain, first, send } = await place()
    await send(set(1, 2))
    const old = await chain.call({
      sender: alice,
      to: first,
      input: octets(13, 1),
      value: 0n,
      gasLimit,
    })
    assert.deepEqual(old.receipt.returnData, octets(2))
    const other = linkBpf([{ name: 'token.o', bytes: guest('token-v4').bytes }]).container
    const sent = { to: first, container: other, input: nothing, value: 0n, gasLimit }
    await assert.rejects(chain.upgrade({ ...sent, sender: bob }), { code: 'notOwner' })
    await assert.rejects(chain.upgrade({ ...sent, sender: alice, container }), { code: 'sameCode' })
    const { receipt } = await chain.upgrade({ ...sent, sender: alice })
    assert.equal(receipt.status, 'success')
    assert.deepEqual(slotOf(chain.state, first, octets(1)), octets(2))
    const name = await chain.call({ sender: bob, to: first, input: octets(6), value: 0n, gasLimit })
    assert.equal(Buffer.from(name.receipt.returnData).toString(), 'Alcatraz sample token')
  })

  test(`${name}: an owner who gives a contract away cannot replace its code`, async () => {
    const { chain, first, send } = await place()
    await send(octets(9, bob))
    assert.deepEqual(ownerOf(chain.state, first), bob)
    const other = linkBpf([{ name: 'token.o', bytes: guest('token-v4').bytes }]).container
    const sent = { to: first, container: other, input: nothing, value: 0n, gasLimit }
    await assert.rejects(chain.upgrade({ ...sent, sender: alice }), { code: 'notOwner' })
    await send(octets(9, new Uint8Array(32)))
    assert.equal(ownerOf(chain.state, first), undefined)
    await assert.rejects(chain.upgrade({ ...sent, sender: bob }), { code: 'notOwner' })
    assert.equal((await chain.verify(referenceEngine)).ok, true)
  })
}
