/** A small assembler of sBPF, its own so that what it makes does not share our tables' mistakes. */
import { join, type Part, u16, u32, u64, utf8 } from './pack.ts'

type Item =
  | { readonly kind: 'op'; readonly bytes: Uint8Array }
  | {
      readonly kind: 'jump'
      readonly op: number
      readonly dst: number
      readonly src: number
      readonly imm: number
      readonly to: string
    }
  | { readonly kind: 'call'; readonly to: string }
  | { readonly kind: 'syscall'; readonly name: string }
  | { readonly kind: 'label'; readonly name: string }

export const Op = {
  add: 0x07,
  addReg: 0x0f,
  sub: 0x17,
  div: 0x3f,
  mov: 0xb7,
  movReg: 0xbf,
  ldxb: 0x71,
  ldxh: 0x69,
  ldxw: 0x61,
  ldxdw: 0x79,
  stxb: 0x73,
  stxh: 0x6b,
  stxw: 0x63,
  stxdw: 0x7b,
  ja: 0x05,
  jeq: 0x15,
  jne: 0x55,
  jgeReg: 0x3d,
  callx: 0x8d,
  exit: 0x95,
} as const

export function insn(op: number, dst: number, src: number, off: number, imm: number): Uint8Array {
  return join([op, dst | (src << 4)], u16(off), u32(imm))
}

export class Asm {
  private readonly items: Item[] = []

  op(op: number, dst = 0, src = 0, off = 0, imm = 0): this {
    this.items.push({ kind: 'op', bytes: insn(op, dst, src, off, imm) })
    return this
  }

  label(name: string): this {
    this.items.push({ kind: 'label', name })
    return this
  }

  jump(op: number, dst: number, src: number, imm: number, to: string): this {
    this.items.push({ kind: 'jump', op, dst, src, imm, to })
    return this
  }

  call(to: string): this {
    this.items.push({ kind: 'call', to })
    return this
  }

  syscall(name: string): this {
    this.items.push({ kind: 'syscall', name })
    return this
  }

  /** The text, and where which syscalls are called. */
  private text(version: 0 | 3): { text: Uint8Array; calls: [number, string][] } {
    const labels = new Map<string, number>()
    let at = 0
    for (const item of this.items)
      if (item.kind === 'label') labels.set(item.name, at)
      else at += item.kind === 'op' ? item.bytes.length / 8 : 1
    const parts: Uint8Array[] = []
    const calls: [number, string][] = []
    at = 0
    const distance = (to: string): number => {
      const target = labels.get(to)
      if (target === undefined) throw new Error(`no label ${to}`)
      return target - at - 1
    }
    for (const item of this.items) {
      if (item.kind === 'label') continue
      if (item.kind === 'op') parts.push(item.bytes)
      else if (item.kind === 'jump')
        parts.push(insn(item.op, item.dst, item.src, distance(item.to), item.imm))
      else if (item.kind === 'call') parts.push(insn(0x85, 0, 1, 0, distance(item.to)))
      else {
        calls.push([at, item.name])
        parts.push(
          version === 3 ? insn(0x85, 0, 0, 0, murmur3(utf8(item.name))) : insn(0x85, 0, 1, 0, -1),
        )
      }
      at += parts.at(-1)!.length / 8
    }
    return { text: join(...parts), calls }
  }

  elf(version: 0 | 3): Uint8Array {
    const { text, calls } = this.text(version)
    return version === 3 ? strictElf(text) : lenientElf(text, calls)
  }
}

function header(
  version: number,
  type: number,
  entry: bigint,
  phnum: number,
  shoff: number,
  shnum: number,
): Uint8Array {
  return join(
    [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    u16(type),
    u16(247),
    u32(1),
    u64(entry),
    u64(phnum > 0 ? 64 : 0),
    u64(shoff),
    u32(version),
    u16(64),
    u16(56),
    u16(phnum),
    u16(64),
    u16(shnum),
    u16(shnum > 0 ? shnum - 1 : 0),
  )
}

const textAt = 1n << 32n

/** SIMD-0189: a header, one segment, and the text. */
export function strictElf(text: Uint8Array): Uint8Array {
  const at = 64 + 56
  const segment = join(
    u32(1),
    u32(1),
    u64(at),
    u64(textAt),
    u64(textAt),
    u64(text.length),
    u64(text.length),
    u64(8),
  )
  return join(header(3, 3, textAt, 1, 0, 0), segment, text)
}

/** As linkers of version 0 write it: sections, and a relocation for each syscall. */
export function lenientElf(
  text: Uint8Array,
  calls: readonly (readonly [number, string])[],
  version = 0,
): Uint8Array {
  const names = [...new Set(calls.map(([, name]) => name))]
  const strings: Part[] = [[0]]
  let size = 1
  const symbols: Part[] = [new Uint8Array(24)]
  for (const name of names) {
    symbols.push(join(u32(size), [0x10, 0], u16(0), u64(0), u64(0)))
    strings.push(utf8(`${name}\0`))
    size += name.length + 1
  }
  const at = 64
  const rows: {
    name: string
    type: number
    flags: number
    body: Uint8Array
    link: number
    entry: number
  }[] = []
  const relocations = join(
    ...calls.map(([insnAt, name]) =>
      join(u64(at + insnAt * 8), u32(10), u32(names.indexOf(name) + 1)),
    ),
  )
  const add = (
    name: string,
    type: number,
    flags: number,
    body: Uint8Array,
    link = 0,
    entry = 0,
  ): void => {
    const padded = new Uint8Array((body.length + 7) & ~7)
    padded.set(body)
    rows.push({ name, type, flags, body: padded, link, entry })
  }
  add('.text', 1, 6, text)
  add('.dynsym', 11, 2, join(...symbols), 3, 24)
  add('.dynstr', 3, 2, join(...strings))
  add('.rel.dyn', 9, 2, relocations, 2, 16)
  const place = (index: number): number =>
    rows.slice(0, index).reduce((sum, { body }) => sum + body.length, at)
  const dynamic: [number, number][] = [
    [17, place(3)],
    [18, relocations.length],
    [19, 16],
    [6, place(1)],
    [11, 24],
    [5, place(2)],
    [10, size],
    [0, 0],
  ]
  add('.dynamic', 6, 3, join(...dynamic.map(([tag, value]) => join(u64(tag), u64(value)))), 3, 16)
  const labels = ['', ...rows.map(({ name }) => name), '.shstrtab']
  const labelAt = (index: number): number =>
    labels.slice(0, index).reduce((sum, name) => sum + name.length + 1, 0)
  add('.shstrtab', 3, 0, utf8(labels.map((name) => `${name}\0`).join('')))
  const shoff = place(rows.length)
  const table = rows.map(({ type, flags, body, link, entry }, i) => {
    const offset = place(i)
    return join(
      u32(labelAt(i + 1)),
      u32(type),
      u64(flags),
      u64(flags === 0 ? 0 : offset),
      u64(offset),
      u64(body.length),
      u32(link),
      u32(0),
      u64(8),
      u64(entry),
    )
  })
  const bodies = rows.map(({ body }) => body)
  const head = header(version, 3, BigInt(at), 0, shoff, rows.length + 1)
  return join(head, ...bodies, new Uint8Array(64), ...table)
}

/** MurmurHash3 of 32 bits, seed 0. */
export function murmur3(bytes: Uint8Array): number {
  const mix = (k: number): number => {
    const m = Math.imul(k, 0xcc9e2d51)
    return Math.imul((m << 15) | (m >>> 17), 0x1b873593)
  }
  let h = 0
  let i = 0
  for (; i + 4 <= bytes.length; i += 4) {
    h ^= mix(bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24))
    h = (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0
  }
  let rest = 0
  for (let j = bytes.length - 1; j >= i; j--) rest = (rest << 8) | bytes[j]!
  if (i < bytes.length) h ^= mix(rest)
  h ^= bytes.length
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
