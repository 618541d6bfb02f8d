import { readFileSync } from 'node:fs'
import { type Engine, interpEngine, recompEngine } from 'alcatraz-vm'
import { executeMessage, type Outcome } from 'alcatraz-vm/alcatraz'
import { decodeContainer, linkBpf, programOf } from 'alcatraz-vm/link'
import { createHasher, Journal } from 'alcatraz-vm/state'
import { guestFolder } from './guests.ts'
import type { Mode } from './modes.ts'
import type { CallRow } from './results.ts'
import { spreadOf } from './stats.ts'

const supply = 1_000_000_000n
const [giver, taker, self] = [1, 2, 9].map((octet) => new Uint8Array(32).fill(octet)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
]

const word = (value: bigint): Uint8Array => new Uint8Array(BigUint64Array.of(value).buffer)

/** Selectors of guests/token/token.c with their arguments. */
const inputs = {
  'token balance': Uint8Array.of(0, ...giver),
  'token transfer': Uint8Array.of(2, ...taker, ...word(1n)),
} as const

/** Whole messages to the sample token: a machine, host calls, state, and what undoes it. */
export async function calls(mode: Mode, say: (text: string) => void): Promise<CallRow[]> {
  const hasher = await createHasher()
  const bytes = new Uint8Array(readFileSync(new URL('objects/token-v4.o', guestFolder)))
  const program = programOf(decodeContainer(linkBpf([{ name: 'token.o', bytes }]).container))
  const send = (engine: Engine, journal: Journal, entry: string, input: Uint8Array): Outcome => {
    const message = { entry, input, self, caller: giver, value: 0n, gas: 1_000_000n }
    const outcome = executeMessage({ engine, program, hasher, journal, ...message })
    if (outcome.status !== 'success') throw new Error(`token: ${outcome.status}`)
    return outcome
  }
  const rows = Object.entries(inputs).flatMap(([call, input]) =>
    [interpEngine, recompEngine].map((engine) => ({ call, input, engine, micros: [0].slice(1) })),
  )
  const outcomes = new Map<object, Outcome>()
  const warmups = Math.min(mode.callBatches, 20)
  for (let batch = -warmups; batch < mode.callBatches; batch++) {
    say(batch < 0 ? 'warming up' : `batch ${batch + 1} of ${mode.callBatches}`)
    for (const row of rows) {
      const journal = new Journal({ get: () => undefined })
      send(row.engine, journal, 'deploy', word(supply))
      const start = performance.now()
      for (let i = 0; i < mode.callsPerBatch; i++) {
        outcomes.set(row, send(row.engine, journal, 'call', row.input))
      }
      const micros = ((performance.now() - start) / mode.callsPerBatch) * 1000
      if (batch >= 0) row.micros.push(micros)
      const { returnData } = send(row.engine, journal, 'call', inputs['token balance'])
      const moved = row.call === 'token transfer' ? mode.callsPerBatch : 0
      if (Buffer.compare(returnData, word(supply - BigInt(moved))) !== 0)
        throw new Error(`${row.call} on ${row.engine.name} left another balance`)
    }
  }
  return rows.map((row) => {
    const { instructions, tiers } = outcomes.get(row)!
    return {
      call: row.call,
      engine: row.engine.name,
      instructions: Number(instructions),
      generated: Number(tiers['recomp'] ?? 0n) / Number(instructions),
      micros: spreadOf(row.micros),
    }
  })
}
