import type { Operand } from '../text.ts'
import { decodePvm, hasBit, newPvmInsn, type PvmInsn, skipAt } from './decode.ts'
import { encodePvm, maxEncoded } from './encode.ts'
import { pvmSyntax } from './syntax.ts'
import { isTerminator, pvmForms, pvmRows, rowOf } from './table.ts'
import type { PvmIsa } from './versions.ts'

interface Code {
  readonly code: Uint8Array
  readonly bitmask: Uint8Array
  readonly jumpTable: Uint32Array
}

const hex = (octets: Uint8Array): string =>
  Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join(' ')

/** Names of files may be any text: comments are of one line. */
const shown = (name: string): string => name.replaceAll(/[^ -~]/g, '?')

function hasTarget(row: number): boolean {
  return (pvmForms[pvmRows[row]!.form].args as readonly string[]).includes('target')
}

/** Is this how the assembler would write the instruction? */
function isShortest(isa: PvmIsa, insn: PvmInsn, code: Uint8Array, pc: number): boolean {
  const scratch = new Uint8Array(maxEncoded)
  if (encodePvm(isa, insn, pc, scratch) !== insn.length) return false
  for (let i = 0; i < insn.length; i++) if (scratch[i] !== code[pc + i]) return false
  return true
}

function operandOf(insn: PvmInsn, field: string, pc: number): Operand {
  if (field === 'imm64') return (BigInt(insn.imm64High >>> 0) << 32n) | BigInt(insn.imm64Low >>> 0)
  if (field === 'target') return (insn.target - pc) | 0
  return insn[field as 'rA' | 'rB' | 'rD' | 'immX' | 'immY']
}

/**
 * One instruction as text: `jump +5`, or `jump @12` where `isPlace` holds for the target.
 * @param insn as decoded at `pc`
 */
export function printPvm(
  isa: PvmIsa,
  insn: PvmInsn,
  pc: number,
  isPlace: (pc: number) => boolean = () => false,
): string {
  if (insn.row < 0) return 'invalid'
  const { args } = pvmForms[pvmRows[insn.row]!.form]
  const operands = Object.fromEntries(args.map((field) => [field, operandOf(insn, field, pc)]))
  if (hasTarget(insn.row) && isPlace(insn.target)) operands['target'] = { label: `@${insn.target}` }
  return pvmSyntax(isa).print(insn.row, operands)
}

/**
 * Text from which `assemblePvm` makes exactly this code, bitmask and jump table: what the assembler
 * would not write that way appears as octets with its meaning in a comment. O(code length).
 * @param names of places, exported where the text shall say so
 * @param imports names of host calls by number, for comments
 */
export function disassemblePvm(
  isa: PvmIsa,
  program: Code,
  names: ReadonlyMap<string, number> = new Map(),
  imports: readonly string[] = [],
): string {
  const { code, bitmask, jumpTable } = program
  const named = new Map<number, string[]>()
  for (const [name, pc] of names) named.set(pc, [...(named.get(pc) ?? []), name])
  const lines = [`%isa = ${isa.version}`]
  const targets = new Set<number>(jumpTable)
  const insn = newPvmInsn()
  const walk = (visit: (pc: number, length: number) => void): void => {
    for (let pc = 0; pc < code.length; ) {
      const length = hasBit(bitmask, pc) ? 1 + skipAt(code.length, bitmask, pc) : 1
      visit(pc, length)
      pc += length
    }
  }
  const isPlace = (pc: number): boolean => hasBit(bitmask, pc)
  walk((pc) => {
    decodePvm(isa, code, bitmask, pc, insn)
    if (insn.row >= 0 && hasTarget(insn.row)) targets.add(insn.target)
  })
  if (jumpTable.length > 0) {
    const entries = Array.from(jumpTable, (pc) => (isPlace(pc) ? `@${pc}` : `+${pc}`))
    lines.push(`%jump_table = ${entries.join(' ')}`)
  }
  let ended = true
  walk((pc, length) => {
    const inside = ended ? '' : ' %no_fallthrough'
    for (const name of named.get(pc) ?? [])
      if (/^[\w.$@]+$/.test(name)) lines.push(`pub @${name}:${inside}`)
      else lines.push(`// export ${shown(name)}`)
    if (targets.has(pc) && isPlace(pc)) lines.push(`@${pc}:${inside}`)
    const octets = code.subarray(pc, pc + length)
    if (!isPlace(pc)) {
      lines.push(`    %octets 0 ${hex(octets)}`)
      ended = false
      return
    }
    decodePvm(isa, code, bitmask, pc, insn)
    const text = printPvm(isa, insn, pc, isPlace)
    ended = insn.row >= 0 && isTerminator(insn.row)
    const called = insn.row === rowOf.ecalli ? imports[insn.immX] : undefined
    const comment = called ? ` // ${shown(called)}` : ''
    if (insn.row >= 0 && isShortest(isa, insn, code, pc)) lines.push(`    ${text}${comment}`)
    else lines.push(`    %octets 1 ${hex(octets)} // ${text}`)
  })
  return `${lines.join('\n')}\n`
}
