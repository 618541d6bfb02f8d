import { ByteWriter } from '../bits/bytes.ts'
import { type ResolvedMessage, Role } from './resolve.ts'

function writeU16(writer: ByteWriter, value: number): void {
  writer.u8(value & 0xff)
  writer.u8((value >> 8) & 0xff)
}

/**
 * The data of the sysvar Instructions: count, offsets, instructions with all they name, and two bytes for the
 * number of the one that runs. Undefined where an offset does not fit 16 bits.
 */
export function instructionsData({
  message,
  keys,
  roles,
}: ResolvedMessage): Uint8Array | undefined {
  const { instructions } = message
  const head = new ByteWriter()
  const body = new ByteWriter()
  const start = 2 + 2 * instructions.length
  writeU16(head, instructions.length)
  for (const { programIdIndex, accounts, data } of instructions) {
    const offset = start + body.length
    if (offset > 0xffff) return undefined
    writeU16(head, offset)
    writeU16(body, accounts.length)
    for (const place of accounts) {
      const role = roles[place]!
      body.u8(((role & Role.signer) !== 0 ? 1 : 0) | ((role & Role.writable) !== 0 ? 2 : 0))
      body.bytes(keys[place]!.bytes)
    }
    body.bytes(keys[programIdIndex]!.bytes)
    writeU16(body, data.length)
    body.bytes(data)
  }
  writeU16(body, 0)
  return head.bytes(body.finish()).finish()
}
