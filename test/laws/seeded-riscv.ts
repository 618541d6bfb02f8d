import type { SeededBug } from './seeded-bugs.ts'

const bug = (file: string, find: string, replace: string, what: string): SeededBug => ({
  ...{ file: `${file}.js`, find, replace, what, isa: 'riscv' },
})

/** Mistakes in how RISC-V's instructions become IR, and in what the reference does for them. */
export const riscvBugs: readonly SeededBug[] = [
  bug('riscv-insns', 'sh2add: scaled(2, false)', 'sh2add: scaled(3, false)', 'sh2add is sh3add'),
  bug(
    'riscv-insns',
    'divuw: rrr(Op.div1u32s)',
    'divuw: rrr(Op.div1s32s)',
    'divuw divides signed numbers',
  ),
  bug(
    'riscv-insns',
    "'amomin.w': atomic(inWord, Op.mins64)",
    "'amomin.w': atomic(inWord, Op.minu64)",
    'amomin.w compares unsigned',
  ),
  bug(
    'riscv-insns',
    'operand = t2;',
    'operand = x(i.rs2);',
    'atomic words see the high half of their operand',
  ),
  bug(
    'riscv-insns',
    'l.rows.row(Op.li, reserved, 0, 0, 0, 0, 0);',
    '',
    'a reservation outlives the store that used it',
  ),
  bug(
    'riscv-insns',
    'Op.cmovnzi, i.rd, t0, 0)',
    'Op.cmovnzi, i.rd, x(i.rs2), 0)',
    'conditional zeros look at a condition that is overwritten',
  ),
  bug(
    'riscv-insns',
    'i.rd !== 0 && i.rd === i.rs1',
    'i.rd === 0',
    'jalr jumps to where it returns, if one register is both',
  ),
  bug(
    'riscv-insns',
    'l.rows.abc(Op.sext32, i.rd, i.rd, 0)',
    'l.nothing()',
    'orc.b of RV32 leaves a high half that is no sign',
  ),
  bug('riscv-insns', 'not ? ~one : one', 'one', 'bclri keeps the bit, and nothing else'),
  bug(
    'riscv-insns',
    'const load = (op) => (l, i) => l.rows.row(',
    'const load = (op) => (l, i) => i.rd === 0 ? l.nothing() : l.rows.row(',
    'loads to x0 do not fault',
  ),
  bug(
    'riscv-insns',
    'this.pc + this.insn.length)',
    'this.pc + 4)',
    'compressed calls return two octets too far',
  ),
  bug(
    'riscv-insns',
    'x(i.rs1), size - 1)',
    'x(i.rs1), 3)',
    'atomic doubles need no more alignment than words',
  ),
  bug(
    'riscv',
    'jumpsAnywhere: true',
    'jumpsAnywhere: false',
    'jumps through registers reach only what begins a segment',
  ),
  bug('riscv', 'width: lifter.wide ? 64 : 32', 'width: 64', 'addresses of RV32 do not wrap'),
  // reference
  bug(
    'riscv-steps',
    'holds ? m.x(i.rs2) : old',
    'm.x(i.rs2)',
    'sc without a reservation stores in the reference',
  ),
  bug(
    'riscv-steps',
    'b === 0n ? a : a % b',
    'b === 0n ? 0n : a % b',
    'the remainder by 0 is 0 in the reference',
  ),
  bug(
    'riscv-state',
    'BigInt.asUintN(32, address) & ~1n',
    'BigInt.asUintN(32, address)',
    'jalr keeps the lowest bit of its target in the reference',
  ),
  bug(
    'riscv-state',
    'this.xlen === 32 ? BigInt.asIntN(32, value) : value',
    'value',
    'registers of RV32 have more bits in the reference',
  ),
]
