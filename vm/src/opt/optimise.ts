import { cleanBlocks } from './cfg.ts'
import { dropDead } from './dce.ts'
import { narrow } from './demand.ts'
import type { OptFunction, OptProgram } from './ir.ts'
import { numberValues } from './number.ts'
import { promote } from './promote.ts'
import { simplify } from './simplify.ts'

/** What the optimiser may do; all of it unless told. */
export interface OptimiseOptions {
  /** `none`: nothing but what lowering relies on; `local`: each instruction by itself and its block; `all`. */
  readonly level?: 'none' | 'local' | 'all'
  /** Passes left out, by name. */
  readonly without?: ReadonlySet<PassName>
}

export const passNames = [
  'simplify',
  'blocks',
  'narrow',
  'number',
  'forward',
  'dead',
  'promote',
] as const
export type PassName = (typeof passNames)[number]

const local: ReadonlySet<PassName> = new Set(['simplify', 'blocks', 'dead'])
const always: ReadonlySet<PassName> = new Set(['blocks', 'dead'])

/** Rounds over a function; most come to rest after two or three. */
const maxRounds = 6

function optimiseFunction(func: OptFunction, runs: (name: PassName) => boolean): void {
  for (let round = 0; round < maxRounds; round++) {
    let changed = false
    if (runs('blocks') && cleanBlocks(func)) changed = true
    if (runs('simplify') && simplify(func)) changed = true
    if (runs('narrow') && narrow(func)) changed = true
    if (runs('number') && numberValues(func, runs('forward'))) changed = true
    if (runs('dead') && dropDead(func)) changed = true
    if (!changed) return
  }
}

/**
 * Makes a program do the same with fewer instructions. Its functions are changed in place; the same program and options
 * give the same result everywhere.
 */
export function optimise(program: OptProgram, options: OptimiseOptions = {}): OptProgram {
  const { level = 'all', without } = options
  const allowed = { none: always, local, all: new Set(passNames) }[level]
  const runs = (name: PassName): boolean => allowed.has(name) && without?.has(name) !== true
  for (const func of program.functions) if (func !== undefined) optimiseFunction(func, runs)
  for (let round = 0; round < maxRounds && runs('promote'); round++) {
    const changed = promote(program)
    if (changed.size === 0) break
    for (const func of changed) optimiseFunction(func, runs)
  }
  return program
}
