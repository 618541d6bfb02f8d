import type { SeededBug } from '../laws/seeded-bugs.ts'

/** Mistakes in what only programs of Solana need. */
export const sbpfBugs: readonly SeededBug[] = [
  {
    file: 'calls.js',
    find: 'f.i64ConstS(step);',
    replace: 'f.i64ConstS(-step);',
    what: 'fixed frames go down',
    isa: 'sbpf',
  },
  {
    file: 'calls.js',
    find: 'this.checkDepth(row);',
    replace: ';',
    what: 'fixed frames go as deep as they like',
    isa: 'sbpf',
  },
  {
    file: 'emit.js',
    find: "return this.check(row, form === 'trapz', name.endsWith('64'))",
    replace: 'return',
    what: 'generated code divides by zero',
    isa: 'sbpf',
  },
  {
    file: 'calls.js',
    find: 'push(word >>> 24)',
    replace: 'push((word >>> 16) & 0xff)',
    what: 'an overflow is looked for in the dividend alone',
    isa: 'sbpf',
  },
]
