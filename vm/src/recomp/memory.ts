import { Page, pageTable } from '../arena/layout.ts'
import { emitPageAddress, emitPageRefusal } from '../emit/pages.ts'
import { rowWords } from '../ir/program.ts'
import { irRows } from '../ir/table.ts'
import { Op, ValType } from '../isa/wasm/table.ts'
import { nullZone } from '../vm/memory.ts'
import { type AccessContext, Status } from './parts.ts'

interface Access {
  readonly code: number
  readonly bytes: number
  readonly align: number
  readonly write: boolean
}

const access = (code: number, bytes: number, align: number, write: boolean): Access => ({
  code,
  bytes,
  align,
  write,
})
const byName: Readonly<Record<string, Access>> = {
  load8u: access(Op.i64Load8U, 1, 0, false),
  load8s: access(Op.i64Load8S, 1, 0, false),
  load16u: access(Op.i64Load16U, 2, 0, false),
  load16s: access(Op.i64Load16S, 2, 0, false),
  load32u: access(Op.i64Load32U, 4, 0, false),
  load32s: access(Op.i64Load32S, 4, 0, false),
  load64: access(Op.i64Load, 8, 0, false),
  store8: access(Op.i64Store8, 1, 0, true),
  store16: access(Op.i64Store16, 2, 0, true),
  store32: access(Op.i64Store32, 4, 0, true),
  store64: access(Op.i64Store, 8, 0, true),
}
const accesses: readonly (Access | undefined)[] = irRows.map(
  ({ name, form }) => byName[form === 'storei' ? name.slice(0, -1) : name],
)
const writesA = Uint8Array.from(irRows, ({ form }) =>
  /^(abc|move|abi|movei|ab|ai|load)$/.test(form) ? 1 : 0,
)

/** A checked range around a base register. */
interface Group {
  readonly lo: number
  readonly hi: number
  readonly write: boolean
  /** Local with the Wasm address (less a constant) of base + lo. */
  readonly local: number
}

/** No group covers more: a limit is at least this, and so is a page. */
const maxSpan = 4096

/**
 * Memory accesses of a block. The first one through a base register checks the whole range that
 * the block accesses through it; a range that is refused leaves before the first access, and the
 * interpreter finds out which of them is at fault.
 */
export class GroupedMemory {
  private readonly e: AccessContext
  private readonly groups = new Map<number, Group>()

  constructor(emitter: AccessContext) {
    this.e = emitter
  }

  reset(): void {
    for (const base of [...this.groups.keys()]) this.written(base)
  }

  /** The register has another value now. */
  written(register: number): void {
    const group = this.groups.get(register)
    if (group === undefined) return
    this.e.f.free(group.local)
    this.groups.delete(register)
  }

  private info(row: number): { base: number; off: number; kind: Access } {
    const { rows } = this.e.parts.program
    const word = rows[row * rowWords]!
    return {
      base: (word >>> 16) & 0xff,
      off: rows[row * rowWords + 3]!,
      kind: accesses[word & 0xff]!,
    }
  }

  /** The range of accesses through a base from `row` on, to the end of the block or its next write. */
  private rangeFrom(row: number): { lo: number; hi: number; write: boolean } {
    const { blocks, program } = this.e.parts
    const { base, off, kind } = this.info(row)
    let lo = off
    let hi = off + kind.bytes
    let { write } = kind
    for (let at = row; at < program.count && (at === row || blocks.at[at]! < 0); at++) {
      const word = program.rows[at * rowWords]!
      const found = accesses[word & 0xff]
      if (found !== undefined && ((word >>> 16) & 0xff) === base) {
        const from = program.rows[at * rowWords + 3]!
        const newLo = Math.min(lo, from)
        const newHi = Math.max(hi, from + found.bytes)
        if (newHi - newLo > maxSpan) break
        lo = newLo
        hi = newHi
        write ||= found.write
      }
      if (writesA[word & 0xff] === 1 && ((word >>> 8) & 0xff) === base) break
    }
    return { lo, hi, write }
  }

  /** A group that covers the access of `row`, checked. */
  private groupOf(row: number): Group {
    const { base, off, kind } = this.info(row)
    const known = this.groups.get(base)
    if (
      known !== undefined &&
      known.lo <= off &&
      off + kind.bytes <= known.hi &&
      (known.write || !kind.write)
    )
      return known
    this.written(base)
    const range = this.rangeFrom(row)
    const group = { ...range, local: this.e.f.temp(ValType.i32) }
    if (this.e.parts.program.memory.profile === 'linear32') this.checkLinear(row, base, group)
    else this.checkPaged(row, base, group)
    this.groups.set(base, group)
    return group
  }

  private checkLinear(row: number, base: number, group: Group): void {
    const { e } = this
    const { f } = e
    const t = f.temp(ValType.i64)
    e.operand(base).whole()
    f.i64ConstBig(BigInt(group.lo - nullZone))
    f.op(Op.i64Add)
    f.localTee(t)
    f.localGet(e.limit)
    f.i64ConstS(group.hi - group.lo)
    f.op(Op.i64Sub)
    f.op(Op.i64GtU)
    f.ifUnlikely()
    e.leaveAt(row, Status.leave)
    f.end()
    f.localGet(t)
    f.op(Op.i32WrapI64)
    f.localSet(group.local)
    f.free(t)
  }

  private checkPaged(row: number, base: number, group: Group): void {
    const { e } = this
    const { f } = e
    const entry = f.temp(ValType.i32)
    e.operand(base).low()
    f.i32Const(group.lo | 0)
    f.op(Op.i32Add)
    f.localSet(group.local)
    const permission = group.write ? Page.writable : Page.readable
    emitPageRefusal(f, group.local, group.hi - group.lo, permission, entry, pageTable)
    f.ifUnlikely()
    e.leaveAt(row, Status.leave)
    f.end()
    emitPageAddress(f, group.local, entry)
    f.free(entry)
  }

  private constantPart(): number {
    return this.e.parts.program.memory.profile === 'linear32' ? this.e.parts.layout.guest : 0
  }

  /** Pushes the loaded value. */
  load(row: number): void {
    const { off, kind } = this.info(row)
    const group = this.groupOf(row)
    this.e.f.localGet(group.local)
    this.e.f.load(kind.code, kind.align, this.constantPart() + off - group.lo)
  }

  store(row: number, value: () => void): void {
    const { off, kind } = this.info(row)
    const group = this.groupOf(row)
    this.e.f.localGet(group.local)
    value()
    this.e.f.store(kind.code, kind.align, this.constantPart() + off - group.lo)
  }
}
