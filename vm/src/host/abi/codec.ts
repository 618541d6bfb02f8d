import { ByteWriter, cursorOf } from '../../bits/bytes.ts'
import { DecodeError } from '../../bits/errors.ts'
import { expectEnd } from '../../bits/record.ts'
import type { AbiMessage, Metadata } from './metadata.ts'
import { type AbiValue, decodeValue, encodeValue, ValueError } from './scale.ts'

/**
 * The constructor or message called `name`; without a name, the only one.
 * @throws {ValueError} `noMessage`
 * @example messageNamed(metadata.messages, 'transfer').args.length // 2
 */
export function messageNamed(messages: readonly AbiMessage[], name?: string): AbiMessage {
  const found =
    name === undefined && messages.length === 1
      ? messages[0]
      : messages.find((message) => message.name === name)
  if (found === undefined) {
    const names = messages.map((message) => message.name).join(', ')
    throw new ValueError('noMessage', `no message ${name ?? ''}; there are ${names || 'none'}`)
  }
  return found
}

/**
 * The input of a message: its selector and its arguments, by name or in order.
 * @throws {ValueError} `badValue`, `argumentCount`
 * @example encodeCall(metadata, messageNamed(metadata.messages, 'transfer'), [to, 5n]).length // 44
 */
export function encodeCall(
  metadata: Metadata,
  message: AbiMessage,
  args: readonly AbiValue[] | Readonly<Record<string, AbiValue>>,
): Uint8Array {
  const values = Array.isArray(args)
    ? (args as readonly AbiValue[])
    : message.args.map(({ name }) => {
        const value = (args as Readonly<Record<string, AbiValue>>)[name]
        if (value === undefined)
          throw new ValueError('argumentCount', `${message.name} needs ${name}`)
        return value
      })
  if (values.length !== message.args.length)
    throw new ValueError(
      'argumentCount',
      `${message.name} takes ${message.args.length} arguments, not ${values.length}`,
    )
  const writer = new ByteWriter().bytes(message.selector)
  message.args.forEach(({ name, type }, index) => {
    writer.bytes(encodeValue(type, values[index]!, metadata.types, name))
  })
  return writer.finish()
}

/**
 * What a message answered, from its return (or revert) data. A message of type `()` answers nothing.
 * @throws {DecodeError}
 * @example decodeAnswer(metadata, message, Uint8Array.of(5, 0, 0, 0, 0, 0, 0, 0)) // 5n
 */
export function decodeAnswer(metadata: Metadata, message: AbiMessage, data: Uint8Array): AbiValue {
  const cursor = cursorOf(data)
  const value = decodeValue(message.returns, cursor, metadata.types)
  expectEnd(cursor)
  return value
}

export interface DecodedEvent {
  readonly name: string
  readonly fields: Readonly<Record<string, AbiValue>>
}

/**
 * An event by its first topic, or undefined if the contract has none such. A topic field that did not
 * fit 32 bytes is its hash, as bytes.
 * @throws {DecodeError}
 * @example decodeEvent(metadata, receipt.events[0])?.name // 'Transfer'
 */
export function decodeEvent(
  metadata: Metadata,
  record: { readonly topics: readonly Uint8Array[]; readonly data: Uint8Array },
): DecodedEvent | undefined {
  const [first, ...topics] = record.topics
  const event = metadata.events.find(
    ({ topic }) => first !== undefined && topic.every((byte, i) => byte === first[i]),
  )
  if (event === undefined) return undefined
  const data = cursorOf(record.data)
  const fields = event.fields.map(({ name, topic, type }): [string, AbiValue] => {
    if (!topic) return [name, decodeValue(type, data, metadata.types)]
    const bytes = topics.shift()
    if (bytes === undefined) throw new DecodeError('truncated', `no topic for ${name}`)
    try {
      const cursor = cursorOf(bytes)
      const value = decodeValue(type, cursor, metadata.types)
      // zeros behind the value, or it was hashed
      return [name, bytes.subarray(cursor.at).every((byte) => byte === 0) ? value : bytes]
    } catch (error) {
      if (error instanceof DecodeError) return [name, bytes]
      throw error
    }
  })
  expectEnd(data)
  return { name: event.name, fields: Object.fromEntries(fields) }
}
