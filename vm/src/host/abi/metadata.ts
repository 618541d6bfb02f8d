import { DecodeError } from '../../bits/errors.ts'
import { fromHex } from '../../bits/hex.ts'
import { type AbiType, parseType } from './types.ts'

export interface AbiField {
  /** Empty for a field without a name. */
  readonly name: string
  readonly type: AbiType
  /** The type as it is written. */
  readonly text: string
}

export interface AbiMessage {
  readonly name: string
  /** Four bytes before the arguments. */
  readonly selector: Uint8Array
  readonly args: readonly AbiField[]
  readonly returns: AbiType
  readonly returnsText: string
  readonly payable: boolean
  readonly mutates: boolean
  readonly docs: readonly string[]
}

export interface AbiEvent {
  readonly name: string
  /** First topic, 32 bytes. */
  readonly topic: Uint8Array
  readonly fields: readonly (AbiField & { readonly topic: boolean })[]
}

export type AbiDefinition =
  | { readonly kind: 'struct'; readonly fields: readonly AbiField[] }
  | {
      readonly kind: 'enum'
      readonly variants: readonly { readonly name: string; readonly fields: readonly AbiField[] }[]
    }

/** What a contract says about itself: how to call it and to read what it answers. */
export interface Metadata {
  readonly contract: string
  readonly constructors: readonly AbiMessage[]
  readonly messages: readonly AbiMessage[]
  readonly events: readonly AbiEvent[]
  readonly types: ReadonlyMap<string, AbiDefinition>
}

/** Octets of metadata: far more than a contract that fits a container needs. */
export const maxMetadataLength = 1_048_576
/** A SCALE enum tells its variants apart by one byte. */
const maxVariants = 256

type Json = Readonly<Record<string, unknown>>

function fail(what: string, where: string): never {
  throw new DecodeError('badMetadata', `${what} at ${where}`)
}

function objectAt(value: unknown, where: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail('no object', where)
  return value as Json
}

function listAt<T>(value: unknown, where: string, item: (value: Json, where: string) => T): T[] {
  if (!Array.isArray(value)) fail('no list', where)
  return value.map((entry, index) => {
    const here = `${where}[${index}]`
    return item(objectAt(entry, here), here)
  })
}

function textAt(value: unknown, where: string): string {
  if (typeof value !== 'string') fail('no text', where)
  return value
}

function bytesAt(value: unknown, length: number, where: string): Uint8Array {
  const digits = /^0x([0-9a-f]*)$/i.exec(textAt(value, where))?.[1]
  if (digits?.length !== length * 2) fail(`no ${length} bytes of hex`, where)
  return fromHex(digits)
}

function fieldAt(value: Json, where: string): AbiField {
  const text = textAt(value['type'], `${where}.type`)
  const name = value['name'] === undefined ? '' : textAt(value['name'], `${where}.name`)
  return { name, type: parseType(text), text }
}

function docsAt(value: unknown, where: string): readonly string[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) fail('no list', where)
  return value.map((line, index) => textAt(line, `${where}[${index}]`))
}

function messageAt(value: Json, where: string): AbiMessage {
  const returnsText = value['returns'] === undefined ? '()' : textAt(value['returns'], where)
  return {
    name: textAt(value['name'], `${where}.name`),
    selector: bytesAt(value['selector'], 4, `${where}.selector`),
    args: listAt(value['args'], `${where}.args`, fieldAt),
    returns: parseType(returnsText),
    returnsText,
    payable: value['payable'] === true,
    mutates: value['mutates'] !== false,
    docs: docsAt(value['docs'], `${where}.docs`),
  }
}

function eventAt(value: Json, where: string): AbiEvent {
  return {
    name: textAt(value['name'], `${where}.name`),
    topic: bytesAt(value['topic'], 32, `${where}.topic`),
    fields: listAt(value['fields'], `${where}.fields`, (entry, here) => ({
      ...fieldAt(entry, here),
      topic: entry['topic'] === true,
    })),
  }
}

function definitionAt(value: Json, where: string): AbiDefinition {
  if (value['struct'] !== undefined)
    return { kind: 'struct', fields: listAt(value['struct'], `${where}.struct`, fieldAt) }
  const variants = listAt(value['enum'], `${where}.enum`, (entry, here) => ({
    name: textAt(entry['name'], `${here}.name`),
    fields: listAt(entry['fields'], `${here}.fields`, fieldAt),
  }))
  if (variants.length > maxVariants) fail(`more than ${maxVariants} variants`, where)
  return { kind: 'enum', variants }
}

/** Names that a type mentions and nothing defines. */
function undefinedNames(type: AbiType, types: ReadonlyMap<string, AbiDefinition>): string[] {
  switch (type.kind) {
    case 'named':
      return types.has(type.name) ? [] : [type.name]
    case 'list':
    case 'array':
    case 'option':
      return undefinedNames(type.of, types)
    case 'result':
      return [...undefinedNames(type.ok, types), ...undefinedNames(type.err, types)]
    case 'tuple':
      return type.items.flatMap((item) => undefinedNames(item, types))
    default:
      return []
  }
}

/**
 * Reads metadata as `alcatraz build` writes it beside a contract.
 * @param text JSON, at most `maxMetadataLength` octets
 * @throws {DecodeError} `badMetadata`, `badType`
 * @example parseMetadata('{"alcatraz":1,"contract":"c","constructors":[],"messages":[],"events":[],"types":[]}').contract // 'c'
 */
export function parseMetadata(text: string): Metadata {
  if (text.length > maxMetadataLength) fail(`more than ${maxMetadataLength} octets`, 'the start')
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (error) {
    fail((error as Error).message, 'the start')
  }
  const root = objectAt(parsed, 'the start')
  if (root['alcatraz'] !== 1) fail('no version 1', 'alcatraz')
  const types = new Map<string, AbiDefinition>()
  listAt(root['types'], 'types', (entry, where) => {
    const name = textAt(entry['name'], `${where}.name`)
    if (types.has(name)) fail(`${JSON.stringify(name)} a second time`, where)
    types.set(name, definitionAt(entry, where))
  })
  const metadata: Metadata = {
    contract: textAt(root['contract'], 'contract'),
    constructors: listAt(root['constructors'], 'constructors', messageAt),
    messages: listAt(root['messages'], 'messages', messageAt),
    events: listAt(root['events'], 'events', eventAt),
    types,
  }
  const fields = [...types.values()].flatMap((definition) =>
    definition.kind === 'struct'
      ? definition.fields
      : definition.variants.flatMap((variant) => variant.fields),
  )
  const messages = [...metadata.constructors, ...metadata.messages]
  const mentioned = [
    ...fields.map((field) => field.type),
    ...messages.flatMap((message) => [message.returns, ...message.args.map((arg) => arg.type)]),
    ...metadata.events.flatMap((event) => event.fields.map((field) => field.type)),
  ]
  for (const type of mentioned)
    for (const name of undefinedNames(type, types))
      fail(`the type ${JSON.stringify(name)} is nowhere`, 'types')
  return metadata
}
