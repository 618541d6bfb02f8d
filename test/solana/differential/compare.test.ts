import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasSplPrograms } from '#vm/svm/spl-programs'
import { nativeLitesvm } from './litesvm.ts'
import { runAll } from './pool.ts'

const absent =
  nativeLitesvm() === undefined
    ? 'litesvm is not installed, or has no build for this machine: nothing is compared'
    : hasSplPrograms()
      ? false
      : 'built without the SPL programs of litesvm: nothing is compared'
if (absent !== false) console.error(`warning: ${absent}`)

/** Transactions of a run by engines: more are for `npm run diff:solana`. */
const budget = { interp: 450, recomp: 150 }

for (const [engine, transactions] of Object.entries(budget))
  test(`litesvm and this SVM agree on generated transactions (${engine})`, {
    skip: absent,
  }, async () => {
    const seed = process.env['ALCATRAZ_DIFF_SEED'] ?? 'every build'
    const wanted = { transactions, seed, processes: 1, features: 'mainnet', engine } as const
    const { tally, differences, aborted } = await runAll(wanted)
    assert.deepEqual(differences, [])
    assert.deepEqual(aborted, [])
    assert.equal(tally.transactions, transactions)
  })
