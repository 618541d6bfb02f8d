import fc from 'fast-check'
import { IrBuilder } from '#vm/ir/builder'
import type { CodeTable, IrProgram } from '#vm/ir/program'
import { type IrForm, irForms, irRows, Op, temporary, zeroRegister } from '#vm/ir/table'
import { Trap } from '#vm/vm/exit'
import type { MemoryPlan } from '#vm/vm/memory'

/** Random valid programs, built with `IrBuilder` from what the table says about each op. */

const registers = 13
const ofForms = (...forms: IrForm[]): number[] =>
  irRows.flatMap((row, op) => (forms.includes(row.form) && row.name !== 'sbrk' ? [op] : []))
/** Ops that fall through and have no rule of their own but for divisors. */
const computing = ofForms('abc', 'abi', 'ab', 'ai', 'load', 'move', 'movei')
const final = [...computing, ...ofForms('store', 'storei', 'nop', 'trapz', 'trapo')]
const branches = ofForms('branch', 'branchi')

const word = fc.oneof(
  fc.integer({ min: -0x80000000, max: 0x7fffffff }),
  fc.constantFrom(0, 1, -1, 0x10000, -0x10001, 0x7fffffff, -0x80000000),
)
const register = fc.integer({ min: 0, max: registers - 1 })
const source = fc.oneof(
  { weight: 9, arbitrary: register },
  { weight: 1, arbitrary: fc.constant(zeroRegister) },
)

const operation = (ops: readonly number[]) =>
  fc.record({
    op: fc.constantFrom(...ops),
    a: register,
    b: source,
    c: source,
    low: word,
    high: word,
    off: word,
  })
type Operation = typeof operation extends (ops: readonly number[]) => fc.Arbitrary<infer T>
  ? T
  : never

const instruction = fc.record({
  skip: fc.integer({ min: 1, max: 3 }),
  cost: fc.nat(300),
  scratch: fc.array(operation(computing), { maxLength: 4 }),
  last: operation(final),
})

const endings = [
  'none',
  'branch',
  'jump',
  'host',
  'leave',
  'return',
  'call',
  'callr',
  'indirect',
  'memset',
] as const
const segment = fc.record({
  cost: fc.nat(1000),
  instructions: fc.array(instruction, { maxLength: 5 }),
  ending: fc.constantFrom(...endings),
  branch: operation(branches),
  to: fc.nat(30),
  function: fc.boolean(),
  jump: fc.boolean(),
  frame: fc.nat(64).map((n) => n * 8),
})

const plans: fc.Arbitrary<MemoryPlan> = fc.oneof(
  fc.record({
    profile: fc.constant('linear32' as const),
    segments: fc.array(
      fc.record({
        address: fc.integer({ min: 0x10000, max: 0x1ff00 }),
        bytes: fc.uint8Array({ maxLength: 64 }),
      }),
      { maxLength: 3 },
    ),
    size: fc.constant(0x20000),
    maxSize: fc.constantFrom(0x20000, 0xffff0000),
  }),
  fc.record({
    profile: fc.constant('paged32' as const),
    pageSize: fc.constantFrom(4096, 65536),
    regions: fc.constantFrom(
      [],
      [
        { address: 0x20000, length: 0x10000, writable: false },
        { address: 0x30000, length: 0x20000, writable: true },
        { address: 0xffff0000, length: 0x10000, writable: true },
      ],
    ),
    segments: fc.constant([]),
    heap: fc.record({
      start: fc.integer({ min: 0x50000, max: 0x5ffff }),
      max: fc.constant(2 ** 32),
    }),
  }),
  fc.record({
    profile: fc.constant('regions64' as const),
    regions: fc.constantFrom(
      [],
      [
        { address: 0, length: 5, writable: false },
        { address: 0x2_0000_0000, length: 0x4000, writable: true, gap: 0x1000 },
        { address: 0x4_0000_0000, length: 64, writable: true, maxLength: 100 },
        { address: 0x4_0000_0064, length: 0, writable: false, maxLength: 0 },
        { address: 0xffff_ffff_ff00, length: 256, writable: true },
      ],
    ),
    segments: fc.constant([]),
  }),
)

const spec = fc.record({
  segments: fc.array(segment, { minLength: 1, maxLength: 12 }),
  metering: fc.constantFrom('none' as const, 'instruction' as const, 'block' as const),
  charges: fc.boolean(),
  managed: fc.boolean(),
  fixed: fc.boolean(),
  memory: plans,
  halt: fc.constantFrom(-1, 0xffff0000),
  badEntry: fc.constantFrom(...Object.values(Trap)),
  width: fc.constantFrom(32 as const, 64 as const),
  sbrk: fc.constantFrom('newTop' as const, 'oldTop' as const, 'forbidden' as const),
  flags: fc.tuple(fc.boolean(), fc.boolean()),
  packet: fc.constantFrom({ address: 0, length: 0 }, { address: 0x10000, length: 64 }),
})
type Spec = typeof spec extends fc.Arbitrary<infer T> ? T : never
type SegmentSpec = Spec['segments'][number]

const divides = (op: number) =>
  /^(div|rem)[us]/.test(irRows[op]!.name) && irRows[op]!.form === 'abi'

function emit(rows: IrBuilder, x: Operation, a: number, b: number, c: number, target = 0): void {
  const form = irForms[irRows[x.op]!.form]
  const used = <T>(field: string, value: T, none: T): T => (field === '' ? none : value)
  const traps = irRows[x.op]!.form === 'trapz'
  const low = traps ? Trap.divideByZero : divides(x.op) ? x.low | 1 : x.low
  rows.row(
    x.op,
    used(form.a, a, 0),
    used(form.b, b, 0),
    used(form.c, c, 0),
    used(form.imm, low, 0),
    used(form.imm, traps ? 0 : x.high, 0),
    form.off === 'target' ? target : used(form.off, x.off, 0),
  )
}

export function build(from: Spec): IrProgram {
  const { metering, managed, segments } = from
  const pcs = segments.length * 25
  const charges = metering !== 'none' || from.charges
  const rows = new IrBuilder(pcs, 8, charges)
  const starts = segmentStarts(segments)
  const exact = metering === 'instruction'
  const frameOf = ({ frame }: SegmentSpec): number => (from.fixed ? 0 : frame)
  let pc = 0
  segments.forEach((each, index) => {
    rows.startSegment(starts[index]!, metering === 'block' ? each.cost : 0)
    pc = starts[index]!
    for (const { skip, cost, scratch, last } of each.instructions) {
      rows.startInstruction(pc, exact ? cost : 0)
      scratch.forEach((x, i) => {
        // each writes the next temporary and may read the one before
        const before = temporary + i - 1
        const b = i > 0 && x.low % 2 === 0 ? before : x.b
        if (irForms[irRows[x.op]!.form].a === 'w') emit(rows, x, temporary + i, b, x.c)
        else {
          rows.row(Op.li, temporary + i, 0, 0, x.low, x.high, 0)
          emit(rows, x, temporary + i, b, x.c)
        }
      })
      emit(rows, last, last.a, last.b, last.c)
      pc += skip
    }
    rows.startInstruction(pc, exact ? 7 : 0)
    ending(rows, each, from, starts, index === segments.length - 1)
  })
  const stubs = new Map<number, number>()
  const built = rows.finish((_, at, target) => {
    const stub = stubs.get(target) ?? rows.trapStub(at, Trap.invalidJump)
    stubs.set(target, stub)
    return stub
  })
  const tableOf = (wanted: (each: SegmentSpec) => boolean, base: bigint): CodeTable => ({
    base,
    shift: 3,
    rows: Int32Array.from(segments, (each, i) => (wanted(each) ? built.rowOf[starts[i]!]! : -1)),
  })
  return {
    ...built,
    rows: built.rows.slice(0, built.count * 4),
    pcOf: built.pcOf.slice(0, built.count),
    marks: built.marks.slice(0, built.count),
    costs: built.costs.slice(0, built.count),
    registers,
    metering,
    memory: structuredClone(from.memory),
    calls: managed
      ? {
          kind: 'managed',
          maxDepth: 64,
          first: 6,
          saved: 5,
          stackLow: 0x11000,
          stackHigh: 0x12000,
          functions: tableOf((each) => each.function, 1n << 32n),
          frameSizes: Int32Array.from(segments, (each) => (each.function ? frameOf(each) : -1)),
          ...(from.fixed && { fixed: { step: 0x1000, places: pcs, cost: 1 } }),
        }
      : { kind: 'link' },
    jumps: tableOf((each) => each.jump, 2n),
    haltAddress: from.halt,
    badEntry: from.badEntry,
    paging: {
      width: from.width,
      nullPagePanics: from.flags[0],
      pageFaults: from.flags[1],
      sbrk: from.sbrk,
    },
    rules: {
      outOfGasSpends: from.flags[0],
      pcZeroAtEnd: from.flags[1],
      freeMidBlockEntry: from.managed,
      freeMemset: from.charges,
      jumpsAnywhere: false,
    },
    packet: from.packet,
  }
}

/** Guest pcs at which segments start; each has one instruction more than its list, the ending. */
function segmentStarts(segments: readonly SegmentSpec[]): number[] {
  let pc = 0
  return segments.map(({ instructions }) => {
    const start = pc
    pc += instructions.reduce((sum, { skip }) => sum + skip, 1)
    return start
  })
}

function ending(
  rows: IrBuilder,
  each: SegmentSpec,
  from: Spec,
  starts: readonly number[],
  last: boolean,
): void {
  const { segments, managed } = from
  // one in ten targets is a pc that starts no segment
  const target = each.to > 27 ? 9000 + each.to : starts[each.to % starts.length]!
  const callee = segments.findIndex((other) => other.function)
  let kind = each.ending
  if (last && ['none', 'branch', 'host', 'call', 'callr', 'memset'].includes(kind)) kind = 'leave'
  if (!managed && ['return', 'call', 'callr'].includes(kind)) kind = 'jump'
  if (kind === 'call' && callee < 0) kind = 'jump'
  if (kind === 'memset' && from.memory.profile === 'regions64') kind = 'host'
  switch (kind) {
    case 'none':
      rows.abi(Op.add64i, 1, 1, each.cost)
      return
    case 'branch':
      emit(rows, each.branch, 0, each.branch.b, each.branch.c, target)
      return
    case 'jump':
      rows.row(Op.jump, 0, 0, 0, 0, 0, target)
      return
    case 'memset':
      rows.row(Op.memset, 7, 8, 9, 0, 0, 0)
      return
    case 'host':
      rows.row(Op.host, 0, 0, 0, each.cost, 0, 0)
      return
    case 'leave':
      if (each.to % 2 === 0) rows.row(Op.trap, 0, 0, 0, Trap.panic, 0, 0)
      else rows.row(Op.halt, 0, 0, 0, 0, 0, 0)
      return
    case 'return':
      rows.row(Op.ret, 0, 0, 0, 0, 0, 0)
      return
    case 'call':
      if (from.fixed) rows.row(Op.call, 0, 0, 0, 0, 0, starts[callee]!)
      else rows.row(Op.call, 0, 0, 0, each.frame, segments[callee]!.frame, starts[callee]!)
      return
    case 'callr':
      if (from.fixed) rows.row(Op.callr, 0, 2, 0, 0, 0, 0)
      else rows.row(each.to % 2 === 0 ? Op.callr : Op.callrh, 0, 2, 0, each.frame, 0, 0)
      return
    case 'indirect':
      if (each.to % 2 === 0) rows.row(Op.jump64, 0, 3, 0, 0, 0, 0)
      else rows.row(Op.jump32, 0, 3, 0, 0, 0, each.cost)
  }
}

export const irProgram: fc.Arbitrary<IrProgram> = spec.map(build)
