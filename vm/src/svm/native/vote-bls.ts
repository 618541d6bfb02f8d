import { heavyCurves } from '#curves'
import { concatBytes } from '../../bits/octets.ts'
import { fail } from '../../host/solana/errors.ts'
import type { Pubkey } from '../../host/solana/pubkey.ts'
import type { InvokeContext } from '../../host/solana/runtime.ts'

/** Units that checking a proof of possession costs (SIMD-0387). */
const possessionUnits = 34_500n
const label = new TextEncoder().encode('ALPENGLOW')

/**
 * A BLS key may be used by who proves to have its secret, for this vote account.
 * @throws {InstructionFailure} InvalidArgument
 */
export function checkPossession(
  context: InvokeContext,
  account: Pubkey,
  key: Uint8Array,
  proof: Uint8Array,
): void {
  context.consume(possessionUnits)
  if (!heavyCurves().provesPossession(concatBytes(label, account.bytes), key, proof))
    fail('InvalidArgument')
}
