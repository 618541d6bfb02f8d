// Runs in a browser and in Node, and must answer the same. Imports the package as users do.
import { decodeContainer, encodeContainer, programOf } from 'alcatraz-vm/link'
import { createHasher, emptyTrie } from 'alcatraz-vm/state'

/** r0 = 42; exit */
const code = Uint8Array.of(0xb7, 0, 0, 0, 42, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0)

export interface Answers {
  readonly container: number[]
  readonly exports: [string, number][]
  readonly emptyRoot: number[]
}

export async function answers(): Promise<Answers> {
  const container = encodeContainer({
    kind: 'bpf',
    profile: 'contract-ebpf-1',
    gas: 'alcatraz-1',
    stackSize: 65536,
    bssSize: 0,
    imports: [],
    exports: [{ name: 'main', pc: 0 }],
    functions: [{ pc: 0, frameSize: 0 }],
    addressTaken: [],
    code,
    readOnly: new Uint8Array(0),
    data: new Uint8Array(0),
    symbols: [],
  })
  const program = programOf(decodeContainer(container))
  const hasher = await createHasher()
  return {
    container: [...container],
    exports: [...program.exports],
    emptyRoot: [...emptyTrie(hasher).root()],
  }
}
