import { nullZone, type Segment } from '../vm/memory.ts'
import type { AvmProgram, BpfOptions, BpfProgram, ContractProgram } from '../vm/program.ts'
import { type Container, memoryEnd } from './container-rules.ts'

/** The eBPF contract profile, version 1 (docs/contract-ebpf.md): everything a program inherits from it. */
export const contractEbpf1 = {
  name: 'contract-ebpf-1',
  gas: 'alcatraz-1',
  /** Above every 32-bit data address, so that a code value is never a data address. */
  codeBase: 0x1_0000_0000n,
  /** Default stack in bytes; an object may ask for more. */
  stackSize: 0x10000,
  /** 16 MiB: memory is allocated at full size by some engines, and many contracts are alive at once. */
  maxMemory: 0x1000000,
  options: { packet: false, callxHelpers: false, maxDepth: 1024 } as BpfOptions,
} as const

/** The AVM contract profile, version 1 (docs/avm.md). */
export const contractAvm1 = {
  name: 'contract-avm-1',
  gas: 'avm-1',
  stackSize: 0x10000,
  maxMemory: 0x1000000,
  maxDepth: 1024,
} as const

/** Where the parts of a program lie in memory. */
export function layoutOf(c: Pick<Container, 'stackSize' | 'readOnly' | 'data' | 'bssSize'>): {
  readonly stack: { readonly low: number; readonly high: number }
  readonly readOnly: number
  readonly data: number
  readonly bss: number
  /** First unmapped address, a multiple of 4096. */
  readonly end: number
} {
  const readOnly = nullZone + c.stackSize
  const data = readOnly + c.readOnly.length
  return {
    stack: { low: nullZone, high: readOnly },
    readOnly,
    data,
    bss: data + c.data.length,
    end: memoryEnd(c),
  }
}

/** What both kinds of programs have, whatever their code. */
function partsOf(c: Container, options: { readonly maxMemory?: number }) {
  const layout = layoutOf(c)
  const segments: Segment[] = []
  if (c.readOnly.length > 0) segments.push({ address: layout.readOnly, bytes: c.readOnly })
  if (c.data.length > 0) segments.push({ address: layout.data, bytes: c.data })
  const maxSize = Math.max(layout.end, nullZone + (options.maxMemory ?? contractEbpf1.maxMemory))
  return {
    code: c.code,
    exports: new Map(c.exports.map(({ name, pc }) => [name, pc])),
    imports: c.imports,
    memory: { profile: 'linear32', segments, size: layout.end, maxSize },
    gas: c.gas,
    symbols: new Map(c.symbols.map(({ name, pc }) => [pc, name])),
    stack: layout.stack,
  } as const
}

function bpfOf(c: Container, options: { readonly maxMemory?: number }): BpfProgram {
  return {
    isa: 'bpf',
    version: 'v4',
    ...partsOf(c, options),
    functions: c.functions,
    codeBase: contractEbpf1.codeBase,
    addressTaken: c.addressTaken,
    options: contractEbpf1.options,
  }
}

function avmOf(c: Container, options: { readonly maxMemory?: number }): AvmProgram {
  return {
    isa: 'avm',
    version: 'v1',
    ...partsOf(c, options),
    functions: c.functions.map(({ args = 0, frameSize, pc }) => ({ pc, frameSize, args })),
    codeTable: c.addressTaken,
    maxDepth: contractAvm1.maxDepth,
  }
}

/**
 * The program an engine runs.
 * @param options.maxMemory bytes that memory may grow to, a multiple of 4096
 * @example engine.instantiate(programOf(decodeContainer(bytes)), { gas: 1_000_000n })
 */
export function programOf(
  c: Container,
  options: { readonly maxMemory?: number } = {},
): ContractProgram {
  return c.kind === 'avm' ? avmOf(c, options) : bpfOf(c, options)
}
