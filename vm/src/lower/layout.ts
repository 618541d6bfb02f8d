import type { MachineBlock, MachineFunction } from './machine.ts'

/** Branches with the opposite condition. */
const opposites: Readonly<Record<string, string>> = {
  ...{ beq: 'bne', bne: 'beq', bltu: 'bgeu', bgeu: 'bltu', blts: 'bges', bges: 'blts' },
  ...{ bleu: 'bgtu', bgtu: 'bleu', bles: 'bgts', bgts: 'bles', bset: 'bclr', bclr: 'bset' },
}

/** The branch that goes where this one does not, if there is one. */
export function oppositeOf(op: string, ops: ReadonlySet<string>): string | undefined {
  const match = /^(b[a-z]+)((?:64|32)i?)$/.exec(op)
  if (match === null) return undefined
  const other = opposites[match[1]!]
  if (other === undefined) return undefined
  const name = `${other}${match[2]}`
  return ops.has(name) ? name : undefined
}

/** Blocks that only jump on: their target, through chains; a loop of such jumps stays. */
function destinations(func: MachineFunction): MachineBlock[] {
  const to: MachineBlock[] = func.blocks.map((block) => block)
  for (const block of func.blocks) {
    let at = block
    for (let steps = 0; steps < 8; steps++) {
      const end = at.end
      if (at.insns.length !== 1 || end.op !== 'jump' || end.targets[0] === at) break
      at = end.targets[0]!
    }
    to[block.id] = at
  }
  return to
}

/** Lets no jump lead to a jump. Blocks with a label keep it. O(n) */
export function threadJumps(func: MachineFunction): void {
  const to = destinations(func)
  for (const { end } of func.blocks) {
    if (end.op === 'jump64') continue
    end.targets = end.targets.map(({ id }) => to[id]!)
  }
  const reached = new Set<MachineBlock>([func.blocks[0]!])
  for (const block of reached) for (const next of block.end.targets) reached.add(next)
  func.blocks = func.blocks.filter((block) => reached.has(block))
  func.blocks.forEach((block, i) => {
    block.id = i
  })
}

/** An edge worth being a fall-through. */
interface Edge {
  readonly from: MachineBlock
  readonly to: MachineBlock
  readonly weight: number
}

/**
 * Blocks in an order in which control mostly falls through, the entry first and what traps last: edges become neighbours,
 * the heaviest first (Pettis and Hansen, "Profile Guided Code Positioning", 1990). O(n log n)
 */
export function layOut(func: MachineFunction): MachineBlock[] {
  const { blocks } = func
  const edges: Edge[] = []
  for (const from of blocks) {
    const { op, targets } = from.end
    if (op === 'jump64') continue
    // a jump that stays costs an instruction on its way, a branch does not
    targets.forEach((to, i) => {
      const share = targets.length === 1 ? 1 : i === 0 ? 0.45 : 0.55
      edges.push({ from, to, weight: Math.min(from.weight, to.weight) * share })
    })
  }
  edges.sort((x, y) => y.weight - x.weight || x.from.id - y.from.id || x.to.id - y.to.id)
  const next: (MachineBlock | undefined)[] = new Array(blocks.length)
  const isTaken = new Uint8Array(blocks.length)
  const chainOf = Int32Array.from(blocks, (_, i) => i)
  const find = (id: number): number => {
    let at = id
    while (chainOf[at] !== at) {
      chainOf[at] = chainOf[chainOf[at]!]!
      at = chainOf[at]!
    }
    return at
  }
  for (const { from, to } of edges) {
    if (to.id === 0 || next[from.id] !== undefined || isTaken[to.id] === 1) continue
    const x = find(from.id)
    const y = find(to.id)
    if (x === y) continue
    chainOf[x] = y
    next[from.id] = to
    isTaken[to.id] = 1
  }
  const chains: MachineBlock[][] = []
  for (const block of blocks) {
    if (isTaken[block.id] === 1) continue
    const chain: MachineBlock[] = []
    for (let at: MachineBlock | undefined = block; at !== undefined; at = next[at.id])
      chain.push(at)
    chains.push(chain)
  }
  const heat = (chain: readonly MachineBlock[]): number =>
    chain.every(({ weight }) => weight < 1) ? 0 : 1
  return [chains[0]!, ...chains.slice(1).sort((x, y) => heat(y) - heat(x))].flat()
}
