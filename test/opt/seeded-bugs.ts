/** A mistake made on purpose in the compiled optimiser; the law has to find each. */
export interface OptBug {
  readonly file: string
  /** Occurs exactly once in the file. */
  readonly find: string
  readonly replace: string
  readonly what: string
  /** Seed of a program that shows it: `node build/test/opt/seeded-run.js 1 5000` with the bug in place looks for one. */
  readonly program: number
  /** The program is one that keeps values in its frames. */
  readonly spilled?: true
}

export const optBugs: readonly OptBug[] = [
  {
    file: 'bits.js',
    find: 'zeros > 64 - bits ? zeros : 0',
    replace: 'zeros > 63 - bits ? zeros : 0',
    what: 'a sign bit that may be set is taken for 0',
    program: 1204,
  },
  {
    file: 'bits.js',
    find: "op.startsWith('add') && both.zeros > 0 ? both.zeros - 1 : 0",
    replace: "op.startsWith('add') ? both.zeros : 0",
    what: 'sums do not carry',
    program: 31,
  },
  {
    file: 'bits.js',
    find: 'Math.max(1, both.signs - 1)',
    replace: 'both.signs',
    what: 'sums never overflow',
    program: 1126,
  },
  {
    file: 'bits.js',
    find: 'const either = (x, y) => ({\n    zeros: Math.min(x.zeros, y.zeros),',
    replace: 'const either = (x, y) => ({\n    zeros: Math.max(x.zeros, y.zeros),',
    what: 'a phi is as small as its smallest argument',
    program: 31,
  },
  {
    file: 'bits.js',
    find: 'Math.max(0, of(0).zeros - by)',
    replace: 'of(0).zeros',
    what: 'shifting left leaves the high bits as they are',
    program: 927,
  },
  {
    file: 'rules-arith.js',
    find: 'if (first !== undefined && commutative.has(op) &&',
    replace: "if (first !== undefined && (commutative.has(op) || op === 'sub64') &&",
    what: 'differences commute',
    program: 185,
  },
  {
    file: 'rules-arith.js',
    find: "sub64: ['add64i', (imm) => -imm]",
    replace: "sub64: ['add64i']",
    what: 'a constant is added in place of subtracted',
    program: 69,
  },
  {
    file: 'rules-arith.js',
    find: "andn64: ['and64i', (imm) => ~imm]",
    replace: "andn64: ['and64i']",
    what: 'a mask is not inverted',
    program: 1611,
  },
  {
    file: 'rules-arith.js',
    find: 'shl64i: (a, b) => (a + b < 64n ? a + b : undefined)',
    replace: 'shl64i: (a, b) => a + b',
    what: 'two shifts that leave nothing are one by less',
    program: 4012,
  },
  {
    file: 'rules-arith.js',
    find: "left.op === 'shl64i' && right.op === 'shru64i' && left.imm + right.imm === 64n",
    replace: "left.op === 'shl64i' && right.op === 'shru64i'",
    what: 'any two shifts are a rotation',
    program: 89,
  },
  {
    file: 'rules-arith.js',
    find: "become(value, 'gts64i', [from], x.imm - 1n)",
    replace: "become(value, 'gts64i', [from], x.imm)",
    what: 'not less is greater',
    program: 1190,
  },
  {
    file: 'rules-arith.js',
    find: "imm - 1n);\n    return become(value, 'shru64i'",
    replace: "imm);\n    return become(value, 'shru64i'",
    what: 'a remainder by a power of two keeps one bit more',
    program: 2364,
  },
  {
    file: 'rules-arith.js',
    find: 'r.uses(x) === 1 && bits === 8)',
    replace: 'bits === 8)',
    what: 'a load with other uses loses its sign',
    program: 178,
  },
  {
    file: 'rules-arith.js',
    find: "return become(value, 'select', [y, x, condition.args[0]]);\n    if (condition.op === 'gtu64i'",
    replace:
      "return become(value, 'select', [x, y, condition.args[0]]);\n    if (condition.op === 'gtu64i'",
    what: 'a condition that is negated chooses the same',
    program: 52,
  },
  {
    file: 'rules-arith.js',
    find: 'if (y === a && x === b)',
    replace: 'if (y === b && x === a)',
    what: 'the least is the greatest',
    program: 228,
  },
  {
    file: 'rules-extend.js',
    find: 'if (up === 32n && by > 32n)',
    replace: 'if (up === 32n && by >= 31n)',
    what: 'a field of 33 bits is one of 32',
    program: 743,
  },
  {
    file: 'rules-extend.js',
    find: 'r.facts.signsOf(x) >= 49',
    replace: 'r.facts.signsOf(x) >= 48',
    what: '17 bits are taken for 16',
    program: 464,
  },
  {
    file: 'rules-extend.js',
    find: 'half(x.imm) >= 0n && x.imm !==',
    replace: 'x.imm !==',
    what: 'a mask with the sign bit is cut',
    program: 4287,
  },
  {
    file: 'rules-extend.js',
    find: "if (x.op === 'shl64i' && x.imm < 32n)",
    replace: "if (x.op === 'shl64i')",
    what: 'shifting a word by 32 and more leaves something',
    program: 505,
  },
  {
    file: 'rules-branch.js',
    find: 'x.imm, !opposed);\n    switch',
    replace: 'x.imm, opposed);\n    switch',
    what: 'a comparison that fails takes the branch',
    program: 47,
  },
  {
    file: 'rules-branch.js',
    find: 'settled(value, unsigned > most === isLess, r)',
    replace: 'settled(value, unsigned < most === isLess, r)',
    what: 'what is below all is above all',
    program: 4,
  },
  {
    file: 'rules-branch.js',
    find: 'isSigned32(x, r) && isSigned32(y, r)',
    replace: 'isSigned32(x, r)',
    what: 'a long number is compared by its low half',
    program: 73,
  },
  {
    file: 'simplify.js',
    find: 'value.off = Number(address.imm) + off;',
    replace: 'value.off = Number(address.imm);',
    what: 'an offset is forgotten',
    program: 3,
  },
  {
    file: 'simplify.js',
    find: 'kept >= bits) || isMasked',
    replace: 'kept >= bits - 8) || isMasked',
    what: 'an extension is dropped below what is stored',
    program: 1618,
  },
  {
    file: 'demand.js',
    find: 'Math.min(64, bits + amountOf(value, 63n))',
    replace: 'bits',
    what: 'bits that are shifted down are not asked for',
    program: 55,
  },
  {
    file: 'demand.js',
    find: "...named('add32s sub32s mul32s add32si mul32si sub32sr', least(32))",
    replace: "...named('add32s sub32s mul32s add32si mul32si sub32sr', least(16))",
    what: 'a sum of words asks for half words',
    program: 45,
  },
  {
    file: 'demand.js',
    find: 'return 8 * accessBytes(op);',
    replace: 'return 4 * accessBytes(op);',
    what: 'half of what is stored is asked for',
    program: 86,
  },
  {
    file: 'number.js',
    find: 'const first = candidates.find((candidate) => dominates(this.where.get(candidate), block));',
    replace: 'const first = candidates[0];',
    what: 'a value is used where it was not computed',
    program: 226,
  },
  {
    file: 'number.js',
    find: 'block.preds.length === 1 ?',
    replace: 'block.preds.length >= 1 ?',
    what: 'memory is known where ways join',
    program: 459,
  },
  {
    file: 'number.js',
    find: 'access.off === insn.off &&',
    replace: '',
    what: 'any access of the same base is the same',
    program: 46,
  },
  {
    file: 'number.js',
    find: 'accessBytes(access.op) === bytes &&',
    replace: '',
    what: 'a narrow store is read by a wide load',
    program: 8,
  },
  {
    file: 'memory.js',
    find: 'a.off < b.off + accessBytes(b.op)',
    replace: 'a.off < b.off',
    what: 'accesses at one address do not meet',
    program: 30,
  },
  {
    file: 'memory.js',
    find: "(escapes && other.op !== 'li')",
    replace: 'false',
    what: 'a frame is reached by nothing else',
    program: 86,
  },
  {
    file: 'cfg.js',
    find: 'args[known] !== args[at]',
    replace: 'false',
    what: 'a block that chooses is skipped',
    program: 54,
  },
  {
    file: 'edit.js',
    find: 'to.preds.splice(at, 1);\n    for (const { args } of to.phis)\n        args.splice(at, 1);',
    replace:
      'to.preds.splice(at, 1);\n    for (const { args } of to.phis)\n        args.splice(0, 1);',
    what: 'a phi loses another argument',
    program: 2,
  },
  {
    file: 'dce.js',
    find: 'hasEffect(insn)',
    replace: "hasEffect(insn) && !insn.op.startsWith('store')",
    what: 'stores are dead',
    program: 1,
  },
]
