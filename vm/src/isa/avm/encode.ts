import { VerifyError } from '../../bits/errors.ts'
import { type AvmEncoding, encodingsOfRow } from './encodings.ts'
import { type AvmInsn, distanceOf, normalise, shortest, writeInsn } from './insn.ts'
import { avmEnds, avmJumps, avmRows, avmTakesSlot, maxSlots } from './table.ts'

/** A function as instructions; targets of branches and jumps are indices into `insns`. */
export interface AvmFunctionSource {
  /** Bytes below r15 that are its own, a multiple of 8. */
  readonly frameSize: number
  /** Arguments, in r0 on: 0 to 8. */
  readonly args: number
  /** Slots, 0 to `maxSlots`; absent: none. */
  readonly slots?: number
  readonly insns: readonly AvmInsn[]
}

/** A place whose code address the program takes: instruction 0 of a function is the function. */
export interface AvmPlace {
  readonly function: number
  readonly insn: number
}

export interface AvmSource {
  readonly functions: readonly AvmFunctionSource[]
  readonly codeTable: readonly AvmPlace[]
}

/** A function in the code. */
export interface AvmPlaced {
  readonly pc: number
  readonly frameSize: number
  readonly args: number
  readonly slots: number
}

export interface AvmCode {
  readonly code: Uint8Array
  readonly functions: readonly AvmPlaced[]
  /** The pc of each entry of the code table. */
  readonly codeTable: readonly number[]
  /** By function: the pc of each instruction. */
  readonly pcs: readonly Int32Array[]
}

interface Draft {
  readonly insns: readonly AvmInsn[]
  /** By instruction: which of its row's encodings. */
  readonly choices: Uint8Array
  /** Offsets in the function; the last is its length. */
  readonly pcs: Int32Array
}

function refuse(code: string, message: string, at: number, index: number): never {
  throw new VerifyError(code, `function ${index}, instruction ${at}: ${message}`, { offset: at })
}

function encodingAt({ insns, choices }: Draft, i: number): AvmEncoding {
  return encodingsOfRow[insns[i]!.row]![choices[i]!]!
}

/** The shortest encodings that do not depend on distances. */
function draftOf({ insns, slots = 0 }: AvmFunctionSource, index: number): Draft {
  const choices = new Uint8Array(insns.length)
  insns.forEach((insn, i) => {
    normalise(insn)
    const choice = shortest(insn, undefined)
    if (choice < 0)
      refuse('operand', `operands of ${avmRows[insn.row]!.name} fit no form`, i, index)
    choices[i] = choice
    if (avmTakesSlot[insn.row] === 1 && insn.low >= slots)
      refuse('slot', `the function has no slot ${insn.low}`, i, index)
    if (avmJumps[insn.row] === 0) return
    if (!Number.isInteger(insn.target) || insn.target < 0 || insn.target >= insns.length)
      refuse('target', `no instruction ${insn.target}`, i, index)
  })
  const last = insns[insns.length - 1]
  if (last === undefined || avmEnds[last.row] === 0)
    refuse(
      'fallsThrough',
      'a function ends with jump, jump64, ret or trap',
      Math.max(0, insns.length - 1),
      index,
    )
  return { insns, choices, pcs: new Int32Array(insns.length + 1) }
}

/** Offsets by the present choices. */
function place(draft: Draft): void {
  const { insns, pcs } = draft
  for (let i = 0; i < insns.length; i++) pcs[i + 1] = pcs[i]! + encodingAt(draft, i).length
}

/**
 * Lengthens branches until all reach their targets. Lengths only grow, so that what was lengthened would not reach in
 * its shorter form either: the result is the shortest there is.
 */
function relax(draft: Draft, index: number): void {
  const { choices, insns, pcs } = draft
  const jumps: number[] = []
  insns.forEach(({ row }, i) => {
    if (avmJumps[row] === 1) jumps.push(i)
  })
  for (let grown = true; grown; ) {
    grown = false
    place(draft)
    for (const i of jumps) {
      const insn = insns[i]!
      const { length } = encodingAt(draft, i)
      const distance = distanceOf(pcs[i]!, length, pcs[insn.target]!)
      const choice = shortest(insn, distance)
      if (choice < 0) refuse('target', `too far, or an immediate in no form`, i, index)
      choices[i] = choice
      // another of the same length moves nothing
      if (encodingAt(draft, i).length !== length) grown = true
    }
  }
}

/**
 * Writes instructions in their shortest encodings, functions behind each other in their order.
 * Immediates are normalised in place.
 * @throws {VerifyError} with the index of the instruction: `operand`, `target`, `fallsThrough`, `frameSize`, `args`,
 *   `slots`, `slot`, `codeTable`
 * @example encodeAvm({ functions: [{ frameSize: 0, args: 0, insns: [avmInsn('ret')] }], codeTable: [] }).code.length // 1
 */
export function encodeAvm({ codeTable, functions }: AvmSource): AvmCode {
  const drafts = functions.map((source, index) => {
    if (source.frameSize < 0 || source.frameSize % 8 !== 0)
      refuse('frameSize', `a frame of ${source.frameSize} bytes`, 0, index)
    if (!(source.args >= 0 && source.args <= 8))
      refuse('args', `${source.args} arguments`, 0, index)
    const { slots = 0 } = source
    if (!(Number.isInteger(slots) && slots >= 0 && slots <= maxSlots))
      refuse('slots', `${slots} slots`, 0, index)
    const draft = draftOf(source, index)
    relax(draft, index)
    return draft
  })
  const starts: number[] = []
  let size = 0
  for (const { insns, pcs } of drafts) {
    starts.push(size)
    size += pcs[insns.length]!
  }
  const code = new Uint8Array(size)
  drafts.forEach((draft, index) => {
    const { insns, pcs } = draft
    insns.forEach((insn, i) => {
      const encoding = encodingAt(draft, i)
      const distance =
        avmJumps[insn.row] === 1 ? distanceOf(pcs[i]!, encoding.length, pcs[insn.target]!) : 0
      writeInsn(code, starts[index]! + pcs[i]!, encoding, insn, distance)
    })
  })
  const pcs = drafts.map((draft, index) =>
    draft.pcs.subarray(0, draft.insns.length).map((pc) => pc + starts[index]!),
  )
  return {
    code,
    functions: functions.map(({ args, frameSize, slots = 0 }, index) => ({
      pc: starts[index]!,
      frameSize,
      args,
      slots,
    })),
    codeTable: codeTable.map((entry, i) => {
      const pc = pcs[entry.function]?.[entry.insn]
      if (pc === undefined)
        refuse('codeTable', `entry ${i} is no instruction`, entry.insn, entry.function)
      return pc
    }),
    pcs,
  }
}
