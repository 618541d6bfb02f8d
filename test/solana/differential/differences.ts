import type { Address } from './subject.ts'

/**
 * Where we differ from `litesvm`, knowingly (docs/host/solana-differences.md): accounts that are not compared.
 * The ZK token program, which ZK ElGamal replaced and no cluster has, is not there.
 */
export const notCompared: ReadonlySet<Address> = new Set([
  'ZkTokenProof1111111111111111111111111111111',
])
