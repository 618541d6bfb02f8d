import { type Engine, engineNamed as find } from 'alcatraz-vm'
import { type EngineName, engineNames } from './options.ts'
import { CliError } from './ui/errors.ts'

/** The engine of that name. @throws {CliError} when this build does not have it */
export function engineNamed(name: EngineName): Engine {
  const engine: Engine | undefined = find(name)
  if (engine === undefined)
    throw new CliError(`there is no engine ${name} in this build yet`, {
      where: '--engine',
      code: 'noEngine',
      next: `--engine ${engineNames[1]}`,
    })
  return engine
}
