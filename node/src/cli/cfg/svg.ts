import { printable } from '../ui/format.ts'
import type { EdgeKind, Graph, GraphNode } from './graph.ts'
import { layOut } from './layout.ts'

const fontSize = 12
/** Of a monospace letter: 0.6 em in the fonts named below, or a little less. */
const letter = 7.25
const lineHeight = 16
const padX = 10
const padY = 7
const headHeight = 20
/** Room above the graph for its title. */
const titleHeight = 64
const maxText = 64
/** A longer block shows its first and last lines. */
const maxLines = 48

const edgeNames: Readonly<Record<EdgeKind, string>> = {
  taken: 'taken',
  fall: 'falls through',
  call: 'calls',
  indirect: 'through a register',
}

const style = `
text { font: ${fontSize}px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; fill: #1c2733; white-space: pre }
.paper { fill: #fbfcfd }
.block { fill: #ffffff; stroke: #9aa7b4 }
.entry { stroke: #1c2733; stroke-width: 2 }
.head { fill: #edf1f5 }
.pc, .gas { fill: #7a8794 }
.note { fill: #7a8794; font-style: italic }
.name, .title { font-weight: 700 }
.title { font-size: 16px }
.callee { fill: #f3ecfb; stroke: #8250c4 }
.edge { fill: none; stroke-width: 1.6 }
.taken { stroke: #1a8a4a } .fall { stroke: #c2473d } .call { stroke: #8250c4 } .indirect { stroke: #b5720d; stroke-dasharray: 5 3 }
.tip-taken { fill: #1a8a4a } .tip-fall { fill: #c2473d } .tip-call { fill: #8250c4 } .tip-indirect { fill: #b5720d }
@media (prefers-color-scheme: dark) {
text { fill: #d7dee6 } .paper { fill: #14191f } .block { fill: #1b222a; stroke: #55616d }
.entry { stroke: #d7dee6 } .head { fill: #27313b } .callee { fill: #2b2140 }
.pc, .gas, .note { fill: #8794a1 }
}
`

/** Text as XML may hold it: marked characters escaped, those it cannot hold shown as escapes. */
function xml(text: string): string {
  return printable(text)
    .replace(/[\ufffe\uffff]/g, '?')
    .replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)
}

function cut(text: string): string {
  return text.length <= maxText ? text : `${text.slice(0, maxText - 1)}…`
}

/** A row of a box: three columns, or a note in place of the middle one. */
interface Row {
  readonly pc: string
  readonly text: string
  readonly gas: string
  readonly note: boolean
}

interface Drawn {
  readonly node: GraphNode
  readonly rows: readonly Row[]
  readonly pcWidth: number
  readonly width: number
  readonly height: number
}

const headOf = (node: GraphNode): string => cut(node.title)

function drawn(node: GraphNode, free: boolean): Drawn {
  const { lines } = node
  if (lines.length === 0) {
    const width = Math.max(4, headOf(node).length) * letter + 2 * padX
    return { node, rows: [], pcWidth: 0, width, height: headHeight + 2 }
  }
  const hidden = lines.length > maxLines ? lines.length - maxLines : 0
  const rows: Row[] = []
  for (const [i, { pc, text, cost }] of lines.entries()) {
    if (hidden > 0 && i === maxLines / 2)
      rows.push({ pc: '', text: `${hidden} more`, gas: '', note: true })
    if (hidden > 0 && i >= maxLines / 2 && i < maxLines / 2 + hidden) continue
    rows.push({ pc: String(pc), text: cut(text), gas: cost > 0 ? String(cost) : '', note: false })
  }
  const widest = (column: 'pc' | 'text' | 'gas'): number =>
    rows.reduce((most, row) => Math.max(most, row[column].length), 0)
  const pcWidth = widest('pc') * letter
  const gas = free ? '' : gasOf(node)
  const letters = Math.max(
    widest('pc') + 2 + widest('text') + 2 + Math.max(1, widest('gas')),
    headOf(node).length + 2 + gas.length,
  )
  const height = headHeight + rows.length * lineHeight + 2 * padY
  return { node, rows, pcWidth, width: letters * letter + 2 * padX, height }
}

const gasOf = (node: GraphNode): string => `gas ${node.cost}`

function boxSvg(box: Drawn, x: number, y: number, entry: boolean, free: boolean): string {
  const { node, rows, width, height } = box
  const size = `width="${px(width)}" height="${px(height)}"`
  const out = [`<g transform="translate(${px(x)} ${px(y)})">`]
  if (rows.length === 0) {
    out.push(`<rect class="callee" rx="11" ${size}/>`)
    out.push(`<text x="${px(width / 2)}" y="15" text-anchor="middle">${xml(headOf(node))}</text>`)
    return `${out.join('')}</g>`
  }
  out.push(`<rect class="block${entry ? ' entry' : ''}" rx="4" ${size}/>`)
  out.push(`<path class="head" d="M1 ${headHeight}V5a4 4 0 0 1 4-4H${px(width - 5)}`)
  out.push(`a4 4 0 0 1 4 4V${headHeight}z"/>`)
  out.push(`<text class="name" x="${padX}" y="15">${xml(headOf(node))}</text>`)
  const right = px(width - padX)
  if (!free)
    out.push(`<text class="gas" x="${right}" y="15" text-anchor="end">${gasOf(node)}</text>`)
  for (const [i, { pc, text, gas, note }] of rows.entries()) {
    const base = headHeight + padY + i * lineHeight + 12
    const column = px(padX + box.pcWidth + 2 * letter)
    if (pc !== '') {
      const at = px(padX + box.pcWidth)
      out.push(`<text class="pc" x="${at}" y="${base}" text-anchor="end">${pc}</text>`)
    }
    out.push(`<text${note ? ' class="note"' : ''} x="${column}" y="${base}">${xml(text)}</text>`)
    if (gas !== '')
      out.push(`<text class="gas" x="${right}" y="${base}" text-anchor="end">${gas}</text>`)
  }
  return `${out.join('')}</g>`
}

const px = (value: number): string => String(Math.round(value * 10) / 10)

function legend(graph: Graph): string {
  const kinds = (Object.keys(edgeNames) as EdgeKind[]).filter((kind) =>
    graph.edges.some((edge) => edge.kind === kind),
  )
  let x = 28
  const out: string[] = []
  for (const kind of kinds) {
    out.push(`<path class="edge ${kind}" d="M${px(x)} 48h24"/>`)
    out.push(`<text x="${px(x + 30)}" y="52">${edgeNames[kind]}</text>`)
    x += 30 + edgeNames[kind].length * letter + 24
  }
  return out.join('')
}

/**
 * A control-flow graph as an SVG picture: a box for each block with its instructions, pcs and gas;
 * edges by kind in colours. The same graph gives the same octets.
 * @throws {GraphTooLarge}
 * @param note after the title, such as the gas schedule
 */
export function graphSvg(graph: Graph, note: string): string {
  const free = graph.nodes.every(({ cost }) => cost === 0)
  const boxes = graph.nodes.map((node) => drawn(node, free))
  const layout = layOut(boxes, graph.edges)
  const counts = `${graph.blocks} blocks, ${graph.instructions} instructions${note}`
  const title = cut(graph.title)
  const width = Math.max(layout.width, 60 + title.length * 10 + counts.length * letter, 480)
  const left = (width - layout.width) / 2
  const height = layout.height + titleHeight - 24
  const out = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${px(width)}" height="${px(height)}" viewBox="0 0 ${px(width)} ${px(height)}">`,
    `<title>${xml(title)}</title>`,
    `<style>${style}</style>`,
    '<defs>',
    ...Object.keys(edgeNames).map(
      (kind) =>
        `<marker id="${kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto" markerUnits="userSpaceOnUse"><path class="tip-${kind}" d="M0 0L8 4L0 8z"/></marker>`,
    ),
    '</defs>',
    `<rect class="paper" width="100%" height="100%"/>`,
    `<text class="title" x="28" y="30">${xml(title)}<tspan class="note" font-size="12" dx="16">${xml(counts)}</tspan></text>`,
    legend(graph),
    `<g transform="translate(${px(left)} ${titleHeight - 24})">`,
  ]
  for (const [e, { kind }] of graph.edges.entries())
    out.push(`<path class="edge ${kind}" marker-end="url(#${kind})" d="${layout.paths[e]!}"/>`)
  for (const [i, box] of boxes.entries()) {
    const { x, y } = layout.boxes[i]!
    out.push(boxSvg(box, x, y, i === 0, free))
  }
  out.push('</g>', '</svg>', '')
  return out.join('\n')
}
