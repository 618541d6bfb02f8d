import type { Engine } from '../vm/machine.ts'
import { instantiateAvm } from './avm.ts'
import { instantiateBpf } from './bpf.ts'
import { instantiatePvm } from './pvm.ts'
import { instantiateRiscv } from './riscv.ts'
import { instantiateSbpf } from './sbpf.ts'

/**
 * The executable specification: an interpreter per instruction set that executes the guest's own
 * instructions, apart from lift and IR. Slow; what the other engines are compared with.
 * @example referenceEngine.instantiate(program, { gas: 1000n }).run()
 */
export const referenceEngine: Engine = {
  name: 'reference',
  instantiate(program, options) {
    switch (program.isa) {
      case 'avm':
        return instantiateAvm(program, options)
      case 'bpf':
        return instantiateBpf(program, options)
      case 'pvm':
        return instantiatePvm(program, options)
      case 'sbpf':
        return instantiateSbpf(program, options)
      case 'riscv':
        return instantiateRiscv(program, options)
    }
  },
}
