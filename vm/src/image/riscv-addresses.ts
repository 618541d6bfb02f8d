import { newRiscvInsn, type RiscvDecoder } from '../isa/riscv/decode.ts'
import { riscvRows } from '../isa/riscv/table.ts'
import type { Segment } from '../vm/memory.ts'

/** What makes an address together with `lui` or `auipc`, by row. */
const adds: Uint8Array = Uint8Array.from(riscvRows, ({ name }) =>
  name === 'addi' || name === 'addiw' || name === 'jalr' ? 1 : 0,
)
const upper: Int8Array = Int8Array.from(riscvRows, ({ name }) =>
  name === 'lui' ? 1 : name === 'auipc' ? 2 : 0,
)

/** Even numbers in the code. */
class Places {
  private readonly base: number
  private readonly marks: Uint8Array

  constructor(base: number, length: number) {
    this.base = base
    this.marks = new Uint8Array(length)
  }

  /** Is the address one of the code; then it is marked. */
  add(address: number): boolean {
    const at = address - this.base
    if (at < 0 || at >= this.marks.length || at % 2 !== 0) return false
    this.marks[at] = 1
    return true
  }

  list(): number[] {
    const out: number[] = []
    for (let i = 0; i < this.marks.length; i += 2) if (this.marks[i] === 1) out.push(i)
    return out
  }
}

/** Addresses that pairs of instructions make; those in the code are marked, the others answered. */
function constantsIn(
  decoder: RiscvDecoder,
  code: Uint8Array,
  base: number,
  places: Places,
): number[] {
  const insn = newRiscvInsn()
  const high = new Float64Array(32).fill(Number.NaN)
  const others: number[] = []
  for (let pc = 0; pc < code.length; pc += insn.row < 0 ? 2 : insn.length) {
    decoder.decode(code, pc, insn)
    if (insn.row < 0) continue
    const kind = upper[insn.row]!
    if (kind !== 0) high[insn.rd] = (kind === 1 ? insn.imm : base + pc + insn.imm) >>> 0
    else if (adds[insn.row] === 1 && !Number.isNaN(high[insn.rs1]!)) {
      const address = (high[insn.rs1]! + insn.imm) >>> 0
      if (!places.add(address)) others.push(address)
    }
  }
  return others
}

/**
 * Offsets into code whose addresses the program seems to hold: made by pairs of instructions, in data as words, or as distances
 * from where they are kept (tables of `switch`). A number that only looks like an address is here, too, and an address may be
 * missing: jumps through registers are right everywhere, and fast to these. O(code + data).
 */
export function codeAddresses(
  decoder: RiscvDecoder,
  code: Uint8Array,
  base: number,
  segments: readonly Segment[],
): number[] {
  const places = new Places(base, code.length)
  const tables = new Set(constantsIn(decoder, code, base, places))
  for (const { address, bytes } of segments) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let table = -1
    const first = (4 - (address % 4)) % 4
    for (let at = first; at + 4 <= bytes.length; at += 4) {
      const inCode = address + at >= base && address + at < base + code.length
      if (inCode) continue
      places.add(view.getUint32(at, true))
      if (tables.has(address + at)) table = address + at
      if (table >= 0 && !places.add(table + view.getInt32(at, true))) table = -1
    }
  }
  return places.list()
}
