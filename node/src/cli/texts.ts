import type { Program } from 'alcatraz-vm'
import { avmLines, avmRegisters } from 'alcatraz-vm/avm'
import { bpfLines } from 'alcatraz-vm/bpf'
import { decodePvm, hasBit, newPvmInsn, printPvm, pvmIsa, pvmRegisters } from 'alcatraz-vm/pvm'
import { riscvDecoder, riscvLines, riscvRegisters } from 'alcatraz-vm/riscv'
import { sbpfLines } from 'alcatraz-vm/sbpf'

/** Names of registers, as the assembly of the program's ISA writes them. */
export function registerNames(program: Program): readonly string[] {
  if (program.isa === 'pvm') return pvmRegisters
  // what is in place of x0
  if (program.isa === 'riscv') return ['reserved', ...riscvRegisters.slice(1)]
  const count = program.isa === 'avm' ? avmRegisters : 11
  return Array.from({ length: count }, (_, index) => `r${index}`)
}

/** Names of places: entries, then symbols. */
export function placeNames(program: Program): ReadonlyMap<number, string> {
  const names = new Map(program.symbols)
  for (const [name, pc] of program.exports) names.set(pc, name)
  return names
}

/** Answers the disassembly of the instruction at a pc; `invalid` where there is none. */
export function disassembler(program: Program): (pc: number) => string {
  const { code } = program
  if (program.isa === 'bpf') {
    const { addressTaken, imports } = program
    const texts = new Map<number, string>()
    const options = { symbols: placeNames(program), imports, addressTaken }
    for (const { slot, text } of bpfLines(code, options)) texts.set(slot, text)
    return (pc) => texts.get(pc) ?? 'invalid'
  }
  if (program.isa === 'avm') {
    const texts = new Map<number, string>()
    for (const { pc, text } of avmLines(program, placeNames(program))) texts.set(pc, text)
    return (pc) => texts.get(pc) ?? 'invalid'
  }
  if (program.isa === 'sbpf') {
    const { functions, imports, syscalls, version } = program
    const known = new Map([...syscalls].map(([hash, id]) => [hash, imports[id]!]))
    const texts = new Map<number, string>()
    const options = { version, functions, names: known, symbols: placeNames(program) }
    for (const { slot, text } of sbpfLines(code, options)) texts.set(slot, text)
    return (pc) => texts.get(pc) ?? 'invalid'
  }
  if (program.isa === 'riscv') {
    const decoder = riscvDecoder(program.version, program.embedded)
    const texts = new Map<number, string>()
    for (const { pc, text } of riscvLines(decoder, code, placeNames(program))) texts.set(pc, text)
    return (pc) => texts.get(pc) ?? 'invalid'
  }
  const { bitmask, version, options } = program
  const isa = pvmIsa(version, options)
  const insn = newPvmInsn()
  const isPlace = (pc: number): boolean => hasBit(bitmask, pc)
  return (pc) => {
    if (pc < 0 || pc >= code.length || !isPlace(pc)) return 'invalid'
    decodePvm(isa, code, bitmask, pc, insn)
    return printPvm(isa, insn, pc, isPlace)
  }
}
