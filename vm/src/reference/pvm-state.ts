import { VerifyError } from '../bits/errors.ts'
import { blockStartsOf, hasBit } from '../isa/pvm/decode.ts'
import { type BlockCost, blockAround, type PvmSchedule, pvmSchedules } from '../isa/pvm/gas.ts'
import { validatePvm } from '../isa/pvm/validate.ts'
import { type PvmIsa, pvmIsa } from '../isa/pvm/versions.ts'
import type { Access, Exit, TrapName } from '../vm/exit.ts'
import { checkGas, type Frame } from '../vm/machine.ts'
import { nullZone, type PagedPlan } from '../vm/memory.ts'
import type { PvmProgram } from '../vm/program.ts'
import type { ReferenceState } from './machine.ts'
import { type ReferenceMemory, referenceMemory } from './memory.ts'

export const registerCount: number = 13
/** Gray Paper A.4: a dynamic jump to here halts. */
const haltAddress = 0xffff0000
/** Gray Paper A.4: dynamic addresses are multiples of this; the first entry's is one of it. */
const jumpAlignment = 2

const word = (value: bigint): bigint => BigInt.asUintN(64, value)

/** A running program: what the instructions in `pvm-steps.ts` read, change and end. */
export class PvmState implements ReferenceState {
  readonly program: PvmProgram
  readonly isa: PvmIsa
  readonly schedule: PvmSchedule
  readonly memory: ReferenceMemory
  readonly plan: PagedPlan
  /** Unsigned 64-bit values; of 32-bit programs sign-extended from 32 bits. */
  readonly values: bigint[] = Array.from({ length: registerCount }, () => 0n)
  readonly starts: Uint8Array
  gas: bigint
  frames: readonly Frame[] = []
  pc = 0
  /** Where execution goes on after the instruction at `pc`. */
  next = 0
  charged = false
  exit: Exit | undefined
  instructions = 0n
  private readonly costs = new Map<number, bigint>()

  constructor(program: PvmProgram, gas: bigint) {
    const { version, options, code, bitmask, memory } = program
    this.program = program
    this.isa = pvmIsa(version, options)
    if (options.validateWhole) validatePvm(this.isa, code, bitmask)
    const schedule = pvmSchedules.get(program.gas)
    if (schedule === undefined)
      throw new VerifyError('unknownSchedule', `no PVM gas schedule '${program.gas}'`, {
        value: program.gas,
      })
    this.schedule = schedule
    if (memory.profile !== 'paged32')
      throw new VerifyError('memoryProfile', 'PVM programs have paged memory', {
        value: memory.profile,
      })
    this.plan = memory
    this.memory = referenceMemory(memory)
    this.starts = blockStartsOf(code, bitmask, this.isa)
    this.gas = checkGas(gas)
  }

  get(register: number): bigint {
    return this.values[register]!
  }

  /** Assigns modulo the register width; 32-bit values are sign-extended. */
  set(register: number, value: bigint): void {
    const { width } = this.isa.features
    this.values[register] = word(width === 32 ? BigInt.asIntN(32, value) : value)
  }

  trap(trap: TrapName): void {
    this.exit = { kind: 'trap', trap, pc: this.pc }
  }

  isBlockStart(pc: number): boolean {
    return hasBit(this.starts, pc)
  }

  jump(target: number): void {
    if (this.isBlockStart(target)) this.next = target
    else this.trap('invalidJump')
  }

  /** `next` is the fall-through. */
  branch(taken: boolean, target: number): void {
    const { bothBranchTargets } = this.program.options
    if (bothBranchTargets && !(this.isBlockStart(target) && this.isBlockStart(this.next)))
      this.trap('invalidJump')
    else if (taken) this.jump(target)
  }

  /** Gray Paper A.4, `djump`. */
  dynamicJump(value: bigint): void {
    const address = Number(BigInt.asUintN(32, value))
    if (address === haltAddress) {
      this.exit = { kind: 'halt', pc: this.pc }
      return
    }
    const { jumpTable } = this.program
    const entry = address / jumpAlignment - 1
    if (address === 0 || address % jumpAlignment !== 0 || entry >= jumpTable.length)
      this.trap('invalidJump')
    else this.jump(jumpTable[entry]!)
  }

  /** Octets at `address` modulo 2^32, or undefined after ending the run. */
  load(address: bigint, size: number): bigint | undefined {
    const at = BigInt.asUintN(32, address)
    const bad = this.memory.denied(at, size, 'read')
    if (bad === undefined) return this.memory.load(at, size)
    this.refuse(bad, 'read')
    return undefined
  }

  /** Writes all octets, or none and ends the run (false). */
  store(address: bigint, size: number, value: bigint): boolean {
    const at = BigInt.asUintN(32, address)
    const bad = this.memory.denied(at, size, 'write')
    if (bad === undefined) this.memory.store(at, size, value)
    else this.refuse(bad, 'write')
    return bad === undefined
  }

  private refuse(bad: bigint, access: Access): void {
    const { nullPagePanics, pageFaults } = this.program.options
    if (nullPagePanics && bad < BigInt(nullZone)) this.trap('nullPage')
    else if (!pageFaults) this.trap('outOfBounds')
    else {
      const address = bad - (bad % BigInt(this.plan.pageSize))
      this.exit = { kind: 'fault', address, access, pc: this.pc }
    }
  }

  /** Ends the run for lack of gas. */
  outOfGas(): void {
    if (!this.program.options.outOfGasKeepsCounter) this.gas = 0n
    this.exit = { kind: 'outOfGas', pc: this.pc }
  }

  /** Takes gas for what is at `pc`, unless it was taken; false when there is too little. */
  charge(): boolean {
    if (this.charged) return true
    const { schedule } = this
    let cost: bigint
    if (schedule.kind === 'instruction') cost = BigInt(schedule.cost)
    else {
      const { code, bitmask, options } = this.program
      const block = blockAround(this.isa, code, bitmask, this.pc)
      const free = block !== this.pc && !options.midBlockEntryCharges
      cost = free ? 0n : this.blockCost(schedule.costOf, block)
    }
    if (cost > this.gas) {
      this.outOfGas()
      return false
    }
    this.gas -= cost
    this.charged = true
    return true
  }

  private blockCost(costOf: BlockCost, block: number): bigint {
    const { code, bitmask } = this.program
    let cost = this.costs.get(block)
    if (cost === undefined) {
      cost = BigInt(costOf(this.isa, code, bitmask, block))
      this.costs.set(block, cost)
    }
    return cost
  }
}
