import { readdirSync, readFileSync } from 'node:fs'
import {
  drive,
  type Engine,
  hostOf,
  type Machine,
  type Program,
  type RiscvProgram,
  type SbpfVersion,
} from 'alcatraz-vm'
import { startContract } from 'alcatraz-vm/avm'
import { startBpf } from 'alcatraz-vm/bpf'
import {
  decodeContainer,
  linkAvm,
  linkBpf,
  linkPolkavm,
  linkSbpf,
  linkSpi,
  programOf,
} from 'alcatraz-vm/link'
import { decodePolkavm, decodeSpi, startPvm } from 'alcatraz-vm/pvm'
import { executableHost, loadRiscv, startRiscv } from 'alcatraz-vm/riscv'
import {
  loadSbpf,
  sbpfAddresses,
  sbpfInputAddress,
  startSbpf,
  syscallRegistry,
} from 'alcatraz-vm/sbpf'

export const experimentFolder: URL = new URL('../../../guests/experiment/', import.meta.url)
const objects = new URL('objects/', experimentFolder)

/** Answers by guest and amount of work, of a build for a computer. */
export const checksums = JSON.parse(
  readFileSync(new URL('checksums.json', experimentFolder), 'utf8'),
) as Record<string, Record<string, string>>
/** Amounts of work by guest. */
export const { sizes } = JSON.parse(
  readFileSync(new URL('sizes.json', experimentFolder), 'utf8'),
) as { sizes: Record<string, { readonly test: readonly number[]; readonly bench: number }> }

/** Names of the checked-in files. */
export const objectNames: readonly string[] = readdirSync(objects).sort()

export function objectOf(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, objects)))
}

/** More than any guest asks for its least amounts of work. */
const gas = 10n ** 12n
const heapBytes = 256 * 1024

/** How a guest's file becomes a program, and how that is asked for work. */
interface Route<P extends Program = Program> {
  readonly load: (file: Uint8Array) => P
  /** The checksum of a run, or how it ended. */
  readonly run: (engine: Engine, program: P, n: bigint) => bigint | string
}

/** An answer by amount of work, of one program on whatever engine. */
export type Guest = (engine: Engine, n: bigint) => bigint | string

function ended(machine: Machine, result: () => bigint): bigint | string {
  const exit = machine.run()
  const answer = exit.kind === 'halt' ? result() : exit.kind
  machine.dispose()
  return answer
}

const eightBytes = (n: bigint): Uint8Array => new Uint8Array(BigUint64Array.of(n).buffer)
const inputs = (bytes: Uint8Array): { name: string; bytes: Uint8Array }[] => [
  { name: 'guest.o', bytes },
]
const options = { exports: ['run'] }

const bpf: Route = {
  load: (file) => programOf(decodeContainer(linkBpf(inputs(file)).container)),
  run: (engine, program, n) => {
    const machine = engine.instantiate(program, { gas })
    startBpf(machine, 'run', eightBytes(n))
    return ended(machine, () => machine.registers.get(0))
  },
}

const sbpf = (version: SbpfVersion & ('v0' | 'v3')): Route => ({
  load: (file) => {
    const { elf } = linkSbpf(inputs(file), { version })
    return loadSbpf(elf, { syscalls: syscallRegistry([]), rejectBrokenElfs: true })
  },
  run: (engine, program, n) => {
    const machine = engine.instantiate(program, { gas })
    machine.memory.map(sbpfAddresses.heap, heapBytes, true)
    // the serialised parameters: no accounts, the length of the data, the data
    const input = new Uint8Array(BigUint64Array.of(0n, 8n, n).buffer)
    machine.memory.map(sbpfInputAddress, input.length, true)
    machine.memory.write(BigInt(sbpfInputAddress), input)
    startSbpf(machine)
    return ended(machine, () => machine.registers.get(0))
  },
})

const riscv: Route<RiscvProgram> = {
  load: (file) => loadRiscv(file),
  run: (engine, program, n) => {
    const machine = engine.instantiate(program, { gas })
    startRiscv(machine, '_start', [n])
    let output = ''
    const host = executableHost((_descriptor, written) => {
      output += new TextDecoder().decode(written)
    })
    const { kind } = drive(machine, hostOf(program, host))
    machine.dispose()
    return kind === 'halt' ? BigInt(`0x${output.trim()}`) : kind
  },
}

/** `words`: registers that hold a number of 64 bits, low half first if two. */
const avm = (words: 1 | 2): Route => ({
  load: (file) => programOf(decodeContainer(linkAvm(inputs(file), options).container)),
  run: (engine, program, n) => {
    const machine = engine.instantiate(program, { gas })
    const { registers } = machine
    registers.set(0, words === 1 ? n : BigInt.asIntN(32, n))
    if (words === 2) registers.set(1, n >> 32n)
    machine.pc = program.exports.get('run')!
    const low = (index: number): bigint => BigInt.asUintN(32, registers.get(index))
    return ended(machine, () => (words === 1 ? registers.get(0) : (low(1) << 32n) | low(0)))
  },
})

const pvm = (load: (file: Uint8Array) => Program, entry: string | number): Route => ({
  load,
  run: (engine, program, n) => {
    const machine = engine.instantiate(program, { gas })
    startPvm(machine, entry, [n])
    return ended(machine, () => machine.registers.get(7))
  },
})

/** eBPF objects for AVM: n in the input, as in eBPF. */
const avmOfBpf: Route = {
  load: (file) => programOf(decodeContainer(linkAvm(inputs(file), options).container)),
  run: (engine, program, n) => {
    const machine = engine.instantiate(program, { gas })
    startContract(machine, 'run', eightBytes(n))
    return ended(machine, () => machine.registers.get(0))
  },
}

/** Where no program has anything: above data, below the stack. */
const inputPage = 0x4000_0000

/** eBPF objects for PVM. */
const polkavmOfBpf: Route = {
  load: (file) => decodePolkavm(linkPolkavm(inputs(file), 'revive-v1', options).bytes),
  run: (engine, program, n) => {
    const machine = engine.instantiate(program, { gas })
    machine.memory.map(inputPage, 4096, true)
    machine.memory.write(BigInt(inputPage), eightBytes(n))
    startPvm(machine, 'run', [BigInt(inputPage), 8n])
    return ended(machine, () => machine.registers.get(7))
  },
}

const polkavm = (version: 'revive-v1' | 'jam-v1'): Route =>
  pvm((file) => decodePolkavm(linkPolkavm(inputs(file), version, options).bytes), 'run')

const spi = pvm((file) => {
  const { bytes } = linkSpi(inputs(file), 'gp-0.7', options)
  return decodeSpi(bytes, { version: 'gp-0.7' })
}, 0)

function guest<P extends Program>({ load, run }: Route<P>): (file: Uint8Array) => Guest {
  return (file) => {
    const program = load(file)
    return (engine, n) => run(engine, program, n)
  }
}

/** By the end of the file's name: what runs on our engines. */
export const routes: Readonly<Record<string, (file: Uint8Array) => Guest>> = {
  'bpf.o': guest(bpf),
  'sbpf.o': guest(sbpf('v0')),
  '(v3) sbpf.o': guest(sbpf('v3')),
  '(avm) rv64.o': guest(avm(1)),
  '(avm) rv64b.o': guest(avm(1)),
  '(avm) rv64e.o': guest(avm(1)),
  '(avm) rv32.o': guest(avm(2)),
  '(AVM of eBPF) bpf.o': guest(avmOfBpf),
  '(PVM of eBPF) bpf.o': guest(polkavmOfBpf),
  '(ReviveV1) rv64b.o': guest(polkavm('revive-v1')),
  '(ReviveV1) rv64.o': guest(polkavm('revive-v1')),
  '(JamV1) rv64b.o': guest(polkavm('jam-v1')),
  '(standard program) rv64b.o': guest(spi),
  'rv64.elf': guest(riscv),
  'rv64b.elf': guest(riscv),
  'rv32.elf': guest(riscv),
}

/** The checksum of a guest's build to WebAssembly. */
export function wasmAnswer(file: Uint8Array, n: bigint): bigint {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(file)))
  return BigInt.asUintN(64, (exports['run'] as (n: bigint) => bigint)(n))
}
