import { At } from '../arena/layout.ts'
import { InterpMachine, interpSlice } from '../interp/machine.ts'
import { patchOp } from '../interp/writer.ts'
import { type IrProgram, Mark, rowWords } from '../ir/program.ts'
import { Op } from '../ir/table.ts'
import { exitWords, statusBits } from '../recomp/exits.ts'
import { chargeWord, gasWord, largestSlice, readGasWord } from '../recomp/gas.ts'
import { Status } from '../recomp/parts.ts'
import type { CodeOrigin, CodeStats } from '../vm/code-stats.ts'
import type { Exit } from '../vm/exit.ts'
import type { MachineStats } from '../vm/machine.ts'
import type { Program } from '../vm/program.ts'
import { type Artifact, refusalOf } from './artifact.ts'
import type { ProgramCode } from './cache.ts'
import type { HostStack } from './host-stack.ts'
import { Leaves } from './leaves.ts'

/**
 * Gas handed to generated code at a time, doubled up to `largestSlice`: V8 replaces baseline code by
 * optimised code only where a function is entered again.
 */
const firstSlice = 1n << 18n
type Run = (place: number, depth: number, budget: number) => number

/** What a machine asks of its engine. */
export interface Tier {
  readonly stack: HostStack
  /** Gas of the interpreter's first slice while a program may still become hot. */
  readonly look: bigint
  /**
   * The program's generated code, if there is some or if it is worth its price by now.
   * @param work instructions that were interpreted since the machine last asked
   */
  codeFor(program: Program, ir: IrProgram, code: ProgramCode, work: number): Artifact | undefined
  /** False: no code will ever come, there is no need to ask. */
  mayGet(code: ProgramCode): boolean
}

/** Where a machine's code came from, as of when it got it. */
interface Adopted {
  readonly origin: CodeOrigin
  readonly since: bigint
  readonly emit: number
  readonly compile: number
  readonly bytes: number
}

/**
 * A program that is interpreted until there is generated code for it, and then runs that; what is
 * unusual is always left to the interpreter, with the exact state.
 */
export class TieredMachine extends InterpMachine {
  private readonly tier: Tier
  private readonly known: ProgramCode
  private readonly leaves = new Leaves()
  private artifact: Artifact | undefined
  private generated: Run | undefined
  private adopted: Adopted | undefined
  private refusal: string | undefined
  private slice = firstSlice
  private inGenerated = 0n
  /** Interpreted instructions that the engine knows of. */
  private reported = 0n

  /** @param found the code was there before this machine was asked for */
  constructor(
    program: Program,
    ir: IrProgram,
    code: ProgramCode,
    tier: Tier,
    gas: bigint,
    found: boolean,
  ) {
    super(program, ir, gas, code.artifact)
    this.tier = tier
    this.known = code
    const artifact = tier.codeFor(program, ir, code, 0)
    if (artifact !== undefined) this.adopt(artifact, found)
    else if (tier.mayGet(code)) this.sliceGas = tier.look
  }

  /** Goes over to generated code. The host may have no memory for it: then nothing changes. */
  private adopt(artifact: Artifact, found: boolean): void {
    const { known } = this
    this.sliceGas = interpSlice
    if (this.cell.code?.source !== artifact) {
      try {
        const instance = new WebAssembly.Instance(artifact.module, {
          e: { memory: this.cell.memory },
        })
        this.cell.code = { source: artifact, instance }
      } catch (error) {
        this.refusal = refusalOf(error).refusal
        return
      }
      this.prepareRows(artifact)
    }
    this.generated = this.cell.code.instance.exports['run'] as Run
    this.artifact = artifact
    this.adopted = {
      origin: found ? 'memory' : (known.origin ?? 'none'),
      since: this.guest.longs[At.executed >> 3]!,
      emit: found ? 0 : known.emit,
      compile: found ? 0 : known.compile,
      bytes: artifact.bytes,
    }
  }

  private prepareRows(artifact: Artifact): void {
    const { jumpPlaces, functionEntries, places } = artifact.tables
    this.guest.words.set(jumpPlaces, this.layout.jumpEntries >> 2)
    this.guest.words.set(functionEntries, this.layout.functionEntries >> 2)
    for (let row = 0; row < places.length; row++)
      if (this.isPatched(places, row)) this.patch(row, patchOp)
  }

  /**
   * Does interp stop here for generated code to go on. Not where a segment was cut: when gas ends
   * within the segment, interp must get there.
   */
  private isPatched(places: Int32Array, row: number): boolean {
    const { marks, metering } = this.ir
    if (places[row]! < 0) return false
    return metering === 'block' || (marks[row]! & Mark.segment) !== 0
  }

  protected override tiersOf(instructions: bigint): MachineStats['tiers'] {
    if (this.adopted === undefined) return { interp: instructions }
    // a block that is left early was counted whole, and then handed over
    const recomp = this.inGenerated < instructions ? this.inGenerated : instructions
    return { recomp, interp: instructions - recomp }
  }

  protected override codeStats(): CodeStats {
    const { adopted, known, leaves } = this
    const refusal = this.refusal ?? (adopted === undefined ? known.refusal : undefined)
    return {
      ...(adopted ?? { origin: 'none', emit: 0, compile: 0, bytes: 0 }),
      ...(refusal !== undefined && { refusal }),
      leaves: leaves.table,
    }
  }

  /** Tells the engine what was interpreted; goes over to generated code when it has some. */
  private report(): boolean {
    if (this.artifact !== undefined || this.refusal !== undefined) return false
    const executed = this.guest.longs[At.executed >> 3]!
    const work = Number(executed - this.reported)
    this.reported = executed
    const { known } = this
    const made = known.artifact !== undefined
    const artifact = this.tier.codeFor(this.program, this.ir, known, work)
    if (artifact === undefined) return false
    this.adopt(artifact, made)
    return this.artifact !== undefined
  }

  /** Between two slices of the interpreter. */
  protected override pauses(): boolean {
    if (this.sliceGas < interpSlice) this.sliceGas *= 2n
    return this.report()
  }

  protected override loop(start: number, stop: number): Exit {
    const { ir } = this
    let row = start
    let until = stop
    for (;;) {
      const places = this.artifact?.tables.places
      if (places !== undefined && until < 0 && places[row]! >= 0) {
        const next = this.runGenerated(row)
        if (next >= 0) {
          row = next
          continue
        }
        row = -2 - next
        // a host call needs no interpreter: it was paid and counted before generated code left
        if ((ir.rows[row * rowWords]! & 0xff) === Op.host)
          return this.called(ir.rows[row * rowWords + 1]! >>> 0, row)
      }
      const patched = places !== undefined && this.isPatched(places, row)
      if (patched) this.unpatch(row)
      const end = this.interpret(row, until)
      if (patched) this.patch(row, patchOp)
      if (typeof end !== 'number') {
        this.report()
        return end
      }
      row = end
      until = -1
    }
  }

  /** Runs generated code from an entry; the row to try next, or -2 - row for the interpreter. */
  private runGenerated(row: number): number {
    const { artifact, generated, guest, ir, leaves, tier } = this
    const frames = tier.stack.enter()
    const whole = this.reserve
    const given = whole < this.slice ? whole : this.slice
    const { exits, gasShift } = artifact!.tables
    if (this.slice < largestSlice(gasShift)) this.slice *= 2n
    this.reserve = whole - given
    guest.longs[At.gas >> 3] = gasWord(given, gasShift)
    let status: number
    try {
      let place = artifact!.tables.places[row]!
      for (;;) {
        status = generated!(place, guest.words[At.depth >> 2]!, frames)
        if (status !== Status.goto) break
        this.completeFrames(this.exitAt())
        place = guest.words[At.goto >> 2]!
      }
    } finally {
      tier.stack.leave()
    }
    const out = this.exitAt()
    let word = guest.longs[At.gas >> 3]!
    if (status !== Status.returned) word -= chargeWord(exits[out + 2]!, exits[out + 3]!, gasShift)
    const { gas, instructions } = readGasWord(word, given, gasShift)
    this.reserve += gas
    this.inGenerated += instructions
    this.guest.longs[At.executed >> 3]! += instructions
    const at = exits[out]!
    leaves.note(status, ir.rows[at * rowWords]! & 0xff, given < whole)
    if (status === Status.returned) return this.popFrame()
    this.completeFrames(out)
    return status === Status.gas && given < whole ? at : -2 - at
  }

  /** Where the way by which generated code was left stands in its table. */
  private exitAt(): number {
    return (this.guest.words[At.exitInfo >> 2]! >>> statusBits) * exitWords
  }

  /**
   * Frames and homes take registers that a function did not touch from the frame below; where callees
   * declare their arguments, all but the frame pointer are zero, other than where it was entered.
   */
  private completeFrames(out: number): void {
    const { artifact, guest, ir, layout } = this
    const { calls } = ir
    if (calls.kind !== 'managed') return
    const { longs, words } = guest
    let below = At.savedThen >> 3
    let zero = false
    let own = 0n
    const pointer = calls.saved - 1
    const complete = (at: number, has: number): void => {
      for (let i = 0; i < calls.saved; i++) {
        if (((has >>> i) & 1) !== 0) continue
        if (zero) longs[at + i] = i === pointer ? longs[below + i]! - own : 0n
        else longs[at + i] = longs[below + i]!
      }
    }
    const depth = words[At.depth >> 2]!
    for (let d = words[At.entered >> 2]!; d < depth; d++) {
      const frame = layout.frames + d * layout.frameBytes
      complete((frame >> 3) + 1, words[(frame >> 2) + 1]!)
      below = (frame >> 3) + 1
      zero = calls.declared === true
      if (zero) own = BigInt(ir.rows[(words[frame >> 2]! >> 2) - rowWords + 1]!)
    }
    complete((At.registers >> 3) + calls.first, artifact!.tables.exits[out + 1]!)
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
