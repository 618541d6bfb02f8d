import { VerifyError } from '../bits/errors.ts'
import type { Environment, HostAnswer } from './environment.ts'
import type { Machine, Registers } from './machine.ts'
import { firstEcallImport, type Program } from './program.ts'

/** Where calls of an ISA have their arguments, and take their result. */
const conventions = {
  /** r0 to r7, r0. */
  avm: { first: 0, count: 8, result: 0 },
  /** r1 to r5, r0. */
  bpf: { first: 1, count: 5, result: 0 },
  sbpf: { first: 1, count: 5, result: 0 },
  /** a0 to a5, a0. */
  pvm: { first: 7, count: 6, result: 7 },
  /** a0 to a7, a0. */
  riscv: { first: 10, count: 8, result: 10 },
} as const

/** Registers of a host call's first argument and of its result. */
export function conventionOf({ isa }: Program): {
  readonly first: number
  readonly result: number
} {
  return conventions[isa]
}

/** Ends the run from within a host function, by way of the functions that it called. */
class HostEnd extends Error {
  readonly answer: HostAnswer

  constructor(answer: HostAnswer) {
    super(`the host call ends the run: ${JSON.stringify(answer)}`)
    this.name = 'HostEnd'
    this.answer = answer
  }
}

/** One host call, as the function that answers it gets it. */
export class HostCall {
  /** What the program's imports (RISC-V: its `ecalls`) call it, or else its number. */
  readonly name: string
  readonly id: number
  readonly machine: Machine
  /** r1 to r5 (eBPF, sBPF), a0 to a5 (PVM) or a0 to a7 (RISC-V; the last of RV32E and RV64E: t0) when the call was made: unsigned 64-bit values. */
  readonly args: readonly bigint[]

  constructor(machine: Machine, id: number) {
    const { isa, imports } = machine.program
    const { first, count } = conventions[isa]
    this.machine = machine
    this.id = id
    this.name = imports[id] || id.toString()
    this.args = Array.from({ length: count }, (_, i) => machine.registers.get(first + i))
    if (machine.program.isa === 'riscv') {
      // x16 and x17 do not exist: the number is in t0 (RISC-V ELF psABI, ILP32E).
      if (machine.program.embedded) this.args = [...this.args.slice(0, 7), machine.registers.get(5)]
      const index = Number(BigInt.asIntN(32, this.args[7]!)) - firstEcallImport
      this.name = machine.program.ecalls?.[index] ?? this.name
    }
  }

  get registers(): Registers {
    return this.machine.registers
  }

  /** Copies guest memory; where any byte is not readable the run ends with the trap `hostCall`. */
  read(address: bigint | number, length: bigint | number): Uint8Array {
    const at = this.place(address)
    const count = Number(length)
    const bytes = count <= 2 ** 32 ? this.machine.memory.read(at, count) : undefined
    return bytes ?? this.refuse('reads', at, count)
  }

  /** Writes guest memory; where any byte is not writable the run ends with the trap `hostCall`. */
  write(address: bigint | number, bytes: Uint8Array): void {
    const at = this.place(address)
    if (!this.machine.memory.write(at, bytes)) this.refuse('writes', at, bytes.length)
  }

  /** Takes gas for what is about to be done; with too little of it the run ends, and none is taken. */
  charge(gas: bigint): void {
    const { machine } = this
    if (gas < 0n) throw new RangeError(`a host call cannot give back ${-gas} gas`)
    if (gas > machine.gas) throw new HostEnd({ kind: 'outOfGas' })
    machine.gas -= gas
  }

  /** Addresses of the PVM and of RISC-V have 32 bits, whatever registers have above them. */
  private place(address: bigint | number): bigint {
    const bits = this.machine.program.memory.profile === 'paged32' ? 32 : 64
    return BigInt.asUintN(bits, BigInt(address))
  }

  /** The guest named memory that it has not. */
  protected refuse(_does: 'reads' | 'writes', _address: bigint, _length: number): never {
    throw new HostEnd({ kind: 'trap', trap: 'hostCall' })
  }
}

/** Nothing: go on; a number: go on with it in r0 or a0, modulo 2^64; an answer: as it says. */
export type HostResult = undefined | bigint | number | HostAnswer
/** What it throws, `drive` throws: the machine then stands at the call. */
// biome-ignore lint/suspicious/noConfusingVoidType: a function that ends without `return` goes on
export type HostFunction = (call: HostCall) => HostResult | void
/** Functions by the names of a program's imports, or by numbers where it has none. */
export type HostFunctions<Name extends string = string> = Readonly<Record<Name, HostFunction>>

/** What the run does after `result`. @throws {TypeError} on what no host function answers */
export function hostAnswer(call: HostCall, result: ReturnType<HostFunction>): HostAnswer {
  if (result === undefined || result === 'continue') return 'continue'
  if (typeof result === 'bigint' || typeof result === 'number') {
    call.registers.set(conventions[call.machine.program.isa].result, BigInt(result))
    return 'continue'
  }
  if (typeof result !== 'object' || result === null || !('kind' in result))
    throw new TypeError(
      `host function ${call.name} answers at once: nothing, a number, or { kind }; to wait, answer ` +
        `{ kind: 'suspend' } and drive on later`,
    )
  return result
}

/**
 * An environment of plain functions, found by the names that the program imports; what a program names
 * by number (Gray Paper) is found by that. Bad addresses end the run as traps of the guest.
 * @param other answers what has no function here; without it such a call is the trap `hostCall`
 * @throws {VerifyError} `unknownImport` when the program imports what has no function
 * @example hostOf({ ...program, imports: ['now'] }, { now: () => 7n }) // an Environment
 */
export function hostOf(
  program: Pick<Program, 'imports'>,
  functions: HostFunctions,
  other?: HostFunction,
): Environment {
  const table = new Map(Object.entries(functions))
  for (const [offset, name] of program.imports.entries())
    if (other === undefined && !table.has(name) && !table.has(offset.toString()))
      throw new VerifyError('unknownImport', `the host has no function ${JSON.stringify(name)}`, {
        offset,
        value: name,
      })
  return {
    call(machine, id) {
      const call = new HostCall(machine, id)
      const run = table.get(call.name) ?? table.get(id.toString()) ?? other
      if (run === undefined) return { kind: 'trap', trap: 'hostCall' }
      try {
        return hostAnswer(call, run(call))
      } catch (error) {
        if (error instanceof HostEnd) return error.answer
        throw error
      }
    },
  }
}
