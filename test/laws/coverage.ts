/**
 * Which IR ops generated code executed, found from outside: the reference's path through the guest's
 * instructions, less the stretches that recomp's interpreter ran. Nothing that is compared changes.
 */
import type { Exit, Machine, Program } from 'alcatraz-vm'
import { At } from '#vm/arena/layout'
import { ArenaMemory } from '#vm/arena/memory'
import { liftProgram } from '#vm/engine/lifted'
import { InterpMachine } from '#vm/interp/machine'
import { type IrProgram, Mark, rowWords } from '#vm/ir/program'
import { irTable } from '#vm/ir/table'
import type { ReferenceState } from '#vm/reference/machine'
import { Trap } from '#vm/vm/exit'

/** How runs end; `suspended`: at a host call, and another engine went on from the saved state. */
export const endKinds: readonly string[] = [
  ...['halt', 'fault', 'outOfGas', 'host', 'suspended'],
  ...Object.keys(Trap),
]
export const opCount: number = irTable.length
/** In the order in which tallies have them. */
export const isaOrder: readonly Program['isa'][] = ['bpf', 'pvm', 'sbpf']

/** Runs by op and end: `counts[op * endKinds.length + end]`. */
export type Counts = Float64Array
export const noCounts = (): Counts => new Float64Array(opCount * endKinds.length)

/** The name of an end. */
export function endOf(exit: Exit): string {
  return exit.kind === 'trap' ? exit.trap : exit.kind
}

type Method = (this: object, ...args: unknown[]) => unknown

const isMethod = (value: unknown): value is Method => typeof value === 'function'
const isState = (value: unknown): value is ReferenceState =>
  typeof value === 'object' && value !== null && 'instructions' in value && 'pc' in value

const longestPath = 1 << 17

/** The machines of one program, looked at while they run. */
export class Watch {
  /** Pcs of the instructions that the reference executed in this run, in order. */
  private readonly path = new Int32Array(longestPath)
  private length = 0
  /** Stretches of the path that recomp's interpreter ran, as [from, to). */
  private stretches: number[] = []
  private state: ReferenceState | undefined
  private recomp: InterpMachine | undefined
  private ir: IrProgram | undefined
  /** Instructions that the machine had executed when the run began. */
  private before = 0
  /** Run that last saw a pc, or an op. */
  private seenPc = new Int32Array(0)
  private readonly seenOp = new Int32Array(opCount)
  private run = 0
  private readonly wrapped = new WeakSet<object>()

  /**
   * Looks at these two from now on; recomp's may be an interpreter altogether.
   * @param lifted ops of the program are counted here
   */
  watch(reference: Machine, recomp: Machine, lifted: Float64Array): void {
    const state: unknown = Reflect.get(reference, 'state')
    if (!isState(state)) throw new Error('coverage: the reference has another state now')
    this.state = state
    this.wrap(Object.getPrototypeOf(reference), 'step', (inner) => this.stepping(inner))
    this.wrap(InterpMachine.prototype, 'interpret', (inner) => this.interpreting(inner))
    const generated = recomp instanceof InterpMachine && recomp.stats.tiers['recomp'] !== undefined
    this.recomp = generated ? recomp : undefined
    this.ir = generated ? liftProgram(recomp.program) : undefined
    if (this.ir === undefined) return
    this.countLifted(this.ir, lifted, isaOrder.indexOf(recomp.program.isa) * opCount)
    if (this.seenPc.length < this.ir.rowOf.length)
      this.seenPc = new Int32Array(this.ir.rowOf.length + 1024)
  }

  private countLifted({ count, rows }: IrProgram, lifted: Float64Array, first: number): void {
    const run = ++this.run
    for (let row = 0; row < count; row++) {
      const op = rows[row * rowWords]! & 0xff
      if (this.seenOp[op] === run) continue
      this.seenOp[op] = run
      lifted[first + op]!++
    }
  }

  /** The machines are about to run. */
  begin(): void {
    this.length = 0
    this.stretches = []
    if (this.recomp !== undefined) this.before = Number(this.recomp.stats.instructions)
  }

  /** Adds the ops that generated code executed in the run. */
  count(counts: Counts, end: string): void {
    const { ir, path, seenOp, seenPc } = this
    if (ir === undefined) return
    const column = endKinds.indexOf(end)
    const run = ++this.run
    const { stretches } = this
    let next = 0
    for (let i = 0; i < this.length; i++) {
      while (next < stretches.length && stretches[next + 1]! <= i) next += 2
      if (next < stretches.length && stretches[next]! <= i) continue
      const pc = path[i]!
      if (seenPc[pc] === run) continue
      seenPc[pc] = run
      const first: number = ir.rowOf[pc] ?? -1
      if (first < 0) continue
      for (let row: number = first; row < ir.count && ir.pcOf[row] === pc; row++) {
        if ((ir.marks[row]! & Mark.outOfLine) !== 0) continue
        const op = ir.rows[row * rowWords]! & 0xff
        if (seenOp[op] === run) continue
        seenOp[op] = run
        counts[op * endKinds.length + column]!++
      }
    }
  }

  /** Puts `around` in place of a method of all machines of a kind. */
  private wrap(prototype: object, name: string, around: (inner: Method) => Method): void {
    if (this.wrapped.has(prototype)) return
    this.wrapped.add(prototype)
    const inner: unknown = Reflect.get(prototype, name)
    if (!isMethod(inner)) throw new Error(`coverage: there is no '${name}' to look at any more`)
    Reflect.set(prototype, name, around(inner))
  }

  private stepping(inner: Method): Method {
    const step = (machine: object): unknown => {
      const { state } = this
      if (state === undefined) return inner.call(machine)
      const { instructions, pc } = state
      const result = inner.call(machine)
      if (state.instructions !== instructions && this.length < longestPath)
        this.path[this.length++] = pc
      return result
    }
    return function () {
      return step(this)
    }
  }

  private interpreting(inner: Method): Method {
    const interpret = (machine: object, start: unknown, stop: unknown): unknown => {
      if (machine !== this.recomp || typeof start !== 'number')
        return inner.call(machine, start, stop)
      const from = this.executed() - this.paidAhead(start)
      const result = inner.call(machine, start, stop)
      const to = typeof result === 'number' ? this.executed() : longestPath
      this.stretches.push(from - this.before, to - this.before)
      return result
    }
    return function (start, stop) {
      return interpret(this, start, stop)
    }
  }

  private executed(): number {
    const memory = this.recomp?.memory
    if (!(memory instanceof ArenaMemory)) throw new Error('coverage: recomp has another memory now')
    return Number(memory.longs[At.executed >> 3])
  }

  /** Instructions from `row` to the end of its segment: counted already, unless the segment starts. */
  private paidAhead(row: number): number {
    const { ir } = this
    if (ir === undefined || (ir.marks[row]! & Mark.segment) !== 0) return 0
    // in the middle of an instruction: that one, too
    let count = (ir.marks[row]! & Mark.instruction) === 0 ? 1 : 0
    for (let at = row; at < ir.count; at++) {
      const marks = ir.marks[at]!
      if (at > row && (marks & (Mark.segment | Mark.outOfLine)) !== 0) break
      if ((marks & Mark.instruction) !== 0) count++
    }
    return count
  }
}
