import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { InputError } from '#vm/bits/errors'
import { linkBpf } from '#vm/link/bpf'

const object = new URL('../../../../guests/objects/token-v4.o', import.meta.url)

/** The message for the object with one octet changed. */
function messageFor(at: number, octet: number): string {
  const bytes = new Uint8Array(readFileSync(object))
  bytes[at] = octet
  try {
    linkBpf([{ name: 'a.o', bytes }])
  } catch (error) {
    assert.ok(error instanceof InputError)
    return error.message
  }
  throw new Error('it links')
}

test('a message that passes through the linker names one place only', () => {
  // the section's first code is at 0x40; the header says where section headers are at 0x28
  for (const message of [messageFor(100, 77), messageFor(4, 1), messageFor(0x2f, 0xff)])
    assert.equal(message.split('(at offset').length, 2, message)
})
