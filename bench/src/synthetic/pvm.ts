import {
  encodePvm,
  encodePvmBlob,
  maxEncoded,
  newPvmInsn,
  type PvmInsn,
  type PvmIsa,
  type PvmName,
  pvmIsa,
  pvmRows,
} from 'alcatraz-vm/pvm'
import { Random } from './random.ts'

const rowOf = new Map(pvmRows.map((row, index) => [row.name as PvmName, index]))

/** Writes instructions; all programs start with `ecalli 0` so that a run stops after one. */
class Writer {
  readonly code: Uint8Array
  readonly bitmask: Uint8Array
  readonly isa: PvmIsa
  readonly end: number
  at = 0
  private readonly scratch = new Uint8Array(maxEncoded)
  private readonly insn: PvmInsn = newPvmInsn()

  constructor(isa: PvmIsa, bytes: number) {
    this.isa = isa
    this.end = Math.max(64, bytes)
    this.code = new Uint8Array(this.end + 2 * maxEncoded)
    this.bitmask = new Uint8Array((this.code.length + 7) >>> 3)
    this.put('ecalli', 0, 0, 0, 0, 0)
    this.put('fallthrough', 0, 0, 0, 0, 0)
  }

  put(name: PvmName, a: number, b: number, d: number, imm: number, target: number): void {
    const { insn } = this
    insn.row = rowOf.get(name)!
    insn.rA = a
    insn.rB = b
    insn.rD = d
    insn.immX = imm
    insn.target = target
    const length = encodePvm(this.isa, insn, this.at, this.scratch)
    if (length === 0) throw new Error(`${name} is missing in this version`)
    this.bitmask[this.at >>> 3]! |= 1 << (this.at & 7)
    this.code.set(this.scratch.subarray(0, length), this.at)
    this.at += length
  }

  /** A branch whose offset takes two octets, to be filled in by `patch`. */
  putForward(name: PvmName, a: number, b: number): number {
    this.put(name, a, b, 0, 0, this.at + 0x1000)
    return this.at - 2
  }

  /** @param start where the branch starts, @param place where its offset lies */
  patch(start: number, place: number, target: number): void {
    this.code[place] = (target - start) & 0xff
    this.code[place + 1] = ((target - start) >> 8) & 0xff
  }

  blob(jumpTable: Uint32Array): Uint8Array {
    this.put('trap', 0, 0, 0, 0, 0)
    const code = this.code.subarray(0, this.at)
    const bitmask = this.bitmask.subarray(0, (this.at + 7) >>> 3)
    return encodePvmBlob({ code, bitmask, jumpTable })
  }
}

const alu: readonly PvmName[] = ['add_64', 'sub_64', 'xor', 'or', 'and', 'mul_64', 'set_lt_u']
const aluImm: readonly PvmName[] = [
  'add_imm_64',
  'add_imm_64',
  'shlo_l_imm_64',
  'and_imm',
  'add_imm_32',
]
const loads: readonly PvmName[] = ['load_ind_u64', 'load_ind_u64', 'load_ind_u32', 'load_ind_u8']
const stores: readonly PvmName[] = ['store_ind_u64', 'store_ind_u64', 'store_ind_u32']
const branches: readonly PvmName[] = ['branch_eq', 'branch_ne', 'branch_lt_u', 'branch_ge_s']

/** Functions of 16 to 143 instructions, with the mix of kinds that compilers write for contracts. */
function realistic(w: Writer, random: Random, table: number[]): void {
  const pick = (names: readonly PvmName[]): PvmName => names[random.below(names.length)]!
  const starts: number[] = []
  while (w.at < w.end - 1400) {
    starts.push(w.at)
    const blocks = [w.at]
    const open: { readonly start: number; readonly place: number }[] = []
    for (let left = 16 + random.below(128); left > 0; left--) {
      const kind = random.below(100)
      const a = random.below(13)
      const b = random.below(13)
      if (kind < 26) w.put(pick(alu), a, b, random.below(13), 0, 0)
      else if (kind < 33) w.put('move_reg', a, 0, b, 0, 0)
      else if (kind < 50) w.put(pick(aluImm), a, b, 0, random.imm(), 0)
      else if (kind < 68) w.put(pick(loads), a, 1, 0, 8 * random.below(64), 0)
      else if (kind < 80) w.put(pick(stores), a, 1, 0, 8 * random.below(64), 0)
      else if (kind < 84) w.put('load_imm', a, 0, 0, random.imm(), 0)
      else {
        if (kind < 92) {
          const start = w.at
          open.push({ start, place: w.putForward(pick(branches), a, b) })
        } else if (kind < 96)
          w.put(pick(branches), a, b, 0, 0, blocks[random.below(blocks.length)]!)
        else {
          table.push(w.at)
          const to = starts[random.below(starts.length)]!
          w.put('load_imm_jump', 0, 0, 0, 2 * table.length, to)
          table[table.length - 1] = w.at
        }
        blocks.push(w.at)
        while (open.length > 0 && random.below(3) > 0) {
          const { start, place } = open.pop()!
          w.patch(start, place, w.at)
        }
      }
    }
    w.put('fallthrough', 0, 0, 0, 0, 0)
    for (const { start, place } of open) w.patch(start, place, w.at)
    w.put('jump_ind', 0, 0, 0, 0, 0)
  }
}

/** How programs of each shape are filled; all but `realistic` are what an attacker would send. */
const fills: Readonly<Record<string, (w: Writer, random: Random, table: number[]) => void>> = {
  realistic,
  'every octet an instruction': (w) => {
    while (w.at < w.end) w.put('fallthrough', 0, 0, 0, 0, 0)
  },
  'one giant block': (w, random) => {
    while (w.at < w.end) w.put('add_64', random.below(13), random.below(13), random.below(13), 0, 0)
  },
  'one giant block of loads': (w, random) => {
    while (w.at < w.end) w.put('load_ind_u8', random.below(13), random.below(13), 0, 0, 0)
  },
  'all branches': (w, random) => {
    const length = 4
    const first = w.at
    const last = Math.floor((w.end - first) / length)
    for (let i = 0; i < last; i++) {
      const to = Math.max(0, Math.min(last - 1, i - 8000 + random.below(16_000)))
      const start = w.at
      w.patch(start, w.putForward('branch_ne', random.below(13), 5), first + length * to)
    }
  },
  'all jump targets': (w, _random, table) => {
    // an octet of code, its bit, and an entry of the table as wide as the last target
    const fits = (width: number): number => Math.floor((w.end * 9) / (8 * width + 9))
    const count = [1, 2, 3].map(fits).find((n, i) => n < 256 ** (i + 1))!
    for (let i = 0; i < count; i++) {
      table.push(w.at)
      w.put('fallthrough', 0, 0, 0, 0, 0)
    }
  },
}

export const pvmShapes: readonly string[] = Object.keys(fills)

/** A raw program blob of about `bytes` octets; another seed gives other octets. */
export function pvmBlob(
  version: 'gp-0.7' | 'jam-v1',
  shape: string,
  bytes: number,
  seed: number,
): Uint8Array {
  const w = new Writer(pvmIsa(version), Math.floor((bytes * 8) / 9))
  const table: number[] = []
  fills[shape]!(w, new Random(seed), table)
  return w.blob(Uint32Array.from(table))
}
