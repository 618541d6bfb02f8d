import { assert } from '../../bits/errors.ts'

/**
 * Trees of sixteen branches, by which packed code names symbols: the more frequent a symbol was in the programs that
 * the statistics come from, the shorter its way (docs/avm.md, "Packed code").
 */
export interface Trees {
  /** Of node n at 16n + i: another node, or a symbol s as ~s. */
  readonly children: Int16Array
  /** Of node n at 16n + i: what branch i counts before it is first taken; 0 where there is none. */
  readonly fresh: Uint8Array
  /** Of node n: the sum of these. */
  readonly freshTotal: Uint16Array
  /** By class: the root, and by symbol the ways as 16 * node + branch, from the root on. */
  readonly classes: ReadonlyMap<
    string,
    { readonly root: number; readonly ways: readonly number[][] }
  >
}

export const branches = 16
/** What the branches of a node count together, about, before any is taken. */
const freshCounts = 160

/** By digit (base 36) of the statistics: the square root of two to its power, rounded. */
const weights: readonly number[] = Array.from({ length: 36 }, (_, digit) =>
  Math.round(2 ** (digit / 2)),
)

interface Growing {
  readonly weight: number
  readonly symbol: number
  readonly children: readonly Growing[]
}

/** The sixteen lightest make a node, again and again; of equal weights the earlier made is lighter. */
function grow(leaves: readonly Growing[]): Growing {
  const light = [...leaves].sort((x, y) => x.weight - y.weight || x.symbol - y.symbol)
  // so that the root, and only nodes far from it, have fewer than sixteen branches
  const spare = (branches - 1 - ((light.length - 1) % (branches - 1))) % (branches - 1)
  const made: Growing[] = []
  let atLeaf = 0
  let atMade = 0
  const next = (): Growing => {
    const leaf = light[atLeaf]
    const node = made[atMade]
    if (node === undefined || (leaf !== undefined && leaf.weight <= node.weight)) {
      assert(leaf !== undefined, 'a tree runs out of symbols')
      atLeaf += 1
      return leaf
    }
    atMade += 1
    return node
  }
  let take = branches - spare
  let left = light.length
  while (left > 1 || made.length === 0) {
    const children: Growing[] = []
    const count = Math.min(take, left)
    for (let i = 0; i < count; i++) children.unshift(next())
    const weight = children.reduce((sum, child) => sum + child.weight, 0)
    made.push({ weight, symbol: -1, children })
    left -= count - 1
    take = branches
  }
  return made.at(-1)!
}

/**
 * The trees of these classes: number of symbols, and digits of the statistics or undefined (all symbols alike).
 * O(symbols log symbols)
 */
export function growTrees(
  sizes: ReadonlyMap<string, number>,
  digitsOf: (name: string) => string | undefined,
): Trees {
  const children: number[] = []
  const fresh: number[] = []
  const freshTotal: number[] = []
  const classes = new Map<string, { root: number; ways: number[][] }>()
  for (const [name, size] of sizes) {
    const digits = digitsOf(name)
    const weightOf = (symbol: number): number =>
      weights[digits === undefined ? 0 : Number.parseInt(digits[symbol] ?? '0', 36)]!
    const leaves = Array.from({ length: size }, (_, symbol) => ({
      weight: weightOf(symbol),
      symbol,
      children: [],
    }))
    const ways: number[][] = new Array<number[]>(size)
    const place = (node: Growing, way: readonly number[]): number => {
      const index = freshTotal.length
      for (let i = 0; i < branches; i++) {
        const child = node.children[i]
        children.push(0)
        fresh.push(
          child === undefined
            ? 0
            : Math.max(1, Math.round((freshCounts * child.weight) / node.weight)),
        )
      }
      freshTotal.push(fresh.slice(branches * index).reduce((sum, count) => sum + count, 0))
      node.children.forEach((child, i) => {
        const at = branches * index + i
        if (child.children.length === 0) {
          ways[child.symbol] = [...way, at]
          children[at] = ~child.symbol
        } else children[at] = place(child, [...way, at])
      })
      return index
    }
    classes.set(name, { root: place(grow(leaves), []), ways })
  }
  return {
    children: Int16Array.from(children),
    fresh: Uint8Array.from(fresh),
    freshTotal: Uint16Array.from(freshTotal),
    classes,
  }
}
