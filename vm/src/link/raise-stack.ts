import type { Block, OptFunction, Value } from '../opt/ir.ts'

/** Frames stay multiples of what the calling convention aligns the stack to. */
const align = 16

/** A load or store at a known place of the stack. */
interface Access {
  readonly value: Value
  readonly at: number
  readonly bytes: number
  readonly isStore: boolean
}

/**
 * The stack of one function, by octets from where the stack pointer was at its entry: below is its frame, from there on up are
 * arguments. Where registers of the caller are kept is no part of the frame, if it is at its top.
 */
export class StackFrame {
  private readonly func: OptFunction
  private readonly entryBlock: Block
  private readonly depth: number
  private readonly saved = new Map<number, number>()
  private readonly accesses: Access[] = []
  private readonly addresses = new Map<number, Value>()
  private frameBase: Value | undefined
  private entryBase: Value | undefined
  /** First octet above all that is used of the frame but for saved registers. */
  private top: number
  /** Lowest octet that is read, or whose address goes anywhere. */
  private lowest = 0
  /** Octets of arguments that it reads or writes. */
  private incoming = 0
  /** An address that may reach arguments goes somewhere. */
  private reachesArguments = false
  /** Octets at the lowest address that are arguments of calls. */
  private passed = 0

  constructor(func: OptFunction, entryBlock: Block, depth: number) {
    this.func = func
    this.entryBlock = entryBlock
    this.depth = depth
    this.top = -depth
    this.end = -depth
  }

  /** A register of the caller is kept at `at`. */
  save(at: number, bytes: number): void {
    this.saved.set(at, bytes)
  }

  access(value: Value, at: number, bytes: number, isStore: boolean): void {
    this.accesses.push({ value, at, bytes, isStore })
    if (at < 0) this.top = Math.max(this.top, at + bytes)
    else this.incoming = Math.max(this.incoming, at + bytes)
    if (!isStore) this.lowest = Math.min(this.lowest, at)
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
      value = this.func.value('add64i', [], BigInt(this.offset(at)), 0, this.func.pc)
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
    const highest = Math.max(...this.saved.keys(), -this.depth)
    for (const [at, value] of this.addresses) {
      if (!used.has(value)) {
        this.addresses.delete(at)
        continue
      }
      // anything from there on up to the next saved register may be used; at its start is the end of what is below.
      // From above all of it anything below may be, too: nothing of the frame goes then
      if (!this.saved.has(at)) this.top = Math.max(this.top, Math.min(at + 1, 0))
      this.lowest = at >= 0 ? -this.depth : Math.min(this.lowest, at)
      if (at > highest) this.reachesArguments = true
      value.args.push(this.base(at))
      this.entryBlock.insns.push(value)
    }
  }

  private first(op: 'frame' | 'entry' | 'out'): Value {
    const value = this.func.value(op, [], 0n, 0, this.func.pc)
    this.entryBlock.insns.unshift(value)
    return value
  }

  /** Octets of arguments on the stack that it is known to use. */
  get arguments(): number {
    return Math.ceil(this.incoming / 8) * 8
  }

  /** May it read arguments on the stack? */
  get readsArguments(): boolean {
    return this.incoming > 0 || this.reachesArguments
  }

  /**
   * A call reads arguments on the stack: what is only written, below all that is read or whose address is known, is
   * stored where calls find it. The rest of the frame moves down.
   */
  passArguments(): void {
    let end = this.lowest
    for (const at of this.saved.keys()) end = Math.min(end, at)
    const stores = this.accesses.filter(({ at }) => at < 0).sort((a, b) => b.at - a.at)
    for (const { at, bytes } of stores) if (at < end && at + bytes > end) end = at
    for (const { at, bytes } of stores)
      if (at < end) this.passed = Math.max(this.passed, at + this.depth + bytes)
    if (this.passed === 0) return
    this.passed = Math.ceil(this.passed / 8) * 8
    const out = this.first('out')
    const shift = Math.floor((end + this.depth) / align) * align
    for (const { at, value } of stores)
      if (at < end) value.args[value.args.length - 1] = out
      else value.off -= shift
    for (const [at, value] of this.addresses) if (at < 0) value.imm -= BigInt(shift)
    this.end = end
    this.shifted = shift
    this.func.passes = this.passed
  }

  /** Below are arguments of calls; octets that the frame moved down by. */
  private end: number
  private shifted = 0

  /** A place where a saved register is used as something else, or undefined. */
  torn(): number | undefined {
    const accessed = new Map<number, number>()
    for (const { at, bytes } of this.accesses)
      accessed.set(at, Math.max(bytes, accessed.get(at) ?? 0))
    for (const [at, bytes] of this.saved)
      for (let octet = at - 7; octet < at + bytes; octet++) {
        const other = accessed.get(octet)
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
    const { end } = this
    const isUsed =
      this.accesses.some(({ at }) => at < 0 && at >= end) ||
      [...this.addresses.keys()].some((at) => at < 0)
    if (!isUsed) return 0
    return Math.ceil((top + this.depth - this.shifted) / align) * align
  }
}
