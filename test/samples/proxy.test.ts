import assert from 'node:assert/strict'
import { Contract } from '#node/chain/contract'
import { linkBpf } from '#vm/link/bpf'
import { Reader, sending } from '../chain/relay.ts'
import { guest } from '../link/guests.ts'
import { alice, bob, carol, onEveryEngine, sample } from './samples.ts'

const tokenFiles = sample('token-rust')

// one description for both: they take and answer the same
for (const [language, object] of [
  ['Rust', 'proxy-rust'],
  ['C', 'proxy-v4'],
] as const) {
  const files = sample(object, 'objects/proxy-rust.json')

  onEveryEngine(`${language}: a proxy forwards to what its owner says`, async ({ chain }) => {
    const sender = { sender: alice }
    const [one, two] = [
      await Contract.deploy(chain, tokenFiles, 'new', [100n], sender),
      await Contract.deploy(chain, tokenFiles, 'new', [200n], sender),
    ]
    const proxy = await Contract.deploy(chain, files, 'new', [one.address], sender)
    // the same address, called as a token
    const token = new Contract(chain, proxy.address, one.metadata, sender)
    assert.equal(await token.read('total_supply'), 100n)
    assert.equal(await token.read('balance_of', [alice]), 100n)
    // the implementation's caller is the proxy, which has none
    const refused = await token.call('transfer', [bob, 1n])
    assert.deepEqual([refused.receipt.status, refused.answer], ['reverted', { err: 'TooLittle' }])
    await one.call('transfer', [proxy.address, 9n])
    assert.deepEqual((await token.call('transfer', [bob, 1n])).answer, { ok: null })
    assert.equal(await one.read('balance_of', [bob]), 1n)

    const stolen = await proxy.call('proxy_change', [two.address], { sender: bob })
    assert.deepEqual(stolen.answer, { err: 'NotOwner' })
    const { answer, events } = await proxy.call('proxy_change', [two.address])
    assert.deepEqual(answer, { ok: null })
    assert.deepEqual(events, [{ name: 'Changed', fields: { to: two.address } }])
    assert.deepEqual(await proxy.read('proxy_implementation'), two.address)
    assert.equal(await token.read('total_supply'), 200n)
  })

  onEveryEngine(`${language}: an implementation cannot call its proxy back`, async ({ chain }) => {
    const { container } = linkBpf([guest('relay-v4')])
    const none = { input: new Uint8Array(0), gasLimit: 100_000_000n, value: 0n }
    const relay = (await chain.deploy({ ...none, sender: bob, container })).receipt.contract!
    const proxy = await Contract.deploy(chain, files, 'new', [relay], { sender: alice })
    const change = proxy.input('proxy_change', [carol])
    const input = sending(proxy.address, change)
    const { receipt } = await chain.call({ ...none, sender: alice, to: proxy.address, input })
    assert.equal(receipt.status, 'success')
    // 3: it was not called
    assert.equal(new Reader(receipt.returnData).sent().status, 3)
    assert.deepEqual(await proxy.read('proxy_implementation'), relay)
  })

  onEveryEngine(`${language}: a proxy of nothing reverts`, async ({ chain }) => {
    const proxy = await Contract.deploy(chain, files, 'new', [carol], { sender: alice })
    const token = new Contract(chain, proxy.address, tokenFiles.metadata, { sender: alice })
    const { receipt } = await token.call('total_supply')
    // what it reverts with is a range of no bytes, at an address that no memory has
    assert.deepEqual([receipt.status, receipt.returnData.length], ['reverted', 0])
  })
}
