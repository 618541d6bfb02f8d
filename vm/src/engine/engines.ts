import { DecodeError } from '../bits/errors.ts'
import { InterpMachine } from '../interp/machine.ts'
import { referenceEngine } from '../reference/engine.ts'
import type { Engine } from '../vm/machine.ts'
import { liftProgram } from './lifted.ts'
import { recompEngine, tieredEngine } from './tiering.ts'

/**
 * The fast interpreter: starts at once, runs from any pc, resumes at every host call.
 * @example interpEngine.instantiate(program, { gas: 1_000_000n }).run()
 */
export const interpEngine: Engine = {
  name: 'interp',
  instantiate: (program, { gas }) => new InterpMachine(program, liftProgram(program), gas),
}

export type EngineName = Engine['name']

const engines: ReadonlyMap<string, Engine> = new Map([
  ['reference', referenceEngine],
  ['interp', interpEngine],
  ['recomp', recompEngine],
  ['tiered', tieredEngine],
])

/** Names `engineNamed` knows. */
export const engineNames: readonly EngineName[] = [...engines.values()].map(({ name }) => name)

/**
 * The engine called `name`.
 * @throws {DecodeError} `unknownEngine`
 * @example engineNamed('interp').name // 'interp'
 */
export function engineNamed(name: string): Engine {
  const engine = engines.get(name)
  if (engine === undefined)
    throw new DecodeError(
      'unknownEngine',
      `no engine '${name}'; there are ${engineNames.join(', ')}`,
      {
        value: name,
      },
    )
  return engine
}
