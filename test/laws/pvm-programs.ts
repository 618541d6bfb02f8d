import type { PvmProgram } from 'alcatraz-vm'
import { pvmPresets } from '#vm/image/pvm-options'
import { pvmSchedules } from '#vm/isa/pvm/gas'
import { isTerminator, type PvmName, type pvmForms, pvmRows, rowOf } from '#vm/isa/pvm/table'
import { type PvmIsa, pvmIsa, pvmVersions } from '#vm/isa/pvm/versions'
import type { Rng } from './rng.ts'

/** r10..r12 point into memory and r5 counts loops, if nothing random wrote to them. */
const pointers = [10, 11, 12] as const
const counter = 5
const [a0, a1, a2] = [7, 8, 9] as const
const halt = -0x10000

/** Where memory is: read-only, writable with the heap behind it, and a far region. */
interface Places {
  readonly page: number
  readonly readOnly: number
  readonly writable: number
  readonly end: number
  readonly far: number
}

function placesOf(rng: Rng): Places {
  const page = rng.pick([4096, 4096, 4096, 8192, 16384])
  const unit = Math.max(page, 0x2000)
  const writable = 0x10000 + unit
  // the last page of memory: accesses wrap from it to 0
  const far = rng.pick([0xfefe0000, 2 ** 32 - unit])
  return { page, readOnly: 0x10000, writable, end: writable + Math.max(page, 0x4000), far }
}

interface Draft {
  readonly row: number
  /** Octets of the arguments before a target. */
  readonly args: readonly number[]
  /** What the instruction jumps to: a start, or the draft of this index. */
  readonly to?: 'start' | number
}

const branches = pvmRows.flatMap(({ name }, index) => (/^branch_/.test(name) ? [index] : []))

const pair = (low: number, high: number): number => low | (high << 4)

class Writer {
  readonly drafts: Draft[] = []
  readonly rng: Rng
  readonly isa: PvmIsa
  readonly places: Places
  readonly jumps: number
  private readonly rows: readonly number[]
  private readonly arithmetic: readonly number[]
  private readonly accesses: readonly number[]

  constructor(rng: Rng, isa: PvmIsa, places: Places, jumps: number) {
    this.rng = rng
    this.isa = isa
    this.places = places
    this.jumps = jumps
    const rows = pvmRows.map((_, index) => index).filter((index) => isa.codeByRow[index]! >= 0)
    const named = (pattern: RegExp): number[] => rows.filter((i) => pattern.test(pvmRows[i]!.name))
    const loud = named(/^(trap|jump_ind|load_imm_jump_ind|memset|sbrk|load_imm_jump|jump)$/)
    const calls = new Array<number>(6).fill(rowOf.ecalli)
    this.rows = rows.filter((index) => !loud.includes(index)).concat(calls)
    this.arithmetic = rows
      .filter((index) => /^(regReg|regRegImm|regRegReg|regImm64)$/.test(pvmRows[index]!.form))
      .filter((index) => !/^(load|store|sbrk)/.test(pvmRows[index]!.name))
    this.accesses = named(/^(load|store)_ind_/)
  }

  has(name: PvmName): boolean {
    return this.isa.codeByRow[rowOf[name]]! >= 0
  }

  put(name: PvmName, args: readonly number[], to?: Draft['to']): void {
    this.drafts.push({ row: rowOf[name], args, ...(to === undefined ? {} : { to }) })
  }

  /** Octets of an immediate: sometimes longer than needed, sometimes cut. */
  imm(value: number, odd = 8): number[] {
    let length =
      value === 0 ? 0 : value === (value << 24) >> 24 ? 1 : value === (value << 16) >> 16 ? 2 : 4
    if (this.rng.chance(odd)) length = this.rng.below(5)
    return Array.from({ length }, (_, i) => (value >> (8 * i)) & 0xff)
  }

  private written(): number {
    if (this.rng.chance(2)) return this.rng.between(13, 15)
    return this.rng.chance(98) ? this.rng.pick([0, 1, 2, 3, 4, 6, 7, 8, 9]) : this.rng.below(13)
  }

  private read(): number {
    return this.rng.chance(2) ? this.rng.between(13, 15) : this.rng.below(13)
  }

  private base(): number {
    return this.rng.chance(98) ? this.rng.pick(pointers) : this.rng.below(13)
  }

  private offset(): number {
    return this.rng.chance(98) ? this.rng.between(-8, this.rng.pick([8, 64])) : this.rng.imm()
  }

  private absolute(write: boolean): number {
    const { readOnly, writable, end, far } = this.places
    const low = write && this.rng.chance(96) ? writable : readOnly
    if (this.rng.chance(96)) return low + this.rng.below(end - low - 8)
    return this.rng.pick([0, 0xffff, far | 0, -4, end - 4, end])
  }

  private argumentsOf(form: keyof typeof pvmForms, name: string): { args: number[]; jumps?: true } {
    const { rng } = this
    const store = name.startsWith('store_')
    const memory = store || /^load_(ind|[ui]\d)/.test(name)
    switch (form) {
      case 'none':
        return { args: [] }
      case 'imm':
        return { args: this.imm(rng.chance(90) ? rng.below(5) : rng.imm()) }
      case 'regImm64':
        return { args: [this.written(), ...Array.from({ length: 8 }, () => rng.below(256))] }
      case 'immImm': {
        const x = this.imm(this.absolute(true), 1)
        return { args: [x.length, ...x, ...this.imm(rng.imm())] }
      }
      case 'regImm':
        return {
          args: [
            store ? this.read() : this.written(),
            ...(memory ? this.imm(this.absolute(store), 1) : this.imm(rng.imm())),
          ],
        }
      case 'regImmImm': {
        const x = this.imm(this.offset())
        return { args: [pair(this.base(), x.length), ...x, ...this.imm(rng.imm())] }
      }
      case 'regImmOffset': {
        const links = name === 'load_imm_jump'
        // a return address more often than not: dynamic addresses are 2, 4, 6, ...
        const x = this.imm(links && rng.chance(70) ? 2 * rng.between(1, 9) : rng.imm())
        const register = links ? this.written() : this.read()
        return { args: [pair(register, x.length), ...x], jumps: true }
      }
      case 'regReg':
        return { args: [pair(this.written(), this.read())] }
      case 'regRegImm':
        return {
          args: [
            pair(store ? this.read() : this.written(), memory ? this.base() : this.read()),
            ...this.imm(memory ? this.offset() : rng.imm()),
          ],
        }
      case 'regRegOffset':
        return { args: [pair(this.read(), this.read())], jumps: true }
      case 'regRegImmImm': {
        const x = this.imm(rng.imm())
        const args = [pair(this.written(), this.read()), x.length, ...x]
        return { args: [...args, ...this.imm(2 * rng.below(8))] }
      }
      case 'regRegReg':
        return {
          args: [pair(this.read(), this.read()), rng.chance(2) ? rng.below(256) : this.written()],
        }
      case 'offset':
        return { args: [], jumps: true }
    }
  }

  plain(rows: readonly number[] = this.rows): void {
    const row = this.rng.pick(rows)
    const { form, name } = pvmRows[row]!
    const { args, jumps } = this.argumentsOf(form, name)
    this.drafts.push({ row, args, ...(jumps ? { to: 'start' } : {}) })
  }

  halt(): void {
    this.loadImm(0, halt)
    this.put('jump_ind', [0])
  }

  private loadImm(register: number, value: number): void {
    this.put('load_imm', [register, ...this.imm(value, 1)])
  }

  prologue(): void {
    const { rng, places } = this
    for (const pointer of pointers) {
      const { writable, end, far } = places
      const at = rng.chance(70)
        ? rng.between(writable + 16, end - 80)
        : rng.pick([writable, writable + 4096, end, end, far + 4096, 2 ** 32]) - rng.below(9)
      this.put('load_imm', [pointer, at & 255, (at >> 8) & 255, (at >> 16) & 255, at >>> 24])
    }
    this.loadImm(counter, rng.below(8))
    this.put('fallthrough', [])
  }

  random(): void {
    const { rng } = this
    const kind = rng.below(200)
    const dst = rng.pick([0, 1, 2, 3])
    const entry = 2 * (1 + rng.below(rng.chance(98) ? this.jumps : this.jumps + 2))
    if (kind < 6) {
      this.loadImm(dst, rng.chance(85) ? entry : rng.pick([halt, halt, 0, 1, 0xffff]))
      const with2 = this.imm(rng.imm())
      const after = this.imm(rng.chance(10) ? 2 : 0)
      const how = rng.below(3)
      if (how === 0) this.put('jump_ind', [dst])
      else {
        const into = how === 1 ? dst : this.written()
        this.put('load_imm_jump_ind', [pair(into, dst), with2.length, ...with2, ...after])
      }
    } else if (kind > 188) this.compare()
    else if (kind > 176) this.burst()
    else if (kind > 172) this.edge()
    else if (kind < 18) this.loop()
    else if (kind < 20) {
      const ra = this.imm(entry, 1)
      this.put('load_imm_jump', [pair(dst, ra.length), ...ra], 'start')
    } else if (kind < 22) this.put('jump', [], 'start')
    else if (kind < 26 && this.has('sbrk')) {
      this.loadImm(dst, rng.pick([0, 1, 100, 4096, 10_000, 0x800, -1]))
      this.put('sbrk', [pair(rng.below(5), dst)])
    } else if (kind < 34 && this.has('memset')) {
      const { writable, end } = this.places
      this.loadImm(a0, rng.chance(50) ? rng.between(writable, end - 0x600) : end - rng.below(0x400))
      this.loadImm(a1, rng.imm())
      this.loadImm(a2, rng.pick([0, 1, 7, 100, 300, 0x1800]))
      this.put('memset', [])
    } else if (kind === 34 && rng.chance(30)) this.put('trap', [])
    else if (kind < 36) this.put('fallthrough', [])
    else this.plain()
  }

  /** Arithmetic, and its results where nothing overwrites them. */
  private burst(): void {
    const { rng } = this
    for (let i = rng.between(6, 16); i > 0; i--) this.plain(this.arithmetic)
    const store = this.has('store_ind_u64') ? 'store_ind_u64' : 'store_ind_u32'
    for (let i = 0; i < 3; i++) {
      const at = this.imm(8 * rng.below(8), 0)
      this.put(store, [pair(rng.pick([0, 1, 2, 3, 4, 6, 7, 8, 9]), rng.pick(pointers)), ...at])
    }
  }

  /** An access at the border of two pages, which may belong together or not. */
  private edge(): void {
    const { rng } = this
    const { readOnly, writable, end, far, page } = this.places
    const row = rng.pick(this.accesses)
    const { name } = pvmRows[row]!
    const width = Number(/\d+$/.exec(name)![0]) / 8
    // reads may cross from read-only pages to writable ones; writes between writable ones
    const inside = name.startsWith('load') ? writable : writable + 4096
    const others = [readOnly, writable, end, far, far + page, 2 ** 32]
    const border = rng.chance(75) ? inside : rng.pick(others)
    const at = (border - rng.below(width + 1)) | 0
    this.put('load_imm', [1, at & 255, (at >> 8) & 255, (at >> 16) & 255, at >>> 24])
    this.drafts.push({ row, args: [pair(rng.pick([0, 2, 3, 4]), 1), rng.pick([0, 0, 0, 1, 255])] })
  }

  /** A branch on operands that are equal or nearly so. */
  private compare(): void {
    const { rng } = this
    const row = rng.pick(branches)
    const value = rng.imm()
    const [x, y] = [rng.below(3), rng.pick([3, 4, 6])]
    this.loadImm(x, (value + rng.pick([0, 0, 1, -1])) | 0)
    const immediate = pvmRows[row]!.form === 'regImmOffset'
    const imm = this.imm(value, 0)
    if (!immediate) this.loadImm(y, value)
    const args = immediate ? [pair(x, imm.length), ...imm] : [pair(x, y)]
    this.drafts.push({ row, args, to: this.drafts.length + 3 })
    this.put('add_imm_32', [pair(y, y), 1])
    this.put('fallthrough', [])
  }

  /** A few instructions as often as r5 says. */
  private loop(): void {
    const { rng, drafts } = this
    this.put('fallthrough', [])
    const top = drafts.length
    for (let i = rng.below(6); i > 0; i--) this.plain()
    this.put('add_imm_32', [pair(counter, counter), 255])
    this.put('branch_gt_s_imm', [pair(counter, 0)], top)
  }

  finish(): { code: Uint8Array; bitmask: Uint8Array; jumpTable: Uint32Array } {
    const { drafts, isa, rng } = this
    const places: number[] = []
    let length = 0
    for (const { args, to } of drafts) {
      places.push(length)
      // targets take four octets, so that places are known before they are
      length += 1 + args.length + (to === undefined ? 0 : 4)
    }
    const starts = places.filter((_, i) => i === 0 || isTerminator(drafts[i - 1]!.row))
    const code: number[] = []
    const bitmask = new Uint8Array(Math.ceil(length / 8))
    drafts.forEach(({ row, args, to }, i) => {
      const place = places[i]!
      bitmask[place >> 3]! |= 1 << (place & 7)
      code.push(isa.codeByRow[row]!, ...args)
      if (to === undefined) return
      let target = typeof to === 'number' ? (places[to] ?? 0) : rng.pick(starts)
      if (to === 'start' && rng.chance(70)) target = starts.find((s) => s > place) ?? target
      if (rng.below(300) === 0) target = rng.below(length + 8)
      for (let k = 0; k < 4; k++) code.push(((target - place) >> (8 * k)) & 0xff)
    })
    if (rng.chance(8)) code[rng.below(length)] = rng.below(256)
    if (rng.chance(6)) bitmask[rng.below(bitmask.length)]! ^= 1 << rng.below(8)
    if (length % 8 !== 0) bitmask[bitmask.length - 1]! &= (1 << (length % 8)) - 1
    const jumpTable = Uint32Array.from({ length: this.jumps }, () =>
      rng.chance(98) ? rng.pick(starts) : rng.below(length + 4),
    )
    return { code: Uint8Array.from(code), bitmask, jumpTable }
  }
}

/** A random program of any version, with any rule set and schedule that fit it. */
export function pvmProgram(rng: Rng): PvmProgram {
  const version = rng.pick(pvmVersions)
  const preset = pvmPresets[rng.pick(['gp-0.7', 'gp-0.8', 'polkavm', 'polkavm-paging'] as const)]
  const options = {
    ...preset,
    validateWhole: preset.validateWhole && rng.chance(10),
    nullPagePanics: rng.chance(70),
    outOfGasKeepsCounter: rng.chance(70),
    pcAfterHalt: rng.chance(15) ? ('zero' as const) : preset.pcAfterHalt,
    midBlockEntryCharges: rng.chance(85),
  }
  const places = placesOf(rng)
  const w = new Writer(rng, pvmIsa(version, options), places, rng.between(1, 8))
  if (rng.chance(95)) w.prologue()
  for (const total = rng.between(50, 180); w.drafts.length < total; ) w.random()
  const last = rng.below(10)
  if (last === 0) w.put('ecalli', [1])
  else if (last < 4) w.halt()
  else if (rng.chance(70)) w.put('jump', [], rng.chance(80) ? 0 : 'start')
  const { page, readOnly, writable, end, far } = places
  return {
    isa: 'pvm',
    version,
    ...w.finish(),
    exports: new Map([['entry', 0]]),
    imports: [],
    memory: {
      profile: 'paged32',
      pageSize: page,
      regions: [
        { address: readOnly, length: writable - readOnly, writable: false },
        { address: writable, length: end - writable, writable: true },
        { address: far, length: Math.max(page, 0x2000), writable: rng.chance(70) },
      ],
      segments: [
        { address: readOnly, bytes: rng.bytes(writable - readOnly) },
        { address: writable, bytes: rng.bytes(end - writable - 0x600) },
      ],
      ...(rng.chance(90) ? { heap: { start: end - 0x800, max: end + 2 * page + 100 } } : {}),
    },
    gas: rng.pick([...pvmSchedules.keys()].filter((name) => name !== 'none')),
    symbols: new Map(),
    options,
  }
}

export function pvmRegisters(rng: Rng, program: PvmProgram): bigint[] {
  const { regions } = program.memory as Extract<PvmProgram['memory'], { profile: 'paged32' }>
  return Array.from({ length: 13 }, () => {
    if (rng.chance(65)) {
      const region = rng.chance(80) ? regions[1]! : rng.pick(regions)
      return BigInt(region.address + rng.below(region.length))
    }
    return rng.chance(20) ? rng.pick([0xffff_0000n, 0xffffn, 2n, 4n, 6n, 0n]) : rng.value()
  })
}
