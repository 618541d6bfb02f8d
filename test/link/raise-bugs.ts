import type { SeededBug } from '../solana/seeding.ts'

const bug = (
  file: string,
  find: string,
  replace: string,
  what: string,
  found = 'raise-calls',
): SeededBug => ({
  file: `link/${file}.js`,
  find,
  replace,
  what,
  test: `link/${found}`,
})

/** Mistakes in what makes functions of linked RISC-V code: each a line that it could well be without. */
export const raiseBugs: readonly SeededBug[] = [
  bug(
    'raise-state',
    'slot < to && from < slot + this.width',
    'slot === from',
    'saved registers stay where a part is overwritten',
    'raise-refusals',
  ),
  bug(
    'raise-state',
    'this.slots.delete(slot);\n            less = true',
    'less = true',
    'what one way saved is saved on all',
    'raise-refusals',
  ),
  bug(
    'raise-state',
    'state.set(rd, word.from === 0 ? Known.label : Known.relative, base)',
    'state.set(rd, Known.label, base)',
    'words that count from their table are addresses',
    'raise-jumps',
  ),
  bug(
    'raise-flow',
    'byReturn ? saved : [Reg.ra, ...saved]',
    'saved',
    'calls at the end may come with another return address',
    'raise-refusals',
  ),
  bug(
    'raise-flow',
    'state.values[register] !== register',
    'false',
    'saved registers may come back exchanged',
    'raise-refusals',
  ),
  bug(
    'raise-flow',
    'address !== base && this.tables.has(address)',
    'false',
    'a jump table goes on through the next',
    'raise-jumps',
  ),
  bug(
    'raise-live',
    '(live & ~callWrites) | this.targetTakes(end.target, wanted)',
    'live | this.targetTakes(end.target, wanted)',
    'what a call writes is an argument of its caller',
  ),
  bug(
    'raise-live',
    'this.openTakes |= takes',
    'this.openTakes = takes',
    'calls through registers pass what the last function takes',
  ),
  bug(
    'raise-ssa',
    'if (block === this.first)\n                phi.args.push(this.atEntry(register))',
    'if (block === this.first)\n                phi.args.push(phi)',
    'loops to the start forget arguments',
    'raise',
  ),
  bug(
    'raise-rows',
    '[other, old, condition] : [old, other, condition]',
    '[old, other, condition] : [other, old, condition]',
    'conditional zeros are the other way round',
    'raise',
  ),
  bug(
    'raise-stack',
    'return at >= 0 ? at : at + this.depth',
    'return at + this.depth',
    'arguments on the stack are looked for in the frame',
  ),
  bug(
    'raise-stack',
    'value.off -= shift',
    'value.off -= 0',
    'locals stay above the arguments of calls that are gone',
  ),
  bug(
    'raise-cfg',
    'if (link !== 0 && link !== Reg.ra)',
    'if (false)',
    'calls of outlined code return to ra',
  ),
  bug(
    'raise-arguments',
    'func.stackArguments += bytes',
    'func.stackArguments += 0',
    'all arguments beyond registers are the first of them',
  ),
]
