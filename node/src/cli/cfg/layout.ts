/** A box to place. Sizes in px. */
export interface Box {
  readonly width: number
  readonly height: number
}

export interface Edge {
  readonly from: number
  readonly to: number
}

/** Says of which part there is too much to draw. */
export class GraphTooLarge extends Error {
  readonly count: number

  constructor(what: string, count: number, limit: number) {
    super(`the graph has ${count} ${what}; up to ${limit} are drawn`)
    this.count = count
  }
}

/** Time and room are spent on each layer that each edge passes: this many take a second. */
const maxPoints = 60_000

export interface Layout {
  /** Left upper corners, in the order of the boxes. */
  readonly boxes: readonly { readonly x: number; readonly y: number }[]
  /** A path (SVG path data) for each edge. */
  readonly paths: readonly string[]
  readonly width: number
  readonly height: number
}

/** A box or, on a layer that an edge only passes, a point of the edge. */
interface Place {
  readonly layer: number
  readonly width: number
  readonly height: number
  readonly box: number
  x: number
  order: number
  readonly above: Line[]
  readonly below: Line[]
  /** The box of the same layer that a line begins or ends at, which goes up beside it. */
  beside?: Place
}

/** A piece of an edge between neighbouring layers; upright when `lower.x = upper.x + lean`. */
interface Line {
  readonly upper: Place
  readonly lower: Place
  lean: number
}

const gapX = 28
const gapY = 46
/** Between two lines. */
const lineGap = 14
const sweeps = 6

/** Which edges go back to a box that is still open in a depth-first walk from box 0; O(edges). */
function backEdges(count: number, edges: readonly Edge[], next: readonly number[][]): boolean[] {
  const state = new Uint8Array(count)
  const back = edges.map(({ from, to }) => from === to)
  for (let root = 0; root < count; root++) {
    if (state[root] !== 0) continue
    const path: { box: number; edge: number }[] = [{ box: root, edge: 0 }]
    state[root] = 1
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const e = next[top.box]![top.edge++]
      if (e === undefined) {
        state[top.box] = 2
        path.pop()
        continue
      }
      const { to } = edges[e]!
      if (state[to] === 1) back[e] = true
      else if (state[to] === 0) {
        state[to] = 1
        path.push({ box: to, edge: 0 })
      }
    }
  }
  return back
}

/** The longest way from a box that nothing leads to, back edges left out; O(edges). */
function layersOf(
  count: number,
  edges: readonly Edge[],
  back: readonly boolean[],
  next: readonly number[][],
): number[] {
  const waiting = new Array<number>(count).fill(0)
  for (const [e, { to }] of edges.entries()) if (!back[e]) waiting[to]!++
  const layers = new Array<number>(count).fill(0)
  const ready = waiting.flatMap((n, box) => (n === 0 ? [box] : []))
  for (let i = 0; i < ready.length; i++) {
    const box = ready[i]!
    for (const e of next[box]!) {
      if (back[e]) continue
      const { to } = edges[e]!
      layers[to] = Math.max(layers[to]!, layers[box]! + 1)
      if (--waiting[to]! === 0) ready.push(to)
    }
  }
  return layers
}

function join(upper: Place, lower: Place): Line {
  const line = { upper, lower, lean: 0 }
  upper.below.push(line)
  lower.above.push(line)
  return line
}

/** An edge as laid out. Ends are px from the middles of boxes. */
interface Route {
  readonly from: Place
  readonly to: Place
  readonly back: boolean
  /** The points it passes, from the upper end to the lower one. */
  readonly points: readonly Place[]
  readonly lines: readonly Line[]
  out: number
  into: number
}

/** Back edges leave and enter at the outside of the boxes they go up beside. */
function sideOf(route: Route, own: Place, point: Place | undefined, other: Place): number {
  if (!route.back || point === undefined) return (point ?? other).order
  return point.order > own.order ? 1e9 - point.order : -1e9 - point.order
}

/** Spreads the ends of edges along their boxes in the order in which their lines stand. */
function spreadEnds(routes: readonly Route[]): void {
  const ends = (own: 'from' | 'to', other: 'from' | 'to', set: 'out' | 'into'): void => {
    const byBox = new Map<Place, Route[]>()
    for (const route of routes) {
      const list = byBox.get(route[own])
      if (list === undefined) byBox.set(route[own], [route])
      else list.push(route)
    }
    for (const [box, list] of byBox) {
      const key = (route: Route): number => {
        const first = (own === 'from') !== route.back
        return sideOf(route, box, route.points.at(first ? 0 : -1), route[other])
      }
      list.sort((a, b) => key(a) - key(b))
      const room = Math.min(box.width * 0.7, list.length * 60)
      for (const [i, route] of list.entries()) route[set] = ((i + 0.5) / list.length - 0.5) * room
    }
  }
  ends('from', 'to', 'out')
  ends('to', 'from', 'into')
  for (const { back, lines, out, into } of routes) {
    if (back || lines.length === 0) continue
    lines[0]!.lean += out
    lines.at(-1)!.lean -= into
  }
}

/** Sorts layers by the mean place of neighbours, down and up in turn. */
function order(layers: Place[][]): void {
  const number = (layer: Place[]): void => {
    for (const [i, place] of layer.entries()) place.order = i
  }
  for (const layer of layers) number(layer)
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const down = sweep % 2 === 0
    for (const layer of down ? layers : layers.toReversed()) {
      const wanted = new Map<Place, number>()
      for (const place of layer) {
        const near = down ? place.above.map((l) => l.upper) : place.below.map((l) => l.lower)
        let sum = near.reduce((total, p) => total + p.order / layers[p.layer]!.length, 0)
        let weight = near.length
        if (place.beside !== undefined) {
          sum += (place.beside.order + 0.5) / layer.length
          weight++
        }
        wanted.set(place, weight === 0 ? place.order / layer.length : sum / weight)
      }
      layer.sort((a, b) => wanted.get(a)! - wanted.get(b)! || a.order - b.order)
      number(layer)
    }
  }
}

const between = (a: Place, b: Place): number =>
  (a.width + b.width) / 2 + (a.box < 0 && b.box < 0 ? lineGap : gapX)

/**
 * Moves the places of a layer as near to where they want to be as their order and room allow: least
 * squares, by pooling neighbours that push each other; O(places).
 */
function settle(layer: readonly Place[], wanted: readonly number[]): void {
  const pools: { first: number; sum: number; weight: number }[] = []
  const shift: number[] = []
  let offset = 0
  for (const [i, place] of layer.entries()) {
    if (i > 0) offset += between(layer[i - 1]!, place)
    shift.push(offset)
    const weight = place.box < 0 ? 4 : 1
    let pool = { first: i, sum: (wanted[i]! - offset) * weight, weight }
    for (let last = pools.at(-1); last !== undefined; last = pools.at(-1)) {
      if (last.sum / last.weight <= pool.sum / pool.weight) break
      pool = { first: last.first, sum: last.sum + pool.sum, weight: last.weight + pool.weight }
      pools.pop()
    }
    pools.push(pool)
  }
  for (const [k, { first, sum, weight }] of pools.entries()) {
    const end = pools[k + 1]?.first ?? layer.length
    for (let i = first; i < end; i++) layer[i]!.x = sum / weight + shift[i]!
  }
}

function spread(layers: readonly Place[][]): void {
  for (const layer of layers) {
    let x = 0
    for (const [i, place] of layer.entries()) {
      if (i > 0) x += between(layer[i - 1]!, place)
      place.x = x
    }
  }
  const wish = (place: Place, down: boolean): number => {
    const lines = down ? place.above : place.below
    let sum = 0
    for (const { upper, lower, lean } of lines) sum += down ? upper.x + lean : lower.x - lean
    let weight = lines.length
    const { beside } = place
    if (beside !== undefined) {
      sum += beside.x + beside.width / 2 + gapX
      weight++
    }
    return weight === 0 ? place.x : sum / weight
  }
  for (let sweep = 0; sweep < 2 * sweeps; sweep++) {
    const down = sweep % 2 === 0
    for (const layer of down ? layers : layers.toReversed()) {
      settle(
        layer,
        layer.map((place) => wish(place, down)),
      )
    }
  }
}

const round = (value: number): string => String(Math.round(value * 10) / 10)

/** A curve that leaves and arrives upright. `bend` is how far it keeps its direction. */
function curve(x0: number, y0: number, x1: number, y1: number, bend: number): string {
  if (Math.abs(x0 - x1) < 0.5) return `V${round(y1)}`
  const [c0, c1] = [y0 + bend, y1 === y0 ? y0 + bend : y1 - bend]
  return `C${round(x0)} ${round(c0)} ${round(x1)} ${round(c1)} ${round(x1)} ${round(y1)}`
}

/**
 * Places boxes in layers so that edges lead down, but for those that close a loop, which come back
 * up beside the boxes. Box 0 is the first of the top layer. The same input gives the same layout.
 * @throws {GraphTooLarge} when edges pass too many layers
 */
export function layOut(boxes: readonly Box[], edges: readonly Edge[]): Layout {
  const next: number[][] = boxes.map(() => [])
  for (const [e, { from }] of edges.entries()) next[from]!.push(e)
  const back = backEdges(boxes.length, edges, next)
  const layerOf = layersOf(boxes.length, edges, back, next)
  const layers: Place[][] = Array.from({ length: Math.max(0, ...layerOf) + 1 }, () => [])
  const placeOn = (layer: number, box: number, { width, height }: Box): Place => {
    const place: Place = { layer, width, height, box, x: 0, order: 0, above: [], below: [] }
    layers[layer]!.push(place)
    return place
  }
  const places = boxes.map((box, i) => placeOn(layerOf[i]!, i, box))
  const point = { width: 2, height: 0 }
  let pointCount = 0
  const routes = edges.map((edge, e): Route => {
    const [upper, lower] = back[e] ? [edge.to, edge.from] : [edge.from, edge.to]
    const [first, last] = back[e]
      ? [layerOf[upper]!, layerOf[lower]!]
      : [layerOf[upper]! + 1, layerOf[lower]! - 1]
    pointCount += Math.max(0, last - first + 1)
    if (pointCount > maxPoints)
      throw new GraphTooLarge('crossings of edges and layers', pointCount, maxPoints)
    const points: Place[] = []
    for (let layer = first; layer <= last; layer++) points.push(placeOn(layer, -1, point))
    if (back[e]) {
      points[0]!.beside = places[upper]!
      points.at(-1)!.beside = places[lower]!
    }
    const way = back[e] ? points : [places[upper]!, ...points, places[lower]!]
    const lines = way.slice(1).map((place, i) => join(way[i]!, place))
    const [from, to] = [places[edge.from]!, places[edge.to]!]
    return { from, to, back: back[e]!, points, lines, out: 0, into: 0 }
  })
  order(layers)
  spreadEnds(routes)
  spread(layers)
  const heights = layers.map((layer) => layer.reduce((most, p) => Math.max(most, p.height), 0))
  const tops: number[] = []
  let y = gapY
  for (const height of heights) {
    tops.push(y)
    y += height + gapY
  }
  const all = layers.flat()
  const left = all.reduce((least, p) => Math.min(least, p.x - p.width / 2), Infinity)
  const right = all.reduce((most, p) => Math.max(most, p.x + p.width / 2), -Infinity)
  for (const place of all) place.x += gapX - left
  const bottomOf = (layer: number): number => tops[layer]! + heights[layer]!
  const pathOf = (route: Route): string => {
    const { from, to, points } = route
    const [x0, x1] = [from.x + route.out, to.x + route.into]
    const bottom = bottomOf(from.layer)
    const parts = [`M${round(x0)} ${round(tops[from.layer]! + from.height)}`]
    if (from.height < heights[from.layer]!) parts.push(`V${round(bottom)}`)
    let [x, at] = [x0, bottom]
    if (route.back) {
      const last = points.at(-1)!
      parts.push(curve(x, at, last.x, at, gapY * 0.6))
      for (const place of points.toReversed()) {
        // up through the layer, and across the gap above it
        if (at !== bottomOf(place.layer)) {
          const low = bottomOf(place.layer)
          parts.push(curve(x, at, place.x, low, (low - at) / 2))
        }
        x = place.x
        at = tops[place.layer]!
        parts.push(`V${round(at)}`)
      }
      parts.push(curve(x, at, x1, at, -gapY * 0.6))
      return parts.join('')
    }
    for (const place of points) {
      parts.push(curve(x, at, place.x, tops[place.layer]!, gapY / 2))
      x = place.x
      at = bottomOf(place.layer)
      parts.push(`V${round(at)}`)
    }
    parts.push(curve(x, at, x1, tops[to.layer]!, gapY / 2))
    return parts.join('')
  }
  return {
    boxes: places.map((p) => ({ x: p.x - p.width / 2, y: tops[p.layer]! })),
    // a line that goes on upright needs no stop
    paths: routes.map((route) => pathOf(route).replace(/V[\d.]+(?=V)/g, '')),
    width: right - left + 2 * gapX,
    height: y,
  }
}
