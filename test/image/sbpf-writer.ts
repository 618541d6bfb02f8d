// Writes sBPF executables for tests: well-formed ones, whose fields a test then spoils one at a time.

import { slots } from '../link/elf-writer.ts'

export interface DynamicSymbol {
  readonly name: string
  /** 0: a syscall. */
  readonly address?: number
  readonly isFunction?: boolean
}

export interface LenientParts {
  readonly version?: number
  readonly text: Uint8Array
  readonly entry?: number
  /** Sections between `.text` and the tables, at their file offsets. */
  readonly sections?: readonly { name: string; bytes: Uint8Array; flags?: number; type?: number }[]
  readonly symbols?: readonly DynamicSymbol[]
  /** `type`: 1, 8 or 10; `symbol`: an index into `symbols`, from 1. */
  readonly relocations?: readonly { offset: number; type: number; symbol?: number }[]
  /** Names of functions at addresses, in `.symtab`. */
  readonly labels?: readonly { name: string; address: number }[]
}

interface Section {
  readonly name: string
  readonly type: number
  readonly flags: number
  readonly bytes: Uint8Array
  readonly link?: number
  readonly entrySize?: number
}

export interface Written {
  readonly bytes: Uint8Array
  /** File offset of a section's contents, which is its address. */
  readonly at: (name: string) => number
  /** File offset of a section's header. */
  readonly headerAt: (name: string) => number
}

/** `.text` is here: behind the header and three program headers. */
export const textAt = 64 + 3 * 56

function strings(names: readonly string[]): { table: Uint8Array; at: number[] } {
  const at: number[] = []
  let text = '\0'
  for (const name of names) {
    at.push(text.length)
    text += `${name}\0`
  }
  return { table: Uint8Array.from(Buffer.from(text, 'latin1')), at }
}

function symbolTable(rows: readonly { name: number; info: number; value: number }[]): Uint8Array {
  const table = Buffer.alloc(24 * (rows.length + 1))
  for (const [i, { name, info, value }] of rows.entries()) {
    table.writeUInt32LE(name, 24 * (i + 1))
    table[24 * (i + 1) + 4] = info
    table.writeBigUInt64LE(BigInt(value), 24 * (i + 1) + 8)
  }
  return table
}

const align8 = (value: number): number => (value + 7) & ~7

/** A shared object as Solana's LLVM writes them, sections at the addresses of their offsets. */
export function lenientElf(parts: LenientParts): Written {
  const { text, symbols = [], relocations = [], labels } = parts
  const dynstr = strings(symbols.map(({ name }) => name))
  const rel = Buffer.alloc(16 * relocations.length)
  for (const [i, { offset, type, symbol = 0 }] of relocations.entries()) {
    rel.writeBigUInt64LE(BigInt(offset), 16 * i)
    rel.writeUInt32LE(type, 16 * i + 8)
    rel.writeUInt32LE(symbol, 16 * i + 12)
  }
  const sections: Section[] = [
    { name: '', type: 0, flags: 0, bytes: new Uint8Array(0) },
    { name: '.text', type: 1, flags: 6, bytes: text },
    ...(parts.sections ?? []).map(({ type = 1, flags = 2, ...rest }) => ({ type, flags, ...rest })),
    { name: '.dynamic', type: 6, flags: 3, bytes: new Uint8Array(16 * 5), entrySize: 16 },
    {
      ...{ name: '.dynsym', type: 11, flags: 2, entrySize: 24 },
      bytes: symbolTable(
        symbols.map(({ address = 0, isFunction = false }, i) => {
          return { name: dynstr.at[i]!, info: isFunction ? 0x12 : 0x10, value: address }
        }),
      ),
    },
    { name: '.dynstr', type: 3, flags: 2, bytes: dynstr.table },
    { name: '.rel.dyn', type: 9, flags: 2, bytes: rel, entrySize: 16 },
  ]
  if (labels !== undefined) {
    const strtab = strings(labels.map(({ name }) => name))
    const rows = labels.map(({ address }, i) => ({ name: strtab.at[i]!, info: 2, value: address }))
    const link = sections.length + 1
    sections.push({ name: '.symtab', type: 2, flags: 0, bytes: symbolTable(rows), link })
    sections.push({ name: '.strtab', type: 3, flags: 0, bytes: strtab.table })
  }
  const names = strings([...sections.map(({ name }) => name), '.shstrtab'])
  sections.push({ name: '.shstrtab', type: 3, flags: 0, bytes: names.table })
  const offsets: number[] = []
  let end = textAt
  for (const { bytes } of sections.slice(1)) {
    offsets.push(end)
    end = align8(end + bytes.length)
  }
  offsets.unshift(0)
  const at = (name: string): number => offsets[sections.findIndex((s) => s.name === name)]!
  const headerAt = (name: string): number =>
    end + 64 * sections.findIndex((section) => section.name === name)
  const dynamic = sections.find(({ name }) => name === '.dynamic')!.bytes
  const tags: readonly [number, number][] = [
    [6, at('.dynsym')],
    ...(rel.length === 0
      ? []
      : ([
          [17, at('.rel.dyn')],
          [18, rel.length],
          [19, 16],
        ] as [number, number][])),
  ]
  const tagView = new DataView(dynamic.buffer)
  for (const [i, [tag, value]] of tags.entries()) {
    tagView.setBigUint64(16 * i, BigInt(tag), true)
    tagView.setBigUint64(16 * i + 8, BigInt(value), true)
  }
  const out = Buffer.alloc(end + 64 * sections.length)
  out.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  out.writeUInt16LE(3, 16)
  out.writeUInt16LE(247, 18)
  out.writeUInt32LE(1, 20)
  out.writeBigUInt64LE(BigInt(parts.entry ?? textAt), 24)
  out.writeBigUInt64LE(64n, 32)
  out.writeBigUInt64LE(BigInt(end), 40)
  out.writeUInt32LE(parts.version ?? 0, 48)
  for (const [i, value] of [64, 56, 3, 64, sections.length, sections.length - 1].entries())
    out.writeUInt16LE(value, 52 + 2 * i)
  const dynamicEnd = at('.dynamic') + dynamic.length
  const segments: readonly [type: number, flags: number, from: number, to: number][] = [
    [1, 5, textAt, at('.dynamic')],
    [1, 4, at('.dynamic'), end],
    [2, 6, at('.dynamic'), dynamicEnd],
  ]
  for (const [i, [type, flags, from, to]] of segments.entries()) {
    const header = 64 + 56 * i
    out.writeUInt32LE(type, header)
    out.writeUInt32LE(flags, header + 4)
    const fields = [from, from, from, to - from, to - from, 8]
    for (const [k, value] of fields.entries())
      out.writeBigUInt64LE(BigInt(value), header + 8 + 8 * k)
  }
  for (const [i, section] of sections.entries()) {
    const header = end + 64 * i
    out.set(section.bytes, offsets[i]!)
    out.writeUInt32LE(names.at[i]!, header)
    out.writeUInt32LE(section.type, header + 4)
    const loaded = (section.flags & 2) !== 0
    const address = loaded ? offsets[i]! : 0
    const fields = [section.flags, address, offsets[i]!, section.bytes.length]
    for (const [k, value] of fields.entries())
      out.writeBigUInt64LE(BigInt(value), header + 8 + 8 * k)
    out.writeUInt32LE(section.link ?? 0, header + 40)
    out.writeBigUInt64LE(BigInt(section.entrySize ?? 0), header + 56)
  }
  return { bytes: new Uint8Array(out), at, headerAt }
}

/** A file of V3: code, and read-only data where some is given. */
export function strictElf(parts: {
  readonly version?: number
  readonly text: Uint8Array
  readonly rodata?: Uint8Array
  readonly entry?: number
}): Uint8Array {
  const { text, rodata } = parts
  const count = rodata === undefined ? 1 : 2
  const from = 64 + 56 * count
  const dataLength = rodata?.length ?? 0
  const out = Buffer.alloc(from + dataLength + text.length)
  out.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  out.writeUInt16LE(3, 16)
  out.writeUInt16LE(247, 18)
  out.writeUInt32LE(1, 20)
  out.writeBigUInt64LE(0x1_0000_0000n + BigInt(parts.entry ?? 0), 24)
  out.writeBigUInt64LE(64n, 32)
  out.writeUInt32LE(parts.version ?? 3, 48)
  for (const [i, value] of [64, 56, count].entries()) out.writeUInt16LE(value, 52 + 2 * i)
  const segments = [
    ...(rodata === undefined ? [] : [{ flags: 4, address: 0n, at: from, bytes: rodata }]),
    { flags: 1, address: 0x1_0000_0000n, at: from + dataLength, bytes: text },
  ]
  for (const [i, { flags, address, at, bytes }] of segments.entries()) {
    const header = 64 + 56 * i
    out.writeUInt32LE(1, header)
    out.writeUInt32LE(flags, header + 4)
    const size = BigInt(bytes.length)
    for (const [k, value] of [BigInt(at), address, address, size, size, 8n].entries())
      out.writeBigUInt64LE(value, header + 8 + 8 * k)
    out.set(bytes, at)
  }
  return new Uint8Array(out)
}

/** A copy with `value` written at `offset` in `width` bytes. */
export function spoilt(bytes: Uint8Array, offset: number, value: bigint, width = 8): Uint8Array {
  const copy = bytes.slice()
  for (let i = 0; i < width; i++) copy[offset + i] = Number((value >> BigInt(8 * i)) & 255n)
  return copy
}

const text = slots(
  '85100000ffffffff 8510000001000000 1800000030000000 0000000000000000 9500000000000000',
)
const note = new TextEncoder().encode('sixteen bytes ok')
/** One of each kind of file and of everything that can be in it. */
export const sbpfSeeds: readonly Uint8Array[] = [
  lenientElf({
    text,
    sections: [
      { name: '.rodata', bytes: note },
      { name: '.data.rel.ro', bytes: note, flags: 3 },
    ],
    symbols: [{ name: 'sol_log_' }, { name: 'data', address: textAt + 40 }],
    relocations: [
      { offset: textAt, type: 10, symbol: 1 },
      { offset: textAt + 16, type: 1, symbol: 2 },
      { offset: textAt + 40, type: 8 },
    ],
    labels: [{ name: 'start', address: textAt }],
  }).bytes,
  lenientElf({
    ...{ text, version: 2 },
    symbols: [{ name: 'f', address: textAt + 8, isFunction: true }],
    relocations: [
      { offset: textAt, type: 10, symbol: 1 },
      { offset: textAt + 16, type: 8 },
    ],
  }).bytes,
  strictElf({ text, rodata: note }),
  strictElf({ text, version: 4 }),
]
