import { generate, liftProgram, type Program, printIr, watOf } from 'alcatraz-vm'
import { fileKindOf, identityBytes, layoutOf, readElf } from 'alcatraz-vm/link'
import { isSbpfExecutable } from 'alcatraz-vm/sbpf'
import { createHasher } from 'alcatraz-vm/state'
import type { Command } from 'commander'
import { graphOf } from '../cfg/graph.ts'
import { GraphTooLarge } from '../cfg/layout.ts'
import { graphSvg } from '../cfg/svg.ts'
import { type Cli, printJson, subcommand } from '../cli.ts'
import { readInput, writeOutput } from '../files.ts'
import { type Contract, type FormatName, type IsaName, loadProgram } from '../load.ts'
import { placeNames } from '../texts.ts'
import { about, CliError } from '../ui/errors.ts'
import { bytes, count, printable } from '../ui/format.ts'
import { facts, table } from '../ui/table.ts'
import { inspectPvm, printEntries } from './inspect-pvm.ts'
import { inspectSbpf } from './inspect-sbpf.ts'
import { fileArgument, withForm } from './run.ts'

interface InspectFlags {
  readonly isa?: IsaName
  readonly format?: FormatName
  readonly ir?: boolean
  readonly wasm?: boolean
  readonly cfg?: boolean
  readonly function?: string
  readonly output?: string
  readonly json?: boolean
}

const hex = (value: number): string => `0x${value.toString(16)}`

async function inspectContainer(cli: Cli, contract: Contract, flags: InspectFlags): Promise<void> {
  const { terminal } = cli
  const { container: c, bytes: file } = contract
  const identity = (await createHasher()).blake2b(identityBytes(file))
  const layout = layoutOf(c)
  const [unit, units] = c.kind === 'bpf' ? [8, 'slots'] : [1, 'bytes']
  if (flags.json) {
    const { code, readOnly, data, bitmask: _, ...rest } = c
    const sizes = { code: code.length, readOnly: readOnly.length, data: data.length }
    printJson(terminal, { identity, ...rest, sizes, layout })
    return
  }
  terminal.out(
    facts(terminal, [
      ['container', `${c.kind}, profile ${c.profile}, gas ${c.gas}, ${bytes(file.length)}`],
      ['identity', `0x${Buffer.from(identity).toString('hex')}`],
      ['code', `${count(c.code.length / unit)} ${units}`],
      ['stack', `${hex(layout.stack.low)}..${hex(layout.stack.high)}`],
      ['read-only', `${hex(layout.readOnly)}, ${bytes(c.readOnly.length)}`],
      ['data', `${hex(layout.data)}, ${bytes(c.data.length)}, then ${bytes(c.bssSize)} of zeros`],
      [c.kind === 'pvm' ? 'input at' : 'memory ends', hex(layout.end)],
      ['host calls', c.imports.join(' ') || 'none'],
      ...(c.kind === 'pvm'
        ? ([['jump table', `${count(c.addressTaken.length)} entries`]] as const)
        : []),
    ]),
  )
  if (c.kind === 'pvm') return printEntries(cli, contract.program.exports)
  const names = new Map(c.symbols.map(({ pc, name }) => [pc, name]))
  const entries = new Map(c.exports.map(({ pc, name }) => [pc, name]))
  const hasSlots = c.functions.some(({ slots = 0 }) => slots > 0)
  const columns = [
    { title: 'pc', align: 'right' },
    { title: units, align: 'right' },
    { title: 'frame', align: 'right' },
    ...(hasSlots ? ([{ title: 'slots', align: 'right' }] as const) : []),
    { title: 'entry' },
    { title: 'function' },
  ] as const
  const rows = c.functions.map(({ pc, frameSize, slots = 0 }, i) => [
    pc.toString(),
    ((c.functions[i + 1]?.pc ?? c.code.length / unit) - pc).toString(),
    frameSize.toString(),
    ...(hasSlots ? [slots.toString()] : []),
    entries.get(pc) ?? '',
    names.get(pc) ?? '',
  ])
  terminal.out(`\n${table(terminal, columns, rows)}`)
}

function inspectObject(cli: Cli, path: string, file: Uint8Array, flags: InspectFlags): void {
  const { terminal } = cli
  const elf = about(path, undefined, () => readElf(file))
  const symbols = elf.symbols.filter(({ name }) => name !== '')
  if (flags.json) {
    const sections = elf.sections.map(({ bytes: _, ...rest }) => rest)
    printJson(terminal, { ...elf, kind: 'elf', sections, symbols })
    return
  }
  terminal.out(
    facts(terminal, [
      ['ELF', `type ${elf.type}, machine ${elf.machine}${elf.machine === 247 ? ' (eBPF)' : ''}`],
      ['sections', count(elf.sections.length)],
      ['symbols', count(symbols.length)],
      ['relocations', count(elf.relocations.reduce((sum, r) => sum + r.entries.length, 0))],
    ]),
  )
  const sections = elf.sections
    .filter(({ size }) => size > 0)
    .map((s) => [printable(s.name), hex(s.offset), s.size.toString(), s.align.toString()])
  const sizes = [
    { title: 'section' },
    { title: 'offset', align: 'right' },
    { title: 'size', align: 'right' },
    { title: 'align', align: 'right' },
  ] as const
  terminal.out(`\n${table(terminal, sizes, sections)}`)
  const columns = [
    { title: 'symbol' },
    { title: 'in' },
    { title: 'value', align: 'right' },
  ] as const
  const rows = symbols.map((s) => [
    printable(s.name),
    s.section === 0 ? 'undefined' : printable(elf.sections[s.section]?.name ?? hex(s.section)),
    `0x${s.value.toString(16)}`,
  ])
  terminal.out(`\n${table(terminal, columns, rows)}`)
}

async function inspect(cli: Cli, path: string, flags: InspectFlags): Promise<void> {
  const chosen = views.filter((view) => flags[view])
  const [view] = chosen
  if (view !== undefined) {
    if (chosen.length > 1 || flags.json)
      throw unusable(`--${chosen[1] ?? 'json'} with --${view}`, 'one of them at a time')
    if (flags.function !== undefined && view !== 'cfg') throw unusable('--function', '--cfg')
    const { program } = loadProgram(path, flags)
    about(path, undefined, () => showView[view](cli, path, program, flags))
    return
  }
  for (const option of ['function', 'output'] as const)
    if (flags[option] !== undefined) throw unusable(`--${option}`, 'one of --cfg, --wasm, --ir')
  const file = readInput(path)
  if (isSbpfExecutable(file)) {
    inspectSbpf(cli, path, file, flags.json === true)
    return
  }
  if (fileKindOf(file) === 'elf') {
    inspectObject(cli, path, file, flags)
    return
  }
  const { program, contract, format = 'blob' } = loadProgram(path, flags)
  if (contract !== undefined) {
    await inspectContainer(cli, contract, flags)
    return
  }
  if (program.isa !== 'pvm') throw new Error('internal: a program of no file')
  inspectPvm(cli, program, file, format, flags.json === true)
}

const views = ['ir', 'wasm', 'cfg'] as const

function unusable(what: string, instead: string): CliError {
  return new CliError(`${what} means nothing here`, { code: 'unusableOption', next: instead })
}

/** Text of a larger program would not fit in a string. */
const maxRows = 4_000_000
const maxModuleText = 16 << 20

function emit(cli: Cli, text: string, output: string | undefined): void {
  if (output === undefined) cli.terminal.out(text)
  else writeOutput(output, text)
}

function showIr(cli: Cli, path: string, program: Program, flags: InspectFlags): void {
  const ir = liftProgram(program)
  if (ir.count > maxRows)
    throw new CliError(`${count(ir.count)} rows are too many to print`, {
      where: path,
      code: 'tooLarge',
    })
  emit(cli, printIr(ir), flags.output)
}

function showWasm(cli: Cli, path: string, program: Program, flags: InspectFlags): void {
  // bytes are those that recomp compiles; text has names to be read
  const generated = generate(liftProgram(program), { names: flags.output === undefined })
  if (generated === undefined)
    throw new CliError(
      'recomp makes no module of this program: it takes no gas or is beyond a limit',
      {
        where: path,
        code: 'beyondLimits',
        next: '--ir, which the interpreter runs instead',
      },
    )
  if (flags.output !== undefined) {
    writeOutput(flags.output, generated.bytes)
    return
  }
  if (generated.bytes.length > maxModuleText)
    throw new CliError(`the module of ${bytes(generated.bytes.length)} is too large to print`, {
      where: path,
      code: 'tooLarge',
      next: '-o FILE.wasm, for its bytes',
    })
  cli.terminal.out(watOf(generated.bytes))
}

/** The pc that `--function` names, else the first entry's. */
function functionPc(path: string, program: Program, name: string | undefined): number {
  const names = placeNames(program)
  if (name === undefined) return program.exports.values().next().value ?? 0
  for (const [pc, known] of names) if (known === name) return pc
  const size = program.isa === 'pvm' ? program.code.length : program.code.length >> 3
  if (/^\d{1,9}$/.test(name) && Number(name) < size) return Number(name)
  const known = [...names.values()].slice(0, 8).map(printable)
  throw new CliError(`there is no function ${printable(name)}`, {
    where: path,
    code: 'noFunction',
    next: `--function ${known.join(' or ') || `PC, below ${size}`}`,
  })
}

function showCfg(cli: Cli, path: string, program: Program, flags: InspectFlags): void {
  const pc = functionPc(path, program, flags.function)
  let svg: string
  try {
    svg = graphSvg(graphOf(program, pc), `, gas ${program.gas}`)
  } catch (error) {
    if (!(error instanceof GraphTooLarge)) throw error
    throw new CliError(error.message, {
      where: path,
      code: 'graphTooLarge',
      value: error.count,
      next: 'another --function NAME or PC',
    })
  }
  emit(cli, svg, flags.output)
}

const showView: Readonly<
  Record<
    (typeof views)[number],
    (cli: Cli, path: string, program: Program, flags: InspectFlags) => void
  >
> = { ir: showIr, wasm: showWasm, cfg: showCfg }

export function addInspect(parent: Command, cli: Cli): void {
  withForm(
    subcommand(parent, 'inspect', 'tell what is in a container, an object or a blob', [
      ['inspect token.alcz', 'profile, identity, memory, functions, entries'],
      ['inspect token.o', 'sections and symbols'],
      ['inspect token.polkavm', 'version, memory, entries, host calls'],
      ['inspect token.alcz --json', 'the same for scripts'],
      ['inspect token.alcz --ir', 'what the engines run, row by row'],
      ['inspect token.alcz --wasm', 'the module that recomp makes of it, as text'],
      ['inspect token.alcz --cfg --function call -o call.svg', 'a function as a picture'],
    ]),
  )
    .argument('<file>', fileArgument)
    .option('--ir', 'print the program as IR')
    .option('--wasm', 'print the module that recomp makes of it; with -o write its bytes')
    .option('--cfg', 'draw the control flow of one function as SVG')
    .option('--function <name|pc>', 'with --cfg: which one (default: the first entry)')
    .option('-o, --output <file>', 'write what --ir, --wasm or --cfg shows into a file')
    .option('--json', 'print JSON')
    .action((file: string, flags: InspectFlags) => inspect(cli, file, flags))
}
