/** A Node `Buffer` is a `Uint8Array` whose `slice` shares memory: nothing may keep or change one. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { decodeTransaction, encodeTransaction } from '#vm/host/alcatraz/transaction'
import { decodeContainer } from '#vm/image/container'
import { disassembleBpf } from '#vm/isa/bpf/disasm'
import { linkBpf } from '#vm/link/bpf'

const object = readFileSync(new URL('../../../../guests/objects/data-v4.o', import.meta.url))

test('disassembling a Buffer leaves it as it is, octets that are no instruction included', () => {
  const code = Buffer.from('ff00000000000001' + '9500000000000000', 'hex')
  const before = code.toString('hex')
  assert.match(disassembleBpf(code), /0x01000000000000ff/)
  assert.equal(code.toString('hex'), before)
})

test('a container decoded from a Buffer does not share its memory', () => {
  const bytes = Buffer.from(linkBpf([{ name: 'data-v4.o', bytes: object }]).container)
  const container = decodeContainer(bytes)
  const { code, data, readOnly } = structuredClone(container)
  bytes.fill(0xff)
  assert.deepEqual(container.code, code)
  assert.deepEqual(container.data, data)
  assert.deepEqual(container.readOnly, readOnly)
})

test('a transaction decoded from a Buffer does not share its memory', () => {
  const input = Uint8Array.of(1, 2, 3)
  const to = new Uint8Array(32).fill(9)
  const sender = new Uint8Array(32).fill(8)
  const bytes = Buffer.from(
    encodeTransaction({ kind: 'call', sender, nonce: 0n, value: 0n, gasLimit: 1n, input, to }),
  )
  const decoded = decodeTransaction(bytes)
  bytes.fill(0xff)
  assert.deepEqual(decoded, { kind: 'call', sender, nonce: 0n, value: 0n, gasLimit: 1n, input, to })
})
