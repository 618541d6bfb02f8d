import { assert } from '../bits/errors.ts'
import type { Exit } from './exit.ts'
import type { Machine } from './machine.ts'

/** What a host call answers: go on, or end the run (with the trap or the halt the host decided). */
export type HostAnswer =
  | 'continue'
  | { readonly kind: 'halt' }
  | { readonly kind: 'trap'; readonly trap: 'hostCall' }
  | { readonly kind: 'outOfGas' }
  | { readonly kind: 'suspend' }

/** A host as engines' drivers see it: it answers the host call `id` by reading and writing the machine. */
export interface Environment {
  call(machine: Machine, id: number): HostAnswer
}

/** A run that the host ended keeps the host call's pc. `suspended` goes on with `drive`. */
export type DriveExit =
  | Exclude<Exit, { kind: 'host' }>
  | { readonly kind: 'suspended'; readonly pc: number }

/**
 * Runs until something other than an answered host call happens. An exception of the environment
 * passes; the machine then is as if it had answered `suspend`.
 */
export function drive(machine: Machine, environment: Environment): DriveExit {
  const last: { answer: HostAnswer } = { answer: 'continue' }
  const exit = machine.run((id) => {
    last.answer = environment.call(machine, id)
    return last.answer === 'continue'
  })
  if (exit.kind !== 'host') return exit
  const { answer } = last
  assert(answer !== 'continue', 'a run ends at the host calls that are not passed')
  const { pc } = exit
  switch (answer.kind) {
    case 'halt':
      return { kind: 'halt', pc }
    case 'trap':
      return { kind: 'trap', trap: answer.trap, pc }
    case 'outOfGas':
      return { kind: 'outOfGas', pc }
    case 'suspend':
      return { kind: 'suspended', pc }
  }
}
