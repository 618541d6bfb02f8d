import { At } from '../arena/layout.ts'
import type { FuncBuilder } from '../emit/func.ts'
import type { IrProgram } from '../ir/program.ts'
import { Op, ValType } from '../isa/wasm/table.ts'
import { type Convention, depthBits, param, returnBit, type Signature } from './convention.ts'
import { statusBits } from './exits.ts'
import { Status } from './parts.ts'

const place = 0
const depth = 1
const budget = 2

/** `run(place, depth, budget) -> Status`: calls functions until one of them does not go on elsewhere. */
export function emitTrampoline(
  f: FuncBuilder,
  type: number,
  table: number,
  program: IrProgram,
  convention: Convention,
): void {
  const gas = f.local(ValType.i64, 'gas')
  const load = (at: number): void => {
    f.i32Const(0)
    f.load(Op.i64Load, 3, at)
  }
  const keep = (at: number, local: number): void => {
    f.i32Const(0)
    f.localGet(local)
    f.store(Op.i64Store, 3, at)
  }
  const indirect = (): void => {
    f.localGet(place)
    f.i32Const(16)
    f.op(Op.i32ShrU)
    f.callIndirect(type, table)
  }
  if (convention.managed) {
    const answer = f.local(ValType.i64, 'answer')
    const loop = f.loop()
    setDeepest(f, program)
    rememberEntry(f, program)
    f.localGet(place)
    f.i32Const(1)
    f.op(Op.i32Add)
    f.i32Const(depthBits)
    f.op(Op.i32Shl)
    f.localGet(depth)
    f.op(Op.i32Or)
    load(At.gas)
    indirect()
    f.localSet(answer)
    f.localTee(gas)
    f.i64ConstS(0)
    f.op(Op.i64GeS)
    f.if()
    keep(At.gas, gas)
    keep(At.registers + 8 * convention.answered, answer)
    f.i32Const(Status.returned)
    f.return()
    f.end()
    // where callees declare their arguments, homes and frames are completed outside first
    if (!convention.declared) {
      pushStatus(f)
      f.i32Const(Status.goto)
      f.op(Op.i32Eq)
      f.if()
      for (const [at, local] of [
        [At.goto, place],
        [At.depth, depth],
      ] as const) {
        f.i32Const(0)
        f.load(Op.i32Load, 2, at)
        f.localSet(local)
      }
      f.br(loop)
      f.end()
    }
    f.end()
  } else {
    load(At.gas)
    f.localSet(gas)
    const loop = f.loop()
    f.localGet(place)
    f.i32Const(returnBit - 1)
    f.op(Op.i32And)
    f.localGet(gas)
    f.localGet(budget)
    indirect()
    f.localSet(place)
    f.localSet(gas)
    f.localGet(place)
    f.i32Const(0)
    f.op(Op.i32GeS)
    f.brIf(loop)
    f.end()
  }
  pushStatus(f)
  f.finish()
}

/** How the function that was left ended. */
function pushStatus(f: FuncBuilder): void {
  f.i32Const(0)
  f.load(Op.i32Load8U, 0, At.exitInfo)
  f.i32Const((1 << statusBits) - 1)
  f.op(Op.i32And)
}

/** Enters a function from outside: guest registers that are params come from their homes. */
export function emitEntry(f: FuncBuilder, { inParams }: Signature, func: number): void {
  f.localGet(param.entry)
  f.localGet(param.gas)
  for (const r of inParams) {
    if (r < 0) f.i64ConstS(0)
    else {
      f.i32Const(0)
      f.load(Op.i64Load, 3, At.registers + 8 * r)
    }
  }
  f.call(func)
  f.finish()
}

/** Registers that functions do not touch are not in their frames: they are as here. */
function rememberEntry(f: FuncBuilder, { calls }: IrProgram): void {
  if (calls.kind !== 'managed') return
  f.i32Const(0)
  f.localGet(depth)
  f.store(Op.i32Store, 2, At.entered)
  for (let i = 0; i < calls.saved; i++) {
    f.i32Const(0)
    f.i32Const(0)
    f.load(Op.i64Load, 3, At.registers + 8 * (calls.first + i))
    f.store(Op.i64Store, 3, At.savedThen + 8 * i)
  }
}

/** Calls are left to the interpreter where the guest's depth ends, or the budget of Wasm frames. */
function setDeepest(f: FuncBuilder, { calls }: IrProgram): void {
  if (calls.kind !== 'managed') return
  const sum = f.temp(ValType.i32)
  f.i32Const(0)
  f.localGet(depth)
  f.localGet(budget)
  f.op(Op.i32Add)
  f.localTee(sum)
  f.i32Const(calls.maxDepth)
  f.localGet(sum)
  f.i32Const(calls.maxDepth)
  f.op(Op.i32LtU)
  f.select()
  f.store(Op.i32Store, 2, At.deepest)
  f.free(sum)
}
