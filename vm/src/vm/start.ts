import { VerifyError } from '../bits/errors.ts'
import type { Machine } from './machine.ts'
import { pageSize } from './memory.ts'
import type { Program } from './program.ts'

/** Where an eBPF program finds its input. */
export interface BpfInput {
  /** A multiple of 16. */
  readonly address: number
  readonly bytes: Uint8Array
}

function entryOf({ exports }: Program, entry: string | number): number {
  const pc = typeof entry === 'number' ? entry : exports.get(entry)
  if (pc === undefined) throw new RangeError(`there is no export '${entry}'`)
  return pc
}

/**
 * Readies a fresh machine for an eBPF program: memory grown to hold the input, the input written,
 * r1 = its address, r2 = its length, pc = the entry; r10 is the high end of the stack already.
 * @param entry name of an export, or a slot
 * @param input bytes go to the end of memory, unless they have their place
 * @throws {RangeError} no such export, or an address that is no multiple of 16
 * @throws {VerifyError} `inputTooLarge` when memory may not grow that far
 * @example
 * const machine = engine.instantiate(program, { gas: 100n })
 * startBpf(machine, 'call', Uint8Array.of(5))
 * machine.registers.get(2) // 1n
 */
export function startBpf(
  machine: Machine,
  entry: string | number,
  input: BpfInput | Uint8Array = new Uint8Array(0),
): void {
  const pc = entryOf(machine.program, entry)
  const { address, length } = place(machine, input)
  const { registers } = machine
  registers.set(1, BigInt(address))
  registers.set(2, BigInt(length))
  machine.pc = pc
}

/** Writes the input to where a program finds it. */
function place(
  machine: Machine,
  input: BpfInput | Uint8Array,
): { readonly address: number; readonly length: number } {
  const placed = 'bytes' in input ? input : { address: machine.memory.size, bytes: input }
  const { address, bytes } = placed
  if (address % 16 !== 0) throw new RangeError(`input at ${address}, no multiple of 16`)
  const end = Math.ceil((address + bytes.length) / pageSize) * pageSize
  const { memory } = machine
  if (!memory.grow(end) || (bytes.length > 0 && !memory.write(BigInt(address), bytes))) {
    throw new VerifyError('inputTooLarge', `no memory for ${bytes.length} bytes of input`, {
      value: bytes.length,
    })
  }
  return { address, length: bytes.length }
}

/**
 * Readies a machine for an entry of an AVM program: arguments in r0 on, r15 = the stack's end, the other registers 0;
 * pc = the entry. Memory stays as it is: a program may be entered again.
 * @param entry name of an export, or a pc
 * @param args at most eight, taken modulo 2^64
 * @throws {RangeError} no such export, too many arguments, or a program of another ISA
 * @example
 * const machine = engine.instantiate(program, { gas: 1_000_000n })
 * startAvm(machine, 'add', [2n, 3n])
 * machine.run() // { kind: 'halt', pc }; machine.registers.get(0) is 5n
 */
export function startAvm(
  machine: Machine,
  entry: string | number,
  args: readonly bigint[] = [],
): void {
  const { program, registers } = machine
  if (program.isa !== 'avm')
    throw new RangeError(`startAvm cannot start a program of ${program.isa}`)
  const pc = entryOf(program, entry)
  if (args.length > 8) throw new RangeError(`${args.length} arguments, at most 8`)
  for (let i = 0; i < registers.count; i++) registers.set(i, args[i] ?? 0n)
  registers.set(15, BigInt(program.stack.high))
  machine.pc = pc
}

/**
 * Readies a fresh machine for an entry of a contract, of eBPF (`startBpf`), AVM or PVM: the input is written in the same
 * way, its address and length are r0 and r1, or a0 and a1.
 * @throws as `startBpf`
 * @example
 * const machine = engine.instantiate(program, { gas: 100n })
 * startContract(machine, 'call', Uint8Array.of(5))
 */
export function startContract(
  machine: Machine,
  entry: string | number,
  input: BpfInput | Uint8Array = new Uint8Array(0),
): void {
  const { program } = machine
  if (program.isa !== 'avm' && program.isa !== 'pvm') return startBpf(machine, entry, input)
  const pc = entryOf(program, entry)
  const { address, length } = place(machine, input)
  const start = program.isa === 'avm' ? startAvm : startPvm
  start(machine, pc, [BigInt(address), BigInt(length)])
}

/** What a program of Solana is handed. */
export interface SbpfInput {
  /** r1: where the serialised parameters are mapped; 0x4_0000_0000 unless given. */
  readonly inputAddress?: bigint
  /** r2: where the instruction data lies among them (SIMD-0321); 0 unless given. */
  readonly instructionDataAddress?: bigint
}

/** Where the host maps the parameters of a program of Solana. */
export const sbpfInputAddress = 0x4_0000_0000

/**
 * Readies a fresh machine for a program of Solana: r1 and r2 as given, r10 = the start of the frames,
 * all others 0, pc = the entry. The host maps the input itself, before or after:
 * `machine.memory.map(sbpfInputAddress, length, true)`, then `write`.
 * @param entry name of an export, or a slot
 * @throws {RangeError} no such export, or the program is no sBPF
 * @example
 * const machine = engine.instantiate(program, { gas: 200_000n })
 * machine.memory.map(sbpfInputAddress, bytes.length, true)
 * machine.memory.write(BigInt(sbpfInputAddress), bytes)
 * startSbpf(machine, { instructionDataAddress: 0x4_0000_0010n })
 */
export function startSbpf(
  machine: Machine,
  input: SbpfInput = {},
  entry: string | number = 'entrypoint',
): void {
  const { program, registers } = machine
  if (program.isa !== 'sbpf')
    throw new RangeError(`startSbpf cannot start a program of ${program.isa}`)
  const pc = entryOf(program, entry)
  for (let i = 0; i < registers.count; i++) registers.set(i, 0n)
  registers.set(1, input.inputAddress ?? BigInt(sbpfInputAddress))
  registers.set(2, input.instructionDataAddress ?? 0n)
  registers.set(10, program.frames.start)
  machine.pc = pc
}

/** a0 to a5: arguments of an entry, results in a0 and a1. */
const firstArgument = 7
const maxArguments = 6
/** polkavm-common/src/abi.rs, `VM_ADDR_RETURN_TO_HOST`; Gray Paper A.7: a jump there halts. */
export const pvmHaltAddress = 0xffff_0000n

/**
 * Readies a machine for an entry of a PVM program: registers as the program's file says (ra: back to
 * the host; sp: the stack's end; for standard programs a0 and a1: the argument), the others 0, then
 * the arguments from a0 on; pc = the entry. Memory stays as it is: a program may be entered again.
 * @param entry name of an export, or a pc
 * @param args at most six, taken modulo 2^64
 * @throws {RangeError} no such export, or too many arguments
 * @example
 * const program = decodePvmBlob(Uint8Array.of(0, 0, 1, 0, 1), { version: 'jam-v1' })
 * const machine = interpEngine.instantiate(program, { gas: 100n })
 * startPvm(machine, 0, [5n])
 * machine.registers.get(7) // 5n
 */
export function startPvm(
  machine: Machine,
  entry: string | number,
  args: readonly bigint[] = [],
): void {
  const { program, registers } = machine
  const pc = entryOf(program, entry)
  if (args.length > maxArguments) throw new RangeError(`${args.length} arguments, at most 6`)
  const start = (program.isa === 'pvm' ? program.start : undefined) ?? [pvmHaltAddress]
  for (let i = 0; i < registers.count; i++) registers.set(i, start[i] ?? 0n)
  args.forEach((value, i) => {
    registers.set(firstArgument + i, value)
  })
  machine.pc = pc
}

/**
 * Readies a machine for an entry of a RISC-V program: x2 (sp) = the stack's end, arguments in a0 on, the other
 * registers 0; pc = the entry.
 * @param entry name of an export, or an offset into the code
 * @param args at most eight, taken modulo 2^64
 * @throws {RangeError} no such export, too many arguments, or a program of another ISA
 * @example
 * const machine = interpEngine.instantiate(program, { gas: 1_000_000n })
 * startRiscv(machine)
 * machine.run() // { kind: 'host', id: 0, pc } at `ecall`
 */
export function startRiscv(
  machine: Machine,
  entry: string | number = '_start',
  args: readonly bigint[] = [],
): void {
  const { program, registers } = machine
  if (program.isa !== 'riscv')
    throw new RangeError(`startRiscv cannot start a program of ${program.isa}`)
  const pc = entryOf(program, entry)
  if (args.length > 8) throw new RangeError(`${args.length} arguments, at most 8`)
  for (let i = 0; i < registers.count; i++) registers.set(i, 0n)
  registers.set(2, program.stackTop)
  args.forEach((value, i) => {
    registers.set(10 + i, value)
  })
  machine.pc = pc
}
