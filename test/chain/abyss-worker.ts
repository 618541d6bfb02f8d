/** Runs `abyss` on each engine and answers how each ended. */
import { parentPort } from 'node:worker_threads'
import { toHex } from '#vm/bits/hex'
import { engineNamed, engineNames } from '#vm/engine/engines'
import { abyss, besieged } from './attacks.ts'

const ends: string[] = []
for (const name of engineNames) {
  const { chain, contracts, send } = await besieged(engineNamed(name), [abyss(1000)])
  const { instructions, receipt } = await send(contracts[0]!, contracts[0]!)
  ends.push(`${receipt.status} ${receipt.gasUsed} ${instructions} ${toHex(chain.root)}`)
}
parentPort?.postMessage(ends)
