import type { TransactionError } from '../host/solana/errors.ts'
import type { FeatureSet } from '../host/solana/features.ts'
import { programIds } from '../host/solana/ids.ts'
import type { Pubkey } from '../host/solana/pubkey.ts'
import { maxU64 } from '../host/solana/words.ts'
import type { MessageConfig } from './message.ts'
import type { ResolvedMessage } from './resolve.ts'
import type { CompiledInstruction } from './result.ts'

/** What a transaction may use, and what it adds to its fee for that. */
export interface TransactionLimits {
  readonly heapBytes: number
  readonly units: number
  /** Lamports. */
  readonly priorityFee: bigint
  readonly loadedBytes: number
}

const minHeap = 0x8000
const maxHeap = 0x4_0000
const maxUnits = 1_400_000
const unitsPerInstruction = 200_000
const unitsPerBuiltin = 3_000
const maxLoadedBytes = 0x400_0000
const microLamports = 1_000_000n

/** Programs whose instructions ask for few units (solana-builtins-default-costs). */
const builtins: ReadonlySet<string> = new Set(
  [
    programIds.system,
    programIds.computeBudget,
    programIds.loaderV3,
    programIds.loaderV1,
    programIds.loaderV2,
    programIds.loaderV4,
    programIds.secp256k1,
    programIds.ed25519,
  ].map(({ key }) => key),
)
/** Vote counts as one of them until this feature, its migration as the crate has it. */
const voteMigration = 'bls_pubkey_management_in_vote_account'

function isBuiltin({ key }: Pubkey, features: FeatureSet): boolean {
  if (key === programIds.vote.key) return !features.has(voteMigration)
  return builtins.has(key)
}

const heapFits = (bytes: number): boolean =>
  bytes >= minHeap && bytes <= maxHeap && bytes % 1024 === 0

/** Instructions of the compute-budget program by their first byte: bytes of the argument behind it. */
const requests = {
  1: ['heap', 4],
  2: ['units', 4],
  3: ['price', 8],
  4: ['loaded', 4],
} as const
type Request = (typeof requests)[keyof typeof requests][0]
const rowOf = (tag: number | undefined): (typeof requests)[keyof typeof requests] | undefined =>
  tag === 1 || tag === 2 || tag === 3 || tag === 4 ? requests[tag] : undefined

interface Asked {
  readonly value: bigint
  /** Place of the instruction, modulo 256 as Agave keeps it. */
  readonly index: number
}

/** Reads one instruction of the compute-budget program; bytes behind it are ignored. */
function readRequest(
  { data }: CompiledInstruction,
  index: number,
  asked: Partial<Record<Request, Asked>>,
): TransactionError | undefined {
  const row = rowOf(data[0])
  if (row === undefined || data.length < 1 + row[1])
    return { kind: 'InstructionError', index, error: { kind: 'InvalidInstructionData' } }
  const [name, bytes] = row
  if (asked[name] !== undefined) return { kind: 'DuplicateInstruction', index }
  let value = 0n
  for (let i = bytes; i > 0; i--) value = (value << 8n) | BigInt(data[i]!)
  asked[name] = { value, index }
  return undefined
}

function defaultUnits(
  instructions: readonly CompiledInstruction[],
  keys: readonly Pubkey[],
  features: FeatureSet,
): number {
  let units = 0
  for (const { programIdIndex } of instructions)
    units += isBuiltin(keys[programIdIndex]!, features) ? unitsPerBuiltin : unitsPerInstruction
  return units
}

/** `price` micro-lamports for each of `units`, rounded up to lamports. */
function priorityFeeOf(price: bigint, units: number): bigint {
  const fee = (price * BigInt(units) + microLamports - 1n) / microLamports
  return fee > maxU64 ? maxU64 : fee
}

function limitsOfConfig(config: MessageConfig): TransactionLimits | TransactionError {
  const heapBytes = config.heapBytes ?? minHeap
  if (!heapFits(heapBytes)) return { kind: 'SanitizeFailure' }
  return {
    heapBytes,
    units: Math.min(config.unitLimit ?? 0, maxUnits),
    priorityFee: config.priorityFee ?? 0n,
    loadedBytes: Math.min(config.loadedBytesLimit ?? 0, maxLoadedBytes),
  }
}

/**
 * What a message asks for: in instructions of the compute-budget program, or from v1 on in its head.
 * Answers the transaction's error where they say the same thing twice, or what cannot be
 * (solana-compute-budget-instruction).
 */
export function limitsOf(
  { message, keys }: ResolvedMessage,
  features: FeatureSet,
): TransactionLimits | TransactionError {
  if (message.version === 1) return limitsOfConfig(message.config)
  const asked: Partial<Record<Request, Asked>> = {}
  const { instructions } = message
  for (let i = 0; i < instructions.length; i++) {
    const instruction = instructions[i]!
    if (keys[instruction.programIdIndex]!.key !== programIds.computeBudget.key) continue
    const error = readRequest(instruction, i & 0xff, asked)
    if (error !== undefined) return error
  }
  const heapBytes = Number(asked.heap?.value ?? BigInt(minHeap))
  if (!heapFits(heapBytes))
    return {
      kind: 'InstructionError',
      index: asked.heap?.index ?? 0,
      error: { kind: 'InvalidInstructionData' },
    }
  const wanted =
    asked.units === undefined
      ? defaultUnits(instructions, keys, features)
      : Number(asked.units.value)
  const units = Math.min(wanted, maxUnits)
  if (asked.loaded?.value === 0n) return { kind: 'InvalidLoadedAccountsDataSizeLimit' }
  return {
    heapBytes,
    units,
    priorityFee: asked.price === undefined ? 0n : priorityFeeOf(asked.price.value, units),
    loadedBytes: Math.min(Number(asked.loaded?.value ?? BigInt(maxLoadedBytes)), maxLoadedBytes),
  }
}

/** Programs whose instructions say in their first byte how many signatures they check, paid for each. */
const signaturePrograms: ReadonlySet<string> = new Set(
  [programIds.ed25519, programIds.secp256k1, programIds.secp256r1].map(({ key }) => key),
)

/** Lamports that a transaction costs, executed or not (solana-fee). */
export function feeOf(
  { message, keys }: ResolvedMessage,
  limits: TransactionLimits,
  lamportsPerSignature: bigint,
): bigint {
  let signatures = message.requiredSignatures
  for (const { programIdIndex, data } of message.instructions)
    if (signaturePrograms.has(keys[programIdIndex]!.key)) signatures += data[0] ?? 0
  const fee = BigInt(signatures) * lamportsPerSignature
  const total = (fee > maxU64 ? maxU64 : fee) + limits.priorityFee
  return total > maxU64 ? maxU64 : total
}
