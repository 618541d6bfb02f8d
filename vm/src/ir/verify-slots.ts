import { VerifyError } from '../bits/errors.ts'
import { type IrProgram, rowWords, slotsOfCallee } from './program.ts'
import { mostSlots, type SlotCounts, slotRoom, slotsAt } from './slots.ts'
import { irForms, irRows, Op } from './table.ts'

function fail(message: string, row: number, value: number): never {
  throw new VerifyError('slots', message, { offset: row, value })
}

/** Ranges ascend, and nothing runs from one into the next. */
function checkRanges({ rowOf, rows }: IrProgram, { counts, from }: SlotCounts): void {
  if (counts.length !== from.length) fail('not one count per range', 0, counts.length)
  for (let i = 0; i < from.length; i++) {
    if (i > 0 && from[i]! <= from[i - 1]!) fail('ranges are not in order', 0, i)
    if (counts[i]! > mostSlots) fail('too many', 0, counts[i]!)
    const row = rowOf[from[i]!] ?? -1
    if (row < 0) fail('a range starts with no instruction', 0, from[i]!)
    if (row > 0 && !irForms[irRows[rows[(row - 1) * rowWords]! & 0xff]!.form].ends)
      fail('a range is run into', row, i)
  }
}

/**
 * The rules of private slots (`ManagedCalls.slots`), for rows whose operands and targets are known to be valid; linear.
 * @throws {VerifyError} `slots`, with `offset` = the row
 */
export function verifySlots(program: IrProgram): void {
  const { calls, count, jumps, pcOf, rows } = program
  if (calls.kind !== 'managed' || calls.slots === undefined) return
  if (calls.declared !== true) fail('only callees that declare have some', 0, 0)
  checkRanges(program, calls.slots)
  const room = slotRoom(calls)
  const at = (row: number): number => slotsAt(calls, pcOf[row]!)
  const checkWord = (word: number, row: number): void => {
    if (slotsOfCallee(word) < at(row)) fail('not all are cleared', row, word)
    if (slotsOfCallee(word) > room) fail('more are cleared than there are', row, word)
  }
  calls.functions.rows.forEach((row, i) => {
    if (row !== -1) checkWord(calls.frameSizes[i]!, row)
  })
  /** Of jumps through registers and their targets. */
  let joined = -1
  const join = (row: number): void => {
    if (joined >= 0 && joined !== at(row)) fail('a jump changes their number', row, at(row))
    joined = at(row)
  }
  for (const row of jumps.rows) if (row !== -1) join(row)
  for (let row = 0; row < count; row++) {
    const op = rows[row * rowWords]! & 0xff
    const { form } = irRows[op]!
    const low = rows[row * rowWords + 1]!
    const high = rows[row * rowWords + 2]!
    const to = rows[row * rowWords + 3]!
    if (form === 'getslot' || form === 'setslot') {
      if (high !== 0 || low < 0 || low >= at(row)) fail('no such slot', row, low)
    } else if (op === Op.call) checkWord(high, to)
    else if (form === 'jumpr') join(row)
    else if (irForms[form].off === 'target' && at(to) !== at(row))
      fail('a jump changes their number', row, to)
  }
}
