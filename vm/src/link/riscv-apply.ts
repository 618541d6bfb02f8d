import { linkFail, type Piece } from './objects.ts'
import type { Chunk } from './riscv-chunks.ts'
import {
  highPart,
  lowPart,
  putBranch,
  putI,
  putJal,
  putS,
  putShortBranch,
  putShortJump,
  putUpper,
} from './riscv-fields.ts'
import { type Fixup, fixupsIn } from './riscv-fixups.ts'
import type { CallTarget } from './riscv-linked.ts'
import type { Places, Resolved } from './riscv-places.ts'
import {
  addressTypes,
  idleTypes,
  jumpTypes,
  lowTypes,
  RiscvReloc as R,
  riscvRelocAdvice,
  riscvRelocName,
  wordTypes,
} from './riscv-reloc.ts'

/** A word of data that an address of code went into. */
export interface FoundWord {
  readonly place: 'readOnly' | 'data'
  /** In the place. */
  readonly offset: number
  readonly size: number
  readonly pc: number
  from: number
}

export interface Job {
  readonly places: Places
  readonly fixups: ReadonlyMap<Piece, readonly Fixup[]>
  readonly wide: boolean
  /** Bytes of each place, to be completed. */
  readonly views: { readonly code: DataView; readonly readOnly: DataView; readonly data: DataView }
  /** Calls of what is no code. */
  readonly calls: Map<number, CallTarget>
  readonly imports: ReadonlyMap<string, number>
  readonly words: FoundWord[]
  /** Places of auipc + jalr that are one jump within the code. */
  readonly pairs: Map<number, number>
  /** Parts of auipc by section and offset. */
  readonly highs: Map<Piece, Map<number, Fixup>>
}

const relaxedAdvice = 'no instruction of this relocation: link with -Wl,--emit-relocs,--no-relax'

function refuse(chunk: Chunk, fixup: Fixup, code: string, message: string, value?: number): never {
  const { object, section } = chunk.piece
  const name = fixup.name === '' ? '' : ` of ${fixup.name}`
  linkFail(code, `${riscvRelocName(fixup.type)}${name}: ${message}`, {
    ...{ object: object.name, section: section.name, offset: fixup.offset, value },
  })
}

/** An address as a value. */
function addressOf(job: Job, chunk: Chunk, fixup: Fixup, to: Resolved): number {
  switch (to.kind) {
    case 'value':
      return to.value
    case 'code':
      return job.places.codeValue(to.pc)
    case 'none':
      return fixup.addend
    case 'import': {
      const stub = job.places.stubs.get(to.name)
      if (stub === undefined)
        refuse(
          chunk,
          fixup,
          'undefinedSymbol',
          'defined nowhere; only a function that is called can be a host call',
        )
      return job.places.codeValue(stub) + fixup.addend
    }
    case 'dropped':
      return refuse(chunk, fixup, 'droppedSection', 'it is in a section that is not loaded')
  }
}

const opcode = (word: number): number => word & 0x7f
const Opcode = { auipc: 0x17, lui: 0x37, jalr: 0x67, jal: 0x6f, branch: 0x63, load: 0x03 } as const
const addi = 0x13

function checkOpcode(chunk: Chunk, fixup: Fixup, word: number, wanted: number): void {
  if (opcode(word) !== wanted)
    refuse(
      chunk,
      fixup,
      chunk.piece.object.elf.type === 1 ? 'relocationPlace' : 'relaxed',
      relaxedAdvice,
      word >>> 0,
    )
}

function checkReach(chunk: Chunk, fixup: Fixup, by: number, bits: number): void {
  const limit = 2 ** (bits - 1)
  if (by < -limit || by >= limit || by % 2 !== 0)
    refuse(chunk, fixup, 'relocationOverflow', 'too far: put the functions into one object', by)
}

/** auipc and lui reach 2 GiB either way; addresses of RV32 wrap. */
function checkHigh(job: Job, chunk: Chunk, fixup: Fixup, value: number): void {
  if (!job.wide) return
  if (value < -(2 ** 31) - 0x800 || value >= 2 ** 31 - 0x800)
    refuse(chunk, fixup, 'relocationOverflow', 'an address that 32 bits do not reach', value)
}

/** Octets from `at` on must be in the chunk. */
function checkRoom(chunk: Chunk, fixup: Fixup, size: number): void {
  if (fixup.offset + size > chunk.end)
    refuse(chunk, fixup, 'relocationPlace', 'it ends after its section or variable')
}

function applyJump(job: Job, chunk: Chunk, fixup: Fixup, at: number): void {
  const { code } = job.views
  const { type } = fixup
  const isShort = type === R.rvcBranch || type === R.rvcJump
  const isPair = type === R.call || type === R.callPlt
  checkRoom(chunk, fixup, isPair ? 8 : isShort ? 2 : 4)
  const word = isShort ? code.getUint16(at, true) : code.getUint32(at, true)
  if (isPair) {
    checkOpcode(chunk, fixup, word, Opcode.auipc)
    const second = code.getUint32(at + 4, true)
    checkOpcode(chunk, fixup, second, Opcode.jalr)
    // Both are one jump only if the second takes the register of the first.
    if (((second >>> 15) & 31) !== ((word >>> 7) & 31))
      refuse(chunk, fixup, 'relocationPlace', 'jalr of another register than its auipc')
  } else if (isShort) {
    const short = (word & 3) | ((word >>> 11) & 0x1c)
    const fits =
      type === R.rvcJump
        ? short === 0x15 || (short === 0x05 && !job.wide)
        : short === 0x19 || short === 0x1d
    if (!fits) refuse(chunk, fixup, 'relocationPlace', relaxedAdvice, word)
  } else checkOpcode(chunk, fixup, word, type === R.jal ? Opcode.jal : Opcode.branch)
  const to = job.places.resolve(fixup)
  let pc = at
  switch (to.kind) {
    case 'code':
      pc = to.pc
      break
    case 'import':
      if (job.imports.has(to.name)) {
        const stub = job.places.stubs.get(to.name)
        const index = job.imports.get(to.name)!
        if (stub === undefined) job.calls.set(at, { kind: 'import', index })
        else pc = stub
        break
      }
      return refuse(chunk, fixup, 'undefinedSymbol', 'neither defined nor a host call')
    case 'none':
      job.calls.set(at, { kind: 'none', name: to.name })
      break
    case 'dropped':
      return refuse(chunk, fixup, 'droppedSection', 'it is in a section that is not loaded')
    case 'value':
      return refuse(chunk, fixup, 'callTarget', 'a jump to what is no code')
  }
  const by = pc - at
  switch (type) {
    case R.branch:
      checkReach(chunk, fixup, by, 13)
      code.setUint32(at, putBranch(word, by), true)
      return
    case R.jal:
      checkReach(chunk, fixup, by, 21)
      code.setUint32(at, putJal(word, by), true)
      return
    case R.rvcBranch:
      checkReach(chunk, fixup, by, 9)
      code.setUint16(at, putShortBranch(word, by), true)
      return
    case R.rvcJump:
      checkReach(chunk, fixup, by, 12)
      code.setUint16(at, putShortJump(word, by), true)
      return
    default:
      if (!job.calls.has(at)) job.pairs.set(at, pc)
      code.setUint32(at, putUpper(word, highPart(by)), true)
      code.setUint32(at + 4, putI(code.getUint32(at + 4, true), lowPart(by)), true)
  }
}

/** The value that an auipc and what completes it make, less the address of the auipc. */
function pairValue(job: Job, chunk: Chunk, high: Fixup): number {
  const at = chunk.offset + high.offset - chunk.start
  const value = addressOf(job, chunk, high, job.places.resolve(high))
  return value - (job.places.layout.codeAddress + at)
}

function applyLow(job: Job, chunk: Chunk, fixup: Fixup, at: number): void {
  const { code } = job.views
  const { target } = fixup
  const high =
    target.kind === 'piece' && target.piece === chunk.piece
      ? job.highs.get(target.piece)?.get(target.offset)
      : undefined
  if (high === undefined || high.offset < chunk.start || high.offset >= chunk.end)
    refuse(chunk, fixup, 'relocationPair', 'it names no auipc of its function')
  const low = lowPart(pairValue(job, chunk, high) | 0)
  const word = code.getUint32(at, true)
  if (fixup.type === R.pcrelLo12S) code.setUint32(at, putS(word, low), true)
  else if (high.type === R.gotHi20) {
    // The value is known: what would load it from a slot makes it.
    checkOpcode(chunk, fixup, word, Opcode.load)
    if (((word >>> 12) & 7) !== (job.wide ? 3 : 2))
      refuse(chunk, fixup, 'relocationPlace', 'a slot that is read in part', word >>> 0)
    code.setUint32(at, putI((word & ~0x707f) | addi, low), true)
  } else code.setUint32(at, putI(word, low), true)
}

function applyAddress(job: Job, chunk: Chunk, fixup: Fixup, at: number): void {
  const { code } = job.views
  checkRoom(chunk, fixup, 4)
  const word = code.getUint32(at, true)
  if (lowTypes.has(fixup.type)) {
    applyLow(job, chunk, fixup, at)
    return
  }
  if (fixup.type === R.pcrelHi20 || fixup.type === R.gotHi20) {
    checkOpcode(chunk, fixup, word, Opcode.auipc)
    const value = pairValue(job, chunk, fixup)
    checkHigh(job, chunk, fixup, value)
    code.setUint32(at, putUpper(word, highPart(value | 0)), true)
    return
  }
  const value = addressOf(job, chunk, fixup, job.places.resolve(fixup))
  checkHigh(job, chunk, fixup, value)
  if (fixup.type === R.hi20) {
    checkOpcode(chunk, fixup, word, Opcode.lui)
    code.setUint32(at, putUpper(word, highPart(value | 0)), true)
  } else if ((word & 3) !== 3) {
    checkOpcode(chunk, fixup, word, Opcode.load)
  } else {
    const low = lowPart(value | 0)
    code.setUint32(at, fixup.type === R.lo12S ? putS(word, low) : putI(word, low), true)
  }
}

/** Octets of a word, and what is done to it: 's' set, 'a' add, 'm' subtract. */
const wordKinds: ReadonlyMap<number, readonly [size: number, kind: 's' | 'a' | 'm']> = new Map([
  [R.abs32, [4, 's']],
  [R.abs64, [8, 's']],
  [R.pcrel32, [4, 's']],
  [R.plt32, [4, 's']],
  [R.set6, [1, 's']],
  [R.set8, [1, 's']],
  [R.set16, [2, 's']],
  [R.set32, [4, 's']],
  [R.add8, [1, 'a']],
  [R.add16, [2, 'a']],
  [R.add32, [4, 'a']],
  [R.add64, [8, 'a']],
  [R.sub6, [1, 'm']],
  [R.sub8, [1, 'm']],
  [R.sub16, [2, 'm']],
  [R.sub32, [4, 'm']],
  [R.sub64, [8, 'm']],
])

function readWord(view: DataView, at: number, size: number): bigint {
  let value = 0n
  for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(view.getUint8(at + i))
  return value
}

function writeWord(view: DataView, at: number, size: number, value: bigint): void {
  let rest = BigInt.asUintN(64, value)
  for (let i = 0; i < size; i++, rest >>= 8n) view.setUint8(at + i, Number(rest & 0xffn))
}

/** Stores into a LEB128 number without changing its length. */
function applyLeb(chunk: Chunk, fixup: Fixup, view: DataView, at: number, value: number): void {
  const last = at + chunk.end - fixup.offset
  let end = at
  while (end < last && (view.getUint8(end) & 0x80) !== 0) end++
  if (end >= last || end - at > 9)
    refuse(chunk, fixup, 'relocationPlace', 'a LEB128 number without an end')
  let stored = 0n
  for (let i = end; i >= at; i--) stored = (stored << 7n) | BigInt(view.getUint8(i) & 0x7f)
  let rest = BigInt.asUintN(
    64,
    fixup.type === R.setUleb128 ? BigInt(value) : stored - BigInt(value),
  )
  for (let i = at; i <= end; i++, rest >>= 7n)
    view.setUint8(i, Number(rest & 0x7fn) | (i < end ? 0x80 : 0))
  if (rest !== 0n)
    refuse(chunk, fixup, 'relocationOverflow', 'it does not fit the LEB128 number', value)
}

function applyWord(job: Job, chunk: Chunk, fixup: Fixup, at: number): void {
  const { place } = chunk.piece
  if (place === 'bss') refuse(chunk, fixup, 'relocationPlace', 'in memory that is zero')
  const view = job.views[place]
  const to = job.places.resolve(fixup)
  let value = addressOf(job, chunk, fixup, to)
  const { type } = fixup
  if (type === R.setUleb128 || type === R.subUleb128) {
    applyLeb(chunk, fixup, view, at, value)
    return
  }
  const [size, kind] = wordKinds.get(type)!
  checkRoom(chunk, fixup, size)
  const isCode = to.kind === 'code' || to.kind === 'import'
  let from = 0
  if (type === R.pcrel32 || type === R.plt32) {
    from = (place === 'code' ? job.places.layout.codeAddress : job.places.at[place]) + at
    value -= from
  }
  if (place !== 'code' && isCode && kind !== 'm') {
    const pc = to.kind === 'code' ? to.pc : job.places.stubs.get(to.name)!
    job.words.push({ place, offset: at, size, pc, from })
  }
  const before = job.words.at(-1)
  if (kind === 'm' && before?.place === place && before.offset === at) before.from = value
  if (type === R.set6 || type === R.sub6) {
    const old = view.getUint8(at)
    const six = type === R.set6 ? value : (old & 0x3f) - value
    view.setUint8(at, (old & 0xc0) | (six & 0x3f))
    return
  }
  const old = kind === 's' ? 0n : readWord(view, at, size)
  const sum = kind === 'm' ? old - BigInt(value) : old + BigInt(value)
  const isAbsolute = type === R.abs32
  if (isAbsolute && (value < -(2 ** 31) || value >= 2 ** 32))
    refuse(chunk, fixup, 'relocationOverflow', 'an address that does not fit 32 bits', value)
  writeWord(view, at, size, sum)
}

/** Places in code whose address one of the kept chunks takes. */
export function takenPlaces(job: Job, kept: readonly Chunk[]): number[] {
  const taken = new Set<number>()
  for (const chunk of kept)
    for (const fixup of fixupsIn(job.fixups.get(chunk.piece) ?? [], chunk)) {
      const { type } = fixup
      if (jumpTypes.has(type) || idleTypes.has(type) || lowTypes.has(type)) continue
      const to = job.places.resolve(fixup)
      if (to.kind === 'code') taken.add(to.pc)
      if (to.kind === 'import') {
        const stub = job.places.stubs.get(to.name)
        if (stub !== undefined) taken.add(stub)
      }
    }
  return [...taken].sort((a, b) => a - b)
}

/** Applies the fixups of the kept chunks. @throws {LinkError} naming symbol, section and offset, and what avoids it */
export function applyFixups(job: Job, kept: readonly Chunk[]): number {
  let count = 0
  for (const chunk of kept) {
    const isCode = chunk.piece.place === 'code'
    for (const fixup of fixupsIn(job.fixups.get(chunk.piece) ?? [], chunk)) {
      const { type } = fixup
      if (idleTypes.has(type)) continue
      const at = chunk.offset + fixup.offset - chunk.start
      count++
      if (isCode && jumpTypes.has(type)) applyJump(job, chunk, fixup, at)
      else if (isCode && (addressTypes.has(type) || lowTypes.has(type)))
        applyAddress(job, chunk, fixup, at)
      else if (wordTypes.has(type)) applyWord(job, chunk, fixup, at)
      else refuse(chunk, fixup, 'relocationType', riscvRelocAdvice(type), type)
    }
  }
  return count
}
