import { decodeInsn } from './decode.ts'
import { type AvmInsn, newAvmInsn } from './insn.ts'
import { printAvm } from './syntax.ts'
import { avmCodeBase, avmJumps, avmRow } from './table.ts'

/** What a disassembly of code needs to know beside its bytes. */
export interface AvmListed {
  readonly code: Uint8Array
  readonly functions: readonly { readonly pc: number }[]
  readonly codeTable: readonly number[]
  readonly imports: readonly string[]
}

/** One instruction of a disassembly. */
export interface AvmLine {
  readonly pc: number
  readonly length: number
  /** Name of the function that starts here. */
  readonly function?: string
  readonly label?: string
  readonly text: string
}

const hex = (pc: number): string => pc.toString(16)

/**
 * All instructions of valid code, in order.
 * @param symbols names of functions; others are `f` and their index, places in them `L` and the offset in hex
 * @throws {DecodeError} as `decodeInsn`
 */
export function avmLines(listed: AvmListed, symbols: ReadonlyMap<number, string>): AvmLine[] {
  const { code, codeTable, functions, imports } = listed
  const names = functionNames(functions, symbols)
  const insn = newAvmInsn()
  const labels = new Map<number, string>()
  const mark = (pc: number): void => {
    labels.set(pc, `L${hex(pc)}`)
  }
  for (const pc of codeTable) if (!names.has(pc)) mark(pc)
  for (let pc = 0; pc < code.length; ) {
    pc += decodeInsn(code, pc, insn)
    if (avmJumps[insn.row] === 1) mark(insn.target)
  }
  const nameAt = (pc: number): string => names.get(pc) ?? labels.get(pc) ?? `L${hex(pc)}`
  const target = (i: Readonly<AvmInsn>): string => {
    if (i.row === avmRow.call) return nameAt(functions[i.target]!.pc)
    if (i.row === avmRow.host) {
      const name = imports[i.target] ?? ''
      return /^[A-Za-z_.$@][\w.$@]*$/.test(name) ? name : `+${i.target}`
    }
    return labels.get(i.target) ?? ''
  }
  const constant = (value: number): string | undefined => {
    const entry = (value - avmCodeBase) / 2
    const pc = Number.isInteger(entry) && entry >= 0 ? codeTable[entry] : undefined
    return pc === undefined || codeTable.indexOf(pc) !== entry ? undefined : nameAt(pc)
  }
  const lines: AvmLine[] = []
  for (let pc = 0; pc < code.length; ) {
    const length = decodeInsn(code, pc, insn)
    const name = names.get(pc)
    const label = labels.get(pc)
    const text = printAvm(insn, target, constant)
    const places = {
      ...(name !== undefined && { function: name }),
      ...(label !== undefined && { label }),
    }
    lines.push({ pc, length, ...places, text })
    pc += length
  }
  return lines
}

/** A name for each function, none twice. */
function functionNames(
  functions: readonly { readonly pc: number }[],
  symbols: ReadonlyMap<number, string>,
): Map<number, string> {
  const names = new Map<number, string>()
  const taken = new Set<string>()
  functions.forEach(({ pc }, index) => {
    const name = symbols.get(pc)
    const usable = name !== undefined && /^[A-Za-z_.$][\w.$]*$/.test(name) && !taken.has(name)
    const chosen = usable && !/^(f\d+|L[\da-f]+|abs|r\d+)$/.test(name) ? name : `f${index}`
    taken.add(chosen)
    names.set(pc, chosen)
  })
  return names
}

/** Code as text to read: a line for each function, label and instruction, with addresses and bytes. */
export function listAvm(listed: AvmListed, symbols: ReadonlyMap<number, string>): string {
  const out: string[] = []
  for (const line of avmLines(listed, symbols)) {
    if (line.function !== undefined) out.push(`${line.function}:`)
    if (line.label !== undefined) out.push(`${line.label}:`)
    const bytes = listed.code.subarray(line.pc, line.pc + line.length)
    const octets = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
    out.push(`  ${hex(line.pc).padStart(5)}: ${octets.padEnd(13)} ${line.text}`)
  }
  return out.map((line) => `${line}\n`).join('')
}
