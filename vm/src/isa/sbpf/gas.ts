import { VerifyError } from '../../bits/errors.ts'

/**
 * Gas schedules of sBPF, by what each instruction costs; `lddw` is one. A syscall is an instruction, and the
 * host charges what it does on top.
 */
export const sbpfSchedules: ReadonlyMap<string, number> = new Map([
  ['sbpf', 1],
  ['none', 0],
])

/**
 * Gas of any instruction under a schedule.
 * @throws {VerifyError} `unknownSchedule`
 * @example sbpfCost('sbpf') // 1
 */
export function sbpfCost(name: string): number {
  const cost = sbpfSchedules.get(name)
  if (cost !== undefined) return cost
  const known = [...sbpfSchedules.keys()].join(', ')
  throw new VerifyError('unknownSchedule', `no gas schedule '${name}'; there are ${known}`, {
    value: name,
  })
}
