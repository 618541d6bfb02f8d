import { newRiscvInsn, type RiscvDecoder, type RiscvInsn } from './decode.ts'
import { riscvForms, riscvRegisters, riscvRows } from './table.ts'

/** The offset that a jump or branch at `pc` names; undefined for other instructions. */
export function riscvTarget(insn: Readonly<RiscvInsn>, pc: number): number | undefined {
  const form = insn.row < 0 ? undefined : riscvRows[insn.row]!.form
  return form === 'branch' || form === 'jump' ? pc + insn.imm : undefined
}

/**
 * One instruction as text; a compressed one as what it stands for.
 * @param name of a place in the code
 */
export function printRiscv(
  insn: Readonly<RiscvInsn>,
  pc: number,
  name: (pc: number) => string,
): string {
  if (insn.row < 0) return 'invalid'
  const row = riscvRows[insn.row]!
  const operands: Readonly<Record<string, string>> = {
    rd: riscvRegisters[insn.rd]!,
    rs1: riscvRegisters[insn.rs1]!,
    rs2: riscvRegisters[insn.rs2]!,
    imm: String(insn.imm),
    upper: `0x${(insn.imm >>> 12).toString(16)}`,
    target: name(pc + insn.imm),
  }
  const text = riscvForms[row.form].replace(/\{(\w+)\}/g, (_all, field: string) => operands[field]!)
  return `${row.name} ${text}`.trim()
}

/** Names of all places that need one: symbols, and targets as `L` and the offset in hex. */
function labelsOf(
  decoder: RiscvDecoder,
  code: Uint8Array,
  symbols: ReadonlyMap<number, string>,
): Map<number, string> {
  const labels = new Map(symbols)
  const insn = newRiscvInsn()
  for (let pc = 0; pc < code.length; pc += insn.row < 0 ? 2 : insn.length) {
    decoder.decode(code, pc, insn)
    const to = riscvTarget(insn, pc)
    if (to !== undefined && !labels.has(to)) labels.set(to, `L${to.toString(16)}`)
  }
  return labels
}

/** One instruction of a disassembly. */
export interface RiscvLine {
  readonly pc: number
  /** Octets: 2 or 4. */
  readonly length: number
  readonly label?: string
  readonly text: string
}

/** All instructions, in order, read as they are asked for. */
export function* riscvLines(
  decoder: RiscvDecoder,
  code: Uint8Array,
  symbols: ReadonlyMap<number, string>,
): Generator<RiscvLine> {
  const labels = labelsOf(decoder, code, symbols)
  const name = (pc: number): string => labels.get(pc) ?? `${pc}`
  const insn = newRiscvInsn()
  for (let pc = 0; pc < code.length; ) {
    decoder.decode(code, pc, insn)
    const length = insn.row < 0 ? 2 : insn.length
    const label = labels.get(pc)
    const text = printRiscv(insn, pc, name)
    yield { pc, length, text, ...(label !== undefined && { label }) }
    pc += length
  }
}

/**
 * Code as text to read: a line for each label and each instruction, with addresses.
 * @param base address of the first octet
 */
export function disassembleRiscv(
  decoder: RiscvDecoder,
  code: Uint8Array,
  base: number,
  symbols: ReadonlyMap<number, string>,
): string {
  const out: string[] = []
  for (const { label, length, pc, text } of riscvLines(decoder, code, symbols)) {
    if (label !== undefined) out.push(`${label}:`)
    let octets = ''
    for (let i = length - 1; i >= 0; i--)
      octets += (code[pc + i] ?? 0).toString(16).padStart(2, '0')
    out.push(`  ${(base + pc).toString(16)}: ${octets.padEnd(9)} ${text}`)
  }
  return out.map((line) => `${line}\n`).join('')
}
