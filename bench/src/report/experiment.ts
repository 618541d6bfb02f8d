import { shownOf } from '../experiment/programs.ts'
import type { CycleTimes, Experiment, ExperimentRow } from '../results.ts'
import { meanOf } from '../stats.ts'
import { ms, type Table, thousands } from './format.ts'

/** Compared with V8 on the Wasm build. */
const baseline = 'V8'

const shown = (value: number | undefined, form: (value: number) => string): string =>
  value === undefined ? '' : form(value)
const times = (n: number): string => `${n.toFixed(2)}x`

/** Virtual machines in the order of the rows, each with its format. */
function machinesOf(rows: readonly ExperimentRow[]): (readonly [vm: string, format: string])[] {
  const known = new Map(rows.map(({ format, vm }) => [`${vm}\n${format}`, [vm, format] as const]))
  return [...known.values()]
}

/** Machines by programs. `cell` is a number of milliseconds; the last column their mean over V8's. */
function grid(
  { programs, rows }: Experiment,
  cell: (row: ExperimentRow) => number | undefined,
): Pick<Table, 'columns' | 'rows'> {
  const at = (program: string, vm: string, format: string): ExperimentRow | undefined =>
    rows.find((row) => row.program === program && row.vm === vm && row.format === format)
  const value = (program: string, vm: string, format: string): number | undefined => {
    const row = at(program, vm, format)
    return row === undefined ? undefined : cell(row)
  }
  const lines = machinesOf(rows).map(([vm, format]) => {
    const ratios = programs.flatMap(({ name }) => {
      const [mine, theirs] = [value(name, vm, format), value(name, baseline, 'Wasm')]
      return mine === undefined || theirs === undefined ? [] : [mine / theirs]
    })
    const cells = programs.map(({ name }) =>
      at(name, vm, format)?.error === undefined ? shown(value(name, vm, format), ms) : 'ERROR',
    )
    const mean = ratios.length === programs.length ? times(meanOf(ratios)) : ''
    return [vm, format, ...cells, mean]
  })
  return {
    columns: ['machine', 'format', ...programs.map(({ name }) => name), 'mean / V8'],
    rows: lines.filter((line) => line.slice(2).some((text) => text !== '')),
  }
}

const first = (times: CycleTimes | undefined): number | undefined => times?.total.min

const stageNames = ['parse', 'validate', 'translate', 'instantiate', 'first'] as const

/** A program's cycle, stage by stage. */
function stages({ rows }: Experiment, program: string): Table {
  const own = rows.filter((row) => row.program === program && row.error === undefined)
  const kinds = ['cold', 'warm', 'cached', 'disk'] as const
  return {
    title: `Stages of ${program}`,
    note: 'Milliseconds of the fastest cycle, stage by stage; what a machine does in one step stands in one column. Cold: the first of a process.',
    columns: ['machine', 'format', 'cycle', ...stageNames, 'total'],
    words: 3,
    rows: own.flatMap((row) =>
      kinds.flatMap((kind) => {
        const cycle = row[kind]
        if (cycle === undefined) return []
        const cells = stageNames.map((name) => shown(cycle.stages[name], ms))
        return [[row.vm, row.format, kind, ...cells, ms(cycle.total.min)]]
      }),
    ),
  }
}

function sizeTable({ sizes }: Experiment): Table {
  return {
    title: 'Code size',
    note: 'Bytes: of code alone, of that after brotli -11, of our packed form, and millions of bytes a second to unpack it; of the deployed file, and of that after brotli -11. Gas: what a contract pays that is the first of a transaction to call one of that code. RISC-V: of relocatable objects.',
    columns: [
      'program',
      'level',
      'format',
      'code',
      'brotli',
      'packed',
      'MB/s',
      'file',
      'brotli',
      'gas',
    ],
    words: 3,
    rows: sizes.map((row) => [
      row.program,
      `-${row.level}`,
      row.format,
      thousands(row.code),
      thousands(row.codeBrotli),
      shown(row.packed, thousands),
      row.unpackMs === undefined ? '' : (row.code / row.unpackMs / 1000).toFixed(1),
      thousands(row.file),
      thousands(row.fileBrotli),
      shown(row.gas, thousands),
    ]),
  }
}

/** What it takes to deploy: time and memory of generated code, by the bytes of the guest's. */
function emissionTable({ rows, sizes }: Experiment): Table {
  return {
    title: 'Experiment: emission against bytes',
    note: 'recomp, warm process: bytes of guest code, of the module made of it, and their ratio; milliseconds from IR to a module that V8 has accepted in the fastest cycle, and microseconds for each KB of code; gas for a first call.',
    columns: ['program', 'format', 'code', 'module', 'module / code', 'ms', 'us/KB', 'gas'],
    words: 2,
    rows: rows.flatMap(({ code: module, format, program, vm, warm }) => {
      const size = sizes.find(
        (row) => row.program === program && row.format === format && row.level === 'O3',
      )
      const took = warm?.stages['translate']
      if (vm !== 'recomp' || module === undefined || size === undefined || took === undefined)
        return []
      return [
        [
          ...[program, format, thousands(size.code), thousands(module)],
          times(module / size.code),
          ms(took),
          thousands((took * 1e6) / size.code),
          shown(size.gas, thousands),
        ],
      ]
    }),
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`

/** What V8's run of the Wasm build takes, and what ours takes beside it: gas, checks, and what is left without both. */
function profile({ programs, rows }: Experiment): Table {
  const run = (program: string, vm: string, format: string): number | undefined =>
    rows.find((row) => row.program === program && row.vm === vm && row.format === format)?.run?.min
  return {
    title: 'Experiment: where the time of AVM goes',
    note: 'recomp over V8 on the Wasm build; the share of the run that is gone without gas, without checks of memory, without both; what is left then over V8: calls, frames, and what the instruction set makes of the source. Instructions of a run, in millions, and nanoseconds for each.',
    columns: [
      ...['program', 'over V8', 'gas', 'checks', 'both', 'the rest over V8', 'instructions'],
      'ns each',
    ],
    words: 1,
    rows: programs.flatMap(({ name }) => {
      const wasm = run(name, baseline, 'Wasm')
      const all = run(name, 'recomp', 'AVM')
      const [gas, checks, both] = ['gas', 'checks', 'neither'].map((part) =>
        run(name, part === 'neither' ? 'recomp, neither' : `recomp, no ${part}`, 'AVM'),
      )
      const count = rows.find(
        (row) => row.program === name && row.vm === 'recomp' && row.format === 'AVM',
      )?.instructions
      if (wasm === undefined || all === undefined || count === undefined) return []
      const gone = (part: number | undefined): string =>
        shown(part, (took) => percent(1 - took / all))
      return [
        [
          ...[name, times(all / wasm), gone(gas), gone(checks), gone(both)],
          ...[shown(both, (took) => times(took / wasm)), (count / 1e6).toFixed(1)],
          ((all * 1e6) / count).toFixed(2),
        ],
      ]
    }),
  }
}

/** All of the experiment; `absent` peers are named, rows with errors listed. */
export function experimentTables(found: Experiment): Table[] {
  const { absent, programs, rounds, rows } = found
  const gone = absent.length > 0 ? ` Not built here: ${absent.join(', ')}.` : ''
  const timed: Experiment = { ...found, rows: rows.filter((row) => row.vm !== 'reference') }
  const failed = rows.filter(({ error }) => error !== undefined)
  const tables: Table[] = [
    {
      title: 'Experiment: steady state',
      note: `Milliseconds of a run, fastest of all runs in ${rounds} processes each, taking turns; every result equals the native build's.${gone}`,
      words: 2,
      ...grid(timed, (row) => row.run?.min),
    },
    {
      title: 'Experiment: a small call of an unseen program',
      note: 'Milliseconds from the bytes to the result, warm process, fastest cycle; the mean is over V8, which compiles Wasm lazily.',
      words: 2,
      ...grid(timed, (row) => first(row.warm)),
    },
    {
      title: 'Experiment: the same in a cold process',
      note: 'Milliseconds of the first cycle of a process, from the bytes to the result; of ours, what the engine itself takes to start is part of it.',
      words: 2,
      ...grid(timed, (row) => first(row.cold)),
    },
    {
      title: 'Experiment: memory',
      note: 'MiB by which a process has grown after all its cycles and runs.',
      words: 2,
      ...grid(timed, (row) => row.residentMiB),
    },
    stages(timed, shownOf(programs)),
    profile(timed),
    {
      title: 'Experiment: the reference interpreter',
      note: 'Million guest instructions a second of the slow engine that the others are held to, on the small amount of work.',
      columns: ['format', ...programs.map(({ name }) => name)],
      words: 1,
      rows: [...new Set(rows.map(({ format }) => format))].flatMap((format) => {
        const cells = programs.map(({ name }) => {
          const row = rows.find(
            (one) => one.vm === 'reference' && one.format === format && one.program === name,
          )
          if (row?.run === undefined || row.instructions === undefined) return ''
          return (row.instructions / row.run.min / 1000).toFixed(2)
        })
        return cells.every((text) => text === '') ? [] : [[format, ...cells]]
      }),
    },
    {
      title: 'Experiment: fresh processes',
      note: 'Milliseconds from the start of Node to the result of a small call, through generated code, by the package as it is published.',
      columns: ['program', 'format', 'processes', 'min', 'median', 'p95'],
      words: 2,
      rows: found.starts.map(({ format, ms: took, program, samples }) => [
        ...[program, format, `${samples}`],
        ...[took.min, took.median, took.p95].map(ms),
      ]),
    },
    emissionTable(timed),
    sizeTable(found),
  ]
  if (failed.length > 0)
    tables.push({
      title: 'Experiment: errors',
      note: 'Rows that have no numbers, and why.',
      columns: ['program', 'machine', 'format', 'error'],
      words: 4,
      rows: failed.map(({ error, format, program, vm }) => [program, vm, format, error ?? '']),
    })
  return tables
}
