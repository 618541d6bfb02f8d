import type { Program } from 'alcatraz-vm'
import { disassembleAvm, listAvm } from 'alcatraz-vm/avm'
import { disassembleBpf } from 'alcatraz-vm/bpf'
import { disassemblePvm, pvmIsa } from 'alcatraz-vm/pvm'
import { disassembleRiscv, riscvDecoder } from 'alcatraz-vm/riscv'
import { disassembleSbpf } from 'alcatraz-vm/sbpf'
import type { Command } from 'commander'
import { type Cli, printJson, subcommand } from '../cli.ts'
import { type Contract, type FormatName, type IsaName, loadProgram } from '../load.ts'
import { fileArgument, withForm } from './run.ts'

interface DisasmFlags {
  readonly isa?: IsaName
  readonly format?: FormatName
  readonly listing?: boolean
  readonly json?: boolean
}

function textOf(
  program: Program,
  contract: Contract | undefined,
  symbols: ReadonlyMap<number, string>,
  listing: boolean,
): string {
  const { code, exports, imports } = program
  switch (program.isa) {
    case 'avm':
      return listing ? listAvm(program, symbols) : disassembleAvm(program, contract?.container)
    case 'bpf':
      return disassembleBpf(code, { symbols, imports, addressTaken: program.addressTaken, listing })
    case 'pvm':
      return disassemblePvm(pvmIsa(program.version), program, exports, imports)
    case 'sbpf': {
      const { functions, syscalls, version } = program
      const names = new Map([...syscalls].map(([hash, id]) => [hash, imports[id]!]))
      return disassembleSbpf(code, { version, symbols, names, functions })
    }
    case 'riscv': {
      const { codeBase, embedded, version } = program
      return disassembleRiscv(riscvDecoder(version, embedded), code, codeBase, symbols)
    }
  }
}

function disasm(cli: Cli, file: string, flags: DisasmFlags): void {
  const { contract, program } = loadProgram(file, flags)
  const listing = flags.listing === true
  const symbols = new Map(program.symbols)
  for (const [name, pc] of program.exports) symbols.set(pc, name)
  const { imports } = program
  const text = textOf(program, contract, symbols, listing)
  if (!flags.json) return cli.terminal.out(text)
  const { isa, version, exports } = program
  printJson(cli.terminal, { isa, version, exports: Object.fromEntries(exports), imports, text })
}

export function addDisasm(parent: Command, cli: Cli): void {
  withForm(
    subcommand(parent, 'disasm', 'print the code of a program as assembly', [
      ['disasm token.alcz', 'text that asm turns back into the same code'],
      ['disasm token.o --listing', 'with addresses and bytes, to read'],
      ['disasm code.pvm --isa pvm-jam-v1', 'a raw PVM program blob'],
    ]),
  )
    .argument('<file>', fileArgument)
    .option('--listing', 'eBPF, AVM: put addresses and bytes before each instruction')
    .option('--json', 'print the text, entries and host calls as JSON')
    .action((file: string, flags: DisasmFlags) => disasm(cli, file, flags))
}
