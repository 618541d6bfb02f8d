import type { CostRow, Costs } from '../results.ts'
import { meanOf } from '../stats.ts'
import { ms, type Table } from './format.ts'

/** Fastest of a workload's ways, over that of another. */
const over = (row: CostRow, a: keyof Times, b: keyof Times): number => row[a].min / row[b].min
type Times = Pick<CostRow, 'full' | 'noGas' | 'noChecks' | 'neither'>
const times = (n: number): string => `${n.toFixed(2)}x`
const percent = (n: number): string => `${(n * 100).toFixed(0)} %`

/** recomp over WebAssembly by workload, of those whose source was compiled to both. */
export function wasmRatios({ rows }: Costs): number[] {
  return rows.flatMap(({ full, wasm }) => (wasm === undefined ? [] : [full.min / wasm.min]))
}

/** Full over neither gas nor checks, of an instruction set. */
export function partRatios({ rows }: Costs, isa: CostRow['isa']): number[] {
  return rows.filter((row) => row.isa === isa).map((row) => over(row, 'full', 'neither'))
}

function againstWasm({ rows }: Costs): Table {
  const compared = rows.flatMap((row) => (row.wasm === undefined ? [] : [{ row, wasm: row.wasm }]))
  const mean = (of: (one: (typeof compared)[number]) => number): number => meanOf(compared.map(of))
  const line = (name: string, full: number, neither: number, wasm: number): string[] => [
    name,
    ms(full),
    ms(neither),
    ms(wasm),
    times(full / wasm),
    times(neither / wasm),
  ]
  return {
    title: 'Against WebAssembly',
    note: 'Milliseconds of the same C source: eBPF with gas and exact faults, without both, and built to WebAssembly.',
    columns: ['workload', 'recomp', 'neither', 'Wasm', 'recomp / Wasm', 'neither / Wasm'],
    words: 1,
    rows: [
      ...compared.map(({ row, wasm }) =>
        line(row.workload, row.full.min, row.neither.min, wasm.min),
      ),
      line(
        'geometric mean',
        mean(({ row }) => row.full.min),
        mean(({ row }) => row.neither.min),
        mean(({ wasm }) => wasm.min),
      ),
    ],
  }
}

function partsTable({ rows, rounds }: Costs): Table {
  const means = (['eBPF', 'PVM'] as const).flatMap((isa) => {
    const own = rows.filter((row) => row.isa === isa)
    if (own.length === 0) return []
    const mean = (way: keyof Times): number => meanOf(own.map((row) => row[way].min))
    const [full, noGas, noChecks, neither] = [
      mean('full'),
      mean('noGas'),
      mean('noChecks'),
      mean('neither'),
    ]
    return [['geometric mean', isa, full, noGas, noChecks, neither] as const]
  })
  const all = rows.map(
    ({ full, isa, neither, noChecks, noGas, workload }) =>
      [workload, isa, full.min, noGas.min, noChecks.min, neither.min] as const,
  )
  return {
    title: 'Gas and checks',
    note: `Milliseconds of optimised code, with parts left out; fastest of ${rounds} interleaved rounds, or of up to four times as many where the three fastest differ by more than 3 %.`,
    columns: ['workload', 'isa', 'full', 'no gas', 'no checks', 'neither', 'full / neither'],
    words: 2,
    rows: [...all, ...means].map(([name, isa, full, noGas, noChecks, neither]) => [
      name,
      isa,
      ms(full),
      ms(noGas),
      ms(noChecks),
      ms(neither),
      times(full / neither),
    ]),
  }
}

/** What recomp may take: of what WebAssembly takes, and of what it takes without gas and checks. */
export const costLimits = { wasmMean: 1.6, wasmWorst: 2.4, parts: 1.3 } as const

/** Workloads over a limit, and what their time is. */
function profile({ rows }: Costs): Table {
  const slow = rows.filter(
    (row) =>
      (row.wasm !== undefined && row.full.min / row.wasm.min > costLimits.wasmMean) ||
      (row.isa === 'PVM' && over(row, 'full', 'neither') > costLimits.parts),
  )
  return {
    title: 'Where the time goes',
    note: 'Of workloads over a limit, shares of a full run: what is saved without a part, and what remains without both. Parts overlap in the processor: they need not add up.',
    columns: ['workload', 'isa', 'gas', 'checks', 'both', 'as in Wasm', 'rest'],
    words: 2,
    rows: slow.map((row) => {
      const { full, neither, wasm } = row
      const left = neither.min / full.min
      const same = wasm === undefined ? undefined : wasm.min / full.min
      return [
        row.workload,
        row.isa,
        percent(1 - over(row, 'noGas', 'full')),
        percent(1 - over(row, 'noChecks', 'full')),
        percent(1 - left),
        same === undefined ? '' : percent(same),
        percent(left - (same ?? 0)),
      ]
    }),
  }
}

export function costTables(costs: Costs): Table[] {
  const tables = [partsTable(costs), profile(costs)]
  return wasmRatios(costs).length > 0 ? [againstWasm(costs), ...tables] : tables
}
