import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actions } from './generate.ts'
import { nativeLitesvm } from './litesvm.ts'
import { runWorld } from './run.ts'
import { merge, newTally } from './tally.ts'

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
  for (let world = 0; world < 30; world++)
    merge(tally, runWorld(native!, undefined, 'reach', world, 100).tally)
  const total = (end: string): number =>
    Object.values(tally.ends).reduce((sum, row) => sum + (row[end] ?? 0), 0)
  assert.ok(total('success') > tally.transactions * 0.3, `${total('success')} succeeded`)
  for (const end of common) assert.ok(total(end) > 0, `no transaction ended in ${end}`)
  const sent = new Set(Object.keys(tally.actions))
  for (const { name } of actions) assert.ok(sent.has(name), `${name} was never sent alone`)
})

test('a seed gives the same world', { skip }, () => {
  const run = (): unknown => runWorld(native!, undefined, 'same', 1, 60)
  assert.deepEqual(run(), run())
})
