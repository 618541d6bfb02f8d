/** What Solana's runtime asks of code before it runs (solana-sbpf, `RequisiteVerifier`), in its words. */
import { type SbpfIsa, sbpfIsa } from './decode.ts'
import { sbpfRow, sbpfRows } from './table.ts'
import { type SbpfFeatures, type SbpfVersionName, sbpfFeatures } from './version.ts'

/** Texts by name of error, with `{pc}` for the slot and names for further numbers. Tools parse them. */
export const sbpfVerifierErrors = {
  ProgramLengthNotMultiple: 'program length must be a multiple of 8 octets',
  NoProgram: 'no program set, call prog_set() to load one',
  DivisionByZero: 'division by 0 (insn #{pc})',
  UnsupportedLEBEArgument: 'unsupported argument for LE/BE (insn #{pc})',
  LDDWCannotBeLast: 'LD_DW instruction cannot be last in program',
  IncompleteLDDW: 'incomplete LD_DW instruction (insn #{pc})',
  JumpOutOfCode: 'jump out of code to #{to} (insn #{pc})',
  JumpToMiddleOfLDDW: 'jump to middle of LD_DW at #{to} (insn #{pc})',
  InvalidSourceRegister: 'invalid source register (insn #{pc})',
  CannotWriteR10: 'cannot write into register r10 (insn #{pc})',
  InvalidDestinationRegister: 'invalid destination register (insn #{pc})',
  UnknownOpCode: 'unknown eBPF opcode {opcode} (insn #{pc})',
  // the amount and the width stand in each other's places there
  ShiftWithOverflow: 'Shift with overflow of {by}-bit value by {width} (insn #{pc})',
  InvalidRegister: 'Invalid register specified at instruction {pc}',
  UnalignedImmediate: 'Unaligned immediate (insn #{pc})',
} as const
export type SbpfVerifierErrorName = keyof typeof sbpfVerifierErrors

export interface SbpfVerifierError {
  readonly name: SbpfVerifierErrorName
  readonly text: string
  /** The slot that the text names; 0 where it names none. */
  readonly pc: number
}

/** What is asked of an opcode, apart from its registers. */
const Rule = { none: 0, divisor: 1, order: 2, shift32: 3, shift64: 4, jump: 5, lddw: 6, callx: 7 }
type Rule = (typeof Rule)[keyof typeof Rule]

function ruleOf(row: number): Rule {
  const { form, name } = sbpfRows[row]!
  if (/^[us]?(div|mod|rem)\d+i$/.test(name)) return Rule.divisor
  if (/^[lb]e\d/.test(name)) return Rule.order
  if (/^a?[lr]sh(32|64)i$/.test(name)) return name.endsWith('32i') ? Rule.shift32 : Rule.shift64
  if (form === 'jump' || form === 'jrr' || form === 'jri') return Rule.jump
  if (row === sbpfRow.lddw) return Rule.lddw
  return name.startsWith('callx') ? Rule.callx : Rule.none
}
const rules: Uint8Array = Uint8Array.from(sbpfRows, (_, row) => ruleOf(row))
const stores: Uint8Array = Uint8Array.from(sbpfRows, ({ form }) =>
  form === 'store' || form === 'storei' ? 1 : 0,
)

/** A number as Rust has it where it is unsigned. */
const unsigned = (value: number): string => BigInt.asUintN(64, BigInt(value)).toString()

class Verifier {
  private readonly code: Uint8Array
  private readonly view: DataView
  private readonly isa: SbpfIsa
  private readonly features: SbpfFeatures

  constructor(code: Uint8Array, version: SbpfVersionName) {
    this.code = code
    this.view = new DataView(code.buffer, code.byteOffset, code.byteLength)
    this.isa = sbpfIsa(version)
    this.features = sbpfFeatures[version]
  }

  private refuse(
    name: SbpfVerifierErrorName,
    pc = 0,
    numbers: Readonly<Record<string, string>> = {},
  ): SbpfVerifierError {
    const text = sbpfVerifierErrors[name].replace(/\{(\w+)\}/g, (_, key: string) =>
      key === 'pc' ? `${pc}` : numbers[key]!,
    )
    return { name, pc, text }
  }

  run(): SbpfVerifierError | undefined {
    const { code } = this
    if (code.length % 8 !== 0) return this.refuse('ProgramLengthNotMultiple')
    if (code.length === 0) return this.refuse('NoProgram')
    const slots = code.length / 8
    for (let pc = 0; pc < slots; pc++) {
      const row = this.isa.first[code[8 * pc]!]!
      if (row < 0) {
        const opcode = `0x${code[8 * pc]!.toString(16)}`
        return this.refuse('UnknownOpCode', pc, { opcode })
      }
      const wrong = this.rule(row, pc, slots)
      if (wrong !== undefined) return wrong
      const { [8 * pc + 1]: fields } = code
      // solana-sbpf stands at the second slot already
      if (row === sbpfRow.lddw) pc++
      const other = this.registers(fields!, row, pc)
      if (other !== undefined) return other
    }
    return undefined
  }

  private rule(row: number, pc: number, slots: number): SbpfVerifierError | undefined {
    const { code, features, view } = this
    const imm = view.getInt32(8 * pc + 4, true)
    switch (rules[row]!) {
      case Rule.divisor:
        return imm === 0 ? this.refuse('DivisionByZero', pc) : undefined
      case Rule.order:
        return imm === 16 || imm === 32 || imm === 64
          ? undefined
          : this.refuse('UnsupportedLEBEArgument', pc)
      case Rule.shift32:
      case Rule.shift64: {
        const width = rules[row] === Rule.shift32 ? 32 : 64
        if (imm >= 0 && imm < width) return undefined
        return this.refuse('ShiftWithOverflow', pc, { by: unsigned(imm), width: `${width}` })
      }
      case Rule.jump: {
        const to = pc + 1 + view.getInt16(8 * pc + 2, true)
        const place = { to: unsigned(to) }
        if (to < 0 || to >= slots) return this.refuse('JumpOutOfCode', pc, place)
        return code[8 * to] === 0 ? this.refuse('JumpToMiddleOfLDDW', pc, place) : undefined
      }
      case Rule.lddw:
        if (pc + 1 >= slots) return this.refuse('LDDWCannotBeLast')
        return code[8 * pc + 8] === 0 ? undefined : this.refuse('IncompleteLDDW', pc)
      case Rule.callx: {
        const fields = code[8 * pc + 1]!
        const { callxRegister } = features
        const register =
          callxRegister === 'imm' ? imm : callxRegister === 'src' ? fields >> 4 : fields & 15
        return register >= 0 && register < 10 ? undefined : this.refuse('InvalidRegister', pc)
      }
      default:
        if (row !== sbpfRow.add64i || !features.manualStackFrames) return undefined
        if ((code[8 * pc + 1]! & 15) !== 10 || imm % 64 === 0) return undefined
        return this.refuse('UnalignedImmediate', pc)
    }
  }

  /** Those of every instruction, whether it uses them or not. */
  private registers(fields: number, row: number, pc: number): SbpfVerifierError | undefined {
    const dst = fields & 15
    if (fields >> 4 > 10) return this.refuse('InvalidSourceRegister', pc)
    if (dst < 10) return undefined
    if (dst > 10) return this.refuse('InvalidDestinationRegister', pc)
    const may = stores[row] === 1 || (row === sbpfRow.add64i && this.features.manualStackFrames)
    return may ? undefined : this.refuse('CannotWriteR10', pc)
  }
}

/**
 * The first rule that the code breaks, or undefined: then the runtime loads it. Calls are not looked at.
 * One pass, O(code).
 * @param code the text section
 * @example verifySbpf(Uint8Array.of(), 'v0')?.name // 'NoProgram'
 */
export function verifySbpf(
  code: Uint8Array,
  version: SbpfVersionName,
): SbpfVerifierError | undefined {
  return new Verifier(code, version).run()
}
