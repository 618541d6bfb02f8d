import type { Hostile, HostilePoint, Target } from '../results.ts'
import { ms, type Table, thousands } from './format.ts'

/** Milliseconds for one function; MiB over what the process had; power of the size. */
const functionLimit = 200
const peakLimit = 200
const powerLimit = 1.2

const left = 'left to interp'

function growthTable({ shapes }: Hostile): Table {
  const line = ({
    bytes,
    cpu,
    emit,
    instructions,
    module,
    peakMiB,
    shape,
  }: HostilePoint): string[] => [
    shape,
    thousands(instructions),
    ms(emit),
    module === undefined ? left : ms(module.validate),
    cpu.toFixed(0),
    peakMiB.toFixed(0),
    module === undefined ? '' : (module.bytes / bytes).toFixed(1),
  ]
  return {
    title: 'Hostile programs',
    note: 'Milliseconds to emit (or give up) and for V8 to validate; processor time of all threads until fixed work is done and V8 idle; most MiB over those before; octets of Wasm for each of code.',
    columns: ['shape', 'instructions', 'emit', 'validate', 'processor', 'peak MiB', 'growth'],
    words: 1,
    rows: shapes.flatMap(({ points }) => points.map(line)),
  }
}

function compilerTable({ optimisedSize, shapes }: Hostile): Table {
  return {
    title: 'Hostile functions',
    note: `Emission fitted to a line through the sizes above (us for 1,000 instructions, worst error), its power; then programs of ${thousands(optimisedSize)} instructions of which V8 optimises all: its dearest function and most memory for one.`,
    columns: [
      'shape',
      'emit',
      'off',
      'power',
      'functions',
      'dearest ms',
      'of octets',
      'MiB',
      'all ms',
    ],
    words: 1,
    rows: shapes.map(({ fit, name, optimised, power }) => [
      name,
      (fit.b * 1e6).toFixed(0),
      `${(fit.deviation * 100).toFixed(0)} %`,
      power.toFixed(2),
      thousands(optimised.functions),
      thousands(optimised.worstMs),
      thousands(optimised.worstBody),
      optimised.memoryMiB.toFixed(0),
      thousands(optimised.totalMs),
    ]),
  }
}

export function hostileTables(hostile: Hostile): Table[] {
  return [growthTable(hostile), compilerTable(hostile)]
}

export function hostileTargets({ shapes }: Hostile): Target[] {
  const worst = <T>(of: readonly T[], value: (one: T) => number): { one: T; value: number } =>
    of.map((one) => ({ one, value: value(one) })).reduce((a, b) => (b.value > a.value ? b : a))
  const power = worst(shapes, (shape) => shape.power)
  const dearest = worst(shapes, ({ optimised }) => optimised.worstMs)
  const peak = worst(
    shapes.flatMap(({ points }) => points),
    ({ peakMiB }) => peakMiB * 1.048576,
  )
  return [
    {
      name: 'hostile code: emission and validation by size, worst power',
      wanted: `<= ${powerLimit.toFixed(2)}`,
      got: `${power.value.toFixed(2)} (${power.one.name})`,
      met: power.value <= powerLimit,
    },
    {
      name: 'hostile code: dearest function of the optimising compiler',
      wanted: `<= ${functionLimit} ms`,
      got: `${dearest.value.toFixed(0)} ms (${dearest.one.name})`,
      met: dearest.value <= functionLimit,
    },
    {
      name: 'hostile code: most memory',
      wanted: `< ${peakLimit} MB`,
      got: `${peak.value.toFixed(0)} MB (${peak.one.shape}, ${thousands(peak.one.instructions)})`,
      met: peak.value < peakLimit,
    },
  ]
}
