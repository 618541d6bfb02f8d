import type { BpfProgram } from 'alcatraz-vm'
import { encodeBpf, newBpfInsn } from '#vm/isa/bpf/decode'
import { type BpfName, bpfRow, bpfRows } from '#vm/isa/bpf/table'
import type { Rng } from '../rng.ts'
import { type Ending, Guest, type Label, type Width } from './guest.ts'

export const codeBase = 0x1_0000_0000n
const memory = { low: 0x10000, stack: 0x11000, high: 0x12000 } as const

/** The words of each instruction with all its fields 0. */
const blank = bpfRows.map((_, row) => {
  const bytes = encodeBpf({ ...newBpfInsn(), row })
  return new DataView(bytes.buffer).getInt32(0, true)
})
const fixedImm = bpfRows.map((row) => row.fixed.imm ?? 0)
const fixedOff = bpfRows.map((row) => row.fixed.off ?? 0)

const ofForm = (...forms: readonly string[]): number[] =>
  bpfRows.flatMap(({ form }, row) => (forms.includes(form) ? [row] : []))
const arithmetic = ofForm('rr', 'ri', 'r')
const accesses = ofForm('load', 'store', 'storei', 'fetch')
const branches = ofForm('jrr', 'jri')
const packets = ofForm('abs', 'ind')
const loads = { 1: bpfRow.ldxb, 2: bpfRow.ldxh, 4: bpfRow.ldxw, 8: bpfRow.ldxdw } as const
const stores = { 1: bpfRow.stxb, 2: bpfRow.stxh, 4: bpfRow.stxw, 8: bpfRow.stxdw } as const
const rowNamed = (name: BpfName): number => bpfRow[name]

interface Fix {
  readonly slot: number
  readonly label: Label
  readonly how: 'off' | 'imm' | 'address'
}

/** eBPF: r0..r5 are scratch, r6 and r7 point into memory, r8 and r9 count. */
export class BpfGuest extends Guest {
  override readonly scratch: readonly number[] = [0, 1, 2, 3, 4]
  override readonly pointers: readonly number[] = [6, 7]
  override readonly counters: readonly number[] = [8, 9]
  override readonly widths: readonly Width[] = [1, 2, 4, 8]
  override readonly low: number = memory.low
  override readonly high: number = memory.high
  private words = new Int32Array(1024)
  private slots = 0
  private readonly places: number[] = []
  private readonly fixes: Fix[] = []
  private readonly taken = new Set<Label>()
  private readonly starts: Label[] = []
  readonly packet: boolean

  constructor(rng: Rng) {
    super(rng)
    this.packet = rng.chance(30)
    this.starts.push(this.label())
    this.here(0)
  }

  put(row: number, dst = 0, src = 0, off = 0, imm = 0): void {
    if (2 * this.slots + 4 > this.words.length) {
      const words = new Int32Array(this.words.length * 2)
      words.set(this.words)
      this.words = words
    }
    const at = 2 * this.slots++
    this.words[at] = blank[row]! | (dst << 8) | (src << 12) | ((off | fixedOff[row]!) << 16)
    this.words[at + 1] = imm | fixedImm[row]!
  }

  private to(label: Label, how: Fix['how']): void {
    this.fixes.push({ slot: this.slots - 1, label, how })
  }

  private lddw(dst: number, low: number, high: number): void {
    this.put(bpfRow.lddw, dst, 0, 0, low)
    const at = 2 * this.slots++
    this.words[at] = 0
    this.words[at + 1] = high
  }

  private address(dst: number, label: Label): void {
    this.lddw(dst, 0, Number(codeBase >> 32n))
    this.fixes.push({ slot: this.slots - 2, label, how: 'address' })
  }

  override here(label: Label): void {
    this.places[label] = this.slots
  }

  override scalar(): void {
    const { rng } = this
    const row = rng.pick(arithmetic)
    const { form } = bpfRows[row]!
    const src = form === 'rr' ? (rng.chance(85) ? this.value() : rng.below(11)) : 0
    this.put(row, this.value(), src, 0, form === 'ri' ? rng.imm() : 0)
  }

  override constant(register: number, value: number): void {
    if (this.rng.chance(80)) this.put(bpfRow.mov64i, register, 0, 0, value)
    else this.lddw(register, value, value >> 31)
  }

  override add(to: number, from: number, value: number): void {
    if (to !== from) this.put(bpfRow.mov64, to, from)
    if (this.rng.chance(90)) this.put(bpfRow.add64i, to, 0, 0, value)
    else this.put(bpfRow.sub64i, to, 0, 0, -value | 0)
  }

  override move(to: number, from: number): void {
    this.put(bpfRow.mov64, to, from)
  }

  override rotation(register: number, copy: number): void {
    const { rng } = this
    const wide = rng.chance(50)
    const width = wide ? 64 : 32
    const [left, right, or] = wide
      ? [bpfRow.lsh64i, bpfRow.rsh64i, bpfRow.or64]
      : [bpfRow.lsh32i, bpfRow.rsh32i, bpfRow.or32]
    const amount = rng.pick([1, 7, 8, 13, 16, width - 1, 0])
    this.put(wide || rng.chance(50) ? bpfRow.mov64 : bpfRow.mov32, copy, register)
    this.put(left, register, 0, 0, amount)
    this.put(right, copy, 0, 0, rng.chance(90) ? width - amount : amount)
    if (rng.chance(50)) this.put(or, register, copy)
    else {
      this.put(or, copy, register)
      this.put(bpfRow.mov64, register, copy)
    }
  }

  override access(base: number, offset: number): void {
    const { rng } = this
    const row = rng.pick(accesses)
    const { form } = bpfRows[row]!
    if (form === 'load') this.put(row, this.value(), base, offset)
    else if (form === 'storei') this.put(row, base, 0, offset, rng.imm())
    else this.put(row, base, form === 'store' && rng.chance(10) ? base : this.value(), offset)
  }

  override load(to: number, base: number, offset: number, width: Width): void {
    this.put(loads[width], to, base, offset)
  }

  override store(from: number, base: number, offset: number, width: Width): void {
    this.put(stores[width], base, from, offset)
  }

  override absolute(address: number): void {
    const base = this.value()
    this.put(bpfRow.mov64i, base, 0, 0, address)
    this.access(base, this.rng.between(-8, 8))
  }

  override branch(to: Label): void {
    const { rng } = this
    const row = rng.pick(branches)
    const immediate = bpfRows[row]!.form === 'jri'
    const [x, y] = [this.value(), this.value()]
    const imm = rng.imm()
    const near = (imm + rng.pick([0, 0, 1, -1])) | 0
    if (rng.chance(50)) this.put(rng.pick([bpfRow.mov64i, bpfRow.mov32i]), x, 0, 0, near)
    if (!immediate && rng.chance(40)) this.put(bpfRow.mov64i, y, 0, 0, imm)
    this.put(row, x, immediate ? 0 : y, 0, immediate ? imm : 0)
    this.to(to, 'off')
  }

  override unless(register: number, value: number, to: Label): void {
    this.put(this.rng.chance(50) ? bpfRow.jnei : bpfRow.jne32i, register, 0, 0, value)
    this.to(to, 'off')
  }

  override whileAbove(register: number, value: number, to: Label): void {
    this.put(this.rng.chance(70) ? bpfRow.jsgti : bpfRow.jsgt32i, register, 0, 0, value)
    this.to(to, 'off')
  }

  override jump(to: Label): void {
    if (this.rng.chance(80)) {
      this.put(bpfRow.ja)
      this.to(to, 'off')
    } else {
      this.put(bpfRow.gotol)
      this.to(to, 'imm')
    }
  }

  /** Through a row of jumps, each of one slot. */
  override choose(register: number, labels: readonly Label[]): void {
    const first = labels.map(() => this.label())
    this.address(5, first[0]!)
    this.put(bpfRow.mov64, 4, register)
    this.put(bpfRow.and64i, 4, 0, 0, labels.length - 1)
    this.put(bpfRow.lsh64i, 4, 0, 0, 3)
    this.put(bpfRow.add64, 5, 4)
    this.put(bpfRow.gotox, 5)
    labels.forEach((label, i) => {
      this.here(first[i]!)
      this.taken.add(first[i]!)
      this.put(bpfRow.ja)
      this.to(label, 'off')
    })
  }

  override call(to: Label): void {
    this.put(bpfRow.call_local)
    this.to(to, 'imm')
  }

  override callThrough(to: Label): void {
    this.address(5, to)
    if (this.rng.chance(60)) this.put(bpfRow.callx, 5)
    else this.put(bpfRow.callx_imm, 0, 0, 0, 5)
  }

  override enter(label: Label): void {
    this.starts.push(label)
    this.here(label)
  }

  override leave(): void {
    this.put(bpfRow.exit)
  }

  override host(): void {
    this.put(bpfRow.call, 0, 0, 0, this.rng.below(4))
  }

  override oddity(): void {
    const { rng } = this
    const kind = rng.below(5)
    if (kind === 0) this.put(bpfRow.may_goto, 0, 0, rng.below(3))
    else if (kind === 1) this.put(bpfRow.le64, this.value())
    else if (kind === 2) this.put(rng.pick([bpfRow.mod64i, bpfRow.smod32i, bpfRow.div32i]), 0)
    else if (kind === 3 && this.packet) {
      const row = rng.pick(packets)
      const off = rng.below(50)
      if (bpfRows[row]!.form === 'abs') this.put(row, 0, 0, 0, off)
      else {
        this.put(bpfRow.mov64i, 3, 0, 0, off)
        this.put(row, 0, 3, 0, rng.below(10))
      }
    } else this.put(rowNamed('cmpxchg64'), 10, this.value(), -8 - 8 * rng.below(8))
  }

  override end(ending: Ending, recursion: Label): void {
    const { rng } = this
    switch (ending) {
      case 'halt':
        return this.put(bpfRow.exit)
      case 'fault': {
        const base = rng.pick(this.pointers)
        const at = rng.pick([memory.high - 4, memory.high, 0xfffc, 0xfff0, 0, -4])
        this.put(bpfRow.mov64i, base, 0, 0, at)
        for (let i = rng.between(1, 3); i > 0; i--) this.access(base, rng.between(-8, 8))
        return this.store(0, base, rng.pick([4, 0x7ff0, -64]), 8)
      }
      case 'outOfGas': {
        const again = this.label()
        this.here(again)
        for (let i = rng.below(4); i > 0; i--) this.scalar()
        return this.jump(again)
      }
      case 'invalidInstruction':
        if (!this.packet && rng.chance(50)) return this.put(rng.pick(packets))
        return this.put(bpfRow.mov64i, 11)
      case 'invalidJump':
        return this.badJump()
      case 'invalidCall':
        if (rng.chance(30)) return this.put(bpfRow.call_local, 0, 0, 0, 1)
        if (rng.chance(50)) this.lddw(5, rng.pick([0, 4, 8, 0x7ffffff8]), rng.pick([1, 1, 0, -1]))
        else this.put(bpfRow.mov64i, 5, 0, 0, -1)
        return this.put(bpfRow.callx, 5)
      default:
        return this.call(recursion)
    }
  }

  private badJump(): void {
    const { rng } = this
    const kind = rng.below(3)
    if (kind === 0) return this.put(bpfRow.ja, 0, 0, 30_000)
    if (kind === 1) {
      this.put(bpfRow.mov64i, 1, 0, 0, rng.imm())
      this.put(bpfRow.jeq, 1, 1, 30_000)
      return
    }
    this.lddw(5, rng.pick([0, 4, 8, 0x7ffffff8]), rng.pick([1, 1, 0]))
    this.put(bpfRow.gotox, 5)
  }

  private slotOf(label: Label): number {
    return this.places[label] ?? 0
  }

  /** @param deep functions reserve so much that the stack ends before calls do */
  finish(deep: boolean, maxDepth: number): BpfProgram {
    const { rng, words } = this
    for (const { slot, label, how } of this.fixes) {
      const to = this.slotOf(label)
      if (how === 'off') words[2 * slot]! |= (to - slot - 1) << 16
      else if (how === 'imm') words[2 * slot + 1] = to - slot - 1
      else words[2 * slot + 1] = 8 * to
    }
    const code = new Uint8Array(words.buffer, 0, 8 * this.slots)
    const starts = [...new Set(this.starts.map((label) => this.slotOf(label)))]
    const input = rng.chance(80)
      ? { input: { address: memory.stack + 16, length: rng.pick([64, 20]) } }
      : {}
    return {
      isa: 'bpf',
      version: 'v4',
      code,
      exports: new Map([['entry', 0]]),
      imports: ['a', 'b', 'c', 'd'],
      memory: {
        profile: 'linear32',
        segments: [
          { address: memory.low, bytes: rng.bytes(1024) },
          { address: memory.stack, bytes: rng.bytes(256) },
        ],
        size: memory.high,
        maxSize: 0x16000,
      },
      gas: rng.pick(['alcatraz-1', 'per-instruction']),
      symbols: new Map(),
      functions: starts
        .sort((a, b) => a - b)
        .map((pc) => ({ pc, frameSize: deep ? 512 + 8 * rng.below(64) : 8 * rng.below(12) })),
      codeBase,
      addressTaken: [...this.taken].map((label) => this.slotOf(label)).sort((a, b) => a - b),
      stack: { low: memory.low, high: memory.stack },
      ...input,
      options: { packet: this.packet, callxHelpers: rng.chance(40), maxDepth },
    }
  }
}
