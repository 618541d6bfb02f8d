import {
  displacementKind,
  immediateKind,
  type Operand,
  type OperandKind,
  registerKind,
  type Syntax,
  syntaxOf,
  targetKind,
} from '../text.ts'
import type { AvmInsn } from './insn.ts'
import { type AvmShape, avmRegisters, avmRows } from './table.ts'

/** Operands of each shape as text; `[abs+N]` is an address without a base register. */
const templates: Readonly<Record<AvmShape, string>> = {
  li: ' {a}, {imm}',
  getslot: ' {a}, {imm}',
  setslot: ' {imm}, {a}',
  ab: ' {a}, {b}',
  abc: ' {a}, {b}, {c}',
  abi: ' {a}, {b}, {imm}',
  load: ' {a}, [{base}{off}]',
  store: ' [{base}{off}], {a}',
  storei: ' [{base}{off}], {imm}',
  branch: ' {b}, {c}, {target}',
  branchi: ' {b}, {imm}, {target}',
  jump: ' {target}',
  jumpr: ' {b}',
  call: ' {target}',
  callr: ' {b}',
  ret: '',
  host: ' {target}',
  trap: ' {imm}',
}

const names = Array.from({ length: avmRegisters }, (_, index) => `r${index}`)
const register = registerKind(names, 'a register r0..r15')
const imm64 = immediateKind(64, true)
const label = targetKind(32)
/** A number, or a label or function whose code address it is. */
const constant: OperandKind = {
  what: 'a number or a label',
  parse: (tokens, at) => imm64.parse(tokens, at) ?? label.parse(tokens, at),
  print: (value) => (typeof value === 'object' ? value.label : imm64.print(value)),
}
const kinds: Readonly<Record<string, OperandKind>> = {
  a: register,
  b: register,
  c: register,
  base: registerKind([...names, 'abs'], 'a register r0..r15 or abs'),
  off: displacementKind(32),
  imm: imm64,
  target: label,
}

let made: Syntax | undefined

/** The text of AVM's instructions. */
export function avmSyntax(): Syntax {
  made ??= syntaxOf(
    avmRows.map(({ name, shape }, row) => ({
      row,
      syntax: name + templates[shape],
      kinds: shape === 'li' ? { ...kinds, imm: constant } : kinds,
    })),
  )
  return made
}

/**
 * An instruction as text.
 * @param target the text of what it names: a label, a function or an import; `constant`: of what `li` loads, if it has a name
 */
export function printAvm(
  insn: Readonly<AvmInsn>,
  target: (insn: Readonly<AvmInsn>) => string,
  constantName: (value: number) => string | undefined = () => undefined,
): string {
  const { a, b, c, high, low, off, row } = insn
  const named = avmRows[row]!.shape === 'li' && high === 0 ? constantName(low) : undefined
  const imm: Operand =
    named === undefined ? (BigInt(high) << 32n) | BigInt(low >>> 0) : { label: named }
  const place = { label: target(insn) }
  return avmSyntax().print(row, { a, b, c, base: b, off, imm, target: place })
}
