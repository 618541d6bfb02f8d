import { LinkError } from '../bits/errors.ts'
import { OptFunction, type OptProgram } from '../opt/ir.ts'
import { passOnStack } from './raise-arguments.ts'
import { FunctionRaiser, type RaiseContext } from './raise-body.ts'
import { CfgBuilder, type RawFunction } from './raise-cfg.ts'
import { type Flow, flowOf } from './raise-flow.ts'
import {
  type Analysed,
  argumentMask,
  findReturning,
  openArguments,
  signaturesOf,
} from './raise-live.ts'
import { StateSteps } from './raise-state.ts'
import type { LinkedCode, TargetLayout } from './riscv-linked.ts'

export interface RaiseOptions {
  /** Where the objects were linked for. */
  readonly layout: Pick<TargetLayout, 'codeValues' | 'codeAddress'>
  /** Octets of stack of the program. */
  readonly stackSize: number
  /** How many arguments a host call has, by name; undefined: up to eight, as far as they are defined. */
  readonly importArguments?: (name: string) => number | undefined
}

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
    return argumentMask(known ?? openArguments)
  }
  const exportGives = linked.version === 'rv32' ? 3 : 1
  const signatures = signaturesOf(builder, functions, importTakes, exportGives)
  const ecall = linked.imports.length
  const context: RaiseContext = { builder, steps, functions, signatures, importTakes, ecall }
  return program(linked, options, raiseAll(context))
}

/** Functions that code outside may reach: exports and those whose address is taken. */
function rootsOf({ entry, exports, functions }: LinkedCode): readonly number[] {
  const roots = new Set<number>(exports.map(({ index }) => index))
  functions.forEach(({ addressTaken }, index) => {
    if (addressTaken) roots.add(index)
  })
  if (entry !== undefined) roots.add(functionAt(functions, entry))
  return [...roots]
}

function functionAt(functions: LinkedCode['functions'], pc: number): number {
  return functions.findIndex(({ end, start }) => pc >= start && pc < end)
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

function program(
  linked: LinkedCode,
  { layout, stackSize }: RaiseOptions,
  functions: (OptFunction | undefined)[],
): OptProgram {
  const { bss, codeTable, data, entry, exports, imports, readOnly } = linked
  const named = exports.map(({ index, name }) => ({ name, func: index }))
  if (entry !== undefined) {
    const func = functionAt(linked.functions, entry)
    if (!named.some((known) => known.func === func))
      named.push({ name: linked.functions[func]!.name, func })
  }
  const labels = new Map<number, number>()
  for (const func of functions)
    for (const { id, label } of func?.blocks ?? []) if (label >= 0) labels.set(label, id)
  const { codeValues } = layout
  return {
    functions,
    exports: named,
    imports: usesEcall(functions, imports.length) ? [...imports, ecallImport] : imports,
    codeTable: codeTable.map(({ index, isFunction }, i) => ({
      func: index,
      block: isFunction ? -1 : (labels.get(i) ?? 0),
    })),
    codeBase: codeValues === 'address' ? layout.codeAddress : codeValues.base,
    codeStep: codeValues === 'address' ? 0 : codeValues.step,
    readOnly: readOnly.bytes,
    data: data.bytes,
    bssSize: bss.size,
    stackSize,
  }
}

function usesEcall(functions: readonly (OptFunction | undefined)[], index: number): boolean {
  for (const func of functions)
    for (const { insns } of func?.blocks ?? [])
      for (const { imm, op } of insns) if (op === 'host' && imm === BigInt(index)) return true
  return false
}
