import type { OptProgram } from '../opt/ir.ts'

/** Indices of a program's functions, those that most calls name first: their numbers are short. Ties stay in order. */
export function orderFunctions(program: OptProgram): number[] {
  const calls = new Float64Array(program.functions.length)
  for (const func of program.functions) {
    for (const { insns } of func?.blocks ?? [])
      for (const { imm, op } of insns) if (op === 'call') calls[Number(imm)]!++
  }
  const indices = [...program.functions.keys()].filter((i) => program.functions[i] !== undefined)
  return indices.sort((x, y) => calls[y]! - calls[x]! || x - y)
}
