import { addStubs, bpfExports, checkImports } from './bpf-entries.ts'
import { checkCode } from './check-code.ts'
import { declaredFrames, functionStarts, namesOf } from './functions.ts'
import { fillJumpTables } from './jump-tables.ts'
import type { PlacedBytes } from './layout.ts'
import { type LinkObject, type ObjectInput, type Piece, piecesOf, readObjects } from './objects.ts'
import { dropUnreached, isKept } from './reach.ts'
import { hostCallBinder, importsOf, type Relocated, relocate } from './relocate.ts'
import { type NamedCode, resolveSymbols, type Symbols } from './symbols.ts'

/** What of the objects is linked. */
export interface BpfInputOptions {
  /** Entry points by name; all visible global functions if not given. */
  readonly exports?: readonly string[]
  /** Every host call there is: other undefined functions are errors. Any name if not given. */
  readonly hostCalls?: readonly string[]
  /** Keep sections that no entry point reaches; false if not given. */
  readonly keepAll?: boolean
}

/** eBPF objects that are placed, relocated and checked; functions are still to be cut. */
export interface BpfParts<Placed extends PlacedBytes> {
  readonly objects: readonly LinkObject[]
  readonly entries: readonly NamedCode[]
  readonly dropped: readonly Piece[]
  readonly layout: Placed
  readonly imports: ReadonlyMap<string, number>
  /** Stubs of host calls are among the places whose address is taken, and among calls of the host. */
  readonly found: Relocated
  /** That of the layout, then stubs. */
  readonly code: Uint8Array
  /** Names for people by slot. */
  readonly names: Map<number, string>
  /** Frame sizes by octet of the function's start, as far as objects say them. */
  readonly declared: ReadonlyMap<number, number>
  /** Slots of functions' starts. */
  readonly starts: readonly number[]
}

/**
 * Links relocatable eBPF objects up to their functions.
 * @throws {DecodeError} an object is malformed; the message names it
 * @throws {LinkError} as `linkBpf`
 */
export function linkBpfParts<Placed extends PlacedBytes>(
  inputs: readonly ObjectInput[],
  options: BpfInputOptions,
  place: (objects: readonly LinkObject[], commons: Symbols['commons']) => Placed,
): BpfParts<Placed> {
  const objects = readObjects(inputs)
  const symbols = resolveSymbols(objects)
  const entries = bpfExports(symbols.code, options.exports)
  const roots = options.keepAll === true ? piecesOf(objects) : entries.map(({ piece }) => piece)
  const dropped = dropUnreached(objects, symbols, roots)
  const named = symbols.code.filter(({ piece }) => isKept(piece))
  const layout = place(objects, symbols.commons)
  const imports = importsOf(objects, symbols, options.hostCalls ?? [])
  checkImports(imports.keys(), options.hostCalls)
  const found = relocate(objects, symbols, layout, hostCallBinder(imports))
  fillJumpTables(objects, symbols, layout, found)
  const calls = checkCode(objects, layout.code, found.bound, found.taken)
  const { code, starts: stubs } = addStubs(layout, imports, found)
  const names = namesOf(named)
  const declared = declaredFrames(objects, symbols)
  const starts = [...functionStarts(named, calls, found.taken), ...stubs.map(({ at }) => at / 8)]
  for (const { name, at } of stubs) {
    names.set(at / 8, name)
    declared.set(at, 0)
    found.taken.add(at)
    found.bound.add(at / 8)
  }
  return { objects, entries, dropped, layout, imports, found, code, names, declared, starts }
}
