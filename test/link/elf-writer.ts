// Writes small ELF objects for tests: what compilers never write, and what they rarely do.

export interface TestSection {
  readonly name: string
  readonly type?: number
  readonly flags?: number
  readonly bytes?: Uint8Array
  /** For nobits. */
  readonly size?: number
  readonly align?: number
  readonly relocations?: readonly {
    offset: number
    type: number
    symbol: string
    addend?: bigint
  }[]
}

export interface TestSymbol {
  readonly name: string
  /** A section's name, or a special index. */
  readonly section?: string | number
  readonly value?: bigint
  readonly size?: bigint
  readonly type?: number
  /** 0 local, 1 global (if not given), 2 weak */
  readonly binding?: number
  readonly visibility?: number
}

export const alloc = 2
export const write = 1
export const exec = 4

/** eBPF slots from 16 hex digits each, blanks between them ignored. */
export function slots(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replace(/\s/g, ''), 'hex'))
}

/** A relocatable object; local symbols first, as the format asks for. */
export function buildElf(
  sections: readonly TestSection[],
  symbols: readonly TestSymbol[] = [],
  options: { machine?: number; type?: number } = {},
): Uint8Array {
  const all = symbols.toSorted((a, b) => Math.min(a.binding ?? 1, 1) - Math.min(b.binding ?? 1, 1))
  const names = ['']
  const offsetOf = new Map<string, number>([['', 0]])
  let namesLength = 1
  const name = (text: string): number => {
    const known = offsetOf.get(text)
    if (known !== undefined) return known
    const at = namesLength
    offsetOf.set(text, at)
    names.push(text)
    namesLength += Buffer.byteLength(text, 'latin1') + 1
    return at
  }
  const indexOf = new Map(sections.map((section, i) => [section.name, i + 1]))
  const symbolIndex = new Map(all.map((symbol, i) => [symbol.name, i + 1]))
  const symtabIndex = sections.length + 1
  const strtabIndex = sections.length + 2
  const symtab = Buffer.alloc(24 * (all.length + 1))
  for (const [i, symbol] of all.entries()) {
    const at = 24 * (i + 1)
    symtab.writeUInt32LE(name(symbol.name), at)
    symtab[at + 4] = ((symbol.binding ?? 1) << 4) | (symbol.type ?? 0)
    symtab[at + 5] = symbol.visibility ?? 0
    const place = symbol.section ?? 0
    symtab.writeUInt16LE(typeof place === 'number' ? place : (indexOf.get(place) ?? 0), at + 6)
    symtab.writeBigUInt64LE(symbol.value ?? 0n, at + 8)
    symtab.writeBigUInt64LE(symbol.size ?? 0n, at + 16)
  }
  interface Row {
    name: string
    type: number
    flags: number
    bytes: Uint8Array
    size: number
    link: number
    info: number
    align: number
    entry: number
  }
  const rows: Row[] = sections.map((section) => {
    const bytes = section.bytes ?? new Uint8Array(0)
    return {
      name: section.name,
      type: section.type ?? 1,
      flags: section.flags ?? 0,
      bytes,
      size: section.size ?? bytes.length,
      link: 0,
      info: 0,
      align: section.align ?? 8,
      entry: 0,
    }
  })
  rows.push({
    name: '.symtab',
    type: 2,
    flags: 0,
    bytes: symtab,
    size: symtab.length,
    link: strtabIndex,
    info: 1 + all.filter((symbol) => symbol.binding === 0).length,
    align: 8,
    entry: 24,
  })
  const strtab: Row = {
    name: '.strtab',
    type: 3,
    flags: 0,
    bytes: new Uint8Array(0),
    size: 0,
    link: 0,
    info: 0,
    align: 1,
    entry: 0,
  }
  rows.push(strtab)
  for (const section of sections) {
    if (section.relocations === undefined) continue
    const withAddend = section.relocations.some(({ addend }) => addend !== undefined)
    const width = withAddend ? 24 : 16
    const bytes = Buffer.alloc(width * section.relocations.length)
    for (const [i, { offset, type, symbol, addend }] of section.relocations.entries()) {
      bytes.writeBigUInt64LE(BigInt(offset), i * width)
      bytes.writeUInt32LE(type, i * width + 8)
      bytes.writeUInt32LE(symbolIndex.get(symbol) ?? 0, i * width + 12)
      if (withAddend) bytes.writeBigInt64LE(addend ?? 0n, i * width + 16)
    }
    rows.push({
      name: `.rel${section.name}`,
      type: withAddend ? 4 : 9,
      flags: 0,
      bytes,
      size: bytes.length,
      link: symtabIndex,
      info: indexOf.get(section.name) ?? 0,
      align: 8,
      entry: width,
    })
  }
  for (const row of rows) name(row.name)
  const strings = Buffer.from(`${names.join('\0')}\0`, 'latin1')
  strtab.bytes = strings
  strtab.size = strings.length
  const parts: Uint8Array[] = [new Uint8Array(64)]
  let at = 64
  const headers = Buffer.alloc(64 * (rows.length + 1))
  for (const [i, row] of rows.entries()) {
    const pad = (8 - (at % 8)) % 8
    parts.push(new Uint8Array(pad), row.bytes)
    at += pad
    const h = 64 * (i + 1)
    headers.writeUInt32LE(name(row.name), h)
    headers.writeUInt32LE(row.type, h + 4)
    headers.writeBigUInt64LE(BigInt(row.flags), h + 8)
    headers.writeBigUInt64LE(BigInt(at), h + 24)
    headers.writeBigUInt64LE(BigInt(row.size), h + 32)
    headers.writeUInt32LE(row.link, h + 40)
    headers.writeUInt32LE(row.info, h + 44)
    headers.writeBigUInt64LE(BigInt(row.align), h + 48)
    headers.writeBigUInt64LE(BigInt(row.entry), h + 56)
    at += row.bytes.length
  }
  const out = Buffer.concat([...parts, headers])
  out.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  out.writeUInt16LE(options.type ?? 1, 16)
  out.writeUInt16LE(options.machine ?? 247, 18)
  out.writeUInt32LE(1, 20)
  out.writeBigUInt64LE(BigInt(at), 40)
  out.writeUInt16LE(64, 52)
  out.writeUInt16LE(64, 58)
  out.writeUInt16LE(rows.length + 1, 60)
  out.writeUInt16LE(strtabIndex, 62)
  return new Uint8Array(out)
}
