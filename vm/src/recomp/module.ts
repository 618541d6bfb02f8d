import { layoutOf } from '../arena/layout.ts'
import { ModuleBuilder } from '../emit/module.ts'
import { type IrProgram, rowWords } from '../ir/program.ts'
import { slotsAt } from '../ir/slots.ts'
import { Op as Ir } from '../ir/table.ts'
import { ValType } from '../isa/wasm/table.ts'
import { type Blocks, blocksOf } from './blocks.ts'
import { maxSpan } from './checks.ts'
import { conventionOf, entryWord, paramsOf, returnBit, type Signature } from './convention.ts'
import { FunctionEmitter } from './emit.ts'
import { ExitTable } from './exits.ts'
import { type Functions, functionsOf } from './functions.ts'
import { gasShiftOf, largestSlice } from './gas.ts'
import type { Measure, ModuleParts } from './parts.ts'
import { entriesOf, planOf } from './plan.ts'
import { signaturesOf } from './signatures.ts'
import { emitEntry, emitTrampoline } from './trampoline.ts'
import { Values } from './values.ts'
import { Windows } from './windows.ts'

/** Past these a program stays in the interpreter. */
export const recompLimits = {
  /** A place is function << 16 | entry in a positive word. */
  functions: 0x7fff,
  /** Rows of one block, if a single instruction has so many: far below a body of 7.6 MB. */
  blockRows: 10_000,
  /** Together they are a param: see `depthBits`. */
  depth: 0xf_ffff,
  entries: 0xfff,
  /**
   * Octets of module for each row beyond those that any program may have: a hostile program must not fill
   * memory with code. What compilers write takes 28 (`node bench/dist/main.js --only emission`).
   */
  bytesPerRow: 32,
  bytesOfAny: 0x40_0000,
  /** Octets of a module: with what is needed to write it, peak memory stays below 200 MB. */
  moduleBytes: 0x180_0000,
} as const

export interface Generated {
  readonly bytes: Uint8Array
  /** Row -> place (`placeOf`), or -1 where generated code cannot be entered. */
  readonly places: Int32Array
  /** The same by entry of the jump table. */
  readonly jumpPlaces: Int32Array
  /** Entry numbers, shifted left by `depthBits`, by entry of the function table; 0 where it has none. */
  readonly functionEntries: Int32Array
  /** Ways out of generated code, by their numbers: `exitWords` of each. */
  readonly exits: Int32Array
  /** How the gas word is made: see `GasShift`. */
  readonly gasShift: number
}

/**
 * Generates a module for a verified program; undefined when it is beyond `recompLimits`.
 * @param options `names`: with the names of locals, to be read by people
 * @example generate(liftProgram(program))?.bytes[1] // 97
 */
export function generate(
  program: IrProgram,
  options: { readonly names?: boolean } = {},
): Generated | undefined {
  return generateMeasured(program, { gas: true, checks: true }, options)
}

/** `generate`, perhaps without parts: see `Measure`. No entry point exports it. */
export function generateMeasured(
  program: IrProgram,
  measure: Measure,
  options: { readonly names?: boolean } = {},
): Generated | undefined {
  if (isFree(program)) return undefined
  const blocks = blocksOf(program)
  for (let b = 0; b < blocks.count; b++)
    if (blocks.start[b + 1]! - blocks.start[b]! > recompLimits.blockRows) return undefined
  const functions = functionsOf(program, blocks)
  if (functions.count > recompLimits.functions) return undefined
  const needed = entriesOf(program, blocks, functions)
  const convention = conventionOf(program)
  const signed = signaturesOf(program, blocks, functions, convention, (f, start) =>
    planOf(program, blocks, functions, needed, convention, f, start),
  )
  const { indirect, of: signatures, plans } = signed
  const gasShift = gasShiftOf(program)
  const slice = Number(largestSlice(gasShift))
  const places = new Int32Array(program.count).fill(-1)
  for (let f = 0; f < plans.length; f++) {
    const plan = plans[f]!
    if (plan.entries.length > recompLimits.entries) return undefined
    const { entries, need } = plan
    // a way ahead must be paid by one slice of gas
    for (let x = 0; x < plan.count; x++) if (need[x]! > slice) return undefined
    for (let entry = 0; entry < entries.length; entry++) {
      const block = plan.blocks[entries[entry]!]!
      const back = blocks.returned[block] === 1 ? returnBit : 0
      places[blocks.start[block]!] = (f << 16) | back | entry
    }
  }
  const { calls } = program
  if (calls.kind === 'managed' && calls.maxDepth > recompLimits.depth) return undefined
  const layout = layoutOf(program)
  const windows = new Windows(program, layout, measure.checks)
  const module = new ModuleBuilder()
  module.importMemory('e', 'memory', 1)
  const typeOf = (signature: Signature): number =>
    module.type(paramsOf(convention, signature), convention.results)
  const type = module.type(convention.params, convention.results)
  const codeSize = calls.kind === 'managed' ? calls.functions.rows.length : 0
  const table = module.table(functions.count + codeSize, functions.count + codeSize)
  const runType = module.type([ValType.i32, ValType.i32, ValType.i32], [ValType.i32])
  const run = module.func(runType, 'run')
  emitTrampoline(run, type, table, program, convention)
  const parts: ModuleParts = {
    measure,
    program,
    blocks,
    functions,
    convention,
    gasShift,
    signatures,
    indirect,
    slots: slotsOf(program, blocks, functions),
    layout,
    plans,
    values: new Values(program, blocks, windows, maxSpan),
    windows,
    exits: new ExitTable(),
    tableRanges: tableRangesOf(program, blocks, functions),
    regionSlots: new Map(),
    firstFunction: run.index + 1,
    typeOf,
  }
  const { bytesOfAny, bytesPerRow, moduleBytes } = recompLimits
  const most = Math.min(moduleBytes, bytesOfAny + program.count * bytesPerRow)
  let size = 0
  for (let f = 0; f < functions.count; f++) {
    const builder = module.func(typeOf(signatures[f]!))
    new FunctionEmitter(builder, parts, f).emit()
    size += builder.size
    if (size > most) return undefined
  }
  const entered = signatures.map((signature, f) => {
    const func = parts.firstFunction + f
    if (signature.inParams.length === 0) return func
    const entry = module.func(type)
    emitEntry(entry, signature, func)
    return entry.index
  })
  module.elements(0, entered)
  if (calls.kind === 'managed' && codeSize > 0) {
    const indices = Array.from(calls.functions.rows, (row) =>
      row < 0 || blocks.at[row]! < 0 ? -1 : parts.firstFunction + functions.of[blocks.at[row]!]!,
    )
    module.elements(functions.count, indices)
  }
  module.exportFunction('run', run.index)
  const jumpPlaces = Int32Array.from(program.jumps.rows, (row) => (row < 0 ? -1 : places[row]!))
  const functionRows = calls.kind === 'managed' ? calls.functions.rows : new Int32Array(0)
  const functionEntries = Int32Array.from(functionRows, (row) =>
    row < 0 ? 0 : entryWord(places[row]! & (returnBit - 1), true),
  )
  const exits = parts.exits.finish()
  return { bytes: module.finish(options), places, jumpPlaces, functionEntries, exits, gasShift }
}

/** How many slots the activations of each function have. */
function slotsOf({ calls, pcOf }: IrProgram, blocks: Blocks, functions: Functions): Uint8Array {
  const slots = new Uint8Array(functions.count)
  if (calls.kind === 'link' || calls.slots === undefined) return slots
  for (let b = 0; b < blocks.count; b++) {
    const f = functions.of[b]!
    const count = slotsAt(calls, pcOf[blocks.start[b]!]!)
    if (count > slots[f]!) slots[f] = count
  }
  return slots
}

/** Where the jump table leads into each function, from the first such entry to the last. */
function tableRangesOf(
  { jumps }: IrProgram,
  blocks: Blocks,
  functions: Functions,
): { first: number; count: number }[] {
  const ranges = Array.from({ length: functions.count }, () => ({ first: 0, count: 0 }))
  jumps.rows.forEach((row, i) => {
    const block = row < 0 ? -1 : blocks.at[row]!
    if (block < 0) return
    const range = ranges[functions.of[block]!]!
    if (range.count === 0) range.first = i
    range.count = i + 1 - range.first
  })
  return ranges
}

/** Without a price nothing bounds how much a slice of gas executes. */
function isFree(program: IrProgram): boolean {
  if (program.metering === 'none') return true
  const { count, rows } = program
  for (let row = 0; row < count; row++)
    if ((rows[row * rowWords]! & 0xff) === Ir.charge && rows[row * rowWords + 1] !== 0) return false
  return true
}
