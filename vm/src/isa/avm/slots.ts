import { AvmByte, encodingAt } from './decode.ts'
import { avmEncodings } from './encodings.ts'
import { avmRow } from './table.ts'

/** What slots depend on. */
interface Slotted {
  readonly code: Uint8Array
  readonly functions: readonly { readonly pc: number; readonly slots: number }[]
  readonly codeTable: readonly number[]
}

/**
 * How many slots an activation of each function has: what the function declares. `jump64` takes an activation to a label of
 * any function, so that functions that have labels or that instruction all have the most that one of them declares.
 * O(code), or O(functions) where none has slots.
 * @param kinds of the code's bytes, by `validateAvm`
 */
export function avmSlots({ code, codeTable, functions }: Slotted, kinds: Uint8Array): Uint8Array {
  const counts = Uint8Array.from(functions, ({ slots }) => slots)
  if (counts.every((count) => count === 0)) return counts
  const joined = new Uint8Array(functions.length)
  const at = new Map(functions.map(({ pc }, index) => [pc, index]))
  const labels = new Set(codeTable)
  for (let pc = 0, index = -1; pc < code.length; pc++) {
    if ((kinds[pc]! & AvmByte.start) === 0) continue
    const start = at.get(pc)
    if (start !== undefined) index = start
    else if (labels.has(pc)) joined[index] = 1
    if (avmEncodings[encodingAt(code, pc)]!.row === avmRow.jump64) joined[index] = 1
  }
  let most = 0
  counts.forEach((count, index) => {
    if (joined[index] === 1 && count > most) most = count
  })
  return counts.map((count, index) => (joined[index] === 1 ? most : count))
}
