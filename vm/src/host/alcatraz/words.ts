import { cursorOf, readU64 } from '../../bits/bytes.ts'
import type { CallContext } from './context.ts'

/** u64 of an argument block, little-endian each; as many as were asked for. */
type Words = readonly [bigint, bigint, bigint, bigint, bigint, bigint, ...(readonly bigint[])]

/** Reads an argument block; undefined when it is not readable. */
export function wordsAt(context: CallContext, at: bigint, count: 6 | 7): Words | undefined {
  const block = context.machine.memory.read(at, 8 * count)
  if (block === undefined) return undefined
  const cursor = cursorOf(block)
  const word = (): bigint => readU64(cursor)
  const first = [word(), word(), word(), word(), word(), word()] as const
  return count === 6 ? first : [...first, word()]
}
