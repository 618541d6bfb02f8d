import { VerifyError } from '../bits/errors.ts'
import type { RiscvDecoder } from '../isa/riscv/decode.ts'
import { riscvCost } from '../isa/riscv/gas.ts'
import { riscvDecoder } from '../isa/riscv/isa.ts'
import { CodeByte, instructionStarts } from '../isa/riscv/starts.ts'
import type { Access, Exit, TrapName } from '../vm/exit.ts'
import { checkGas, type Frame } from '../vm/machine.ts'
import type { PagedPlan } from '../vm/memory.ts'
import type { RiscvProgram } from '../vm/program.ts'
import type { ReferenceState } from './machine.ts'
import { type ReferenceMemory, referenceMemory } from './memory.ts'

/** x1 to x31, and in place of x0 what `lr` has reserved. */
export const registerCount: number = 32

/** A running program: what the instructions in `riscv-steps.ts` read, change and end. */
export class RiscvState implements ReferenceState {
  readonly program: RiscvProgram
  readonly decoder: RiscvDecoder
  readonly memory: ReferenceMemory
  readonly plan: PagedPlan
  /** Unsigned 64-bit values; of RV32 sign-extended from 32 bits. */
  readonly values: bigint[] = Array.from({ length: registerCount }, () => 0n)
  readonly starts: Uint8Array
  readonly xlen: 32 | 64
  readonly cost: bigint
  gas: bigint
  frames: readonly Frame[] = []
  pc = 0
  /** Where execution goes on after the instruction at `pc`. */
  next = 0
  charged = false
  exit: Exit | undefined
  instructions = 0n

  constructor(program: RiscvProgram, gas: bigint) {
    const { code, embedded, memory, version } = program
    this.program = program
    this.decoder = riscvDecoder(version, embedded)
    if (memory.profile !== 'paged32')
      throw new VerifyError('memoryProfile', 'RISC-V programs have paged memory', {
        value: memory.profile,
      })
    this.plan = memory
    this.memory = referenceMemory(memory)
    this.starts = instructionStarts(this.decoder, code)
    this.xlen = version === 'rv64' ? 64 : 32
    this.cost = BigInt(riscvCost(program.gas))
    this.gas = checkGas(gas)
  }

  get(register: number): bigint {
    return this.values[register]!
  }

  /** Assigns modulo 2^64; registers of RV32 are sign-extended. */
  set(register: number, value: bigint): void {
    const wrapped = this.xlen === 32 ? BigInt.asIntN(32, value) : value
    this.values[register] = BigInt.asUintN(64, wrapped)
  }

  /** xn as an instruction reads it. */
  x(register: number): bigint {
    return register === 0 ? 0n : this.values[register]!
  }

  /** The same as a signed number. */
  s(register: number): bigint {
    return BigInt.asIntN(64, this.x(register))
  }

  /** The same as an unsigned number of XLEN bits. */
  u(register: number): bigint {
    return BigInt.asUintN(this.xlen, this.x(register))
  }

  /** xn = value as an instruction writes it. */
  put(register: number, value: bigint): void {
    if (register !== 0) this.set(register, value)
  }

  trap(trap: TrapName): void {
    this.exit = { kind: 'trap', trap, pc: this.pc }
  }

  isStart(pc: number): boolean {
    return this.starts[pc] === CodeByte.start
  }

  /** Goes to an offset in the code. */
  goto(pc: number): void {
    if (this.isStart(pc)) this.next = pc
    else this.trap('invalidJump')
  }

  /** Goes to an address modulo 2^32, its lowest bit cleared. */
  gotoAddress(address: bigint): void {
    const at = Number(BigInt.asUintN(32, address) & ~1n)
    this.goto(at - this.program.codeBase)
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
    const address = bad - (bad % BigInt(this.plan.pageSize))
    this.exit = { kind: 'fault', address, access, pc: this.pc }
  }

  /** Takes gas for the instruction at `pc`, unless it was taken; false when there is too little. */
  charge(): boolean {
    if (this.charged) return true
    if (this.cost > this.gas) {
      this.exit = { kind: 'outOfGas', pc: this.pc }
      return false
    }
    this.gas -= this.cost
    this.charged = true
    return true
  }
}
