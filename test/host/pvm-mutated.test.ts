/**
 * Contracts of PVM with an octet or a place changed, called as a chain would: every engine gives the same outcome,
 * host calls with any arguments included. `ALCATRAZ_LAW_PROGRAMS` for more of them, `ALCATRAZ_LAW_SEED` for others.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { engineNames, InputError } from 'alcatraz-vm'
import { executeMessage } from 'alcatraz-vm/alcatraz'
import { type Container, decodeContainer, encodeContainer, programOf } from 'alcatraz-vm/link'
import { createHasher, diffOf, emptyState, Journal } from 'alcatraz-vm/state'
import { engineNamed } from '#vm/engine/engines'
import { pvmTargets } from '../fuzz/pvm-targets.ts'
import { Rng } from '../laws/rng.ts'

const hasher = await createHasher()
const nobody = new Uint8Array(32)
const contracts = pvmTargets[0]!.seeds.map((bytes) => decodeContainer(bytes))

function mutated(rng: Rng): Container {
  const contract = rng.pick(contracts)
  const code = contract.code.slice()
  for (let i = rng.below(4); i > 0; i--) code[rng.below(code.length)]! ^= 1 << rng.below(8)
  const addressTaken = contract.addressTaken.map((pc) =>
    rng.chance(5) ? rng.below(code.length) : pc,
  )
  return { ...contract, code, addressTaken }
}

/** What a message to the contract did on an engine; the code of the refusal where it is no program. */
function outcomeOn(engine: string, container: Container, entry: string, input: Uint8Array) {
  const journal = new Journal(emptyState)
  try {
    const {
      code: _,
      tiers: __,
      ...outcome
    } = executeMessage({
      engine: engineNamed(engine),
      // decoded anew, so that no engine finds what another has made of it
      program: programOf(decodeContainer(encodeContainer(container))),
      ...{ hasher, journal, self: nobody, caller: nobody, value: 0n, gas: 60_000n, entry, input },
    })
    return { outcome, diff: diffOf(journal) }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return { refused: error.code }
  }
}

test('mutated contracts of PVM do the same on every engine', (t) => {
  const programs = Number(process.env['ALCATRAZ_LAW_PROGRAMS'] ?? 80)
  const rng = new Rng(Number(process.env['ALCATRAZ_LAW_SEED'] ?? 1))
  const seen = new Map<string, number>()
  for (let i = 0; i < programs; i++) {
    const container = mutated(rng)
    const entry = rng.pick(container.exports).name
    // the first octet names what C contracts do
    const input = Uint8Array.from([rng.below(5), ...rng.bytes(rng.below(60))])
    const [first, ...others] = engineNames.map((name) => outcomeOn(name, container, entry, input))
    for (const [k, other] of others.entries())
      assert.deepEqual(other, first, `program ${i}: ${engineNames[k + 1]}`)
    const kind = first?.outcome?.status ?? first?.refused ?? ''
    seen.set(kind, (seen.get(kind) ?? 0) + 1)
  }
  t.diagnostic([...seen].map(([kind, count]) => `${kind} ${count}`).join(', '))
  assert.ok(seen.size >= 4)
})
