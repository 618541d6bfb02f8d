import type { SeededBug } from './seeded-bugs.ts'

const isa = 'regions'

/** Mistakes that the interpreter alone would show. */
export const interpRegionBugs: readonly SeededBug[] = [
  {
    file: 'regions.js',
    find: 'f.i64ConstS(octets - 1)',
    replace: 'f.i64ConstS(octets - 2)',
    what: 'accesses may end one byte behind a region',
    isa,
  },
  {
    file: 'regions.js',
    find: 'f.op(Op.i64ShrS);\n    f.op(Op.i64Or)',
    replace: 'f.op(Op.i64ShrU);\n    f.op(Op.i64Or)',
    what: 'a region shorter than the access grants it',
    isa,
  },
  {
    file: 'memory-ops.js',
    find: 'f.load(Op.i64Load32U, 2, RegionTable.gap);\n    f.localTee(gap);\n    f.op(Op.i64And)',
    replace:
      'f.load(Op.i64Load32U, 2, RegionTable.gap);\n    f.localTee(gap);\n    f.op(Op.drop);\n    f.op(Op.drop);\n    f.i64ConstS(0)',
    what: 'gaps may be accessed',
    isa,
  },
  {
    file: 'memory-ops.js',
    find: 'write ? RegionTable.write : RegionTable.read',
    replace: 'RegionTable.read',
    what: 'stores need no permission',
    isa,
  },
  {
    file: 'regions.js',
    find: 'Math.floor(offset / gap) % 2 === 1',
    replace: 'false',
    what: 'the exact check knows no gaps',
    isa,
  },
  {
    file: 'regions.js',
    find: 'this.live[middle].address <= address',
    replace: 'this.live[middle].address < address',
    what: 'the first byte of a region belongs to the one before',
    isa,
  },
  {
    file: 'regions.js',
    find: 'this.bytes.fill(0, place.at + length, place.at + region.length);',
    replace: '',
    what: 'bytes of a region that got shorter come back',
    isa,
  },
  {
    file: 'regions.js',
    find: 'this.bytes.copyWithin(larger.at, place.at, place.at + region.length);',
    replace: '',
    what: 'a region that grows out of its room loses its bytes',
    isa,
  },
  {
    file: 'assist.js',
    find: 'const address = BigInt.asUintN(64, ',
    replace: 'const address = BigInt.asUintN(63, ',
    what: 'addresses lose their highest bit',
    isa,
  },
]

/** Mistakes in the generated code's check, and in what it keeps of regions. */
export const recompRegionBugs: readonly SeededBug[] = [
  {
    file: 'regions.js',
    find: 'f.i64ConstS((gap ?? length) - (hi - lo))',
    replace: 'f.i64ConstS((gap ?? length) - (hi - lo) + 1)',
    what: 'ranges around the frame pointer may end one byte behind the frame',
    isa,
  },
  {
    file: 'regions.js',
    find: 'f.i64ConstS(~frameBits)',
    replace: 'f.i64ConstS(~(frameBits | gap))',
    what: 'ranges around the frame pointer may be in gaps',
    isa,
  },
  {
    file: 'regions.js',
    find: '(2 * length - 1) & -(2 * gap)',
    replace: '(4 * length - 1) & -(2 * gap)',
    what: 'the stack has twice as many frames',
    isa,
  },
  {
    file: 'regions.js',
    find: 'f.i64ConstS(span - 1)',
    replace: 'f.i64ConstS(span - 2)',
    what: 'ranges may end one byte behind a region',
    isa,
  },
  {
    file: 'regions.js',
    find: 'f.op(Op.i64ShrS)',
    replace: 'f.op(Op.i64ShrU)',
    what: 'a region shorter than the range grants it',
    isa,
  },
  {
    file: 'regions.js',
    find: 'writes ? write : read',
    replace: 'read',
    what: 'stores need no permission',
    isa,
  },
  {
    file: 'regions.js',
    find: '(base * 2 * maxSpan + span) * 2 + (write ? 1 : 0)',
    replace: '(base * 2 * maxSpan) * 2 + (write ? 1 : 0)',
    what: 'a slot serves ranges of all lengths',
    isa,
  },
  {
    file: 'regions.js',
    find: '(base * 2 * maxSpan + span) * 2 + (write ? 1 : 0)',
    replace: '(base * 2 * maxSpan + span) * 2',
    what: 'a slot filled by a load serves stores',
    isa,
  },
  {
    file: 'regions.js',
    find: 'region.maxLength !== undefined || region.gap !== undefined',
    replace: 'region.gap !== undefined',
    what: 'a constant address in a region that may change is not checked',
    isa,
  },
  {
    file: 'regions.js',
    find: 'base + hi > address + length || (write && !writable)',
    replace: 'base + hi > address + length',
    what: 'a constant address may be written where nothing may',
    isa,
  },
  {
    file: 'regions.js',
    find: 'base + hi > address + length || (write && !writable)',
    replace: 'base + lo > address + length || (write && !writable)',
    what: 'a range at a constant address may end anywhere',
    isa,
  },
  {
    file: 'regions.js',
    find: 'words.fill(0, RegionSlots.at >> 2, entries >> 2);',
    replace: '',
    what: 'generated code goes on with what regions were before the host changed them',
    isa,
  },
]
