import {
  type Operand,
  type OperandKind,
  printNumber,
  registerKind,
  type Syntax,
  syntaxOf,
  type Template,
  takeNumber,
} from '../text.ts'
import { type PvmName, type PvmRow, pvmRegisters, pvmRows, rowOf } from './table.ts'
import { type PvmIsa, pvmIsa } from './versions.ts'

// polkavm's names, and r0..r12
const register: OperandKind = (() => {
  const byName = registerKind(pvmRegisters, 'a register ra, sp, t0..t2, s0, s1, a0..a5')
  const byNumber = registerKind(
    pvmRegisters.map((_, index) => `r${index}`),
    '',
  )
  return {
    ...byName,
    parse: (tokens, at) => byName.parse(tokens, at) ?? byNumber.parse(tokens, at),
  }
})()

const signed = (value: bigint): boolean => value >= -0x8000_0000n && value < 0x8000_0000n

/**
 * A number of 32 bits that is sign-extended where it is used, written as a signed number or as the
 * 64 bits that it becomes; where only its low `low` bits count, also as an unsigned number of those.
 */
function immediate(low: number): OperandKind {
  return {
    what: 'a number of 32 bits, sign-extended',
    parse: (tokens, at) => {
      const taken = takeNumber(tokens, at)
      if (taken === undefined || typeof taken === 'string') return taken
      const wrapped = taken.bits ? BigInt.asIntN(64, taken.value) : taken.value
      if (taken.value < 1n << 64n && signed(wrapped))
        return { value: Number(wrapped), next: taken.next }
      if (low > 0 && taken.value >= 0n && taken.value < 1n << BigInt(low))
        return { value: Number(BigInt.asIntN(32, taken.value)), next: taken.next }
      return undefined
    },
    print: (value) => printNumber(value as number),
  }
}

const extended = immediate(0)
const address = immediate(32)

/** `- n` for `+ n`. */
const negated: OperandKind = {
  ...extended,
  parse: (tokens, at) => {
    const taken = extended.parse(tokens, at)
    if (taken === undefined || typeof taken === 'string') return taken
    const value = -Number(taken.value)
    return signed(BigInt(value)) ? { value, next: taken.next } : undefined
  },
}

/** Nothing for 0, otherwise ` + n` or ` - n`. */
const displacement: OperandKind = {
  what: 'a displacement',
  parse: (tokens, at) => {
    const sign = tokens[at]
    if (sign !== '+' && sign !== '-') return { value: 0, next: at }
    const taken = address.parse(tokens, at + 1)
    if (taken === undefined || typeof taken === 'string') return taken
    const value = sign === '-' ? -Number(taken.value) : Number(taken.value)
    return { value: value | 0, next: taken.next }
  },
  print: (value) => {
    const number = Number(value)
    if (number === 0) return ''
    return number < 0 ? ` - ${printNumber(-number)}` : ` + ${printNumber(number)}`
  },
}

const constant: OperandKind = {
  what: 'a number of 64 bits',
  parse: (tokens, at) => {
    const taken = takeNumber(tokens, at)
    if (taken === undefined || typeof taken === 'string') return taken
    if (taken.value < -(1n << 63n) || taken.value >= 1n << 64n) return undefined
    return { value: BigInt.asUintN(64, taken.value), next: taken.next }
  },
  print: (value) => `0x${BigInt(value as bigint).toString(16)}`,
}

/** `@name`, or `+n` / `-n` octets from the start of this instruction. */
const target: OperandKind = {
  what: 'a label @name, or +n or -n',
  parse: (tokens, at) => {
    const token = tokens[at] ?? ''
    if (token.startsWith('@') && token.length > 1) return { value: { label: token }, next: at + 1 }
    if (token !== '+' && token !== '-') return undefined
    const taken = takeNumber(tokens, at)
    if (taken === undefined || typeof taken === 'string') return taken
    return signed(taken.value) ? { value: Number(taken.value), next: taken.next } : undefined
  },
  print: (value: Operand) =>
    typeof value === 'object' ? value.label : (Number(value) < 0 ? '' : '+') + printNumber(value),
}

const hostCall: OperandKind = { ...address, what: 'the number of a host call' }

/** Other ways to write a row: the text and the fields it fills. */
type Alias = readonly [syntax: string, name: PvmName]
const commutative = ['+ add_imm_64', '& and_imm', '| or_imm', '^ xor_imm', '* mul_imm_64']
const commutative32 = ['+ add_imm_32', '* mul_imm_32']
const swapped = [
  ['>u', 'branch_lt_u'],
  ['>s', 'branch_lt_s'],
  ['<=u', 'branch_ge_u'],
  ['<=s', 'branch_ge_s'],
] as const
const swappedImm = [
  ['==', 'branch_eq_imm'],
  ['!=', 'branch_ne_imm'],
  ['<u', 'branch_gt_u_imm'],
  ['<s', 'branch_gt_s_imm'],
  ['<=u', 'branch_ge_u_imm'],
  ['<=s', 'branch_ge_s_imm'],
  ['>u', 'branch_lt_u_imm'],
  ['>s', 'branch_lt_s_imm'],
  ['>=u', 'branch_le_u_imm'],
  ['>=s', 'branch_le_s_imm'],
] as const

const split = (pair: string): [string, PvmName] => pair.split(' ') as [string, PvmName]

const aliases: readonly Alias[] = [
  ['{rA} = {imm64}', 'load_imm_64'],
  ['{rA} = {immX}, jump [{rB}{immY}]', 'load_imm_jump_ind'],
  ['{rA} = {rB} - {negated}', 'add_imm_64'],
  ['i32 {rA} = {rB} - {negated}', 'add_imm_32'],
  ...commutative.map(split).map(([op, name]): Alias => [`{rA} = {immX} ${op} {rB}`, name]),
  ...commutative32.map(split).map(([op, name]): Alias => [`i32 {rA} = {immX} ${op} {rB}`, name]),
  ['{rD} = {rB} >u {rA}', 'set_lt_u'],
  ['{rD} = {rB} >s {rA}', 'set_lt_s'],
  ['{rA} = {immX} <u {rB}', 'set_gt_u_imm'],
  ['{rA} = {immX} <s {rB}', 'set_gt_s_imm'],
  ['{rA} = {immX} >u {rB}', 'set_lt_u_imm'],
  ['{rA} = {immX} >s {rB}', 'set_lt_s_imm'],
  ...swapped.map(([op, name]): Alias => [`jump {target} if {rB} ${op} {rA}`, name]),
  ...swappedImm.map(([op, name]): Alias => [`jump {target} if {immX} ${op} {rA}`, name]),
]

/** Bits of a stored immediate that count, by row name; the rest is cut off. */
function storedBits(name: string): number {
  return Number(/^store_imm.*_u(8|16|32)$/.exec(name)?.[1] ?? 0)
}

function templateOf(row: number, text: string, width: 32 | 64): Template {
  const { name, form } = pvmRows[row]! as PvmRow
  // `[r + imm]` may leave out the immediate; the others, and values, must be written.
  const syntax = text.replace(/ \+ (\{imm[XY]\})\]/g, '$1]')
  const value = width === 32 ? address : extended
  const kinds: Record<string, OperandKind> = {
    rA: register,
    rB: register,
    rD: register,
    imm64: constant,
    negated,
    target,
  }
  const stored = storedBits(name)
  for (const field of ['immX', 'immY']) {
    if (syntax.includes(`{${field}}]`))
      kinds[field] = syntax.includes(`[{${field}}]`) ? address : displacement
    else if (form === 'imm') kinds[field] = hostCall
    else kinds[field] = stored > 0 ? immediate(stored) : value
  }
  return { row, syntax, kinds }
}

const made = new Map<string, Syntax>()

/** The assembly text of a version's instructions, in polkavm's dialect. */
export function pvmSyntax(isa: PvmIsa): Syntax {
  const { version } = isa
  let syntax = made.get(version)
  if (syntax === undefined) {
    const whole = pvmIsa(version)
    const { width } = whole.features
    const has = (row: number): boolean => whole.codeByRow[row]! >= 0
    syntax = syntaxOf(
      [
        ...pvmRows.map((row, index) => templateOf(index, row.syntax, width)),
        ...aliases.map(([text, name]) => templateOf(rowOf[name], text, width)),
      ].filter((template) => has(template.row)),
    )
    made.set(version, syntax)
  }
  return syntax
}
