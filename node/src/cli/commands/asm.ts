import { assembleAvm } from 'alcatraz-vm/avm'
import { assembleBpf, bpfProgramOf } from 'alcatraz-vm/bpf'
import { contractEbpf1, encodeContainer } from 'alcatraz-vm/link'
import { assemblePvm, encodePvmBlob } from 'alcatraz-vm/pvm'
import type { Command } from 'commander'
import { type Cli, printJson, subcommand } from '../cli.ts'
import { readInput, writeOutput } from '../files.ts'
import { type IsaName, isaOption, pvmVersionOf } from '../load.ts'
import { about, CliError } from '../ui/errors.ts'
import { bytes, printable } from '../ui/format.ts'

interface AsmFlags {
  readonly out: string
  readonly isa: IsaName
  readonly export?: readonly string[]
  readonly import?: readonly string[]
  readonly json?: boolean
}

const empty = new Uint8Array(0)

/** A container: entry points are the labels that were asked for, else slot 0. */
function assembleContract(text: string, flags: AsmFlags): Uint8Array {
  const { code, labels, addressTaken } = assembleBpf(text)
  const first = [...labels].find(([, slot]) => slot === 0)?.[0] ?? 'entry'
  const exports = (flags.export ?? [first]).map((name) => {
    const pc = labels.get(name) ?? (flags.export === undefined ? 0 : undefined)
    if (pc === undefined)
      throw new CliError(`there is no label ${JSON.stringify(name)}`, {
        where: '--export',
        next: `one of ${[...labels.keys()].slice(0, 8).map(printable).join(', ')}`,
      })
    return { name, pc }
  })
  const program = bpfProgramOf(code, {
    exports: new Map(exports.map(({ name, pc }) => [name, pc])),
    functions: addressTaken,
    addressTaken,
  })
  const starts = new Set(program.functions.map(({ pc }) => pc))
  return encodeContainer({
    kind: 'bpf',
    profile: contractEbpf1.name,
    gas: contractEbpf1.gas,
    stackSize: contractEbpf1.stackSize,
    bssSize: 0,
    imports: flags.import ?? [],
    exports: exports.sort((a, b) => (a.name < b.name ? -1 : 1)),
    functions: program.functions,
    addressTaken,
    code,
    readOnly: empty,
    data: empty,
    symbols: [...labels]
      .filter(([, pc]) => starts.has(pc))
      .sort((a, b) => a[1] - b[1])
      .filter(([, pc], i, all) => pc !== all[i - 1]?.[1])
      .map(([name, pc]) => ({ name, pc })),
  })
}

function asm(cli: Cli, file: string, flags: AsmFlags): void {
  const text = Buffer.from(readInput(file)).toString('utf8')
  const { isa } = flags
  const out = about(file, 'alcatraz disasm shows the syntax on any program', () =>
    isa === 'avm'
      ? assembleAvm(text)
      : isa === 'bpf'
        ? assembleContract(text, flags)
        : encodePvmBlob(assemblePvm(text, { version: pvmVersionOf(isa) })),
  )
  writeOutput(flags.out, out)
  if (flags.json) return printJson(cli.terminal, { file: flags.out, size: out.length })
  cli.terminal.out(`written: ${printable(flags.out)}, ${bytes(out.length)}\n`)
}

export function addAsm(parent: Command, cli: Cli): void {
  subcommand(parent, 'asm', 'assemble text: eBPF and AVM to a container, PVM to a raw blob', [
    ['asm loop.s -o loop.alcz', 'eBPF; the entry is the label of the first instruction'],
    ['asm t.s -o t.alcz --export deploy call', 'eBPF with two entry points'],
    ['asm loop.s -o loop.alcz --isa avm', 'AVM; the text names its entries and host calls'],
    ['asm loop.s -o loop.pvm --isa pvm-jam-v1', 'a raw PVM program blob'],
  ])
    .argument('<file>', 'assembly text; - reads standard input')
    .requiredOption('-o, --out <file>', 'the file to write')
    .option(
      '--isa <name>',
      'bpf, avm, or a version of the PVM such as pvm-jam-v1',
      isaOption,
      'bpf',
    )
    .option('--export <labels...>', 'eBPF: labels that are entry points')
    .option('--import <names...>', 'eBPF: host calls, in the order of their numbers in the text')
    .option('--json', 'print what was written as JSON')
    .action((file: string, flags: AsmFlags) => asm(cli, file, flags))
}
