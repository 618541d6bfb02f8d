import { ByteWriter, type Cursor, cursorOf, readBytes, readU8 } from '../bits/bytes.ts'
import { DecodeError } from '../bits/errors.ts'
import { readLeb32, writeLeb32 } from '../bits/leb128.ts'
import { readCopy } from '../bits/record.ts'
import { packAvm, unpackAvm } from '../isa/avm/packed.ts'
import {
  CodeKind,
  type CodeKindName,
  type Container,
  type ContainerFunction,
  checkContainer,
  containerLimits as limits,
  maxArguments,
  pcUnit,
} from './container-rules.ts'

/** `ALCZ`. */
export const containerMagic: readonly number[] = [0x41, 0x4c, 0x43, 0x5a]
/** Version of the container format itself. */
export const containerFormat: number = 1

/** In place of the kind where the code is packed. */
const packedKinds = { avm: 3 } as const
/** Octets of code for each of packed code: compilers' code has two, and nobody unpacks megabytes of a few octets. */
const mostExpansion = 32

/** Sections in the order they are written. Ids from 0x80 on are not part of the program's identity. */
const SectionId = {
  profile: 1,
  memory: 2,
  imports: 3,
  exports: 4,
  functions: 5,
  addressTaken: 6,
  code: 7,
  readOnly: 8,
  data: 9,
  bitmask: 10,
  symbols: 0x80,
} as const
type SectionName = keyof typeof SectionId

const none: Uint8Array = new Uint8Array(0)

function writeText(out: ByteWriter, text: string): void {
  writeLeb32(out, text.length)
  for (let i = 0; i < text.length; i++) out.u8(text.charCodeAt(i))
}

/** Ascending numbers as differences from the one before; the first from 0. */
function writeAscending<T>(
  out: ByteWriter,
  items: readonly T[],
  key: (item: T) => number,
  rest: (item: T) => void = () => {},
): void {
  writeLeb32(out, items.length)
  let before = 0
  for (const item of items) {
    writeLeb32(out, key(item) - before)
    before = key(item)
    rest(item)
  }
}

/** Values of the lower part of a function's number: its arguments, and whether the number of its slots follows. */
const callStates = 2 * (maxArguments + 1)

/** Frame size and arguments in one number, with nothing for the arguments that eBPF does not state; then slots, if any. */
function writeFunction(out: ByteWriter, { args, frameSize, slots = 0 }: ContainerFunction): void {
  const units = frameSize / 8
  if (args === undefined) return writeLeb32(out, units)
  writeLeb32(out, units * callStates + args + (slots > 0 ? maxArguments + 1 : 0))
  if (slots > 0) writeLeb32(out, slots)
}

type SectionWriter = (container: Container, out: ByteWriter) => void

/** A section that would write nothing, or only a count of zero, is left out. */
const sectionWriters: { readonly [N in SectionName]: SectionWriter } = {
  profile: (c, out) => {
    writeText(out, c.profile)
    writeText(out, c.gas)
  },
  memory: (c, out) => {
    writeLeb32(out, c.stackSize)
    writeLeb32(out, c.bssSize)
  },
  imports: (c, out) => {
    writeLeb32(out, c.imports.length)
    for (const name of c.imports) writeText(out, name)
  },
  exports: (c, out) => {
    writeLeb32(out, c.exports.length)
    for (const item of c.exports) {
      writeText(out, item.name)
      writeLeb32(out, item.pc)
    }
  },
  functions: (c, out) =>
    writeAscending(
      out,
      c.functions,
      (item) => item.pc,
      (item) => writeFunction(out, item),
    ),
  addressTaken: (c, out) => {
    if (c.kind === 'bpf') return writeAscending(out, c.addressTaken, (pc) => pc)
    writeLeb32(out, c.addressTaken.length)
    let before = 0
    for (const pc of c.addressTaken) {
      writeLeb32(out, pc >= before ? 2 * (pc - before) : 2 * (before - pc) - 1)
      before = pc
    }
  },
  code: (c, out) => out.bytes(c.code),
  readOnly: (c, out) => out.bytes(c.readOnly),
  data: (c, out) => out.bytes(c.data),
  bitmask: (c, out) => out.bytes(c.bitmask ?? none),
  symbols: (c, out) =>
    writeAscending(
      out,
      c.symbols,
      (item) => item.pc,
      (item) => writeText(out, item.name),
    ),
}

const isEmpty: { readonly [N in SectionName]: (container: Container) => boolean } = {
  profile: () => false,
  memory: () => false,
  imports: (c) => c.imports.length === 0,
  exports: (c) => c.exports.length === 0,
  functions: (c) => c.kind === 'pvm' && c.functions.length === 0,
  addressTaken: (c) => c.addressTaken.length === 0,
  code: () => false,
  readOnly: (c) => c.readOnly.length === 0,
  data: (c) => c.data.length === 0,
  bitmask: (c) => c.bitmask === undefined,
  symbols: (c) => c.symbols.length === 0,
}

const sectionNames: readonly SectionName[] = Object.keys(SectionId) as SectionName[]

/** Sections that not every kind of code has. */
function belongs(name: SectionName, kind: CodeKindName): boolean {
  return name === 'bitmask' ? kind === 'pvm' : name !== 'functions' || kind !== 'pvm'
}

/** Length of the code, then the octets it packs to. */
function writePacked({ code }: Container, out: ByteWriter): void {
  const packed = packAvm(code)
  checkExpansion(code.length, packed.length, undefined)
  writeLeb32(out, code.length)
  out.bytes(packed)
}

function checkExpansion(code: number, packed: number, offset: number | undefined): void {
  if (code > limits.codeBytes || code > mostExpansion * packed)
    throw new DecodeError('packedExpansion', `${packed} packed octets for ${code} of code`, {
      offset,
      value: code,
    })
}

/**
 * `decodeContainer(encodeContainer(c))` equals `c`; one content has one encoding, and one packed one.
 * @param options.packed code as `packAvm` packs it, for storage; AVM only
 * @throws {DecodeError} when `container` breaks a rule of the format, or `packed` is asked for other code than AVM's
 * @example encodeContainer(decodeContainer(bytes)) // bytes
 */
export function encodeContainer(
  container: Container,
  options: { readonly packed?: boolean } = {},
): Uint8Array {
  checkContainer(container)
  const packed = options.packed === true
  if (packed && container.kind !== 'avm')
    throw new DecodeError('codeKind', 'only code of AVM can be packed', { value: container.kind })
  const out = new ByteWriter()
  for (const byte of containerMagic) out.u8(byte)
  out.u8(containerFormat)
  out.u8(packed ? packedKinds.avm : CodeKind[container.kind])
  for (const name of sectionNames) {
    if (isEmpty[name](container)) continue
    const payload = new ByteWriter()
    const write = packed && name === 'code' ? writePacked : sectionWriters[name]
    write(container, payload)
    out.u8(SectionId[name])
    writeLeb32(out, payload.length)
    out.bytes(payload.finish())
  }
  return out.finish()
}

function readText(c: Cursor): string {
  const offset = c.at
  const length = readLeb32(c)
  if (length > limits.nameBytes) {
    throw new DecodeError('nameTooLong', `name over ${limits.nameBytes} bytes`, {
      offset,
      value: length,
    })
  }
  return String.fromCharCode(...readBytes(c, length))
}

/** Every item takes at least one byte, so a count is never larger than what is left. */
function readCount(c: Cursor, limit: number): number {
  const offset = c.at
  const count = readLeb32(c)
  if (count === 0) throw new DecodeError('emptySection', 'a count of zero', { offset, value: 0 })
  if (count > limit || count > c.end - c.at) {
    throw new DecodeError('countTooLarge', `${count} entries`, { offset, value: count })
  }
  return count
}

/** Places of code of a kind: no more than there can be, none behind any code. */
function readAscending<T>(c: Cursor, kind: CodeKindName, item: (pc: number) => T): T[] {
  const limit = limits.codeBytes / pcUnit[kind]
  const count = readCount(c, limit)
  const items: T[] = []
  let pc = 0
  for (let i = 0; i < count; i++) {
    const offset = c.at
    pc += readLeb32(c)
    if (pc > limit) {
      throw new DecodeError('slotOutside', `slot ${pc} is past every code`, { offset, value: pc })
    }
    items.push(item(pc))
  }
  return items
}

/** Zero is not written. */
function readSlots(c: Cursor): number {
  const offset = c.at
  const slots = readLeb32(c)
  if (slots === 0) throw new DecodeError('slots', 'no slots', { offset, value: 0 })
  return slots
}

type Draft = { -readonly [K in keyof Container]: Container[K] }

const sectionReaders: { readonly [N in SectionName]: (draft: Draft, c: Cursor) => void } = {
  profile: (draft, c) => {
    draft.profile = readText(c)
    draft.gas = readText(c)
  },
  memory: (draft, c) => {
    draft.stackSize = readLeb32(c)
    draft.bssSize = readLeb32(c)
  },
  imports: (draft, c) => {
    const count = readCount(c, limits.imports)
    draft.imports = Array.from({ length: count }, () => readText(c))
  },
  exports: (draft, c) => {
    const count = readCount(c, limits.exports)
    draft.exports = Array.from({ length: count }, () => {
      const name = readText(c)
      return { name, pc: readLeb32(c) }
    })
  },
  functions: (draft, c) => {
    const isAvm = draft.kind === 'avm'
    draft.functions = readAscending(c, draft.kind, (pc) => {
      const word = readLeb32(c)
      if (!isAvm) return { pc, frameSize: word * 8 }
      const state = word % callStates
      const args = state % (maxArguments + 1)
      const slots = state === args ? 0 : readSlots(c)
      return { pc, frameSize: ((word - state) / callStates) * 8, args, slots }
    })
  },
  addressTaken: (draft, c) => {
    if (draft.kind === 'bpf') {
      draft.addressTaken = readAscending(c, draft.kind, (pc) => pc)
      return
    }
    let pc = 0
    draft.addressTaken = Array.from({ length: readCount(c, limits.codeBytes) }, () => {
      const step = readLeb32(c)
      pc += step % 2 === 0 ? step / 2 : -(step + 1) / 2
      return pc
    })
  },
  code: (draft, c) => {
    draft.code = readCopy(c, c.end - c.at)
  },
  readOnly: (draft, c) => {
    draft.readOnly = readCopy(c, c.end - c.at)
  },
  data: (draft, c) => {
    draft.data = readCopy(c, c.end - c.at)
  },
  bitmask: (draft, c) => {
    draft.bitmask = readCopy(c, c.end - c.at)
  },
  symbols: (draft, c) => {
    draft.symbols = readAscending(c, draft.kind, (pc) => ({ name: readText(c), pc }))
  },
}

function readPacked(draft: Draft, c: Cursor): void {
  const offset = c.at
  const length = readLeb32(c)
  checkExpansion(length, c.end - c.at, offset)
  const at = c.at
  try {
    draft.code = unpackAvm(readBytes(c, c.end - c.at), length)
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    throw new DecodeError(error.code, error.what, { offset: at, value: error.value })
  }
}

function readHead(c: Cursor): { readonly kind: CodeKindName; readonly packed: boolean } {
  for (const byte of containerMagic) {
    const offset = c.at
    const value = readU8(c)
    if (value !== byte) throw new DecodeError('notContainer', 'no ALCZ magic', { offset, value })
  }
  const format = readU8(c)
  if (format !== containerFormat) {
    throw new DecodeError('containerFormat', `unknown container format ${format}`, {
      offset: 4,
      value: format,
    })
  }
  const kind = readU8(c)
  if (kind === CodeKind.bpf) return { kind: 'bpf', packed: false }
  if (kind === CodeKind.avm) return { kind: 'avm', packed: false }
  if (kind === CodeKind.pvm) return { kind: 'pvm', packed: false }
  if (kind === packedKinds.avm) return { kind: 'avm', packed: true }
  throw new DecodeError('codeKind', `unknown code kind ${kind}`, { offset: 5, value: kind })
}

/** Reads all of `bytes`; answers the content and where the identity ends. */
function readAll(bytes: Uint8Array): {
  readonly container: Container
  readonly identityEnd: number
  readonly packed: boolean
} {
  const c = cursorOf(bytes)
  const { kind, packed } = readHead(c)
  const draft: Draft = {
    kind,
    profile: '',
    gas: '',
    stackSize: 0,
    bssSize: 0,
    imports: [],
    exports: [],
    functions: [],
    addressTaken: [],
    code: none,
    readOnly: none,
    data: none,
    symbols: [],
  }
  let next = 0
  let identityEnd = bytes.length
  const placeOf = new Map<string, number>()
  while (c.at < c.end) {
    const offset = c.at
    const id = readU8(c)
    const index = sectionNames.findIndex((name) => SectionId[name] === id)
    const name = sectionNames[index]
    if (name === undefined || !belongs(name, kind)) {
      throw new DecodeError('unknownSection', `section ${id}`, { offset, value: id })
    }
    if (index < next) {
      throw new DecodeError('sectionOrder', `section ${name} again or late`, { offset, value: id })
    }
    next = index + 1
    if (id >= 0x80 && identityEnd > offset) identityEnd = offset
    const length = readLeb32(c)
    const start = c.at
    placeOf.set(name, start)
    readBytes(c, length)
    const body = cursorOf(bytes, start, c.at)
    const read = packed && name === 'code' ? readPacked : sectionReaders[name]
    read(draft, body)
    if (body.at < body.end) {
      throw new DecodeError('trailingBytes', `section ${name} says less than its length`, {
        offset: body.at,
        value: body.end - body.at,
      })
    }
    if (isEmpty[name](draft)) {
      throw new DecodeError('emptySection', `section ${name} is empty`, { offset, value: id })
    }
  }
  checkContainer(draft, placeOf)
  return { container: draft, identityEnd, packed }
}

/**
 * Reads a container strictly, in time linear in its length: every accepted input is the one
 * encoding of its content. Format: docs/container.md.
 * @throws {DecodeError} with a code, the offset and the value there
 * @example decodeContainer(bytes).exports // [{ name: 'call', pc: 0 }, ...]
 */
export function decodeContainer(bytes: Uint8Array): Container {
  return readAll(bytes).container
}

/**
 * The bytes that make a program what it is: all but symbols, of the container that is not packed. A program's identity
 * is the hash of these, so neither stripping symbols nor packing changes it.
 * @throws {DecodeError} as `decodeContainer`
 */
export function identityBytes(bytes: Uint8Array): Uint8Array {
  const { container, identityEnd, packed } = readAll(bytes)
  return packed ? identityBytes(encodeContainer(container)) : bytes.subarray(0, identityEnd)
}
