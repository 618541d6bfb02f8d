import { lowerAvm } from '#vm/lower/avm'
import type { OptProgram } from '#vm/opt/ir'
import type { AvmProgram } from '#vm/vm/program'
import { dataAddress } from './programs.ts'

/** The memory of a lowered program: stack from 64 KiB on, data at `dataAddress`. */
export function avmProgramOf(program: OptProgram): AvmProgram {
  const lowered = lowerAvm(program)
  const size = 0x30000
  return {
    isa: 'avm',
    version: 'v1',
    code: lowered.code,
    exports: new Map(
      program.exports.map(({ func, name }) => [
        name,
        lowered.functions[lowered.functionOf[func]!]!.pc,
      ]),
    ),
    imports: program.imports,
    memory: {
      profile: 'linear32',
      segments: [{ address: dataAddress, bytes: program.data }],
      size,
      maxSize: size,
    },
    gas: 'avm-1',
    symbols: new Map(),
    functions: lowered.functions,
    codeTable: lowered.codeTable,
    stack: { low: 0x10000, high: 0x10000 + program.stackSize },
    maxDepth: 100,
  }
}
