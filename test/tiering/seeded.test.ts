/** Proves that the law of engines that compile at random moments bites. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hunt } from '../laws/seeding.ts'

const bugs = [
  {
    file: 'machine.js',
    find: 'if (stop < 0 && this.pauses())\n                    return row;',
    replace: 'if (stop < 0 && this.pauses())\n                    return row + 1;',
    what: 'going over skips the charge of the segment that comes next',
  },
  {
    file: 'tiered.js',
    find: 'this.guest.words.set(jumpPlaces, this.layout.jumpEntries >> 2);',
    replace: '',
    what: 'machines that go over have no places for jumps through registers',
  },
  {
    file: 'tiered.js',
    find: 'this.reserve = whole - given;',
    replace: 'this.reserve = whole;',
    what: 'gas lent to generated code is counted twice',
  },
]

test(`the law finds each of ${bugs.length} bugs seeded into going over`, async (t) => {
  const how = { rooms: ['interp', 'engine'], engine: 'tiered', programs: 500 } as const
  assert.deepEqual(await hunt(bugs, how, (text) => t.diagnostic(text)), [])
})
