import { alcatrazCalls } from 'alcatraz-vm/alcatraz'
import {
  decodeContainer,
  encodeContainer,
  linkAvm,
  linkPolkavm,
  linkPvm,
  linkSpi,
  type ObjectInput,
  type RiscvLinkReport,
  type SourceMap,
} from 'alcatraz-vm/link'
import { InvalidArgumentError } from 'commander'
import { type Cli, printJson } from '../cli.ts'
import { writeOutput } from '../files.ts'
import { about, CliError } from '../ui/errors.ts'
import { bytes, count, printable } from '../ui/format.ts'
import { facts, table } from '../ui/table.ts'

/** What objects of RISC-V are linked to: contracts of AVM and PVM, files of the polkavm crate, standard programs of the Gray Paper. */
export const riscvTargets = [
  'avm',
  'pvm',
  'polkavm',
  'polkavm-jam-v1',
  'polkavm-latest64',
  'spi-jam-v1',
  'spi-gp-0.7',
] as const
export type RiscvTarget = (typeof riscvTargets)[number]

export interface RiscvFlags {
  readonly out: string
  readonly stack?: number
  readonly export?: readonly string[]
  readonly hostNumber?: Readonly<Record<string, number>>
  readonly strip?: boolean
  readonly packed?: boolean
  readonly anyHost?: boolean
  readonly keepFrames?: boolean
  readonly map?: boolean
  readonly sourceMap?: boolean
  readonly json?: boolean
}

/** What a linker wrote, and what there is to say of it. */
interface Linked {
  readonly file: Uint8Array
  readonly sourceMap: SourceMap | undefined
  readonly report: {
    readonly link: RiscvLinkReport
    readonly functions: readonly {
      readonly name: string
      readonly pc: number
      readonly size?: number
    }[]
    readonly bytes: {
      readonly [K in 'source' | 'code' | 'readOnly' | 'data' | 'bss']: number
    }
  }
}

/** How many arguments the host's calls have, by name. */
const argumentsOf: ReadonlyMap<string, number> = new Map(
  alcatrazCalls.map(({ args, name }) => [name, args.length]),
)

/** `--host-number`, which may be repeated. */
export function hostNumberOption(
  text: string,
  before: Readonly<Record<string, number>> = {},
): Readonly<Record<string, number>> {
  const match = /^([!-<>-~]+)=(\d{1,9})$/.exec(text)
  if (match === null) throw new InvalidArgumentError('It must be NAME=NUMBER, such as gas=0.')
  return { ...before, [match[1]!]: Number(match[2]) }
}

function linkAs(target: RiscvTarget, inputs: readonly ObjectInput[], flags: RiscvFlags): Linked {
  const options = {
    symbols: flags.strip !== true,
    lines: flags.sourceMap === true,
    ...(flags.keepFrames && { without: new Set(['promote'] as const) }),
    ...(flags.stack !== undefined && { stackSize: flags.stack }),
    ...(flags.export && { exports: flags.export }),
    ...(flags.hostNumber && { hostNumbers: flags.hostNumber }),
  }
  switch (target) {
    case 'avm':
    case 'pvm': {
      const { container, report, sourceMap } = (target === 'avm' ? linkAvm : linkPvm)(inputs, {
        ...options,
        importArguments: (name) => argumentsOf.get(name),
        ...(!flags.anyHost && { hostCalls: [...argumentsOf.keys()] }),
      })
      if (target === 'pvm' || flags.packed !== true) return { file: container, report, sourceMap }
      const file = encodeContainer(decodeContainer(container), { packed: true })
      return { file, report, sourceMap }
    }
    case 'polkavm':
    case 'polkavm-jam-v1':
    case 'polkavm-latest64': {
      const version =
        target === 'polkavm' ? 'revive-v1' : target === 'polkavm-jam-v1' ? 'jam-v1' : 'latest64'
      const { bytes: file, report, sourceMap } = linkPolkavm(inputs, version, options)
      return { file, report, sourceMap }
    }
    case 'spi-jam-v1':
    case 'spi-gp-0.7': {
      const { export: exports } = flags
      if (exports === undefined)
        throw new CliError('entries of a standard program have places, not names', {
          next: '--export refine accumulate, in the order of their places',
        })
      const version = target === 'spi-jam-v1' ? 'jam-v1' : 'gp-0.7'
      const { bytes: file, report, sourceMap } = linkSpi(inputs, version, { ...options, exports })
      return { file, report, sourceMap }
    }
  }
}

/** Where functions, and the parts of the objects that are data, went. */
function printMap(terminal: Cli['terminal'], { functions, link }: Linked['report']): void {
  const columns = [
    { title: 'address', align: 'right' },
    { title: 'size', align: 'right' },
    { title: 'place' },
    { title: 'name' },
    { title: 'object' },
  ] as const
  const hex = (value: number): string => `0x${value.toString(16)}`
  const code = functions.map(({ name, pc, size }) => [
    ...[hex(pc), size === undefined ? '' : count(size), 'code', printable(name), ''],
  ])
  const data = link.kept
    .filter(({ place }) => place !== 'code')
    .map((part) => [
      ...[hex(part.address), count(part.size), part.place],
      ...[printable(part.section), printable(part.object)],
    ])
  terminal.out(`${table(terminal, columns, [...code, ...data])}\n`)
}

/** Links objects of RISC-V, writes what they become and says what it is. */
export function linkRiscvObjects(
  { terminal }: Cli,
  target: RiscvTarget,
  inputs: readonly ObjectInput[],
  flags: RiscvFlags,
): void {
  const names = inputs.map(({ name }) => name).join(', ')
  const { file, report, sourceMap } = about(names, undefined, () => linkAs(target, inputs, flags))
  writeOutput(flags.out, file)
  if (sourceMap !== undefined)
    writeOutput(`${flags.out}.map`, new TextEncoder().encode(`${JSON.stringify(sourceMap)}\n`))
  if (flags.json) {
    printJson(terminal, { file: flags.out, size: file.length, target, ...report })
    return
  }
  if (flags.map) printMap(terminal, report)
  const { bytes: size, link } = report
  const dropped = link.dropped.reduce((sum, part) => sum + part.size, 0)
  terminal.out(
    facts(terminal, [
      ['written', `${terminal.colours.green(printable(flags.out))}, ${bytes(file.length)}`],
      [
        'code',
        `${bytes(size.code)} in ${count(report.functions.length)} functions, from ${bytes(size.source)}`,
      ],
      [
        'data',
        `${bytes(size.readOnly)} read-only, ${bytes(size.data)} data, ${bytes(size.bss)} zero`,
      ],
      ['left out', `${bytes(dropped)} that no entry reaches`],
      ['entries', link.exports.map(printable).join(' ')],
      ['host calls', link.imports.map(printable).join(' ') || 'none'],
    ]),
  )
  if (link.traps.length > 0)
    terminal.err(
      `${terminal.errColours.yellow('warning:')} weak and defined nowhere, calling them traps: ` +
        `${link.traps.map(printable).join(', ')}\n`,
    )
}
