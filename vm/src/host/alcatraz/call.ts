import type { CallContext } from './context.ts'

/** What a handler answers besides its result: end the run, or refuse an argument. */
export const CallEnd = { halt: 'halt', trap: 'trap', outOfGas: 'outOfGas' } as const
export type CallEnd = (typeof CallEnd)[keyof typeof CallEnd]

/** u64 arguments; a handler gets as many as its row names, the others are 0. */
export type CallHandler = (
  context: CallContext,
  a: bigint,
  b: bigint,
  c: bigint,
  d: bigint,
) => bigint | CallEnd

/** `price` gas for each started `unit` of the argument. */
export interface LinearCost {
  /** Index into `args`. */
  readonly arg: number
  readonly unit: number
  readonly price: number
}

/** `base + sum of price * ceil(argument / unit)`, charged before the call looks at anything. */
export interface CallCost {
  readonly base: number
  readonly linear?: readonly LinearCost[]
}

/** One host call. C types of arguments and result are what a C header declares. */
export interface HostCall {
  readonly name: string
  readonly args: readonly (readonly [name: string, type: string])[]
  readonly returns: 'void' | 'u64' | 'noreturn' | 'void *' | 'int'
  readonly cost: CallCost
  readonly doc: string
  readonly run: CallHandler
}

/** The answer for "absent" and "cannot grow". */
export const none: bigint = 0xffff_ffff_ffff_ffffn

/** What `cost` is for these arguments. */
export function costOf(cost: CallCost, args: readonly bigint[]): bigint {
  let total = BigInt(cost.base)
  for (const { arg, unit, price } of cost.linear ?? []) {
    const size = BigInt(unit)
    total += BigInt(price) * (((args[arg] ?? 0n) + size - 1n) / size)
  }
  return total
}

/** C type of an argument that is read, and of one that is written. */
export const readType = 'const void *'
export const writtenType = 'void *'

/**
 * Reads `length` bytes, or undefined when that is over `max` or not readable. No bytes are readable at every
 * address: compilers give empty slices any.
 */
export function readGuest(
  context: CallContext,
  address: bigint,
  length: bigint,
  max: number,
): Uint8Array | undefined {
  if (length > BigInt(max)) return undefined
  if (length === 0n) return new Uint8Array(0)
  return context.machine.memory.read(address, Number(length))
}

export function writeGuest(
  context: CallContext,
  address: bigint,
  value: Uint8Array,
): bigint | CallEnd {
  return context.machine.memory.write(address, value) ? 0n : CallEnd.trap
}

/** Charges what a call costs beyond what its arguments say; false: there is less gas. */
export function charge({ machine }: CallContext, price: number | bigint): boolean {
  const amount = BigInt(price)
  if (machine.gas < amount) return false
  machine.gas -= amount
  return true
}
