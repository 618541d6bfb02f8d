import type { SbpfProgram, SbpfVersion } from 'alcatraz-vm'
import {
  encodeSbpf,
  newSbpfInsn,
  type SbpfRow,
  sbpfAddresses,
  sbpfForms,
  sbpfProgram,
  sbpfRow,
  sbpfRows,
  sbpfVersions,
} from 'alcatraz-vm/sbpf'
import { hasRow } from '#vm/isa/sbpf/table'
import { type SbpfFeatures, sbpfFeatures } from '#vm/isa/sbpf/version'
import type { Trial } from './compare.ts'
import { Rng } from './rng.ts'

/** r6..r8 point into memory and r9 counts loops, if nothing random wrote to them. */
const pointers = [6, 7, 8, 10] as const
const counter = 9
const readOnlyBytes = 0x200
const inputBytes = 0x180

type Field = 'dst' | 'src' | 'off' | 'imm' | 'immHigh'
interface Draft {
  readonly row: number
  readonly fields: Partial<Record<Field, number>>
  /** Index of the instruction a jump or a call goes to. */
  readonly to?: number
  /** Index of the instruction whose address this one has a half of, and octets beyond it. */
  readonly codeOf?: { readonly index: number; readonly beyond: number; readonly high: boolean }
}

/** Rows by how often they are wanted; control has its own ways to be written. */
function weightOf({ form, gas, name }: SbpfRow): number {
  if (gas === 'exit' || name === 'lddw' || name.startsWith('callx')) return 0
  if (gas === 'call') return form === 'hash' ? 20 : 4
  return /^[us]?(div|mod|rem)/.test(name) ? 1 : 2
}

/** What a program is made of while it is written. */
class Writer {
  readonly drafts: Draft[] = []
  readonly starts: number[] = []
  readonly rng: Rng
  readonly version: SbpfVersion
  readonly features: SbpfFeatures
  readonly total: number
  private readonly weighted: readonly number[]
  private readonly accesses: readonly number[]
  private readonly divisions: readonly number[]

  constructor(rng: Rng, version: SbpfVersion) {
    this.rng = rng
    this.version = version
    this.features = sbpfFeatures[version]
    this.total = rng.between(40, 180)
    const rows = sbpfRows.flatMap((row, index) => (hasRow(row, this.features) ? [index] : []))
    this.weighted = rows.flatMap((i) => new Array<number>(weightOf(sbpfRows[i]!)).fill(i))
    this.accesses = rows.filter((i) => /^(load|store)/.test(sbpfRows[i]!.form))
    this.divisions = rows.filter((i) => /^[us]?(div|mod|rem)/.test(sbpfRows[i]!.name))
  }

  put(row: number, fields: Draft['fields'], more: Pick<Draft, 'to' | 'codeOf'> = {}): void {
    this.drafts.push({ row, fields, ...more })
  }

  /** Loads 64 bits, or the address of an instruction. */
  constant(dst: number, value: bigint, code?: { index: number; beyond: number }): void {
    const word = (shift: bigint): number => Number(BigInt.asIntN(32, value >> shift))
    const half = (high: boolean) => (code === undefined ? {} : { codeOf: { ...code, high } })
    if (this.features.lddw)
      this.put(sbpfRow.lddw, { dst, imm: word(0n), immHigh: word(32n) }, half(false))
    else {
      this.put(sbpfRow.mov32i, { dst, imm: word(0n) }, half(false))
      this.put(sbpfRow.hor64i, { dst, imm: word(32n) }, half(true))
    }
  }

  /** An address that is likely to be good, at the edge of something, or nowhere. */
  private address(): bigint {
    const { rng } = this
    const stack = sbpfAddresses.stack + 0x1000 * rng.below(rng.chance(70) ? 8 : 130)
    const places = [
      stack + 400,
      stack + 0x1000 - rng.below(12),
      sbpfAddresses.heap + 200,
      sbpfAddresses.heap + 0x8000 - rng.below(20),
      sbpfAddresses.input + 100,
      sbpfAddresses.input + inputBytes - rng.below(20),
      (this.features.lowReadOnlyData ? 0 : sbpfAddresses.program) + rng.below(readOnlyBytes),
    ]
    if (rng.chance(92)) return BigInt(rng.pick(places))
    return rng.pick([0n, 0x1_0000_0000n, 0x5_0000_0000n, 1n << 63n, (1n << 64n) - 4n])
  }

  prologue(): void {
    const { features, rng } = this
    this.starts.push(this.drafts.length)
    // frames are what a program makes of them
    if (features.manualStackFrames && rng.chance(80))
      this.put(sbpfRow.add64i, { dst: 10, imm: -64 * rng.between(1, 6) })
    for (const pointer of [6, 7, 8]) this.constant(pointer, this.address())
    this.put(sbpfRow.mov64i, { dst: counter, imm: rng.below(7) })
  }

  private fieldOf(kind: string, memory: boolean): number {
    const { rng } = this
    switch (kind) {
      case 'wreg':
        return rng.chance(95) ? rng.below(6) : rng.below(10)
      case 'reg':
        return memory && rng.chance(97) ? rng.pick(pointers) : rng.below(11)
      case 'disp':
        return rng.chance(85) ? -8 * rng.below(16) : rng.between(-40, 40)
      case 'hash':
        if (rng.chance(3)) return 0x1234_5678
        if (this.features.staticSyscalls || rng.chance(70)) return 0x5000_0000 + rng.below(3)
        return 0x1000_0000 + rng.below(rng.chance(70) ? this.starts.length : 8)
      default:
        return rng.imm()
    }
  }

  /** A random instruction of a row. */
  private any(index: number): void {
    const { drafts, rng } = this
    const row = sbpfRows[index]!
    const fields: Draft['fields'] = {}
    let jumps = false
    const shape: Readonly<Record<string, readonly unknown[]>> = sbpfForms[row.form]
    const base = row.form === 'load' ? 'src' : row.form.startsWith('store') ? 'dst' : ''
    for (const field of Object.keys(shape) as Field[]) {
      const kind = shape[field]![2] as string
      if (kind === 'target') jumps = true
      else fields[field] = this.fieldOf(kind, field === base)
    }
    const here = drafts.length
    const near = rng.chance(80) ? 8 : this.total
    const to = rng.chance(65) ? here + 1 + rng.below(8) : here - rng.below(near)
    this.put(index, fields, jumps ? { to } : {})
  }

  random(): void {
    const { rng } = this
    const kind = rng.below(100)
    if (kind < 5) this.callRegister()
    else if (kind < 9) this.loop()
    else if (kind < (this.features.pqr ? 28 : 13)) this.division()
    else if (kind < (this.features.pqr ? 33 : 18)) this.edge()
    else if (kind === 33 && this.starts.length > 1 && rng.chance(30)) this.put(sbpfRow.exit, {})
    else this.any(rng.pick(this.weighted))
  }

  /** `callx` to a function, to any instruction, into the middle of one, or out of the code. */
  private callRegister(): void {
    const { features, rng } = this
    const dst = rng.below(6)
    const anywhere = rng.chance(25)
    const index = anywhere ? rng.below(this.total) : -1
    const beyond = anywhere && rng.chance(60) ? rng.pick([8, 4, 1, -8, 12, 1 << 20]) : 0
    this.constant(dst, 0n, { index, beyond })
    if (features.callxRegister === 'imm') this.put(sbpfRow.callx_imm, { imm: dst })
    else if (features.callxRegister === 'src') this.put(sbpfRow.callx_src, { src: dst })
    else this.put(sbpfRow.callx, { dst })
  }

  /** Operands at which division is special. */
  private division(): void {
    const { rng } = this
    const edges = [0n, 0n, -1n, 1n, -(1n << 63n), -(1n << 31n), 1n << 31n, 7n, 1n << 32n]
    const row = rng.pick(this.divisions)
    const overflows = /^s/.test(sbpfRows[row]!.name) && rng.chance(50)
    const smallest = sbpfRows[row]!.name.includes('64') ? -(1n << 63n) : -(1n << 31n)
    this.constant(1, overflows ? smallest : rng.pick(edges))
    if (overflows) this.constant(2, -1n)
    else if (rng.chance(70)) this.constant(2, rng.pick(edges))
    this.put(row, { dst: 1, src: 2, imm: rng.pick([-1, -1, 1, 3, -7, rng.imm()]) })
  }

  /** An access next to the end of a frame, a region or a gap. */
  private edge(): void {
    const { rng } = this
    const row = rng.pick(this.accesses)
    const { form, name } = sbpfRows[row]!
    const width = name.endsWith('dw') ? 8 : name.endsWith('w') ? 4 : name.endsWith('h') ? 2 : 1
    const readOnly = this.features.lowReadOnlyData ? 0 : sbpfAddresses.program
    const ends = [
      sbpfAddresses.stack + 0x1000 * rng.between(0, 3),
      sbpfAddresses.heap + 0x8000,
      sbpfAddresses.input + inputBytes,
      readOnly + readOnlyBytes,
    ]
    const at = rng.pick(ends) - (rng.chance(70) ? width : rng.between(-1, 9))
    const off = rng.pick([0, 0, 1, -1, 0x7fff, -0x8000])
    this.constant(5, BigInt(at - off))
    const base = form === 'load' ? { dst: rng.below(5), src: 5 } : { dst: 5, src: rng.below(5) }
    this.put(row, { ...base, off, ...(form === 'storei' ? { imm: rng.imm() } : {}) })
  }

  /** A few instructions as often as r9 says, at least once. */
  private loop(): void {
    const { drafts, rng } = this
    const top = drafts.length
    for (let i = rng.below(6); i > 0; i--) this.any(rng.pick(this.weighted))
    this.put(sbpfRow.add64i, { dst: counter, imm: -1 })
    this.put(sbpfRow.jsgti, { dst: counter, imm: 0 }, { to: top })
  }

  /** The code; targets are resolved, now and then to somewhere else. */
  code(textAddress: number): { readonly bytes: Uint8Array; readonly slotAt: readonly number[] } {
    const { drafts, rng, starts } = this
    const slotAt: number[] = []
    let slots = 0
    for (const draft of drafts) {
      slotAt.push(slots)
      slots += draft.row === sbpfRow.lddw ? 2 : 1
    }
    const slotOf = (index: number): number =>
      slotAt[Math.max(0, Math.min(index, drafts.length - 1))]!
    // both halves of an address are of the same place
    const start = slotOf(rng.pick(starts))
    const bytes = drafts.flatMap((draft, here) => {
      const fields = { ...draft.fields }
      const { codeOf, row, to } = draft
      if (codeOf !== undefined) {
        const slot = codeOf.index < 0 ? start : slotOf(codeOf.index)
        const address = textAddress + 8 * slot + codeOf.beyond
        fields.imm = codeOf.high ? Math.floor(address / 2 ** 32) : address | 0
        fields.immHigh = Math.floor(address / 2 ** 32)
      }
      if (to !== undefined) {
        const calls = row === sbpfRow.call_local
        const target = slotOf(calls && rng.chance(80) ? rng.pick(starts) : to)
        const strays = calls && rng.chance(10)
        const offset =
          strays || rng.chance(1) ? rng.between(-30, slots + 10) : target - slotAt[here]! - 1
        if (calls) fields.imm = offset
        else fields.off = offset
      }
      return [...encodeSbpf(this.version, { ...newSbpfInsn(), ...fields, row })]
    })
    return { bytes: Uint8Array.from(bytes), slotAt }
  }
}

const syscalls: ReadonlyMap<number, string> = new Map([
  [0x5000_0000, 'a'],
  [0x5000_0001, 'b'],
  [0x5000_0002, 'c'],
])

/** A random program: functions of random instructions, loops, calls of all kinds, jumps anywhere. */
export function sbpfRandom(rng: Rng): SbpfProgram {
  const version = rng.pick(sbpfVersions)
  const w = new Writer(rng, version)
  const functions = rng.between(1, 4)
  for (let f = 0; f < functions; f++) {
    w.prologue()
    const end = Math.floor((w.total * (f + 1)) / functions)
    while (w.drafts.length < end) w.random()
    // now and then code runs on into the next function, or past the end
    if (rng.chance(f + 1 < functions ? 95 : 80)) w.put(sbpfRow.exit, {})
  }
  const { lowReadOnlyData } = w.features
  const textAddress = sbpfAddresses.program + (lowReadOnlyData ? 0 : 8 * rng.below(30))
  const { bytes: code, slotAt } = w.code(textAddress)
  if (rng.chance(10))
    for (let i = 0, at = 8 * rng.below(code.length / 8); i < 8; i++) code[at + i] = rng.below(256)
  const slots = code.length / 8
  const byHash = Array.from({ length: 8 }, (_, i): [number, number] => {
    const known = w.starts[i]
    const slot = known === undefined ? rng.below(slots + (rng.chance(5) ? 9 : 0)) : slotAt[known]!
    return [0x1000_0000 + i, slot]
  })
  const program = sbpfProgram(
    {
      version,
      code,
      textAddress,
      entry: 0,
      readOnly: {
        address: lowReadOnlyData ? 0 : sbpfAddresses.program,
        bytes: rng.bytes(readOnlyBytes),
      },
      functions: new Map(byHash),
      syscalls,
    },
    { stackFrameGaps: rng.chance(80), maxCallDepth: rng.pick([2, 4, 16, 64]) },
  )
  // addresses that nothing shows are found as well
  return rng.chance(30) ? { ...program, addressTaken: [] } : program
}

/** A random program of Solana with its start; the same for the same seed. */
export function sbpfTrial(seed: number): Trial {
  const rng = new Rng(seed)
  const program = sbpfRandom(rng)
  const entry = rng.chance(90) ? 0 : rng.below(program.code.length / 8 + 1)
  const values = Array.from({ length: 6 }, () => rng.value())
  const input = rng.bytes(inputBytes)
  return {
    program,
    gas: BigInt(rng.chance(75) ? rng.between(200, 3000) : rng.below(300)),
    seed,
    start(machine) {
      machine.memory.map(sbpfAddresses.input, inputBytes, true)
      machine.memory.write(BigInt(sbpfAddresses.input), input)
      values.forEach((value, i) => {
        machine.registers.set(i, value)
      })
      machine.pc = entry
    },
  }
}
