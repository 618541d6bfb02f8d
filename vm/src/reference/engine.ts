import type { Engine } from '../vm/machine.ts'
import { instantiateBpf } from './bpf.ts'
import { instantiatePvm } from './pvm.ts'

/**
 * The executable specification: an interpreter per instruction set that executes the guest's own
 * instructions, apart from lift and IR. Slow; what the other engines are compared with.
 * @example referenceEngine.instantiate(program, { gas: 1000n }).run()
 */
export const referenceEngine: Engine = {
  name: 'reference',
  instantiate: (program, options) =>
    program.isa === 'bpf' ? instantiateBpf(program, options) : instantiatePvm(program, options),
}
