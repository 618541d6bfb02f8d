import { readFileSync } from 'node:fs'
import { interpEngine } from 'alcatraz-vm'
import { linkAvm, linkPolkavm, linkRiscvProgram } from 'alcatraz-vm/link'
import { loadRiscv, startRiscv } from 'alcatraz-vm/riscv'
import type { RiscvProgram } from '#vm/vm/program'
import { root, type Target } from './target.ts'

function files(...names: readonly string[]): Uint8Array[] {
  return names.map((name) => readFileSync(`${root}/guests/riscv/objects/${name}`))
}

/** Executables and objects that a linker could take alone. */
const executables = files('bare.elf', 'pie.elf', 'relaxed.elf', 'kept.elf')
const objects = files('whole.o', 'plain-other.o', 'i-other.o', 'pic-other.o', 'wide32-other.o')
const named = (bytes: Uint8Array) => [{ name: 'a.o', bytes }]

function bytesOf(memory: RiscvProgram['memory']): number {
  if (memory.profile !== 'paged32') throw new Error('internal: memory in pages')
  return memory.regions.reduce((sum, { length }) => sum + length, 0)
}

/** Runs a little from the entry. */
function runSome(program: RiscvProgram, entry: string): void {
  const machine = interpEngine.instantiate(program, { gas: 500n })
  try {
    startRiscv(machine, entry, [])
    machine.run()
  } finally {
    machine.dispose()
  }
}

/** RISC-V: executables that run, and objects on their way into everything that is linked of them. */
export const riscvTargets: readonly Target[] = [
  {
    name: 'RISC-V executables',
    seeds: executables,
    tokens: [],
    offsets: true,
    run: (bytes) => {
      const program = loadRiscv(bytes, { stackBytes: 4096 })
      // engines make every page of a program: a fuzzer's time is not for that
      if (bytesOf(program.memory) < 0x40000) runSome(program, '_start')
    },
  },
  {
    name: 'RISC-V objects as they are',
    seeds: [...objects, ...files('kept.elf')],
    tokens: [],
    offsets: true,
    run: (bytes) => void linkRiscvProgram(named(bytes)),
  },
  {
    name: 'RISC-V objects to AVM',
    seeds: [...objects, ...files('kept.elf')],
    tokens: [],
    offsets: true,
    run: (bytes) => void linkAvm(named(bytes), { lines: true }),
  },
  {
    name: 'RISC-V objects to PVM',
    seeds: objects,
    tokens: [],
    offsets: true,
    run: (bytes) => void linkPolkavm(named(bytes)),
  },
]
