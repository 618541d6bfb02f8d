import { DecodeError } from '../../bits/errors.ts'
import { type AvmEncoding, type AvmField, avmEncodings, encodingsOfRow } from './encodings.ts'
import { type AvmInsn, fits, newAvmInsn } from './insn.ts'
import { avmBlockEnds, avmEnds, avmImmediateBits, avmJumps, avmRow, avmTrapKinds } from './table.ts'

/** By opcode: its encodings by `sub`, one where none is shared. */
const byOpcode: readonly (readonly AvmEncoding[])[] = (() => {
  const table: AvmEncoding[][] = Array.from({ length: 256 }, () => [])
  for (const encoding of avmEncodings) table[encoding.opcode]!.push(encoding)
  return table
})()

/** By encoding: those of the same row that are to be preferred where they fit. */
const better: readonly (readonly AvmEncoding[])[] = avmEncodings.map((encoding) => {
  const all = encodingsOfRow[encoding.row]!
  return all.slice(0, all.indexOf(encoding))
})

function refuse(code: string, message: string, offset: number, value: number): never {
  throw new DecodeError(code, message, { offset, value })
}

/** `width` bits from bit `at` behind the opcode at `pc` on; bits behind the code are 0. */
function bitsAt(code: Uint8Array, pc: number, at: number, width: number): number {
  const from = pc + 1 + (at >> 3)
  const word =
    code[from]! | (code[from + 1]! << 8) | (code[from + 2]! << 16) | (code[from + 3]! << 24)
  return width === 32 ? word >>> 0 : (word >>> (at & 7)) & ((1 << width) - 1)
}

function setImmediate(insn: AvmInsn, field: AvmField, raw: number): void {
  if (field.power) {
    insn.low = raw < 32 ? 1 << raw : 0
    insn.high = raw < 32 ? 0 : 1 << (raw - 32)
    return
  }
  insn.low = field.min + raw * field.step
  insn.high = insn.low >> 31
}

function setOperand(insn: AvmInsn, operand: AvmField['operand'], value: number): void {
  switch (operand) {
    case 'a':
      insn.a = value
      return
    case 'b':
      insn.b = value
      return
    case 'c':
      insn.c = value
      return
    case 'off':
      insn.off = value
      return
    case 'target':
      insn.target = value
      return
    case 'imm':
      insn.low = value
      insn.high = value >> 31
      return
    case 'pad':
      return
  }
}

/**
 * Decodes the instruction at `pc` into `insn`; targets of branches and jumps as pcs, which may lie anywhere.
 * @returns its length
 * @throws {DecodeError} `unknownOpcode`, `truncated`, `notShortest`, `padding`, `immediate`
 * @example decodeInsn(Uint8Array.of(0), 0, newAvmInsn()) // 1
 */
export function decodeInsn(code: Uint8Array, pc: number, insn: AvmInsn): number {
  const shared = byOpcode[code[pc]!]!
  let encoding = shared[0]
  if (encoding !== undefined && encoding.subWidth > 0)
    encoding = shared[bitsAt(code, pc, encoding.subAt, encoding.subWidth)]
  if (encoding === undefined) refuse('unknownOpcode', 'no instruction', pc, code[pc]!)
  const { fields, fixed, length, row } = encoding
  if (pc + length > code.length) refuse('truncated', 'the code ends in an instruction', pc, length)
  insn.row = row
  insn.a = 0
  insn.b = 0
  insn.c = 0
  insn.low = 0
  insn.high = 0
  insn.off = 0
  insn.target = 0
  for (const field of fields) {
    const { at, min, operand, step, width } = field
    if (width === 64) {
      insn.low = bitsAt(code, pc, at, 32) | 0
      insn.high = bitsAt(code, pc, at + 32, 32) | 0
      continue
    }
    const raw = bitsAt(code, pc, at, width)
    if (operand === 'imm') setImmediate(insn, field, raw)
    else setOperand(insn, operand, min + raw * step)
    if (operand === 'pad' && raw !== 0) refuse('padding', 'unused bits are not 0', pc, raw)
  }
  for (const { as, operand, value } of fixed)
    setOperand(insn, operand, as === undefined ? value : insn.a)
  const spare = 32 - avmImmediateBits[row]!
  if ((spare === 16 || spare === 24) && insn.low !== (insn.low << spare) >> spare)
    refuse('immediate', 'the immediate is more than is stored', pc, insn.low)
  const distance = insn.target
  for (const other of better[encoding.index]!)
    if (fits(other, insn, distance)) refuse('notShortest', 'a better encoding fits', pc, code[pc]!)
  if (avmJumps[row] === 1) insn.target = distance < 0 ? pc + distance + 1 : pc + length + distance
  return length
}

/** What the validity of code depends on beside its bytes. */
export interface AvmCodeShape {
  readonly code: Uint8Array
  /** In the order of their pcs; the first starts at 0. */
  readonly functions: readonly { readonly pc: number; readonly frameSize: number }[]
  /** Places whose code address the program takes. */
  readonly codeTable: readonly number[]
  /** Number of host calls. */
  readonly imports: number
}

function checkOperands({ functions, imports }: AvmCodeShape, insn: AvmInsn, pc: number): void {
  if (insn.row === avmRow.call && insn.target >= functions.length)
    refuse('callee', 'no such function', pc, insn.target)
  if (insn.row === avmRow.host && insn.target >= imports)
    refuse('import', 'no such import', pc, insn.target)
  if (insn.row === avmRow.trap && (insn.low < 1 || insn.low > avmTrapKinds))
    refuse('trap', 'no such kind of trap', pc, insn.low)
}

/** What a byte of code is: sums. */
export const AvmByte = { start: 1, block: 2 } as const

/**
 * Checks all of the code in one pass, and its targets in a second over them; O(code).
 * @returns for each byte whether an instruction starts there (`AvmByte.start`), and whether it begins a block
 * @throws {DecodeError} as `decodeInsn`, and `function`, `fallsThrough`, `target`, `callee`, `import`, `trap`, `codeTable`
 * @example validateAvm({ code: Uint8Array.of(0), functions: [{ pc: 0, frameSize: 0 }], codeTable: [], imports: 0 })[0] // 3
 */
export function validateAvm(shape: AvmCodeShape): Uint8Array {
  const { code, functions } = shape
  const kinds = new Uint8Array(code.length + 1)
  const insn = newAvmInsn()
  const targets: number[] = []
  let next = 0
  let start = 0
  let row: number = avmRow.ret
  const closeFunction = (end: number, at: number): void => {
    if (avmEnds[row] === 0)
      refuse('fallsThrough', 'a function ends in an instruction that goes on', at, row)
    for (let i = 0; i < targets.length; i += 2) {
      const target = targets[i]!
      const inside = target >= start && target < end
      if (!inside || (kinds[target]! & AvmByte.start) === 0)
        refuse('target', 'a jump to no instruction of its function', targets[i + 1]!, target)
      kinds[target]! |= AvmByte.block
    }
    targets.length = 0
  }
  if (functions.length === 0 || functions[0]!.pc !== 0)
    refuse('function', 'no function starts at 0', 0, functions[0]?.pc ?? 0)
  let before = 0
  for (let pc = 0; pc < code.length; ) {
    if (next < functions.length && functions[next]!.pc <= pc) {
      if (functions[next]!.pc < pc)
        refuse('function', 'a function starts within an instruction', pc, next)
      closeFunction(pc, before)
      start = pc
      next++
      if (next < functions.length && functions[next]!.pc <= pc)
        refuse('function', 'functions are not in the order of their pcs', pc, next)
      kinds[pc]! |= AvmByte.block
    }
    kinds[pc]! |= AvmByte.start
    const length = decodeInsn(code, pc, insn)
    row = insn.row
    checkOperands(shape, insn, pc)
    if (avmJumps[row] === 1) targets.push(insn.target, pc)
    if (avmBlockEnds[row] === 1) kinds[pc + length]! |= AvmByte.block
    before = pc
    pc += length
  }
  if (next < functions.length)
    refuse('function', 'a function starts behind the code', functions[next]!.pc, next)
  closeFunction(code.length, before)
  for (const [i, pc] of shape.codeTable.entries()) {
    if (!(pc >= 0 && pc < code.length) || (kinds[pc]! & AvmByte.start) === 0)
      refuse('codeTable', `entry ${i} is no instruction`, pc, i)
    kinds[pc]! |= AvmByte.block
  }
  return kinds
}
