/**
 * The one place where benchmarks reach behind the entry points of alcatraz-vm: what generated code
 * costs in parts, and how it grows, is nothing that a program may ask for.
 */

export { arenaMemory } from '../../vm/dist/arena/kinds.js'
export { At, layoutOf, pageTable } from '../../vm/dist/arena/layout.js'
export { verifyStrict } from '../../vm/dist/host/solana/crypto/ed25519.js'
export { parseIr } from '../../vm/dist/ir/parser.js'
export type { IrProgram } from '../../vm/dist/ir/program.js'
export { verifyIr } from '../../vm/dist/ir/verify.js'
export { exitWords, statusBits } from '../../vm/dist/recomp/exits.js'
export { generate, generateMeasured } from '../../vm/dist/recomp/module.js'
export { flatBytes, type Measure } from '../../vm/dist/recomp/parts.js'
