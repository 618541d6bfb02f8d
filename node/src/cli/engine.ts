import { existsSync, statSync } from 'node:fs'
import { type ArtifactStore, createEngine, type Engine, engineNamed } from 'alcatraz-vm'
import { openArtifactStore } from 'alcatraz-vm/node'
import type { Command } from 'commander'
import { engineList, engineOption } from './options.ts'
import { CliError } from './ui/errors.ts'

export interface EngineFlags {
  readonly engine: string
  /** Folder for generated code. */
  readonly cache?: string
}

/** What commands run contracts on unless told otherwise. */
export const defaultEngine = 'tiered'

/** `--engine` and `--cache`, the same in every command that runs contracts. */
export function withEngine(command: Command): Command {
  return command
    .option('--engine <name>', engineList, engineOption, defaultEngine)
    .option('--cache <folder>', 'keep generated code there, for tiered and recomp')
}

/**
 * The engine that the flags name, and the folder it keeps code in.
 * @throws {CliError} when the engine generates none
 */
export function engineOf({ engine: name, cache }: EngineFlags): {
  readonly engine: Engine
  readonly store?: ArtifactStore
} {
  const engine = engineNamed(name)
  if (cache === undefined) return { engine }
  if (engine.name !== 'tiered' && engine.name !== 'recomp')
    throw new CliError(`the engine ${name} generates no code to keep`, {
      code: 'unusableOption',
      next: '--engine tiered, or no --cache',
    })
  if (existsSync(cache) && !statSync(cache).isDirectory())
    throw new CliError('this is no folder to keep code in', {
      where: cache,
      code: 'ENOTDIR',
      next: '--cache with a folder',
    })
  const store = openArtifactStore(cache)
  const after = engine.name === 'recomp' ? { after: 0 } : {}
  return { engine: createEngine({ name: engine.name, store, ...after }), store }
}
