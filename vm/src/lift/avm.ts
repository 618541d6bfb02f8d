import { IrBuilder } from '../ir/builder.ts'
import {
  type CodeTable,
  calleeWord,
  type IrProgram,
  irProgramOf,
  type ManagedCalls,
  plainRules,
} from '../ir/program.ts'
import { type IrOp, Op, temporary, zeroRegister } from '../ir/table.ts'
import { AvmByte, validateAvm } from '../isa/avm/decode.ts'
import { DecodedAvm } from '../isa/avm/decoded.ts'
import { avmCosts } from '../isa/avm/gas.ts'
import { type AvmInsn, newAvmInsn } from '../isa/avm/insn.ts'
import { avmSlots } from '../isa/avm/slots.ts'
import { avmCodeBase, avmRegisters, avmRows, noBase } from '../isa/avm/table.ts'
import { Trap } from '../vm/exit.ts'
import type { AvmProgram } from '../vm/program.ts'

/** A call saves r2 to r15, of which the last is the frame pointer. */
const firstSaved = 2
const savedRegisters = 14
const codeShift = 1
const t0 = temporary

/** State while one program is lifted; `insn` is the instruction at hand. */
interface Lifter {
  readonly program: AvmProgram
  readonly rows: IrBuilder
  readonly insn: AvmInsn
  /** By function. */
  readonly slots: Uint8Array
  /** Frame size of the function at hand. */
  frame: number
  usesCallr: boolean
  usesJump: boolean
}

type Lift = (l: Lifter, i: AvmInsn) => void

/** a = (b << by) + c; `low`: of the low half of b. */
const scaled =
  (by: number, low: boolean): Lift =>
  (l, i) => {
    if (low) l.rows.abc(Op.zext32, t0, i.b, 0)
    if (by > 0) l.rows.abi(Op.shl64i, t0, low ? t0 : i.b, by)
    l.rows.abc(Op.add64, i.a, t0, i.c)
  }

/** What is no single op of the IR, or needs to know the program. */
const special: Readonly<Record<string, Lift>> = {
  sh1add: scaled(1, false),
  sh2add: scaled(2, false),
  sh3add: scaled(3, false),
  adduw: scaled(0, true),
  sh1adduw: scaled(1, true),
  sh2adduw: scaled(2, true),
  sh3adduw: scaled(3, true),
  bclr64i: (l, i) => {
    l.rows.row(Op.and64i, t0, i.b, 0, i.low, i.high, 0)
    l.rows.row(Op.beq64i, 0, t0, 0, 0, 0, i.target)
  },
  jump64: (l, i) => {
    l.usesJump = true
    l.rows.row(Op.jump64, 0, i.b, 0, 0, 0, 0)
  },
  call: (l, i) => {
    const { args, frameSize, pc } = l.program.functions[i.target]!
    const word = calleeWord(frameSize, args, l.slots[i.target])
    l.rows.row(Op.call, 0, 0, 0, l.frame, word, pc)
  },
  callr: (l, i) => {
    l.usesCallr = true
    l.rows.row(Op.callr, 0, i.b, 0, l.frame, 0, 0)
  },
  host: (l, i) => l.rows.row(Op.host, 0, 0, 0, i.target, 0, 0),
}

/** One op, operands as they are: those that a shape does not have are 0 in both. */
function direct(op: number, memory: boolean): Lift {
  if (memory)
    return (l, i) =>
      l.rows.row(op, i.a, i.b === noBase ? zeroRegister : i.b, 0, i.low, i.high, i.off)
  return (l, i) => l.rows.row(op, i.a, i.b, i.c, i.low, i.high, i.target)
}

/** Appends the rows of an instruction, by row of the instruction table. */
export const avmLifts: readonly Lift[] = avmRows.map(
  ({ name, shape }) =>
    special[name] ??
    direct(Op[name as IrOp], shape === 'load' || shape === 'store' || shape === 'storei'),
)

/** The entries of the code table that are functions, or those that are not. */
function codeTable(
  { codeTable: pcs, functions }: AvmProgram,
  rowOf: Int32Array,
  used: boolean,
  isFunction: boolean,
): CodeTable {
  const starts = new Set(functions.map(({ pc }) => pc))
  const rows = Int32Array.from(used ? pcs : [], (pc) =>
    starts.has(pc) === isFunction ? rowOf[pc]! : -1,
  )
  return { base: BigInt(avmCodeBase), shift: codeShift, rows }
}

/**
 * Lifts an AVM program: one pass to validate it, which finds its blocks, one to write rows; O(code).
 * @throws {DecodeError} as `validateAvm`
 * @throws {VerifyError} `unknownSchedule` when the program's gas schedule is not known
 */
export function liftAvm(program: AvmProgram): IrProgram {
  const { code, functions, imports } = program
  const decoded = new DecodedAvm((code.length >> 1) + 16)
  const shape = { code, functions, codeTable: program.codeTable, imports: imports.length }
  const kinds = validateAvm(shape, decoded)
  const costs = avmCosts(program.gas)
  const rows = new IrBuilder(code.length + 1, (code.length >> 1) + 16, true)
  const insn = newAvmInsn()
  const slots = avmSlots(program, kinds)
  const lifter: Lifter = {
    program,
    rows,
    insn,
    slots,
    frame: 0,
    usesCallr: false,
    usesJump: false,
  }
  let next = 0
  for (let i = 0, pc = 0; i < decoded.count; i++) {
    if (next < functions.length && functions[next]!.pc === pc)
      lifter.frame = functions[next++]!.frameSize
    if ((kinds[pc]! & AvmByte.block) !== 0) rows.startSegment(pc, 0)
    rows.startInstruction(pc, 0)
    pc += decoded.read(i, insn)
    rows.addCost(costs[insn.row]!)
    avmLifts[insn.row]!(lifter, insn)
  }
  const built = rows.finish((_row, pc) => rows.trapStub(pc, Trap.invalidJump))
  const functionTable = codeTable(program, built.rowOf, lifter.usesCallr, true)
  const wordOf = new Map(
    functions.map(({ args, frameSize, pc }, i) => [pc, calleeWord(frameSize, args, slots[i])]),
  )
  const calls: ManagedCalls = {
    kind: 'managed',
    maxDepth: program.maxDepth,
    first: firstSaved,
    saved: savedRegisters,
    stackLow: program.stack.low,
    stackHigh: program.stack.high,
    declared: true,
    functions: functionTable,
    frameSizes: Int32Array.from(
      functionTable.rows,
      (_, i) => wordOf.get(program.codeTable[i]!) ?? -1,
    ),
  }
  return irProgramOf(built, {
    registers: avmRegisters,
    metering: 'block',
    memory: program.memory,
    calls: slots.every((count) => count === 0)
      ? calls
      : { ...calls, slots: { from: Int32Array.from(functions, ({ pc }) => pc), counts: slots } },
    jumps: codeTable(program, built.rowOf, lifter.usesJump, false),
    haltAddress: -1,
    badEntry: Trap.invalidInstruction,
    paging: { width: 64, nullPagePanics: false, pageFaults: true, sbrk: 'forbidden' },
    rules: plainRules,
    packet: { address: 0, length: 0 },
  })
}
