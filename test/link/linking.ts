import assert from 'node:assert/strict'
import { InputError } from '#vm/bits/errors'
import { decodeContainer } from '#vm/image/container'
import { type LinkOptions, linkBpf } from '#vm/link/bpf'
import { alloc, buildElf, exec, slots, type TestSection, type TestSymbol } from './elf-writer.ts'

export const exit = '9500000000000000'
export const zeroSlot = '0000000000000000'
export const externCall = '85100000ffffffff'
export const lddw = `1801000000000000${zeroSlot}`
export const func = (name: string, section = '.text', value = 0n, size = 0n): TestSymbol => ({
  name,
  section,
  value,
  size,
  type: 2,
})
export const text = (hex: string, more: Partial<TestSection> = {}): TestSection => ({
  name: '.text',
  flags: alloc | exec,
  bytes: slots(hex),
  ...more,
})

/** Links one object, by default with everything in it, reached or not. */
export function linked(
  sections: readonly TestSection[],
  symbols: readonly TestSymbol[],
  options: LinkOptions = {},
) {
  const { container, report } = linkBpf([{ name: 'a.o', bytes: buildElf(sections, symbols) }], {
    keepAll: true,
    ...options,
  })
  return { program: decodeContainer(container), report, container }
}

/** @param message part of the message, which must name where the fault is */
export function refused(
  sections: readonly TestSection[],
  symbols: readonly TestSymbol[],
  code: string,
  message: string | RegExp = '',
  options?: LinkOptions,
): void {
  assert.throws(
    () => linked(sections, symbols, options),
    (error) => {
      assert.ok(error instanceof InputError, String(error))
      assert.equal(error.code, code, error.message)
      if (typeof message === 'string') assert.ok(error.message.includes(message), error.message)
      else assert.match(error.message, message)
      return true
    },
  )
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
export const wordAt = (bytes: Uint8Array, at: number): bigint =>
  new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(at, true)
