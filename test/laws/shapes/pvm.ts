import type { PvmProgram } from 'alcatraz-vm'
import { pvmPresets } from '#vm/image/pvm-options'
import { pvmSchedules } from '#vm/isa/pvm/gas'
import { isTerminator, type PvmName, pvmRows, rowOf } from '#vm/isa/pvm/table'
import { type PvmIsa, pvmIsa, pvmVersions } from '#vm/isa/pvm/versions'
import type { Rng } from '../rng.ts'
import { type Ending, Guest, type Label, type Width } from './guest.ts'

const [ra, sp, spare, spare2] = [0, 1, 2, 3] as const
const memory = { readOnly: 0x10000, low: 0x12000, high: 0x14000, far: 0xfefe0000 } as const
const haltAddress = -0x10000
/** The version of 32 bits has ops of its own: as often as two others. */
const versions = [...pvmVersions, 'latest32'] as const
const schedules = [...pvmSchedules.keys()].filter((name) => name !== 'none')

/** Rows of an instruction set that shapes pick from. */
interface Choice {
  readonly arithmetic: readonly number[]
  readonly accesses: readonly number[]
  readonly absolute: readonly number[]
  readonly branches: readonly number[]
}
const choices = new Map<PvmIsa, Choice>()

function choiceOf(isa: PvmIsa): Choice {
  let choice = choices.get(isa)
  if (choice === undefined) {
    const rows = pvmRows.map((_, row) => row).filter((row) => isa.codeByRow[row]! >= 0)
    const named = (pattern: RegExp): number[] => rows.filter((r) => pattern.test(pvmRows[r]!.name))
    const memory = /^(load|store)_(imm_)?(ind_)?[ui]\d/
    // what becomes an op of its own in 32 bits only
    const narrow = isa.features.width === 32 ? named(/^mul_upper|^reverse/) : []
    choice = {
      arithmetic: [...rows, ...narrow, ...narrow]
        .filter((r) => /^reg(Reg|RegImm|RegReg|Imm64)$|^regImm$/.test(pvmRows[r]!.form))
        .filter((r) => !memory.test(pvmRows[r]!.name) && !/sbrk|jump/.test(pvmRows[r]!.name)),
      accesses: named(/^(load|store)_(imm_)?ind_/),
      absolute: named(/^(load|store)_(imm_)?[ui]\d/),
      branches: named(/^branch_/),
    }
    choices.set(isa, choice)
  }
  return choice
}

interface Fix {
  /** Where the four octets are, and what they count from; -1: an entry of the jump table. */
  readonly at: number
  readonly from: number
  readonly label: Label
}

/** PVM: a0..a4 are scratch, a5 and t2 point into memory, s0 and s1 count, t0 and t1 are spare. */
export class PvmGuest extends Guest {
  override readonly scratch: readonly number[] = [7, 8, 9, 10, 11]
  override readonly pointers: readonly number[] = [12, 4]
  override readonly counters: readonly number[] = [5, 6]
  override readonly widths: readonly Width[]
  override readonly low: number = memory.low
  override readonly high: number = memory.high
  readonly isa: PvmIsa
  readonly options: PvmProgram['options']
  private readonly version: PvmProgram['version']
  private readonly choice: Choice
  private readonly wide: boolean
  private bytes = new Uint8Array(2048)
  private starts = new Uint8Array(2048)
  private length = 0
  private open = false
  private readonly places: number[] = []
  private readonly fixes: Fix[] = []
  private readonly table: Label[] = []

  constructor(rng: Rng, ending: Ending) {
    super(rng)
    this.version = rng.pick(versions)
    const preset = pvmPresets[rng.pick(['gp-0.7', 'gp-0.8', 'polkavm', 'polkavm-paging'] as const)]
    this.options = {
      ...preset,
      validateWhole: false,
      nullPagePanics: ending === 'nullPage' || rng.chance(60),
      pageFaults: ending === 'fault' || (ending !== 'outOfBounds' && preset.pageFaults),
      outOfGasKeepsCounter: rng.chance(70),
      pcAfterHalt: rng.chance(15) ? 'zero' : 'last',
      midBlockEntryCharges: rng.chance(85),
    }
    this.isa = pvmIsa(this.version, this.options)
    this.choice = choiceOf(this.isa)
    this.wide = this.isa.features.width === 64
    this.widths = this.wide ? [1, 2, 4, 8] : [1, 2, 4]
  }

  private byte(value: number): void {
    this.bytes[this.length++] = value
  }

  private begin(row: number): void {
    if (this.length + 32 > this.bytes.length) {
      const grown = new Uint8Array(2 * this.bytes.length)
      grown.set(this.bytes)
      this.bytes = grown
      const starts = new Uint8Array(grown.length)
      starts.set(this.starts)
      this.starts = starts
    }
    this.starts[this.length] = 1
    this.byte(this.isa.codeByRow[row]!)
    this.open = !isTerminator(row)
  }

  private static sizeOf(value: number): number {
    if (value === 0) return 0
    return value === (value << 24) >> 24 ? 1 : value === (value << 16) >> 16 ? 2 : 4
  }

  private imm(value: number, size = PvmGuest.sizeOf(value)): void {
    for (let i = 0; i < size; i++) this.byte((value >> (8 * i)) & 0xff)
  }

  private target(from: number, label: Label): void {
    this.fixes.push({ at: this.length, from, label })
    this.imm(0, 4)
  }

  private put(row: number, low: number, high: number, value: number): void {
    this.begin(row)
    this.byte(low | (high << 4))
    this.imm(value)
  }

  private has(name: PvmName): boolean {
    return this.isa.codeByRow[rowOf[name]]! >= 0
  }

  override here(label: Label): void {
    // only what follows a terminator can be jumped to
    if (this.open) this.begin(rowOf.fallthrough)
    this.places[label] = this.length
  }

  override scalar(): void {
    const { rng } = this
    const row = rng.pick(this.choice.arithmetic)
    const other = rng.chance(85) ? this.value() : rng.below(13)
    switch (pvmRows[row]!.form) {
      case 'regReg':
        return this.put(row, this.value(), other, 0)
      case 'regRegImm':
        return this.put(row, this.value(), other, rng.imm())
      case 'regImm':
        return this.put(row, this.value(), 0, rng.imm())
      case 'regImm64':
        this.begin(row)
        this.byte(this.value())
        this.imm(rng.imm(), 4)
        return this.imm(rng.imm(), 4)
      default:
        this.begin(row)
        this.byte(this.value() | (other << 4))
        return this.byte(this.value())
    }
  }

  override constant(register: number, value: number): void {
    this.put(rowOf.load_imm, register, 0, value)
  }

  override add(to: number, from: number, value: number): void {
    const wide = this.wide && this.rng.chance(80)
    this.put(wide ? rowOf.add_imm_64 : rowOf.add_imm_32, to, from, value)
  }

  override move(to: number, from: number): void {
    this.put(rowOf.move_reg, to, from, 0)
  }

  override rotation(register: number, copy: number): void {
    const { rng } = this
    const wide = this.wide && rng.chance(50)
    const width = wide ? 64 : 32
    const amount = rng.pick([1, 7, 8, 13, 16, width - 1, 0])
    const left = wide ? rowOf.shlo_l_imm_64 : rowOf.shlo_l_imm_32
    const right = wide ? rowOf.shlo_r_imm_64 : rowOf.shlo_r_imm_32
    if (rng.chance(50)) {
      this.move(copy, register)
      this.put(left, register, register, amount)
      this.put(right, copy, copy, width - amount)
    } else {
      this.put(left, copy, register, amount)
      this.put(right, register, register, rng.chance(90) ? width - amount : amount)
    }
    this.begin(rowOf.or)
    this.byte(register | (copy << 4))
    this.byte(rng.chance(70) ? register : copy)
  }

  override access(base: number, offset: number): void {
    const { rng } = this
    const row = rng.pick(this.choice.accesses)
    if (pvmRows[row]!.form === 'regRegImm') return this.put(row, this.value(), base, offset)
    const size = PvmGuest.sizeOf(offset)
    this.begin(row)
    this.byte(base | (size << 4))
    this.imm(offset)
    this.imm(rng.imm())
  }

  override load(to: number, base: number, offset: number, width: Width): void {
    const names = { 1: 'load_ind_u8', 2: 'load_ind_u16', 4: 'load_ind_i32', 8: 'load_ind_u64' }
    this.put(rowOf[names[width] as PvmName], to, base, offset)
  }

  override store(from: number, base: number, offset: number, width: Width): void {
    const names = { 1: 'store_ind_u8', 2: 'store_ind_u16', 4: 'store_ind_u32', 8: 'store_ind_u64' }
    this.put(rowOf[names[width] as PvmName], from, base, offset)
  }

  override absolute(address: number): void {
    const { rng } = this
    const row = rng.pick(this.choice.absolute)
    if (pvmRows[row]!.form === 'regImm') return this.put(row, this.value(), 0, address)
    this.begin(row)
    this.byte(4)
    this.imm(address, 4)
    this.imm(rng.imm())
  }

  private branchOf(row: number, x: number, y: number, imm: number, to: Label): void {
    const from = this.length
    this.begin(row)
    if (pvmRows[row]!.form === 'regImmOffset') {
      this.byte(x | (PvmGuest.sizeOf(imm) << 4))
      this.imm(imm)
    } else this.byte(x | (y << 4))
    this.target(from, to)
  }

  override branch(to: Label): void {
    const { rng } = this
    const row = rng.pick(this.choice.branches)
    const [x, y] = [this.value(), this.value()]
    const imm = rng.imm()
    const immediate = pvmRows[row]!.form === 'regImmOffset'
    if (rng.chance(50)) this.constant(x, (imm + rng.pick([0, 0, 1, -1])) | 0)
    if (!immediate && rng.chance(40)) this.constant(y, imm)
    this.branchOf(row, x, y, imm, to)
  }

  override unless(register: number, value: number, to: Label): void {
    this.branchOf(rowOf.branch_ne_imm, register, 0, value, to)
  }

  override whileAbove(register: number, value: number, to: Label): void {
    this.branchOf(rowOf.branch_gt_s_imm, register, 0, value, to)
  }

  override jump(to: Label): void {
    const from = this.length
    this.begin(rowOf.jump)
    this.target(from, to)
  }

  /** Entry of the jump table for a label, as a dynamic address. */
  private entry(label: Label): number {
    this.table.push(label)
    return 2 * this.table.length
  }

  override choose(register: number, labels: readonly Label[]): void {
    const [first] = labels.map((label) => this.entry(label))
    this.put(rowOf.and_imm, spare, register, labels.length - 1)
    this.put(rowOf.shlo_l_imm_32, spare, spare, 1)
    if (this.rng.chance(70)) return this.put(rowOf.jump_ind, spare, 0, first!)
    const into = this.rng.pick([spare, this.value()])
    this.begin(rowOf.load_imm_jump_ind)
    this.byte(into | (spare << 4))
    this.byte(1)
    this.byte(this.rng.below(128))
    this.imm(first!)
  }

  override call(to: Label): void {
    const back = this.label()
    const address = this.entry(back)
    if (this.rng.chance(75)) {
      const from = this.length
      this.begin(rowOf.load_imm_jump)
      this.byte(ra | (4 << 4))
      this.imm(address, 4)
      this.target(from, to)
    } else {
      this.constant(ra, address)
      this.jump(to)
    }
    this.here(back)
  }

  override callThrough(to: Label): void {
    const back = this.label()
    const [callee, after] = [this.entry(to), this.entry(back)]
    this.constant(spare2, callee)
    this.begin(rowOf.load_imm_jump_ind)
    this.byte(ra | (spare2 << 4))
    this.byte(4)
    this.imm(after, 4)
    this.here(back)
  }

  private saved(load: boolean): void {
    const width = this.wide ? 8 : 4
    const registers = [ra, ...this.counters, ...this.pointers]
    registers.forEach((register, i) => {
      if (load) this.load(register, sp, 8 * i, width)
      else this.store(register, sp, 8 * i, width)
    })
  }

  override enter(label: Label): void {
    this.here(label)
    this.put(rowOf.add_imm_32, sp, sp, -48)
    this.saved(false)
  }

  override leave(): void {
    this.saved(true)
    this.put(rowOf.add_imm_32, sp, sp, 48)
    this.put(rowOf.jump_ind, ra, 0, 0)
  }

  override host(): void {
    this.begin(rowOf.ecalli)
    this.imm(this.rng.below(5))
  }

  override oddity(): void {
    const { rng } = this
    const kind = rng.below(4)
    if (kind === 0 && this.has('memset')) {
      this.constant(7, memory.low + rng.below(0x2000))
      this.constant(8, rng.imm())
      this.constant(9, rng.pick([0, 1, 7, 40]))
      this.begin(rowOf.memset)
    } else if (kind === 1 && this.has('sbrk')) {
      this.constant(spare, rng.pick([0, 1, 100, 4096]))
      this.put(rowOf.sbrk, this.value(), spare, 0)
    } else if (kind === 2 && this.has('unlikely')) this.begin(rowOf.unlikely)
    else if (kind === 3) this.load(this.value(), sp, -64, 2)
    else this.begin(rowOf.fallthrough)
  }

  override end(ending: Ending, recursion: Label): void {
    const { rng } = this
    switch (ending) {
      case 'halt':
        this.constant(ra, haltAddress)
        if (rng.chance(30)) return this.jumpAndSet(ra, 0)
        return this.put(rowOf.jump_ind, ra, 0, 0)
      case 'panic':
        return this.begin(rowOf.trap)
      case 'outOfGas': {
        const again = this.label()
        this.here(again)
        for (let i = rng.below(4); i > 0; i--) this.scalar()
        return this.jump(again)
      }
      case 'invalidInstruction':
        this.begin(rowOf.fallthrough)
        this.starts[this.length] = 1
        this.byte(255)
        this.open = false
        return
      case 'invalidJump':
        return this.badJump()
      case 'nullPage':
        return this.badAccess(rng.pick([0, 16, 0xffc0]))
      case 'fault':
      case 'outOfBounds':
        if (rng.chance(15)) return this.call(recursion)
        return this.badAccess(
          rng.pick([memory.high + 0x2000, memory.high + 0x1000, memory.readOnly + 64, 0x300000]),
        )
      default:
        return this.call(recursion)
    }
  }

  /** Jumps to an address in a register that is written after it was read. */
  private jumpAndSet(register: number, offset: number): void {
    this.begin(rowOf.load_imm_jump_ind)
    this.byte(register | (register << 4))
    this.byte(1)
    this.byte(this.rng.below(128))
    this.imm(offset)
  }

  private badAccess(address: number): void {
    const base = this.rng.pick(this.pointers)
    this.constant(base, address)
    for (let i = this.rng.below(3); i > 0; i--) this.access(base, this.rng.between(0, 8))
    this.store(this.value(), base, this.rng.between(0, 8), this.rng.pick(this.widths))
  }

  private badJump(): void {
    const { rng } = this
    const kind = rng.below(4)
    // no place has this label: it resolves to an octet that starts no block
    const nowhere = this.label()
    this.places[nowhere] = -1
    if (kind === 0) return this.jump(nowhere)
    if (kind === 1) {
      const x = this.value()
      return this.branchOf(rowOf.branch_eq, x, x, 0, nowhere)
    }
    this.constant(spare, rng.pick([0, 1, 3, 0x7000]))
    if (kind === 3) return this.jumpAndSet(spare, rng.pick([0, 1, 0x7000]))
    this.put(rowOf.jump_ind, spare, 0, rng.pick([0, 0, 1, 0x7000]))
  }

  finish(): PvmProgram {
    const { bytes, length, rng, starts } = this
    const code = bytes.subarray(0, length)
    const bitmask = new Uint8Array(Math.ceil(length / 8))
    for (let i = 0; i < length; i++) bitmask[i >> 3]! |= starts[i]! << (i & 7)
    const placeOf = (label: Label): number => {
      const place = this.places[label] ?? 0
      return place < 0 ? length + 100 : place
    }
    for (const { at, from, label } of this.fixes) {
      const distance = placeOf(label) - from
      for (let k = 0; k < 4; k++) code[at + k] = (distance >> (8 * k)) & 0xff
    }
    const { far, high, low, readOnly } = memory
    const page = rng.pick([4096, 4096, 4096, 8192])
    return {
      isa: 'pvm',
      version: this.version,
      code,
      bitmask,
      jumpTable: Uint32Array.from(this.table, placeOf),
      exports: new Map([['entry', 0]]),
      imports: [],
      memory: {
        profile: 'paged32',
        pageSize: page,
        regions: [
          { address: readOnly, length: low - readOnly, writable: false },
          { address: low, length: high - low, writable: true },
          { address: far, length: 0x2000, writable: true },
        ],
        segments: [
          { address: readOnly, bytes: rng.bytes(512) },
          { address: low, bytes: rng.bytes(1024) },
        ],
        ...(rng.chance(90) ? { heap: { start: high - 0x800, max: high + 2 * page + 100 } } : {}),
      },
      gas: rng.pick(schedules),
      symbols: new Map(),
      options: this.options,
    }
  }

  /** Where the stack of calls begins. */
  static readonly stackTop: number = memory.far + 0x2000
}
