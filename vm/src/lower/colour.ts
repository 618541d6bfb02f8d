import type { Interference } from './interference.ts'
import type { Target } from './machine.ts'

const State = { machine: 0, simplify: 1, freeze: 2, spill: 3, stacked: 4, joined: 5 } as const
const CopyState = { waiting: 0, active: 1, done: 2 } as const

/**
 * Chooses machine registers by colouring what interferes, and joins copies where that makes colouring no harder (George and
 * Appel, "Iterated Register Coalescing", 1996). Copies that stay, and hints, choose among free colours.
 */
class Colouring {
  readonly colours: Int32Array
  readonly spilled: number[] = []
  private readonly graph: Interference
  private readonly target: Target
  private readonly k: number
  private readonly first: number
  private readonly states: Uint8Array
  private readonly degrees: Int32Array
  private readonly joinedTo: Int32Array
  private readonly copyStates: Uint8Array
  /** Copies each register is in, by index. */
  private readonly copiesOf: number[][]
  private readonly hintsOf: number[][]
  private readonly simplifyList: number[] = []
  private readonly freezeList = new Set<number>()
  private readonly spillList = new Set<number>()
  private readonly waiting: number[]
  private readonly stack: number[] = []
  private readonly marks: Int32Array
  private mark = 0

  constructor(graph: Interference, target: Target) {
    const count = graph.neighbours.length
    this.graph = graph
    this.target = target
    this.k = target.allocatable.length
    this.first = target.registers
    this.colours = new Int32Array(count).fill(-1)
    for (let i = 0; i < this.first; i++) this.colours[i] = i
    this.states = new Uint8Array(count)
    this.degrees = Int32Array.from(graph.neighbours, ({ length }) => length)
    this.joinedTo = Int32Array.from({ length: count }, (_, i) => i)
    this.marks = new Int32Array(count)
    const { copies, hints } = graph
    this.copyStates = new Uint8Array(copies.length)
    this.copiesOf = Array.from({ length: count }, () => [])
    this.hintsOf = Array.from({ length: count }, () => [])
    copies.forEach(({ from, to }, i) => {
      this.copiesOf[from]!.push(i)
      if (to !== from) this.copiesOf[to]!.push(i)
    })
    hints.forEach(({ from, to }, i) => {
      this.hintsOf[from]!.push(i)
      if (to !== from) this.hintsOf[to]!.push(i)
    })
    this.waiting = copies.map((_, i) => i).sort((x, y) => copies[x]!.weight - copies[y]!.weight)
  }

  run(): void {
    for (let node = this.first; node < this.states.length; node++) this.file(node)
    for (;;) {
      const simple = this.simplifyList.pop()
      if (simple !== undefined) {
        if (this.states[simple] === State.simplify) this.simplify(simple)
        continue
      }
      const copy = this.waiting.pop()
      if (copy !== undefined) {
        this.coalesce(copy)
        continue
      }
      const frozen = this.freezeList.values().next()
      if (frozen.done !== true) {
        this.freezeList.delete(frozen.value)
        this.toSimplify(frozen.value)
        this.freezeCopies(frozen.value)
        continue
      }
      if (this.spillList.size === 0) break
      this.chooseSpill()
    }
    this.assign()
  }

  /** Puts a register into the list it belongs to now. */
  private file(node: number): void {
    if (this.degrees[node]! >= this.k) {
      this.states[node] = State.spill
      this.spillList.add(node)
    } else if (this.hasCopies(node)) {
      this.states[node] = State.freeze
      this.freezeList.add(node)
    } else {
      this.toSimplify(node)
    }
  }

  private toSimplify(node: number): void {
    this.states[node] = State.simplify
    this.simplifyList.push(node)
  }

  private hasCopies(node: number): boolean {
    return this.copiesOf[node]!.some((i) => this.copyStates[i] !== CopyState.done)
  }

  private isGone(node: number): boolean {
    const state = this.states[node]!
    return state === State.stacked || state === State.joined
  }

  private simplify(node: number): void {
    this.states[node] = State.stacked
    this.stack.push(node)
    for (const other of this.graph.neighbours[node]!) if (!this.isGone(other)) this.lower(other)
  }

  private lower(node: number): void {
    if (node < this.first) return
    const degree = this.degrees[node]!--
    if (degree !== this.k) return
    this.wake(node)
    for (const other of this.graph.neighbours[node]!) if (!this.isGone(other)) this.wake(other)
    this.spillList.delete(node)
    if (this.states[node] !== State.spill) return
    this.file(node)
  }

  /** Copies of a register that did not fit may do now. */
  private wake(node: number): void {
    for (const i of this.copiesOf[node]!) {
      if (this.copyStates[i] !== CopyState.active) continue
      this.copyStates[i] = CopyState.waiting
      this.waiting.push(i)
    }
  }

  private find(node: number): number {
    let at = node
    while (this.joinedTo[at] !== at) at = this.joinedTo[at]!
    return at
  }

  private coalesce(i: number): void {
    const copy = this.graph.copies[i]!
    const x = this.find(copy.to)
    const y = this.find(copy.from)
    const [keep, drop] = y < this.first ? [y, x] : [x, y]
    if (keep === drop) {
      this.copyStates[i] = CopyState.done
      this.maybeSimplify(keep)
    } else if (drop < this.first || this.graph.has(keep, drop) || !this.mayBe(keep)) {
      this.copyStates[i] = CopyState.done
      this.maybeSimplify(keep)
      this.maybeSimplify(drop)
    } else if (keep < this.first ? this.fitsMachine(keep, drop) : this.fits(keep, drop)) {
      this.copyStates[i] = CopyState.done
      this.join(keep, drop)
      this.maybeSimplify(keep)
    } else {
      this.copyStates[i] = CopyState.active
    }
  }

  /** Values are in allocatable registers only. */
  private mayBe(node: number): boolean {
    return node >= this.first || this.target.allocatable.includes(node)
  }

  private maybeSimplify(node: number): void {
    if (node < this.first || this.states[node] !== State.freeze) return
    if (this.degrees[node]! >= this.k || this.hasCopies(node)) return
    this.freezeList.delete(node)
    this.toSimplify(node)
  }

  /** George: all neighbours of `drop` are easy, or interfere with the machine register already. */
  private fitsMachine(keep: number, drop: number): boolean {
    for (const other of this.graph.neighbours[drop]!) {
      if (this.isGone(other) || other < this.first) continue
      if (this.degrees[other]! >= this.k && !this.graph.has(other, keep)) return false
    }
    return true
  }

  /** Briggs: fewer than k neighbours of both together are hard. */
  private fits(x: number, y: number): boolean {
    const { neighbours } = this.graph
    const mark = ++this.mark
    let hard = 0
    const count = (node: number, other: number): void => {
      for (const next of neighbours[node]!) {
        if (this.isGone(next) || this.marks[next] === mark) continue
        this.marks[next] = mark
        const both = this.graph.has(next, other) ? 1 : 0
        if (next < this.first || this.degrees[next]! - both >= this.k) hard++
      }
    }
    count(x, y)
    count(y, x)
    return hard < this.k
  }

  private join(keep: number, drop: number): void {
    if (this.states[drop] === State.freeze) this.freezeList.delete(drop)
    else this.spillList.delete(drop)
    this.states[drop] = State.joined
    this.joinedTo[drop] = keep
    for (const i of this.copiesOf[drop]!) this.copiesOf[keep]!.push(i)
    for (const i of this.hintsOf[drop]!) this.hintsOf[keep]!.push(i)
    this.graph.costs[keep]! += this.graph.costs[drop]!
    this.wake(drop)
    for (const other of this.graph.neighbours[drop]!) {
      if (this.isGone(other)) continue
      if (this.graph.add(keep, other)) {
        if (keep >= this.first) this.degrees[keep]!++
        if (other >= this.first) this.degrees[other]!++
      }
      this.lower(other)
    }
    if (keep >= this.first && this.degrees[keep]! >= this.k && this.states[keep] === State.freeze) {
      this.freezeList.delete(keep)
      this.states[keep] = State.spill
      this.spillList.add(keep)
    }
  }

  private freezeCopies(node: number): void {
    for (const i of this.copiesOf[node]!) {
      if (this.copyStates[i] === CopyState.done) continue
      this.copyStates[i] = CopyState.done
      const copy = this.graph.copies[i]!
      const to = this.find(copy.to)
      const other = to === this.find(node) ? this.find(copy.from) : to
      this.maybeSimplify(other)
    }
  }

  private chooseSpill(): void {
    let best = -1
    let least = Number.POSITIVE_INFINITY
    for (const node of this.spillList) {
      const cost = this.graph.costs[node]! / this.degrees[node]!
      if (best >= 0 && cost >= least) continue
      least = cost
      best = node
    }
    this.spillList.delete(best)
    this.toSimplify(best)
    this.freezeCopies(best)
  }

  /** For each colour how good it is for a register, in `scores`. */
  private score(node: number, scores: Float64Array): void {
    const { copies, hints } = this.graph
    const add = (x: number, y: number, weight: number): void => {
      const a = this.find(x)
      const other = a === node ? this.find(y) : a
      const colour = this.colours[other]!
      if (colour >= 0) scores[colour]! += weight
    }
    for (const i of this.copiesOf[node]!) add(copies[i]!.to, copies[i]!.from, copies[i]!.weight * 2)
    for (const i of this.hintsOf[node]!) add(hints[i]!.to, hints[i]!.from, hints[i]!.weight)
  }

  private assign(): void {
    const scores = new Float64Array(this.first)
    const taken = new Uint8Array(this.first)
    for (let node = this.stack.pop(); node !== undefined; node = this.stack.pop()) {
      taken.fill(0)
      scores.fill(0)
      for (const other of this.graph.neighbours[node]!) {
        const colour = this.colours[this.find(other)]!
        if (colour >= 0) taken[colour] = 1
      }
      this.score(node, scores)
      let best = -1
      for (const colour of this.target.allocatable) {
        if (taken[colour] === 0 && (best < 0 || scores[colour]! > scores[best]!)) best = colour
      }
      if (best < 0) this.spilled.push(node)
      else this.colours[node] = best
    }
    for (let node = this.first; node < this.colours.length; node++) {
      if (this.states[node] === State.joined) this.colours[node] = this.colours[this.find(node)]!
    }
  }

  /** Spilled registers with all that were joined with them. */
  groups(): number[][] {
    const members = new Map<number, number[]>(this.spilled.map((node) => [node, [node]]))
    for (let node = this.first; node < this.states.length; node++) {
      if (this.states[node] === State.joined) members.get(this.find(node))?.push(node)
    }
    return [...members.values()]
  }
}

/**
 * A machine register for each register, -1 for those that must be kept in memory; `spilled`: sets of them that share a place.
 * O(n log n) in practice, for n interfering pairs
 */
export function colour(
  graph: Interference,
  target: Target,
): { readonly colours: Int32Array; readonly spilled: readonly (readonly number[])[] } {
  const colouring = new Colouring(graph, target)
  colouring.run()
  return { colours: colouring.colours, spilled: colouring.groups() }
}
