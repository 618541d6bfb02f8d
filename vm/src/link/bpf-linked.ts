import { alignUp } from '../bits/bytes.ts'
import { LinkError } from '../bits/errors.ts'
import { decodeBpf, newBpfInsn } from '../isa/bpf/decode.ts'
import { bpfTarget } from '../isa/bpf/disasm.ts'
import { bpfRow, bpfRows } from '../isa/bpf/table.ts'
import type { BpfFunction } from '../vm/program.ts'
import { type BpfInputOptions, linkBpfParts } from './bpf-parts.ts'
import { functionsOf } from './functions.ts'
import { addCommons, checkSizes, copyPieces, type PlacedBytes, stackPieces } from './layout.ts'
import { type LinkObject, type ObjectInput, type Piece, piecesOf } from './objects.ts'
import type { CodeUse, Relocated } from './relocate.ts'
import type { RiscvLinkReport } from './riscv-link.ts'
import type {
  CallTarget,
  CodePlace,
  CodeWord,
  LinkedCode,
  LinkedFunction,
  TargetLayout,
} from './riscv-linked.ts'
import type { Symbols } from './symbols.ts'
import { variablesOf } from './variables.ts'

export interface BpfCodeOptions extends BpfInputOptions {
  /** Where the target wants data, and what addresses of code are there. */
  readonly layout: TargetLayout
  /** Octets of stack: no frame may be larger. */
  readonly stackSize: number
}

const framePointer = 10
/** What LLVM lets a frame have unless it is told otherwise, in octets. */
const usualFrame = 512

/**
 * A frame that nobody declared, of the code up to slot `end`. Where the frame pointer is taken into another register the scan
 * may miss what is far from there, and here calls and spilled values are next to it: the frame is as large as frames are.
 */
function guessed({ frameSize, pc }: BpfFunction, end: number, code: Uint8Array): BpfFunction {
  const insn = newBpfInsn()
  for (let slot = pc; slot < end; slot += insn.slots) {
    decodeBpf(code, slot, insn)
    if (insn.row < 0 || insn.src !== framePointer) continue
    if (bpfRows[insn.row]!.form === 'rr') return { pc, frameSize: Math.max(frameSize, usualFrame) }
  }
  return { pc, frameSize }
}

interface Placed extends PlacedBytes {
  readonly bssSize: number
}

function place(
  objects: readonly LinkObject[],
  commons: Symbols['commons'],
  target: TargetLayout,
): Placed {
  const code = stackPieces(objects, 'code', 8)
  const readOnly = stackPieces(objects, 'readOnly', 8)
  const data = stackPieces(objects, 'data', 8)
  const bss = stackPieces(objects, 'bss', 8)
  addCommons(bss, commons)
  checkSizes(code, readOnly, data, bss)
  return {
    code: copyPieces(objects, 'code', alignUp(code.size, 8)),
    readOnly: copyPieces(objects, 'readOnly', readOnly.size),
    data: copyPieces(objects, 'data', data.size),
    bssSize: bss.size,
    base: target.place({ code, readOnly, data, bss }),
    codeBase: BigInt(target.codeAddress),
  }
}

/** Index of the function that contains each place, by places in ascending order. */
function ownersOf(functions: readonly BpfFunction[], places: readonly number[]): number[] {
  let index = 0
  return places.map((at) => {
    while (index + 1 < functions.length && functions[index + 1]!.pc * 8 <= at) index++
    return index
  })
}

/** The places whose address is taken; writes what an address of each is wherever it is wanted. */
function codeTableOf(
  { taken, uses }: Relocated,
  functions: readonly BpfFunction[],
  { codeValues, name }: TargetLayout,
): CodePlace[] {
  if (codeValues === 'address')
    throw new LinkError('target', `eBPF objects do not become programs of ${name}`)
  const pcs = [...taken].sort((a, b) => a - b)
  const owners = ownersOf(functions, pcs)
  const table = pcs.map((pc, i): CodePlace => {
    const index = owners[i]!
    const isFunction = functions[index]!.pc * 8 === pc
    return { pc, index, isFunction, value: codeValues.base + codeValues.step * i }
  })
  const values = new Map(table.map(({ pc, value }) => [pc, BigInt(value)]))
  for (const { at, put } of uses) put(values.get(at)!)
  return table
}

function wordsOf(uses: readonly CodeUse[], table: readonly CodePlace[]): CodeWord[] {
  const entries = new Map(table.map(({ pc }, entry) => [pc, entry]))
  return uses
    .flatMap(({ at, word }) =>
      word === undefined ? [] : [{ ...word, entry: entries.get(at)!, from: 0 }],
    )
    .sort((a, b) => a.address - b.address)
}

/** Where calls of functions and of the host go, by the octet they are at. */
function callsOf(
  code: Uint8Array,
  functions: readonly BpfFunction[],
  bound: ReadonlySet<number>,
): Map<number, CallTarget> {
  const indices = new Map(functions.map(({ pc }, index) => [pc, index]))
  const calls = new Map<number, CallTarget>()
  const insn = newBpfInsn()
  for (let slot = 0; slot < code.length / 8; slot += insn.slots) {
    decodeBpf(code, slot, insn)
    const local = insn.row === bpfRow.call_local ? bpfTarget(insn, slot) : undefined
    if (local !== undefined) calls.set(slot * 8, { kind: 'function', index: indices.get(local)! })
    else if (insn.row === bpfRow.call && bound.has(slot))
      calls.set(slot * 8, { kind: 'import', index: insn.imm })
  }
  return calls
}

const whole = ({ object, section }: Piece) => ({
  object: object.name,
  section: section.name,
  size: section.size,
})

/**
 * Links relocatable eBPF objects to code whose addresses are final, to be raised for another machine.
 * @throws {DecodeError} an object is malformed; the message names it
 * @throws {LinkError} as `linkBpf`
 */
export function linkBpfCode(
  inputs: readonly ObjectInput[],
  options: BpfCodeOptions,
): { readonly linked: LinkedCode; readonly report: RiscvLinkReport } {
  const { layout: target, stackSize } = options
  const parts = linkBpfParts(inputs, options, (found, commons) => place(found, commons, target))
  const { code, declared, dropped, entries, found, imports, layout, names, objects, starts } = parts
  const frames = functionsOf(starts, code, declared, stackSize, names).map((frame, i, all) =>
    declared.has(frame.pc * 8) ? frame : guessed(frame, all[i + 1]?.pc ?? code.length / 8, code),
  )
  const codeTable = codeTableOf(found, frames, target)
  // instructions have got their addresses in the code without stubs
  code.set(layout.code)
  const pcOf = ({ offset, piece }: { piece: Piece; offset: number }): number =>
    piece.offset + offset
  const exported = new Set(entries.map(pcOf))
  const taken = new Set(codeTable.filter(({ isFunction }) => isFunction).map(({ pc }) => pc))
  const functions = frames.map(({ pc }, i): LinkedFunction => {
    const start = pc * 8
    return {
      name: names.get(pc) ?? `function at slot ${pc}`,
      start,
      end: frames[i + 1] === undefined ? code.length : frames[i + 1]!.pc * 8,
      exported: exported.has(start),
      addressTaken: taken.has(start),
    }
  })
  const { base } = layout
  const linked: LinkedCode = {
    ...{ isa: 'bpf', version: 'v4', embedded: false, code, codeAddress: target.codeAddress },
    functions,
    calls: callsOf(code, frames, found.bound),
    codeTable,
    readOnly: { address: base.readOnly, bytes: layout.readOnly },
    data: { address: base.data, bytes: layout.data },
    bss: { address: base.bss, size: layout.bssSize },
    codeWords: wordsOf(found.uses, codeTable),
    imports: [...imports.keys()],
    exports: entries.map((item) => ({
      name: item.name,
      index: functions.findIndex(({ start }) => start === pcOf(item)),
    })),
    entry: undefined,
    objects: variablesOf(objects, (piece, value) => base[piece.place] + piece.offset + value),
    ...{ lines: [], sources: [], frames },
  }
  const report: RiscvLinkReport = {
    kept: [...piecesOf(objects)].map((piece) => ({
      ...whole(piece),
      place: piece.place,
      address: piece.place === 'code' ? piece.offset : base[piece.place] + piece.offset,
    })),
    dropped: dropped
      .filter(({ section }) => section.size > 0)
      .map((piece) => ({ ...whole(piece), offset: 0 })),
    relocations: found.count,
    imports: linked.imports,
    exports: entries.map(({ name }) => name),
    traps: [...found.traps].sort(),
  }
  return { linked, report }
}
