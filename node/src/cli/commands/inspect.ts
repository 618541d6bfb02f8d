import { identityBytes, layoutOf, readElf } from 'alcatraz-vm/link'
import { createHasher } from 'alcatraz-vm/state'
import type { Command } from 'commander'
import { type Cli, printJson, subcommand } from '../cli.ts'
import { readInput } from '../files.ts'
import { type Contract, type IsaName, isaOption, kindOf, loadProgram } from '../load.ts'
import { about } from '../ui/errors.ts'
import { bytes, count, printable } from '../ui/format.ts'
import { facts, table } from '../ui/table.ts'

interface InspectFlags {
  readonly isa?: IsaName
  readonly json?: boolean
}

const hex = (value: number): string => `0x${value.toString(16)}`

async function inspectContainer(cli: Cli, contract: Contract, flags: InspectFlags): Promise<void> {
  const { terminal } = cli
  const { container: c, bytes: file } = contract
  const identity = (await createHasher()).blake2b(identityBytes(file))
  const layout = layoutOf(c)
  if (flags.json) {
    const { code, readOnly, data, ...rest } = c
    const sizes = { code: code.length, readOnly: readOnly.length, data: data.length }
    printJson(terminal, { identity, ...rest, sizes, layout })
    return
  }
  terminal.out(
    facts(terminal, [
      ['container', `${c.kind}, profile ${c.profile}, gas ${c.gas}, ${bytes(file.length)}`],
      ['identity', `0x${Buffer.from(identity).toString('hex')}`],
      ['code', `${count(c.code.length / 8)} slots`],
      ['stack', `${hex(layout.stack.low)}..${hex(layout.stack.high)}`],
      ['read-only', `${hex(layout.readOnly)}, ${bytes(c.readOnly.length)}`],
      ['data', `${hex(layout.data)}, ${bytes(c.data.length)}, then ${bytes(c.bssSize)} of zeros`],
      ['memory ends', hex(layout.end)],
      ['host calls', c.imports.join(' ') || 'none'],
    ]),
  )
  const names = new Map(c.symbols.map(({ pc, name }) => [pc, name]))
  const entries = new Map(c.exports.map(({ pc, name }) => [pc, name]))
  const columns = [
    { title: 'pc', align: 'right' },
    { title: 'slots', align: 'right' },
    { title: 'frame', align: 'right' },
    { title: 'entry' },
    { title: 'function' },
  ] as const
  const rows = c.functions.map(({ pc, frameSize }, i) => [
    pc.toString(),
    ((c.functions[i + 1]?.pc ?? c.code.length / 8) - pc).toString(),
    frameSize.toString(),
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
  const file = readInput(path)
  if (kindOf(file) === 'elf') {
    inspectObject(cli, path, file, flags)
    return
  }
  const { program, contract } = loadProgram(path, flags.isa)
  if (contract !== undefined) {
    await inspectContainer(cli, contract, flags)
    return
  }
  if (program.isa !== 'pvm') throw new Error('internal: a program of no file')
  const instructions = program.bitmask.reduce((sum, octet) => {
    let bits = 0
    for (let rest = octet; rest !== 0; rest &= rest - 1) bits++
    return sum + bits
  }, 0)
  const { version, gas, code, jumpTable, options } = program
  const sizes = { code: code.length, instructions, jumpTable: jumpTable.length }
  if (flags.json) printJson(cli.terminal, { kind: 'pvm', version, gas, sizes, options })
  else
    cli.terminal.out(
      facts(cli.terminal, [
        ['PVM blob', `${version}, gas ${gas}, ${bytes(file.length)}`],
        ['code', `${bytes(code.length)}, ${count(instructions)} instructions`],
        ['jump table', `${count(jumpTable.length)} entries`],
      ]),
    )
}

export function addInspect(parent: Command, cli: Cli): void {
  subcommand(parent, 'inspect', 'tell what is in a container, an object or a blob', [
    ['inspect token.alcz', 'profile, identity, memory, functions, entries'],
    ['inspect token.o', 'sections and symbols'],
    ['inspect token.alcz --json', 'the same for scripts'],
  ])
    .argument('<file>', 'a container, an ELF object or, with --isa, a raw PVM blob')
    .option('--isa <name>', 'what a raw blob is, such as pvm-jam-v1', isaOption)
    .option('--json', 'print JSON')
    .action((file: string, flags: InspectFlags) => inspect(cli, file, flags))
}
