// Runs in a browser and in Node, and must answer the same. Imports the package as users do.
import { drive, engineNamed, engineNames, fromHex, toHex } from 'alcatraz-vm'
import { executeMessage } from 'alcatraz-vm/alcatraz'
import { assembleBpf, bpfProgramOf } from 'alcatraz-vm/bpf'
import { decodeContainer, encodeContainer, programOf } from 'alcatraz-vm/link'
import { assemblePvm, decodePvmBlob, encodePvmBlob } from 'alcatraz-vm/pvm'
import { createHasher, diffOf, emptyState, emptyTrie, encodeDiff, Journal } from 'alcatraz-vm/state'

/** sum = 1 + 2 + .. + 1000, stored under the key 8 zero bytes, and returned */
const sum = `
  call:
    mov r6, 1000
    mov r7, 0
  next:
    add r7, r6
    sub r6, 1
    jne r6, 0, next
    mov r1, 0
    stxdw [r10-8], r1
    stxdw [r10-16], r7
    mov r1, r10
    add r1, -8
    mov r2, 8
    mov r3, r10
    add r3, -16
    mov r4, 8
    call 0
    mov r1, r10
    add r1, -16
    mov r2, 8
    call 1
    exit
`
/** The same sum in registers, then a trap. */
const pvmSum = `
  %isa = jam-v1
  a0 = 1000
  a1 = 0
  @next:
  a1 = a1 + a0
  a0 = a0 + 0xffffffffffffffff
  jump @next if a0 != 0
  trap
`

export interface Answer {
  readonly engine: string
  readonly contract: readonly string[]
  readonly pvm: readonly string[]
}

function container(): Uint8Array {
  const { code } = assembleBpf(sum)
  const { functions } = bpfProgramOf(code)
  return encodeContainer({
    kind: 'bpf',
    profile: 'contract-ebpf-1',
    gas: 'alcatraz-1',
    stackSize: 65536,
    bssSize: 0,
    imports: ['az_set', 'az_return'],
    exports: [{ name: 'call', pc: 0 }],
    functions,
    addressTaken: [],
    code,
    readOnly: new Uint8Array(0),
    data: new Uint8Array(0),
    symbols: [],
  })
}

export async function answers(): Promise<readonly Answer[]> {
  const hasher = await createHasher()
  const program = programOf(decodeContainer(fromHex(toHex(container()))))
  const pvm = decodePvmBlob(encodePvmBlob(assemblePvm(pvmSum)), { version: 'jam-v1' })
  return engineNames.map((name) => {
    const engine = engineNamed(name)
    const journal = new Journal(emptyState)
    const nobody = new Uint8Array(32)
    const outcome = executeMessage({
      engine,
      program,
      hasher,
      journal,
      self: nobody,
      caller: nobody,
      value: 0n,
      entry: 'call',
      input: new Uint8Array(0),
      gas: 1_000_000n,
    })
    const machine = engine.instantiate(pvm, { gas: 1_000_000n })
    const exit = drive(machine, { call: () => ({ kind: 'halt' }) })
    const { status, gasUsed, instructions, returnData } = outcome
    const diff = toHex(encodeDiff(diffOf(journal)))
    const root = toHex(emptyTrie(hasher).root())
    return {
      engine: name,
      contract: [status, `${gasUsed}`, `${instructions}`, toHex(returnData), diff, root],
      pvm: [exit.kind, `${exit.pc}`, `${machine.gas}`, `${machine.registers.get(8)}`],
    }
  })
}
