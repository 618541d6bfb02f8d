import { fail, type InstructionErrorName } from '../../host/solana/errors.ts'
import type { InvokeContext } from '../../host/solana/runtime.ts'

/** Logs why, and ends the instruction. @throws {InstructionFailure} always */
export function refuse(
  context: InvokeContext,
  why: string,
  error: Exclude<InstructionErrorName, 'Custom'>,
): never {
  context.log(why)
  return fail(error)
}
