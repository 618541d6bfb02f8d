import type { SeededBug } from '../laws/seeded-bugs.ts'

/** Mistakes in how generated code keeps private slots. */
export const slotBugs: readonly SeededBug[] = [
  {
    file: 'registers.js',
    find: 'At.exitInfo);\n        this.moveSlots(true);',
    replace: 'At.exitInfo);',
    what: 'slots are lost where code is left',
    isa: 'slots',
  },
  {
    file: 'registers.js',
    find: 'f.free(at);\n        this.moveSlots(true);',
    replace: 'f.free(at);',
    what: 'slots of open calls are lost when they are unwound',
    isa: 'slots',
  },
  {
    file: 'entries.js',
    find: 'this.moveSlots(false);',
    replace: '',
    what: 'slots are not brought back where code is entered',
    isa: 'slots',
  },
  {
    file: 'registers.js',
    find: 'f.i32Const(this.parts.layout.slotBytes);',
    replace: 'f.i32Const(this.parts.layout.slotBytes - 8);',
    what: 'activations share a slot',
    isa: 'slots',
  },
  {
    file: 'emit.js',
    find: 'f.localSet(this.slots[low])',
    replace: 'f.localSet(this.slots[low >> 3])',
    what: 'eight slots are one',
    isa: 'slots',
  },
]
