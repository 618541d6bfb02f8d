import { alcatrazCalls } from 'alcatraz-vm/alcatraz'
import { isArchive, linkBpf, type ObjectInput } from 'alcatraz-vm/link'
import { isRiscvExecutable, isRiscvObject } from 'alcatraz-vm/riscv'
import type { Command } from 'commander'
import { type Cli, printJson, subcommand } from '../cli.ts'
import { readInput, writeOutput } from '../files.ts'
import { countOption } from '../options.ts'
import { about } from '../ui/errors.ts'
import { bytes, printable } from '../ui/format.ts'
import { facts } from '../ui/table.ts'
import { hostNumberOption, linkRiscvObjects, riscvTargets } from './link-riscv.ts'
import { type LinkTarget, linkSolana, printMap, targetOption } from './link-solana.ts'

interface LinkFlags {
  readonly out: string
  readonly target: LinkTarget
  readonly stack?: number
  readonly export?: readonly string[]
  readonly strip?: boolean
  readonly hostNumber?: Readonly<Record<string, number>>
  readonly anyHost?: boolean
  readonly keepFrames?: boolean
  readonly map?: boolean
  readonly sourceMap?: boolean
  readonly json?: boolean
}

const isRiscv = (file: Uint8Array): boolean =>
  isRiscvObject(file) || isRiscvExecutable(file) || isArchive(file)

function link(
  { terminal }: Cli,
  objects: readonly string[],
  inputs: readonly ObjectInput[],
  flags: LinkFlags,
): void {
  const hostCalls = flags.anyHost ? undefined : alcatrazCalls.map((call) => call.name)
  const next = 'compile with: clang -target bpf -O2 -c FILE.c -o FILE.o'
  const { container, report } = about(objects.join(', '), next, () =>
    linkBpf(inputs, {
      symbols: flags.strip !== true,
      ...(hostCalls && { hostCalls }),
      ...(flags.stack !== undefined && { stackSize: flags.stack }),
      ...(flags.export && { exports: flags.export }),
    }),
  )
  writeOutput(flags.out, container)
  if (flags.json) {
    printJson(terminal, { file: flags.out, size: container.length, ...report })
    return
  }
  if (flags.map) printMap(terminal, report.sections)
  const size = report.bytes
  terminal.out(
    facts(terminal, [
      ['written', `${terminal.colours.green(printable(flags.out))}, ${bytes(container.length)}`],
      ['code', `${size.code / 8} slots in ${report.functions.length} functions`],
      [
        'data',
        `${bytes(size.readOnly)} read-only, ${bytes(size.data)} data, ${bytes(size.bss)} zero`,
      ],
      ['entries', report.exports.map(({ name }) => name).join(' ')],
      ['host calls', report.imports.join(' ') || 'none'],
      ['relocations', report.relocations.toString()],
    ]),
  )
  if (report.traps.length > 0)
    terminal.err(
      `${terminal.errColours.yellow('warning:')} weak and defined nowhere, calling them traps: ` +
        `${report.traps.map(printable).join(', ')}\n`,
    )
}

export function addLink(parent: Command, cli: Cli): void {
  subcommand(
    parent,
    'link',
    'link objects of stock clang and rustc into a contract or a Solana program',
    [
      ['link token.o -o token.alcz', 'one object'],
      ['link a.o b.o -o ab.alcz --map', 'two, and where each section went'],
      ['link a.o -o a.alcz --export call', 'only one entry point'],
      ['link a.o -o a.so --target sbpf-v3', 'a program for Solana'],
      [
        'link a.o lib.a -o a.alcz --target avm --export call',
        'RISC-V or eBPF objects: a contract of AVM',
      ],
      [
        'link a.o -o a.polkavm --target polkavm',
        'RISC-V or eBPF objects: a file of the polkavm crate',
      ],
    ],
  )
    .argument(
      '<objects...>',
      'objects of eBPF; of RISC-V also archives, and executables linked with --emit-relocs',
    )
    .requiredOption('-o, --out <file>', 'the file to write')
    .addOption(targetOption('link'))
    .option('--stack <bytes>', 'stack size, a multiple of 4096 (default 65536)', countOption)
    .option('--export <names...>', 'entry points (default: all visible global functions)')
    .option(
      '--host-number <name=number>',
      'the number of a host call in a standard program; may be repeated',
      hostNumberOption,
    )
    .option('--any-host', 'accept undefined functions that the host does not have')
    .option('--strip', 'leave out the names that only people read')
    .option('--packed', 'AVM: pack the code, for storage; the identity is the same')
    .option('--keep-frames', 'RISC-V: leave in memory what compilers keep in frames')
    .option('--map', 'print where each section went')
    .option('--source-map', 'write lines of source of RISC-V objects (-g) beside it: FILE.map')
    .option('--json', 'print the report as JSON')
    .action((objects: string[], flags: LinkFlags) => {
      const inputs = objects.map((name) => ({ name, bytes: readInput(name) }))
      const { target } = flags
      const isOf = riscvTargets.find((name) => name === target)
      const riscv =
        isOf ??
        (target === 'alcatraz' && inputs.some(({ bytes }) => isRiscv(bytes)) ? 'avm' : undefined)
      if (riscv !== undefined) linkRiscvObjects(cli, riscv, inputs, flags)
      else if (target === 'alcatraz') link(cli, objects, inputs, flags)
      else if (target === 'sbpf-v0' || target === 'sbpf-v3')
        linkSolana(cli.terminal, inputs, { ...flags, target })
    })
}
