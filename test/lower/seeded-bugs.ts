/** A mistake made on purpose in the compiled linker. */
export interface SeededBug {
  /** File of the room `lower`. */
  readonly file: string
  /** Occurs exactly once in the file. */
  readonly find: string
  readonly replace: string
  readonly what: string
  /** Where it must show; AVM unless told. */
  readonly machine?: string
}

export const seededBugs: readonly SeededBug[] = [
  {
    file: 'interference.js',
    find: 'this.add(clobber, other);',
    replace: ';',
    what: 'calls are thought to leave all registers as they were',
  },
  {
    file: 'liveness.js',
    find: 'out[pred.id].push(register);',
    replace: 'if (register % 7 !== 3) out[pred.id].push(register);',
    what: 'some values are not alive at ends of blocks',
  },
  {
    file: 'colour.js',
    find: 'taken[colour] = 1;',
    replace: 'taken[colour] = node % 31 === 0 ? 0 : 1;',
    what: 'a colour is taken twice',
  },
  {
    file: 'colour.js',
    find: 'this.graph.has(keep, drop)',
    replace: 'false',
    what: 'registers that interfere are joined',
  },
  {
    file: 'copies.js',
    find: 'result.push({ to: place, from: as(to) });',
    replace: ';',
    what: 'a cycle of copies loses a value',
  },
  {
    file: 'copies.js',
    find: 'if (left === 0 && pending.has(from))',
    replace: 'if (pending.has(from))',
    what: 'a register is written before the last copy has read it',
  },
  {
    file: 'allocate.js',
    find: '!graph.has(x, y)',
    replace: 'true',
    what: 'values that are alive together share a slot',
  },
  {
    file: 'allocate.js',
    find: 'defs[register] === 1',
    replace: 'true',
    what: 'a variable is made again by one of its definitions',
  },
  {
    file: 'select.js',
    find: '[other, zero, condition.args[0]]',
    replace: '[zero, other, condition.args[0]]',
    what: 'a choice by x = 0 is made by x',
  },
  {
    file: 'select.js',
    find: "bltu: 'bgtu'",
    replace: "bltu: 'bgeu'",
    what: 'a constant compared with a value is compared wrongly',
  },
  {
    file: 'select.js',
    find: 'BigInt.asIntN(64, -c.imm)',
    replace: 'BigInt.asIntN(64, c.imm)',
    what: 'a constant is added instead of subtracted',
  },
  {
    file: 'select-writer.js',
    find: 'entry.behind = this.reversed.length;',
    replace: 'entry.behind = Math.max(0, this.reversed.length - 3);',
    what: 'a constant is made after it is used',
  },
  {
    file: 'select.js',
    find: 'this.out.args = i + 1;',
    replace: 'this.out.args = i;',
    what: 'a function is given one argument less',
  },
  {
    file: 'select.js',
    find: 'from: phi.args[at]',
    replace: 'from: phi.args[0]',
    what: 'phis take the value of the first way in',
  },
  {
    file: 'layout.js',
    find: "bles: 'bgts'",
    replace: "bles: 'bges'",
    what: 'a branch turned around is taken for equal operands',
  },
  {
    file: 'linear.js',
    find: 'insn.op = opposite;',
    replace: ';',
    what: 'a branch to the next block goes to the other one on the same condition',
  },
  {
    file: 'linear.js',
    find: 'passes + 8 * slots',
    replace: 'passes + 0 * slots',
    what: 'frames have no room for slots',
    machine: 'PVM JamV1',
  },
  {
    file: 'linear.js',
    find: '8 * (off - func.slots)',
    replace: '4 * (off - func.slots)',
    what: 'slots overlap',
  },
  {
    file: 'expand.js',
    find: "'cmovnz', def, [uses[0], to.constant(imm), uses[1]]",
    replace: "'cmovnz', def, [uses[0], uses[1], to.constant(imm)]",
    what: 'a large constant is chosen by itself',
  },
  {
    file: 'pvm-target.js',
    find: 'kept: [2, 3, 4, 5, 6]',
    replace: 'kept: [2, 3, 4, 5]',
    what: 'a function does not keep s1',
    machine: 'PVM ReviveV1',
  },
  {
    file: 'pvm.js',
    find: 'this.table.push(first + behind)',
    replace: 'this.table.push(first + behind - 1)',
    what: 'calls return to themselves',
    machine: 'PVM ReviveV1',
  },
  {
    file: 'pvm-items.js',
    find: 'if (isTarget[i] === 1 && isOpen)',
    replace: 'if (false)',
    what: 'jumps lead into blocks',
    machine: 'PVM JamV1',
  },
  {
    file: 'pvm.js',
    find: 'if (length <= this.lengths[i])',
    replace: 'if (this.lengths[i] > 0)',
    what: 'jumps are as long as those to the next instruction',
    machine: 'PVM JamV1',
  },
  {
    file: 'expand.js',
    find: "'div1u32s', 32)",
    replace: "'div1u32s', 64)",
    what: 'a 32-bit division asks 64 bits of the divisor',
  },
  {
    file: 'slots.js',
    find: 'if (isLoad(insn))\n                live.add(off);',
    replace: 'if (isLoad(insn))\n                live.delete(off);',
    what: 'slots are dead before they are read',
  },
  {
    file: 'slots.js',
    find: 'meets[other].add(off);',
    replace: ';',
    what: 'slots meet one way only',
  },
  {
    file: 'slots.js',
    find: 'if (!writes[pred.id].has(slot))',
    replace: 'if (false)',
    what: 'slots are not alive through blocks',
  },
  {
    file: 'slots.js',
    find: 'insn.off = number - func.ownSlots;',
    replace: 'insn.off = 0;',
    what: 'slots of the frame are one',
  },
]
