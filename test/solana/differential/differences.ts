import type { Address } from './subject.ts'

/**
 * Where we differ from `litesvm`, knowingly (docs/host/solana-differences.md): accounts that are not compared.
 * Programs that prove ciphertexts (ZK ElGamal, and the ZK token program before it) are not there.
 */
export const notCompared: ReadonlySet<Address> = new Set([
  'ZkE1Gama1Proof11111111111111111111111111111',
  'ZkTokenProof1111111111111111111111111111111',
])
