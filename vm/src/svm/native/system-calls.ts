import { ByteWriter } from '../../bits/bytes.ts'
import { writeU32, writeU64 } from '../../bits/record.ts'
import { programIds } from '../../host/solana/ids.ts'
import type { Pubkey } from '../../host/solana/pubkey.ts'
import type { AccountMeta, Instruction } from '../../host/solana/runtime.ts'

/** Instructions of the system program that other native programs call. */

function signing(pubkey: Pubkey): AccountMeta {
  return { pubkey, isSigner: true, isWritable: true }
}

/** An account that is written and does not sign. */
export function writable(pubkey: Pubkey): AccountMeta {
  return { pubkey, isSigner: false, isWritable: true }
}

export function transferInstruction(from: Pubkey, to: Pubkey, lamports: bigint): Instruction {
  const data = new ByteWriter()
  writeU32(data, 2)
  writeU64(data, lamports)
  return {
    programId: programIds.system,
    accounts: [signing(from), writable(to)],
    data: data.finish(),
  }
}

export function createAccountInstruction(
  from: Pubkey,
  to: Pubkey,
  args: { readonly lamports: bigint; readonly space: bigint; readonly owner: Pubkey },
  more: readonly AccountMeta[] = [],
): Instruction {
  const data = new ByteWriter()
  writeU32(data, 0)
  writeU64(data, args.lamports)
  writeU64(data, args.space)
  data.bytes(args.owner.bytes)
  return {
    programId: programIds.system,
    accounts: [signing(from), signing(to), ...more],
    data: data.finish(),
  }
}
