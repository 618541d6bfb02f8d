import { ByteWriter, type Cursor, readBytes, readU8 } from '../../bits/bytes.ts'
import { DecodeError, InputError } from '../../bits/errors.ts'
import { fromHex } from '../../bits/hex.ts'
import type { AbiDefinition, AbiField } from './metadata.ts'
import type { AbiType } from './types.ts'

/** A value does not fit its type: `what` says where in it. */
export class ValueError extends InputError {}

/**
 * A value as JavaScript has it:
 *
 * | type | value |
 * |---|---|
 * | numbers | bigint (a number or decimal text is taken, too) |
 * | `bool`, `String` | boolean, string |
 * | `Address`, `[u8;N]`, `Vec<u8>` | Uint8Array (hex with 0x is taken, too) |
 * | `Vec<T>`, `[T;N]`, tuples | array; the empty tuple is null |
 * | `Option<T>` | null, or the value; `{ some: value }` where that may be null itself |
 * | `Result<T,E>` | `{ ok: value }` or `{ err: value }` |
 * | struct | object by field |
 * | enum | name of the variant, or `{ name: fields }` |
 */
export type AbiValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | readonly AbiValue[]
  | { readonly [name: string]: AbiValue }

export type AbiTypes = ReadonlyMap<string, AbiDefinition>

/** Values within values: a type that contains itself must not fill the host's stack. */
export const maxValueDepth = 64
/**
 * Values within values that no bytes stand for, such as the items of `Vec<()>`, or structs of structs of
 * nothing, which double at every level: nothing else bounds them.
 */
const maxEmptyValues = 65_536

/** Can a value of the type be null. */
const isNullable = (type: AbiType): boolean =>
  type.kind === 'option' || (type.kind === 'tuple' && type.items.length === 0)
const isByte = (type: AbiType): boolean => type.kind === 'uint' && type.bits === 8

function refuse(what: string, where: string): never {
  throw new ValueError('badValue', `${where}: ${what}`)
}

function writeNumber(writer: ByteWriter, value: bigint, bits: number): void {
  for (let shift = 0; shift < bits; shift += 8) writer.u8(Number((value >> BigInt(shift)) & 0xffn))
}

/** Length of a list below 2^30, in the shortest of SCALE's compact forms. */
function writeLength(writer: ByteWriter, length: number): void {
  const form = length < 1 << 6 ? 0 : length < 1 << 14 ? 1 : 2
  writeNumber(writer, BigInt(length * 4 + form), 8 << form)
}

function bytesFrom(value: AbiValue, where: string): Uint8Array {
  if (value instanceof Uint8Array) return value
  if (typeof value !== 'string' || !/^0x(?:[0-9a-f]{2})*$/i.test(value))
    refuse('expected bytes, or hex such as 0x01ff', where)
  return fromHex(value)
}

function integerFrom(value: AbiValue, type: AbiType & { kind: 'uint' | 'int' }, where: string) {
  const text = typeof value === 'string' ? value.replaceAll('_', '') : undefined
  let number: bigint
  if (typeof value === 'bigint') number = value
  else if (typeof value === 'number' && Number.isSafeInteger(value)) number = BigInt(value)
  else if (text !== undefined && /^(?:-?\d{1,40}|0x[0-9a-f]{1,32})$/i.test(text))
    number = BigInt(text)
  else refuse('expected a whole number', where)
  const view = type.kind === 'uint' ? BigInt.asUintN : BigInt.asIntN
  if (view(type.bits, number) !== number)
    refuse(`${number} does not fit ${type.kind === 'uint' ? 'u' : 'i'}${type.bits}`, where)
  return number
}

function listFrom(value: AbiValue, where: string): readonly AbiValue[] {
  if (!Array.isArray(value)) refuse('expected a list', where)
  return value
}

function objectFrom(value: AbiValue, where: string): Readonly<Record<string, AbiValue>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    refuse('expected an object', where)
  if (value instanceof Uint8Array) refuse('expected an object, not bytes', where)
  return value as Readonly<Record<string, AbiValue>>
}

class Encoder {
  private readonly writer: ByteWriter
  private readonly types: AbiTypes

  constructor(writer: ByteWriter, types: AbiTypes) {
    this.writer = writer
    this.types = types
  }

  value(type: AbiType, value: AbiValue, where: string, depth: number): void {
    if (depth > maxValueDepth) refuse(`more than ${maxValueDepth} levels`, where)
    const { writer } = this
    switch (type.kind) {
      case 'uint':
      case 'int':
        return writeNumber(writer, integerFrom(value, type, where), type.bits)
      case 'bool':
        if (typeof value !== 'boolean') refuse('expected true or false', where)
        writer.u8(value ? 1 : 0)
        return
      case 'string': {
        if (typeof value !== 'string') refuse('expected text', where)
        const bytes = new TextEncoder().encode(value)
        writeLength(writer, bytes.length)
        writer.bytes(bytes)
        return
      }
      case 'address':
        return this.fixed(bytesFrom(value, where), 32, where)
      case 'list':
        return this.list(type.of, value, where, depth)
      case 'array':
        if (isByte(type.of) && !Array.isArray(value))
          return this.fixed(bytesFrom(value, where), type.length, where)
        return this.items(type, listFrom(value, where), where, depth)
      case 'option':
        writer.u8(value === null ? 0 : 1)
        if (value === null) return
        if (!isNullable(type.of)) return this.value(type.of, value, where, depth + 1)
        return this.value(type.of, this.only(value, 'some', where), `${where}.some`, depth + 1)
      case 'result': {
        const object = objectFrom(value, where)
        const ok = Object.hasOwn(object, 'ok')
        writer.u8(ok ? 0 : 1)
        const name = ok ? 'ok' : 'err'
        return this.value(type[name], this.only(value, name, where), `${where}.${name}`, depth + 1)
      }
      case 'tuple':
        return this.tuple(type.items, value, where, depth)
      case 'named':
        return this.named(type.name, value, where, depth)
    }
  }

  private only(value: AbiValue, name: string, where: string): AbiValue {
    const object = objectFrom(value, where)
    const inner = Object.hasOwn(object, name) ? object[name] : undefined
    if (inner === undefined || Object.keys(object).length !== 1)
      refuse(`expected { ${name}: value }`, where)
    return inner
  }

  private fixed(bytes: Uint8Array, length: number, where: string): void {
    if (bytes.length !== length) refuse(`${bytes.length} bytes instead of ${length}`, where)
    this.writer.bytes(bytes)
  }

  private list(of: AbiType, value: AbiValue, where: string, depth: number): void {
    if (isByte(of) && !Array.isArray(value)) {
      const bytes = bytesFrom(value, where)
      writeLength(this.writer, bytes.length)
      this.writer.bytes(bytes)
      return
    }
    const items = listFrom(value, where)
    writeLength(this.writer, items.length)
    items.forEach((item, index) => {
      this.value(of, item, `${where}[${index}]`, depth + 1)
    })
  }

  private items(
    { length, of }: AbiType & { kind: 'array' },
    items: readonly AbiValue[],
    where: string,
    depth: number,
  ): void {
    if (items.length !== length) refuse(`${items.length} items instead of ${length}`, where)
    items.forEach((item, index) => {
      this.value(of, item, `${where}[${index}]`, depth + 1)
    })
  }

  private tuple(types: readonly AbiType[], value: AbiValue, where: string, depth: number): void {
    const items = types.length === 0 && value === null ? [] : listFrom(value, where)
    if (items.length !== types.length)
      refuse(`${items.length} items instead of ${types.length}`, where)
    types.forEach((type, index) => {
      this.value(type, items[index]!, `${where}.${index}`, depth + 1)
    })
  }

  private named(name: string, value: AbiValue, where: string, depth: number): void {
    const definition = this.types.get(name)
    if (definition === undefined) refuse(`no type ${JSON.stringify(name)}`, where)
    if (definition.kind === 'struct') return this.fields(definition.fields, value, where, depth)
    const chosen = typeof value === 'string' ? value : Object.keys(objectFrom(value, where))[0]
    const index = definition.variants.findIndex((variant) => variant.name === chosen)
    const variant = definition.variants[index]
    if (variant === undefined) {
      const names = definition.variants.map((one) => one.name).join(', ')
      refuse(`expected one of ${names}`, where)
    }
    this.writer.u8(index)
    const inner = typeof value === 'string' ? null : this.only(value, variant.name, where)
    if (variant.fields.length === 0 && inner === null) return
    this.fields(variant.fields, inner, `${where}.${variant.name}`, depth)
  }

  /** Fields by name; by place where they have none. */
  private fields(fields: readonly AbiField[], value: AbiValue, where: string, depth: number): void {
    const unnamed = fields.length > 0 && fields[0]!.name === ''
    if (unnamed) {
      const types = fields.map((field) => field.type)
      return this.tuple(types, value, where, depth)
    }
    const object = objectFrom(value, where)
    for (const { name, type } of fields) {
      const inner = Object.hasOwn(object, name) ? object[name] : undefined
      if (inner === undefined) refuse(`no field ${JSON.stringify(name)}`, where)
      this.value(type, inner, `${where}.${name}`, depth + 1)
    }
    const extra = Object.keys(object).find((name) => !fields.some((field) => field.name === name))
    if (extra !== undefined) refuse(`no field ${JSON.stringify(extra)} is known`, where)
  }
}

/**
 * The SCALE bytes of a value.
 * @param where how messages name the value
 * @throws {ValueError} `badValue` when it does not fit the type
 * @example encodeValue({ kind: 'uint', bits: 16 }, 258) // Uint8Array.of(2, 1)
 */
export function encodeValue(
  type: AbiType,
  value: AbiValue,
  types: AbiTypes = new Map(),
  where = 'value',
): Uint8Array {
  const writer = new ByteWriter()
  new Encoder(writer, types).value(type, value, where, 0)
  return writer.finish()
}

class Decoder {
  private readonly cursor: Cursor
  private readonly types: AbiTypes
  private readonly start: number
  private values = 0

  constructor(cursor: Cursor, types: AbiTypes) {
    this.cursor = cursor
    this.start = cursor.at
    this.types = types
  }

  private fail(code: string, what: string, offset: number = this.cursor.at): never {
    throw new DecodeError(code, what, { offset })
  }

  private number(bits: number, signed: boolean): bigint {
    let value = 0n
    const bytes = readBytes(this.cursor, bits / 8)
    for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!)
    return signed ? BigInt.asIntN(bits, value) : value
  }

  private length(): number {
    const start = this.cursor.at
    const first = readU8(this.cursor)
    const form = first & 3
    if (form === 3) this.fail('tooLong', 'a length of 2^30 or more', start)
    const rest = form === 0 ? 0 : Number(this.number((8 << form) - 8, false))
    const length = (first >> 2) + rest * 64
    if (form > 0 && length < 1 << (form === 1 ? 6 : 14))
      this.fail('notShortest', 'a length in a longer form than it needs', start)
    return length
  }

  private choice(count: number): number {
    const at = this.cursor.at
    const index = readU8(this.cursor)
    if (index >= count) this.fail('unknownVariant', `no variant has number ${index}`, at)
    return index
  }

  value(type: AbiType, depth: number): AbiValue {
    if (depth > maxValueDepth) this.fail('tooDeep', `more than ${maxValueDepth} levels`)
    // each byte stands for one value, within others
    const bytes = this.cursor.at - this.start
    if (++this.values > maxEmptyValues + maxValueDepth * bytes)
      this.fail('tooLong', `more than ${maxEmptyValues} values without bytes`)
    switch (type.kind) {
      case 'uint':
      case 'int':
        return this.number(type.bits, type.kind === 'int')
      case 'bool':
        return this.choice(2) === 1
      case 'string': {
        const length = this.length()
        const at = this.cursor.at
        const bytes = readBytes(this.cursor, length)
        try {
          return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
        } catch {
          return this.fail('notUtf8', 'text that is no UTF-8', at)
        }
      }
      case 'address':
        return readBytes(this.cursor, 32).slice()
      case 'list':
        return this.items(type.of, this.length(), depth)
      case 'array':
        return this.items(type.of, type.length, depth)
      case 'option': {
        if (this.choice(2) === 0) return null
        const some = this.value(type.of, depth + 1)
        return isNullable(type.of) ? { some } : some
      }
      case 'result':
        return this.choice(2) === 0
          ? { ok: this.value(type.ok, depth + 1) }
          : { err: this.value(type.err, depth + 1) }
      case 'tuple':
        if (type.items.length === 0) return null
        return type.items.map((item) => this.value(item, depth + 1))
      case 'named':
        return this.named(type.name, depth)
    }
  }

  private items(of: AbiType, length: number, depth: number): AbiValue {
    if (isByte(of)) return readBytes(this.cursor, length).slice()
    const items: AbiValue[] = []
    for (let i = 0; i < length; i++) items.push(this.value(of, depth + 1))
    return items
  }

  private named(name: string, depth: number): AbiValue {
    const definition = this.types.get(name)
    if (definition === undefined) this.fail('badType', `no type ${JSON.stringify(name)}`)
    if (definition.kind === 'struct') return this.fields(definition.fields, depth)
    const variant = definition.variants[this.choice(definition.variants.length)]!
    if (variant.fields.length === 0) return variant.name
    return Object.fromEntries([[variant.name, this.fields(variant.fields, depth)]])
  }

  private fields(fields: readonly AbiField[], depth: number): AbiValue {
    if (fields.length > 0 && fields[0]!.name === '')
      return fields.map((field) => this.value(field.type, depth + 1))
    return Object.fromEntries(fields.map(({ name, type }) => [name, this.value(type, depth + 1)]))
  }
}

/**
 * The value that all of `cursor`'s next bytes begin with; moves the cursor behind it.
 * @throws {DecodeError} `truncated`, `tooLong`, `notShortest`, `unknownVariant`, `notUtf8`, `tooDeep`
 * @example decodeValue({ kind: 'bool' }, cursorOf(Uint8Array.of(1))) // true
 */
export function decodeValue(type: AbiType, cursor: Cursor, types: AbiTypes = new Map()): AbiValue {
  return new Decoder(cursor, types).value(type, 0)
}
