import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseIr } from '#vm/ir/parser'
import { printIr } from '#vm/ir/printer'
import { calleeWord, frameOfCallee, slotsOfCallee } from '#vm/ir/program'
import { mostSlots, slotRoom, slotsAt } from '#vm/ir/slots'
import { verifyIr } from '#vm/ir/verify'
import { liftAvm } from '#vm/lift/avm'
import { avmProgram } from '../laws/avm-programs.ts'
import { Rng } from '../laws/rng.ts'

test('lifted programs with slots keep the rules, and print and read back the same', () => {
  let slotted = 0
  for (let seed = 1; seed < 60; seed++) {
    const program = liftAvm(avmProgram(new Rng(seed)))
    verifyIr(program)
    assert.ok(program.calls.kind === 'managed')
    if (program.calls.slots !== undefined) slotted++
    const text = printIr(program)
    const again = parseIr(text)
    assert.deepEqual(again.calls, program.calls)
    assert.equal(printIr(again), text)
  }
  assert.ok(slotted > 20, `${slotted} programs`)
})

test("a callee's word has room for the largest frame, all arguments and most slots", () => {
  const word = calleeWord(0xfffff8, 8, mostSlots)
  assert.ok(word > 0 && word === (word | 0))
  const calls = { kind: 'managed', declared: true } as Parameters<typeof frameOfCallee>[0]
  assert.deepEqual([frameOfCallee(calls, word), slotsOfCallee(word)], [0xfffff8, mostSlots])
  assert.equal(slotsOfCallee(calleeWord(8, 0, 5)), 8)
})

/** Two functions; the second has `count` slots from pc 4 on, its callers' word clears `cleared`. */
const text = (count: number, cleared: number, body = 'getslot r1, 2', jump = 'ret'): string => `
registers 16
metering none
calls managed depth 4 first 2 saved 14 stack 0x10000 to 0x11000 declared
slots 0 0
slots 4 ${count}
b0:
  0: call 0, ${calleeWord(0, 0, cleared)}, b2
b1:
  1: ${jump}
b2:
  4: ${body}
  5: ret
`

const codeOf = (source: string): string => {
  try {
    verifyIr(parseIr(source))
    return 'fine'
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}

test('slots are counted, cleared by calls, and jumps keep their number', () => {
  const fine = parseIr(text(3, 3))
  verifyIr(fine)
  assert.equal(slotRoom(fine.calls), 4)
  assert.deepEqual(
    [0, 3, 4, 5, 9].map((pc) => slotsAt(fine.calls, pc)),
    [0, 0, 3, 3, 3],
  )
  const broken: Readonly<Record<string, string>> = {
    'a slot that is not there': text(2, 2),
    'a callee whose slots are not cleared': text(5, 4),
    'more are cleared than there is room for': text(3, 5),
    'a jump to where there are others': text(3, 3, undefined, 'jump b2'),
    'a range that is run into': text(3, 3).replace('slots 4 3', 'slots 5 3'),
    'ranges out of order': text(3, 3).replace('slots 0 0', 'slots 9 0'),
    'too many': text(3, 3).replace('slots 4 3', 'slots 4 253'),
    'a slot where nothing has some': text(3, 0).replace(/slots .*\n/g, ''),
    'callees that do not declare': text(3, 3).replace(' declared', ''),
    'a number of two words': text(3, 3, 'getslot r1, 2, 1'),
  }
  for (const [what, source] of Object.entries(broken)) assert.equal(codeOf(source), 'slots', what)
})
