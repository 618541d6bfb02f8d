import { assert } from '../bits/errors.ts'
import { AccountRegions } from '../host/solana/account-regions.ts'
import { fail, InstructionFailure, ProgramFault } from '../host/solana/errors.ts'
import type { Frame } from '../host/solana/instruction.ts'
import type { Invoker } from '../host/solana/invoke.ts'
import { stableLog } from '../host/solana/log.ts'
import { deserializeInput, serializeInput } from '../host/solana/serialize.ts'
import { heapStart, inputStart, type Syscall, SyscallCall } from '../host/solana/syscalls/call.ts'
import { type SbpfPlace, sbpfAccessError, sbpfError, sbpfWidthAt } from '../isa/sbpf/faults.ts'
import type { Access, Exit } from '../vm/exit.ts'
import type { Engine, Machine } from '../vm/machine.ts'
import type { SbpfProgram } from '../vm/program.ts'
import { startSbpf } from '../vm/start.ts'
import { programError } from './program-error.ts'

/** A program that can run: what its loader has checked, and what its host calls are. */
export interface LoadedProgram {
  readonly program: SbpfProgram
  /** By the numbers of the program's imports. */
  readonly syscalls: readonly Syscall[]
}

const heapPage = 32n * 1024n

/** Units for a heap; its first 32 KiB are free (solana-program-runtime, `calculate_heap_cost`). */
function heapCost(bytes: number, perPage: bigint): bigint {
  const pages = (BigInt(bytes) + heapPage - 1n) / heapPage
  return pages === 0n ? 0n : (pages - 1n) * perPage
}

/** How a run of a program ended: r0, what a call of the runtime threw, or what the machine refused. */
type Ending =
  | { readonly kind: 'result'; readonly status: bigint }
  | { readonly kind: 'thrown'; readonly error: unknown }
  | { readonly kind: 'fault'; readonly exit: Exit }

function execute(machine: Machine, call: SyscallCall, syscalls: readonly Syscall[]): Ending {
  const { context } = call
  const { registers } = machine
  const answer = (id: number): boolean => {
    const syscall = syscalls[id]!
    context.remaining = machine.gas
    try {
      if (syscall.cost !== undefined) context.consume(syscall.cost(context.costs, call))
      registers.set(0, syscall.run(call))
    } finally {
      machine.gas = context.remaining
    }
    return true
  }
  try {
    let exit = machine.run(answer)
    while (exit.kind === 'fault' && grows(machine, call, exit)) exit = machine.run(answer)
    context.remaining = machine.gas
    return exit.kind === 'halt'
      ? { kind: 'result', status: registers.get(0) }
      : { kind: 'fault', exit }
  } catch (error) {
    context.remaining = machine.gas
    return { kind: 'thrown', error }
  }
}

type Fault = Extract<Exit, { kind: 'fault' }>

/** A store behind the end of an account lets it grow, and is tried again. */
function grows(machine: Machine, { regions }: SyscallCall, fault: Fault): boolean {
  if (regions === undefined || fault.access === 'read') return false
  return regions.grow(fault.address, BigInt(sbpfWidthAt(placeOf(machine).program, fault.pc)))
}

/** Of an access to an account's addresses the error says which rule it breaks. */
function violationOf(
  machine: Machine,
  frame: Frame,
  regions: AccountRegions | undefined,
  access: Access,
  address: bigint,
  length: bigint,
): Error {
  const { name, text } = sbpfAccessError(placeOf(machine), access, address, length)
  const index = name === 'AccessViolation' ? regions?.accountAt(address, length) : undefined
  if (index === undefined) return new ProgramFault(text)
  const account = frame.account(index)
  if (account.isWritable && account.isOwnedByCurrentProgram())
    return new InstructionFailure('InvalidRealloc')
  if (access === 'read') return new InstructionFailure('AccountDataTooSmall')
  return new InstructionFailure(
    account.isWritable ? 'ExternalAccountDataModified' : 'ReadonlyDataModified',
  )
}

/** What the program is ended with, if with anything. */
function failureOf(machine: Machine, call: SyscallCall, ending: Ending): unknown {
  const { context } = call
  switch (ending.kind) {
    case 'result':
      return ending.status === 0n ? undefined : new InstructionFailure(programError(ending.status))
    case 'thrown':
      return ending.error
    case 'fault': {
      if (context.features.has('deplete_cu_meter_on_vm_failure')) context.remaining = 0n
      if (ending.exit.kind === 'fault') {
        const { access, address, pc } = ending.exit
        return call.violation(access, address, BigInt(sbpfWidthAt(placeOf(machine).program, pc)))
      }
      return new ProgramFault(sbpfError(placeOf(machine), ending.exit)?.text ?? ending.exit.kind)
    }
  }
}

/** What errors of a run are told from. */
function placeOf(machine: Machine): SbpfPlace {
  const { memory, program } = machine
  assert(program.isa === 'sbpf' && program.memory.profile === 'regions64', 'programs are sBPF')
  const { code, frames, version } = program
  return { memory, program: { code, frames, version, memory: program.memory } }
}

/**
 * Runs a program for the running instruction: its input, the run, the lines of the log, and what it did
 * to its accounts, by the rules of permission (solana-program-runtime, vm.rs).
 * @throws {InstructionFailure}
 * @throws {ProgramFault}
 */
export function runProgram(
  engine: Engine,
  context: Invoker<LoadedProgram>,
  loaded: LoadedProgram,
): void {
  const { instruction, budget, costs, features } = context
  const { programId } = instruction
  const { program } = loaded
  const pointers = features.has('direct_account_pointers_in_program_input')
  const apart = features.has('virtual_address_space_adjustments')
  const input = serializeInput(instruction, { pointers, apart })
  const limit = context.remaining
  try {
    context.consume(heapCost(budget.heapSize, costs.heapCost))
  } catch (error) {
    if (!(error instanceof InstructionFailure)) throw error
    context.log(`Failed to create SBF VM: ${error.message}`)
    fail('ProgramEnvironmentSetupFailure')
  }
  const machine = engine.instantiate(program, { gas: context.remaining })
  try {
    const { memory } = machine
    const regions = apart ? new AccountRegions(memory, instruction, input) : undefined
    if (regions === undefined) memory.map(Number(inputStart), input.length, true)
    for (const { offset, bytes } of input.chunks) memory.write(inputStart + BigInt(offset), bytes)
    regions?.protect()
    if (budget.heapSize !== memory.regionAt(heapStart)?.length)
      memory.resize(Number(heapStart), budget.heapSize, true)
    startSbpf(machine, { instructionDataAddress: BigInt(input.dataAddress) })
    const call = new SyscallCall({
      context,
      machine,
      accounts: input.accounts,
      regions,
      violation: (access, address, length) =>
        violationOf(machine, instruction, regions, access, address, length),
    })
    const before = context.remaining
    const ending = execute(machine, call, loaded.syscalls)
    context.log(stableLog.consumed(programId, before - context.remaining, limit))
    const { returnData } = context
    if (returnData.data.length > 0) context.log(stableLog.returned(programId, returnData.data))
    const failure = failureOf(machine, call, ending)
    if (failure !== undefined) throw failure
    regions?.pull()
    const read = (address: number, length: number): Uint8Array =>
      memory.read(BigInt(address), length) ?? fail('InvalidArgument')
    deserializeInput(instruction, input.accounts, read, regions !== undefined)
  } finally {
    machine.dispose()
  }
}
