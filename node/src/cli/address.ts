import { InvalidArgumentError } from 'commander'

const length = 32
const nameForm = /^[a-z][a-z0-9._-]{0,30}$/

/**
 * An address as people type it: `0x` and 64 hex digits, or a short name, whose letters followed by
 * zeros are the address. Names are for trying things out: nobody proves who the sender is.
 * @example addressOption('alice')[0] // 0x61
 */
export function addressOption(text: string): Uint8Array {
  if (/^0x[0-9a-f]{64}$/i.test(text)) return new Uint8Array(Buffer.from(text.slice(2), 'hex'))
  if (!nameForm.test(text))
    throw new InvalidArgumentError(
      'An address is 0x and 64 hex digits, or a name such as alice: a-z first, at most 31 characters.',
    )
  const address = new Uint8Array(length)
  address.set(Buffer.from(text, 'latin1'))
  return address
}

/** The name that stands for an address, else its hex. The inverse of `addressOption`. */
export function addressText(address: Uint8Array): string {
  const buffer = Buffer.from(address)
  const end = address.indexOf(0)
  const name = buffer.toString('latin1', 0, Math.max(0, end))
  if (nameForm.test(name) && address.subarray(end).every((octet) => octet === 0)) return name
  return `0x${buffer.toString('hex')}`
}

/** An address short enough for a table. */
export function shortAddress(address: Uint8Array): string {
  const text = addressText(address)
  return text.startsWith('0x') ? `${text.slice(0, 8)}…${text.slice(-6)}` : text
}
