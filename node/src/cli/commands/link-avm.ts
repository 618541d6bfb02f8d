import { alcatrazCalls } from 'alcatraz-vm/alcatraz'
import { type AvmLinkReport, linkAvm, type ObjectInput } from 'alcatraz-vm/link'
import { type Cli, printJson } from '../cli.ts'
import { writeOutput } from '../files.ts'
import { about } from '../ui/errors.ts'
import { bytes, count, printable } from '../ui/format.ts'
import { facts, table } from '../ui/table.ts'

export interface AvmFlags {
  readonly out: string
  readonly stack?: number
  readonly export?: readonly string[]
  readonly strip?: boolean
  readonly anyHost?: boolean
  readonly map?: boolean
  readonly json?: boolean
}

/** How many arguments the host's calls have, by name. */
const argumentsOf: ReadonlyMap<string, number> = new Map(
  alcatrazCalls.map(({ args, name }) => [name, args.length]),
)

/** Where functions, and the parts of the objects that are data, went. */
function printAvmMap(terminal: Cli['terminal'], { functions, link }: AvmLinkReport): void {
  const columns = [
    { title: 'address', align: 'right' },
    { title: 'size', align: 'right' },
    { title: 'place' },
    { title: 'name' },
    { title: 'object' },
  ] as const
  const hex = (value: number): string => `0x${value.toString(16)}`
  const code = functions.map(({ name, pc, size }) => [
    hex(pc),
    count(size),
    'code',
    printable(name),
    '',
  ])
  const data = link.kept
    .filter(({ place }) => place !== 'code')
    .map((part) => [
      ...[hex(part.address), count(part.size), part.place],
      ...[printable(part.section), printable(part.object)],
    ])
  terminal.out(`${table(terminal, columns, [...code, ...data])}\n`)
}

/** Links objects of RISC-V to a contract of AVM, writes it and says what it is. */
export function linkToAvm(
  { terminal }: Cli,
  inputs: readonly ObjectInput[],
  flags: AvmFlags,
): void {
  const { container, program, report } = about(
    inputs.map(({ name }) => name).join(', '),
    undefined,
    () =>
      linkAvm(inputs, {
        symbols: flags.strip !== true,
        importArguments: (name) => argumentsOf.get(name),
        ...(!flags.anyHost && { hostCalls: [...argumentsOf.keys()] }),
        ...(flags.stack !== undefined && { stackSize: flags.stack }),
        ...(flags.export && { exports: flags.export }),
      }),
  )
  writeOutput(flags.out, container)
  const entries = [...program.exports].map(([name, pc]) => ({ name, pc }))
  if (flags.json) {
    const { imports } = program
    printJson(terminal, { file: flags.out, size: container.length, entries, imports, ...report })
    return
  }
  if (flags.map) printAvmMap(terminal, report)
  const size = report.bytes
  const dropped = report.link.dropped.reduce((sum, part) => sum + part.size, 0)
  terminal.out(
    facts(terminal, [
      ['written', `${terminal.colours.green(printable(flags.out))}, ${bytes(container.length)}`],
      [
        'code',
        `${bytes(size.code)} in ${count(report.functions.length)} functions, from ${bytes(size.source)}`,
      ],
      [
        'data',
        `${bytes(size.readOnly)} read-only, ${bytes(size.data)} data, ${bytes(size.bss)} zero`,
      ],
      ['left out', `${bytes(dropped)} that no entry reaches`],
      ['entries', entries.map(({ name }) => printable(name)).join(' ')],
      ['host calls', program.imports.join(' ') || 'none'],
    ]),
  )
  if (report.link.traps.length > 0)
    terminal.err(
      `${terminal.errColours.yellow('warning:')} weak and defined nowhere, calling them traps: ` +
        `${report.link.traps.map(printable).join(', ')}\n`,
    )
}
