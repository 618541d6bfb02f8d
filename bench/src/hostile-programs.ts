import type { Program } from 'alcatraz-vm'
import { inputs } from './inputs.ts'
import { adversaries } from './synthetic/adversarial.ts'

/** A shape that costs a compiler most, and programs of about so many instructions. */
export interface HostileProgram {
  readonly isa: 'eBPF' | 'PVM'
  readonly name: string
  readonly program: (instructions: number) => Program
}

const pvm = inputs.find(({ gas }) => gas === 'pvm-instruction')!
/** Octets of an average instruction. */
const octets = 4

export const hostilePrograms: readonly HostileProgram[] = [
  ...Object.entries(adversaries).map(([name, make]) => ({
    isa: 'eBPF' as const,
    name,
    program: make,
  })),
  ...pvm.shapes
    .filter((shape) => shape !== 'realistic')
    .map((shape) => ({
      isa: 'PVM' as const,
      name: `PVM: ${shape}`,
      program: (instructions: number) => pvm.decode(pvm.bytes(shape, instructions * octets, 1)),
    })),
]
