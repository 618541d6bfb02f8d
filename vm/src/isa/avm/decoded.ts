import type { AvmInsn } from './insn.ts'

const words = 4
/** Fields of the first word: row, registers (of which one may be `noBase`), length. */
const at = { a: 8, b: 13, c: 18, length: 23 } as const
const register = 31

/** Instructions as they were decoded, in order, for whoever goes through them again: 16 octets each. */
export class DecodedAvm {
  count = 0
  private data: Int32Array

  /** @param expected instructions to make room for */
  constructor(expected: number) {
    this.data = new Int32Array(words * Math.max(16, expected))
  }

  add(insn: AvmInsn, length: number): void {
    const from = words * this.count++
    if (from === this.data.length) {
      const more = new Int32Array(2 * from)
      more.set(this.data)
      this.data = more
    }
    const { data } = this
    data[from] =
      insn.row | (insn.a << at.a) | (insn.b << at.b) | (insn.c << at.c) | (length << at.length)
    data[from + 1] = insn.low
    data[from + 2] = insn.high
    // no shape has both
    data[from + 3] = insn.off | insn.target
  }

  /** Instruction `i`; what it has of offset and target, both are. @returns its length */
  read(i: number, insn: AvmInsn): number {
    const { data } = this
    const from = words * i
    const word = data[from]!
    insn.row = word & 0xff
    insn.a = (word >>> at.a) & register
    insn.b = (word >>> at.b) & register
    insn.c = (word >>> at.c) & register
    insn.low = data[from + 1]!
    insn.high = data[from + 2]!
    insn.off = data[from + 3]!
    insn.target = insn.off
    return word >>> at.length
  }
}
