/** Deeper loops are gone back to through entries: V8's own limits are far away. */
const mostNested = 12

/** Loops of a function around each other, by index; each is a range of its blocks, which begins with its header. */
export interface Nest {
  /** Header -> the last index of its loop; else -1. */
  readonly end: Int32Array
  /** Header of the innermost loop that a block is in, other than as its header; or -1. */
  readonly inside: Int32Array
}

/**
 * Every place that is gone back to begins a loop, up to where that is last done from; what overlaps is nested.
 * @param target @param fallTo where each block leads, by index, or -1
 */
export function nestOf(target: Int32Array, fallTo: Int32Array): Nest {
  const { length } = target
  const end = new Int32Array(length).fill(-1)
  for (let x = 0; x < length; x++)
    for (const y of [target[x]!, fallTo[x]!]) if (y >= 0 && y <= x) end[y] = Math.max(end[y]!, x)
  const inside = new Int32Array(length).fill(-1)
  const open: number[] = []
  for (let x = 0; x < length; x++) {
    while (open.length > 0 && end[open.at(-1)!]! < x) open.pop()
    inside[x] = open.at(-1) ?? -1
    if (end[x]! < 0) continue
    if (open.length === mostNested) {
      end[x] = -1
      continue
    }
    for (const header of open) end[header] = Math.max(end[header]!, end[x]!)
    open.push(x)
  }
  return { end, inside }
}

/** Does a branch from x reach y: back to a loop that x is in, or ahead to what is in no loop that x is not in. */
export function isDirect({ end, inside }: Nest, x: number, y: number): boolean {
  if (y <= x) return end[y]! >= x
  let around = end[x]! >= 0 ? x : inside[x]!
  while (around >= 0 && around !== inside[y]!) around = inside[around]!
  return around === inside[y]!
}

/** More blocks than that stay in the order of their rows, and those that take more steps for each: compilers' take a few. */
const mostOrdered = 4000
const mostSteps = 200

/**
 * An order in which loops are ranges of blocks that begin with their headers, and other ways lead ahead: as far as
 * each loop is entered at its header only. Undefined where finding it takes too long.
 * @param successors of each node; node 0 is the start
 */
export function loopOrder(successors: readonly (readonly number[])[]): number[] | undefined {
  const count = successors.length
  if (count > mostOrdered) return undefined
  const { order, place } = reversePostorder(successors)
  const predecessors: number[][] = successors.map(() => [])
  successors.forEach((to, node) => {
    if (place[node]! >= 0) for (const y of to) predecessors[y]!.push(node)
  })
  const dominates = dominanceOf(order, place, predecessors)
  if (dominates === undefined) return undefined
  /** Headers of the loops that a node is in, outermost first, as places; then its own. */
  const paths: number[][] = successors.map(() => [])
  let steps = 0
  for (const header of order) {
    const work = predecessors[header]!.filter((node) => dominates(header, node))
    if (work.length === 0) continue
    const body = new Set([header])
    for (let node = work.pop(); node !== undefined; node = work.pop()) {
      if (body.has(node)) continue
      body.add(node)
      if (++steps > mostSteps * count) return undefined
      work.push(...predecessors[node]!)
    }
    for (const node of body) paths[node]!.push(place[header]!)
  }
  order.forEach((node) => {
    paths[node]!.push(place[node]!)
  })
  const sorted = [...order].sort((a, b) => compare(paths[a]!, paths[b]!))
  for (let node = 0; node < count; node++) if (place[node]! < 0) sorted.push(node)
  return sorted
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return a.length - b.length
}

function reversePostorder(successors: readonly (readonly number[])[]): {
  order: number[]
  place: Int32Array
} {
  const place = new Int32Array(successors.length).fill(-1)
  const next = new Int32Array(successors.length)
  const stack = [0]
  const order: number[] = []
  place[0] = 0
  for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
    // the last way first, so that what is fallen into comes right behind
    const to = successors[node]!
    const i = next[node]!++
    if (i === to.length) {
      order.push(node)
      stack.pop()
    } else if (place[to[to.length - 1 - i]!]! < 0) {
      place[to[to.length - 1 - i]!] = 0
      stack.push(to[to.length - 1 - i]!)
    }
  }
  order.reverse()
  order.forEach((node, i) => {
    place[node] = i
  })
  return { order, place }
}

/** Does every way to b lead through a (Cooper, Harvey and Kennedy); undefined where finding out takes too long. */
function dominanceOf(
  order: readonly number[],
  place: Int32Array,
  predecessors: readonly (readonly number[])[],
): ((a: number, b: number) => boolean) | undefined {
  const count = place.length
  const parent = new Int32Array(count).fill(-1)
  parent[0] = 0
  let steps = 0
  for (let changes = true; changes; ) {
    changes = false
    for (const node of order) {
      if (node === 0) continue
      let met = -1
      for (const from of predecessors[node]!) {
        if (parent[from]! < 0) continue
        let a = from
        let b = met < 0 ? from : met
        for (; a !== b; steps++) {
          if (place[a]! > place[b]!) a = parent[a]!
          else b = parent[b]!
        }
        met = a
      }
      if (steps > mostSteps * count) return undefined
      if (met === parent[node]) continue
      parent[node] = met
      changes = true
    }
  }
  // what a node dominates is a range of numbers
  const size = new Int32Array(count).fill(1)
  const number = new Int32Array(count)
  const next = new Int32Array(count).fill(1)
  for (let i = order.length - 1; i > 0; i--) size[parent[order[i]!]!]! += size[order[i]!]!
  for (const node of order.slice(1)) {
    const above = parent[node]!
    number[node] = next[above]!
    next[above]! += size[node]!
    next[node] = number[node]! + 1
  }
  return (a, b) => number[b]! >= number[a]! && number[b]! < number[a]! + size[a]!
}
