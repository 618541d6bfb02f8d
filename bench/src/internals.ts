/**
 * The one place where benchmarks reach behind the entry points of alcatraz-vm: what generated code
 * costs in parts, and how it grows, is nothing that a program may ask for.
 */
export { pageTable } from '../../vm/dist/arena/layout.js'
export { generate } from '../../vm/dist/recomp/module.js'
export { flatBytes, type Measure } from '../../vm/dist/recomp/parts.js'
