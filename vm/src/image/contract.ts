import { alignUp } from '../bits/bytes.ts'
import { nullZone, type PagedPlan, pageSize, type Segment } from '../vm/memory.ts'
import type {
  AvmProgram,
  BpfOptions,
  BpfProgram,
  ContractProgram,
  PvmOptions,
  PvmProgram,
} from '../vm/program.ts'
import { pvmHaltAddress } from '../vm/start.ts'
import {
  type CodeKindName,
  type Container,
  type ContainerMemory,
  memoryBytes,
} from './container-rules.ts'
import { polkavmPlan, polkavmStackTop } from './pvm-memory.ts'
import { pvmPresets } from './pvm-options.ts'

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

/** The PVM contract profile, version 1 (docs/contract-pvm.md). */
export const contractPvm1 = {
  name: 'contract-pvm-1',
  gas: 'pvm-1',
  /** Instructions of Gray Paper 0.8: a version that will not change. */
  version: 'jam-v1',
  stackSize: 0x10000,
  maxMemory: 0x1000000,
  /** Those of the paper, but that every bad access is a fault with its place, as in the other profiles. */
  options: {
    ...pvmPresets['gp-0.8'],
    ecalliImports: true,
    nullPagePanics: false,
  } as PvmOptions,
} as const

/** What a chain runs, by the kind of code. */
export const contractProfiles: {
  readonly [K in CodeKindName]: { readonly name: string; readonly gas: string }
} = { avm: contractAvm1, bpf: contractEbpf1, pvm: contractPvm1 }

/** Where the parts of a program lie in memory. */
export function layoutOf(c: ContainerMemory): {
  readonly stack: { readonly low: number; readonly high: number }
  readonly readOnly: number
  readonly data: number
  readonly bss: number
  /** First unmapped address, a multiple of 4096. */
  readonly end: number
} {
  if (c.kind === 'pvm') return pvmLayoutOf(c)
  const readOnly = nullZone + c.stackSize
  const data = readOnly + c.readOnly.length
  return {
    stack: { low: nullZone, high: readOnly },
    readOnly,
    data,
    bss: data + c.data.length,
    end: nullZone + memoryBytes(c),
  }
}

/** The crate's places (docs/container-pvm.md). */
function pvmLayoutOf(c: ContainerMemory): ReturnType<typeof layoutOf> {
  const { heap } = pvmPlanOf(c, contractPvm1.maxMemory)
  const end = heap?.start ?? 0
  const data = end - alignUp(c.data.length + c.bssSize, pageSize)
  return {
    stack: { low: polkavmStackTop - c.stackSize, high: polkavmStackTop },
    readOnly: nullZone,
    data,
    bss: data + c.data.length,
    end,
  }
}

/** Memory as files of the polkavm crate have it, but the input and the heap begin with a page, behind the data. */
function pvmPlanOf(c: ContainerMemory, maxMemory: number): PagedPlan {
  const rwDataSize = alignUp(c.data.length + c.bssSize, pageSize)
  return polkavmPlan(
    {
      ...{ roData: c.readOnly, roDataSize: c.readOnly.length },
      ...{ rwData: c.data, rwDataSize, stackSize: c.stackSize },
    },
    { maxBytes: Math.max(maxMemory, memoryBytes(c)) },
  )
}

/** What programs of eBPF and AVM have. */
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
    functions: c.functions.map(({ args = 0, frameSize, pc, slots = 0 }) => ({
      ...{ pc, frameSize, args, slots },
    })),
    codeTable: c.addressTaken,
    maxDepth: contractAvm1.maxDepth,
  }
}

function pvmOf(c: Container, options: { readonly maxMemory?: number }): PvmProgram {
  const { bitmask = new Uint8Array(0), code, imports } = c
  return {
    isa: 'pvm',
    version: contractPvm1.version,
    ...{ code, bitmask, imports, jumpTable: Uint32Array.from(c.addressTaken) },
    options: contractPvm1.options,
    exports: new Map(c.exports.map(({ name, pc }) => [name, pc])),
    memory: pvmPlanOf(c, options.maxMemory ?? contractPvm1.maxMemory),
    gas: c.gas,
    symbols: new Map(c.symbols.map(({ name, pc }) => [pc, name])),
    start: [pvmHaltAddress, BigInt(polkavmStackTop)],
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
  switch (c.kind) {
    case 'avm':
      return avmOf(c, options)
    case 'bpf':
      return bpfOf(c, options)
    case 'pvm':
      return pvmOf(c, options)
  }
}
