import { type Layout, PageWindows } from '../arena/layout.ts'
import { pagePlaces } from '../arena/windows.ts'
import type { FuncBuilder } from '../emit/func.ts'
import type { IrProgram } from '../ir/program.ts'
import { Op } from '../isa/wasm/table.ts'
import { nullZone } from '../vm/memory.ts'

/** Addresses that an access is expected in; its check says if it is there. */
export interface Window {
  readonly address: number
  /** Wasm address of the first octet. */
  readonly frame: number
  readonly writable: boolean
  readonly end: number
}

/** PVM's, and RISC-V's less one: what is near it is expected to be on the stack. A guess, no more. */
const stackRegister = 1

/** Where a program's accesses are expected; none in regions64. */
export class Windows {
  readonly list: readonly Window[]
  /** One window: all of memory, whose length is in a local. */
  readonly isLinear: boolean
  private readonly data: number
  private readonly stack: number

  /** @param checks false: for `Measure` only, where paged32 has no windows */
  constructor(program: IrProgram, layout: Layout, checks: boolean) {
    const { memory } = program
    this.isLinear = memory.profile === 'linear32'
    this.list = []
    if (memory.profile === 'linear32') {
      const { maxSize } = memory
      this.list = [{ address: nullZone, frame: layout.guest, writable: true, end: maxSize }]
    } else if (memory.profile === 'paged32' && checks)
      this.list = pagePlaces(memory, layout.guest).windows
    this.data = this.list.findIndex(({ writable }) => writable)
    const other = this.list.findIndex(({ writable }, i) => writable && i !== this.data)
    this.stack = other < 0 ? this.data : other
  }

  /**
   * Index of the window that an access is expected in, or -1.
   * @param distance of the address from an unknown value, or the address; large ones are taken for addresses
   * @param base register that the row counts from
   */
  guess(distance: number, base: number, write: boolean): number {
    const at = distance < 0 ? distance + 2 ** 32 : distance
    for (let i = 0; i < this.list.length; i++) {
      const { address, end, writable } = this.list[i]!
      if (at >= address && at < end && (writable || !write)) return i
    }
    return base === stackRegister ? this.stack : this.data
  }

  /** Windows in which an access may be, too, the likely ones first. */
  others(guess: number, write: boolean): number[] {
    const all = [this.data, this.stack, ...this.list.keys()]
    return all.filter(
      (i, at) =>
        i >= 0 && i !== guess && all.indexOf(i) === at && (this.list[i]!.writable || !write),
    )
  }

  /** How far Wasm addresses are from a window's own. */
  shift(window: number): number {
    return this.list[window]!.frame - this.list[window]!.address
  }
}

/**
 * Pushes an i64: so many octets of the window are mapped.
 * @param limit linear32: the local that has it
 */
export function pushLength(f: FuncBuilder, limit: number, windows: Windows, window: number): void {
  if (windows.isLinear) return f.localGet(limit)
  f.i32Const(0)
  f.load(Op.i64Load, 3, PageWindows.lengths + window * PageWindows.lengthBytes)
}
