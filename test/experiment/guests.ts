import { readdirSync, readFileSync } from 'node:fs'
import { drive, type Engine, hostOf, type Machine, type SbpfVersion } from 'alcatraz-vm'
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

/** Runs a guest's file for an amount of work; its checksum, or how it ended. */
export type Route = (engine: Engine, file: Uint8Array, n: bigint) => bigint | string

function ended(machine: Machine, result: () => bigint): bigint | string {
  const exit = machine.run()
  const answer = exit.kind === 'halt' ? result() : exit.kind
  machine.dispose()
  return answer
}

const eightBytes = (n: bigint): Uint8Array => new Uint8Array(BigUint64Array.of(n).buffer)

const bpf: Route = (engine, bytes, n) => {
  const { container } = linkBpf([{ name: 'guest.o', bytes }])
  const machine = engine.instantiate(programOf(decodeContainer(container)), { gas })
  startBpf(machine, 'run', eightBytes(n))
  return ended(machine, () => machine.registers.get(0))
}

const sbpf =
  (version: SbpfVersion & ('v0' | 'v3')): Route =>
  (engine, bytes, n) => {
    const { elf } = linkSbpf([{ name: 'guest.o', bytes }], { version })
    const program = loadSbpf(elf, { syscalls: syscallRegistry([]), rejectBrokenElfs: true })
    const machine = engine.instantiate(program, { gas })
    machine.memory.map(sbpfAddresses.heap, heapBytes, true)
    // the serialised parameters: no accounts, the length of the data, the data
    const input = new Uint8Array(BigUint64Array.of(0n, 8n, n).buffer)
    machine.memory.map(sbpfInputAddress, input.length, true)
    machine.memory.write(BigInt(sbpfInputAddress), input)
    startSbpf(machine)
    return ended(machine, () => machine.registers.get(0))
  }

const riscv: Route = (engine, bytes, n) => {
  const program = loadRiscv(bytes)
  const machine = engine.instantiate(program, { gas })
  startRiscv(machine, '_start', [n])
  let output = ''
  const host = executableHost((_descriptor, written) => {
    output += new TextDecoder().decode(written)
  })
  const { kind } = drive(machine, hostOf(program, host))
  machine.dispose()
  return kind === 'halt' ? BigInt(`0x${output.trim()}`) : kind
}

/** `words`: registers that hold a number of 64 bits, low half first if two. */
const avm =
  (words: 1 | 2): Route =>
  (engine, bytes, n) => {
    const { container } = linkAvm([{ name: 'guest.o', bytes }], { exports: ['run'] })
    const program = programOf(decodeContainer(container))
    const machine = engine.instantiate(program, { gas })
    const { registers } = machine
    registers.set(0, words === 1 ? n : BigInt.asIntN(32, n))
    if (words === 2) registers.set(1, n >> 32n)
    machine.pc = program.exports.get('run')!
    const low = (index: number): bigint => BigInt.asUintN(32, registers.get(index))
    return ended(machine, () => (words === 1 ? registers.get(0) : (low(1) << 32n) | low(0)))
  }

const polkavm =
  (version: 'revive-v1' | 'jam-v1'): Route =>
  (engine, object, n) => {
    const { bytes } = linkPolkavm([{ name: 'guest.o', bytes: object }], version, {
      exports: ['run'],
    })
    const machine = engine.instantiate(decodePolkavm(bytes), { gas })
    startPvm(machine, 'run', [n])
    return ended(machine, () => machine.registers.get(7))
  }

const spi: Route = (engine, object, n) => {
  const inputs = [{ name: 'guest.o', bytes: object }]
  const { bytes } = linkSpi(inputs, 'gp-0.7', { exports: ['run'] })
  const machine = engine.instantiate(decodeSpi(bytes, { version: 'gp-0.7' }), { gas })
  startPvm(machine, 0, [n])
  return ended(machine, () => machine.registers.get(7))
}

/** By the end of the file's name: what runs on our engines. */
export const routes: Readonly<Record<string, Route>> = {
  'bpf.o': bpf,
  'sbpf.o': sbpf('v0'),
  '(v3) sbpf.o': sbpf('v3'),
  '(avm) rv64.o': avm(1),
  '(avm) rv64b.o': avm(1),
  '(avm) rv64e.o': avm(1),
  '(avm) rv32.o': avm(2),
  '(ReviveV1) rv64b.o': polkavm('revive-v1'),
  '(ReviveV1) rv64.o': polkavm('revive-v1'),
  '(JamV1) rv64b.o': polkavm('jam-v1'),
  '(standard program) rv64b.o': spi,
  'rv64.elf': riscv,
  'rv64b.elf': riscv,
  'rv32.elf': riscv,
}

/** The checksum of a guest's build to WebAssembly. */
export function wasmAnswer(file: Uint8Array, n: bigint): bigint {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(file)))
  return BigInt.asUintN(64, (exports['run'] as (n: bigint) => bigint)(n))
}
