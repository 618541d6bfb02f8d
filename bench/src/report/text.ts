import type { HostFacts, Results } from '../results.ts'
import type { Table } from './format.ts'
import { tablesOf } from './tables.ts'

const sgr = { bold: 1, dim: 2, red: 31, green: 32 } as const

/** Escapes for a person's terminal, nothing when piped. */
export type Paint = (style: keyof typeof sgr, text: string) => string

export function paintFor(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): Paint {
  const forced = env['FORCE_COLOR']
  const on = env['NO_COLOR'] ? false : forced ? forced !== '0' : stream.isTTY === true
  return (style, text) => (on ? `\u001b[${sgr[style]}m${text}\u001b[0m` : text)
}

function widthsOf({ columns, rows }: Table): number[] {
  return columns.map((title, i) =>
    rows.reduce((most, row) => Math.max(most, row[i]!.length), title.length),
  )
}

/** A table in aligned columns. */
function printed(table: Table, paint: Paint): string {
  const widths = widthsOf(table)
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i < table.words ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd()
  const body = table.rows.map((row) => {
    const text = line(row)
    if (table.title !== 'Targets') return text
    return paint(row.at(-1) === 'yes' ? 'green' : 'red', text)
  })
  const head = [
    paint('bold', table.title),
    paint('dim', table.note),
    paint('bold', line(table.columns)),
  ]
  return [...head, ...body].map((text) => `${text}\n`).join('')
}

function hostLine({ cores, cpu, memoryMiB, node, system, v8 }: HostFacts): string {
  return `${cpu}, ${cores} cores, ${memoryMiB} MiB, ${system}, Node ${node} (V8 ${v8})`
}

/** The whole report for a terminal. */
export function terminalReport(results: Results, paint: Paint): string {
  const tables = tablesOf(results).map((table) => printed(table, paint))
  return `${paint('dim', hostLine(results.host))}\n\n${tables.join('\n')}`
}

function markdownTable({ columns, note, rows, title, words }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const rule = columns.map((_, i) => (i < words ? '---' : '--:'))
  return [`## ${title}`, '', note, '', line(columns), line(rule), ...rows.map(line)].join('\n')
}

/** The same as Markdown, with the plots named in `plots`. */
export function markdownReport(results: Results, plots: readonly string[]): string {
  const head = [
    `# Benchmarks, ${results.mode} run`,
    '',
    `\`${results.command}\` on ${hostLine(results.host)}`,
  ].join('\n')
  const images = plots.map((file) => `![${file.replace(/\.svg$/, '')}](${file})`)
  return `${[head, ...tablesOf(results).map(markdownTable), ...images].join('\n\n')}\n`
}
