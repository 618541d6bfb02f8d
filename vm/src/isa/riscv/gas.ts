import { VerifyError } from '../../bits/errors.ts'

/** Gas schedules of RISC-V, by what each instruction costs; a compressed one costs the same. */
export const riscvSchedules: ReadonlyMap<string, number> = new Map([
  ['riscv-instruction', 1],
  ['none', 0],
])

/**
 * Gas of any instruction under a schedule.
 * @throws {VerifyError} `unknownSchedule`
 * @example riscvCost('riscv-instruction') // 1
 */
export function riscvCost(name: string): number {
  const cost = riscvSchedules.get(name)
  if (cost !== undefined) return cost
  const known = [...riscvSchedules.keys()].join(', ')
  throw new VerifyError('unknownSchedule', `no gas schedule '${name}'; there are ${known}`, {
    value: name,
  })
}
