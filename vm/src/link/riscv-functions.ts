import { LinkError } from '../bits/errors.ts'
import { newRiscvInsn, type RiscvDecoder } from '../isa/riscv/decode.ts'
import { riscvRows } from '../isa/riscv/table.ts'
import type { CallTarget, LinkedFunction } from './riscv-linked.ts'

/** Where the linked code has jumps to: pc -> target, and whether the next place is kept in a register. */
interface Site {
  readonly pc: number
  readonly to: number
  readonly links: boolean
}

/** A range of code that stays as it was in its section. */
export interface CodeRange {
  readonly start: number
  readonly end: number
  /** Named when no function symbol names its start. */
  readonly name: string
}

export interface Functions {
  readonly list: readonly LinkedFunction[]
  readonly calls: ReadonlyMap<number, CallTarget>
  /** Index of the function that contains a place. */
  indexOf(pc: number): number
}

const jal = riscvRows.findIndex(({ name }) => name === 'jal')
const isBranch: Uint8Array = Uint8Array.from(riscvRows, ({ form }) => (form === 'branch' ? 1 : 0))
/** A jump into another function cuts that one there; code that keeps doing so is no compiler's. */
const maxPasses = 16

function sitesOf(
  decoder: RiscvDecoder,
  code: Uint8Array,
  ranges: readonly CodeRange[],
  pairs: ReadonlyMap<number, number>,
  bound: ReadonlyMap<number, CallTarget>,
): Site[] {
  const insn = newRiscvInsn()
  const sites: Site[] = []
  for (const { start, end } of ranges)
    for (let pc = start; pc < end; pc += insn.length) {
      decoder.decode(code, pc, insn)
      if (insn.row < 0 || bound.has(pc)) continue
      const pair = pairs.get(pc)
      if (pair !== undefined) {
        decoder.decode(code, pc + 4, insn)
        sites.push({ pc, to: pair, links: insn.rd !== 0 })
        decoder.decode(code, pc, insn)
      } else if (insn.row === jal) sites.push({ pc, to: pc + insn.imm, links: insn.rd !== 0 })
      else if (isBranch[insn.row] === 1) sites.push({ pc, to: pc + insn.imm, links: false })
    }
  return sites
}

/** The index of the last start at or before `pc`. */
function ownerIn(starts: readonly number[], pc: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (starts[middle]! <= pc) low = middle
    else high = middle - 1
  }
  return low
}

/**
 * Functions of the linked code: where named ones start, where kept ranges start, and where calls and jumps from other functions go.
 * @param bound calls that are no jumps in the code: of host calls
 * @throws {LinkError} `jumpIntoFunction`
 */
export function functionsOfCode(
  decoder: RiscvDecoder,
  code: Uint8Array,
  ranges: readonly CodeRange[],
  input: {
    readonly names: ReadonlyMap<number, string>
    readonly exported: ReadonlySet<number>
    readonly taken: ReadonlySet<number>
    readonly pairs: ReadonlyMap<number, number>
    readonly bound: ReadonlyMap<number, CallTarget>
  },
): Functions {
  const { bound, exported, names, pairs, taken } = input
  const sites = sitesOf(decoder, code, ranges, pairs, bound)
  const found = new Set<number>([...ranges.map(({ start }) => start), ...names.keys()])
  for (const { links, to } of sites) if (links) found.add(to)
  let starts: number[] = []
  for (let pass = 0; ; pass++) {
    if (pass === maxPasses)
      throw new LinkError(
        'jumpIntoFunction',
        'functions that jump into each other: compile with -mllvm -enable-machine-outliner=never',
      )
    starts = [...found].sort((a, b) => a - b)
    const before = found.size
    for (const { pc, to } of sites) if (ownerIn(starts, pc) !== ownerIn(starts, to)) found.add(to)
    if (found.size === before) break
  }
  const rangeStarts = ranges.map(({ start }) => start)
  const list = starts.map((start, i): LinkedFunction => {
    const range = ranges[ownerIn(rangeStarts, start)]
    const end = Math.min(starts[i + 1] ?? code.length, range?.end ?? code.length)
    const at = range === undefined || range.start === start ? '' : `+${start - range.start}`
    const name = names.get(start) ?? `${range?.name ?? 'code'}${at}`
    return { name, start, end, exported: exported.has(start), addressTaken: taken.has(start) }
  })
  const calls = new Map<number, CallTarget>(bound)
  for (const { links, pc, to } of sites) {
    const index = ownerIn(starts, to)
    if (links || index !== ownerIn(starts, pc)) calls.set(pc, { kind: 'function', index })
  }
  const sorted = [...calls].sort(([a], [b]) => a - b)
  return { list, calls: new Map(sorted), indexOf: (pc) => ownerIn(starts, pc) }
}
