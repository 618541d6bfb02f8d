import { LinkError } from '../bits/errors.ts'
import { OptFunction, type OptProgram } from '../opt/ir.ts'
import { passOnStack } from './raise-arguments.ts'
import { type Analysed, FunctionRaiser, type RaiseContext } from './raise-body.ts'
import { CfgBuilder, type RawFunction } from './raise-cfg.ts'
import { argumentMask, riscvConvention } from './raise-convention.ts'
import { type Flow, flowOf } from './raise-flow.ts'
import { findReturning, signaturesOf } from './raise-live.ts'
import { programOf, type RaiseOptions, rootsOf } from './raise-program.ts'
import { StateSteps } from './raise-state.ts'
import { usesOfBlocks } from './raise-uses.ts'
import type { LinkedCode } from './riscv-linked.ts'

/** Name of the host call that `ecall` becomes: arguments a0 to a7. */
export const ecallImport = 'ecall'

/** Times that a function is cut anew because something was found out about its jumps. */
const maxRounds = 64

/**
 * Makes functions of the optimiser of linked RISC-V code: registers become values, calls are managed, the stack pointer and what
 * functions keep for their callers is gone. O(code) for code as compilers make it.
 * @throws {LinkError} when a function does not keep to the calling convention in a way that can be proved, or has instructions
 *   that are unknown; it names the function and the flag that avoids it
 */
export function raiseRiscv(linked: LinkedCode, options: RaiseOptions): OptProgram {
  const builder = new CfgBuilder(linked)
  const steps = new StateSteps(linked)
  const raws = cutAll(builder)
  findReturning(raws)
  const functions = analyse(builder, steps, raws)
  const importTakes = (index: number): number => {
    const known = options.importArguments?.(linked.imports[index]!)
    return argumentMask(riscvConvention, known ?? riscvConvention.open)
  }
  const exportGives = linked.version === 'rv32' ? 3 : 1
  const called = functions.map((func, index) => {
    if (func === undefined) return undefined
    const gives = linked.functions[index]!.exported ? exportGives : 0
    return { uses: usesOfBlocks(builder, func.flow.order), isOpen: func.isOpen, gives }
  })
  const signatures = signaturesOf(riscvConvention, called, importTakes)
  const ecall = linked.imports.length
  const context: RaiseContext = { builder, steps, functions, signatures, importTakes, ecall }
  const made = raiseAll(context)
  const program = programOf(linked, options, made)
  return usesEcall(made, ecall)
    ? { ...program, imports: [...program.imports, ecallImport] }
    : program
}

/** Cuts all functions; undefined: one that is refused if anything reaches it. */
function cutAll(builder: CfgBuilder): (RawFunction | undefined)[] {
  return builder.linked.functions.map((_, index) => {
    try {
      return builder.build(index, new Map())
    } catch (error) {
      if (error instanceof LinkError) return undefined
      throw error
    }
  })
}

function callees(raw: RawFunction): number[] {
  const found: number[] = []
  for (const { end } of raw.blocks)
    if ((end.kind === 'call' || end.kind === 'tail') && end.target.kind === 'function')
      found.push(end.target.index)
  return found
}

function analyse(
  builder: CfgBuilder,
  steps: StateSteps,
  raws: (RawFunction | undefined)[],
): (Analysed | undefined)[] {
  const open = new Set(rootsOf(builder.linked))
  const functions: (Analysed | undefined)[] = raws.map(() => undefined)
  // functions that became part of all their callers are not made: only what is reached is looked at
  const work = [...open]
  for (let index = work.pop(); index !== undefined; index = work.pop()) {
    if (functions[index] !== undefined) continue
    const analysed = settle(builder, steps, raws, index)
    functions[index] = { ...analysed, isOpen: open.has(index) }
    const live = new Set(analysed.flow.order)
    for (const block of analysed.raw.blocks)
      if (live.has(block)) work.push(...callees({ ...analysed.raw, blocks: [block] }))
  }
  return functions
}

function settle(
  builder: CfgBuilder,
  steps: StateSteps,
  raws: (RawFunction | undefined)[],
  index: number,
): { readonly raw: RawFunction; readonly flow: Flow } {
  let raw = raws[index] ?? builder.build(index, new Map())
  for (let round = 0; ; round++) {
    const flow = flowOf(builder, steps, raw, round === maxRounds)
    if (flow !== undefined) return { raw, flow }
    raw = { ...builder.build(index, raw.decisions), returns: raw.returns }
    raws[index] = raw
    findReturning(raws, raw)
  }
}

function raiseAll(context: RaiseContext): (OptFunction | undefined)[] {
  const { codeTable, functions } = context.builder.linked
  const made: (OptFunction | undefined)[] = []
  const raisers: FunctionRaiser[] = []
  const readers = new Set<number>()
  let openReads = false
  context.functions.forEach((analysed, index) => {
    if (analysed === undefined) {
      made.push(undefined)
      return
    }
    const { name, start } = functions[index]!
    const func = new OptFunction(index, name)
    func.pc = start
    func.isOpen = analysed.isOpen
    func.codeEntry = codeTable.findIndex((place) => place.isFunction && place.index === index)
    const raiser = new FunctionRaiser(context, analysed, func)
    raiser.raise()
    made.push(func)
    raisers.push(raiser)
    if (!raiser.readsArguments) return
    readers.add(index)
    openReads ||= func.isOpen
  })
  for (const raiser of raisers) raiser.finish(made, readers, openReads)
  passOnStack(made)
  return made
}

function usesEcall(functions: readonly (OptFunction | undefined)[], index: number): boolean {
  for (const func of functions)
    for (const { insns } of func?.blocks ?? [])
      for (const { imm, op } of insns) if (op === 'host' && imm === BigInt(index)) return true
  return false
}
