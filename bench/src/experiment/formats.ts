import { drive, hostOf, type Machine, type Program } from 'alcatraz-vm'
import { startAvm, startContract } from 'alcatraz-vm/avm'
import { startBpf } from 'alcatraz-vm/bpf'
import {
  decodeContainer,
  linkAvm,
  linkBpf,
  linkPolkavm,
  linkSbpf,
  linkSpi,
  packAvm,
  programOf,
  readElf,
  unpackAvm,
} from 'alcatraz-vm/link'
import { decodePolkavm, decodeSpi, splitPolkavm, splitSpi, startPvm } from 'alcatraz-vm/pvm'
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
  /** Those that do; all three if not given. */
  readonly engines?: readonly string[]
  /** Its code as a container packs it, and the way back; absent: there is none. */
  pack?(code: Uint8Array): { readonly packed: Uint8Array; unpack(): Uint8Array }
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

/** Code with its bitmask and jump table: none of them can be left out. */
function polkavmCode(bytes: Uint8Array): Uint8Array {
  const { bitmask, code, jumpTable } = splitPolkavm(bytes)
  const entry = jumpTable.some((pc) => pc > 0xffff) ? 3 : 2
  const out = new Uint8Array(code.length + bitmask.length + entry * jumpTable.length)
  out.set(code)
  out.set(bitmask, code.length)
  jumpTable.forEach((pc, i) => {
    for (let k = 0; k < entry; k++)
      out[code.length + bitmask.length + entry * i + k] = pc >> (8 * k)
  })
  return out
}

const executable = 4n

/** The code sections of an object, one behind the other. */
function objectCode(bytes: Uint8Array): Uint8Array {
  const { sections } = readElf(bytes)
  const code = sections.filter(({ flags }) => (BigInt(flags) & executable) !== 0n)
  return Uint8Array.from(code.flatMap((section) => [...section.bytes]))
}

const avm: OwnFormat = {
  parse: (bytes) => programOf(decodeContainer(bytes)),
  call(machine, n) {
    startAvm(machine, 'run', [n])
    return halted(machine).registers.get(0)
  },
}

/** As in eBPF, n is in the input. */
const avmOfBpf: OwnFormat = {
  parse: avm.parse,
  call(machine, n) {
    startContract(machine, 'run', octetsOf(n))
    return halted(machine).registers.get(0)
  },
}

const pvm: OwnFormat = {
  parse: (bytes) => decodePolkavm(bytes),
  call(machine, n) {
    startPvm(machine, 'run', [n])
    return halted(machine).registers.get(7)
  },
}

const spi: OwnFormat = {
  parse: (bytes) => decodeSpi(bytes, { version: 'gp-0.7' }),
  call(machine, n) {
    startPvm(machine, 0, [n])
    return halted(machine).registers.get(7)
  },
}

function packed(code: Uint8Array): ReturnType<NonNullable<Format['pack']>> {
  const bytes = packAvm(code)
  return { packed: bytes, unpack: () => unpackAvm(bytes, code.length) }
}

/** What linkers are told beside the object. */
const linked = { exports: ['run'], symbols: false } as const

/** One row for each format; what has no file is left out of a run. */
export const formats: readonly Format[] = [
  { name: 'Wasm', ending: '-opt.wasm', deploy: same, code: wasmCode, isContract: false },
  { name: 'Wasm of LLVM alone', ending: '.wasm', deploy: same, code: wasmCode, isContract: false },
  {
    name: 'AVM',
    ending: '-rv64b.o',
    deploy: (object) => linkAvm([object], linked).container,
    code: (bytes) => decodeContainer(bytes).code,
    pack: packed,
    ours: avm,
    isContract: true,
    startsFresh: true,
  },
  {
    name: 'AVM, not optimised',
    ending: '-rv64b.o',
    deploy: (object) => linkAvm([object], { ...linked, level: 'none' }).container,
    code: (bytes) => decodeContainer(bytes).code,
    pack: packed,
    ours: avm,
    engines: ['recomp'],
    isContract: true,
  },
  {
    name: 'AVM of RV64E',
    ending: '-rv64e.o',
    deploy: (object) => linkAvm([object], linked).container,
    code: (bytes) => decodeContainer(bytes).code,
    pack: packed,
    ours: avm,
    engines: ['recomp'],
    isContract: true,
  },
  {
    name: 'AVM of eBPF',
    ending: '-bpf.o',
    deploy: (object) => linkAvm([object], linked).container,
    code: (bytes) => decodeContainer(bytes).code,
    pack: packed,
    ours: avmOfBpf,
    engines: ['recomp'],
    isContract: true,
  },
  {
    name: 'PVM',
    ending: '-rv64b.o',
    deploy: (object) => linkPolkavm([object], 'revive-v1', linked).bytes,
    code: polkavmCode,
    ours: pvm,
    isContract: false,
    startsFresh: true,
  },
  {
    name: 'PVM of Gray Paper 0.7',
    ending: '-rv64b.o',
    deploy: (object) => linkSpi([object], 'gp-0.7', linked).bytes,
    code: (bytes) => splitSpi(bytes).blob,
    ours: spi,
    engines: ['recomp', 'interp'],
    isContract: false,
  },
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
