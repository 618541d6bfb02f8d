import { existsSync, mkdirSync, statSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { alcatrazCalls } from 'alcatraz-vm/alcatraz'
import { linkBpf } from 'alcatraz-vm/link'
import type { Command } from 'commander'
import { compileC } from '../../compile/c.ts'
import { type BuildTarget, buildRust, isByRiscv } from '../../compile/rust.ts'
import { BuildError } from '../../compile/tools.ts'
import { type Cli, printJson, subcommand } from '../cli.ts'
import { readInput, writeOutput } from '../files.ts'
import { countOption } from '../options.ts'
import { about, CliError } from '../ui/errors.ts'
import { bytes, printable } from '../ui/format.ts'
import { progressOf } from '../ui/progress.ts'
import { facts } from '../ui/table.ts'
import { linkRiscvObjects } from './link-riscv.ts'
import { type BuiltTarget, linkSolana, targetOption } from './link-solana.ts'

interface BuildFlags {
  readonly out?: string
  readonly target: BuiltTarget | 'avm' | 'pvm'
  readonly clang: string
  readonly stack?: number
  readonly strip?: boolean
  readonly json?: boolean
}

interface Built {
  readonly objects: { name: string; bytes: Uint8Array }[]
  /** Where the container goes unless it is said. */
  readonly file: string
  readonly metadata: Uint8Array | undefined
}

/** Of the file that is made. */
const endings = { alcatraz: '.alcz', avm: '.alcz', pvm: '.alcz', solana: '.so' } as const

const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory()

/** Answers of compilers become errors of the command line. */
async function building<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof BuildError)) throw error
    const [first = '', ...more] = error.message.replace(/^error: /, '').split('\n')
    throw new CliError(first, { where, more, next: error.advice, code: error.code })
  }
}

async function fromRust(cli: Cli, folder: string, builtFor: BuildTarget): Promise<Built> {
  const progress = progressOf(cli.terminal, 'build', 0)
  let lines = 0
  try {
    const built = await building(folder, () =>
      buildRust(folder, (line) => progress.update(++lines, line.trim()), builtFor),
    )
    const file = join(folder, 'target', 'alcatraz', `${built.name}${endings[builtFor]}`)
    const objects = [{ name: `${built.name}.o`, bytes: built.object }]
    return { objects, file, metadata: built.metadata }
  } finally {
    progress.finish()
  }
}

async function fromC(
  cli: Cli,
  sources: readonly string[],
  clang: string,
  builtFor: BuildTarget,
): Promise<Built> {
  const progress = progressOf(cli.terminal, 'build', sources.length)
  const objects: Built['objects'] = []
  try {
    for (const source of sources) {
      progress.update(objects.length, source)
      objects.push(await building(source, () => compileC(source, clang, builtFor)))
    }
  } finally {
    progress.finish()
  }
  const first = sources[0]!
  const file = join(dirname(first), `${basename(first, extname(first))}${endings[builtFor]}`)
  return { objects, file, metadata: undefined }
}

/** To clang a file of any other name is one to link, and nothing is compiled. */
function checkSource(source: string): void {
  readInput(source)
  if (extname(source) !== '.c')
    throw new CliError('this is no C source', {
      where: source,
      code: 'unknownFile',
      next: 'alcatraz build FILE.c, or a folder with Cargo.toml',
    })
}

async function build(cli: Cli, sources: readonly string[], flags: BuildFlags): Promise<void> {
  const { terminal } = cli
  const folder = sources.length === 0 ? '.' : sources[0]!
  const rust = isFolder(folder)
  if (rust && sources.length > 1)
    throw new CliError('one folder at a time', { where: sources[1], next: 'alcatraz build FOLDER' })
  if (!rust) for (const source of sources) checkSource(source)
  const { target } = flags
  const builtFor = target === 'alcatraz' || isByRiscv(target) ? target : 'solana'
  const built = rust
    ? await fromRust(cli, folder, builtFor)
    : await fromC(cli, sources, flags.clang, builtFor)
  const out = flags.out ?? built.file
  if (flags.out === undefined) mkdirSync(dirname(out), { recursive: true })
  const beside = `${out.replace(/\.alcz$/, '')}.json`
  if (isByRiscv(target)) {
    const exports = rust ? { export: ['deploy', 'call'] } : {}
    linkRiscvObjects(cli, target, built.objects, { ...flags, ...exports, out })
    if (built.metadata !== undefined) writeOutput(beside, built.metadata)
    return
  }
  if (target !== 'alcatraz') {
    linkSolana(terminal, built.objects, { ...flags, out, target })
    return
  }
  const { container, report } = about(
    built.objects.map(({ name }) => name).join(', '),
    undefined,
    () =>
      linkBpf(built.objects, {
        hostCalls: alcatrazCalls.map(({ name }) => name),
        ...(flags.stack !== undefined && { stackSize: flags.stack }),
        ...(rust && { exports: ['deploy', 'call'] }),
      }),
  )
  writeOutput(out, container)
  if (built.metadata !== undefined) writeOutput(beside, built.metadata)
  const described = built.metadata === undefined ? undefined : beside
  if (flags.json) {
    printJson(terminal, { file: out, size: container.length, metadata: described, ...report })
    return
  }
  terminal.out(
    facts(terminal, [
      ['written', `${terminal.colours.green(printable(out))}, ${bytes(container.length)}`],
      ...(described === undefined ? [] : [['metadata', printable(described)] as const]),
      ['code', `${report.bytes.code / 8} slots in ${report.functions.length} functions`],
      ['entries', report.exports.map(({ name }) => name).join(' ')],
      ['host calls', report.imports.join(' ') || 'none'],
    ]),
  )
}

export function addBuild(parent: Command, cli: Cli): void {
  subcommand(parent, 'build', 'compile a contract in Rust or C and link it', [
    ['build', 'the Rust package of this folder, to target/alcatraz/NAME.alcz'],
    ['build contracts/token', 'the Rust package of that folder'],
    ['build token.c -o token.alcz', 'C, by the installed clang'],
    ['build token.c --target avm', 'the same for AVM, by way of RISC-V; pvm: for PVM'],
    ['build counter.c --target sbpf-v3', 'a program for Solana, to counter.so'],
  ])
    .argument('[sources...]', 'a folder with Cargo.toml, or C sources (default: this folder)')
    .option('-o, --out <file>', 'the file to write')
    .addOption(targetOption('build'))
    .option('--strip', 'leave out the names that only people read (Solana)')
    .option('--clang <command>', 'the C compiler', 'clang')
    .option('--stack <bytes>', 'stack size, a multiple of 4096 (default 65536)', countOption)
    .option('--json', 'print the report as JSON')
    .action((sources: string[], flags: BuildFlags) => build(cli, sources, flags))
}
