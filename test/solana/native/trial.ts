import { createHash } from 'node:crypto'
import { sha256 } from '../differential/keys.ts'
import { bytesOf, join, u32, utf8 } from '../differential/pack.ts'
import { compile, type Instruction, messageBytes, transactionBytes } from '../differential/wire.ts'
import { type Case, Draw, systemId, sysvars } from './cases.ts'
import { loaderCase, loaderSlot } from './loader-cases.ts'
import type { Side } from './sides.ts'
import { systemCase } from './system-cases.ts'
import { slotHashesAccount, voteCase } from './vote-cases.ts'
import { zkCase } from './zk-cases.ts'

/** @param nonce the one that the latest blockhash gives */
export type MakeCase = (seed: number, nonce: Uint8Array) => Case

export const kinds: Readonly<Record<string, MakeCase>> = {
  system: systemCase,
  vote: voteCase,
  loader: loaderCase,
  zk: zkCase,
}

const payer = new Draw(0).address()

/** Cases of one world; their accounts are their own. */
export const perWorld = 250

/** What every case finds. */
function setUp(side: Side): void {
  const account = { lamports: '1000000000000000', data: '', owner: systemId, executable: false }
  side.put(payer, account)
  side.put(sysvars.slotHashes, slotHashesAccount())
  side.warp(loaderSlot)
}

export interface Trial {
  readonly name: string
  readonly seed: number
  readonly error: string | null
  /** All that can be seen of it afterwards. */
  readonly seen: string
}

/** Tries one world of cases on a side. */
export function tryWorld(side: Side, kind: string, world: number): Trial[] {
  setUp(side)
  const make = kinds[kind]!
  const blockhash = side.blockhash()
  const nonce = sha256(utf8('DURABLE_NONCE'), bytesOf(blockhash))
  const trials: Trial[] = []
  for (let seed = world * perWorld; seed < (world + 1) * perWorld; seed++) {
    const found = make(seed + 1, nonce)
    for (const [address, account] of found.accounts) side.put(address, account)
    if (found.clock !== undefined) side.clock(found.clock)
    const { program, metas, data } = found
    const instructions = [...unitsOf(found), { program, metas, data }]
    const message = compile({ payer, instructions, blockhash })
    const signatures = Array.from({ length: message.header[0] }, () => new Uint8Array(64))
    const ended = side.send(transactionBytes(signatures, messageBytes(message)))
    const accounts = message.keys.map((key) => [key, side.account(key) ?? null])
    const seen = JSON.stringify([ended, accounts], null, 1)
    trials.push({ name: found.name, seed: seed + 1, error: ended.error, seen })
  }
  return trials
}

function unitsOf({ units }: Case): Instruction[] {
  if (units === undefined) return []
  const program = 'ComputeBudget111111111111111111111111111111'
  return [{ program, metas: [], data: join([2], u32(units)) }]
}

/** One number for all that was seen of a world. */
export function digestOf(trials: readonly Trial[]): string {
  const hash = createHash('sha256')
  for (const { seen } of trials) hash.update(seen)
  return hash.digest('hex').slice(0, 32)
}
