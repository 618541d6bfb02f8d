import { assert } from '../bits/errors.ts'
import { BlockType, Op, type ValType } from '../isa/wasm/table.ts'
import { Bytes } from './bytes.ts'
import { maxBodyBytes, maxLocals, maxTableLabels } from './limits.ts'

/** An open block: what `br` goes to. Its relative depth is worked out where it is used. */
export type Label = number & { readonly label: unique symbol }

// A label keeps its depth in 16 bits.
const maxDepth = 0xffff
/** So deep a branch to an exit may be: its depth is patched into two octets of LEB128. */
const maxExitDepth = 0x3fff
const exitWords = 3

/**
 * Writes one function body: an instruction per call, in order, nothing checked but the block structure
 * and the use of locals. Everything else is the Wasm validator's task.
 *
 * `ModuleBuilder.func` makes one. Methods have a fixed arity and allocate nothing.
 * @example
 * const f = module.func(module.type([ValType.i64], [ValType.i64]))
 * f.localGet(0); f.i64Const(1, 0); f.op(Op.i64Add); f.finish()
 */
export class FuncBuilder {
  /** Index in the module's function space. */
  readonly index: number
  readonly type: number
  readonly params: number
  /** Branch hints in order: offset in the code (declarations of locals not counted), then 0 or 1. */
  readonly hints: number[] = []
  finished = false
  private code: Bytes
  private readonly pool: Bytes[]
  /** Size, declarations of locals and blocks around all, then instructions: what `finish` leaves. */
  private head: Uint8Array | undefined
  private instructions: Uint8Array | undefined
  private readonly localTypes: ValType[] = []
  private readonly localNames: (string | undefined)[] = []
  /** By local: is it a temporary in use; and how many are. */
  private readonly busy: boolean[] = []
  private temps = 0
  private readonly freeI32: number[] = []
  private readonly freeI64: number[] = []
  private readonly open: Label[] = []
  private serial = 0
  /** Branches to exits: place of the depth, blocks that are open there, exit. */
  private readonly exits: number[] = []
  /** Blocks around all that was written, which `finish` writes. */
  private around = 0

  /** @param pool buffers to write into; `finish` gives back the one that it took */
  constructor(index: number, type: number, params: readonly ValType[], pool: Bytes[] = []) {
    this.pool = pool
    this.code = pool.pop() ?? new Bytes(4096)
    this.index = index
    this.type = type
    this.params = params.length
    this.open.push(0 as Label)
  }

  // ---- locals

  /** Declares a local for the whole function; its value is zero at entry. */
  local(type: ValType, name?: string): number {
    const index = this.params + this.localTypes.length
    this.localTypes.push(type)
    if (name !== undefined) this.localNames[index] = name
    return index
  }

  /** A local to be given back with `free`; it may hold any value. */
  temp(type: ValType): number {
    const index = this.poolOf(type).pop() ?? this.local(type)
    this.busy[index] = true
    this.temps++
    return index
  }

  /** Gives back what `temp` answered. */
  free(index: number): void {
    assert(this.busy[index] === true, 'free: the local is not a temporary in use')
    this.busy[index] = false
    this.temps--
    this.poolOf(this.localTypes[index - this.params]!).push(index)
  }

  private poolOf(type: ValType): number[] {
    return type === 0x7f ? this.freeI32 : this.freeI64
  }

  /** Names a parameter or local in the name section. */
  nameLocal(index: number, name: string): void {
    this.localNames[index] = name
  }

  // ---- instructions

  /** Any instruction whose opcode is one byte and that has no immediates, control apart. */
  op(code: number): void {
    this.code.u8(code)
  }

  i32Const(value: number): void {
    this.code.u8(Op.i32Const)
    this.code.i32leb(value)
  }

  /** `high * 2^32 + low`, each a word. */
  i64Const(low: number, high: number): void {
    this.code.u8(Op.i64Const)
    this.code.i64leb(low, high)
  }

  /** A 64-bit constant that is the sign extension of a word. */
  i64ConstS(value: number): void {
    this.code.u8(Op.i64Const)
    this.code.i32leb(value)
  }

  /** A constant of magnitude below 2^53. */
  i64ConstNumber(value: number): void {
    this.i64Const(value | 0, Math.floor(value / 0x1_0000_0000))
  }

  i64ConstBig(value: bigint): void {
    this.code.u8(Op.i64Const)
    this.code.i64lebBig(value)
  }

  localGet(index: number): void {
    this.code.u8(Op.localGet)
    this.code.u32leb(index)
  }

  localSet(index: number): void {
    this.code.u8(Op.localSet)
    this.code.u32leb(index)
  }

  localTee(index: number): void {
    this.code.u8(Op.localTee)
    this.code.u32leb(index)
  }

  globalGet(index: number): void {
    this.code.u8(Op.globalGet)
    this.code.u32leb(index)
  }

  globalSet(index: number): void {
    this.code.u8(Op.globalSet)
    this.code.u32leb(index)
  }

  /** @param code a load's opcode @param align log2 of the alignment promised @param offset 0..2^32-1 */
  load(code: number, align: number, offset: number): void {
    this.code.u8(code)
    this.code.u8(align)
    this.code.u32leb(offset)
  }

  /** @param code a store's opcode @param align log2 of the alignment promised @param offset 0..2^32-1 */
  store(code: number, align: number, offset: number): void {
    this.code.u8(code)
    this.code.u8(align)
    this.code.u32leb(offset)
  }

  memorySize(): void {
    this.code.u8(Op.memorySize)
    this.code.u8(0)
  }

  memoryGrow(): void {
    this.code.u8(Op.memoryGrow)
    this.code.u8(0)
  }

  /** Operands: destination, source, length. */
  memoryCopy(): void {
    this.code.u8(Op.memoryCopy >> 8)
    this.code.u8(Op.memoryCopy & 0xff)
    this.code.u8(0)
    this.code.u8(0)
  }

  /** Operands: destination, byte, length. */
  memoryFill(): void {
    this.code.u8(Op.memoryFill >> 8)
    this.code.u8(Op.memoryFill & 0xff)
    this.code.u8(0)
  }

  drop(): void {
    this.code.u8(Op.drop)
  }

  select(): void {
    this.code.u8(Op.select)
  }

  unreachable(): void {
    this.code.u8(Op.unreachable)
  }

  // ---- control

  private enter(code: number, type: BlockType): Label {
    const depth = this.open.length
    assert(depth < maxDepth, 'block: nested too deeply')
    this.serial = (this.serial + 1) & 0x7fff
    const label = ((this.serial << 16) | depth) as Label
    this.open.push(label)
    this.code.u8(code)
    this.code.u8(type)
    return label
  }

  block(type: BlockType = BlockType.empty): Label {
    return this.enter(Op.block, type)
  }

  loop(type: BlockType = BlockType.empty): Label {
    return this.enter(Op.loop, type)
  }

  /** Takes an i32 from the stack. */
  if(type: BlockType = BlockType.empty): Label {
    return this.enter(Op.if, type)
  }

  /** `if` whose condition is rarely true. */
  ifUnlikely(type: BlockType = BlockType.empty): Label {
    this.hint(0)
    return this.enter(Op.if, type)
  }

  /** `if` whose condition is nearly always true. */
  ifLikely(type: BlockType = BlockType.empty): Label {
    this.hint(1)
    return this.enter(Op.if, type)
  }

  else(): void {
    this.code.u8(Op.else)
  }

  /** Closes the innermost open block. */
  end(): void {
    assert(this.open.length > 1, 'end: no block is open')
    this.open.pop()
    this.code.u8(Op.end)
  }

  /** The label of the function body: a branch to it returns. */
  get body(): Label {
    return this.open[0]!
  }

  private target(label: Label): void {
    const depth = label & 0xffff
    assert(this.open[depth] === label, 'br: the label is not open here')
    this.code.u32leb(this.open.length - 1 - depth)
  }

  private hint(likely: 0 | 1): void {
    this.hints.push(this.code.length, likely)
  }

  br(label: Label): void {
    this.code.u8(Op.br)
    this.target(label)
  }

  brIf(label: Label): void {
    this.code.u8(Op.brIf)
    this.target(label)
  }

  brIfUnlikely(label: Label): void {
    this.hint(0)
    this.brIf(label)
  }

  brIfLikely(label: Label): void {
    this.hint(1)
    this.brIf(label)
  }

  /** Can `brExit` be written here, if the function has no more than `exits` of them. */
  mayExit(exits: number): boolean {
    return this.open.length + exits < maxExitDepth
  }

  /** A branch to the end of a block around the whole body: see `openExits`. */
  brExit(exit: number): void {
    this.code.u8(Op.br)
    this.exits.push(this.code.length, this.open.length - 1, exit)
    this.code.u8(0x80)
    this.code.u8(0)
  }

  /**
   * Puts blocks around all that was written, where no block is open: one for each number that
   * branches to exits have, the first of `order` innermost. Answers their labels in that order.
   */
  openExits(order: readonly number[]): Label[] {
    assert(this.open.length === 1 && this.around === 0, 'openExits: a block is open')
    const { code, exits } = this
    const depths: number[] = []
    order.forEach((exit, depth) => {
      depths[exit] = depth
    })
    for (let i = 0; i < exits.length; i += exitWords) {
      const depth = exits[i + 1]! + depths[exits[i + 2]!]!
      assert(depth <= maxExitDepth, 'openExits: too deep')
      code.patchShort(exits[i]!, depth)
    }
    this.around = order.length
    const labels = order.map((_, i) => {
      this.serial = (this.serial + 1) & 0x7fff
      return ((this.serial << 16) | (order.length - i)) as Label
    })
    this.open.push(...[...labels].reverse())
    return labels
  }

  /** Takes an i32 index; out of range means `otherwise`. */
  brTable(labels: readonly Label[], otherwise: Label): void {
    assert(labels.length <= maxTableLabels, 'brTable: too many labels')
    this.code.u8(Op.brTable)
    this.code.u32leb(labels.length)
    for (let i = 0; i < labels.length; i++) this.target(labels[i]!)
    this.target(otherwise)
  }

  call(func: number): void {
    this.code.u8(Op.call)
    this.code.u32leb(func)
  }

  /** Takes the i32 index in `table` last. */
  callIndirect(type: number, table: number): void {
    this.code.u8(Op.callIndirect)
    this.code.u32leb(type)
    this.code.u32leb(table)
  }

  /** Tail call (Wasm 3.0; Node 20 has it). */
  returnCall(func: number): void {
    this.code.u8(Op.returnCall)
    this.code.u32leb(func)
  }

  /** Tail call; takes the i32 index in `table` last. */
  returnCallIndirect(type: number, table: number): void {
    this.code.u8(Op.returnCallIndirect)
    this.code.u32leb(type)
    this.code.u32leb(table)
  }

  return(): void {
    this.code.u8(Op.return)
  }

  // ---- the end

  /** Bytes of instructions written so far. */
  get size(): number {
    return this.instructions?.length ?? this.code.length
  }

  /** Ends the body. An open block or a temporary not given back is a mistake of ours. */
  finish(): void {
    assert(!this.finished, 'finish: the function is finished')
    assert(this.open.length === 1, `finish: ${this.open.length - 1} blocks still open`)
    assert(this.temps === 0, `finish: ${this.temps} temporaries still in use`)
    this.code.u8(Op.end)
    this.finished = true
    assert(this.params + this.localTypes.length <= maxLocals, 'finish: too many locals')
    assert(this.exits.length === 0 || this.around > 0, 'finish: exits without blocks')
    const declarations = this.declare()
    for (let i = 0; i < this.around; i++) {
      declarations.u8(Op.block)
      declarations.u8(BlockType.empty)
    }
    this.declarationBytes = declarations.length
    assert(declarations.length + this.size <= maxBodyBytes, 'finish: body too large')
    const head = new Bytes(declarations.length + 5)
    head.u32leb(declarations.length + this.size)
    head.append(declarations)
    this.head = head.finish()
    this.instructions = this.code.finish()
    this.code.clear()
    this.pool.push(this.code)
    this.code = new Bytes(0)
  }

  private declare(): Bytes {
    const types = this.localTypes
    let count = 0
    for (let i = 0; i < types.length; i++) if (i === 0 || types[i] !== types[i - 1]) count++
    const out = new Bytes(32)
    out.u32leb(count)
    for (let i = 0; i < types.length; ) {
      const start = i
      while (i < types.length && types[i] === types[start]) i++
      out.u32leb(i - start)
      out.u8(types[start]!)
    }
    return out
  }

  /** Writes the body as the code section has it: size, locals, instructions. */
  writeTo(out: Bytes): void {
    const { head, instructions } = this
    assert(
      head !== undefined && instructions !== undefined,
      `function ${this.index} is not finished`,
    )
    out.bytes(head)
    out.bytes(instructions)
  }

  /** What `writeTo` writes, in bytes. */
  get bytes(): number {
    return (this.head?.length ?? 0) + (this.instructions?.length ?? 0)
  }

  /** Bytes before the first instruction that was written: hints count from their start. */
  declarationBytes = 0

  /** Names of params and locals, by index. */
  get names(): readonly (readonly [number, string])[] {
    return [...this.localNames.entries()].flatMap(([i, name]) =>
      name === undefined ? [] : [[i, name] as const],
    )
  }
}
