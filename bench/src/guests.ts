import { readFileSync } from 'node:fs'
import type { ContractProgram, Engine, Machine, PvmProgram } from 'alcatraz-vm'
import { startBpf } from 'alcatraz-vm/bpf'
import { decodeContainer, linkBpf, programOf } from 'alcatraz-vm/link'
import { assemblePvm, decodePvmBlob, encodePvmBlob, polkavmPlan } from 'alcatraz-vm/pvm'
import {
  congruents,
  fibonacci,
  first8,
  hashedOver,
  primesBelow,
  sortedSum,
  streamed,
  tokensCounted,
  xorshifts,
} from './expected.ts'

/** Of both memory profiles. */
export const pageSize = 4096
export const guestFolder: URL = new URL('../../guests/', import.meta.url)

/** Registers of a PVM run that returns to its host at the end (polkavm's calling convention). */
const returnToHost = 0xffff0000n
const stackTop = 0xfffe0000n
/** a0, the first argument. */
const firstArgument = 7

/** One program and the work asked of it. */
export interface Workload {
  readonly name: string
  readonly isa: 'eBPF' | 'PVM'
  readonly program: ContractProgram | PvmProgram
  readonly size: Size
}

export interface Size {
  readonly args: readonly bigint[]
  /** What the result must be; absent where only engines are compared. */
  readonly expected?: bigint
}

export interface PvmWorkload extends Workload {
  readonly isa: 'PVM'
  readonly program: PvmProgram
  /** What other machines are given. */
  readonly blob: Uint8Array
}

/** Registers by number at the start of a PVM run. */
export function pvmRegistersOf(args: readonly bigint[]): bigint[] {
  const registers = new Array<bigint>(13).fill(0n)
  registers[0] = returnToHost
  registers[1] = stackTop
  args.forEach((value, i) => {
    registers[firstArgument + i] = value
  })
  return registers
}

/** A machine that is about to run the workload. */
export function readied(engine: Engine, workload: Workload, gas: bigint): Machine {
  const { program, size } = workload
  const machine = engine.instantiate(program, { gas })
  if (program.isa === 'bpf') {
    const bytes = new Uint8Array(Uint32Array.from(size.args, Number).buffer)
    startBpf(machine, program.exports.get('run')!, { address: machine.memory.size, bytes })
  } else {
    machine.pc = program.exports.get('main')!
    pvmRegistersOf(size.args).forEach((value, i) => {
      machine.registers.set(i, value)
    })
  }
  return machine
}

/**
 * The number a finished run answered: r0, a0, or the first eight octets of the digest at a0.
 * @param place where an address is, if elsewhere
 */
export function resultOf(
  machine: Machine,
  workload: Workload,
  place: (address: bigint) => bigint = (address) => address,
): bigint {
  if (workload.isa === 'eBPF') return machine.registers.get(0)
  const value = machine.registers.get(firstArgument)
  if (workload.name === 'quicksort') return machine.registers.get(firstArgument + 1)
  if (workload.name !== 'sha256') return value
  return first8(machine.memory.read(place(value), 8)!)
}

type Args = readonly number[]

/** Sizes with their results, which are computed only for the size that is asked for. */
function sized<T extends Args>(
  sizes: readonly [T, T, T],
  expected?: (...args: T) => bigint,
): (index: number) => Size {
  return (index) => {
    const args = sizes[index]!
    const known = expected === undefined ? {} : { expected: expected(...args) }
    return { args: args.map(BigInt), ...known }
  }
}

const iota = (length: number, step: number, from: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => i * step + from)

/**
 * Work by guest, least first: about 30 million instructions in a full run, 5 in a quick one. These
 * are the same program as eBPF and as PVM assembly.
 */
const common = {
  sieve: sized<[number]>([[1000], [400_000], [2_000_000]], primesBelow),
  keccak: sized<[number]>([[1], [400], [2500]]),
  fib: sized<[number]>([[12], [26], [30]], fibonacci),
  statemachine: sized<[number]>([[1], [8], [40]], tokensCounted),
  stream: sized<[number]>([[1], [4], [20]], streamed),
} as const
const bpfGuests = {
  sieve: common.sieve,
  sha256: sized<[number]>([[1], [3], [10]], (rounds) => hashedOver(iota(65536, 1, 0), rounds)),
  quicksort: sized<[number]>([[200], [50_000], [200_000]], (n) => sortedSum(xorshifts(n), 0n)),
  keccak: common.keccak,
  fib: common.fib,
  statemachine: common.statemachine,
  stream: common.stream,
} as const
const pvmGuests = {
  sieve: common.sieve,
  sha256: sized<[number, number, number]>(
    [
      [64, 3, 1],
      [65536, 3, 2],
      [65536, 3, 8],
    ],
    (length, first, times) => hashedOver(iota(length, 7, first), times),
  ),
  quicksort: sized<[number, number]>(
    [
      [200, 42],
      [50_000, 42],
      [200_000, 42],
    ],
    (count, seed) => sortedSum(congruents(count, BigInt(seed)), 1n),
  ),
  keccak: common.keccak,
  fib: common.fib,
  statemachine: common.statemachine,
  stream: common.stream,
} as const

/** eBPF contracts that clang compiled, linked to containers and read back. */
export function bpfWorkloads(size: number): Workload[] {
  return Object.entries(bpfGuests).map(([name, work]) => {
    const bytes = new Uint8Array(readFileSync(new URL(`objects/${name}-v4.o`, guestFolder)))
    const { container } = linkBpf([{ name: `${name}.o`, bytes }])
    return { name, isa: 'eBPF', program: programOf(decodeContainer(container)), size: work(size) }
  })
}

/** The assembly in guests/pvm under the Gray Paper 0.7: one gas for each instruction. */
export function pvmWorkloads(size: number): PvmWorkload[] {
  return Object.entries(pvmGuests).map(([name, work]) => {
    const text = readFileSync(new URL(`pvm/${name}.pvm.s`, guestFolder), 'utf8')
    const assembly = assemblePvm(text.replace(/^%isa = .*$/m, '%isa = gp-0.7'))
    const blob = encodePvmBlob(assembly)
    const program = decodePvmBlob(blob, {
      version: 'gp-0.7',
      memory: polkavmPlan(assembly),
      gas: 'pvm-instruction',
      exports: assembly.exports,
    })
    return { name, isa: 'PVM', program, blob, size: work(size) }
  })
}
