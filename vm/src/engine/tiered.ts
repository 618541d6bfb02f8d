import { At } from '../arena/layout.ts'
import { InterpMachine } from '../interp/machine.ts'
import { patchOp } from '../interp/writer.ts'
import { type IrProgram, Mark } from '../ir/program.ts'
import { type Generated, generate } from '../recomp/module.ts'
import { Status } from '../recomp/parts.ts'
import type { Exit } from '../vm/exit.ts'
import type { Engine, MachineStats } from '../vm/machine.ts'
import type { Program } from '../vm/program.ts'
import { liftProgram } from './lifted.ts'

/** Wasm frames open at one time; Node 20's stack holds about 4,000 of the largest. */
const frameBudget = 400
/**
 * Gas handed to generated code at a time, doubled from the first to the last: V8 replaces baseline
 * code by optimised code only where a function is entered again.
 */
const firstSlice = 1n << 18n
const lastSlice = 1n << 27n
/**
 * Instructions are counted down in the low half of the gas word. The most a slice can execute is 16
 * for each gas (the pipeline model's 4 a cycle, with 3 cycles of slack), 2^31 in all.
 */
const countBase = 0xffff_ffffn

type Run = (place: number, depth: number, budget: number) => number

interface Artifact extends Generated {
  readonly module: WebAssembly.Module
}
const artifacts = new WeakMap<IrProgram, Artifact | null>()

function artifactOf(ir: IrProgram): Artifact | null {
  let artifact = artifacts.get(ir)
  if (artifact === undefined) {
    artifact = compile(ir)
    artifacts.set(ir, artifact)
  }
  return artifact
}

/** A limit of the host's compiler, or its memory, is no program's fault: null leaves it to interp. */
function compile(ir: IrProgram): Artifact | null {
  try {
    const generated = generate(ir)
    if (generated === undefined) return null
    return { ...generated, module: new WebAssembly.Module(generated.bytes) }
  } catch {
    return null
  }
}

/** A program as WebAssembly; what is unusual is left to the interpreter, with the exact state. */
class TieredMachine extends InterpMachine {
  private readonly artifact: Artifact
  private readonly generated: Run
  private slice = firstSlice
  private inGenerated = 0n

  constructor(program: Program, ir: IrProgram, artifact: Artifact, gas: bigint) {
    super(program, ir, gas)
    this.artifact = artifact
    const { memory } = this.cell
    const instance = new WebAssembly.Instance(artifact.module, { e: { memory } })
    this.generated = instance.exports['run'] as Run
    this.guest.words.set(artifact.jumpPlaces, this.layout.jumpEntries >> 2)
    this.guest.words.set(artifact.functionEntries, this.layout.functionEntries >> 2)
    for (let row = 0; row < ir.count; row++) if (this.isPatched(row)) this.patch(row, patchOp)
  }

  /**
   * Does interp stop here for generated code to go on. Not where a segment was cut: when gas ends
   * within the segment, interp must get there.
   */
  private isPatched(row: number): boolean {
    const { marks, metering } = this.ir
    if (this.artifact.places[row]! < 0) return false
    return metering === 'block' || (marks[row]! & Mark.segment) !== 0
  }

  protected override tiersOf(instructions: bigint): MachineStats['tiers'] {
    // a block that is left early was counted whole, and then handed over
    const recomp = this.inGenerated < instructions ? this.inGenerated : instructions
    return { recomp, interp: instructions - recomp }
  }

  protected override loop(start: number, stop: number): Exit {
    const { places } = this.artifact
    let row = start
    let until = stop
    for (;;) {
      if (until < 0 && places[row]! >= 0) {
        const next = this.runGenerated(row)
        if (next >= 0) {
          row = next
          continue
        }
        row = -2 - next
      }
      const patched = this.isPatched(row)
      if (patched) this.unpatch(row)
      const end = this.interpret(row, until)
      if (patched) this.patch(row, patchOp)
      if (typeof end !== 'number') return end
      row = end
      until = -1
    }
  }

  /** Runs generated code from an entry; the row to try next, or -2 - row for the interpreter. */
  private runGenerated(row: number): number {
    const { guest } = this
    const whole = this.reserve
    const given = whole < this.slice ? whole : this.slice
    if (this.slice < lastSlice) this.slice *= 2n
    this.reserve = whole - given
    guest.longs[At.gas >> 3] = (given << 32n) | countBase
    const status = this.generated(
      this.artifact.places[row]!,
      guest.words[At.depth >> 2]!,
      frameBudget,
    )
    const left = guest.longs[At.gas >> 3]!
    this.reserve += left >> 32n
    const instructions = countBase - (left & countBase)
    this.inGenerated += instructions
    this.guest.longs[At.executed >> 3]! += instructions
    if (status === Status.returned) return this.popFrame()
    const at = guest.words[At.exitRow >> 2]!
    return status === Status.gas && given < whole ? at : -2 - at
  }

  /** Completes the return of a function that was not called from generated code. */
  private popFrame(): number {
    const { guest, ir, layout } = this
    const { calls } = ir
    if (calls.kind !== 'managed') throw new Error('internal: a return without frames')
    const depth = guest.words[At.depth >> 2]! - 1
    guest.words[At.depth >> 2] = depth
    const at = layout.frames + depth * layout.frameBytes
    for (let i = 0; i < calls.saved; i++)
      guest.longs[(At.registers >> 3) + calls.first + i] = guest.longs[(at >> 3) + 1 + i]!
    return guest.words[at >> 2]! >> 4
  }
}

/**
 * Generated code for every program that is within the recompiler's limits; the interpreter else.
 * @example recompEngine.instantiate(program, { gas: 1_000_000n }).run()
 */
export const recompEngine: Engine = {
  name: 'recomp',
  instantiate(program, { gas }) {
    const ir = liftProgram(program)
    const artifact = artifactOf(ir)
    return artifact === null
      ? new InterpMachine(program, ir, gas)
      : new TieredMachine(program, ir, artifact, gas)
  },
}
