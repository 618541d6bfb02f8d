import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actions, actionsOf } from './generate.ts'
import { nativeLitesvm } from './litesvm.ts'
import { runWorld } from './run.ts'
import { endsTable, merge, newTally, type Tally } from './tally.ts'

const native = nativeLitesvm()
const skip = native === undefined ? 'litesvm is not installed for this machine' : false

/** Ends that no run of any length should be without. */
const common = [
  'success',
  'Custom',
  'SignatureFailure',
  'SanitizeFailure',
  'BlockhashNotFound',
  'AlreadyProcessed',
  'DuplicateInstruction',
  'InsufficientFundsForFee',
  'InsufficientFundsForRent',
  'InvalidAccountForFee',
  'AccountNotFound',
  'InvalidProgramForExecution',
  'TooManyAccountLocks',
  'MaxLoadedAccountsDataSizeExceeded',
  'InvalidInstructionData',
  'InvalidAccountData',
  'NotEnoughAccountKeys',
  'MissingRequiredSignature',
  'ComputationalBudgetExceeded',
]

test('generated transactions succeed often, and fail in every common way', { skip }, () => {
  const tally = newTally()
  for (let world = 0; world < 6; world++)
    merge(tally, runWorld(native!, undefined, 'reach', world, 100).tally)
  assert.ok(total(tally, 'success') > tally.transactions * 0.25, endsTable(tally))
  for (const program of new Set(actions.map(({ name }) => name.replace(/\..*/, ''))))
    for (let world = 0; world < 2; world++)
      merge(tally, runWorld(native!, undefined, program, world, 100, actionsOf(program)).tally)
  for (const end of common) assert.ok(total(tally, end) > 0, `no transaction ended in ${end}`)
  const without = actions.filter(({ name }) => (tally.actions[name]?.succeeded ?? 0) === 0)
  const names = without.map(({ name }) => name).join(', ')
  assert.ok(without.length < actions.length / 5, `these never succeeded alone: ${names}`)
})

function total({ ends }: Tally, end: string): number {
  return Object.values(ends).reduce((sum, row) => sum + (row[end] ?? 0), 0)
}

test('a seed gives the same world', { skip }, () => {
  const run = (): unknown => runWorld(native!, undefined, 'same', 1, 60)
  assert.deepEqual(run(), run())
})
