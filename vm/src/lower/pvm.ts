import { encodePvm, maxEncoded } from '../isa/pvm/encode.ts'
import { pvmRows, rowOf } from '../isa/pvm/table.ts'
import { type PvmIsa, type PvmVersionName, pvmIsa } from '../isa/pvm/versions.ts'
import type { OptProgram } from '../opt/ir.ts'
import { type LinearFunction, type LowerReport, linearise, reportOf } from './linear.ts'
import { orderFunctions } from './order.ts'
import { type PvmItem, type PvmItems, pvmItemsOf } from './pvm-items.ts'
import { pvmTarget } from './pvm-target.ts'

export interface PvmLowerOptions {
  readonly version: PvmVersionName
  /** The number that `ecalli` names an import by; its index if not given. */
  readonly hostNumber?: (index: number) => number
  /** Functions that jumps of five octets at pc 0, 5, ... lead to, by index in the program. */
  readonly dispatch?: readonly number[]
}

/** Code for PVM, and where everything went. */
export interface PvmLowered {
  readonly code: Uint8Array
  /** One bit per octet of code: set where an instruction starts. */
  readonly bitmask: Uint8Array
  /** Entries of the program's code table, then places behind calls. */
  readonly jumpTable: Uint32Array
  /** By index in the program: pc of each function, -1 for those that are absent. */
  readonly pcs: Int32Array
  /** Pairs: pc here, pc in the linked code; by pc here. */
  readonly sources: readonly (readonly [number, number])[]
  readonly report: LowerReport
}

/** A jump of the dispatch table: opcode and a whole offset. */
const dispatchLength = 5
const jumpRow = rowOf.jump
const entryStep = 2

/** Instructions of all functions in a row, at their places. */
class Placer {
  readonly items: readonly PvmItem[]
  readonly pcs: Int32Array
  private readonly isa: PvmIsa
  private readonly lengths: Uint8Array
  private readonly base: number
  private readonly octets = new Uint8Array(maxEncoded)

  constructor(isa: PvmIsa, items: readonly PvmItem[], base: number) {
    this.isa = isa
    this.items = items
    this.base = base
    this.pcs = new Int32Array(items.length + 1)
    this.lengths = new Uint8Array(items.length)
  }

  private encode(i: number): number {
    const { insn, to } = this.items[i]!
    insn.target = to < 0 ? this.pcs[i]! : this.pcs[to]!
    const length = encodePvm(this.isa, insn, this.pcs[i]!, this.octets)
    if (length === 0)
      throw new Error(`lower: ${this.isa.version} has no ${pvmRows[insn.row]?.name}`)
    return length
  }

  /** Lengths only grow, and with them distances: the result is the shortest. */
  place(): void {
    for (let grown = true; grown; ) {
      grown = false
      for (let i = 0; i < this.items.length; i++) {
        const length = this.encode(i)
        if (length <= this.lengths[i]!) continue
        this.lengths[i] = length
        grown = true
      }
      this.pcs[0] = this.base
      for (let i = 0; i < this.items.length; i++) this.pcs[i + 1] = this.pcs[i]! + this.lengths[i]!
    }
  }

  write(code: Uint8Array, bitmask: Uint8Array): void {
    for (let i = 0; i < this.items.length; i++) {
      const pc = this.pcs[i]!
      const length = this.encode(i)
      code.set(this.octets.subarray(0, length), pc)
      bitmask[pc >> 3]! |= 1 << (pc & 7)
    }
  }
}

/** Items of all functions, and what the places of the program are among them. */
class Collector {
  readonly items: PvmItem[] = []
  /** By index of the function: its first item. */
  readonly starts: Int32Array
  /** By entry of the jump table: the item it leads to. */
  readonly table: number[]
  private readonly program: OptProgram
  private readonly options: PvmLowerOptions

  constructor(program: OptProgram, options: PvmLowerOptions) {
    this.program = program
    this.options = options
    this.starts = new Int32Array(program.functions.length).fill(-1)
    this.table = new Array<number>(program.codeTable.length).fill(0)
  }

  add(index: number, linear: LinearFunction): void {
    const first = this.items.length
    this.starts[index] = first
    const { items, starts }: PvmItems = pvmItemsOf(linear, {
      returnAddress: (behind) => {
        this.table.push(first + behind)
        return entryStep * this.table.length
      },
      hostNumber: this.options.hostNumber ?? ((host) => host),
    })
    for (const item of items) {
      if (item.to >= 0 && !item.isCall) item.to += first
      this.items.push(item)
    }
    for (const { id, label } of linear.func.blocks)
      if (label >= 0) this.table[label] = first + starts[id]!
  }

  /** Calls lead to functions, and so does the code table. */
  finish(): void {
    for (const item of this.items) if (item.isCall) item.to = this.starts[item.to]!
    this.program.codeTable.forEach(({ block, func }, i) => {
      if (block < 0) this.table[i] = Math.max(0, this.starts[func]!)
    })
  }
}

/**
 * Writes a program as PVM code: instructions and registers chosen, return addresses in the jump table. Deterministic.
 * @throws {Error} what the target or its version has no words for
 */
export function lowerPvm(program: OptProgram, options: PvmLowerOptions): PvmLowered {
  const isa = pvmIsa(options.version)
  const linears = program.functions.map((func) => func && linearise(func, pvmTarget))
  const collector = new Collector(program, options)
  for (const index of orderFunctions(program)) collector.add(index, linears[index]!)
  collector.finish()
  const { items, starts, table } = collector
  const dispatch = options.dispatch ?? []
  const placer = new Placer(isa, items, dispatch.length * dispatchLength)
  placer.place()
  const { pcs } = placer
  const code = new Uint8Array(pcs[items.length]!)
  const bitmask = new Uint8Array((code.length + 7) >> 3)
  placer.write(code, bitmask)
  dispatch.forEach((index, i) => {
    const pc = dispatchLength * i
    code[pc] = isa.codeByRow[jumpRow]!
    new DataView(code.buffer).setInt32(pc + 1, pcs[starts[index]!]! - pc, true)
    bitmask[pc >> 3]! |= 1 << (pc & 7)
  })
  return {
    code,
    bitmask,
    jumpTable: Uint32Array.from(table, (item) => pcs[item]!),
    pcs: starts.map((item) => (item < 0 ? -1 : pcs[item]!)),
    sources: items.map(({ source }, i) => [pcs[i]!, source] as const),
    report: reportOf(linears),
  }
}
