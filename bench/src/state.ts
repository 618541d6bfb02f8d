import { readFileSync } from 'node:fs'
import { type ContractProgram, createEngine, type Engine, interpEngine } from 'alcatraz-vm'
import { decodeContainer, linkBpf, programOf } from 'alcatraz-vm/link'
import {
  diffOf,
  emptyState,
  encodeDiff,
  entryKey,
  Field,
  Journal,
  nonceOf,
  setNonce,
  validateDiff,
} from 'alcatraz-vm/state'
import { childResult } from './child.ts'
import { guestFolder } from './guests.ts'
import type { Mode } from './modes.ts'
import type { ContractsUse, Instances, Spread, StateRow, StateUse } from './results.ts'
import { spreadOf } from './stats.ts'

/** Transfers, or instances, of a batch. */
const batch = 500

/** Microseconds of what a token transfer writes, from the journal to a validated and encoded diff. */
function diffs(batches: number): Spread {
  const [sender, target, to] = [1, 2, 3].map((octet) => new Uint8Array(32).fill(octet)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]
  const base = new Journal(emptyState)
  base.set(entryKey(target, Field.code), new Uint8Array(32).fill(9))
  for (const who of [sender, to])
    base.set(entryKey(target, Field.storage, who), new Uint8Array(8).fill(1))
  const micros = Array.from({ length: batches }, (_, round) => {
    const start = performance.now()
    for (let i = 0; i < batch; i++) {
      const journal = new Journal(base)
      setNonce(journal, sender, nonceOf(journal, sender) + 1n)
      for (const who of [sender, to]) {
        const key = entryKey(target, Field.storage, who)
        const value = journal.get(key)!.slice()
        value[round & 7]! += 1
        journal.set(key, value)
      }
      const diff = diffOf(journal)
      const cause = { kind: 'call', sender, target } as const
      validateDiff(diff, base, { cause, hasCode: () => true })
      if (encodeDiff(diff).length < 32) throw new Error('a diff of three changes')
    }
    return ((performance.now() - start) / batch) * 1000
  })
  return spreadOf(micros)
}

/** Microseconds until there is a machine, of a program that is kept, or of the bytes of code that the engine knows. */
function instances(engine: Engine, from: Instances['from'], batches: number): Spread {
  const bytes = new Uint8Array(readFileSync(new URL('objects/token-v4.o', guestFolder)))
  const { container } = linkBpf([{ name: 'token.o', bytes }])
  const load = (): ContractProgram => programOf(decodeContainer(container))
  const kept = load()
  const make = (): void =>
    engine.instantiate(from === 'program' ? kept : load(), { gas: 1000n }).dispose()
  for (let i = 0; i < 2 * batch; i++) make()
  const micros = Array.from({ length: batches }, () => {
    const start = performance.now()
    for (let i = 0; i < batch; i++) make()
    return ((performance.now() - start) / batch) * 1000
  })
  return spreadOf(micros)
}

/** What the state costs: parts of it alone, stores of several sizes, and many contracts in one process. */
export function state(mode: Mode, say: (text: string) => void): StateUse {
  say('diffs and instances')
  const engines = [interpEngine, createEngine({ name: 'recomp', after: 0 })]
  const diffMicros = diffs(mode.stateRounds + 4)
  const instance = engines.flatMap((engine) =>
    (['program', 'bytes'] as const).map(
      (from): Instances => ({
        engine: engine.name,
        from,
        micros: instances(engine, from, mode.stateRounds),
      }),
    ),
  )
  const rows = mode.stateAccounts.map((accounts) => {
    say(`${accounts} accounts`)
    const args = [`${accounts}`, `${mode.stateRounds}`, 'lmdb']
    return childResult<StateRow>('./state-child.js', args, ['--expose-gc'])
  })
  say(`${mode.contracts} contracts`)
  const contracts = childResult<ContractsUse>(
    './contracts-child.js',
    [`${mode.contracts}`],
    ['--expose-gc'],
  )
  return { diffMicros, instances: instance, rows, contracts }
}
