import { alignUp } from '../bits/bytes.ts'
import { DecodeError } from '../bits/errors.ts'
import { maxSlots } from '../isa/avm/table.ts'
import { pageSize } from '../vm/memory.ts'

/** What the code section holds. */
export const CodeKind = { bpf: 1, avm: 2, pvm: 4 } as const
export type CodeKindName = keyof typeof CodeKind

/** A function of eBPF or AVM; only AVM's have `args` and `slots`. */
export interface ContainerFunction {
  /** Place of the first instruction. */
  readonly pc: number
  /** Bytes, a multiple of 8. */
  readonly frameSize: number
  readonly args?: number
  readonly slots?: number
}

/** Most arguments a function of AVM is given. */
export const maxArguments = 8

/** Bytes of a place in the code: pcs of eBPF count slots. */
export const pcUnit: Readonly<Record<CodeKindName, number>> = { bpf: 8, avm: 1, pvm: 1 }

/** A linked program: what the container's bytes say, and nothing else (docs/container.md). */
export interface Container {
  readonly kind: CodeKindName
  /** Profile the program was linked for, such as `contract-ebpf-1`. */
  readonly profile: string
  /** Gas schedule by name and version, such as `alcatraz-1`. */
  readonly gas: string
  /** Bytes, a multiple of 4096. */
  readonly stackSize: number
  /** Zero bytes after `data`. */
  readonly bssSize: number
  /** Host calls; a call names one by its index here. */
  readonly imports: readonly string[]
  /** Entry points, each the start of a function (PVM: of an instruction); sorted by name. */
  readonly exports: readonly { readonly name: string; readonly pc: number }[]
  /** Sorted by pc; the first is 0. PVM has none. */
  readonly functions: readonly ContainerFunction[]
  /** Places whose address the program takes: eBPF's ascending, AVM's in the order of its code addresses; PVM's jump table. */
  readonly addressTaken: readonly number[]
  readonly code: Uint8Array
  /** PVM: one bit per octet of code, least significant first, set where an instruction starts. Others have none. */
  readonly bitmask?: Uint8Array
  readonly readOnly: Uint8Array
  readonly data: Uint8Array
  /** Names for people, sorted by pc, at most one per pc. */
  readonly symbols: readonly { readonly name: string; readonly pc: number }[]
}

/** Bounds that every container keeps, each with what it protects. */
export const containerLimits = {
  /** 2 Mi slots: 10 MB programs decode, and a slot number fits a gotol and the IR's i32. */
  codeBytes: 0x1000000,
  /**
   * Stack, read-only, data and bss together, in whole pages: initial memory is allocated before
   * any of it is used. 64 KiB, the largest input, below the 16 MiB of the contract profile.
   */
  memoryBytes: 0xff0000,
  /** A host's table is far smaller; bounds the cost of resolving names. */
  imports: 1024,
  exports: 4096,
  /** Names are shown and compared; longer ones only fill storage. */
  nameBytes: 255,
  /** More than memory has: what `.stack_sizes` and 16-bit frame offsets can ask for. */
  frameBytes: 0xfffff8,
} as const

function fail(
  code: string,
  message: string,
  offset: number | undefined,
  value: number | string,
): never {
  throw new DecodeError(code, message, { offset, value })
}

/** Printable ASCII without blanks: no two names look the same, none needs decoding. */
export function isName(text: string): boolean {
  return text.length <= containerLimits.nameBytes && /^[!-~]+$/.test(text)
}

/** What a program says of its memory. */
export type ContainerMemory = Pick<Container, 'stackSize' | 'readOnly' | 'data' | 'bssSize'> & {
  readonly kind?: CodeKindName
}

/** Bytes that a program begins with, in whole pages: eBPF and AVM have one row of them, PVM three. */
export function memoryBytes({ bssSize, data, kind, readOnly, stackSize }: ContainerMemory): number {
  const written = data.length + bssSize
  if (kind !== 'pvm') return alignUp(stackSize + readOnly.length + written, pageSize)
  return stackSize + alignUp(readOnly.length, pageSize) + alignUp(written, pageSize)
}

/**
 * The rules across a container's sections, kept by what is encoded and by what is decoded.
 * @param placeOf offsets of section contents, for messages about decoded bytes
 * @throws {DecodeError}
 */
export function checkContainer(
  c: Container,
  placeOf: ReadonlyMap<string, number> = new Map(),
): void {
  const at = (section: string): number | undefined => placeOf.get(section)
  const slots = c.code.length / pcUnit[c.kind]
  if (!isName(c.profile)) fail('badName', 'profile is no name', at('profile'), c.profile)
  if (!isName(c.gas)) fail('badName', 'gas schedule is no name', at('profile'), c.gas)
  if (c.stackSize % pageSize !== 0 || c.stackSize === 0) {
    fail('stackSize', 'stack is no multiple of 4096 bytes', at('memory'), c.stackSize)
  }
  if (c.code.length === 0 || !Number.isInteger(slots)) {
    fail('codeSize', 'code is no whole number of slots', at('code'), c.code.length)
  }
  if (c.code.length > containerLimits.codeBytes) {
    fail('codeTooLarge', `code over ${containerLimits.codeBytes} bytes`, at('code'), c.code.length)
  }
  const bytes = memoryBytes(c)
  if (bytes > containerLimits.memoryBytes) {
    fail('memoryTooLarge', `memory over ${containerLimits.memoryBytes} bytes`, at('memory'), bytes)
  }
  checkNames(c, at)
  if (c.kind === 'pvm') checkPvm(c, at)
  else checkFunctions(c, slots, at)
  checkPlaces(c, slots, at)
}

type At = (section: string) => number | undefined

function checkNames(c: Container, at: At): void {
  if (c.imports.length > containerLimits.imports) {
    fail('countTooLarge', 'too many imports', at('imports'), c.imports.length)
  }
  if (c.exports.length > containerLimits.exports) {
    fail('countTooLarge', 'too many exports', at('exports'), c.exports.length)
  }
  const imports = new Set<string>()
  for (const name of c.imports) {
    if (!isName(name)) fail('badName', 'import is no name', at('imports'), name)
    if (imports.has(name)) fail('duplicateImport', `import ${name} twice`, at('imports'), name)
    imports.add(name)
  }
  let before = ''
  for (const { name } of c.exports) {
    if (!isName(name)) fail('badName', 'export is no name', at('exports'), name)
    if (name <= before) fail('exportOrder', `export ${name} is out of order`, at('exports'), name)
    before = name
  }
  for (const { name } of c.symbols) {
    if (!isName(name)) fail('badName', 'symbol is no name', at('symbols'), name)
  }
}

/** Code of PVM: its bitmask, no functions, entries where instructions start. */
function checkPvm(c: Container, at: At): void {
  const { bitmask = new Uint8Array(0), code } = c
  const isStart = (pc: number): boolean => ((bitmask[pc >>> 3]! >> (pc & 7)) & 1) === 1
  if (bitmask.length !== Math.ceil(code.length / 8))
    fail('bitmask', 'not one bit for each octet of code', at('bitmask'), bitmask.length)
  if (!isStart(0)) fail('bitmask', 'no instruction starts at 0', at('bitmask'), bitmask[0]!)
  if (code.length % 8 !== 0 && bitmask.at(-1)! >> (code.length % 8) !== 0)
    fail('bitmask', 'bits past the code are set', at('bitmask'), bitmask.at(-1)!)
  if (c.functions.length > 0)
    fail('functionStart', 'PVM has no functions', at('functions'), c.functions[0]!.pc)
  for (const { name, pc } of c.exports)
    if (!(pc < code.length) || !isStart(pc))
      fail('exportTarget', `${name} is no instruction`, at('exports'), pc)
}

function checkFunctions(c: Container, slots: number, at: At): void {
  if (c.bitmask !== undefined)
    fail('bitmask', 'only PVM has a bitmask', at('bitmask'), c.bitmask.length)
  const missing = new Set<number>()
  for (const { pc } of c.exports) missing.add(pc)
  if (c.functions[0]?.pc !== 0) fail('functionStart', 'no function at slot 0', at('functions'), 0)
  let before = -1
  for (const { args, pc, frameSize, slots: own } of c.functions) {
    if (pc <= before) fail('notAscending', `function ${pc} is out of order`, at('functions'), pc)
    if (pc >= slots) fail('slotOutside', `function ${pc} is outside code`, at('functions'), pc)
    if (c.kind === 'avm' && !(args !== undefined && args >= 0 && args <= maxArguments))
      fail('arguments', `${args} arguments`, at('functions'), args ?? -1)
    if (c.kind === 'bpf' && args !== undefined)
      fail('arguments', 'functions of eBPF have none', at('functions'), args)
    const isCount = own === undefined || (own >= 0 && own <= maxSlots)
    if (!isCount || (c.kind === 'bpf') !== (own === undefined))
      fail('slots', `${String(own)} slots`, at('functions'), own ?? -1)
    if (frameSize % 8 !== 0 || frameSize < 0 || frameSize > containerLimits.frameBytes) {
      fail('frameSize', `frame of ${frameSize} bytes`, at('functions'), frameSize)
    }
    missing.delete(pc)
    before = pc
  }
  for (const { name, pc } of c.exports) {
    if (missing.has(pc)) fail('exportTarget', `${name} is no function`, at('exports'), pc)
  }
}

function checkPlaces(c: Container, slots: number, at: At): void {
  if (c.kind === 'bpf') checkAscending(c.addressTaken, slots, at('addressTaken'))
  else {
    // places may repeat; lifting looks at each, and gas for it is by the size of the code
    if (c.addressTaken.length > slots)
      fail('countTooLarge', 'a longer table than code', at('addressTaken'), c.addressTaken.length)
    for (const pc of c.addressTaken)
      if (!(pc >= 0 && pc < slots))
        fail('slotOutside', `place ${pc} is outside code`, at('addressTaken'), pc)
  }
  checkAscending(
    c.symbols.map(({ pc }) => pc),
    slots,
    at('symbols'),
  )
}

function checkAscending(pcs: readonly number[], slots: number, offset: number | undefined): void {
  let before = -1
  for (const pc of pcs) {
    if (pc <= before) fail('notAscending', `slot ${pc} is out of order`, offset, pc)
    if (pc >= slots) fail('slotOutside', `slot ${pc} is outside code`, offset, pc)
    before = pc
  }
}
