import { readFileSync } from 'node:fs'
import {
  type ContractProgram,
  createEngine,
  type Engine,
  interpEngine,
  recompEngine,
  tieredEngine,
} from 'alcatraz-vm'
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
type Call = keyof typeof inputs

/** Behind the last function, where nothing goes: `r0 = seed`, `exit`. */
function withTail(program: ContractProgram, seed: number): ContractProgram {
  const code = new Uint8Array(program.code.length + 16)
  code.set(program.code)
  code[program.code.length] = 0xb7
  new DataView(code.buffer).setInt32(program.code.length + 4, seed, true)
  code[program.code.length + 8] = 0x95
  return { ...program, code }
}

/** A call on an engine, and what its runs took. */
interface Contestant {
  readonly call: Call
  readonly engine: Engine
  readonly state: CallRow['state']
  readonly micros: number[]
  last?: Outcome
}

/** Whole messages to the sample token: a machine, host calls, state, and what undoes it. */
class Token {
  private readonly container: Uint8Array
  private readonly hasher: Awaited<ReturnType<typeof createHasher>>
  private readonly program: ContractProgram
  private seed = 0

  constructor(hasher: Awaited<ReturnType<typeof createHasher>>) {
    const bytes = new Uint8Array(readFileSync(new URL('objects/token-v4.o', guestFolder)))
    this.container = linkBpf([{ name: 'token.o', bytes }]).container
    this.hasher = hasher
    this.program = this.decoded()
  }

  /** Another program object of the same contract, as a node that forgot it would make. */
  private decoded(): ContractProgram {
    return programOf(decodeContainer(this.container))
  }

  send(
    engine: Engine,
    program: ContractProgram,
    journal: Journal,
    entry: string,
    input: Uint8Array,
  ): Outcome {
    const message = { entry, input, self, caller: giver, value: 0n, gas: 1_000_000n }
    const { hasher } = this
    const outcome = executeMessage({ engine, program, hasher, journal, ...message })
    if (outcome.status !== 'success') throw new Error(`token: ${outcome.status}`)
    return outcome
  }

  deployed(): Journal {
    const journal = new Journal({ get: () => undefined, next: () => undefined })
    this.send(interpEngine, this.program, journal, 'deploy', word(supply))
    return journal
  }

  checkBalance(journal: Journal, { call, engine }: Contestant, calls: number): void {
    const input = inputs['token balance']
    const { returnData } = this.send(interpEngine, this.program, journal, 'call', input)
    const moved = call === 'token transfer' ? calls : 0
    if (Buffer.compare(returnData, word(supply - BigInt(moved))) !== 0)
      throw new Error(`${call} on ${engine.name} left another balance`)
  }

  /** Microseconds for each of many calls of one program object. */
  steady(one: Contestant, calls: number): number {
    const journal = this.deployed()
    const start = performance.now()
    for (let i = 0; i < calls; i++)
      one.last = this.send(one.engine, this.program, journal, 'call', inputs[one.call])
    const micros = ((performance.now() - start) / calls) * 1000
    this.checkBalance(journal, one, calls)
    return micros
  }

  /** Microseconds from the container's bytes to the outcome, of code that the engine may know. */
  first(one: Contestant): number {
    const seed = one.state === 'unseen' ? ++this.seed : 0
    const journal = this.deployed()
    const start = performance.now()
    const program = withTail(this.decoded(), seed)
    one.last = this.send(one.engine, program, journal, 'call', inputs[one.call])
    const micros = (performance.now() - start) * 1000
    this.checkBalance(journal, one, 1)
    return micros
  }
}

function contestants(): Contestant[] {
  const steady = (Object.keys(inputs) as Call[]).flatMap((call) =>
    [interpEngine, recompEngine, tieredEngine].map((engine) => ({
      call,
      engine,
      state: 'steady' as const,
    })),
  )
  // engines of their own: nothing else fills or empties their caches
  const [recomp, tiered] = [createEngine({ name: 'recomp', after: 0 }), createEngine()]
  const first = (['unseen', 'cached'] as const).flatMap((state) =>
    [interpEngine, recomp, tiered].map((engine) => ({
      call: 'token transfer' as const,
      engine,
      state,
    })),
  )
  return [...steady, ...first].map((one) => ({ ...one, micros: [] }))
}

/**
 * Whole messages in batches: `steady`, of a program that is at hand; then the first one to a program
 * that comes as bytes, `cached` when the engine has seen equal code, `unseen` when not.
 */
export async function calls(mode: Mode, say: (text: string) => void): Promise<CallRow[]> {
  const token = new Token(await createHasher())
  const rows = contestants()
  const warmups = Math.min(mode.callBatches, 20)
  for (let batch = -warmups; batch < mode.callBatches; batch++) {
    say(batch < 0 ? 'warming up' : `batch ${batch + 1} of ${mode.callBatches}`)
    for (const row of rows) {
      const micros =
        row.state === 'steady' ? token.steady(row, mode.callsPerBatch) : token.first(row)
      if (batch >= 0) row.micros.push(micros)
    }
  }
  return rows.map(({ call, engine, last, micros, state }) => {
    const { instructions, tiers } = last!
    return {
      call,
      engine: engine.name,
      state,
      instructions: Number(instructions),
      generated: Number(tiers['recomp'] ?? 0n) / Number(instructions),
      micros: spreadOf(micros),
    }
  })
}
