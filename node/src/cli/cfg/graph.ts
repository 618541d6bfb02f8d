import {
  type Blocks,
  blocksOf,
  End,
  type IrProgram,
  irRows,
  liftProgram,
  Mark,
  type Program,
  rowWords,
} from 'alcatraz-vm'
import { disassembler, placeNames } from '../texts.ts'
import { GraphTooLarge } from './layout.ts'

/** Why control goes along an edge. */
export type EdgeKind = 'taken' | 'fall' | 'call' | 'indirect'

export interface GraphLine {
  readonly pc: number
  readonly text: string
  /** Gas of this instruction; 0 where blocks are charged as a whole. */
  readonly cost: number
}

/** A basic block, or (without lines) a function that is called. */
export interface GraphNode {
  readonly title: string
  /** Gas of the whole block. */
  readonly cost: number
  readonly lines: readonly GraphLine[]
}

export interface GraphEdge {
  readonly from: number
  readonly to: number
  readonly kind: EdgeKind
}

/** The control flow of one function; node 0 is its entry. */
export interface Graph {
  readonly title: string
  readonly blocks: number
  readonly instructions: number
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
}

/** More blocks than these are no picture that a person reads, nor one that is laid out at once. */
const maxBlocks = 400

/** The same of edges: jumps through registers may go anywhere. */
const maxEdges = 3 * maxBlocks

interface Way {
  /** A block, or -1 for a place that is no code. */
  readonly to: number
  readonly kind: EdgeKind
}

/** A program as blocks, with what is asked about them again and again. */
class Flow {
  readonly program: Program
  readonly ir: IrProgram
  readonly blocks: Blocks
  /** Blocks that functions start with, by what the program says. */
  readonly starts: ReadonlySet<number>
  readonly names: ReadonlyMap<number, string>

  constructor(program: Program) {
    this.program = program
    this.ir = liftProgram(program)
    this.blocks = blocksOf(this.ir)
    this.names = placeNames(program)
    const functions = program.isa === 'bpf' ? program.functions : []
    this.starts = new Set(functions.map(({ pc }) => this.blockAt(pc)))
  }

  /** The block that starts at a pc, or -1. */
  blockAt(pc: number): number {
    const row = this.ir.rowOf[pc] ?? -1
    return row < 0 ? -1 : this.blocks.at[row]!
  }

  pcOf(block: number): number {
    return this.ir.pcOf[this.blocks.start[block]!]!
  }

  /** As disassembly names it. */
  nameOf(block: number): string {
    const pc = this.pcOf(block)
    return this.names.get(pc) ?? (this.program.isa === 'pvm' ? `@${pc}` : `L${pc}`)
  }

  /** Is the last row of a block a host call: then control comes back behind it. */
  callsHost(block: number): boolean {
    const last = this.blocks.start[block + 1]! - 1
    return irRows[this.ir.rows[last * rowWords]! & 0xff]?.name === 'host'
  }

  /** Does control go to the next block and nowhere else, without a jump or a call of this program? */
  runsOn(block: number): boolean {
    return this.blocks.end[block] === End.fall || this.callsHost(block)
  }

  /** Blocks of the function around a pc whose address the program takes: where `gotox` may go. */
  taken(pc: number): readonly Way[] {
    const { program } = this
    if (program.isa !== 'bpf') return []
    const starts = program.functions.map((f) => f.pc)
    const from = starts.findLast((start) => start <= pc) ?? 0
    const to = starts.find((start) => start > pc) ?? Number.POSITIVE_INFINITY
    return program.addressTaken
      .filter((slot) => slot > from && slot < to && this.blockAt(slot) >= 0)
      .map((slot) => ({ to: this.blockAt(slot), kind: 'indirect' }))
  }

  /** Where control goes behind a block; calls come back. */
  ways(block: number, taken: readonly Way[]): readonly Way[] {
    const { blocks } = this
    const target = blocks.target[block]!
    const behind: Way[] = block + 1 < blocks.count ? [{ to: block + 1, kind: 'fall' }] : []
    switch (blocks.end[block]!) {
      case End.fall:
      case End.callRegister:
        return behind
      case End.branch:
        return [{ to: target, kind: 'taken' }, ...behind]
      case End.jump:
        return [{ to: target, kind: 'taken' }]
      case End.call:
        return [{ to: target, kind: 'call' }, ...behind]
      case End.link:
        return [
          { to: target, kind: 'call' },
          { to: blocks.back[block]!, kind: 'fall' },
        ]
      case End.jumpRegister:
        return taken
      case End.leave:
        return this.callsHost(block) ? behind : []
      default:
        return []
    }
  }
}

/**
 * The control flow of the function around `pc`: blocks that its first block leads to without calls.
 * Jumps through registers have edges where the program says what they may reach (eBPF).
 * @throws {GraphTooLarge}
 */
export function graphOf(program: Program, pc: number): Graph {
  const flow = new Flow(program)
  const { blocks, ir } = flow
  const entry = entryOf(flow, pc)
  const taken = flow.taken(flow.pcOf(entry))
  const index = new Map<number, number>([[entry, 0]])
  const found = [entry]
  const ways: (readonly Way[])[] = []
  const isOutside = ({ to, kind }: Way): boolean =>
    to < 0 || kind === 'call' || (to !== entry && flow.starts.has(to))
  /** How many edges lead to a block. */
  const into = new Map<number, number>()
  let edgeCount = 0
  for (let i = 0; i < found.length; i++) {
    ways.push(flow.ways(found[i]!, taken))
    edgeCount += ways[i]!.length
    if (edgeCount > maxEdges) throw new GraphTooLarge('edges', edgeCount, maxEdges)
    for (const way of ways[i]!) {
      if (isOutside(way)) continue
      into.set(way.to, (into.get(way.to) ?? 0) + 1)
      if (index.has(way.to)) continue
      index.set(way.to, found.length)
      found.push(way.to)
    }
    if (found.length > maxBlocks) throw new GraphTooLarge('basic blocks', found.length, maxBlocks)
  }
  // what follows a host call or a cut belongs to the same box, unless something else leads there
  const continued = found.map(
    (block) => flow.runsOn(block) && into.get(block + 1) === 1 && block + 1 !== entry,
  )
  const inner = new Set(found.filter((_, i) => continued[i]).map((block) => block + 1))
  const heads = found.filter((block) => !inner.has(block))
  const nodeOf = new Map(heads.map((block, node) => [block, node]))
  const text = disassembler(program)
  const nodes: GraphNode[] = []
  const edges: GraphEdge[] = []
  const outside: { from: number; way: Way }[] = []
  let instructions = 0
  for (const [node, head] of heads.entries()) {
    const lines: GraphLine[] = []
    let cost = 0
    let last = head
    for (let block = head; ; block++) {
      last = block
      const start = blocks.start[block]!
      if (irRows[ir.rows[start * rowWords]! & 0xff]?.name === 'charge')
        cost += ir.rows[start * rowWords + 1]!
      for (let row = start; row < blocks.start[block + 1]!; row++) {
        if ((ir.marks[row]! & Mark.instruction) === 0) continue
        const at = ir.pcOf[row]!
        lines.push({ pc: at, text: text(at), cost: ir.costs[row]! })
      }
      if (!inner.has(block + 1) || !continued[index.get(block)!]) break
    }
    instructions += lines.length
    nodes.push({ title: flow.nameOf(head), cost, lines })
    for (const way of ways[index.get(last)!]!) {
      if (isOutside(way)) outside.push({ from: node, way })
      else edges.push({ from: node, to: nodeOf.get(way.to)!, kind: way.kind })
    }
  }
  for (const { from, way } of outside) {
    edges.push({ from, to: nodes.length, kind: way.kind })
    nodes.push({ title: way.to < 0 ? 'no code there' : flow.nameOf(way.to), cost: 0, lines: [] })
  }
  const title = `${flow.nameOf(entry)}`
  return { title, blocks: heads.length, instructions, nodes, edges }
}

/** The first block of the function around a pc, or the block itself where functions are not known. */
function entryOf(flow: Flow, pc: number): number {
  const { program, ir } = flow
  let from = pc
  if (program.isa === 'bpf') {
    from = program.functions.findLast((f) => f.pc <= pc)?.pc ?? pc
    if (from < 0 || flow.blockAt(from) < 0) from = pc
  }
  for (; from >= 0; from--) {
    const block = from < ir.rowOf.length ? flow.blockAt(from) : -1
    if (block >= 0) return block
  }
  return 0
}
