import {
  type ComputeCosts,
  defaultCosts,
  type ComputeBudget as Limits,
} from '../../host/solana/costs.ts'
import type { ExecutionBudget } from '../../svm/execute.ts'
import type { ComputeBudget, ComputeBudgetFields } from '../../svm/litesvm/compute-budget.ts'

type Price = keyof ComputeCosts & keyof ComputeBudgetFields
/** Prices that litesvm names otherwise than Agave. */
const renamed = {
  secp256k1RecoverCost: 'secp256K1RecoverCost',
  altBn128G1AdditionCost: 'altBn128AdditionCost',
  altBn128G1MultiplicationCost: 'altBn128MultiplicationCost',
} as const

/** Limits beyond 2^53 limit nothing. */
const count = (value: bigint): number => Number(value)

/** What the runtime calls the limits and prices of a `ComputeBudget`. */
export function executionBudget(fields: ComputeBudget): ExecutionBudget {
  const budget: Limits = {
    computeUnitLimit: fields.computeUnitLimit,
    maxInstructionStackDepth: count(fields.maxInstructionStackDepth),
    maxInstructionTraceLength: count(fields.maxInstructionTraceLength),
    sha256MaxSlices: fields.sha256MaxSlices,
    maxCallDepth: count(fields.maxCallDepth),
    stackFrameSize: count(fields.stackFrameSize),
    heapSize: fields.heapSize,
  }
  const isPrice = (name: string): name is Price => name in fields
  const costs: Record<string, bigint> = { ...defaultCosts }
  for (const name of Object.keys(defaultCosts)) if (isPrice(name)) costs[name] = fields[name]
  for (const [ours, theirs] of Object.entries(renamed)) costs[ours] = fields[theirs]
  // each name of the defaults is there
  return { budget, costs: costs as ComputeCosts }
}
