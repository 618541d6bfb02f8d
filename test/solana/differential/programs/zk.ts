/** Proofs about encrypted amounts: what looks like one, and accounts that would keep what was proven. */
import { join, u32 } from '../pack.ts'
import type { Address } from '../subject.ts'
import { type Action, meta, rentOf } from '../world.ts'
import { createAccount } from './system.ts'

const zkProgram: Address = 'ZkE1Gama1Proof11111111111111111111111111111'
/** Bytes of statement and proof, by the instruction's code. */
const sizes = [0, 192, 416, 320, 96, 360, 936, 1000, 1064, 320, 416, 416, 544]

export const zkActions: readonly Action[] = [
  {
    name: 'zk.verify',
    plan(world) {
      const { rng } = world
      const code = rng.chance(90) ? rng.below(13) : rng.below(256)
      const bytes = rng.chance(85) ? (sizes[code] ?? 5) : rng.below(400)
      // Points of all zeros are valid encodings; random ones almost never are.
      const body = rng.chance(50) ? new Uint8Array(bytes) : rng.bytes(bytes).slice()
      const kept = world.fresh().address
      const authority = world.wallet()
      const room = rng.pick([33, 65, 129, 297])
      const make = createAccount(authority, kept, rentOf(room), room, zkProgram)
      const metas =
        code === 0
          ? [
              meta(world.any('proven') ?? kept, 'w'),
              meta(world.wallet(), 'w'),
              meta(authority, 's'),
            ]
          : [meta(kept, 'w'), meta(authority)]
      const data = rng.chance(15) ? join([code], u32(rng.below(40))) : join([code], body)
      const prove = { program: zkProgram, metas: rng.chance(70) ? metas : [], data }
      return {
        instructions: rng.chance(60) ? [make, prove] : [prove],
        after: () => world.add('proven', kept),
        units: 1_000_000,
      }
    },
  },
]
