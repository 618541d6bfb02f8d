import { childResult } from './child.ts'
import type { Mode } from './modes.ts'
import type { Costs } from './results.ts'

/**
 * What gas and checks cost generated code, and the same source as WebAssembly, in a process in which
 * V8 compiles with its optimising compiler only: no run waits for better code or is on the way to it.
 */
export function costs(mode: Mode, say: (text: string) => void): Costs {
  say('a process whose code is all optimised')
  return childResult('./costs-child.js', [mode.name], ['--no-liftoff'])
}
