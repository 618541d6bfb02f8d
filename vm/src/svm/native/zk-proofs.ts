import { verifyRange } from '../../host/solana/crypto/zk/range.ts'
import { verifySigma } from '../../host/solana/crypto/zk/sigma.ts'
import { sigmaProofs } from '../../host/solana/crypto/zk/sigma-proofs.ts'

/** A kind of proof: what it says (the context), and what proves it. */
export interface ZkProof {
  /** Of the instruction, as it stands in the log. */
  readonly name: string
  /** What checking it costs. */
  readonly units: bigint
  /** Bytes of what is proven. */
  readonly context: number
  /** Bytes of the proof behind it. */
  readonly proof: number
  /** Of range proofs: bits of all amounts together. */
  readonly bits?: number
}

/** @returns why the proof does not hold, as Agave logs it */
export function proofError(row: ZkProof, bytes: Uint8Array): string | undefined {
  const context = bytes.subarray(0, row.context)
  const proof = bytes.subarray(row.context)
  if (row.bits !== undefined) return verifyRange(row.bits, context, proof)
  return verifySigma(sigmaProofs[row.name]!, context, proof)
}

/** Most commitments of one range proof, each of 32 bytes and a byte for its bits. */
const rangeContext = 8 * 33

/** By the first byte of the instruction, from 1 (solana-zk-elgamal-proof-interface, `ProofInstruction`). */
export const zkProofs: readonly ZkProof[] = [
  { name: 'VerifyZeroCiphertext', units: 6_000n, context: 96, proof: 96 },
  { name: 'VerifyCiphertextCiphertextEquality', units: 8_000n, context: 192, proof: 224 },
  { name: 'VerifyCiphertextCommitmentEquality', units: 6_400n, context: 128, proof: 192 },
  { name: 'VerifyPubkeyValidity', units: 2_600n, context: 32, proof: 64 },
  { name: 'VerifyPercentageWithCap', units: 6_500n, context: 104, proof: 256 },
  {
    name: 'VerifyBatchedRangeProofU64',
    bits: 64,
    units: 111_000n,
    context: rangeContext,
    proof: 672,
  },
  {
    name: 'VerifyBatchedRangeProofU128',
    bits: 128,
    units: 200_000n,
    context: rangeContext,
    proof: 736,
  },
  {
    name: 'VerifyBatchedRangeProofU256',
    bits: 256,
    units: 368_000n,
    context: rangeContext,
    proof: 800,
  },
  { name: 'VerifyGroupedCiphertext2HandlesValidity', units: 6_400n, context: 160, proof: 160 },
  {
    name: 'VerifyBatchedGroupedCiphertext2HandlesValidity',
    units: 13_000n,
    context: 256,
    proof: 160,
  },
  { name: 'VerifyGroupedCiphertext3HandlesValidity', units: 8_100n, context: 224, proof: 192 },
  {
    name: 'VerifyBatchedGroupedCiphertext3HandlesValidity',
    units: 16_400n,
    context: 352,
    proof: 192,
  },
]
