import type { Command } from 'commander'
import { bpfPlugin } from '../../vectors/plugin.ts'
import { type Cli, subcommand } from '../cli.ts'
import { readInput } from '../files.ts'
import { engineOption } from '../options.ts'
import { ExitCode } from '../ui/errors.ts'

interface PluginFlags {
  readonly engine: string
  readonly elf?: boolean
}

/** Errors stay bare: the runner compares standard error with the test's expectation. */
function plugin(cli: Cli, memory: string, flags: PluginFlags): void {
  const program = Buffer.from(readInput('-')).toString('latin1')
  const args = [memory, '--engine', flags.engine, ...(flags.elf ? ['--elf'] : [])]
  const { stdout, stderr, code } = bpfPlugin(args, program)
  cli.terminal.out(stdout)
  cli.terminal.err(stderr)
  cli.exitCode = code === 0 ? ExitCode.ok : ExitCode.badInput
}

export function addBpfPlugin(parent: Command, cli: Cli): void {
  subcommand(parent, 'bpf-plugin', 'be a plug-in of the runner of bpf_conformance', [
    ['bpf-plugin "01 02" < program.hex', 'memory as an argument, code on standard input, r0 out'],
    ['bpf-plugin --elf < object.hex', 'an object of stock clang, as hex'],
  ])
    .argument('[memory]', 'bytes at r1, as hex', '')
    .option('--elf', 'standard input is an ELF object, which is linked')
    .option('--engine <name>', 'engine that runs it', engineOption, 'interp')
    .action((memory: string, flags: PluginFlags) => plugin(cli, memory, flags))
}
