import { linkSbpf, type ObjectInput, type SbpfLinkReport, solanaSyscalls } from 'alcatraz-vm/link'
import { Option } from 'commander'
import { type Cli, printJson } from '../cli.ts'
import { writeOutput } from '../files.ts'
import { about, CliError } from '../ui/errors.ts'
import { bytes, printable } from '../ui/format.ts'
import { facts, table } from '../ui/table.ts'
import { type RiscvTarget, riscvTargets } from './link-riscv.ts'

/** What `build` makes: a contract of Alcatraz, or a program that Solana deploys. */
const buildTargets = ['alcatraz', 'sbpf-v0', 'sbpf-v3'] as const
export type BuiltTarget = (typeof buildTargets)[number]
/** What `link` makes: a contract as the objects are (of RISC-V: AVM's), what else RISC-V becomes, or a program that Solana deploys. */
export type LinkTarget = BuiltTarget | RiscvTarget

export function targetOption(command: 'build' | 'link'): Option {
  const targets = [...buildTargets, ...(command === 'build' ? ['avm', 'pvm'] : riscvTargets)]
  return new Option('--target <name>', 'what to make').choices(targets).default('alcatraz')
}

export interface SolanaFlags {
  readonly out: string
  readonly target: Exclude<BuiltTarget, 'alcatraz'>
  readonly stack?: number
  readonly export?: readonly string[]
  readonly strip?: boolean
  readonly anyHost?: boolean
  readonly map?: boolean
  readonly json?: boolean
}

/** Where each section went. */
export function printMap(terminal: Cli['terminal'], sections: SbpfLinkReport['sections']): void {
  const columns = [
    { title: 'address', align: 'right' },
    { title: 'size', align: 'right' },
    { title: 'place' },
    { title: 'section' },
    { title: 'object' },
  ] as const
  const rows = sections.map((s) => [
    `0x${s.address.toString(16)}`,
    s.size.toString(),
    s.place,
    printable(s.name),
    printable(s.object),
  ])
  terminal.out(`${table(terminal, columns, rows)}\n`)
}

/** Links a program for Solana, writes it and says what it is. */
export function linkSolana(
  terminal: Cli['terminal'],
  inputs: readonly ObjectInput[],
  flags: SolanaFlags,
): void {
  if (flags.stack !== undefined)
    throw new CliError('Solana gives every program its stack', { next: 'leave --stack out' })
  if ((flags.export?.length ?? 0) > 1)
    throw new CliError('a Solana program has one entry', { next: 'name one with --export' })
  const next = 'compile with: clang -target bpf -mcpu=v2 -O2 -c FILE.c -o FILE.o'
  const { elf, report } = about(inputs.map(({ name }) => name).join(', '), next, () =>
    linkSbpf(inputs, {
      version: flags.target === 'sbpf-v0' ? 'v0' : 'v3',
      symbols: flags.strip !== true,
      ...(!flags.anyHost && { syscalls: solanaSyscalls }),
      ...(flags.export?.[0] !== undefined && { entry: flags.export[0] }),
    }),
  )
  writeOutput(flags.out, elf)
  if (flags.json) {
    printJson(terminal, { file: flags.out, size: elf.length, ...report })
    return
  }
  if (flags.map) printMap(terminal, report.sections)
  const { code, readOnly } = report.bytes
  terminal.out(
    facts(terminal, [
      ['written', `${terminal.colours.green(printable(flags.out))}, ${bytes(elf.length)}`],
      ['code', `${code / 8} slots in ${report.functions.length} functions`],
      ['data', `${bytes(readOnly)} read-only`],
      ['entry', `slot ${report.entryPc}`],
      ['syscalls', report.syscalls.join(' ') || 'none'],
      ['made', report.made.join(' ') || 'nothing'],
      ['relocations', report.relocations.toString()],
    ]),
  )
}
