import { type Engine, type Program, pageSize, type Region } from 'alcatraz-vm'
import { avmRegisters, startAvm, startContract } from 'alcatraz-vm/avm'
import { pvmRegisters, startPvm } from 'alcatraz-vm/pvm'
import { type Command, InvalidArgumentError } from 'commander'
import { type Cli, printJson, subcommand } from '../cli.ts'
import { engineOf, withEngine } from '../engine.ts'
import { runExecutable } from '../executable.ts'
import { callName, type Ran, runBpf, runHosted } from '../execute.ts'
import { loadHost } from '../host/load.ts'
import {
  type FormatName,
  formatNames,
  formatOption,
  type IsaName,
  isaOption,
  loadProgram,
} from '../load.ts'
import { gasOption, inputOption } from '../options.ts'
import { aboutAsync, CliError, ExitCode } from '../ui/errors.ts'
import { count, duration, printable, rate } from '../ui/format.ts'
import { statsText } from '../ui/stats.ts'
import { facts } from '../ui/table.ts'

/** What every command that runs a program takes. */
export interface RunFlags {
  readonly entry?: string
  readonly input: Uint8Array
  readonly gas: bigint
  readonly engine: string
  readonly cache?: string
  readonly stats?: boolean
  readonly isa?: IsaName
  readonly format?: FormatName
  readonly host?: string
  readonly reg?: readonly (readonly [index: number, value: bigint])[]
  readonly map?: readonly Region[]
  readonly json?: boolean
}

type Loaded = ReturnType<typeof loadProgram>

const hex64 = (value: bigint): string => `0x${value.toString(16)}`

/** The fixed form that scripts read: names here do not change. */
function ranJson(program: Program, ran: Ran, flags: RunFlags): object {
  const { exit, used, registers, output, reverted, tiers, code } = ran
  const name = exit.kind === 'host' && { name: callName(program, exit.id) }
  return {
    exit: { ...exit, ...('address' in exit && { address: hex64(exit.address) }), ...name },
    gas: { limit: flags.gas, used },
    registers: registers.map(hex64),
    output,
    ...(reverted && { reverted }),
    tiers,
    ...(flags.stats && code !== undefined && { code }),
  }
}

/** How a run ended, as a sentence. */
export function exitText(
  { exit, reverted }: Pick<Ran, 'exit' | 'reverted'>,
  program?: Program,
): string {
  switch (exit.kind) {
    case 'halt':
      return reverted ? `reverted at pc ${exit.pc}` : `returned at pc ${exit.pc}`
    case 'trap':
      return `trapped at pc ${exit.pc}: ${exit.trap}`
    case 'fault':
      return `faulted at pc ${exit.pc}: ${exit.access} of ${hex64(exit.address)}`
    case 'outOfGas':
      return `ran out of gas at pc ${exit.pc}`
    case 'host': {
      const name = program?.imports[exit.id]
      const shown = name ? ` (${printable(name)})` : ''
      return `stopped at host call ${exit.id}${shown}, pc ${exit.pc}: no host answers it here`
    }
  }
}

function noEntry(file: string, program: Program, flags: RunFlags): CliError {
  const names = [...program.exports.keys()].slice(0, 8).map(printable)
  const what =
    flags.entry === undefined ? 'which entry shall run?' : `there is no entry ${flags.entry}`
  const next = `--entry ${names.join(' or ') || 'PC'}`
  return new CliError(what, { where: file, code: 'noEntry', next })
}

/** The entry that was named, or the only one. */
function entryOf(program: Program, file: string, flags: RunFlags): string {
  const { exports } = program
  const entry = flags.entry ?? (exports.size === 1 ? [...exports.keys()][0] : undefined)
  if (entry === undefined || !exports.has(entry)) throw noEntry(file, program, flags)
  return entry
}

function unusable(option: string, whose: string, instead: string): CliError {
  return new CliError(`${option} is ${whose}`, { code: 'unusableOption', next: instead })
}

/** An export or a pc: the only export unless given, or pc 0 where there are none. */
function pcOf(program: Program, file: string, flags: RunFlags): number {
  const [only, ...others] = program.exports.keys()
  const entry = flags.entry ?? (others.length === 0 ? (only ?? '0') : '')
  const pc = program.exports.get(entry) ?? (/^\d{1,9}$/.test(entry) ? Number(entry) : undefined)
  if (pc === undefined) throw noEntry(file, program, flags)
  return pc
}

/** Runs what the flags name on an engine. @throws {CliError} naming the file */
export function runProgram(
  { contract, program }: Loaded,
  file: string,
  flags: RunFlags,
  engine: Engine,
): Promise<Ran> {
  return aboutAsync(file, undefined, async () => {
    if (program.isa === 'avm' && flags.reg !== undefined) {
      const pc = pcOf(program, file, flags)
      return runHosted(program, {
        ...flags,
        engine,
        start: (machine) => {
          startAvm(machine, pc)
          for (const [index, value] of flags.reg ?? []) machine.registers.set(index, value)
        },
        host: flags.host === undefined ? new Map() : await loadHost(flags.host, program),
        answers: false,
      })
    }
    // files of PVM alone are started by their own rules
    const isPvmContract = program.isa === 'pvm' && contract !== undefined && flags.reg === undefined
    if (program.isa === 'bpf' || program.isa === 'avm' || isPvmContract) {
      const entry = entryOf(program, file, flags)
      if (flags.reg !== undefined) throw unusable('--reg', 'for PVM programs', '--input')
      if (flags.host === undefined) return runBpf(program, { ...flags, engine, entry })
      return runHosted(program, {
        ...flags,
        engine,
        start: (machine) => startContract(machine, entry, flags.input),
        host: await loadHost(flags.host, program),
        answers: false,
      })
    }
    if (program.isa === 'riscv') {
      if (flags.reg !== undefined) throw unusable('--reg', 'for PVM programs', '--host')
      const host = flags.host === undefined ? new Map() : await loadHost(flags.host, program)
      const entry = flags.entry ?? (program.exports.has('_start') ? '_start' : undefined)
      return runExecutable(program, {
        ...flags,
        ...{ engine, host, entry: entry ?? entryOf(program, file, flags) },
      })
    }
    const pc = pcOf(program, file, flags)
    if (flags.reg?.some(([index]) => index >= pvmRegisters.length))
      throw new CliError(`Registers are 0 to ${pvmRegisters.length - 1}`, {
        code: 'unusableOption',
        next: '--reg 7=1',
      })
    return runHosted(program, {
      ...flags,
      engine,
      start: (machine) => {
        startPvm(machine, pc)
        for (const [index, value] of flags.reg ?? []) machine.registers.set(index, value)
      },
      host: flags.host === undefined ? new Map() : await loadHost(flags.host, program),
      answers: flags.format === 'spi' || flags.format === 'service',
    })
  })
}

async function run(cli: Cli, file: string, flags: RunFlags): Promise<void> {
  const { terminal } = cli
  const loaded = loadProgram(file, flags)
  const program = flags.map === undefined ? loaded.program : withPages(loaded, flags.map)
  const { engine, store } = engineOf(flags)
  const start = performance.now()
  const ran = await runProgram({ ...loaded, program }, file, flags, engine)
  const time = performance.now() - start
  const failed = program.isa === 'riscv' && ran.registers[10] !== 0n
  const ok = ran.exit.kind === 'halt' && !ran.reverted && !failed
  cli.exitCode = ok ? ExitCode.ok : ExitCode.contractFailed
  if (flags.json) {
    printJson(terminal, ranJson(program, ran, flags))
    return
  }
  const { colours } = terminal
  const pairs: [string, string][] = [
    ['exit', (ok ? colours.green : colours.red)(exitText(ran, program))],
    ['gas', `${count(ran.used)} of ${count(flags.gas)}`],
    [
      'instructions',
      `${count(ran.instructions)} in ${duration(time)}, ${rate(ran.instructions, time / 1000)}, ${flags.engine}`,
    ],
  ]
  if (ran.output.length > 0) pairs.push(['output', `0x${Buffer.from(ran.output).toString('hex')}`])
  const prefix = program.isa === 'pvm' ? 'φ' : program.isa === 'riscv' ? 'x' : 'r'
  for (const [i, value] of ran.registers.entries())
    if (value !== 0n || i === 0) pairs.push([`${prefix}${i}`, hex64(value)])
  terminal.out(facts(terminal, pairs))
  if (flags.stats) terminal.out(`\n${statsText(terminal, ran, store?.counts)}`)
}

/** `--reg`, which may be repeated. */
export function registerOption(
  text: string,
  before: readonly (readonly [number, bigint])[] = [],
): readonly (readonly [number, bigint])[] {
  const match = /^r?(\d{1,2})=(0x[0-9a-f]{1,16}|\d{1,20})$/i.exec(text)
  if (match === null) throw new InvalidArgumentError('It must be INDEX=VALUE, such as 7=0x10000.')
  if (Number(match[1]) >= avmRegisters)
    throw new InvalidArgumentError(`Registers are 0 to ${avmRegisters - 1}.`)
  return [...before, [Number(match[1]), BigInt.asUintN(64, BigInt(match[2]!))]]
}

/** `--map`, which may be repeated: pages are writable unless `:ro` says otherwise. */
export function mapOption(text: string, before: readonly Region[] = []): readonly Region[] {
  const match = /^(0x[0-9a-f]{1,8}|\d{1,10}):(0x[0-9a-f]{1,8}|\d{1,10})(:ro)?$/i.exec(text)
  if (match === null)
    throw new InvalidArgumentError(
      'It must be ADDRESS:LENGTH, such as 0x20000:0x4000 or 0x10000:4096:ro.',
    )
  const [address, length] = [Number(match[1]), Number(match[2])]
  if (address % pageSize !== 0 || length % pageSize !== 0 || length === 0)
    throw new InvalidArgumentError(`Address and length must be multiples of ${pageSize}.`)
  return [...before, { address, length, writable: match[3] === undefined }]
}

/** The program with the pages that `--map` names. */
function withPages({ contract, program }: Loaded, regions: readonly Region[]): Program {
  if (program.isa !== 'pvm' || contract !== undefined)
    throw unusable('--map', 'for files of PVM', 'az_grow')
  const memory = { profile: 'paged32', pageSize, regions, segments: [] } as const
  return { ...program, memory }
}

export const fileArgument: string =
  'a container, an ELF object, a polkavm file or, with --isa, PVM code'
export const hostText: string =
  'answers to host calls, in place of our own: a JSON file, or a module with functions'

/** `--isa` and `--format`, the same in every command that reads a program. */
export function withForm(command: Command): Command {
  return command
    .option('--isa <name>', 'what PVM code is, such as pvm-jam-v1', isaOption)
    .option(
      '--format <name>',
      `form of a PVM file: ${formatNames.join(', ')} (default: polkavm by its magic, else blob)`,
      formatOption,
    )
}

export function addRun(parent: Command, cli: Cli): void {
  const command = subcommand(parent, 'run', 'run one entry of a program, with no state behind it', [
    ['run token.alcz --entry call --input 01', 'a container that link wrote'],
    ['run token.alcz --entry call --engine recomp --stats', 'which engine did what, and why'],
    ['run token.o --entry call --json', 'an object, linked on the fly; for scripts'],
    ['run token.polkavm --entry call --host host.mjs', 'with a host of yours; eBPF programs, too'],
    [
      'run service.jam --format service --isa pvm-jam-v1 --input 00',
      'a service, with its argument',
    ],
    ['run code.pvm --isa pvm-jam-v1 --gas 1000', 'a raw PVM program blob, from pc 0'],
    ['run sieve.pvm --isa pvm-latest64 --map 0x20000:0x4000 --reg 7=9000', 'one that needs memory'],
  ])
  withForm(withEngine(command))
    .argument('<file>', fileArgument)
    .option('--entry <name>', 'entry point; for PVM also a pc (default: the only one, or pc 0)')
    .addOption(inputOption('program'))
    .addOption(gasOption())
    .option('--host <file>', hostText)
    .option('--reg <index=value>', 'a register of a PVM program; may be repeated', registerOption)
    .option(
      '--map <address:length[:ro]>',
      'pages of a PVM program, zeroed; may be repeated',
      mapOption,
    )
    .option('--stats', 'say what each engine executed, and why generated code was left')
    .option('--json', 'print the outcome as JSON')
    .addHelpText(
      'after',
      '\nExit codes: 0 it returned, whatever r0 is, 2 the contract failed, 1 bad input.',
    )
    .action((file: string, flags: RunFlags) => run(cli, file, flags))
}
