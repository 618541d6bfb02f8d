import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Engine, engineNamed } from 'alcatraz-vm'
import type { Command } from 'commander'
import { Chain } from '../../chain/chain.ts'
import type { Executed } from '../../chain/produce.ts'
import { addressOption, addressText } from '../address.ts'
import { type Cli, printJson, subcommand } from '../cli.ts'
import { usingStore } from '../database.ts'
import { dayOf, hostile, people, supply, tokenInput, u64 } from '../demo/day.ts'
import { sampleContract, withCall } from '../demo/guests.ts'
import { defaultEngine } from '../engine.ts'
import { countOption, engineOption } from '../options.ts'
import { failureOf, receiptText } from '../receipt.ts'
import { CliError, ExitCode } from '../ui/errors.ts'
import { bytes, count, duration, rate } from '../ui/format.ts'
import { progressOf } from '../ui/progress.ts'
import { facts, table } from '../ui/table.ts'

interface DemoFlags {
  readonly db?: string
  readonly engine: string
  readonly transactions: number
  readonly json?: boolean
}

/** What transactions of one kind came to. */
interface Kind {
  readonly what: string
  readonly example: Executed
  times: number
  gas: bigint
}

interface Totals {
  readonly kinds: readonly Kind[]
  readonly firstTransfer: Executed
  readonly transactions: number
  readonly ms: number
  readonly gas: bigint
  readonly instructions: bigint
  /** Of the longest transaction, which spends its time in the engine. */
  readonly longest: { readonly instructions: bigint; readonly ms: number; readonly what: string }
  readonly token: Uint8Array
}

function title(cli: Cli, text: string): void {
  cli.terminal.out(`\n${cli.terminal.colours.bold(text)}\n`)
}

async function deployAll(
  chain: Chain,
  print: (executed: Executed, container: Uint8Array) => void,
): Promise<Map<string, Uint8Array>> {
  const sender = addressOption(people[0])
  const places = new Map<string, Uint8Array>()
  const deploy = async (
    name: string,
    container: Uint8Array,
    input: Uint8Array,
  ): Promise<Executed> => {
    const sent = { sender, container, input, value: 0n, gasLimit: 10_000_000n }
    const executed = await chain.deploy(sent)
    places.set(name, executed.receipt.contract!)
    return executed
  }
  const token = sampleContract('token-v4')
  print(await deploy('token', token, u64(supply)), token)
  const attacks = sampleContract('hostile-v4')
  for (const entry of Object.keys(hostile))
    await deploy(entry, withCall(attacks, entry), new Uint8Array(0))
  return places
}

async function liveThrough(cli: Cli, chain: Chain, flags: DemoFlags): Promise<Totals> {
  const places = await deployAll(chain, (executed, container) => {
    if (flags.json) return
    title(cli, 'Deployed: a token in C, compiled by stock clang, linked by Alcatraz')
    cli.terminal.out(
      facts(cli.terminal, [
        ['contract', addressText(executed.receipt.contract!)],
        ['container', bytes(container.length)],
        ['supply', `${count(supply)}, all of it alice's`],
        ['gas', count(executed.receipt.gasUsed)],
      ]),
    )
    title(cli, `A day of ${count(flags.transactions)} transactions, each one durable on disk`)
  })
  const day = dayOf(flags.transactions)
  const kinds = new Map<string, Kind>()
  const progress = progressOf(cli.terminal, 'transactions', day.acts.length)
  let firstTransfer: Executed | undefined
  let longest = { instructions: 0n, ms: 1, what: '' }
  let [gas, instructions] = [0n, 0n]
  const start = performance.now()
  for (const [i, act] of day.acts.entries()) {
    const before = performance.now()
    const executed = await chain.call({
      sender: addressOption(act.from),
      to: places.get(act.to)!,
      input: act.input,
      value: 0n,
      gasLimit: act.gasLimit,
    })
    const { receipt } = executed
    if (receipt.status !== act.status)
      throw new Error(`${act.what} ended as ${receipt.status}, not as ${act.status}`)
    if (executed.instructions > longest.instructions)
      longest = {
        instructions: executed.instructions,
        ms: performance.now() - before,
        what: act.what,
      }
    gas += receipt.gasUsed
    instructions += executed.instructions
    firstTransfer ??= executed
    const kind = kinds.get(act.what) ?? { what: act.what, example: executed, times: 0, gas: 0n }
    kind.times++
    kind.gas += receipt.gasUsed
    kinds.set(act.what, kind)
    progress.update(i + 1, act.what)
  }
  const ms = performance.now() - start
  progress.finish()
  for (const [who, balance] of day.balances) {
    const sent = { sender: addressOption(who), to: places.get('token')!, value: 0n }
    const input = tokenInput.balance(who)
    const { receipt } = await chain.simulate({ ...sent, input, gasLimit: 1_000_000n })
    if (Buffer.from(receipt.returnData).readBigUInt64LE() !== balance)
      throw new Error(`${who} does not have ${balance}`)
  }
  const sorted = [...kinds.values()].sort((a, b) => b.times - a.times)
  const token = places.get('token')!
  const sums = { transactions: day.acts.length, ms, gas, instructions, longest }
  return { kinds: sorted, firstTransfer: firstTransfer!, token, ...sums }
}

function showDay(cli: Cli, totals: Totals, engine: Engine): void {
  const { terminal } = cli
  const { colours } = terminal
  const columns = [
    { title: 'times', align: 'right' },
    { title: 'gas each', align: 'right' },
    { title: 'transaction' },
    { title: 'how it ended' },
  ] as const
  const rows = totals.kinds.map(({ what, example, times, gas }) => {
    // short enough for 80 columns; a receipt in full says where
    const failure = failureOf(example.receipt)
      ?.replace(/^the contract /, '')
      .replace(/(?:: it faulted)? at pc \d+$/, '')
    return [
      count(times),
      count(gas / BigInt(times)),
      what,
      failure === undefined ? colours.green('committed') : colours.red(failure),
    ]
  })
  terminal.out(table(terminal, columns, rows))
  const { ms, gas, instructions, longest } = totals
  terminal.out(
    `\n${facts(terminal, [
      [
        'time',
        `${duration(ms)}, ${rate(totals.transactions, ms / 1000)} with a durable commit each`,
      ],
      ['gas', `${count(gas)}, ${rate(gas, ms / 1000)}`],
      ['instructions', `${count(instructions)} on ${engine.name}`],
      [
        'engine',
        `${rate(longest.instructions, longest.ms / 1000)} in the longest one, ${longest.what}`,
      ],
    ])}`,
  )
  title(cli, 'One receipt, and its diff in full: the first transfer')
  terminal.out(receiptText(terminal, totals.firstTransfer))
  const fault = totals.kinds.find(({ example }) => example.receipt.status === 'faulted')
  if (fault === undefined) return
  title(cli, `And one of an attack, ${fault.what}: only the sender's nonce changed`)
  terminal.out(receiptText(terminal, fault.example))
}

async function demo(cli: Cli, flags: DemoFlags): Promise<void> {
  const { terminal } = cli
  if (flags.db !== undefined && existsSync(flags.db))
    throw new CliError('this exists already', { where: flags.db, next: '--db with a new folder' })
  const db = flags.db ?? mkdtempSync(join(tmpdir(), 'alcatraz-demo-'))
  const engine = engineNamed(flags.engine)
  const totals = await usingStore({ db }, { readOnly: false }, async (store) => {
    const chain = await Chain.open({ store, engine })
    await chain.genesis(people.map((who) => [addressOption(who), 1_000_000n] as const))
    return liveThrough(cli, chain, flags)
  })
  if (!flags.json) {
    showDay(cli, totals, engine)
    title(cli, 'Reopened, and everything replayed on the reference engine')
  }
  const start = performance.now()
  const report = await usingStore({ db }, { readOnly: true }, async (store) => {
    const chain = await Chain.open({ store, engine })
    const progress = progressOf(terminal, 'replaying', chain.height ?? 0)
    const onHeight = (height: number): void => progress.update(height)
    const found = await chain.verify(engineNamed('reference'), { onHeight })
    progress.finish()
    return found
  })
  const root = `0x${Buffer.from(report.root).toString('hex')}`
  if (!report.ok) cli.exitCode = ExitCode.badInput
  if (flags.json) {
    const { transactions, gas, instructions, ms, token } = totals
    printJson(terminal, { db, token, transactions, gas, instructions, ms, root, ok: report.ok })
    return
  }
  const { colours } = terminal
  terminal.out(
    facts(terminal, [
      [
        'result',
        report.ok
          ? colours.green('every receipt, diff and root is what the transactions make')
          : colours.red(report.problems[0]?.message ?? 'differs'),
      ],
      [
        'replayed',
        `${count(report.transactions)} transactions in ${duration(performance.now() - start)}`,
      ],
      ['state root', root],
      ['database', db],
    ]),
  )
  title(cli, 'Try next')
  const token = addressText(totals.token)
  terminal.out(
    [
      `npx alcatraz state list --db ${db}`,
      `npx alcatraz call ${token} --db ${db} --from alice --input 01   # the supply`,
      `npx alcatraz state verify --db ${db}`,
      'npx alcatraz --help',
    ]
      .map((line) => `  ${colours.cyan(line)}\n`)
      .join(''),
  )
}

export function addDemo(parent: Command, cli: Cli): void {
  subcommand(parent, 'demo', 'a scripted day of a token: deployed, used, attacked, replayed', [
    ['demo', 'in a new temporary folder'],
    ['demo --db day.db --transactions 1000', 'in a folder of its own, a longer day'],
  ])
    .option('--db <folder>', 'a new folder for the database (default: a temporary one)')
    .option('--transactions <n>', 'length of the day', countOption, 300)
    .option('--engine <name>', 'engine that runs it', engineOption, defaultEngine)
    .option('--json', 'print the totals as JSON')
    .action((flags: DemoFlags) => demo(cli, flags))
}
