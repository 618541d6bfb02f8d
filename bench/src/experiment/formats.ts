import { drive, hostOf, type Machine, type Program } from 'alcatraz-vm'
import { startBpf } from 'alcatraz-vm/bpf'
import { decodeContainer, linkBpf, linkSbpf, programOf, readElf } from 'alcatraz-vm/link'
import { executableHost, loadRiscv, startRiscv } from 'alcatraz-vm/riscv'
import { loadSbpf, sbpfInputAddress, startSbpf, verifySbpf } from 'alcatraz-vm/sbpf'
import { wasmCode } from './wasm-code.ts'

/** A form in which a guest is deployed. */
export interface Format {
  readonly name: string
  /** How the name of the compiler's file ends that it is made from. */
  readonly ending: string
  /** The compiler's file as it is deployed. */
  deploy(file: { readonly name: string; readonly bytes: Uint8Array }): Uint8Array
  /** The part of a deployed file that is code. */
  code(bytes: Uint8Array): Uint8Array
  /** How our engines run it; absent: they do not. */
  readonly ours?: OwnFormat
  /** Bytes of its code in a container that packs it; absent: there is none. */
  packed?(bytes: Uint8Array): number
  /** Does our node run it as a contract, for gas by the byte. */
  readonly isContract: boolean
  /** Does `fresh-child.js` start it. */
  readonly startsFresh?: boolean
  /** The file that is the measure of its size, if it is not the one that runs. */
  readonly sizes?: {
    readonly ending: string
    code(bytes: Uint8Array): Uint8Array
  }
}

export interface OwnFormat {
  /** From deployed bytes to a program. @throws {Error} when it may not be deployed */
  parse(bytes: Uint8Array): Program
  /** Runs `run(n)` on a fresh machine to its end. */
  call(machine: Machine, n: bigint): bigint
}

const same = ({ bytes }: { readonly bytes: Uint8Array }): Uint8Array => bytes

/** n as the eight octets that guests of eBPF and sBPF read. */
function octetsOf(n: bigint): Uint8Array {
  return new Uint8Array(BigUint64Array.of(n).buffer)
}

function halted(machine: Machine): Machine {
  const exit = machine.run()
  if (exit.kind !== 'halt') throw new Error(`the run ended with ${exit.kind}`)
  return machine
}

const ebpf: OwnFormat = {
  parse: (bytes) => programOf(decodeContainer(bytes)),
  call(machine, n) {
    startBpf(machine, 'run', octetsOf(n))
    return halted(machine).registers.get(0)
  },
}

/** The input of a program of Solana without accounts: their number, how much data, the data, an address. */
function solanaInput(n: bigint): Uint8Array {
  const bytes = new Uint8Array(8 + 8 + 8 + 32)
  bytes[8] = 8
  bytes.set(octetsOf(n), 16)
  return bytes
}

const heap = 0x3_0000_0000
/** Guests keep there what elsewhere is in .bss. */
const heapBytes = 256 * 1024

const sbpf: OwnFormat = {
  parse(bytes) {
    const program = loadSbpf(bytes)
    const wrong = verifySbpf(program.code, program.version)
    if (wrong !== undefined) throw new Error(`at ${wrong.pc}: ${wrong.text}`)
    return program
  },
  call(machine, n) {
    const input = solanaInput(n)
    machine.memory.map(sbpfInputAddress, input.length, true)
    machine.memory.write(BigInt(sbpfInputAddress), input)
    machine.memory.resize(heap, heapBytes, true)
    startSbpf(machine)
    return halted(machine).registers.get(0)
  },
}

const riscv: OwnFormat = {
  parse: (bytes) => loadRiscv(bytes),
  call(machine, n) {
    let text = ''
    const host = executableHost((_descriptor, bytes) => {
      text += String.fromCharCode(...bytes)
    })
    startRiscv(machine, '_start', [n])
    const exit = drive(machine, hostOf(machine.program, host))
    if (exit.kind !== 'halt') throw new Error(`the run ended with ${exit.kind}`)
    return BigInt(`0x${text.trim()}`)
  },
}

const executable = 4n

/** The code sections of an object, one behind the other. */
function objectCode(bytes: Uint8Array): Uint8Array {
  const { sections } = readElf(bytes)
  const code = sections.filter(({ flags }) => (BigInt(flags) & executable) !== 0n)
  return Uint8Array.from(code.flatMap((section) => [...section.bytes]))
}

/** One row for each format; what has no file is left out of a run. */
export const formats: readonly Format[] = [
  { name: 'Wasm', ending: '-opt.wasm', deploy: same, code: wasmCode, isContract: false },
  { name: 'Wasm of LLVM alone', ending: '.wasm', deploy: same, code: wasmCode, isContract: false },
  {
    name: 'eBPF',
    ending: '-bpf.o',
    deploy: (object) => linkBpf([object]).container,
    code: (bytes) => decodeContainer(bytes).code,
    ours: ebpf,
    isContract: true,
    startsFresh: true,
  },
  {
    name: 'sBPF',
    ending: '-sbpf.o',
    deploy: (object) => linkSbpf([object], { version: 'v3', symbols: false }).elf,
    code: (bytes) => loadSbpf(bytes).code,
    ours: sbpf,
    isContract: false,
  },
  {
    name: 'RISC-V',
    ending: '-rv64b.elf',
    deploy: same,
    code: (bytes) => loadRiscv(bytes).code,
    ours: riscv,
    isContract: false,
    sizes: { ending: '-rv64b.o', code: objectCode },
  },
]

/** @throws {Error} when there is no such format */
export function formatNamed(name: string): Format {
  const format = formats.find((one) => one.name === name)
  if (format === undefined) throw new Error(`no format is ${name}`)
  return format
}
