import { interpEngine } from 'alcatraz-vm'
import { assembleAvm, disassembleAvm, encodeAvm, parseAvm, validateAvm } from 'alcatraz-vm/avm'
import { decodeContainer, encodeContainer, programOf } from 'alcatraz-vm/link'
import { avmRows } from '#vm/isa/avm/table'
import { avmTrial } from '../laws/avm-programs.ts'
import { decoder, octets, same, type Target } from './target.ts'

const programs = Array.from({ length: 12 }, (_, i) => avmTrial(i + 1).program)

const text = `.import now
.rodata 0102
.func main frame=16 args=1 export
  li r5, fib
  callr r5
  ret
.func fib args=1
  bgtu64i r0, 1, more
  ret
more:
  call fib
  host now
  ret
`

/** A container of a law's program. */
function containerOf(program: (typeof programs)[number]): Uint8Array {
  if (program.isa !== 'avm') throw new Error('internal: a program of AVM')
  const none = new Uint8Array(0)
  return encodeContainer({
    ...{ kind: 'avm', profile: 'contract-avm-1', gas: 'avm-1', stackSize: 4096, bssSize: 4096 },
    imports: program.imports,
    exports: [{ name: 'run', pc: 0 }],
    functions: program.functions,
    addressTaken: program.codeTable,
    ...{ code: program.code, readOnly: none, data: none, symbols: [] },
  })
}

/** AVM: code alone, containers with code that is run, and text. */
export const avmTargets: readonly Target[] = [
  {
    name: 'AVM code',
    seeds: programs.map(({ code }) => code),
    tokens: [],
    share: 2,
    run: (code) => {
      const functions = [{ pc: 0, frameSize: 0, args: 0, slots: 100 }]
      validateAvm({ code, functions, codeTable: [], imports: 3 })
    },
  },
  {
    name: 'AVM containers',
    seeds: [...programs.map(containerOf), assembleAvm(text)],
    tokens: [],
    run: (bytes) => {
      const container = decodeContainer(bytes)
      same('container', bytes, encodeContainer(container, { packed: bytes[5] === 3 }))
      const program = programOf(container)
      if (program.isa !== 'avm') return
      const machine = interpEngine.instantiate(program, { gas: 2000n })
      try {
        machine.pc = program.exports.values().next().value ?? 0
        for (let calls = 0; calls < 4 && machine.run().kind === 'host'; calls++);
      } finally {
        machine.dispose()
      }
      // what is valid is written again in the same bytes
      const again = decodeContainer(assembleAvm(disassembleAvm(program, container)))
      same('code', program.code, again.code)
    },
  },
  {
    name: 'packed AVM containers',
    seeds: programs.map((p) => encodeContainer(decodeContainer(containerOf(p)), { packed: true })),
    tokens: [],
    run: (bytes) => {
      const container = decodeContainer(bytes)
      same('container', bytes, encodeContainer(container, { packed: bytes[5] === 3 }))
    },
  },
  {
    name: 'AVM text',
    seeds: [octets(text)],
    tokens: [...avmRows.map(({ name }) => octets(name)), octets('.func '), octets('[abs+1]')],
    run: (bytes) => {
      const { codeTable, functions } = parseAvm(decoder.decode(bytes))
      encodeAvm({ codeTable, functions })
    },
  },
]
