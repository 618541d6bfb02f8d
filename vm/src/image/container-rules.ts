import { DecodeError } from '../bits/errors.ts'
import { nullZone, pageSize } from '../vm/memory.ts'

/** What the code section holds. */
export const CodeKind = { bpf: 1, avm: 2 } as const
export type CodeKindName = keyof typeof CodeKind

/** A function of either kind; only AVM's have `args`. */
export interface ContainerFunction {
  /** Place of the first instruction. */
  readonly pc: number
  /** Bytes, a multiple of 8. */
  readonly frameSize: number
  readonly args?: number
}

/** Most arguments a function of AVM is given. */
export const maxArguments = 8

/** Bytes of a place in the code: pcs of eBPF count slots. */
export const pcUnit: Readonly<Record<CodeKindName, number>> = { bpf: 8, avm: 1 }

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
  /** Entry points, each the start of a function; sorted by name. */
  readonly exports: readonly { readonly name: string; readonly pc: number }[]
  /** Sorted by pc; the first is 0. */
  readonly functions: readonly ContainerFunction[]
  /** Places whose address the program takes: eBPF's ascending, AVM's in the order of its code addresses. */
  readonly addressTaken: readonly number[]
  readonly code: Uint8Array
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
  /** What `.stack_sizes` and 16-bit frame offsets can ask for, rounded up. */
  frameBytes: 0x1000000,
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

/** First unmapped address of a program: stack, read-only, data, bss, rounded up to pages. */
export function memoryEnd(
  c: Pick<Container, 'stackSize' | 'readOnly' | 'data' | 'bssSize'>,
): number {
  const bytes = c.stackSize + c.readOnly.length + c.data.length + c.bssSize
  return nullZone + Math.ceil(bytes / pageSize) * pageSize
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
  const end = memoryEnd(c)
  if (end - nullZone > containerLimits.memoryBytes) {
    fail('memoryTooLarge', `memory over ${containerLimits.memoryBytes} bytes`, at('memory'), end)
  }
  checkNames(c, at)
  checkSlots(c, slots, at)
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

function checkSlots(c: Container, slots: number, at: At): void {
  const missing = new Set<number>()
  for (const { pc } of c.exports) missing.add(pc)
  if (c.functions[0]?.pc !== 0) fail('functionStart', 'no function at slot 0', at('functions'), 0)
  let before = -1
  for (const { args, pc, frameSize } of c.functions) {
    if (pc <= before) fail('notAscending', `function ${pc} is out of order`, at('functions'), pc)
    if (pc >= slots) fail('slotOutside', `function ${pc} is outside code`, at('functions'), pc)
    if (c.kind === 'avm' && !(args !== undefined && args >= 0 && args <= maxArguments))
      fail('arguments', `${args} arguments`, at('functions'), args ?? -1)
    if (c.kind === 'bpf' && args !== undefined)
      fail('arguments', 'functions of eBPF have none', at('functions'), args)
    if (frameSize % 8 !== 0 || frameSize < 0 || frameSize > containerLimits.frameBytes) {
      fail('frameSize', `frame of ${frameSize} bytes`, at('functions'), frameSize)
    }
    missing.delete(pc)
    before = pc
  }
  for (const { name, pc } of c.exports) {
    if (missing.has(pc)) fail('exportTarget', `${name} is no function`, at('exports'), pc)
  }
  if (c.kind === 'bpf') checkAscending(c.addressTaken, slots, at('addressTaken'))
  else
    for (const pc of c.addressTaken)
      if (!(pc >= 0 && pc < slots))
        fail('slotOutside', `place ${pc} is outside code`, at('addressTaken'), pc)
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
