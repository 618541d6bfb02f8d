import { MachineInsn, type Target } from './machine.ts'

/** Where expanded instructions go, in the order they run in. */
export interface Sink {
  readonly target: Target
  register(): number
  /** A register that has the constant. */
  constant(imm: bigint): number
  push(insn: MachineInsn): MachineInsn
}

/** An op in other words: registers and an immediate as those of the op. */
type Expansion = (to: Sink, def: number, uses: readonly number[], imm: bigint) => void

function emit(to: Sink, op: string, def: number, uses: readonly number[], imm = 0n): number {
  emitOp(to, op, def, uses, imm)
  return def
}

/** An op into a new register. */
function made(to: Sink, op: string, uses: readonly number[], imm = 0n): number {
  return emit(to, op, to.register(), uses, imm)
}

const low32 = 0xffff_ffffn

/** Zero-extended from the same op sign-extended. */
const zeroExtended =
  (op: string): Expansion =>
  (to, def, uses, imm) => {
    emit(to, 'zext32', def, [made(to, op, uses, imm)])
  }

/** Answers 0 for a divisor of 0: `width` bits of it count. */
const zeroSafe =
  (op: string, width: 32 | 64): Expansion =>
  (to, def, uses) => {
    const divisor = width === 64 ? uses[1]! : made(to, 'sext32', [uses[1]!])
    const quotient = made(to, op, uses)
    const answer = width === 64 ? quotient : made(to, 'zext32', [quotient])
    emit(to, 'mov', def, [answer])
    emit(to, 'cmovzi', def, [def, divisor], 0n)
  }

const highHalf =
  (left: 'sext32' | 'zext32', right: 'sext32' | 'zext32'): Expansion =>
  (to, def, uses) => {
    const product = made(to, 'mul64', [made(to, left, [uses[0]!]), made(to, right, [uses[1]!])])
    emit(to, 'shrs64i', def, [product], 32n)
  }

/** The op of registers with the immediate in one. */
const fromRegisters =
  (op: string, immFirst = false): Expansion =>
  (to, def, uses, imm) => {
    const constant = to.constant(imm)
    emit(to, op, def, immFirst ? [constant, ...uses] : [...uses, constant])
  }

/** Branches that exist with an immediate only, and what they are with operands exchanged. */
const exchangedBranches = [
  ['bgtu', 'bltu'],
  ['bleu', 'bgeu'],
  ['bgts', 'blts'],
  ['bles', 'bges'],
] as const

const expansions: Readonly<Record<string, Expansion>> = {
  bswap32s: (to, def, uses) => emit(to, 'sext32', def, [made(to, 'bswap32', uses)]),
  bswap32: (to, def, uses) => emit(to, 'shru64i', def, [made(to, 'bswap64', uses)], 32n),
  bswap16: (to, def, uses) => emit(to, 'shru64i', def, [made(to, 'bswap64', uses)], 48n),
  sext8z: (to, def, uses) => emit(to, 'zext32', def, [made(to, 'sext8', uses)]),
  sext16z: (to, def, uses) => emit(to, 'zext32', def, [made(to, 'sext16', uses)]),
  sext32: (to, def, uses) => emit(to, 'add32si', def, uses, 0n),
  zext32: (to, def, uses) => emit(to, 'shru64i', def, [made(to, 'shl64i', uses, 32n)], 32n),
  zext16: (to, def, uses) => emit(to, 'and64i', def, uses, 0xffffn),
  and32z: zeroExtended('and64'),
  or32z: zeroExtended('or64'),
  xor32z: zeroExtended('xor64'),
  and32zi: (to, def, uses, imm) => emit(to, 'and64i', def, uses, imm & low32),
  or32zi: zeroExtended('or64i'),
  xor32zi: zeroExtended('xor64i'),
  div0u64: zeroSafe('div1u64', 64),
  div0s64: zeroSafe('div1s64', 64),
  div0u32z: zeroSafe('div1u32s', 32),
  div0s32z: zeroSafe('div1s32s', 32),
  divu64i: fromRegisters('div1u64'),
  divs64i: fromRegisters('div1s64'),
  divu32zi: (to, def, uses, imm) =>
    emit(to, 'zext32', def, [made(to, 'div1u32s', [...uses, to.constant(imm)])]),
  divs32zi: (to, def, uses, imm) =>
    emit(to, 'zext32', def, [made(to, 'div1s32s', [...uses, to.constant(imm)])]),
  mulhs32s: highHalf('sext32', 'sext32'),
  mulhsu32s: highHalf('sext32', 'zext32'),
  mulhu32s: (to, def, uses) => {
    const product = made(
      to,
      'mul64',
      uses.map((use) => made(to, 'zext32', [use])),
    )
    emit(to, 'shrs64i', def, [product], 32n)
  },
  gtu64i: (to, def, uses, imm) => emit(to, 'ltu64', def, [to.constant(imm), ...uses]),
  gts64i: (to, def, uses, imm) => emit(to, 'lts64', def, [to.constant(imm), ...uses]),
  ...Object.fromEntries(
    exchangedBranches.map(([op, other]): [string, Expansion] => [
      `${op}64i`,
      (to, def, uses, imm) => emit(to, `${other}64`, def, [to.constant(imm), ...uses]),
    ]),
  ),
  // sign extension keeps the order of low halves, unsigned, too
  ...Object.fromEntries(
    ['beq', 'bne', 'bltu', 'bgeu', 'blts', 'bges'].map((op): [string, Expansion] => [
      `${op}32`,
      (to, def, uses) =>
        emit(
          to,
          `${op}64`,
          def,
          uses.map((use) => made(to, 'sext32', [use])),
        ),
    ]),
  ),
  ...Object.fromEntries(
    [...['beq', 'bne', 'bltu', 'bgeu', 'blts', 'bges'], ...exchangedBranches.map(([op]) => op)].map(
      (op): [string, Expansion] => [
        `${op}32i`,
        (to, def, uses, imm) =>
          emit(to, `${op}64i`, def, [made(to, 'sext32', uses)], BigInt.asIntN(32, imm)),
      ],
    ),
  ),
  bset64: (to, def, uses) => emit(to, 'bne64i', def, [made(to, 'and64', uses)], 0n),
  bset64i: (to, def, uses, imm) => emit(to, 'bne64i', def, [made(to, 'and64i', uses, imm)], 0n),
  bset32: (to, def, uses) => {
    emit(to, 'bne64i', def, [made(to, 'sext32', [made(to, 'and64', uses)])], 0n)
  },
  bset32i: (to, def, uses, imm) => {
    const masked = made(to, 'and64i', uses, BigInt.asIntN(32, imm))
    emit(to, 'bne64i', def, [made(to, 'sext32', [masked])], 0n)
  },
  // the changed register is the first operand, the condition the last
  cmovzi: (to, def, uses, imm) => emit(to, 'cmovz', def, [uses[0]!, to.constant(imm), uses[1]!]),
  cmovnzi: (to, def, uses, imm) => emit(to, 'cmovnz', def, [uses[0]!, to.constant(imm), uses[1]!]),
  bswap64: () => {
    throw new Error('expand: bswap64 has no other form')
  },
}

/** The op whose last operand is a register, for ops with an immediate; its immediate may be first. */
function registerForm(op: string): { readonly op: string; readonly immFirst: boolean } | undefined {
  if (op.endsWith('i')) return { op: op.slice(0, -1), immFirst: false }
  if (/^(sub|shl|shru|shrs|rotr)(64|32z|32s)r$/.test(op))
    return { op: op.slice(0, -1), immFirst: true }
  return undefined
}

/**
 * Writes an op that answers `def`, and reads nothing but registers, with instructions that the target has.
 * @throws {Error} the op cannot be put in words of the target
 */
export function emitOp(
  to: Sink,
  op: string,
  def: number,
  uses: readonly number[],
  imm: bigint,
  pc = -1,
): void {
  const { target } = to
  if (target.ops.has(op) && target.fits(op, imm)) {
    to.push(new MachineInsn(op, def, [...uses], imm, pc))
    return
  }
  const other = expansions[op]
  if (other !== undefined) {
    other(to, def, uses, imm)
    return
  }
  if (/^(add|sub|mul|shl|shru|shrs|remu|rems)32z/.test(op)) {
    zeroExtended(op.replace('32z', '32s'))(to, def, uses, imm)
    return
  }
  const form = registerForm(op)
  if (form === undefined) throw new Error(`lower: ${target.name} has no ${op}`)
  fromRegisters(form.op, form.immFirst)(to, def, uses, imm)
}
