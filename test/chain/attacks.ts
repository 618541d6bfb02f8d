/** Contracts that attack others, and what a chain of them leaves. */
import { Chain } from '#node/chain/chain'
import type { Executed } from '#node/chain/produce'
import { MemoryStore } from '#vm/state/memory-store'
import type { Engine } from '#vm/vm/machine'
import { containerOf } from './contracts.ts'

export const attacker: Uint8Array = new Uint8Array(32).fill(0xee)
export const nothing: Uint8Array = new Uint8Array(0)

/** Calls itself over and over, each time from the end of `depth` calls within it; its input is its own address. */
export const abyss = (depth: number): Uint8Array =>
  containerOf(
    `
call:
  mov r6, r1
  mov r7, r2
  mov r9, ${depth}
  call local down
  mov r0, 0
  exit
down:
  jeq r9, 0, bottom
  sub r9, 1
  call local down
  exit
bottom:
  call local message
  exit
message:
  stxdw [r10-48], r6
  mov r1, 0
  stxdw [r10-40], r1
  stxdw [r10-32], r1
  stxdw [r10-24], r6
  stxdw [r10-16], r7
  mov r1, 1
  stxdw [r10-8], r1
  mov r1, r10
  sub r1, 48
  call 0
  exit
`,
    ['call'],
    ['az_call'],
  )

/** Hands its input to a host call as its first arguments: two words are r3 and r4, the rest is what r1 points to. */
export const messenger = (name: string): Uint8Array =>
  containerOf(
    `
call:
  mov r6, r1
  ldxdw r2, [r6]
  ldxdw r3, [r6+8]
  mov r4, r3
  mov r1, r6
  add r1, 16
  call 0
  mov r0, 0
  exit
`,
    ['call'],
    [name],
  )

/** A chain of one account and these contracts. */
export async function besieged(
  engine: Engine,
  containers: readonly Uint8Array[],
): Promise<{
  readonly chain: Chain
  readonly contracts: readonly Uint8Array[]
  send(to: Uint8Array, input: Uint8Array, gasLimit?: bigint): Promise<Executed>
}> {
  const chain = await Chain.open({ store: new MemoryStore(), engine, clock: () => 1000 })
  await chain.genesis([[attacker, 1_000_000n]])
  const { executed } = await chain.block(
    containers.map((container) => ({
      ...{ sender: attacker, container, input: nothing, value: 1000n, gasLimit: 10_000_000n },
    })),
  )
  return {
    chain,
    contracts: executed.map(({ receipt }) => receipt.contract!),
    send: (to, input, gasLimit = 100_000_000n) =>
      chain.call({ sender: attacker, to, input, value: 0n, gasLimit }),
  }
}
