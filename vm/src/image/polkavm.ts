import { ByteWriter, type Cursor, cursorOf, readBytes, readU8, readU32 } from '../bits/bytes.ts'
import { DecodeError } from '../bits/errors.ts'
import { readCopy, writeU32, writeU64 } from '../bits/record.ts'
import {
  checkPolkavm,
  polkavmLimits as limits,
  type PolkavmBlob,
  type PolkavmVersion,
} from './polkavm-rules.ts'
import { encodePvmBlob, type PvmBlob, splitPvmBlob } from './pvm-blob.ts'
import { readNatural, writeNatural } from './pvm-numbers.ts'
import { pvmPresets } from './pvm-options.ts'

/** `PVM` and a zero. */
export const polkavmMagic: readonly number[] = [0x50, 0x56, 0x4d, 0]

/** By the octet behind the magic: polkavm-common/src/program.rs, `InstructionSetKind`. */
const versions: readonly PolkavmVersion[] = ['revive-v1', 'latest32', 'latest64', 'jam-v1']

/** polkavm-common/src/program.rs, in the order of the file; from 0x80 on nothing depends on them. */
const SectionId = {
  end: 0,
  memory: 1,
  roData: 2,
  rwData: 3,
  imports: 4,
  exports: 5,
  code: 6,
} as const
const optional = 0x80

const names: readonly string[] = [
  'end',
  'memory',
  'ro data',
  'rw data',
  'imports',
  'exports',
  'code',
]
/** Magic, version, length. */
const headLength = 13
const rules = { nonMinimalVarints: true, maxJumpEntrySize: pvmPresets.polkavm.maxJumpEntrySize }

type Draft = { -readonly [K in keyof PolkavmBlob]: PolkavmBlob[K] }

function fail(code: string, message: string, offset: number, value: number | string): never {
  throw new DecodeError(code, message, { offset, value })
}

/** The crate takes any octets for a name; ours are text, so that they can be shown. */
function textOf(bytes: Uint8Array, offset: number): string {
  if (bytes.length > limits.nameBytes)
    fail('nameTooLong', `name over ${limits.nameBytes} octets`, offset, bytes.length)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return fail('badName', 'a name that is no UTF-8', offset, bytes.length)
  }
}

function readMemory(draft: Draft, c: Cursor): void {
  draft.roDataSize = readNatural(c, 'size of read-only data', false)
  draft.rwDataSize = readNatural(c, 'size of read-write data', false)
  draft.stackSize = readNatural(c, 'size of the stack', false)
}

/** Counts, so that a few octets ask for no more than they could hold. */
function readCount(c: Cursor, what: string, limit: number, least: number): number {
  const offset = c.at
  const count = readNatural(c, what, false)
  if (count > limit || count * least > c.end - c.at)
    fail('countTooLarge', `${what}: more than there can be`, offset, count)
  return count
}

function readImports(draft: Draft, c: Cursor): void {
  const count = readCount(c, 'number of imports', limits.imports, 4)
  const table = c.at
  const starts = Array.from({ length: count }, () => readU32(c))
  const base = c.at
  const length = c.end - base
  let before = 0
  for (const [i, start] of starts.entries()) {
    if (start < before || start > length || (i === 0 && start !== 0))
      fail('importOffset', 'names of imports do not follow each other', table + 4 * i, start)
    before = start
  }
  draft.imports = starts.map((start, i) =>
    textOf(readBytes(c, (starts[i + 1] ?? length) - start), base + start),
  )
}

function readExports(draft: Draft, c: Cursor): void {
  const count = readCount(c, 'number of exports', limits.exports, 2)
  draft.exports = Array.from({ length: count }, () => {
    const pc = readNatural(c, 'place of an export', false)
    const length = readNatural(c, 'length of a name', false)
    const offset = c.at
    return { name: textOf(readBytes(c, length), offset), pc }
  })
}

/** Errors of the inner blob, at their place in this one. */
function readCode(draft: Draft, c: Cursor): void {
  const base = c.at
  try {
    Object.assign(draft, splitPvmBlob(readBytes(c, c.end - base), rules) satisfies PvmBlob)
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    const { code, what, offset = 0, value } = error
    throw new DecodeError(code, what, { offset: base + offset, value })
  }
}

const readers: readonly ((draft: Draft, c: Cursor) => void)[] = [
  () => {},
  readMemory,
  (draft, c) => {
    draft.roData = readCopy(c, c.end - c.at)
  },
  (draft, c) => {
    draft.rwData = readCopy(c, c.end - c.at)
  },
  readImports,
  readExports,
  readCode,
]

function readHead(c: Cursor): PolkavmVersion {
  for (const octet of polkavmMagic) {
    const offset = c.at
    const value = readU8(c)
    if (value !== octet) fail('notPolkavm', 'no PVM magic', offset, value)
  }
  const octet = readU8(c)
  const version = versions[octet]
  if (version === undefined)
    return fail('polkavmVersion', `unknown version ${octet}`, c.at - 1, octet)
  const low = readU32(c)
  const length = low + readU32(c) * 2 ** 32
  if (length !== c.end)
    fail('blobLength', `the blob says it has ${length} octets, not ${c.end}`, 5, length)
  return version
}

/**
 * Reads a program of the polkavm crate: every section it knows, strictly and in time linear in the
 * length. Format: docs/container-pvm.md.
 * @throws {DecodeError} with a code, the offset and the value there
 * @example splitPolkavm(encodePolkavm(blob)).exports // [{ name: 'main', pc: 0 }]
 */
export function splitPolkavm(bytes: Uint8Array): PolkavmBlob {
  const c = cursorOf(bytes)
  const none: Uint8Array = new Uint8Array(0)
  const draft: Draft = {
    version: readHead(c),
    ...{ roData: none, roDataSize: 0, rwData: none, rwDataSize: 0, stackSize: 0 },
    ...{ code: none, bitmask: none, jumpTable: new Uint32Array(0) },
    ...{ imports: [], exports: [], optional: [] },
  }
  const sections: { id: number; bytes: Uint8Array }[] = []
  const places = new Map<number, number>()
  for (let before = 0; ; ) {
    const offset = c.at
    const id = readU8(c)
    if (id === SectionId.end) break
    if (id > SectionId.code && id < optional) fail('unknownSection', `section ${id}`, offset, id)
    // the crate writes the optional ones it knows in order, and skips the others in any
    if (id <= before && id < optional)
      fail('sectionOrder', `section ${names[id]} again or late`, offset, id)
    before = id
    const length = readNatural(c, 'length of a section', false)
    places.set(id, c.at)
    const start = c.at
    readBytes(c, length)
    if (id >= optional) {
      if (sections.length === limits.optionalSections)
        fail('countTooLarge', 'too many optional sections', offset, id)
      sections.push({ id, bytes: new Uint8Array(bytes.subarray(start, c.at)) })
      continue
    }
    const body = cursorOf(bytes, start, c.at)
    readers[id]!(draft, body)
    if (body.at < body.end)
      fail('trailingBytes', `section ${names[id]} says less than its length`, body.at, length)
  }
  if (c.at < c.end) fail('trailingBytes', 'octets follow the end', c.at, c.end - c.at)
  draft.optional = sections
  checkPolkavm(draft, (id) => places.get(id) ?? headLength)
  return draft
}

function section(out: ByteWriter, id: number, write: (body: ByteWriter) => void): void {
  const body = new ByteWriter()
  write(body)
  if (body.length === 0) return
  out.u8(id)
  writeNatural(out, body.length)
  out.bytes(body.finish())
}

/**
 * The inverse of `splitPolkavm`, in the form that the crate writes: shortest numbers, nothing empty.
 * @throws {DecodeError} when `blob` breaks a rule of the format
 * @example encodePolkavm(splitPolkavm(bytes)) // bytes
 */
export function encodePolkavm(blob: PolkavmBlob): Uint8Array {
  checkPolkavm(blob)
  const text = (name: string): Uint8Array => new TextEncoder().encode(name)
  const out = new ByteWriter()
  const { roDataSize, rwDataSize, stackSize } = blob
  section(out, SectionId.memory, (body) => {
    if (roDataSize + rwDataSize + stackSize === 0) return
    for (const size of [roDataSize, rwDataSize, stackSize]) writeNatural(body, size)
  })
  section(out, SectionId.roData, (body) => body.bytes(blob.roData))
  section(out, SectionId.rwData, (body) => body.bytes(blob.rwData))
  section(out, SectionId.imports, (body) => {
    if (blob.imports.length === 0) return
    writeNatural(body, blob.imports.length)
    const symbols = new ByteWriter()
    for (const name of blob.imports) {
      writeU32(body, symbols.length)
      symbols.bytes(text(name))
    }
    body.bytes(symbols.finish())
  })
  section(out, SectionId.exports, (body) => {
    if (blob.exports.length === 0) return
    writeNatural(body, blob.exports.length)
    for (const { name, pc } of blob.exports) {
      writeNatural(body, pc)
      writeNatural(body, text(name).length)
      body.bytes(text(name))
    }
  })
  section(out, SectionId.code, (body) => body.bytes(encodePvmBlob(blob)))
  for (const { id, bytes } of blob.optional) section(out, id, (body) => body.bytes(bytes))
  const head = new ByteWriter()
  for (const octet of polkavmMagic) head.u8(octet)
  head.u8(versions.indexOf(blob.version))
  writeU64(head, BigInt(headLength + out.length + 1))
  return head.bytes(out.finish()).u8(SectionId.end).finish()
}
