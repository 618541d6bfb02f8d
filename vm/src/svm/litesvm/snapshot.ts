import { ByteWriter, type Cursor, cursorOf } from '../../bits/bytes.ts'
import { DecodeError } from '../../bits/errors.ts'
import type { Account } from '../../host/solana/account.ts'
import {
  type ComputeBudget,
  type ComputeCosts,
  defaultBudget,
  defaultCosts,
} from '../../host/solana/costs.ts'
import {
  type InstructionError,
  instructionErrors,
  type TransactionError,
  transactionErrors,
} from '../../host/solana/errors.ts'
import type { Pubkey } from '../../host/solana/pubkey.ts'
import type { ExecutionBudget } from '../execute.ts'
import type { InnerInstruction, TransactionResult } from '../result.ts'
import { refused } from '../result.ts'
import {
  byteForm,
  bytesForm,
  type Form,
  fixedForm,
  flagForm,
  listForm,
  longForm,
  optionForm,
  pairForm,
  pubkeyForm,
  shortBytesForm,
  structForm,
  textForm,
  wordForm,
} from './snapshot-forms.ts'

/** Everything in a litesvm, as its snapshots have it. */
export interface Snapshot {
  readonly accounts: readonly (readonly [Pubkey, Account])[]
  /** Of the account of airdrops: 32 bytes of seed, 32 of address. */
  readonly airdropKey: Uint8Array
  readonly activeFeatures: readonly (readonly [Pubkey, bigint])[]
  readonly inactiveFeatures: readonly Pubkey[]
  readonly latestBlockhash: Uint8Array
  /** Oldest first. */
  readonly history: readonly (readonly [Uint8Array, TransactionResult])[]
  readonly historyCapacity: bigint
  readonly computeBudget: ExecutionBudget | undefined
  readonly sigverify: boolean
  readonly blockhashCheck: boolean
  readonly fees: FeeStructure
  readonly logBytesLimit: bigint | undefined
  readonly epochStakes: readonly (readonly [Pubkey, bigint])[]
}

/** Lamports. */
interface FeeStructure {
  readonly perSignature: bigint
  readonly perWriteLock: bigint
  /** Compute units up to which there is a fee, and the fee. */
  readonly bins: readonly (readonly [bigint, bigint])[]
}

/** The fees that litesvm starts with. */
export const defaultFees: FeeStructure = {
  perSignature: 5000n,
  perWriteLock: 0n,
  bins: [[1_400_000n, 0n]],
}

const accountForm: Form<Account> = structForm<Account>({
  lamports: longForm,
  data: bytesForm,
  owner: pubkeyForm,
  executable: flagForm,
  rentEpoch: longForm,
})

/** Limits and prices in the order of a snapshot; the names of a limit stand for a number of 64 bits but for `heapSize`. */
const budgetOrder = [
  ...['computeUnitLimit', 'log64Units', 'createProgramAddressUnits', 'invokeUnits'],
  ...['maxInstructionStackDepth', 'maxInstructionTraceLength', 'sha256BaseCost', 'sha256ByteCost'],
  ...['sha256MaxSlices', 'maxCallDepth', 'stackFrameSize', 'logPubkeyUnits', 'cpiBytesPerUnit'],
  ...['sysvarBaseCost', 'secp256k1RecoverCost', 'syscallBaseCost'],
  ...['curve25519EdwardsValidatePointCost', 'curve25519EdwardsAddCost'],
  ...['curve25519EdwardsSubtractCost', 'curve25519EdwardsMultiplyCost'],
  ...['curve25519EdwardsMsmBaseCost', 'curve25519EdwardsMsmIncrementalCost'],
  ...['curve25519RistrettoValidatePointCost', 'curve25519RistrettoAddCost'],
  ...['curve25519RistrettoSubtractCost', 'curve25519RistrettoMultiplyCost'],
  ...['curve25519RistrettoMsmBaseCost', 'curve25519RistrettoMsmIncrementalCost'],
  ...['heapSize', 'heapCost', 'memOpBaseCost', 'altBn128G1AdditionCost', 'altBn128G2AdditionCost'],
  ...['altBn128G1MultiplicationCost', 'altBn128G2MultiplicationCost'],
  ...['altBn128PairingOnePairCostFirst', 'altBn128PairingOnePairCostOther'],
  ...['bigModularExponentiationBaseCost', 'bigModularExponentiationCostDivisor'],
  ...['poseidonCostCoefficientA', 'poseidonCostCoefficientC', 'getRemainingComputeUnitsCost'],
  ...['altBn128G1Compress', 'altBn128G1Decompress', 'altBn128G2Compress', 'altBn128G2Decompress'],
  ...['bls12381G1AddCost', 'bls12381G2AddCost', 'bls12381G1SubtractCost', 'bls12381G2SubtractCost'],
  ...['bls12381G1MultiplyCost', 'bls12381G2MultiplyCost', 'bls12381G1DecompressCost'],
  ...['bls12381G2DecompressCost', 'bls12381G1ValidateCost', 'bls12381G2ValidateCost'],
  ...['bls12381OnePairCost', 'bls12381AdditionalPairCost'],
]
/** Prices of a snapshot that nothing here charges; versions 2 and 3 have none. */
const unused: Readonly<Record<string, bigint>> = {
  bigModularExponentiationBaseCost: 422n,
  bigModularExponentiationCostDivisor: 189n,
}

function budgetForm(version: number): Form<ExecutionBudget> {
  const names = budgetOrder.filter((name) => !(name in unused) || version === 1 || version === 4)
  return {
    read(from) {
      const found: Record<string, bigint> = {}
      for (const name of names)
        found[name] = name === 'heapSize' ? BigInt(wordForm.read(from)) : longForm.read(from)
      const take = <T extends object>(defaults: T): T => {
        const entries = Object.entries(defaults).map(([name, value]) => {
          const read = found[name] ?? value
          return [name, typeof value === 'number' ? Number(read) : read]
        })
        return Object.fromEntries(entries) as T
      }
      return {
        budget: take<ComputeBudget>(defaultBudget),
        costs: take<ComputeCosts>(defaultCosts),
      }
    },
    write(to, { budget, costs }) {
      const all: Readonly<Record<string, bigint | number>> = { ...unused, ...costs, ...budget }
      for (const name of names) {
        const value = all[name]!
        if (name === 'heapSize') wordForm.write(to, Number(value))
        else longForm.write(to, BigInt(value))
      }
    },
  }
}

const instructionErrorForm: Form<InstructionError> = {
  read(from) {
    const kind = nameOf(instructionErrors, wordForm.read(from))
    return kind === 'Custom' ? { kind, code: wordForm.read(from) } : { kind }
  },
  write(to, error) {
    wordForm.write(to, numberOf(instructionErrors, error.kind))
    if (error.kind === 'Custom') wordForm.write(to, error.code)
  },
}

const transactionErrorForm: Form<TransactionError> = {
  read(from) {
    const kind = nameOf(transactionErrors, wordForm.read(from))
    switch (kind) {
      case 'InstructionError': {
        const index = byteForm.read(from)
        return { kind, index, error: instructionErrorForm.read(from) }
      }
      case 'DuplicateInstruction':
      case 'InsufficientFundsForRent':
      case 'ProgramExecutionTemporarilyRestricted':
        return { kind, index: byteForm.read(from) }
      default:
        return { kind }
    }
  },
  write(to, error) {
    wordForm.write(to, numberOf(transactionErrors, error.kind))
    if ('index' in error) byteForm.write(to, error.index)
    if (error.kind === 'InstructionError') instructionErrorForm.write(to, error.error)
  },
}

function nameOf<N extends string>(rows: readonly (readonly [N, string])[], number: number): N {
  const row = rows[number]
  if (row === undefined)
    throw new DecodeError('badTag', `Invalid tag encoding: ${number}`, { value: number })
  return row[0]
}

function numberOf(rows: readonly (readonly [string, string])[], name: string): number {
  return rows.findIndex(([known]) => known === name)
}

const innerForm: Form<InnerInstruction> = structForm<InnerInstruction>({
  programIdIndex: byteForm,
  accounts: shortBytesForm,
  data: shortBytesForm,
  stackHeight: byteForm,
})

type Metadata = Pick<
  TransactionResult,
  'signature' | 'logs' | 'inner' | 'units' | 'returnData' | 'fee'
>
const metadataForm: Form<Metadata> = structForm<Metadata>({
  signature: fixedForm(64),
  logs: listForm(textForm),
  inner: listForm(listForm(innerForm)),
  units: longForm,
  returnData: structForm({ programId: pubkeyForm, data: bytesForm }),
  fee: longForm,
})

/** A result, of which a snapshot has neither accounts nor what changed. */
const resultForm: Form<TransactionResult> = {
  read(from) {
    const tag = wordForm.read(from)
    if (tag > 1) throw new DecodeError('badTag', `Invalid tag encoding: ${tag}`, { value: tag })
    const error = tag === 1 ? transactionErrorForm.read(from) : undefined
    return {
      ...refused({ kind: 'AccountNotFound' }),
      ...metadataForm.read(from),
      error,
      included: true,
    }
  },
  write(to, result) {
    wordForm.write(to, result.error === undefined ? 0 : 1)
    if (result.error !== undefined) transactionErrorForm.write(to, result.error)
    metadataForm.write(to, result)
  },
}

const feesForm: Form<FeeStructure> = structForm<FeeStructure>({
  perSignature: longForm,
  perWriteLock: longForm,
  bins: listForm(pairForm(longForm, longForm)),
})

function snapshotForm(version: number): Form<Snapshot> {
  const none: Form<readonly (readonly [Pubkey, bigint])[]> = { read: () => [], write: () => {} }
  return structForm<Snapshot>({
    accounts: listForm(pairForm(pubkeyForm, accountForm)),
    airdropKey: fixedForm(64),
    activeFeatures: listForm(pairForm(pubkeyForm, longForm)),
    inactiveFeatures: listForm(pubkeyForm),
    latestBlockhash: fixedForm(32),
    history: listForm(pairForm(fixedForm(64), resultForm)),
    historyCapacity: longForm,
    computeBudget: optionForm(budgetForm(version)),
    sigverify: flagForm,
    blockhashCheck: flagForm,
    fees: feesForm,
    logBytesLimit: optionForm(longForm),
    epochStakes: version < 3 ? none : listForm(pairForm(pubkeyForm, longForm)),
  })
}

/** The version that litesvm 1.5.0 writes. */
const newest = 4

/** As litesvm 1.5.0 writes it. */
export function encodeSnapshot(snapshot: Snapshot): Uint8Array {
  const writer = new ByteWriter()
  writer.u8(newest)
  snapshotForm(newest).write(writer, snapshot)
  return writer.finish()
}

/**
 * Versions 1 to 4; what is behind the end is ignored, as litesvm ignores it.
 * @throws {Error} with litesvm's words
 */
export function decodeSnapshot(bytes: Uint8Array): Snapshot {
  const version = bytes[0]
  if (version === undefined) throw new Error('empty input')
  if (version < 1 || version > newest) throw new Error(`unsupported snapshot version: ${version}`)
  const cursor: Cursor = cursorOf(bytes, 1)
  try {
    return snapshotForm(version).read(cursor)
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    const { code, value, what } = error
    const text = code === 'truncated' ? `Attempting to read ${value} bytes` : what
    throw new Error(`read error: ${text}`, { cause: error })
  }
}
