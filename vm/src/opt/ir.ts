import type { IrOp } from '../ir/table.ts'

/**
 * Functions in static single assignment form, as the linkers optimise them before registers are chosen.
 *
 * Values have 64 bits. Ops are those of the register IR (`ir/table.ts`) with their meaning there, whose register operands
 * are `args` in the order b, c; and those below. Symbols are resolved: an address is a number.
 */
export type OptOp = OptRowOp | OptOwnOp

/** Rows of the register IR that stand for themselves. `call`, `callr`, `host`, `ret`, `trap`, `jump`: see `Value`. */
export type OptRowOp = Exclude<
  IrOp,
  | 'charge'
  | 'halt'
  | 'nop'
  | 'mov'
  | 'cmovz'
  | 'cmovnz'
  | 'cmovzi'
  | 'cmovnzi'
  | 'jump64'
  | 'jump32'
  | 'callrh'
  | 'trapz64'
  | 'trapz32'
  | 'trapo64'
  | 'trapo32'
  | 'memset'
  | 'sbrk'
  | 'packet'
>

/**
 * - `phi`: args in the order of its block's `preds`; a predecessor that is there twice has one value.
 * - `param`: argument `imm` of the function.
 * - `undef`: any value; reading it again may give another.
 * - `frame`: lowest address of the function's frame; `entry`: the first above it, where arguments on the stack begin.
 * - `out`: lowest address of all that the function has of the stack, where calls have their `entry`: what is stored there are
 *   arguments of calls. `frame` lies above `passes` octets of it.
 * - `select`: args[0] if args[2] = 0, else args[1].
 * - `result`: result `imm` (0 or 1) of the call args[0].
 * - `switch`: goes to the target whose `label` has the code address args[0]; any other address traps.
 */
export type OptOwnOp =
  | 'phi'
  | 'param'
  | 'undef'
  | 'frame'
  | 'entry'
  | 'out'
  | 'select'
  | 'result'
  | 'switch'

/**
 * An instruction and what it answers.
 *
 * - Immediate: `imm`, two's complement in -2^63..2^63-1. `li` is a constant.
 * - Memory: loads have args [address], stores [value, address] (the row's a, b), `store*i` [address] and `imm`; at `off` from it.
 * - `call`: function `imm` with args, by place; `callr`: code address args[0], arguments behind it; `host`: import `imm` with args.
 * - Terminators: `jump` to targets[0]; branches to targets[0], or else to targets[1]; `switch`; `ret` with 0..2 results as
 *   args; `trap` of kind `imm`.
 */
export class Value {
  op: OptOp
  args: Value[]
  imm: bigint
  off: number
  /** Of terminators; else empty. */
  targets: Block[] = []
  /** Place in the source's code that it comes from, for source maps; -1: none. */
  pc: number
  /** Different from all others of the function, below `OptFunction.values`. */
  readonly id: number

  constructor(id: number, op: OptOp, args: Value[], imm: bigint, off: number, pc: number) {
    this.id = id
    this.op = op
    this.args = args
    this.imm = imm
    this.off = off
    this.pc = pc
  }
}

/** Straight-line code: phis first, then instructions, the last of which is the one terminator. */
export class Block {
  readonly id: number
  readonly phis: Value[] = []
  insns: Value[] = []
  preds: Block[] = []
  /** Index into the program's code table where its address is taken, else -1. */
  label = -1

  constructor(id: number) {
    this.id = id
  }

  /** The terminator. */
  get end(): Value {
    return this.insns[this.insns.length - 1]!
  }

  get targets(): readonly Block[] {
    return this.end.targets
  }
}

/** blocks[0] is the entry and has no predecessors. Blocks that nothing reaches are absent. */
export class OptFunction {
  readonly id: number
  readonly name: string
  blocks: Block[] = []
  /** Ops `param`, by place: argument i is params[i]. They stand in no block. */
  params: Value[] = []
  /** 0..2 */
  results = 0
  /** Bytes from `frame` to `entry`, a multiple of 8. */
  frameBytes = 0
  /** Octets at `out` that arguments of calls take, a multiple of 8; 0: it has no `out`. */
  passes = 0
  /** Octets of arguments from `entry` on that it is known to use, a multiple of 8. */
  stackArguments = 0
  /** Callers and arguments are not all known: places of params and results are the ABI's, and stay. */
  isOpen = false
  /** Index into the program's code table, or -1. */
  codeEntry = -1
  /** Pc of its first instruction in the source's code. */
  pc = -1
  /** Ids given out. */
  values = 0
  /** Ids of blocks given out. */
  blockIds = 0

  constructor(id: number, name: string) {
    this.id = id
    this.name = name
  }

  value(op: OptOp, args: Value[] = [], imm = 0n, off = 0, pc = -1): Value {
    return new Value(this.values++, op, args, imm, off, pc)
  }

  block(): Block {
    const block = new Block(this.blockIds++)
    this.blocks.push(block)
    return block
  }
}

/** What a code address stands for: a function, or a block of one by its `label`. */
export interface CodeEntry {
  readonly func: number
  /** -1: the function itself. */
  readonly block: number
}

/** A whole program. `functions[i].id` is i; a function that was dropped is undefined. */
export interface OptProgram {
  readonly functions: (OptFunction | undefined)[]
  readonly exports: readonly { readonly name: string; readonly func: number }[]
  /** Host calls by index. */
  readonly imports: readonly string[]
  /** Entry i has the code address `codeBase + codeStep * i`, which code and data hold. */
  readonly codeTable: readonly CodeEntry[]
  readonly codeBase: number
  readonly codeStep: number
  readonly readOnly: Uint8Array
  readonly data: Uint8Array
  readonly bssSize: number
  readonly stackSize: number
}

/** What may happen besides an answer: what has an effect stays, and in order. */
export function hasEffect({ op }: Value): boolean {
  return effects.has(op) || isTerminator(op)
}

/** Does the op end a block. @example isTerminator('ret') // true */
export function isTerminator(op: OptOp): boolean {
  return op === 'jump' || op === 'ret' || op === 'trap' || op === 'switch' || isBranch(op)
}

/** Is the op a branch with two targets. @example isBranch('beq64i') // true */
export function isBranch(op: OptOp): boolean {
  return branches.has(op)
}

export function isLoad(op: OptOp): boolean {
  return op.startsWith('load')
}

export function isStore(op: OptOp): boolean {
  return op.startsWith('store')
}

const branches: ReadonlySet<string> = new Set(
  ['eq', 'ne', 'ltu', 'leu', 'gtu', 'geu', 'lts', 'les', 'gts', 'ges', 'set'].flatMap((condition) =>
    ['64', '32', '64i', '32i'].map((width) => `b${condition}${width}`),
  ),
)
const effects: ReadonlySet<string> = new Set([
  ...['call', 'callr', 'host'],
  ...['8', '16', '32', '64'].flatMap((width) => [`store${width}`, `store${width}i`]),
])

/** How often each value is used, by id. O(n) */
export function usesOf(func: OptFunction): Int32Array {
  const uses = new Int32Array(func.values)
  for (const { insns, phis } of func.blocks) {
    for (const { args } of phis) for (const arg of args) uses[arg.id]!++
    for (const { args } of insns) for (const arg of args) uses[arg.id]!++
  }
  return uses
}

/** Replaces operands: each value by what `by` has for it, again and again. O(n) */
export function replaceUses(func: OptFunction, by: ReadonlyMap<Value, Value>): void {
  if (by.size === 0) return
  const last = (value: Value): Value => {
    let at = value
    for (let next = by.get(at); next !== undefined; next = by.get(at)) at = next
    return at
  }
  const inPlace = (args: Value[]): void => {
    for (let i = 0; i < args.length; i++) args[i] = last(args[i]!)
  }
  for (const { insns, phis } of func.blocks) {
    for (const phi of phis) inPlace(phi.args)
    for (const insn of insns) inPlace(insn.args)
  }
}
