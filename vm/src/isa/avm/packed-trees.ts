import { assert } from '../../bits/errors.ts'

/**
 * Binary trees by which packed code names symbols: the more frequent a symbol was in the programs that the statistics
 * come from, the shorter its way (docs/avm-packed.md, "Trees").
 */
export interface Trees {
  /** Of node n at 2n and 2n + 1: another node, or a symbol s as ~s. */
  readonly children: Int16Array
  /** Of node n: the probability of its second branch in 4096ths, by the statistics. */
  readonly seconds: Uint16Array
  /** Of all classes' symbols: the branches from the root on, the first in bit 31. */
  readonly ways: Int32Array
  readonly classes: ReadonlyMap<string, TreeClass>
}

export interface TreeClass {
  readonly index: number
  readonly root: number
  /** Where its symbols begin in `ways`. */
  readonly first: number
  readonly size: number
}

/** By digit (base 36) of the statistics: the square root of two to its power, rounded. */
const weights: readonly number[] = Array.from({ length: 36 }, (_, digit) =>
  Math.round(2 ** (digit / 2)),
)

interface Growing {
  readonly weight: number
  readonly symbol: number
  readonly children: readonly Growing[]
}

/** The two lightest make a node, again and again; of equal weights leaves go first, then what was made earlier. */
function grow(leaves: readonly Growing[]): Growing {
  const light = [...leaves].sort((x, y) => x.weight - y.weight || x.symbol - y.symbol)
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
  for (let left = light.length; left > 1; left--) {
    const lighter = next()
    const heavier = next()
    const weight = lighter.weight + heavier.weight
    made.push({ weight, symbol: -1, children: [heavier, lighter] })
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
  const seconds: number[] = []
  const ways: number[] = []
  const classes = new Map<string, TreeClass>()
  for (const [name, size] of sizes) {
    const digits = digitsOf(name)
    const weightOf = (symbol: number): number =>
      weights[digits === undefined ? 0 : Number.parseInt(digits[symbol] ?? '0', 36)]!
    const leaves = Array.from({ length: size }, (_, symbol) => ({
      weight: weightOf(symbol),
      symbol,
      children: [],
    }))
    const first = ways.length
    const place = (node: Growing, way: number, depth: number): number => {
      assert(depth < 32, 'a way has at most 32 branches')
      const index = seconds.length
      const share = Math.round((4096 * node.children[1]!.weight) / node.weight)
      seconds.push(Math.max(1, share))
      children.push(0, 0)
      node.children.forEach((child, branch) => {
        const on = branch === 0 ? way : way | (1 << (31 - depth))
        if (child.children.length > 0) children[2 * index + branch] = place(child, on, depth + 1)
        else {
          children[2 * index + branch] = ~child.symbol
          ways[first + child.symbol] = on
        }
      })
      return index
    }
    const root = place(grow(leaves), 0, 0)
    classes.set(name, { index: classes.size, root, first, size })
  }
  return {
    children: Int16Array.from(children),
    seconds: Uint16Array.from(seconds),
    ways: Int32Array.from(ways),
    classes,
  }
}
