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
    find: 'calleeWord(frameSize, args, l.slots[i.target])',
    replace: 'calleeWord(frameSize, 8, l.slots[i.target])',
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
  {
    file: 'control-ops.js',
    find: 'f.localTee(w.uncleared);',
    replace: 'f.i32Const(0); f.op(Op.i32And); f.localTee(w.uncleared);',
    what: 'a callee begins with the slots of whom was called before',
    isa: 'slots',
  },
  {
    file: 'control-ops.js',
    find: 'f.op(Op.i32Sub);\n        f.localSet(w.slots);',
    replace: 'f.op(Op.i32Sub);\n        f.drop();',
    what: 'a return keeps the slots of the callee',
    isa: 'slots',
  },
  {
    file: 'program-memory.js',
    find: 'putSlots(guest, layout, frame.slots, i)',
    replace: 'putSlots(guest, layout, frame.slots, 0)',
    what: 'restored slots of open calls go to the outermost',
    isa: 'slots',
  },
  {
    file: 'program-memory.js',
    find: '(depth ?? words[At.depth >> 2])',
    replace: '(depth ?? 0)',
    what: 'slots of the running function are saved from the outermost call',
    isa: 'slots',
  },
]
