const colours = ['#3567b0', '#d1662b', '#2f8f5b', '#8a4fa3', '#b03a48', '#6b6b6b'] as const
const ink = '#222'

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
const escaped = (text: string): string => text.replace(/[&<>]/g, (c) => escapes[c]!)
const round = (n: number): string => String(Math.round(n * 10) / 10)
const short = (n: number): string => (n >= 10 ? n.toFixed(0) : String(Number(n.toPrecision(2))))

type Anchor = 'start' | 'middle' | 'end'

function text(x: number, y: number, content: string, anchor: Anchor = 'start', size = 12): string {
  const place = `x="${round(x)}" y="${round(y)}" font-size="${size}" text-anchor="${anchor}"`
  return `<text ${place}>${escaped(content)}</text>`
}

function line(x1: number, y1: number, x2: number, y2: number, stroke: string): string {
  const ends = `x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"`
  return `<line ${ends} stroke="${stroke}"/>`
}

function page(width: number, height: number, title: string, parts: readonly string[]): string {
  const style = `font-family="sans-serif" fill="${ink}"`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" ${style}>`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    text(16, 26, title, 'start', 16),
    ...parts,
    '</svg>\n',
  ].join('\n')
}

/** A group of bars; a series without a value in it has no bar. */
export interface Group {
  readonly name: string
  readonly values: readonly (number | undefined)[]
}

/**
 * Horizontal bars in groups, one colour for each series, the value at each bar's end.
 * @example bars('Speed', ['interp', 'peer'], [{ name: 'sieve', values: [300, 30] }])
 */
export function bars(title: string, series: readonly string[], groups: readonly Group[]): string {
  const [left, top, barHeight, room] = [150, 64, 14, 560]
  const most = Math.max(...groups.flatMap(({ values }) => values.map((value) => value ?? 0)))
  const parts = series.map((name, i) => {
    const box = `x="${left + 120 * i}" y="38" width="12" height="12" fill="${colours[i]!}"`
    return `<rect ${box}/>${text(left + 120 * i + 18, 49, name)}`
  })
  let y = top
  for (const { name, values } of groups) {
    const present = values.filter((value) => value !== undefined).length
    parts.push(text(left - 8, y + (present * barHeight) / 2 + 4, name, 'end'))
    values.forEach((value, i) => {
      if (value === undefined) return
      const width = Math.max(1, (value / most) * room)
      const box = `x="${left}" y="${y}" width="${round(width)}" height="${barHeight - 2}"`
      parts.push(`<rect ${box} fill="${colours[i]!}"/>`)
      parts.push(text(left + width + 4, y + barHeight - 4, short(value), 'start', 11))
      y += barHeight
    })
    y += 12
  }
  return page(left + room + 60, y + 8, title, parts)
}

export interface Curve {
  readonly name: string
  readonly points: readonly { readonly x: number; readonly y: number }[]
}

/** Powers of ten from below the least value to above the greatest, or 5 % short of it. */
function decades(values: readonly number[]): number[] {
  const low = Math.floor(Math.log10(Math.min(...values)) + 0.02)
  const high = Math.ceil(Math.log10(Math.max(...values)) - 0.02)
  return Array.from({ length: Math.max(1, high - low) + 1 }, (_, i) => 10 ** (low + i))
}

/**
 * Curves over logarithmic axes: what grows in proportion rises at the same slope everywhere.
 * @example lines('Cost', 'bytes', 'ms', [{ name: 'f', points: [{ x: 1, y: 2 }] }])
 */
export function lines(
  title: string,
  xTitle: string,
  yTitle: string,
  curves: readonly Curve[],
): string {
  const [left, top, width, height] = [70, 60, 480, 360]
  const xs = decades(curves.flatMap(({ points }) => points.map(({ x }) => x)))
  const ys = decades(curves.flatMap(({ points }) => points.map(({ y }) => y)))
  const scale = (ticks: readonly number[], value: number): number =>
    Math.log10(value / ticks[0]!) / Math.log10(ticks.at(-1)! / ticks[0]!)
  const px = (x: number): number => left + scale(xs, x) * width
  const py = (y: number): number => top + height - scale(ys, y) * height
  const parts = [
    ...xs.map((x) => line(px(x), top, px(x), top + height, '#ddd')),
    ...xs.map((x) => text(px(x), top + height + 18, x.toLocaleString('en'), 'middle', 11)),
    ...ys.map((y) => line(left, py(y), left + width, py(y), '#ddd')),
    ...ys.map((y) => text(left - 6, py(y) + 4, String(Number(y.toPrecision(1))), 'end', 11)),
    text(left + width / 2, top + height + 40, xTitle, 'middle'),
    text(left, top - 10, yTitle, 'start'),
  ]
  curves.forEach(({ name, points }, i) => {
    const colour = colours[i % colours.length]!
    const path = points.map(({ x, y }) => `${round(px(x))},${round(py(y))}`).join(' ')
    parts.push(`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`)
    for (const { x, y } of points)
      parts.push(`<circle cx="${round(px(x))}" cy="${round(py(y))}" r="3" fill="${colour}"/>`)
    const legend = top + 14 + 20 * i
    parts.push(line(left + width + 16, legend - 4, left + width + 36, legend - 4, colour))
    parts.push(text(left + width + 42, legend, name))
  })
  return page(left + width + 300, top + height + 56, title, parts)
}
