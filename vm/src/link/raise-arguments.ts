import { type OptFunction, replaceUses, type Value } from '../opt/ir.ts'

/** Arguments that every machine has registers for. */
const maxArguments = 8
const bytes = 8

/**
 * Functions that nothing but calls by name reaches may have more arguments than registers are for: the others go on the
 * stack, behind those that are there. O(code)
 */
export function passOnStack(functions: readonly (OptFunction | undefined)[]): void {
  const extra = functions.map((func) =>
    func === undefined ? 0 : Math.max(0, func.params.length - maxArguments),
  )
  if (!extra.some((count) => count > 0)) return
  for (const func of functions) if (func !== undefined) passFrom(func, functions, extra)
  functions.forEach((func, index) => {
    if (func !== undefined && extra[index]! > 0) takeFromStack(func)
  })
}

/** Stores what calls have too many of where their callees' `entry` will be. */
function passFrom(
  func: OptFunction,
  functions: readonly (OptFunction | undefined)[],
  extra: readonly number[],
): void {
  let out: Value | undefined
  for (const block of func.blocks) {
    if (!block.insns.some(({ imm, op }) => op === 'call' && extra[Number(imm)]! > 0)) continue
    const insns: Value[] = []
    for (const insn of block.insns) {
      const callee = insn.op === 'call' ? functions[Number(insn.imm)] : undefined
      if (callee !== undefined && insn.args.length > maxArguments) {
        out ??= base(func, 'out')
        const at = callee.stackArguments
        insn.args.splice(maxArguments).forEach((value, i) => {
          insns.push(func.value('store64', [value, out!], 0n, at + bytes * i, insn.pc))
        })
        func.passes = Math.max(func.passes, at + bytes * extra[callee.id]!)
      }
      insns.push(insn)
    }
    block.insns = insns
  }
}

function takeFromStack(func: OptFunction): void {
  const entry = base(func, 'entry')
  const by = new Map<Value, Value>()
  const loads = func.params.splice(maxArguments).map((param) => {
    const off = func.stackArguments
    const load = func.value('load64', [entry], 0n, off, func.pc)
    func.stackArguments += bytes
    by.set(param, load)
    return load
  })
  const { insns } = func.blocks[0]!
  insns.splice(insns.indexOf(entry) + 1, 0, ...loads)
  replaceUses(func, by)
}

/** The one value of an address of the stack, in the function's first block. */
function base(func: OptFunction, op: 'entry' | 'out'): Value {
  const { insns } = func.blocks[0]!
  let value = insns.find((insn) => insn.op === op)
  if (value === undefined) {
    value = func.value(op, [], 0n, 0, func.pc)
    insns.unshift(value)
  }
  return value
}
