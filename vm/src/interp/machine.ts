import { arenaMemory } from '../arena/kinds.ts'
import { At, codeBase, type Layout } from '../arena/layout.ts'
import type { ArenaMemory, LinearMemory, PagedMemory } from '../arena/memory.ts'
import type { RegionMemory } from '../arena/regions.ts'
import { assert } from '../bits/errors.ts'
import { accessOf } from '../ir/accesses.ts'
import { restOf } from '../ir/gas.ts'
import { type FixedFrames, type IrProgram, Mark, rowWords } from '../ir/program.ts'
import { Op, zeroRegister } from '../ir/table.ts'
import type { CodeStats } from '../vm/code-stats.ts'
import { type Access, type Exit, Trap, trapName } from '../vm/exit.ts'
import { HostedMachine } from '../vm/hosted.ts'
import {
  checkGas,
  checkPc,
  type MachineState,
  type MachineStats,
  type Registers,
} from '../vm/machine.ts'
import type { Program } from '../vm/program.ts'
import { checkState } from '../vm/state.ts'
import {
  type Assisted,
  cell,
  completeAccess,
  completeMemset,
  completePacket,
  completeRegionAccess,
  completeSbrk,
} from './assist.ts'
import { type Cell, giveCell, poolLimits, takeCell } from './host.ts'
import {
  activationsOf,
  partsOf,
  putActivations,
  putHeader,
  putProgram,
  putSlots,
} from './program-memory.ts'
import { registersAt, registerView } from './registers.ts'
import { ExitCode, patchOp } from './writer.ts'

/**
 * Gas handed to the Wasm loop at a time. V8 replaces baseline code by optimised code only between
 * calls of a function, so a run must come back now and then; 2^20 is some milliseconds.
 */
export const interpSlice: bigint = 1n << 20n

/** A program in the Wasm-hosted interpreter. */
export class InterpMachine extends HostedMachine {
  override readonly program: Program
  override readonly registers: Registers
  readonly ir: IrProgram
  protected readonly cell: Cell
  protected readonly layout: Layout
  protected readonly guest: ArenaMemory
  protected readonly code: number
  /** Gas not handed to the loop. */
  protected reserve: bigint
  private position: number
  /** The row at `position` is the next to run; -1: enter afresh at `position`. */
  private row = -1
  /** What is at `position` is paid: its block, or its instruction (`MachineState.charged`). */
  private charged = false

  /**
   * @param source of generated code that is wanted with the memory, if there is one that has it
   * @throws {MachineLimitError} when the host has no memory for it
   */
  constructor(program: Program, ir: IrProgram, gas: bigint, source?: object) {
    super()
    this.program = program
    this.ir = ir
    this.reserve = checkGas(gas)
    this.position = 0
    this.cell = takeCell(ir, source)
    const { layout, shape } = this.cell.place
    this.layout = layout
    this.code = codeBase(shape.memory)
    const { loaded, memory, views } = this.cell
    this.guest = arenaMemory(memory, ir.memory, layout.guest, views, loaded)
    if (!loaded) {
      putProgram(this.guest, ir, layout, this.code)
      this.cell.loaded = true
    }
    putHeader(this.guest, ir, layout)
    putSlots(this.guest, layout)
    this.registers = registerView(ir, this.guest, () => this.checkKept('use its registers'))
  }

  override get memory(): ArenaMemory {
    this.checkKept('use its memory')
    return this.guest
  }

  override get gas(): bigint {
    return this.reserve
  }

  override set gas(gas: bigint) {
    this.reserve = checkGas(gas)
  }

  override get pc(): number {
    return this.position
  }

  override set pc(pc: number) {
    this.standAt(checkPc(pc))
    putSlots(this.guest, this.layout)
  }

  /** The next run enters at `pc`, in the running activation. */
  private standAt(pc: number): void {
    this.position = pc
    this.row = -1
    this.charged = false
  }

  override get stats(): MachineStats {
    this.checkKept('count')
    const whole = this.guest.longs[At.executed >> 3]!
    const ahead = this.row > 0 ? restOf(this.ir, this.row - 1, -1).instructions : 0
    const instructions = whole - BigInt(ahead)
    const code = this.codeStats()
    const tiers = this.tiersOf(instructions)
    return code === undefined ? { instructions, tiers } : { instructions, tiers, code }
  }

  /** What became of its generated code, if the engine makes some. */
  protected codeStats(): CodeStats | undefined {
    return undefined
  }

  /** Who executed so many instructions. */
  protected tiersOf(instructions: bigint): MachineStats['tiers'] {
    return { interp: instructions }
  }

  protected override leg(): Exit {
    let row = this.row
    if (row < 0) {
      const entered = this.enter()
      if (typeof entered !== 'number') return entered
      row = entered
    }
    return this.loop(row, this.stopAt)
  }

  /** Gas of the next slice. */
  protected sliceGas: bigint = interpSlice

  /** A row patched for the run that starts now, or -1. */
  private stopAt = -1

  /** Resolves `position` to a row and pays for a segment that is entered in its middle. */
  private enter(): number | Exit {
    const { ir, position } = this
    const row = ir.rowOf[position] ?? -1
    if (row < 0) {
      const { calls } = ir
      const stray = calls.kind === 'managed' && calls.fixed && this.stray(calls.fixed)
      if (stray) return stray
      if (ir.rules.pcZeroAtEnd) this.standAt(0)
      this.charged = false
      return { kind: 'trap', trap: trapName(ir.badEntry), pc: position }
    }
    const starts = (ir.marks[row]! & Mark.segment) !== 0
    if (ir.metering === 'none') return row
    if (this.charged && ir.metering === 'block') {
      this.count(restOf(this.ir, row - (starts ? 0 : 1), -1).instructions)
      return starts ? row + 1 : row
    }
    if (starts && !this.charged) return row
    if (ir.metering === 'instruction')
      return this.payInstructions(starts ? row + 1 : row, this.charged)
    let charge = row
    while ((ir.marks[charge]! & Mark.segment) === 0) charge--
    const cost = BigInt(ir.rows[charge * rowWords + 1]! >>> 0)
    if (!ir.rules.freeMidBlockEntry) {
      if (this.reserve < cost) return this.outOfGas(row)
      this.reserve -= cost
    }
    this.charged = true
    this.count(restOf(this.ir, row - 1, -1).instructions)
    return row
  }

  /** Pays for and executes what is no instruction at a place without a row (`FixedFrames`). */
  private stray({ cost, places }: FixedFrames): Exit | undefined {
    const { ir, position } = this
    if (!Number.isInteger(position) || position < 0 || position >= places) return undefined
    const price = this.charged ? 0n : BigInt(cost)
    if (this.reserve < price) return { kind: 'outOfGas', pc: position }
    this.reserve -= price
    this.count(1)
    this.charged = true
    return { kind: 'trap', trap: trapName(ir.badEntry), pc: position }
  }

  /** Opens a frame for a `callr` whose target the table lacks, and enters there: a row, or an exit. */
  private callStray(row: number): number | Exit {
    const { guest, ir, layout } = this
    const { calls } = ir
    assert(calls.kind === 'managed' && calls.fixed !== undefined, 'interp: callr has its target')
    const { longs, words } = guest
    const depth = words[At.depth >> 2]!
    if (depth >= calls.maxDepth) return this.trapped(Trap.callDepth, row, -1)
    const value = longs[registersAt + ((ir.rows[row * rowWords]! >>> 16) & 0xff)]!
    const place = BigInt.asUintN(64, value - calls.functions.base) >> BigInt(calls.functions.shift)
    if (place >= BigInt(calls.fixed.places)) return this.trapped(Trap.invalidCall, row, -1)
    const at = layout.frames + depth * layout.frameBytes
    words[at >> 2] = (row + 1) * 16
    const first = registersAt + calls.first
    for (let i = 0; i < calls.saved; i++) longs[(at >> 3) + 1 + i] = longs[first + i]!
    const framePointer = first + calls.saved - 1
    longs[framePointer] = longs[framePointer]! + BigInt(calls.fixed.step)
    words[At.depth >> 2] = depth + 1
    this.standAt(Number(place))
    return this.enter()
  }

  /** Goes a row through a register to where its table has nothing, as its program may. */
  private strays(code: number, row: number): boolean {
    const op = this.ir.rows[row * rowWords]! & 0xff
    if (code === ExitCode.assist) return op === Op.callr
    return code === ExitCode.trap && op === Op.jump32 && this.ir.rules.jumpsAnywhere
  }

  /** Enters where a `jump32` goes that the table lacks: a row, or an exit. */
  private jumpStray(row: number): number | Exit {
    const { guest, ir } = this
    const { base, rows, shift } = ir.jumps
    const at = row * rowWords
    const register = (ir.rows[at]! >>> 16) & 0xff
    const value = register === zeroRegister ? 0n : guest.longs[registersAt + register]!
    const address = BigInt.asUintN(32, value + BigInt(ir.rows[at + 3]!))
    const index = Number((address - base) >> BigInt(shift))
    const pc = index * 2 ** shift
    if (index < 0 || index >= rows.length || (ir.rowOf[pc] ?? -1) < 0)
      return this.trapped(Trap.invalidJump, row, -1)
    this.standAt(pc)
    return this.enter()
  }

  protected count(instructions: number): void {
    this.guest.longs[At.executed >> 3]! += BigInt(instructions)
  }

  /** Pays for the instructions of a segment from `row` on; plans a stop where gas ends. */
  private payInstructions(row: number, firstIsPaid: boolean): number | Exit {
    const { ir } = this
    let gas = this.reserve
    let paid = 0
    let at = row
    for (; at < ir.count; at++) {
      const marks = ir.marks[at]!
      if (at > row && (marks & (Mark.segment | Mark.outOfLine)) !== 0) break
      if ((marks & Mark.instruction) === 0) continue
      const cost = firstIsPaid && paid === 0 ? 0n : BigInt(ir.costs[at]!)
      if (gas < cost) {
        if (paid === 0) return this.outOfGas(at)
        this.stopAt = at
        break
      }
      gas -= cost
      paid++
    }
    this.reserve = gas
    this.count(paid)
    return row
  }

  private outOfGas(row: number): Exit {
    this.standAt(this.ir.pcOf[row]!)
    if (this.ir.rules.outOfGasSpends) this.reserve = 0n
    return { kind: 'outOfGas', pc: this.position }
  }

  /** Runs from `start` to an exit; with `stop` >= 0 gas is paid up to that row of its segment. */
  protected loop(start: number, stop: number): Exit {
    const end = this.interpret(start, stop)
    assert(typeof end !== 'number', 'interp: no row is an entry')
    return end
  }

  /** As `loop`, but ends at a row that has been patched, too, and answers that row. */
  protected interpret(start: number, stop: number): Exit | number {
    const { cell, guest } = this
    this.stopAt = -1
    let row = start
    let need = 0n
    for (;;) {
      if (stop >= 0) this.patch(stop, patchOp)
      guest.longs[At.gas >> 3] = stop >= 0 ? 0n : this.give(need)
      const code = cell.run(row * 16)
      this.reserve += guest.longs[At.gas >> 3]!
      if (stop >= 0) this.unpatch(stop)
      row = guest.words[At.exitRow >> 2]!
      if (code === ExitCode.patched && row !== stop) return row
      if (this.strays(code, row)) {
        const entered = code === ExitCode.trap ? this.jumpStray(row) : this.callStray(row)
        if (typeof entered !== 'number') return entered
        if (this.stopAt >= 0) return this.interpret(entered, this.stopAt)
        row = entered
        need = 0n
        continue
      }
      const exit = this.exitOf(code, row, stop)
      if (exit !== undefined) return exit
      need = 0n
      if (code !== ExitCode.gas) row++
      else if (this.stopAt >= 0) return this.interpret(row + 1, this.stopAt)
      else {
        need = this.costAt(row)
        if (stop < 0 && this.pauses()) return row
      }
    }
  }

  /** Asked after each slice: shall `interpret` end at the row that comes next. */
  protected pauses(): boolean {
    return false
  }

  protected patch(row: number, op: number): void {
    this.guest.bytes[this.code + row * 16] = op
  }

  protected unpatch(row: number): void {
    this.patch(row, this.ir.rows[row * rowWords]! & 0xff)
  }

  private costAt(row: number): bigint {
    return BigInt(this.ir.rows[row * rowWords + 1]! >>> 0)
  }

  /** Moves a slice, or at least `need`, from the reserve to the loop. */
  private give(need: bigint): bigint {
    const wanted = need > this.sliceGas ? need : this.sliceGas
    const given = this.reserve < wanted ? this.reserve : wanted
    this.reserve -= given
    return given
  }

  /** What an exit of the loop means; undefined: completed, go on. */
  private exitOf(code: number, row: number, stop: number): Exit | undefined {
    const { guest } = this
    switch (code) {
      case ExitCode.halt:
        return this.halted(row, stop)
      case ExitCode.trap:
        return this.trapped(guest.words[At.exitInfo >> 2]! as Trap, row, stop)
      case ExitCode.memory:
        return this.memoryExit(row, stop)
      case ExitCode.gas:
        return this.gasExit(row)
      case ExitCode.host:
        return this.called(guest.words[At.exitInfo >> 2]! >>> 0, row)
      case ExitCode.assist:
        return this.assisted(row, stop)
      default:
        return this.outOfGas(row)
    }
  }

  /** The run stands at the host call of `row`. */
  protected called(id: number, row: number): Exit {
    const pc = this.ir.pcOf[row]!
    this.stay(row + 1)
    return { kind: 'host', id, pc }
  }

  /** The next run goes on at `row`. */
  private stay(row: number): void {
    this.position = this.ir.pcOf[row]!
    this.row = row
    if (this.ir.rowOf[this.position]! < 0) {
      this.count(-restOf(this.ir, row - 1, -1).instructions)
      this.row = -1
    }
    this.charged = this.ir.metering === 'block' && (this.ir.marks[row]! & Mark.segment) === 0
  }

  /** The run stops at the instruction of `row`; what its segment paid beyond it is given back. */
  private interrupted(row: number, stop: number): void {
    const rest = restOf(this.ir, row, stop)
    if (this.ir.metering === 'instruction') this.reserve += BigInt(rest.cost)
    this.guest.longs[At.executed >> 3]! -= BigInt(rest.instructions)
    this.position = this.ir.pcOf[row]!
    this.row = -1
    this.charged = true
  }

  private halted(row: number, stop: number): Exit {
    const pc = this.ir.pcOf[row]!
    this.interrupted(row, stop)
    if (this.ir.rules.pcZeroAtEnd) this.position = 0
    return { kind: 'halt', pc }
  }

  private trapped(trap: Trap, row: number, stop: number): Exit {
    const pc = this.ir.pcOf[row]!
    this.interrupted(row, stop)
    if (this.ir.rules.pcZeroAtEnd) this.position = 0
    return { kind: 'trap', trap: trapName(trap), pc }
  }

  private faulted(address: bigint, access: Access, row: number, stop: number): Exit {
    this.interrupted(row, stop)
    return { kind: 'fault', address, access, pc: this.position }
  }

  private memoryExit(row: number, stop: number): Exit | undefined {
    if (this.ir.memory.profile === 'linear32') {
      const { write } = accessOf(this.ir.rows[row * rowWords]! & 0xff)!
      return this.faulted(
        this.guest.longs[At.exitAddress >> 3]!,
        write ? 'write' : 'read',
        row,
        stop,
      )
    }
    if (this.ir.memory.profile === 'regions64')
      return this.finish(completeRegionAccess(this.ir, this.guest as RegionMemory, row), row, stop)
    return this.finish(completeAccess(this.ir, this.guest as PagedMemory, row), row, stop)
  }

  private gasExit(row: number): Exit | undefined {
    const cost = this.costAt(row)
    if (this.reserve >= cost) return undefined
    if (this.ir.metering === 'block') return this.outOfGas(row)
    const entered = this.payInstructions(row + 1, false)
    return typeof entered === 'number' ? undefined : entered
  }

  private assisted(row: number, stop: number): Exit | undefined {
    const { guest, ir } = this
    const op = ir.rows[row * rowWords]! & 0xff
    if (op === Op.packet) {
      const answer = completePacket(ir, guest as LinearMemory, row)
      return answer === 'halt' ? this.halted(row, stop) : undefined
    }
    if (op === Op.sbrk) return this.finish(completeSbrk(ir, guest as PagedMemory, row), row, stop)
    assert(op === Op.memset, 'interp: only packet, sbrk and memset are assisted')
    const done = completeMemset(ir, guest as PagedMemory, row, this.reserve)
    this.reserve = done.gas
    if (done.outcome !== 'outOfGas') return this.finish(done.outcome, row, stop)
    this.interrupted(row, stop)
    return { kind: 'outOfGas', pc: this.position }
  }

  private finish(outcome: Assisted, row: number, stop: number): Exit | undefined {
    if (outcome === 'done') return undefined
    if (outcome.kind === 'trap') return this.trapped(outcome.trap, row, stop)
    return this.faulted(outcome.address, outcome.access, row, stop)
  }

  override save(): MachineState {
    this.checkIdle('save')
    const { guest, ir } = this
    const registers: bigint[] = []
    for (let i = 0; i < ir.registers; i++) registers.push(guest.longs[registersAt + i]!)
    return {
      pc: this.position,
      gas: this.reserve,
      registers,
      ...activationsOf(guest, ir, this.layout, this.position),
      charged: this.charged,
      memorySize: guest.size,
      pages: guest.pages(),
    }
  }

  override restore(state: MachineState): void {
    this.checkIdle('restore')
    const { guest, ir, layout } = this
    checkState(state, partsOf(ir))
    guest.load(state.memorySize, state.pages)
    state.registers.forEach((value, i) => {
      guest.longs[registersAt + i] = cell(ir, value)
    })
    putActivations(guest, ir, layout, state)
    this.reserve = state.gas
    this.standAt(state.pc)
    this.charged = state.charged
  }

  protected override release(): void {
    // a leg that threw may have left a row patched
    if (!this.broken && this.guest.clear(poolLimits.cleared)) giveCell(this.cell, this.guest.bytes)
    this.guest.detach()
  }
}
