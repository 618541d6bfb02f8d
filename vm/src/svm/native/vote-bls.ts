import { fail } from '../../host/solana/errors.ts'
import type { Pubkey } from '../../host/solana/pubkey.ts'
import type { InvokeContext } from '../../host/solana/runtime.ts'

/** Units that checking a proof of possession costs (SIMD-0387). */
const possessionUnits = 34_500n

/**
 * A BLS key may be used by who proves to have its secret. No cluster has the feature that asks for proofs;
 * no proof is accepted here yet, so that none is accepted wrongly.
 * @throws {InstructionFailure} InvalidArgument
 */
export function checkPossession(
  context: InvokeContext,
  _account: Pubkey,
  _key: Uint8Array,
  _proof: Uint8Array,
): void {
  context.consume(possessionUnits)
  fail('InvalidArgument')
}
