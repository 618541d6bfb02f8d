import { newWorld, step } from './generate.ts'
import { LitesvmSubject, type Native } from './litesvm.ts'
import { type Difference, Pair } from './pair.ts'
import type { Op, Subject } from './subject.ts'
import { count, newTally, type Tally } from './tally.ts'
import type { Action, FeatureName } from './world.ts'

export interface WorldResult {
  readonly tally: Tally
  readonly difference?: Difference & { readonly ops: readonly Op[] }
}

/** Programs whose accounts are all compared when a world ends. */
const owners = [
  '11111111111111111111111111111111',
  'Sysvar1111111111111111111111111111111111111',
  'BPFLoaderUpgradeab1e11111111111111111111111',
  'BPFLoader2111111111111111111111111111111111',
  'BPFLoader1111111111111111111111111111111111',
  'Vote111111111111111111111111111111111111111',
  'Stake11111111111111111111111111111111111111',
  'AddressLookupTab1e1111111111111111111111111',
  'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA',
  'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb',
  'Feature111111111111111111111111111111111111',
  'NativeLoader1111111111111111111111111111111',
]

/** Runs world `number` of a seed: `transactions` of them, on `litesvm` and on the other side when there is one. */
export function runWorld(
  native: Native,
  ours: (() => Subject) | undefined,
  seed: string,
  number: number,
  transactions: number,
  from?: readonly Action[],
  features?: FeatureName,
): WorldResult {
  const oracle = new LitesvmSubject(native)
  const pair = new Pair(oracle, ours?.())
  const tally = newTally()
  const world = newWorld(hash(`${seed}/${number}`), oracle, pair.act, features)
  for (let i = 0; i < transactions && pair.difference === undefined; i++)
    count(tally, step(world, from))
  // The account airdrops come from has a random key on either side.
  pair.finish(owners.slice(1))
  const { difference } = pair
  return difference === undefined
    ? { tally }
    : { tally, difference: { ...difference, ops: pair.ops.slice(0, difference.at + 1) } }
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++)
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0
  return value
}

/** The same operations again; what differs at the end of them. */
export function replay(
  native: Native,
  ours: () => Subject,
  ops: readonly Op[],
): Difference | undefined {
  const pair = new Pair(new LitesvmSubject(native), ours())
  for (const op of ops) {
    pair.act(op)
    if (pair.difference !== undefined) return pair.difference
  }
  pair.finish(owners.slice(1))
  return pair.difference
}
