import { existsSync, readFileSync } from 'node:fs'
import { guestFolder } from '../guests.ts'

/** How much a compiler was asked to make code fast or small. */
export const levels = ['O3', 'Os', 'Oz'] as const
export type Level = (typeof levels)[number]

/** One guest of the experiment: `run(n)` answers a number that depends on n alone, the same on every machine. */
export interface ExperimentProgram {
  readonly name: string
  /** `n` of a small call, and of a run that is timed. */
  readonly small: number
  readonly n: number
  /** What the native build answered, by n. */
  readonly answers: ReadonlyMap<number, bigint>
}

/** The guest that targets name, and whose stages are shown: the largest real program. */
export const emulator = 'nes'

/** The name of the emulator, or of the first program where it is not among them. */
export function shownOf(programs: readonly { readonly name: string }[]): string {
  return programs.some(({ name }) => name === emulator) ? emulator : (programs[0]?.name ?? '')
}

const folder = new URL('experiment/', guestFolder)
const objects = new URL('objects/', folder)

interface Sizes {
  readonly sizes: Readonly<
    Record<string, { readonly test: readonly number[]; readonly bench: number }>
  >
}
type Checksums = Readonly<Record<string, Readonly<Record<string, string>>>>

function read<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as T
}

/** All guests, in the order in which they are listed. @param full `false`: each runs its small call only */
export function experimentPrograms(full: boolean): ExperimentProgram[] {
  const { sizes } = read<Sizes>('sizes.json')
  const checksums = read<Checksums>('checksums.json')
  return Object.entries(sizes).map(([name, { bench, test }]) => {
    const known = Object.entries(checksums[name] ?? {})
    const small = test[0]!
    return {
      name,
      small,
      n: full ? bench : small,
      answers: new Map(known.map(([n, answer]) => [Number(n), BigInt(answer)])),
    }
  })
}

/** What a compiler made of a guest; undefined where there is no such file. */
export function objectOf(
  program: string,
  level: Level,
  ending: string,
): { readonly name: string; readonly bytes: Uint8Array } | undefined {
  const name = `${program}-${level}${ending}`
  const place = new URL(name, objects)
  return existsSync(place) ? { name, bytes: Uint8Array.from(readFileSync(place)) } : undefined
}
