import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Command, Option } from 'commander'
import { type Cli, printJson, subcommand } from '../cli.ts'
import { writeOutput } from '../files.ts'
import { type Language, starts } from '../starts.ts'
import { CliError } from '../ui/errors.ts'
import { printable } from '../ui/format.ts'

interface NewFlags {
  readonly lang: Language
  readonly json?: boolean
}

/** The crates' sources in this package. */
const crates = fileURLToPath(new URL('../../../rust/', import.meta.url))
/** What a Rust module, a package and a file may all be called. */
const nameForm = /^[a-z][a-z0-9_]{0,40}$/

function begin({ terminal }: Cli, name: string, { lang, json }: NewFlags): void {
  if (!nameForm.test(name))
    throw new CliError(`${name} is no name of a contract`, {
      next: 'a-z first, then a-z, 0-9 and _, at most 41 characters',
    })
  if (existsSync(name) && readdirSync(name).length > 0)
    throw new CliError('the folder is not empty', { where: name, next: 'another name' })
  const crate = relative(resolve(name), join(crates, 'alcatraz-contract')).split(sep).join('/')
  const files: string[] = []
  for (const [path, text] of Object.entries(starts[lang])) {
    const file = join(name, path.replaceAll('NAME', name))
    mkdirSync(dirname(file), { recursive: true })
    files.push(file)
    writeOutput(file, Buffer.from(text.replaceAll('NAME', name).replaceAll('CRATE', crate)))
  }
  if (json) return printJson(terminal, { files })
  for (const file of files) terminal.out(`written  ${printable(file)}\n`)
  const build = lang === 'rust' ? name : `${name}/${name}.c -o ${name}/${name}.alcz`
  terminal.out(`\nnext: npx alcatraz build ${build} && node --test ${name}/test.mjs\n`)
}

export function addNew(parent: Command, cli: Cli): void {
  subcommand(parent, 'new', 'begin a contract: a folder with its source and a test', [
    ['new counter', 'in Rust'],
    ['new counter --lang c', 'in C'],
  ])
    .argument('<name>', 'the contract and its folder')
    .addOption(
      new Option('--lang <language>', 'its language').choices(['rust', 'c']).default('rust'),
    )
    .option('--json', 'print the names of the files as JSON')
    .action((name: string, flags: NewFlags) => begin(cli, name, flags))
}
