import type { SeededBug } from './seeded-bugs.ts'

/** Mistakes in how AVM's instructions become IR. */
export const avmBugs: readonly SeededBug[] = [
  {
    file: 'avm.js',
    find: 'sh2adduw: scaled(2, true)',
    replace: 'sh2adduw: scaled(2, false)',
    what: 'sh2adduw takes the high half, too',
    isa: 'avm',
  },
  {
    file: 'avm.js',
    find: 'l.rows.row(Op.beq64i, 0, t0, 0, 0, 0, i.target)',
    replace: 'l.rows.row(Op.bne64i, 0, t0, 0, 0, 0, i.target)',
    what: 'bclr64i branches when the bit is set',
    isa: 'avm',
  },
  {
    file: 'avm.js',
    find: 'l.rows.row(Op.callr, 0, i.b, 0, l.frame, 0, 0)',
    replace: 'l.rows.row(Op.callr, 0, i.b, 0, 0, 0, 0)',
    what: "callr forgets the caller's frame",
    isa: 'avm',
  },
  {
    file: 'avm.js',
    find: 'i.b === noBase ? zeroRegister : i.b',
    replace: 'i.b === noBase ? 0 : i.b',
    what: 'an address without a base has r0 for one',
    isa: 'avm',
  },
  {
    file: 'avm.js',
    find: 'starts.has(pc) === isFunction',
    replace: 'starts.has(pc) !== isFunction || true',
    what: 'a jump through a register may go to a function',
    isa: 'avm',
  },
  {
    file: 'avm.js',
    find: 'calleeWord(frameSize, args), pc)',
    replace: 'calleeWord(frameSize, 8), pc)',
    what: 'a callee gets more registers than its arguments',
    isa: 'avm',
  },
  {
    file: 'avm.js',
    find: 'rows.addCost(costs[insn.row])',
    replace: 'rows.addCost(costs[insn.row] > 2 ? 1 : costs[insn.row])',
    what: 'calls and divisions cost as little as an addition',
    isa: 'avm',
  },
]
