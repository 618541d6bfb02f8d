import { engineNamed } from 'alcatraz-vm'
import { decodeContainer, linkBpf, programOf } from 'alcatraz-vm/link'
import type { Command } from 'commander'
import { runBpfCode } from '../../vectors/bpf.ts'
import { type Cli, subcommand } from '../cli.ts'
import { runBpf } from '../execute.ts'
import { readInput } from '../files.ts'
import { defaultGas, engineOption, hexOption } from '../options.ts'
import { CliError, ExitCode } from '../ui/errors.ts'

interface PluginFlags {
  readonly engine: string
  readonly program?: Uint8Array
  readonly elf?: boolean
}

const spacedHex = (text: string): Uint8Array => hexOption(text.replace(/\s+/g, ''))

async function plugin(cli: Cli, memory: Uint8Array, flags: PluginFlags): Promise<void> {
  const engine = engineNamed(flags.engine)
  const code = flags.program ?? spacedHex(Buffer.from(readInput('-')).toString('latin1'))
  let r0: bigint
  if (flags.elf) {
    const program = programOf(decodeContainer(linkBpf([{ name: 'stdin', bytes: code }]).container))
    const entry = [...program.exports.keys()][0]!
    const ran = await runBpf(program, { engine, entry, input: memory, gas: defaultGas })
    if (ran.exit.kind !== 'halt') throw new CliError(`${ran.exit.kind} at slot ${ran.exit.pc}`)
    r0 = ran.registers[0]!
  } else {
    const outcome = runBpfCode(code, memory, engine)
    if ('error' in outcome) {
      // The runner compares what stands on standard error with the test's expectation.
      cli.terminal.err(`${outcome.error}\n`)
      cli.exitCode = ExitCode.badInput
      return
    }
    r0 = outcome.r0
  }
  cli.terminal.out(`${r0.toString(16)}\n`)
}

export function addBpfPlugin(parent: Command, cli: Cli): void {
  subcommand(parent, 'bpf-plugin', 'be a plug-in of the runner of bpf_conformance', [
    ['bpf-plugin "01 02" < program.hex', 'memory as an argument, code on standard input, r0 out'],
    ['bpf-plugin --program 9500000000000000', 'code as an argument'],
  ])
    .argument('[memory]', 'bytes at r1, as hex', spacedHex, new Uint8Array(0))
    .option('--program <hex>', 'the code; standard input if not given', spacedHex)
    .option('--elf', 'the code is an ELF object: its first entry runs')
    .option('--debug', 'accepted and ignored')
    .option('--engine <name>', 'engine that runs it', engineOption, 'interp')
    .action((memory: Uint8Array, flags: PluginFlags) => plugin(cli, memory, flags))
}
