/** Executes programs before registers are chosen, with BigInt: what lifting, optimising and lowering are held against. */
import assert from 'node:assert/strict'
import { folds } from '#vm/opt/fold'
import type { Block, OptFunction, OptProgram, Value } from '#vm/opt/ir'
import { trapName } from '#vm/vm/exit'

/** How an evaluation ended. */
export type Outcome =
  | { readonly kind: 'return'; readonly results: readonly bigint[] }
  | { readonly kind: 'trap'; readonly trap: string; readonly func: string }
  | { readonly kind: 'fault'; readonly address: bigint; readonly func: string }
  | { readonly kind: 'steps' }

export interface EvaluateOptions {
  /** From address 0 up; the first 64 KiB are not mapped. `memoryFor` makes one. */
  readonly memory: Uint8Array
  /** Where the first frame ends. */
  readonly stackHigh: number
  /** Answers of a host call, by index of the import; r0 and r1. */
  readonly host?: (index: number, args: readonly bigint[], memory: Uint8Array) => readonly bigint[]
  /** More instructions end it with `steps`; 100 million unless told. */
  readonly maxSteps?: number
  /** More open calls trap with `callDepth`; 1000 unless told. */
  readonly maxDepth?: number
  /** Told what is executed: constants, phis and params do not count. */
  readonly count?: (value: Value) => void
}

/** What reading an `undef` gives. */
const undefined64 = 0x5eed_5eed_5eed_5eedn
const firstPage = 0x10000n

/** An instruction made ready: it reads values by id and answers its own, if it has one. */
type Step = (values: bigint[], machine: Machine) => bigint | undefined

class Stop extends Error {
  readonly outcome: Outcome

  constructor(outcome: Outcome) {
    super(outcome.kind)
    this.outcome = outcome
  }
}

/** A block made ready. `frame` and `entry` are places in `values` behind those of values. */
interface Code {
  readonly block: Block
  readonly steps: readonly { readonly value: Value; readonly run: Step }[]
}

class Machine {
  readonly program: OptProgram
  readonly options: EvaluateOptions
  readonly view: DataView
  private readonly codes = new Map<Block, Code>()
  private stepsLeft: number
  private depth = 0

  constructor(program: OptProgram, options: EvaluateOptions) {
    const { buffer, byteLength, byteOffset } = options.memory
    this.program = program
    this.options = options
    this.view = new DataView(buffer, byteOffset, byteLength)
    this.stepsLeft = options.maxSteps ?? 100_000_000
  }

  call(func: OptFunction, args: readonly bigint[], top: bigint): readonly bigint[] {
    if (this.depth >= (this.options.maxDepth ?? 1000)) this.trap('callDepth', func)
    const frame = top - BigInt(func.frameBytes)
    if (frame - BigInt(func.passes) < firstPage) this.trap('stackOverflow', func)
    this.depth++
    const values: bigint[] = new Array(func.values + 2).fill(undefined64)
    values[func.values] = frame
    values[func.values + 1] = top
    for (const [i, param] of func.params.entries()) values[param.id] = args[i] ?? undefined64
    let block = func.blocks[0]!
    for (let from: Block | undefined; ; ) {
      if (block.phis.length > 0) enter(block, from!, values)
      this.straight(block, func, values)
      const { end } = block
      if (end.op === 'ret') {
        this.depth--
        return end.args.map(({ id }) => values[id]!)
      }
      from = block
      block = this.next(end, values, func)
    }
  }

  private straight(block: Block, func: OptFunction, values: bigint[]): void {
    const { count } = this.options
    for (const { run, value } of this.codeOf(block, func).steps) {
      if (--this.stepsLeft < 0) throw new Stop({ kind: 'steps' })
      if (count !== undefined && value.op !== 'li' && value.op !== 'undef') count(value)
      const answer = run(values, this)
      if (answer !== undefined) values[value.id] = answer
    }
  }

  private next(end: Value, values: bigint[], func: OptFunction): Block {
    const { args, imm, op, targets } = end
    const x = args[0] === undefined ? 0n : values[args[0].id]!
    if (op === 'jump') return targets[0]!
    if (op === 'trap') return this.trap(trapName(Number(imm) as 1), func)
    if (op === 'switch') {
      const entry = this.entryOf(x)
      return (
        targets.find(({ label }) => label >= 0 && label === entry) ?? this.trap('invalidJump', func)
      )
    }
    const y = args[1] === undefined ? imm : values[args[1].id]!
    return targets[folds.get(op)!(x, y) === 0n ? 1 : 0]!
  }

  private entryOf(address: bigint): number {
    const { codeBase, codeStep, codeTable } = this.program
    const at = address - BigInt(codeBase)
    const index = Number(at / BigInt(codeStep))
    return at >= 0n && at % BigInt(codeStep) === 0n && index < codeTable.length ? index : -1
  }

  trap(trap: string, func: OptFunction): never {
    throw new Stop({ kind: 'trap', trap, func: func.name })
  }

  private codeOf(block: Block, func: OptFunction): Code {
    let code = this.codes.get(block)
    if (code === undefined) {
      const body = block.insns.slice(0, -1)
      code = { block, steps: body.map((value) => ({ value, run: this.stepOf(value, func) })) }
      this.codes.set(block, code)
    }
    return code
  }

  private stepOf(value: Value, func: OptFunction): Step {
    const { args, imm, op } = value
    const [x = -1, y = -1, z = -1] = args.map((arg) => arg.id)
    const frame = func.values
    const passes = BigInt(func.passes)
    const fold = folds.get(op)
    if (fold !== undefined)
      return args.length === 2 ? (v) => fold(v[x]!, v[y]!) : (v) => fold(v[x]!, imm)
    switch (op) {
      case 'li':
        return () => imm
      case 'undef':
        return () => undefined64
      case 'frame':
        return (v) => v[frame]!
      case 'entry':
        return (v) => v[frame + 1]!
      case 'out':
        return (v) => v[frame]! - passes
      case 'select':
        return (v) => (v[z] === 0n ? v[x]! : v[y]!)
      case 'result':
        return (v, m) => m.results.get(v)?.get(x)?.[Number(imm)] ?? undefined64
      case 'call':
      case 'callr':
      case 'host':
        return (v, m) => m.calling(value, v, func)
      default:
        return this.access(value, func)
    }
  }

  /** Answers of calls, per activation and call. */
  readonly results = new WeakMap<bigint[], Map<number, readonly bigint[]>>()

  calling(value: Value, values: bigint[], func: OptFunction): undefined {
    const { imm, op } = value
    const args = value.args.map(({ id }) => values[id]!)
    const { functions } = this.program
    const top = values[func.values]! - BigInt(func.passes)
    let answer: readonly bigint[]
    if (op === 'host') answer = this.options.host?.(Number(imm), args, this.options.memory) ?? []
    else if (op === 'call') answer = this.call(functions[Number(imm)]!, args, top)
    else {
      const entry = this.program.codeTable[this.entryOf(args[0]!)]
      const callee = entry === undefined || entry.block >= 0 ? undefined : functions[entry.func]
      answer = this.call(callee ?? this.trap('invalidCall', func), args.slice(1), top)
    }
    const known = this.results.get(values) ?? new Map<number, readonly bigint[]>()
    known.set(value.id, answer)
    this.results.set(values, known)
  }

  private access(value: Value, func: OptFunction): Step {
    const { args, imm, off, op } = value
    const parts = /^(load|store)(8|16|32|64)([usi]?)$/.exec(op)
    assert.ok(parts, `evaluate knows no ${op}`)
    const [, kind, bits, way] = parts
    const octets = Number(bits) / 8
    const at = (address: bigint): number => {
      const where = BigInt.asUintN(64, address + BigInt(off))
      if (where < firstPage || where + BigInt(octets) > BigInt(this.view.byteLength))
        throw new Stop({ kind: 'fault', address: where, func: func.name })
      return Number(where)
    }
    const base = args[kind === 'load' || way === 'i' ? 0 : 1]!.id
    if (kind === 'store') {
      const data = way === 'i' ? -1 : args[0]!.id
      return (v, { view }) => write(view, at(v[base]!), octets, data < 0 ? imm : v[data]!)
    }
    return (v, { view }) => {
      const word = read(view, at(v[base]!), octets)
      return way === 'u' ? word : BigInt.asIntN(8 * octets, word)
    }
  }
}

/** Phis take their values at once. */
function enter(block: Block, from: Block, values: bigint[]): void {
  const index = block.preds.indexOf(from)
  const taken = block.phis.map(({ args }) => values[args[index]!.id]!)
  for (const [i, phi] of block.phis.entries()) values[phi.id] = taken[i]!
}

/** Unsigned. */
function read(view: DataView, at: number, octets: number): bigint {
  let word = 0n
  for (let i = octets - 1; i >= 0; i--) word = (word << 8n) | BigInt(view.getUint8(at + i))
  return word
}

function write(view: DataView, at: number, octets: number, word: bigint): undefined {
  let left = word
  for (let i = 0; i < octets; i++) {
    view.setUint8(at + i, Number(left & 0xffn))
    left >>= 8n
  }
}

/**
 * Calls function `func` of the program.
 * @example evaluate(parseOpt('func 0 f(%0) results 1\n b0:\n %1 = add64i %0, #2\n ret %1'), 0, [40n], { memory, stackHigh })
 */
export function evaluate(
  program: OptProgram,
  func: number,
  args: readonly bigint[],
  options: EvaluateOptions,
): Outcome {
  const machine = new Machine(program, options)
  try {
    const signed = args.map((arg) => BigInt.asIntN(64, arg))
    const results = machine.call(program.functions[func]!, signed, BigInt(options.stackHigh))
    return { kind: 'return', results }
  } catch (error) {
    if (error instanceof Stop) return error.outcome
    throw error
  }
}

/** Memory with a program's data at the given addresses; all else is 0. */
export function memoryFor(
  program: OptProgram,
  {
    data,
    readOnly,
    size,
  }: { readonly data: number; readonly readOnly: number; readonly size: number },
): Uint8Array {
  const memory = new Uint8Array(size)
  memory.set(program.readOnly, readOnly)
  memory.set(program.data, data)
  return memory
}
