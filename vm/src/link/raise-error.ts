import { LinkError } from '../bits/errors.ts'
import type { LinkedCode } from './riscv-linked.ts'

/** Where in the code something cannot be raised. */
export interface RaisePlace {
  /** Offset in the code. */
  readonly pc: number
  /** Index into `functions`. */
  readonly func: number
}

/** @throws {LinkError} always; the message names the function and the octet in it, and what to compile with instead */
export function raiseFail(
  { functions }: LinkedCode,
  { func, pc }: RaisePlace,
  code: string,
  what: string,
): never {
  const { name, start } = functions[func]!
  const inside = pc >= start ? `+0x${(pc - start).toString(16)}` : ''
  throw new LinkError(code, `${name}${inside}: ${what}`, { offset: pc, value: name })
}
