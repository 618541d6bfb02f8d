import { engineNamed } from 'alcatraz-vm'
import {
  entryOf,
  Field,
  type FieldName,
  fieldName,
  type Reads,
  type StateSource,
  StateView,
  stateAt,
} from 'alcatraz-vm/state'
import type { Command } from 'commander'
import { addressOption, addressText, shortAddress } from '../address.ts'
import { type Cli, printJson, subcommand } from '../cli.ts'
import { type DatabaseFlags, defaultDatabase, usingChain, usingStore } from '../database.ts'
import { engineOption, hexOption } from '../options.ts'
import { CliError, ExitCode } from '../ui/errors.ts'
import { count, printable, shortHex } from '../ui/format.ts'
import { progressOf } from '../ui/progress.ts'
import { facts, table } from '../ui/table.ts'
import { addStateFiles } from './state-files.ts'
import { entryOfWords, fieldOption, heightOption, hex, valueText } from './state-words.ts'

interface StateFlags extends DatabaseFlags {
  readonly at?: number
  readonly json?: boolean
}

const reading = { readOnly: true } as const

function headOf(store: Reads): { height: number; root: Uint8Array } {
  const head = store.head()
  if (head === undefined)
    throw new CliError('the database has no accounts yet', { next: 'alcatraz deploy FILE' })
  return head
}

/** The state of the height that was asked for, or of the last one. */
async function usingState(
  flags: Pick<StateFlags, 'db' | 'at'>,
  work: (state: StateSource) => void,
): Promise<void> {
  await usingStore(flags, reading, (store) => {
    const snapshot = store.snapshot()
    const view = new StateView(snapshot)
    work(flags.at === undefined ? view : stateAt(view, flags.at))
    snapshot.close()
  })
}

function headerOf(view: StateView, at: number): { height: number; root: Uint8Array } {
  const header = view.header(at)
  if (header === undefined) throw new CliError(`there is no height ${at}`)
  return { height: header.height, root: header.root }
}

async function list(cli: Cli, address: Uint8Array | undefined, flags: StateFlags): Promise<void> {
  const { terminal } = cli
  await usingState(flags, (state) => {
    const entries = [...state.entries(address)].map(([key, value]) => ({
      ...entryOf(key),
      value,
    }))
    if (flags.json) {
      printJson(
        terminal,
        entries.map(({ field, ...rest }) => ({ ...rest, field: fieldName(field) })),
      )
      return
    }
    const columns = [
      { title: 'address' },
      { title: 'field' },
      { title: 'slot' },
      { title: 'value' },
    ] as const
    const name = terminal.isTty ? shortAddress : addressText
    const short = (text: string): string => (terminal.isTty ? shortHex(text, 12) : text)
    const rows = entries.map((e) => [
      name(e.address),
      fieldName(e.field) ?? '',
      e.slot.length > 0 ? short(hex(e.slot)) : '',
      short(valueText(e.field, e.value)),
    ])
    terminal.out(table(terminal, columns, rows))
  })
}

async function get(
  cli: Cli,
  [address, name, slot]: [Uint8Array, FieldName, Uint8Array | undefined],
  flags: StateFlags,
): Promise<void> {
  const key = entryOfWords('get', address, name, slot)
  await usingState(flags, (state) => {
    const value = state.get(key)
    if (flags.json) printJson(cli.terminal, { address, field: name, slot, value: value ?? null })
    else cli.terminal.out(`${value === undefined ? 'absent' : valueText(Field[name], value)}\n`)
  })
}

async function root(cli: Cli, flags: StateFlags): Promise<void> {
  await usingStore(flags, reading, (store) => {
    const head = flags.at === undefined ? headOf(store) : headerOf(new StateView(store), flags.at)
    if (flags.json) printJson(cli.terminal, head)
    else cli.terminal.out(`${hex(head.root)}\n`)
  })
}

async function verify(cli: Cli, flags: StateFlags): Promise<void> {
  const { terminal } = cli
  const report = await usingChain(flags, reading, async (chain) => {
    const progress = progressOf(terminal, 'replaying', headOf(chain.store).height)
    try {
      return await chain.verify(engineNamed(flags.engine), {
        onHeight: (height) => progress.update(height),
      })
    } finally {
      progress.finish()
    }
  })
  if (flags.json) printJson(terminal, report)
  else {
    const { colours } = terminal
    terminal.out(
      facts(terminal, [
        [
          'result',
          report.ok
            ? colours.green('the state is what its transactions make')
            : colours.red('NOT what its transactions make'),
        ],
        ['transactions', `${count(report.transactions)} replayed on ${flags.engine}`],
        ['instructions', count(report.instructions)],
        ['entries', count(report.entries)],
        ['state root', hex(report.root)],
      ]),
    )
    for (const { height, message } of report.problems)
      terminal.out(
        `${height === undefined ? 'state' : `height ${height}`}: ${printable(message)}\n`,
      )
  }
  if (!report.ok) cli.exitCode = ExitCode.badInput
}

export function addState(parent: Command, cli: Cli): void {
  const state = parent
    .command('state')
    .summary('look at the state in the database, and verify it')
    .description('Look at the state in the database, and verify it.')
    .showHelpAfterError('  try: alcatraz state --help')
  const withFlags = (command: Command): Command =>
    command.option('--db <folder>', 'the database', defaultDatabase).option('--json', 'print JSON')
  withFlags(
    subcommand(state, 'list', 'print the entries: balances, nonces, code, storage', [
      ['state list', 'everything'],
      ['state list alice', 'one account'],
    ]),
  )
    .argument('[address]', 'only this account', addressOption)
    .option('--at <height>', 'in the state after this height', heightOption)
    .action((address: Uint8Array | undefined, flags: StateFlags) => list(cli, address, flags))
  withFlags(
    subcommand(state, 'get', 'print one entry', [
      ['state get alice balance', 'a number'],
      ['state get 0x12..ef storage 00', 'one storage slot'],
    ]),
  )
    .argument('<address>', 'the account', addressOption)
    .argument('<field>', Object.keys(Field).join(', '), fieldOption)
    .argument('[slot]', 'storage slot, as hex', hexOption)
    .option('--at <height>', 'in the state after this height', heightOption)
    .action(
      (address: Uint8Array, field: FieldName, slot: Uint8Array | undefined, flags: StateFlags) =>
        get(cli, [address, field, slot], flags),
    )
  withFlags(subcommand(state, 'root', 'print the state root', [['state root', '32 bytes, as hex']]))
    .option('--at <height>', 'of this height', heightOption)
    .action((flags: StateFlags) => root(cli, flags))
  addStateFiles(state, cli)
  withFlags(
    subcommand(state, 'verify', 'recompute the root from the leaves and replay every transaction', [
      ['state verify', 'on the reference engine'],
      ['state verify --engine interp', 'faster'],
    ]),
  )
    .option('--engine <name>', 'engine that replays', engineOption, 'reference')
    .action((flags: StateFlags) => verify(cli, flags))
}
