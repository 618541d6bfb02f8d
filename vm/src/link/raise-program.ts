import type { OptFunction, OptProgram } from '../opt/ir.ts'
import type { LinkedCode, TargetLayout } from './riscv-linked.ts'

export interface RaiseOptions {
  /** Where the objects were linked for. */
  readonly layout: Pick<TargetLayout, 'codeValues' | 'codeAddress'>
  /** Octets of stack of the program. */
  readonly stackSize: number
  /** How many arguments a host call has, by name; undefined: up to eight, as far as they are defined. */
  readonly importArguments?: (name: string) => number | undefined
}

/** Functions that code outside may reach: exports and those whose address is taken. */
export function rootsOf({ entry, exports, functions }: LinkedCode): readonly number[] {
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

/** The program of functions, by index; `undefined`: those that nothing reaches. */
export function programOf(
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
    imports,
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
