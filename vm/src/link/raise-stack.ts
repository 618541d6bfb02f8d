import type { Block, OptFunction, Value } from '../opt/ir.ts'

/** Frames stay multiples of what the calling convention aligns the stack to. */
const align = 16

/**
 * The stack of one function, by octets from where the stack pointer was at its entry: below is its frame, from there on up are
 * arguments. Where registers of the caller are kept is no part of the frame, if it is at its top.
 */
export class StackFrame {
  private readonly func: OptFunction
  private readonly entryBlock: Block
  private readonly depth: number
  private readonly saved = new Map<number, number>()
  private readonly accessed = new Map<number, number>()
  private readonly addresses = new Map<number, Value>()
  private frameBase: Value | undefined
  private entryBase: Value | undefined
  /** First octet above all that is used of the frame but for saved registers. */
  private top: number

  constructor(func: OptFunction, entryBlock: Block, depth: number) {
    this.func = func
    this.entryBlock = entryBlock
    this.depth = depth
    this.top = -depth
  }

  /** A register of the caller is kept at `at`. */
  save(at: number, bytes: number): void {
    this.saved.set(at, bytes)
  }

  access(at: number, bytes: number): void {
    this.accessed.set(at, Math.max(bytes, this.accessed.get(at) ?? 0))
    if (at < 0) this.top = Math.max(this.top, at + bytes)
  }

  /** What `offset` counts from. */
  base(at: number): Value {
    if (at >= 0) {
      this.entryBase ??= this.first('entry')
      return this.entryBase
    }
    this.frameBase ??= this.first('frame')
    return this.frameBase
  }

  offset(at: number): number {
    return at >= 0 ? at : at + this.depth
  }

  /** The address `at`, as a value that stands nowhere until `place`. */
  address(at: number): Value {
    let value = this.addresses.get(at)
    if (value === undefined) {
      const off = this.offset(at)
      const base = at >= 0 ? 'entry' : 'frame'
      value = this.func.value(off === 0 ? base : 'add64i', [], BigInt(off), 0, this.func.pc)
      if (off === 0) value.imm = 0n
      this.addresses.set(at, value)
    }
    return value
  }

  /** Puts the addresses that are used where they reach every use. O(operands) */
  place(): void {
    const used = new Set<Value>()
    for (const { insns, phis } of this.func.blocks) {
      for (const { args } of phis) for (const arg of args) used.add(arg)
      for (const { args } of insns) for (const arg of args) used.add(arg)
    }
    for (const [at, value] of this.addresses) {
      if (!used.has(value)) continue
      // anything from there on up to the next saved register may be used; at its start is the end of what is below.
      // From above all of it anything below may be, too: nothing of the frame goes then
      if (!this.saved.has(at)) this.top = Math.max(this.top, Math.min(at + 1, 0))
      if (value.op === 'add64i') value.args.push(this.base(at))
      else if (value.op === 'frame') this.frameBase ??= value
      this.entryBlock.insns.push(value)
    }
  }

  private first(op: 'frame' | 'entry'): Value {
    const value = this.func.value(op, [], 0n, 0, this.func.pc)
    this.entryBlock.insns.push(value)
    return value
  }

  /** A place where a saved register is used as something else, or undefined. */
  torn(): number | undefined {
    for (const [at, bytes] of this.saved)
      for (let octet = at - 7; octet < at + bytes; octet++) {
        const other = this.accessed.get(octet)
        if (other !== undefined && octet + other > at) return octet + this.depth
      }
    return undefined
  }

  /** Size of the frame without the saved registers above everything else. */
  bytes(): number {
    let top = 0
    const saved = [...this.saved.keys()].sort((a, b) => b - a)
    for (const at of saved) {
      if (at < this.top) break
      top = at
    }
    if (this.top === -this.depth && this.frameBase === undefined) return 0
    return Math.ceil((top + this.depth) / align) * align
  }
}
