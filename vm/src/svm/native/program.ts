import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes } from '../../bits/octets.ts'
import { fail } from '../../host/solana/errors.ts'
import { Pubkey } from '../../host/solana/pubkey.ts'
import type { InvokeContext } from '../../host/solana/runtime.ts'
import { BincodeReader, type Fields, packetBytes, record, type Values } from './bincode.ts'

/** An instruction of a native program: its name, and what it does with its data. */
export interface InstructionRow {
  readonly name: string
  /** Decodes what stands after the instruction's number, and answers what is to be done. */
  decode(from: BincodeReader): (context: InvokeContext) => void
}

/** An instruction whose data are `fields`. */
export function row<F extends Fields>(
  name: string,
  fields: F,
  run: (context: InvokeContext, args: Values<F>) => void,
): InstructionRow {
  const read = record(fields)
  return {
    name,
    decode(from) {
      const args = read(from)
      return (context) => run(context, args)
    },
  }
}

/**
 * Runs the instruction that the data name: its number (u32), then its fields, in at most 1,232 bytes.
 * @throws {InstructionFailure} InvalidInstructionData when no row fits
 */
export function dispatch(rows: readonly InstructionRow[], context: InvokeContext): void {
  const from = new BincodeReader(context.instruction.data, 'InvalidInstructionData', packetBytes)
  const found = rows[from.u32()]
  if (found === undefined) return from.refuse()
  found.decode(from)(context)
}

/** Longest seed of a derived address, in bytes of UTF-8. */
const maxSeedBytes = 32
const pdaMarker = new TextEncoder().encode('ProgramDerivedAddress')

/**
 * `sha256(base | seed | owner)`, the address that `base` can sign for.
 * @throws {InstructionFailure} Custom 0 for a seed over 32 bytes, Custom 2 for an owner that ends as
 * derived addresses' input does: Agave turns the numbers of another kind of error into these.
 */
export function addressWithSeed(base: Pubkey, seed: string, owner: Pubkey): Pubkey {
  const bytes = new TextEncoder().encode(seed)
  if (bytes.length > maxSeedBytes) fail({ kind: 'Custom', code: 0 })
  const tail = owner.bytes.subarray(32 - pdaMarker.length)
  if (tail.every((byte, i) => byte === pdaMarker[i])) fail({ kind: 'Custom', code: 2 })
  return Pubkey.from(sha256(concatBytes(base.bytes, bytes, owner.bytes)))
}
