import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { nativeLitesvm } from '../differential/litesvm.ts'
import { bankSide, litesvmSide } from './sides.ts'
import { digestOf, kinds, type Trial, tryWorld } from './trial.ts'

const native = nativeLitesvm()
const skip = native === undefined ? 'litesvm is not installed for this machine' : false
/** Worlds that are compared with litesvm; the first few are those of the recorded results. */
const worlds = Number(process.env['ALCATRAZ_NATIVE_WORLDS'] ?? 4)
/** The first of them: runs of many are split. */
const first = Number(process.env['ALCATRAZ_NATIVE_FIRST'] ?? 0)
const recordedFile = new URL('../../../../test/solana/native/recorded.json', import.meta.url)
const recorded = JSON.parse(readFileSync(recordedFile, 'utf8')) as Record<string, string[]>

/** Errors that cases of a program should reach, whatever else they do. */
const ends: Readonly<Record<string, readonly string[]>> = {
  system: ['Custom(0)', 'Custom(5)', 'Custom(7)', 'InvalidAccountData', 'MissingRequiredSignature'],
  vote: ['Custom(0)', 'Custom(2)', 'Custom(6)', 'Custom(17)', 'UninitializedAccount'],
  zk: ['InvalidAccountOwner', 'AccountAlreadyInitialized', 'UninitializedAccount'],
  loader: ['Immutable', 'IncorrectAuthority', 'AccountBorrowFailed', 'InvalidRealloc'],
}

function sameTrials(ours: readonly Trial[], theirs: readonly Trial[]): void {
  for (const [i, trial] of theirs.entries())
    assert.equal(ours[i]!.seen, trial.seen, `${trial.name}, case ${trial.seed}`)
}

for (const kind of Object.keys(kinds)) {
  // proofs take their time, and no feature that is not active changes them
  const slow = kind === 'zk'
  for (const allFeatures of slow ? [false] : [false, true]) {
    const name = `${kind}${allFeatures ? ', all features' : ''}`

    test(`${name}: results are those that were recorded of litesvm`, () => {
      const digests = recorded[name]!.map((_, world) =>
        digestOf(tryWorld(bankSide(allFeatures), kind, world)),
      )
      assert.deepEqual(digests, recorded[name])
    })

    test(`${name}: status, logs, units and accounts are those of litesvm`, { skip }, () => {
      const reached = new Set<string>()
      for (let world = first; world < first + (slow ? worlds / 4 : worlds); world++) {
        const theirs = tryWorld(litesvmSide(native!, allFeatures), kind, world)
        if (process.env['UPDATE'] === '1' && world < 2) record(name, world, digestOf(theirs))
        sameTrials(tryWorld(bankSide(allFeatures), kind, world), theirs)
        for (const { name: at, error } of theirs) {
          if (error === null) reached.add(at)
          for (const end of ends[kind]!) if (error?.includes(end)) reached.add(end)
        }
      }
      // a shorter run need not reach every end
      if (worlds >= 4)
        for (const end of ends[kind]!) assert.ok(reached.has(end), `no case ended with ${end}`)
    })
  }
}

function record(name: string, world: number, digest: string): void {
  const digests = recorded[name] ?? []
  digests[world] = digest
  recorded[name] = digests
  writeFileSync(recordedFile, `${JSON.stringify(recorded, null, 2)}\n`)
}
