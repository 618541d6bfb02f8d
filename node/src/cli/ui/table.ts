import type { Terminal } from './terminal.ts'

export interface Column {
  readonly title: string
  /** Numbers stand right. */
  readonly align?: 'left' | 'right'
}

/** SGR sequences, the only escapes that cells carry: they take no room. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const sgr = /\u001b\[[0-9;]*m/g

const shownLength = (text: string): number => text.replace(sgr, '').length

function pad(text: string, width: number, align: Column['align']): string {
  const room = ' '.repeat(Math.max(0, width - shownLength(text)))
  return align === 'right' ? room + text : text + room
}

/** Cuts at `width` shown characters; colours are dropped from what is cut. */
function cut(text: string, width: number): string {
  if (shownLength(text) <= width) return text
  return `${text.replace(sgr, '').slice(0, Math.max(0, width - 1))}…`
}

/**
 * Rows in aligned columns, one line each, two spaces between columns and none at line ends. On a
 * terminal the last column that stands left is cut to fit its width; piped, nothing is cut.
 * @example table(terminal, [{ title: 'name' }, { title: 'pc', align: 'right' }], [['main', '0']])
 */
export function table(
  terminal: Pick<Terminal, 'isTty' | 'width' | 'colours'>,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  const widths = columns.map((column, i) =>
    rows.reduce((most, row) => Math.max(most, shownLength(row[i] ?? '')), column.title.length),
  )
  if (terminal.isTty) {
    const total = widths.reduce((sum, width) => sum + width + 2, -2)
    const last = columns.findLastIndex((column) => column.align !== 'right')
    if (last >= 0 && total > terminal.width)
      widths[last] = Math.max(8, widths[last]! - (total - terminal.width))
  }
  const line = (cells: readonly string[], style: (text: string) => string): string =>
    columns
      .map((column, i) => style(pad(cut(cells[i] ?? '', widths[i]!), widths[i]!, column.align)))
      .join('  ')
      .replace(/ +$/, '')
  const head = columns.map((column) => column.title)
  const body = rows.map((row) => line(row, (text) => text))
  return [line(head, (text) => terminal.colours.bold(text)), ...body].map((l) => `${l}\n`).join('')
}

/** `name  value` lines, the names dim and of one width. */
export function facts(
  terminal: Pick<Terminal, 'colours'>,
  pairs: readonly (readonly [string, string])[],
): string {
  const width = pairs.reduce((most, [name]) => Math.max(most, name.length), 0)
  return pairs
    .map(([name, value]) => `${terminal.colours.dim(name.padEnd(width))}  ${value}\n`)
    .join('')
}
