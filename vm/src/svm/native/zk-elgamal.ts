import { concatBytes } from '../../bits/octets.ts'
import { fail } from '../../host/solana/errors.ts'
import { programIds } from '../../host/solana/ids.ts'
import { Pubkey } from '../../host/solana/pubkey.ts'
import type { Builtin, InvokeContext } from '../../host/solana/runtime.ts'
import { refuse } from './refuse.ts'
import { proofError, type ZkProof, zkProofs } from './zk-proofs.ts'

const closeUnits = 3_300n
/** The authority and the kind of proof, in front of what was proven. */
const metaBytes = 33
/** Instruction data of this length name an offset in account 0, where the proof is. */
const bytesWithAccount = 5

/** What an account of a proven statement begins with. */
function readMeta(data: Uint8Array): { readonly authority: Pubkey; readonly kind: number } {
  if (data.length < metaBytes) fail('InvalidAccountData')
  return { authority: Pubkey.from(data), kind: data[32]! }
}

/** Account 0, kept by account 2, gives its lamports to account 1 and is no more. */
function close(context: InvokeContext): void {
  const { instruction } = context
  if (!instruction.isSigner(2)) fail('MissingRequiredSignature')
  const authority = instruction.key(2)
  if (instruction.key(0).equals(instruction.key(1))) fail('InvalidInstructionData')
  const account = instruction.account(0)
  if (!account.owner.equals(programIds.zkElGamalProof)) fail('InvalidAccountOwner')
  const meta = readMeta(account.data)
  if (meta.kind === 0) fail('UninitializedAccount')
  if (!authority.equals(meta.authority)) fail('InvalidAccountOwner')
  instruction.account(1).addLamports(account.lamports)
  account.setLamports(0n)
  account.setDataLength(0)
  account.setOwner(programIds.system)
}

/** Statement and proof, from the instruction or from account 0. */
function proofBytes(context: InvokeContext, { context: said, proof }: ZkProof): Uint8Array {
  const { data } = context.instruction
  const length = said + proof
  if (data.length !== bytesWithAccount) {
    if (data.length !== 1 + length) refuse(context, 'invalid proof data', 'InvalidInstructionData')
    return data.subarray(1)
  }
  const account = context.instruction.account(0)
  const start = new DataView(data.buffer, data.byteOffset).getUint32(1, true)
  if (start + length > account.data.length) fail('InvalidAccountData')
  return account.data.subarray(start, start + length)
}

/** Checks a proof, and writes what it says into an account where one is named, for the account behind it. */
function verify(context: InvokeContext, row: ZkProof): void {
  const { instruction } = context
  const bytes = proofBytes(context, row)
  const error = proofError(row, bytes)
  if (error !== undefined)
    refuse(context, `proof verification failed: ${error}`, 'InvalidInstructionData')
  const at = instruction.data.length === bytesWithAccount ? 1 : 0
  if (instruction.accountCount < at + 2) return
  const authority = instruction.account(at + 1).key
  const account = instruction.account(at)
  if (!account.owner.equals(programIds.zkElGamalProof)) fail('InvalidAccountOwner')
  if (readMeta(account.data).kind !== 0) fail('AccountAlreadyInitialized')
  if (account.data.length !== metaBytes + row.context) fail('InvalidAccountData')
  const kind = Uint8Array.of(zkProofs.indexOf(row) + 1)
  account.setData(concatBytes(authority.bytes, kind, bytes.subarray(0, row.context)))
}

/** Checks proofs about encrypted amounts, and keeps what was proven in accounts. */
export const zkElGamalProgram: Builtin = {
  id: programIds.zkElGamalProof,
  name: 'zk_elgamal_proof_program',
  units: 0n,
  feature: 'zk_elgamal_proof_program_enabled',
  process(context) {
    const { features, instruction } = context
    if (
      features.has('disable_zk_elgamal_proof_program') &&
      !features.has('reenable_zk_elgamal_proof_program')
    )
      refuse(context, 'zk-elgamal-proof program is temporarily disabled', 'InvalidInstructionData')
    const number = instruction.data[0]
    if (number === 0) {
      context.consume(closeUnits)
      context.log('CloseContextState')
      return close(context)
    }
    const row = number === undefined ? undefined : zkProofs[number - 1]
    if (row === undefined) return fail('InvalidInstructionData')
    context.consume(row.units)
    context.log(row.name)
    verify(context, row)
  },
}
