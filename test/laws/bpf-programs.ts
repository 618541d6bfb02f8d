import type { BpfProgram } from 'alcatraz-vm'
import { encodeBpf, newBpfInsn } from '#vm/isa/bpf/decode'
import { bpfForms, bpfRow, bpfRows } from '#vm/isa/bpf/table'
import type { Rng } from './rng.ts'

const stack = { low: 0x10000, high: 0x12000 } as const
const size = 0x14000
const codeBase = 0x1_0000_0000n
/** r6..r8 point into memory and r9 counts loops, if nothing random wrote to them. */
const pointers = [6, 7, 8, 10] as const
const counter = 9

/** Rows by how often they are wanted; what ends a run early is rare. */
function weightOf(name: string): number {
  if (name === 'exit' || /^(gotox|callx)/.test(name)) return 0
  if (name === 'call') return 24
  if (name === 'call_local') return 3
  if (/^ld(abs|ind)/.test(name)) return 1
  return 2
}
const everything = bpfRows.flatMap((row, index) =>
  new Array<number>(weightOf(row.name)).fill(index),
)
const withoutPacket = everything.filter((index) => bpfRows[index]!.group !== 'packet')

const arithmetic = bpfRows.flatMap(({ form }, index) =>
  form === 'ri' || form === 'rr' || form === 'r' ? [index] : [],
)
const accesses = bpfRows.flatMap(({ form }, index) =>
  form === 'load' || form === 'store' || form === 'storei' || form === 'fetch' ? [index] : [],
)
const branches = bpfRows.flatMap(({ form }, index) =>
  form === 'jri' || form === 'jrr' ? [index] : [],
)

type Field = 'dst' | 'src' | 'off' | 'imm' | 'immHigh'
interface Draft {
  readonly row: number
  readonly fields: Partial<Record<Field, number>>
  /** Index of the instruction a jump goes to. */
  to?: number
  /** Index of the instruction whose code address a `lddw` loads. */
  codeOf?: number
}

/** An address that is likely to be good: the stack, or the edges of memory. */
function address(rng: Rng): bigint {
  if (rng.chance(50)) return BigInt(stack.low + 200 + rng.below(stack.high - stack.low - 400))
  if (rng.chance(60)) return BigInt(0x12000 + rng.below(size - 0x12000 - 64))
  if (rng.chance(75)) {
    // displacements are multiples of 8 below: accesses straddle the edge
    const edge = rng.pick([size, size, 0x10000])
    return BigInt(edge + 8 * rng.below(8) - rng.below(8))
  }
  return rng.pick([0xfff8n, 0n, 1n << 32n, (1n << 32n) - 4n, 1n << 63n, (1n << 64n) - 4n])
}

function fieldOf(rng: Rng, kind: string, memory: boolean): number {
  switch (kind) {
    case 'wreg':
      return rng.chance(93) ? rng.below(6) : rng.below(10)
    case 'reg':
      return memory && rng.chance(93) ? rng.pick(pointers) : rng.below(11)
    case 'disp':
      return rng.chance(85) ? -8 * rng.below(16) : rng.between(-40, 40)
    default:
      return rng.imm()
  }
}

/** A random instruction at index `here` of about `count`. */
function draftOf(rng: Rng, row: number, here: number, count: number): Draft {
  const { form, name } = bpfRows[row]!
  const fields: Draft['fields'] = {}
  let jumps = false
  const shape: Readonly<Record<string, readonly unknown[]>> = bpfForms[form]
  for (const field of Object.keys(shape) as Field[]) {
    const kind = shape[field]![2] as string
    if (kind === 'target') jumps = true
    // the base of a load is src, of a store dst
    else fields[field] = fieldOf(rng, kind, field === (form === 'load' ? 'src' : 'dst'))
  }
  if (/^(st|lock|xchg|cmpxchg|store)/.test(name) && rng.chance(93)) fields.dst = rng.pick(pointers)
  if (name === 'call' && rng.chance(90)) fields.imm = rng.below(4)
  if (/^ld(abs|ind)/.test(name) && rng.chance(80)) fields.imm = rng.below(70)
  if (!jumps) return { row, fields }
  const to = rng.chance(65) ? here + 1 + rng.below(8) : here - rng.below(rng.chance(80) ? 8 : count)
  return { row, fields, to }
}

/** What a program is made of while it is written. */
class Writer {
  readonly drafts: Draft[] = []
  readonly starts: number[] = []
  readonly rng: Rng
  readonly total: number
  private readonly weighted: readonly number[]
  private readonly packet: boolean

  constructor(rng: Rng, packet: boolean) {
    this.rng = rng
    this.packet = packet
    this.weighted = packet || rng.chance(5) ? everything : withoutPacket
    this.total = rng.between(50, 200)
  }

  put(row: number, fields: Draft['fields'], more: Pick<Draft, 'to' | 'codeOf'> = {}): void {
    this.drafts.push({ row, fields, ...more })
  }

  lddw(dst: number, value: bigint): void {
    const word = (shift: bigint): number => Number(BigInt.asIntN(32, value >> shift))
    this.put(bpfRow.lddw, { dst, imm: word(0n), immHigh: word(32n) })
  }

  prologue(): void {
    const { rng } = this
    this.starts.push(this.drafts.length)
    if (rng.chance(15)) this.put(bpfRow.call_local, {}, { to: 0 })
    for (const pointer of [6, 7, 8]) this.lddw(pointer, address(rng))
    this.put(bpfRow.mov64i, { dst: counter, imm: rng.below(8) })
  }

  random(): void {
    const { rng, drafts } = this
    const kind = rng.below(100)
    const dst = rng.below(6)
    if (kind < 3) {
      if (rng.chance(15))
        this.lddw(dst, rng.pick([0n, 3n, 0x7fff_ffffn, 0x8000_0000n, (1n << 64n) - 1n]))
      else this.put(bpfRow.lddw, { dst }, { codeOf: rng.chance(90) ? -1 : rng.below(this.total) })
      if (rng.chance(70)) this.put(bpfRow.callx, { dst })
      else this.put(bpfRow.callx_imm, { imm: dst })
    } else if (kind < 5) {
      this.put(bpfRow.lddw, { dst }, { codeOf: rng.chance(90) ? -2 : rng.below(this.total) })
      this.put(bpfRow.gotox, { dst })
    } else if (kind < 9) this.loop()
    else if (kind < 18) this.compare()
    else if (kind === 18 || kind === 19) this.edge()
    else if (kind < 28) this.burst()
    else if (kind < 30) this.compareExchange()
    else if (kind === 30 && this.starts.length > 1 && rng.chance(30)) this.put(bpfRow.exit, {})
    else if (kind < 34 && this.packet) {
      this.put(bpfRow.mov64i, { dst, imm: rng.below(70) })
      const row = rng.pick([bpfRow.ldindb, bpfRow.ldindh, bpfRow.ldindw])
      this.put(row, { src: dst, imm: rng.below(10) })
    } else drafts.push(draftOf(rng, rng.pick(this.weighted), drafts.length, this.total))
  }

  /** A branch on operands that are equal or nearly so, in the low half or in both. */
  private compare(): void {
    const { rng, drafts } = this
    const row = rng.pick(branches)
    const [dst, src] = [rng.below(3), 3 + rng.below(3)]
    const imm = rng.imm()
    this.lddw(dst, BigInt(imm + rng.pick([0, 0, 1, -1])) + (rng.chance(30) ? 1n << 32n : 0n))
    if (bpfRows[row]!.form === 'jri') this.put(row, { dst, imm }, { to: drafts.length + 2 })
    else {
      this.put(bpfRow.mov64i, { dst: src, imm })
      this.put(row, { dst, src }, { to: drafts.length + 2 })
    }
    this.put(bpfRow.add64i, { dst: 3 + rng.below(3), imm: 1 })
  }

  /** Arithmetic, and its results where nothing overwrites them. */
  private burst(): void {
    const { rng, drafts } = this
    for (let i = rng.between(6, 16); i > 0; i--)
      drafts.push(draftOf(rng, rng.pick(arithmetic), drafts.length, this.total))
    for (let i = 0; i < 3; i++)
      this.put(bpfRow.stxdw, { dst: 10, src: rng.below(6), off: -8 - 8 * rng.below(24) })
  }

  /** An access that is the last one inside memory, or the first one outside. */
  private edge(): void {
    const { rng } = this
    const row = rng.pick(accesses)
    const { name, form } = bpfRows[row]!
    const width = /64|dw$/.test(name) ? 8 : /32|w$/.test(name) ? 4 : /16|h$/.test(name) ? 2 : 1
    const low = rng.chance(20)
    const at = low ? 0x10000 - (rng.chance(10) ? 1 : 0) : size - width + (rng.chance(12) ? 1 : 0)
    const off = rng.pick([0, 0, 1, -1, 0x7fff, -0x8000])
    this.lddw(5, BigInt(at - off))
    const base = form === 'load' ? { dst: rng.below(5), src: 5 } : { dst: 5, src: rng.below(5) }
    this.put(row, { ...base, off, ...(form === 'storei' ? { imm: rng.imm() } : {}) })
  }

  /** cmpxchg with r0 equal to what is in memory, or only in its low half. */
  private compareExchange(): void {
    const { rng } = this
    const [dst, off] = [rng.pick(pointers), -8 * rng.below(16)]
    this.put(bpfRow.ldxdw, { dst: 0, src: dst, off })
    this.lddw(1, rng.pick([0n, 0n, 1n, 1n << 32n]))
    this.put(bpfRow.xor64, { dst: 0, src: 1 })
    this.put(rng.pick([bpfRow.cmpxchg32, bpfRow.cmpxchg64]), { dst, src: 2, off })
  }

  /** A few instructions as often as r9 says, at least once. */
  private loop(): void {
    const { rng, drafts } = this
    const top = drafts.length
    for (let i = rng.below(6); i > 0; i--)
      drafts.push(draftOf(rng, rng.pick(this.weighted), drafts.length, this.total))
    this.put(bpfRow.add64i, { dst: counter, imm: -1 })
    this.put(bpfRow.jsgti, { dst: counter, imm: 0 }, { to: top })
  }

  /** The code; targets are resolved, now and then to somewhere else. */
  code(taken: readonly number[]): { readonly bytes: Uint8Array; readonly slotAt: number[] } {
    const { rng, drafts, starts } = this
    const slotAt: number[] = []
    let slots = 0
    for (const draft of drafts) {
      slotAt.push(slots)
      slots += draft.row === bpfRow.lddw ? 2 : 1
    }
    const slotOf = (index: number): number =>
      slotAt[Math.max(0, Math.min(index, drafts.length - 1))]!
    const bytes = drafts.flatMap((draft, index) => {
      const fields = { ...draft.fields }
      const { to, codeOf } = draft
      if (codeOf !== undefined) {
        const index = codeOf === -1 ? rng.pick(starts) : codeOf === -2 ? rng.pick(taken) : codeOf
        fields.imm = 8 * slotOf(index) + (rng.chance(3) ? 4 : 0)
        fields.immHigh = Number(codeBase >> 32n)
      }
      if (to !== undefined) {
        const { name } = bpfRows[draft.row]!
        const target = slotOf(name === 'call_local' ? rng.pick(starts) : to)
        const offset = rng.chance(1) ? rng.between(-30, slots + 10) : target - slotAt[index]! - 1
        if (name === 'call_local' || name === 'gotol') fields.imm = offset
        else fields.off = offset
      }
      return encodeBpf({ ...newBpfInsn(), ...fields, row: draft.row })
    })
    return { bytes: Uint8Array.from(bytes.flatMap((b) => [...b])), slotAt }
  }
}

/** A random program: functions of random instructions, loops, calls, host calls, jumps anywhere. */
export function bpfProgram(rng: Rng): BpfProgram {
  const packet = rng.chance(50)
  const w = new Writer(rng, packet)
  const functions = rng.between(1, 4)
  for (let f = 0; f < functions; f++) {
    w.prologue()
    const end = Math.floor((w.total * (f + 1)) / functions)
    while (w.drafts.length < end) w.random()
    // now and then code runs on into the next function, or past the end
    if (rng.chance(95)) w.put(bpfRow.exit, {})
  }
  const taken = [0, 0, 0].map(() => rng.below(w.drafts.length))
  const { bytes, slotAt } = w.code(taken)
  if (rng.chance(10))
    for (let i = 0, at = 8 * rng.below(bytes.length / 8); i < 8; i++) bytes[at + i] = rng.below(256)
  return {
    isa: 'bpf',
    version: 'v4',
    code: bytes,
    exports: new Map([['entry', 0]]),
    imports: ['a', 'b', 'c', 'd'],
    memory: {
      profile: 'linear32',
      segments: [{ address: 0x10000, bytes: rng.bytes(size - 0x10000 - 0x600) }],
      size,
      maxSize: 0x20000,
    },
    gas: rng.pick(['alcatraz-1', 'per-instruction']),
    symbols: new Map(),
    functions: w.starts.map((start) => ({
      pc: slotAt[start]!,
      frameSize: 8 * rng.below(rng.pick([10, 80])),
    })),
    codeBase,
    addressTaken: [...new Set(taken.map((index) => slotAt[index]!))].sort((x, y) => x - y),
    stack,
    // the last one reaches past the memory there is at the start
    ...(rng.chance(85)
      ? {
          input: {
            address: rng.pick([0x12000, 0x12010, size - 32]),
            length: rng.pick([64, 20, 0]),
          },
        }
      : {}),
    options: {
      packet,
      callxHelpers: rng.chance(30),
      maxDepth: rng.pick([1, 3, 16, 16, 40]),
    },
  }
}

/** Registers at the start: numbers, addresses, code addresses. */
export function bpfRegisters(rng: Rng, program: BpfProgram): bigint[] {
  return Array.from({ length: 10 }, () => {
    if (rng.chance(30)) return address(rng)
    if (rng.chance(25)) {
      const slot = rng.chance(70) ? rng.pick(program.functions).pc : rng.pick(program.addressTaken)
      return codeBase + 8n * BigInt(slot) + (rng.chance(5) ? 4n : 0n)
    }
    return rng.value()
  })
}
