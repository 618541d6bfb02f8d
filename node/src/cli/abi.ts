import {
  type AbiMessage,
  type AbiType,
  type AbiValue,
  decodeAnswer,
  decodeEvent,
  encodeCall,
  type Metadata,
  messageNamed,
  parseMetadata,
  type Receipt,
} from 'alcatraz-vm/alcatraz'
import { addressOption, addressText } from './address.ts'
import { readInput } from './files.ts'
import { about, CliError } from './ui/errors.ts'
import { printable } from './ui/format.ts'

/** A message as it was asked for on the command line. */
export interface Asked {
  readonly metadata: Metadata
  readonly message: AbiMessage
  readonly input: Uint8Array
}

/** Text of the command line as a value of `type`: as it is, or JSON for what has parts. */
function parsed(type: AbiType, text: string, where: string): AbiValue {
  switch (type.kind) {
    case 'string':
      return text
    case 'address':
      try {
        return addressOption(text)
      } catch (error) {
        throw new CliError((error as Error).message, { where })
      }
    case 'uint':
    case 'int':
      return text
    case 'bool':
      if (text === 'true' || text === 'false') return text === 'true'
      break
    case 'named':
      if (/^[A-Za-z_]\w*$/.test(text)) return text
      break
    case 'option':
      return text === 'null' || text === 'none' ? null : parsed(type.of, text, where)
    default:
      if (/^0x(?:[0-9a-f]{2})*$/i.test(text)) return text
  }
  try {
    return JSON.parse(text) as AbiValue
  } catch {
    throw new CliError(`${text} is no value of this type`, {
      where,
      next: 'lists, tuples and structs are JSON, such as [1,2] or {"price":5}; bytes are 0x hex',
    })
  }
}

/** `name=value` for each argument, or the values in order. */
function argumentsOf(message: AbiMessage, texts: readonly string[]): AbiValue[] {
  const { args } = message
  const usage =
    `${message.name} ${args.map(({ name, text }) => `${name}=${text}`).join(' ')}`.trim()
  const named = new Map<string, string>()
  for (const text of texts) {
    const at = text.indexOf('=')
    const name = text.slice(0, Math.max(0, at))
    if (args.some((arg) => arg.name === name)) named.set(name, text.slice(at + 1))
  }
  if (named.size !== texts.length && named.size > 0)
    throw new CliError('either all arguments have their names, or none', { where: usage })
  if (texts.length !== args.length)
    throw new CliError(`${texts.length} arguments instead of ${args.length}`, { where: usage })
  return args.map(({ name, type }, index) =>
    parsed(type, named.size > 0 ? (named.get(name) ?? '') : texts[index]!, name),
  )
}

/**
 * Encodes what the command line asks of a contract.
 * @param texts the message's name, which may be left out where there is only one, and its arguments
 * @throws {CliError}
 */
export function ask(
  file: string,
  kind: 'constructors' | 'messages',
  texts: readonly string[],
): Asked {
  const metadata = about(file, 'alcatraz build writes it beside the contract', () =>
    parseMetadata(Buffer.from(readInput(file)).toString('utf8')),
  )
  const all = metadata[kind]
  const only = all.length === 1 && texts[0] !== all[0]!.name
  if (!only && all.length > 1 && texts.length === 0)
    throw new CliError('which of the messages?', {
      where: file,
      code: 'noMessage',
      next: all.map(({ name }) => printable(name)).join(' or '),
    })
  return about(file, undefined, () => {
    const message = messageNamed(all, only ? undefined : (texts[0] ?? ''))
    const values = argumentsOf(message, only ? texts : texts.slice(1))
    return { metadata, message, input: encodeCall(metadata, message, values) }
  })
}

/** A value as JSON has it: numbers as decimal text where they may be large, bytes as hex. */
export function plain(value: AbiValue): unknown {
  if (typeof value === 'bigint')
    return value >= -(2n ** 53n) && value <= 2n ** 53n ? Number(value) : value.toString()
  if (value instanceof Uint8Array)
    return value.length === 32 ? addressText(value) : `0x${Buffer.from(value).toString('hex')}`
  if (Array.isArray(value)) return value.map((item: AbiValue) => plain(item))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item)]))
  return value
}

/** What a receipt says in the contract's own words; undefined where its bytes are no such value. */
export interface Said {
  readonly answer: unknown
  readonly events: readonly ({ readonly name: string; readonly fields: unknown } | undefined)[]
}

export function said({ message, metadata }: Omit<Asked, 'input'>, receipt: Receipt): Said {
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work()
    } catch {
      // a contract may answer anything: its bytes are shown as they are
      return undefined
    }
  }
  const { returnData } = receipt
  const answered = returnData.length > 0 || message.returnsText === '()'
  return {
    answer: answered
      ? attempt(() =>
          returnData.length === 0 ? null : plain(decodeAnswer(metadata, message, returnData)),
        )
      : undefined,
    events: receipt.events.map((event) =>
      attempt(() => {
        const found = decodeEvent(metadata, event)
        return found && { name: found.name, fields: plain(found.fields) }
      }),
    ),
  }
}
