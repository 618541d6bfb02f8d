import {
  type Cursor,
  cursorOf,
  readBytes,
  readU8,
  readU16,
  readU32,
  readU64,
} from '../bits/bytes.ts'
import { DecodeError } from '../bits/errors.ts'
import { readLooseLeb } from '../bits/leb128.ts'

/** A row of a line table: the code from here up to the next row of its sequence. */
export interface LineRow {
  /** Offset in the section of the address that the sequence starts from: where its relocation is. */
  readonly place: number
  /** Octets from there. */
  readonly delta: number
  readonly source: string
  /** From 1; 0: of no line. */
  readonly line: number
  /** No code follows in the sequence. */
  readonly isEnd: boolean
}

/** What a line table refers to. */
export interface LineTables {
  /** `.debug_line`, relocated but for addresses of code. */
  readonly lines: Uint8Array
  /** `.debug_line_str` and `.debug_str`. */
  readonly lineStrings: Uint8Array
  readonly strings: Uint8Array
}

/** Characters of all names for each octet of all sections: compilers share names, they do not repeat them. */
const nameBudget = 4

function fail(message: string, offset: number, value?: number): never {
  throw new DecodeError('dwarf', `${message}: compile with -g of clang or rustc, or without`, {
    ...{ offset, value },
  })
}

/** DWARF 5, 7.5.6: forms that names, directories and hashes have. */
const Form = {
  data2: 0x05,
  data4: 0x06,
  data8: 0x07,
  string: 0x08,
  block: 0x09,
  data1: 0x0b,
  strp: 0x0e,
  udata: 0x0f,
  data16: 0x1e,
  lineStrp: 0x1f,
} as const
/** DWARF 5, 6.2.4.1. */
const Content = { path: 1, directory: 2 } as const

/** DWARF 5, 6.2.5.2 and 6.2.5.3. */
const Standard = {
  extended: 0,
  copy: 1,
  advancePc: 2,
  advanceLine: 3,
  setFile: 4,
  setColumn: 5,
  negateStmt: 6,
  basicBlock: 7,
  constAddPc: 8,
  fixedAdvancePc: 9,
} as const
const Extended = { endSequence: 1, setAddress: 2 } as const

class Names {
  #left: number
  readonly #tables: LineTables

  constructor(tables: LineTables) {
    this.#tables = tables
    const { lines, lineStrings, strings } = tables
    this.#left = nameBudget * (lines.length + lineStrings.length + strings.length)
  }

  read(bytes: Uint8Array, at: number, place: number): string {
    const end = bytes.indexOf(0, at)
    if (at > bytes.length || end < 0) fail('a name that has no end', place, at)
    this.#left -= end - at
    if (this.#left < 0) fail('names that share too many octets', place, at)
    return new TextDecoder().decode(bytes.subarray(at, end))
  }

  /** The value of a form: a text or a number. */
  form(c: Cursor, form: number): string | number {
    const place = c.at
    switch (form) {
      case Form.string: {
        const text = this.read(c.bytes, c.at, place)
        c.at = c.bytes.indexOf(0, c.at) + 1
        return text
      }
      case Form.lineStrp:
        return this.read(this.#tables.lineStrings, readU32(c), place)
      case Form.strp:
        return this.read(this.#tables.strings, readU32(c), place)
      case Form.udata:
        return readLooseLeb(c)
      case Form.data1:
        return readU8(c)
      case Form.data2:
        return readU16(c)
      case Form.data4:
        return readU32(c)
      case Form.data8:
        return Number(BigInt.asUintN(53, readU64(c)))
      case Form.data16:
        readBytes(c, 16)
        return 0
      case Form.block:
        readBytes(c, readLooseLeb(c))
        return 0
      default:
        return fail('a form that line tables do not have', place, form)
    }
  }
}

/** Relative to the directory, where it is not the one of the compiler itself. */
function pathOf(directories: readonly string[], directory: number, name: string): string {
  const folder = directory === 0 || name.startsWith('/') ? undefined : directories[directory]
  return folder === undefined || folder === '' ? name : `${folder.replace(/\/$/, '')}/${name}`
}

/** Version 5: entries that say which forms they have. */
function readEntries(c: Cursor, names: Names): { path: string; directory: number }[] {
  const formats = Array.from(
    { length: readU8(c) },
    () => [readLooseLeb(c), readLooseLeb(c)] as const,
  )
  const count = readLooseLeb(c)
  if (count > c.end - c.at || (formats.length === 0 && count > 0))
    fail('too many names', c.at, count)
  return Array.from({ length: count }, () => {
    let [path, directory] = ['', 0]
    for (const [content, form] of formats) {
      const value = names.form(c, form)
      if (content === Content.path) path = String(value)
      else if (content === Content.directory) directory = Number(value)
    }
    return { path, directory }
  })
}

/** Names of files, by the number that the program has for them. */
function readFiles(c: Cursor, version: number, names: Names): string[] {
  if (version >= 5) {
    const directories = readEntries(c, names).map(({ path }) => path)
    return readEntries(c, names).map(({ directory, path }) => pathOf(directories, directory, path))
  }
  const directories = ['']
  for (;;) {
    const path = String(names.form(c, Form.string))
    if (path === '') break
    directories.push(path)
  }
  const files = ['']
  for (;;) {
    const path = String(names.form(c, Form.string))
    if (path === '') return files
    const directory = readLooseLeb(c)
    readLooseLeb(c)
    readLooseLeb(c)
    files.push(pathOf(directories, directory, path))
  }
}

function readSigned(c: Cursor): number {
  let value = 0n
  for (let shift = 0n; ; shift += 7n) {
    const octet = readU8(c)
    value |= BigInt(octet & 0x7f) << shift
    if (octet >= 0x80 && shift < 63n) continue
    const bits = Number(shift) + 7
    return Number(BigInt.asIntN(32, BigInt.asIntN(bits, value)))
  }
}

interface Unit {
  readonly addressSize: number
  readonly minLength: number
  readonly lineBase: number
  readonly lineRange: number
  readonly opcodeBase: number
  /** Operands of each standard opcode. */
  readonly lengths: readonly number[]
  readonly files: readonly string[]
}

/** Runs the program of a unit: DWARF 5, 6.2.5. */
function runUnit(c: Cursor, unit: Unit, rows: LineRow[]): void {
  const { addressSize, files, lengths, lineBase, lineRange, minLength, opcodeBase } = unit
  const start = { place: -1, delta: 0, file: 1, line: 1 }
  let state = { ...start }
  const add = (isEnd: boolean): void => {
    const { delta, file, line, place } = state
    rows.push({ place, delta, source: files[file] ?? '', line: Math.max(line, 0), isEnd })
  }
  while (c.at < c.end) {
    const at = c.at
    const opcode = readU8(c)
    if (opcode >= opcodeBase) {
      const adjusted = opcode - opcodeBase
      state.delta += Math.floor(adjusted / lineRange) * minLength
      state.line += lineBase + (adjusted % lineRange)
      add(false)
      continue
    }
    switch (opcode) {
      case Standard.extended: {
        const length = readLooseLeb(c)
        const end = c.at + length
        if (length === 0 || end > c.end) fail('an opcode that ends after its unit', at, length)
        const extended = readU8(c)
        if (extended === Extended.endSequence) {
          add(true)
          state = { ...start }
        } else if (extended === Extended.setAddress) {
          if (length !== addressSize + 1) fail('an address of another size', at, length)
          state.place = c.at
          state.delta = 0
        }
        c.at = end
        break
      }
      case Standard.copy:
        add(false)
        break
      case Standard.advancePc:
        state.delta += readLooseLeb(c) * minLength
        break
      case Standard.advanceLine:
        state.line += readSigned(c)
        break
      case Standard.setFile:
        state.file = readLooseLeb(c)
        break
      case Standard.setColumn:
        readLooseLeb(c)
        break
      case Standard.constAddPc:
        state.delta += Math.floor((255 - opcodeBase) / lineRange) * minLength
        break
      case Standard.fixedAdvancePc:
        state.delta += readU16(c)
        break
      default:
        for (let i = 0; i < (lengths[opcode - 1] ?? 0); i++) readLooseLeb(c)
    }
  }
}

/**
 * Rows of all line tables of an object (DWARF 2 to 5, of 32 bits). O(octets).
 * @throws {DecodeError} with the offset in `.debug_line`
 * @example readLines({ lines: new Uint8Array(0), lineStrings: new Uint8Array(0), strings: new Uint8Array(0) }) // []
 */
export function readLines(tables: LineTables): LineRow[] {
  const { lines } = tables
  const rows: LineRow[] = []
  const names = new Names(tables)
  const whole = cursorOf(lines)
  while (whole.at < whole.end) {
    const at = whole.at
    const length = readU32(whole)
    if (length >= 0xffff_fff0) fail('DWARF of 64 bits', at, length)
    if (length > whole.end - whole.at) fail('a unit that ends after its section', at, length)
    const c = cursorOf(lines, whole.at, whole.at + length)
    whole.at += length
    const version = readU16(c)
    if (version < 2 || version > 5) fail(`DWARF version ${version}`, at + 4, version)
    let addressSize = 0
    if (version >= 5) {
      addressSize = readU8(c)
      readU8(c)
    }
    const headerLength = readU32(c)
    const program = c.at + headerLength
    if (program > c.end) fail('a header that ends after its unit', at, headerLength)
    const minLength = readU8(c)
    if (version >= 4) readU8(c)
    readU8(c)
    const lineBase = (readU8(c) << 24) >> 24
    const lineRange = readU8(c)
    const opcodeBase = readU8(c)
    if (lineRange === 0 || opcodeBase === 0) fail('a range of no lines', at, lineRange)
    const lengths = Array.from({ length: opcodeBase - 1 }, () => readU8(c))
    const files = readFiles(c, version, names)
    c.at = program
    // Before version 5 the unit does not say it: the length of the instruction does.
    const size = addressSize === 0 ? addressSizeOf(c) : addressSize
    const unit = { addressSize: size, minLength, lineBase, lineRange, opcodeBase, lengths, files }
    runUnit(c, unit, rows)
  }
  return rows
}

/** Of a program's first set_address, which compilers begin with. */
function addressSizeOf({ at, bytes }: Cursor): number {
  for (let i = at; i + 2 < bytes.length && i < at + 64; i++)
    if (bytes[i] === 0 && bytes[i + 2] === Extended.setAddress) return bytes[i + 1]! - 1
  return 8
}
