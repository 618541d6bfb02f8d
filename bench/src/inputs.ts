import type { Program } from 'alcatraz-vm'
import { decodeContainer, programOf } from 'alcatraz-vm/link'
import { decodePvmBlob } from 'alcatraz-vm/pvm'
import { bpfContainer, bpfShapes } from './synthetic/bpf.ts'
import { pvmBlob, pvmShapes } from './synthetic/pvm.ts'

/** Programs that nobody has seen, as they arrive, and how bytes become a program. */
export interface Input {
  readonly isa: 'eBPF' | 'PVM'
  readonly gas: string
  readonly shapes: readonly string[]
  /** About `size` bytes of shape `shape`; every `seed` gives others. */
  bytes(shape: string, size: number, seed: number): Uint8Array
  decode(bytes: Uint8Array): Program
}

function pvm(version: 'gp-0.7' | 'jam-v1', gas: string): Input {
  return {
    isa: 'PVM',
    gas,
    shapes: pvmShapes,
    bytes: (shape, size, seed) => pvmBlob(version, shape, size, seed),
    decode: (bytes) => decodePvmBlob(bytes, { version, gas }),
  }
}

/** Containers, and raw blobs under the gas of Gray Paper 0.7 and of 0.8. */
export const inputs: readonly Input[] = [
  {
    isa: 'eBPF',
    gas: 'alcatraz-1',
    shapes: bpfShapes,
    bytes: bpfContainer,
    decode: (bytes) => programOf(decodeContainer(bytes)),
  },
  pvm('gp-0.7', 'pvm-instruction'),
  pvm('jam-v1', 'pvm-pipeline-l2'),
]
