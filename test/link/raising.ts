/** Programs of few lines of RISC-V assembly, raised and executed. */
import assert from 'node:assert/strict'
import { LinkError } from '#vm/bits/errors'
import { raiseRiscv } from '#vm/link/raise'
import type { OptProgram } from '#vm/opt/ir'
import { verifyOpt } from '#vm/opt/verify'
import { evaluate, type Outcome } from '../opt/evaluate.ts'
import { type CodeOptions, codeLayout, riscvCode } from './riscv-code.ts'

export function raise(text: string, options: CodeOptions = {}): OptProgram {
  const program = raiseRiscv(riscvCode(text, options), { layout: codeLayout, stackSize: 0x1_0000 })
  verifyOpt(program)
  return program
}

export function outcome(program: OptProgram, name: string, args: readonly bigint[]): Outcome {
  const memory = new Uint8Array(0x4_0000)
  memory.set(program.data, 0x2_0000)
  const { func } = program.exports.find((known) => known.name === name)!
  const host = (index: number, given: readonly bigint[]): bigint[] => [
    given.reduce((sum, arg) => sum * 10n + arg, BigInt(index)),
  ]
  return evaluate(program, func, args, { memory, stackHigh: 0x4_0000, host })
}

export function answer(program: OptProgram, name: string, ...args: bigint[]): bigint {
  const result = outcome(program, name, args)
  assert.equal(result.kind, 'return')
  return result.kind === 'return' ? result.results[0]! : 0n
}

export const refuses = (
  code: string,
  message: RegExp,
  text: string,
  options: CodeOptions = {},
): void => {
  assert.throws(
    () => raise(text, options),
    (error) => error instanceof LinkError && error.code === code && message.test(error.message),
  )
}
