/** Programs of the optimiser as programs of each machine, the way that linkers make them. */

import type { Machine } from 'alcatraz-vm'
import { startPvm } from 'alcatraz-vm/pvm'
import { encodePolkavm } from '#vm/image/polkavm'
import { encodePvmBlob } from '#vm/image/pvm-blob'
import { decodePolkavm } from '#vm/image/pvm-program'
import { decodeSpi, encodeSpi } from '#vm/image/pvm-spi'
import type { PvmVersionName } from '#vm/isa/pvm/versions'
import { lowerAvm } from '#vm/lower/avm'
import { lowerPvm } from '#vm/lower/pvm'
import type { OptProgram } from '#vm/opt/ir'
import type { AvmProgram, Program } from '#vm/vm/program'
import { dataAddress } from './programs.ts'

/** A machine that optimised programs are lowered to. */
export interface LoweredFor {
  readonly codeBase: number
  program(source: OptProgram): Program
  start(machine: Machine, entry: number | string, args: readonly bigint[]): void
  /** Registers of the first argument and the first two results. */
  readonly arguments: number
}

/** Stack from 64 KiB on, data at `dataAddress`. */
function avmProgram(source: OptProgram): AvmProgram {
  const { code, codeTable, functionOf, functions } = lowerAvm(source)
  const size = 0x30000
  const pcOf = (func: number): number => functions[functionOf[func]!]!.pc
  return {
    isa: 'avm',
    version: 'v1',
    code,
    exports: new Map(source.exports.map(({ func, name }) => [name, pcOf(func)])),
    imports: source.imports,
    memory: {
      profile: 'linear32',
      segments: [{ address: dataAddress, bytes: source.data }],
      size,
      maxSize: size,
    },
    gas: 'avm-1',
    symbols: new Map(),
    functions,
    codeTable,
    stack: { low: 0x10000, high: 0x10000 + source.stackSize },
    maxDepth: 100,
  }
}

/** Through the bytes of a file of the polkavm crate. */
function polkavmProgram(source: OptProgram, version: 'revive-v1' | 'jam-v1'): Program {
  const { bitmask, code, jumpTable, pcs } = lowerPvm(source, { version })
  return decodePolkavm(
    encodePolkavm({
      version,
      code,
      bitmask,
      jumpTable,
      roData: new Uint8Array(0),
      roDataSize: 0,
      rwData: source.data,
      rwDataSize: source.data.length,
      stackSize: source.stackSize,
      imports: source.imports,
      exports: source.exports.map(({ func, name }) => ({ name, pc: pcs[func]! })),
      optional: [],
    }),
  )
}

/** Through the bytes of a standard program: function 0 is at pc 5. */
function spiProgram(source: OptProgram, version: PvmVersionName & ('gp-0.7' | 'jam-v1')): Program {
  const { bitmask, code, jumpTable } = lowerPvm(source, { version, dispatch: [0, 0] })
  const image = encodeSpi({
    roData: new Uint8Array(0),
    rwData: source.data,
    heapPages: 0,
    stackSize: source.stackSize,
    blob: encodePvmBlob({ code, bitmask, jumpTable }),
  })
  return decodeSpi(image, { version, exports: new Map([['main', 5]]) })
}

const pvm = (program: (source: OptProgram) => Program): LoweredFor => ({
  codeBase: 2,
  program,
  start: (machine, entry, args) => {
    startPvm(machine, entry, args)
  },
  arguments: 7,
})

export const machines: Readonly<Record<string, LoweredFor>> = {
  AVM: {
    codeBase: 0x4000_0000,
    program: avmProgram,
    start: (machine, entry, args) => {
      args.forEach((value, i) => {
        machine.registers.set(i, value)
      })
      machine.pc = machine.program.exports.get(entry as string)!
    },
    arguments: 0,
  },
  'PVM ReviveV1': pvm((source) => polkavmProgram(source, 'revive-v1')),
  'PVM JamV1': pvm((source) => polkavmProgram(source, 'jam-v1')),
  'PVM of the Gray Paper 0.7': pvm((source) => spiProgram(source, 'gp-0.7')),
}
