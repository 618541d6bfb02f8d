import type { BpfProgram, Machine, PlannedRegion, RegionsPlan } from 'alcatraz-vm'
import { adoptIr } from '#vm/engine/lifted'
import { IrBuilder } from '#vm/ir/builder'
import { printIr } from '#vm/ir/printer'
import { calleeWord, type IrProgram, plainRules } from '#vm/ir/program'
import { Op, zeroRegister } from '#vm/ir/table'
import { Trap } from '#vm/vm/exit'
import type { Trial } from './compare.ts'
import { Rng } from './rng.ts'

const stackAt = 0x2_0000_0000
const inputAt = 0x4_0000_0000
const frame = 0x1000
/** Registers: 0..5 values, 6..8 bases, 9 counts, 10 the frame pointer, 11 and 12 bases kept by calls. */
const pointer = 10
const bases = [1, 6, 7, 8, pointer, pointer]

/** A list as one of sBPF's versions has it, or one with accounts behind each other. */
export function regionsPlan(rng: Rng): RegionsPlan {
  const regions: PlannedRegion[] = []
  const add = (region: PlannedRegion): void => {
    regions.push(region)
  }
  if (rng.chance(40)) add({ address: 0, length: rng.pick([0, 24, 4096]), writable: false })
  const code = rng.pick([1, 100, 4097])
  if (rng.chance(80)) add({ address: 0x1_0000_0000, length: code, writable: false })
  const frames = rng.pick([1, 3, 8]) * frame
  const gap = rng.chance(60) ? { gap: frame } : {}
  add({ address: stackAt, length: frames, writable: true, ...gap })
  const heap = rng.pick([{}, { maxLength: 0x4000 }])
  add({ address: 0x3_0000_0000, length: rng.pick([0x1000, 0x1008]), writable: true, ...heap })
  let at = inputAt + rng.pick([0, 0, 0, 8])
  const accounts = rng.pick([1, 1, 3, 6])
  for (let i = 0; i < accounts; i++) {
    const length = rng.pick([0, 1, 7, 8, 9, 64, 200, 5000])
    const maxLength = length + rng.pick([0, 0, 8, 100])
    const grows = rng.chance(70)
    add({ address: at, length, writable: rng.chance(75), ...(grows ? { maxLength } : {}) })
    at += (grows ? maxLength : length) + rng.pick([0, 0, 1, 64])
    if (at === regions.at(-1)!.address) at++
  }
  if (rng.chance(20)) add({ address: 0x14_0000_0000, length: 512, writable: true, maxLength: 600 })
  const last = regions.at(-1)!
  const segments = [{ address: last.address, bytes: rng.bytes(Math.min(last.length, 40)) }]
  return { profile: 'regions64', regions, segments }
}

/** An address at an edge, where a region, a frame or the address space starts or ends. */
function edge(rng: Rng, plan: RegionsPlan): bigint {
  if (rng.chance(4)) return rng.pick([0n, -8n, -1n, 1n << 63n, 1n << 48n, (1n << 48n) - 4n])
  const { address, length, gap } = rng.pick(plan.regions)
  const frames = gap === undefined ? 0 : gap * rng.below((2 * length) / gap + 1)
  const offset = gap === undefined ? rng.pick([0, length, length >> 1]) : frames
  return BigInt(address + offset + (rng.chance(50) ? 0 : rng.between(-16, 16)))
}

/** An address with `room` bytes around it in one frame of a region, mostly of one that is writable. */
function inside(rng: Rng, plan: RegionsPlan): bigint {
  const any = rng.chance(20)
  const wide = plan.regions.filter(
    ({ length, writable }) => (writable || any) && length >= 2 * room,
  )
  const { address, length, gap } = rng.pick(wide)
  const from = gap === undefined ? 0 : 2 * gap * rng.below(length / gap)
  return BigInt(address + from + room + rng.below((gap ?? length) - 2 * room + 1))
}

const room = 64
const widths = [8, 16, 32, 64] as const
const loads = [Op.load8u, Op.load8s, Op.load16u, Op.load16s, Op.load32u, Op.load32s, Op.load64]
const stores = [Op.store8, Op.store16, Op.store32, Op.store64]
const constants = [Op.store8i, Op.store16i, Op.store32i, Op.store64i]
/** Displacements of one base, in and out of one check's range. */
const spreads = [0, 0, 0, 0, 8, -8, 16, -16, 24, 100, -4096, 4088, 4096, 0x2000, 0x7fffffff]

class Writer {
  readonly rows: IrBuilder
  private readonly rng: Rng
  private readonly plan: RegionsPlan
  /** Percentage of accesses and bases that may be anywhere. */
  private readonly wild: number
  pc = 0
  /** The next instruction starts a segment. */
  private open = true

  constructor(rng: Rng, plan: RegionsPlan) {
    this.rows = new IrBuilder(400, 400, true)
    this.rng = rng
    this.plan = plan
    this.wild = rng.pick([0, 1, 5, 15, 60])
  }

  /** Sets a base to where it may point. */
  base(register: number): void {
    const { plan, rng, wild } = this
    this.li(register, rng.chance(wild) ? edge(rng, plan) : inside(rng, plan))
  }

  /** A displacement that keeps a base inside, most of the time. */
  private offset(base: number): number {
    const { rng, wild } = this
    const below = base === pointer ? -8 * rng.between(1, 7) : 0
    if (rng.chance(wild))
      return (rng.pick(spreads) + below + (rng.chance(30) ? rng.between(-4, 4) : 0)) | 0
    // one in ten ends behind the frame, if the pointer is at the frame's end
    if (base === pointer) return below + (rng.chance(10) ? rng.between(0, 7) : 0)
    return rng.between(-48, 40)
  }

  start(cut = false): number {
    if (cut || this.open) this.rows.startSegment(this.pc, 0)
    this.open = false
    this.rows.startInstruction(this.pc, this.rng.below(3))
    return this.pc++
  }

  li(register: number, value: bigint): void {
    this.start()
    const [low, high] = [Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n))]
    this.rows.row(Op.li, register, 0, 0, low, high, 0)
  }

  access(): void {
    const { rng, rows } = this
    const base = rng.chance(this.wild / 5) ? zeroRegister : rng.pick(bases)
    const off = this.offset(base)
    const value = rng.pick([0, 2, 3, 4, 5])
    this.start()
    if (rng.chance(50)) rows.row(rng.pick(loads), value, base, 0, 0, 0, off)
    else if (rng.chance(70)) rows.row(stores[rng.below(widths.length)]!, value, base, 0, 0, 0, off)
    else rows.row(rng.pick(constants), 0, base, 0, rng.word(), rng.word(), off)
  }

  /** Anything that is not a jump. */
  line(): void {
    const { rng } = this
    const roll = rng.below(100)
    const base = rng.pick([1, 6, 7, 8])
    if (roll < 8) this.base(base)
    else if (roll < 16) {
      this.start()
      const steps = rng.chance(this.wild) ? [8, -8, 4096, -4096, 64] : [1, -1, 2]
      this.rows.abi(Op.add64i, base, base, rng.pick(steps))
    } else if (roll < 24) {
      this.start()
      this.rows.abc(Op.mov, base, rng.pick(rng.chance(this.wild) ? bases : [6, 7, 8]), 0)
    } else if (roll < 28) {
      this.start()
      this.rows.abc(Op.xor64, rng.pick([0, 2, 3]), rng.pick([0, 4]), rng.pick([2, 5]))
    } else if (roll < 32) this.host()
    else this.access()
  }

  host(): void {
    this.start()
    this.rows.row(Op.host, 0, 0, 0, this.rng.below(5), 0, 0)
    this.open = true
  }

  /** Ends a segment: the row's target is a pc, or there is none. */
  end(op: number, b: number, low: number, target: number): void {
    this.start()
    this.rows.row(op, 0, b, 0, low, 0, target)
    this.open = true
  }

  body(lines: number): void {
    for (let i = 0; i < lines; i++) this.line()
  }
}

/** Straight runs of accesses in a loop, with skipped parts, calls and host calls. */
function irOf(rng: Rng, plan: RegionsPlan, declared: boolean): IrProgram {
  const w = new Writer(rng, plan)
  for (const base of [1, 6, 7, 8]) w.base(base)
  const calls = rng.chance(60)
  const [own, size] = rng.chance(70) ? [2 * frame, 0] : [8 * rng.below(8), 8 * rng.below(4)]
  const callee = declared ? calleeWord(size, rng.below(pointer + 1)) : size
  const jumps: { at: number; to: number }[] = []
  w.start(true)
  const again = w.pc - 1
  w.rows.abi(Op.add64i, 9, 9, 1)
  for (let part = rng.between(1, 4); part > 0; part--) {
    w.body(rng.between(1, 8))
    if (rng.chance(40)) {
      jumps.push({ at: w.rows.next, to: -1 })
      w.end(Op.bset64i, 0, 1 << rng.below(3), 0)
      w.body(rng.between(1, 3))
      w.start(true)
      jumps.at(-1)!.to = w.pc - 1
      w.rows.abi(Op.add64i, 5, 5, 1)
    }
    if (calls && rng.chance(50)) {
      w.start()
      jumps.push({ at: w.rows.next, to: -2 })
      w.rows.row(Op.call, 0, 0, 0, own, callee, 0)
      w.body(0)
      w.start(true)
      w.rows.abc(Op.mov, 1, 6, 0)
    }
  }
  w.end(Op.bltu64i, 9, rng.pick([1, 3, 6]), again)
  w.start()
  w.rows.row(Op.halt, 0, 0, 0, 0, 0, 0)
  w.start(true)
  const callee0 = w.pc - 1
  w.rows.row(Op.nop, 0, 0, 0, 0, 0, 0)
  w.body(rng.between(1, 6))
  w.start()
  w.rows.row(Op.ret, 0, 0, 0, 0, 0, 0)
  const targets = new Map(jumps.map(({ at, to }) => [at, to === -2 ? callee0 : to]))
  const built = w.rows.finish(() => {
    throw new Error('every target starts a segment')
  })
  // targets that were not known yet
  for (const [at, to] of targets) {
    const row = [at, at + 1].find((r) => [Op.bset64i, Op.call].includes(built.rows[4 * r]! & 0xff))!
    built.rows[4 * row + 3] = built.rowOf[to]!
  }
  const empty = { base: 0n, shift: 0, rows: new Int32Array(0) }
  return {
    ...built,
    rowOf: built.rowOf.slice(0, w.pc),
    registers: 13,
    metering: 'instruction',
    memory: plan,
    calls: {
      kind: 'managed',
      maxDepth: rng.pick([0, 1, 2]),
      first: 6,
      saved: 5,
      stackLow: rng.chance(70) ? 0 : stackAt,
      stackHigh: stackAt + 2 * frame,
      ...(declared && { declared: true as const }),
      functions: empty,
      frameSizes: new Int32Array(0),
    },
    jumps: empty,
    haltAddress: -1,
    badEntry: Trap.invalidJump,
    paging: { width: 64, nullPagePanics: false, pageFaults: true, sbrk: 'forbidden' },
    rules: plainRules,
    packet: { address: 0, length: 0 },
  }
}

/** A program that is nothing but its IR, for engines that take programs. */
export function programOfIr(ir: IrProgram): BpfProgram {
  const program: BpfProgram = {
    isa: 'bpf',
    version: 'v4',
    code: new Uint8Array(8 * ir.rowOf.length),
    exports: new Map([['entry', 0]]),
    // equal programs share their code: its text makes this one differ from others
    imports: [printIr(ir)],
    memory: ir.memory,
    gas: 'per-instruction',
    symbols: new Map(),
    functions: [{ pc: 0, frameSize: 0 }],
    codeBase: 1n << 32n,
    addressTaken: [],
    stack: { low: 0x10000, high: 0x12000 },
    options: { packet: false, callxHelpers: false, maxDepth: 4 },
  }
  adoptIr(program, ir)
  return program
}

/** A random IR program over a random list of regions; the same for the same seed. */
export function regionTrial(seed: number): Trial {
  const rng = new Rng(seed)
  const plan = regionsPlan(rng)
  const declared = new Rng(seed ^ 0x5eed).chance(40)
  const program = programOfIr(irOf(rng, plan, declared))
  const values = Array.from({ length: 6 }, () => rng.value())
  const top = stackAt + frame * rng.pick([1, 1, 3, 3, 5, 7, 2, 8])
  return {
    program,
    gas: BigInt(rng.chance(75) ? 2000 : rng.below(150)),
    seed,
    start(machine: Machine) {
      values.forEach((value, i) => {
        machine.registers.set(i, value)
      })
      machine.registers.set(pointer, BigInt(top))
      machine.pc = 0
    },
  }
}
