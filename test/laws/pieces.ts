import type { BpfProgram, Program, PvmProgram, SbpfProgram } from 'alcatraz-vm'
import { decodeBpf, newBpfInsn } from '#vm/isa/bpf/decode'
import { bpfLines, bpfTarget } from '#vm/isa/bpf/disasm'
import { bpfForms, bpfRow, bpfRows } from '#vm/isa/bpf/table'
import { decodePvm, newPvmInsn } from '#vm/isa/pvm/decode'
import { pvmForms, pvmRows } from '#vm/isa/pvm/table'
import { pvmIsa } from '#vm/isa/pvm/versions'
import { decodeSbpf, newSbpfInsn, sbpfIsa } from '#vm/isa/sbpf/decode'
import { sbpfTarget } from '#vm/isa/sbpf/disasm'
import { sbpfRow } from '#vm/isa/sbpf/table'

/** One instruction: its octets, and where in them a place of the code is named. */
interface Piece {
  readonly pc: number
  readonly bytes: Uint8Array
  /** The place, in units of pc. */
  readonly target?: number
  /** Writes another place; `from` is the instruction's own new pc. */
  readonly aim?: (bytes: Uint8Array, target: number, from: number) => void
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset)

function bpfPieces({ code, codeBase }: BpfProgram): Piece[] {
  const insn = newBpfInsn()
  return [...bpfLines(code)].map(({ slot, slots }) => {
    const piece = { pc: slot, bytes: code.slice(8 * slot, 8 * (slot + slots)) }
    decodeBpf(code, slot, insn)
    if (insn.row < 0) return piece
    if (insn.row === bpfRow.lddw) {
      const named = BigInt(insn.immHigh) === codeBase >> 32n && insn.imm >= 0 && insn.imm % 8 === 0
      const aim: Piece['aim'] = (bytes, target) => view(bytes).setInt32(4, 8 * target, true)
      return named ? { ...piece, target: insn.imm / 8, aim } : piece
    }
    const target = bpfTarget(insn, slot)
    if (target === undefined) return piece
    const short = 'off' in bpfForms[bpfRows[insn.row]!.form]
    const aim: Piece['aim'] = (bytes, to, from) => {
      if (short) view(bytes).setInt16(2, to - from - 1, true)
      else view(bytes).setInt32(4, to - from - 1, true)
    }
    return { ...piece, target, aim }
  })
}

/** Jumps and relative calls; addresses of code stay as they are. */
function sbpfPieces({ code, version }: SbpfProgram): Piece[] {
  const isa = sbpfIsa(version)
  const insn = newSbpfInsn()
  const pieces: Piece[] = []
  for (let pc = 0; pc < code.length / 8; pc += insn.slots) {
    decodeSbpf(isa, code, pc, insn)
    const piece = { pc, bytes: code.slice(8 * pc, 8 * (pc + insn.slots)) }
    const target = sbpfTarget(insn, pc)
    const short = insn.row !== sbpfRow.call_local
    const aim: Piece['aim'] = (bytes, to, from) => {
      if (short) view(bytes).setInt16(2, to - from - 1, true)
      else view(bytes).setInt32(4, to - from - 1, true)
    }
    pieces.push(target === undefined ? piece : { ...piece, target, aim })
  }
  return pieces
}

function pvmPieces(program: PvmProgram): Piece[] {
  const { bitmask, code, options, version } = program
  const isa = pvmIsa(version, options)
  const insn = newPvmInsn()
  const pieces: Piece[] = []
  for (let pc = 0; pc < code.length; ) {
    decodePvm(isa, code, bitmask, pc, insn)
    const end = pc + insn.length
    const piece = { pc, bytes: code.slice(pc, end) }
    const targets = insn.row >= 0 && 'target' in argumentsOf(insn.row)
    // generators give targets four octets, at the end
    const aim: Piece['aim'] = (bytes, to, from) =>
      view(bytes).setInt32(bytes.length - 4, to - from, true)
    const plain = insn.length > 4 && view(piece.bytes).getInt32(insn.length - 4, true)
    const aims = targets && plain === insn.target - pc
    pieces.push(aims ? { ...piece, target: insn.target, aim } : piece)
    pc = end
  }
  return pieces
}

function argumentsOf(row: number): Record<string, true> {
  return Object.fromEntries(pvmForms[pvmRows[row]!.form].args.map((field) => [field, true]))
}

/** The instructions of a program. */
export function piecesOf(program: Program): readonly Piece[] {
  if (program.isa === 'riscv' || program.isa === 'avm')
    throw new Error(`programs of ${program.isa} are not shrunk yet`)
  if (program.isa === 'sbpf') return sbpfPieces(program)
  return program.isa === 'bpf' ? bpfPieces(program) : pvmPieces(program)
}

/** The program of those pieces alone; what named a piece that is gone names the one after it. */
export function programOfPieces(program: Program, pieces: readonly Piece[]): Program {
  const unit = program.isa === 'pvm' ? 1 : 8
  const places = new Map<number, number>()
  let length = 0
  for (const { bytes, pc } of pieces) {
    places.set(pc, length)
    length += bytes.length / unit
  }
  const placeOf = (pc: number): number => {
    // what lay outside or in the middle of an instruction stays there
    if (pc < 0) return pc
    const piece = pieces.find((one) => one.pc + one.bytes.length / unit > pc)
    if (piece === undefined) return length + pc - program.code.length / unit
    return places.get(piece.pc)! + Math.max(0, pc - piece.pc)
  }
  const code = new Uint8Array(length * unit)
  for (const { aim, bytes, pc, target } of pieces) {
    const at = places.get(pc)!
    const copy = bytes.slice()
    if (aim !== undefined && target !== undefined) aim(copy, placeOf(target), at)
    code.set(copy, at * unit)
  }
  const exports = new Map([...program.exports].map(([name, pc]) => [name, placeOf(pc)]))
  if (program.isa === 'bpf') {
    const functions = new Map(program.functions.map((f) => [placeOf(f.pc), f.frameSize]))
    const taken = new Set(program.addressTaken.map(placeOf))
    const inside = (pc: number): boolean => pc < length
    return {
      ...program,
      code,
      exports,
      functions: [...functions]
        .filter(([pc]) => inside(pc))
        .map(([pc, frameSize]) => ({ pc, frameSize }))
        .sort((a, b) => a.pc - b.pc),
      addressTaken: [...taken].filter(inside).sort((a, b) => a - b),
    }
  }
  if (program.isa === 'sbpf') {
    const functions = new Map([...program.functions].map(([hash, pc]) => [hash, placeOf(pc)]))
    const taken = new Set(program.addressTaken.map(placeOf))
    const addressTaken = [...taken].filter((pc) => pc < length).sort((a, b) => a - b)
    return { ...program, code, exports, functions, addressTaken }
  }
  if (program.isa === 'riscv' || program.isa === 'avm') return { ...program, code, exports }
  const bitmask = new Uint8Array(Math.ceil(length / 8))
  const started = (pc: number): boolean => (program.bitmask[pc >> 3]! & (1 << (pc & 7))) !== 0
  for (const { pc } of pieces) {
    const at = places.get(pc)!
    if (started(pc)) bitmask[at >> 3]! |= 1 << (at & 7)
  }
  return { ...program, code, bitmask, exports, jumpTable: program.jumpTable.map(placeOf) }
}
