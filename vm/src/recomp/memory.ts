import { accessCode } from '../emit/access.ts'
import { type AccessInfo, accessOf } from '../ir/accesses.ts'
import { rowWords } from '../ir/program.ts'
import { irForms, irRows } from '../ir/table.ts'
import { ValType } from '../isa/wasm/table.ts'
import { type CheckedRange, type CheckWriter, checksOf } from './checks.ts'
import type { AccessContext } from './parts.ts'

const writesA = Uint8Array.from(irRows, ({ form }) => (irForms[form].a.includes('w') ? 1 : 0))

/** A checked range around a base register. */
interface Group extends CheckedRange {
  /** Local with the Wasm address of base + lo, less the profile's origin. */
  readonly local: number
}

/**
 * Memory accesses of a block. The first one through a base register checks the whole range that
 * the block accesses through it; a range that is refused leaves before the first access, and the
 * interpreter finds out which of them is at fault.
 */
export class GroupedMemory {
  private readonly e: AccessContext
  private readonly checks: CheckWriter
  private readonly groups = new Map<number, Group>()

  constructor(emitter: AccessContext) {
    this.e = emitter
    this.checks = checksOf(emitter)
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

  private info(row: number): { base: number; off: number; kind: AccessInfo } {
    const { rows } = this.e.parts.program
    const word = rows[row * rowWords]!
    return {
      base: (word >>> 16) & 0xff,
      off: rows[row * rowWords + 3]!,
      kind: accessOf(word & 0xff)!,
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
      const found = accessOf(word & 0xff)
      if (found !== undefined && ((word >>> 16) & 0xff) === base) {
        const from = program.rows[at * rowWords + 3]!
        const newLo = Math.min(lo, from)
        const newHi = Math.max(hi, from + found.bytes)
        if (newHi - newLo > this.checks.maxSpan) break
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
    this.checks.check(row, base, range, group.local)
    this.groups.set(base, group)
    return group
  }

  /** Pushes the loaded value. */
  load(row: number): void {
    const { off, kind } = this.info(row)
    const group = this.groupOf(row)
    this.e.f.localGet(group.local)
    this.e.f.load(accessCode(kind), 0, this.checks.origin + off - group.lo)
  }

  store(row: number, value: () => void): void {
    const { off, kind } = this.info(row)
    const group = this.groupOf(row)
    this.e.f.localGet(group.local)
    value()
    this.e.f.store(accessCode(kind), 0, this.checks.origin + off - group.lo)
  }
}
