/**
 * What checks cost where memory is a list of regions: loops written as IR, generated with checks, against
 * the same code without any.
 *   node bench/dist/regions.js [--rounds N]
 */
import { parseArgs } from 'node:util'
import {
  At,
  arenaMemory,
  exitWords,
  flatBytes,
  generateMeasured,
  type IrProgram,
  layoutOf,
  type Measure,
  parseIr,
  statusBits,
  verifyIr,
} from './internals.ts'

const bytes = 0x40000
const inputAt = 0x4_0000_0000
const heapAt = 0x3_0000_0000
const stackAt = 0x2_0000_0000

/** Rows of a program that ends: r1 and r2 are the input's ends, r6 the heap's start, r10 the frame pointer. */
const loops: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'byte sum': [
    ['li r0, 0'],
    ['load8u r3, [r1]', 'add64 r0, r0, r3', 'add64i r1, r1, 1', 'bltu64 r1, r2, b1'],
    ['halt'],
  ],
  sieve: [
    ['li r4, 2'],
    ['add64 r5, r1, r4', 'add64 r5, r5, r4'],
    ['store8i [r5], 1', 'add64 r5, r5, r4', 'bltu64 r5, r2, b2'],
    ['add64i r4, r4, 1', 'bltu64i r4, 12, b1'],
    ['halt'],
  ],
  struct: [
    ['li r0, 0'],
    [
      'load64 r3, [r1]',
      'load64 r4, [r1 + 8]',
      'load32u r5, [r1 + 16]',
      'store64 r3, [r10 - 8]',
      'add64 r3, r3, r4',
      'add64 r3, r3, r5',
      'store64 r3, [r1 + 24]',
      'load64 r4, [r10 - 8]',
      'add64 r0, r0, r4',
      'add64i r1, r1, 32',
      'bltu64 r1, r2, b1',
    ],
    ['halt'],
  ],
  'copy between two regions': [
    ['li r0, 0'],
    [
      'load64 r3, [r1]',
      'store64 r3, [r6]',
      'add64i r1, r1, 8',
      'add64i r6, r6, 8',
      'bltu64 r1, r2, b1',
    ],
    ['halt'],
  ],
  'one base, two regions in turn': [
    ['li r0, 0'],
    [
      'mov r4, r1',
      'load64 r3, [r4]',
      'mov r4, r6',
      'store64 r3, [r4]',
      'add64i r1, r1, 8',
      'add64i r6, r6, 8',
      'bltu64 r1, r2, b1',
    ],
    ['halt'],
  ],
}

const regions = (gap: string): string => `memory regions64
  region 0x100000000 0x1000 ro
  region ${stackAt} 0x40000 rw${gap}
  region ${heapAt} ${bytes} rw
  region ${inputAt} ${bytes} rw max ${bytes}`
const top = 0x1_0000 + 3 * bytes
const plans = {
  unchecked: regions(''),
  linear32: `memory linear32 size ${top} max ${top}`,
  regions64: regions(''),
  'regions64, gaps': regions(' gap 0x1000'),
}

function irOf(name: string, plan: string): IrProgram {
  const out = [
    'metering instruction',
    'calls managed depth 2 first 6 saved 5 stack 0 to 0x200001000',
    plan,
  ]
  let pc = 0
  loops[name]!.forEach((rows, i) => {
    out.push(`b${i}:`, ` ${pc} charge ${rows.length}, ${rows.length}`)
    for (const row of rows) out.push(` ${pc++}: [1] ${row}`)
  })
  // without a stack above 2^32 where addresses have 32 bits
  const text = out.join('\n')
  const ir = parseIr(plan.includes('linear32') ? text.replace('0x200001000', '0x11000') : text)
  verifyIr(ir)
  return ir
}

/** Milliseconds of one run. */
type Runner = () => number

function runnerOf(ir: IrProgram, checks: boolean): Runner {
  const layout = layoutOf(ir)
  const pages = Math.ceil((layout.bytes + (checks ? 0 : flatBytes)) / 65536) + 1
  const memory = new WebAssembly.Memory({ initial: pages })
  const guest = arenaMemory(memory, ir.memory, layout.guest)
  const measure: Measure = { gas: true, checks, ...(!checks && { flat: layout.guest }) }
  const generated = generateMeasured(ir, measure)
  if (generated === undefined) throw new Error('beyond the limits of the recompiler')
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(generated.bytes), {
    e: { memory },
  })
  const run = exports['run'] as (place: number, depth: number, budget: number) => number
  const linear = ir.memory.profile === 'linear32'
  const [input, heap, pointer] = linear
    ? [0x10000, 0x10000 + bytes, top]
    : [inputAt, heapAt, stackAt + 0x1000]
  return () => {
    const { longs } = guest
    longs.set([0n, BigInt(input), BigInt(input + bytes), 0n, 0n, 0n, BigInt(heap)])
    longs[10] = BigInt(pointer)
    longs[At.gas >> 3] = (1n << 58n) | 0xffff_ffffn
    const start = performance.now()
    run(generated.places[0]!, 0, 400)
    const ms = performance.now() - start
    const exit = exitWords * (guest.words[At.exitInfo >> 2]! >>> statusBits)
    if (generated.exits[exit] !== ir.count - 1) throw new Error('left before its end')
    return ms
  }
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '300' } } })
const names = Object.keys(plans) as (keyof typeof plans)[]
const cell = (text: string): string => text.padStart(17)
process.stdout.write(`${'us (of unchecked)'.padEnd(30)}${names.map(cell).join('')}\n`)
for (const name of Object.keys(loops)) {
  const runners = names.map((plan) => runnerOf(irOf(name, plans[plan]), plan !== 'unchecked'))
  const best = runners.map(() => Number.POSITIVE_INFINITY)
  for (let round = 0; round < Number(values.rounds); round++)
    runners.forEach((run, i) => {
      best[i] = Math.min(best[i]!, run())
    })
  const cells = best.map((ms) => cell(`${(1000 * ms).toFixed(0)} (${(ms / best[0]!).toFixed(2)})`))
  process.stdout.write(`${name.padEnd(30)}${cells.join('')}\n`)
}
