import type { Ending, Guest, Label, Width } from './guest.ts'

/** What shapes are written with: the guest, functions that may be called, the planned end. */
export interface Plot {
  readonly g: Guest
  /** Functions that later code will define; a shape calls those from `first` on. */
  readonly functions: readonly Label[]
  first: number
  /** Calls itself until the machine refuses; defined last. */
  readonly recursion: Label
  readonly ending: Ending
  /** Has the planned end been written. */
  ended: boolean
  /** Loops that are open. */
  depth: number
}

type Shape = (p: Plot) => void

function straight({ g }: Plot): void {
  for (let i = g.rng.between(2, 8); i > 0; i--) g.scalar()
}

/** Accesses around one base, as a compiler writes them, or a little too far apart. */
function group({ g }: Plot): void {
  const base = g.rng.pick(g.pointers)
  const spread = g.rng.pick([16, 16, 64, 64, 2048])
  const other = g.value()
  let through = base
  for (let i = g.rng.between(2, 6); i > 0; i--) {
    g.access(through, g.rng.between(-spread, spread))
    const kind = g.rng.below(10)
    if (kind === 0) g.add(base, base, g.rng.pick([8, -8, 4, 1]))
    else if (kind === 1) {
      if (g.rng.chance(50)) g.move(other, base)
      else g.add(other, base, g.rng.between(-32, 32))
      through = other
    } else if (kind === 2) g.scalar()
    else if (kind === 3) through = base
  }
}

/** Accesses at the last and first octets of memory, most of them inside. */
function edge({ g }: Plot): void {
  const base = g.rng.pick(g.pointers)
  const top = g.rng.chance(70)
  g.constant(base, top ? g.high - g.rng.between(8, 40) : g.low + g.rng.between(0, 16))
  for (let i = g.rng.between(1, 3); i > 0; i--)
    g.access(base, top ? g.rng.between(-24, 0) : g.rng.between(0, 24))
  if (g.rng.chance(50)) g.constant(base, g.low + 256 + 8 * g.rng.below(64))
}

function additions({ g }: Plot): void {
  const [x, y] = [g.value(), g.value()]
  g.add(x, g.rng.chance(40) ? g.rng.pick(g.pointers) : y, g.rng.between(-64, 64))
  for (let i = g.rng.between(1, 5); i > 0; i--) g.add(x, x, g.rng.imm())
}

function rotate({ g }: Plot): void {
  const [x, y] = [g.value(), g.value()]
  if (x !== y) g.rotation(x, y)
}

function diamond(p: Plot): void {
  const { g } = p
  const [other, end] = [g.label(), g.label()]
  g.branch(other)
  small(p)
  if (g.rng.chance(70)) g.jump(end)
  g.here(other)
  small(p)
  if (g.rng.chance(30)) g.scalar()
  g.here(end)
}

/** Blocks that only jump, forwards and backwards. */
function jumps(p: Plot): void {
  const { g } = p
  const places = Array.from({ length: g.rng.between(2, 4) }, () => g.label())
  const end = g.label()
  const order = g.rng.chance(50) ? places : [...places].reverse()
  if (g.rng.chance(60)) g.branch(places.at(-1)!)
  g.jump(places[0]!)
  for (const place of order) {
    g.here(place)
    const next = places[places.indexOf(place) + 1]
    g.jump(next ?? end)
  }
  g.here(end)
}

function ladder(p: Plot): void {
  const { g } = p
  const end = g.label()
  for (let i = g.rng.between(2, 4); i > 0; i--) {
    g.branch(end)
    if (g.rng.chance(60)) g.scalar()
  }
  g.here(end)
}

/** Branches over single instructions, all of them reached. */
function hurdles({ g }: Plot): void {
  for (let i = g.rng.between(3, 6); i > 0; i--) {
    const past = g.label()
    g.branch(past)
    g.scalar()
    g.here(past)
  }
}

function choice(p: Plot): void {
  const { g } = p
  const labels = Array.from({ length: g.rng.pick([2, 4]) }, () => g.label())
  const end = g.label()
  g.choose(g.counted(), labels)
  for (const label of labels) {
    g.here(label)
    g.scalar()
    if (g.rng.chance(60)) g.jump(end)
  }
  g.here(end)
}

function call({ g, functions, first }: Plot): void {
  const rest = functions.slice(first)
  if (rest.length === 0) return g.scalar()
  const to = g.rng.pick(rest)
  if (g.rng.chance(45)) g.callThrough(to)
  else g.call(to)
}

function host({ g }: Plot): void {
  g.host()
}

function oddity({ g }: Plot): void {
  g.oddity()
}

/** A loop around `body`, tested at its end or at its head. */
export function loop(p: Plot, counter: number, times: number, body: () => void): void {
  const { g } = p
  const [top, end] = [g.label(), g.label()]
  g.constant(counter, times)
  g.here(top)
  const head = g.rng.chance(25)
  if (head) {
    g.unless(counter, 0, end)
    const out = g.label()
    g.jump(out)
    g.here(end)
    body()
    g.add(counter, counter, -1)
    g.whileAbove(counter, -1, top)
    g.here(out)
    return
  }
  body()
  g.add(counter, counter, -1)
  g.whileAbove(counter, 0, top)
  g.here(end)
}

function inner(p: Plot): void {
  const { g } = p
  if (p.depth > 1) return small(p)
  p.depth++
  loop(p, g.counters[p.depth - 1]!, g.rng.between(2, 6), () => {
    for (let i = g.rng.between(1, 2); i > 0; i--) small(p)
  })
  p.depth--
}

/** Fills or copies memory, an element at a time. */
function bulk(p: Plot): void {
  const { g } = p
  if (p.depth > 1) return small(p)
  p.depth++
  const [x, y] = g.pointers as readonly [number, number]
  const width = g.rng.pick(g.widths)
  const value = g.value()
  const step = g.rng.chance(90) ? width : g.rng.pick([1, 2, 8, -width])
  const counter = g.counters[p.depth - 1]!
  const copies = g.rng.chance(50)
  if (g.rng.chance(40)) g.constant(x, g.low + 64 + g.rng.below(200))
  if (g.rng.chance(40)) g.constant(y, g.low + 64 + g.rng.below(200))
  loop(p, counter, g.rng.pick([1, 2, 3, 5, 9, 17, 40]), () => {
    if (copies) g.load(value, y, 0, width)
    g.store(value, x, 0, width)
    g.add(x, x, step)
    if (copies) g.add(y, y, step)
  })
  p.depth--
}

/** A walk through memory up to its end, where it faults if it gets there. */
function walk(p: Plot): void {
  const { g } = p
  if (p.depth > 1) return small(p)
  p.depth++
  const base = g.rng.pick(g.pointers)
  const times = g.rng.between(2, 12)
  const step = g.rng.pick([1, 4, 8, 8, 16])
  g.constant(base, g.high - step * times - g.rng.pick([0, 0, 8, -step, 64]))
  loop(p, g.counters[p.depth - 1]!, times, () => {
    g.access(base, 0)
    if (g.rng.chance(40)) g.access(base, g.rng.pick([0, -8, -4]))
    g.add(base, base, step)
  })
  g.constant(base, g.low + 512)
  p.depth--
}

function wide({ g }: Plot): void {
  const width: Width = g.rng.pick(g.widths)
  const [x, base] = [g.value(), g.rng.pick(g.pointers)]
  g.store(x, base, 0, width)
  g.load(g.value(), base, g.rng.pick([0, 0, 1, 4]), g.rng.pick(g.widths))
  g.absolute(g.low + 128 + g.rng.below(1024))
}

const leaves: readonly (readonly [Shape, number])[] = [
  [straight, 26],
  [group, 16],
  [edge, 3],
  [additions, 6],
  [rotate, 4],
  [diamond, 10],
  [jumps, 3],
  [ladder, 5],
  [hurdles, 9],
  [choice, 5],
  [call, 12],
  [host, 7],
  [oddity, 2],
  [wide, 5],
]
const larger: readonly (readonly [Shape, number])[] = [
  [inner, 12],
  [bulk, 6],
  [walk, 4],
]
const table = (rows: typeof leaves): readonly Shape[] =>
  rows.flatMap(([shape, weight]) => new Array<Shape>(weight).fill(shape))
const smallShapes = table(leaves)
const allShapes = table([...leaves, ...larger])

/** One shape without a loop. */
export function small(p: Plot): void {
  p.g.rng.pick(smallShapes)(p)
}

/** One shape of any kind. */
export function any(p: Plot): void {
  p.g.rng.pick(allShapes)(p)
}

/** The planned end, if it has not been written: now, or when a counter has come down so far. */
export function theEnd(p: Plot, counter?: number): void {
  const { g } = p
  if (p.ended) return
  p.ended = true
  if (counter === undefined) return g.end(p.ending, p.recursion)
  const past = g.label()
  g.unless(counter, g.rng.pick([1, 1, 2, 3]), past)
  g.end(p.ending, p.recursion)
  g.here(past)
}
