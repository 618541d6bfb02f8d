import type { LinkedCode } from './riscv-linked.ts'

/** Where code came from; a file of its own beside the program, which does not need it. */
export interface SourceMap {
  readonly alcatraz: 'source-map-1'
  readonly sources: readonly string[]
  /** [pc, index into `sources`, line from 1 or 0 for none], ascending: from pc up to the next entry. */
  readonly lines: readonly (readonly [pc: number, source: number, line: number])[]
}

/**
 * The map of a program made of linked code.
 * @param origins pairs of a pc and the pc in the linked code that it comes from, or -1; by pc
 */
export function sourceMapOf(
  linked: Pick<LinkedCode, 'functions' | 'lines' | 'sources'>,
  origins: Iterable<readonly [number, number]>,
): SourceMap {
  const { functions, lines, sources } = linked
  const out: [number, number, number][] = []
  for (const [pc, origin] of origins) {
    if (origin < 0) continue
    const found = lines[lastAt(lines, origin)]
    // A line of the function before says nothing of this one.
    const start = functions[lastBy(functions, origin)]?.start ?? 0
    const entry = found === undefined || found.pc < start ? undefined : found
    const [source, line] = [entry?.source ?? 0, entry?.line ?? 0]
    const before = out.at(-1)
    if (before?.[1] === source && before[2] === line) continue
    out.push([pc, source, line])
  }
  return { alcatraz: 'source-map-1', sources, lines: out }
}

/** The index of the last place at or before `pc`, or -1. */
function last(count: number, startOf: (i: number) => number, pc: number): number {
  let low = -1
  let high = count - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (startOf(middle) <= pc) low = middle
    else high = middle - 1
  }
  return low
}

const lastAt = (lines: LinkedCode['lines'], pc: number): number =>
  last(lines.length, (i) => lines[i]!.pc, pc)
const lastBy = (functions: LinkedCode['functions'], pc: number): number =>
  last(functions.length, (i) => functions[i]!.start, pc)

/**
 * The line of a pc, as `file:line`, or undefined.
 * @example
 * lineOf({ alcatraz: 'source-map-1', sources: ['a.c'], lines: [[0, 0, 3]] }, 5) // 'a.c:3'
 */
export function lineOf({ lines, sources }: SourceMap, pc: number): string | undefined {
  const entry = lines[last(lines.length, (i) => lines[i]![0], pc)]
  return entry === undefined || entry[2] === 0 ? undefined : `${sources[entry[1]]}:${entry[2]}`
}
