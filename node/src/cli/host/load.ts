import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Program } from 'alcatraz-vm'
import { readInput } from '../files.ts'
import { registerNames } from '../texts.ts'
import { CliError } from '../ui/errors.ts'
import type { HostFunction, HostTable } from './call.ts'
import { scriptedHost } from './script.ts'

function functionsOf(values: object): [string, HostFunction][] {
  return Object.entries(values).filter(
    (entry): entry is [string, HostFunction] => typeof entry[1] === 'function',
  )
}

/** Functions that a module exports, and those of its default export, by name. */
async function moduleHost(path: string): Promise<HostTable> {
  let loaded: { readonly default?: unknown }
  try {
    loaded = (await import(pathToFileURL(resolve(path)).href)) as { readonly default?: unknown }
  } catch (error) {
    throw new CliError(`the host module does not load: ${(error as Error).message}`, {
      where: path,
      code: 'badHost',
    })
  }
  const { default: all, ...named } = loaded
  const table = new Map([
    ...functionsOf(named),
    ...functionsOf(typeof all === 'object' && all !== null ? all : {}),
  ])
  if (table.size === 0)
    throw new CliError('the host module exports no functions', {
      where: path,
      code: 'badHost',
      next: 'export function NAME(call) { return 0 }',
    })
  return table
}

/**
 * The host that `--host` names: answers in JSON, or a module whose functions are called.
 * @throws {CliError}
 */
export async function loadHost(path: string, program: Program): Promise<HostTable> {
  if (/\.[cm]?js$/.test(path)) return moduleHost(path)
  return scriptedHost(Buffer.from(readInput(path)).toString(), path, registerNames(program))
}
