import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Engine, engineNamed } from 'alcatraz-vm'
import { messageNamed } from 'alcatraz-vm/alcatraz'
import type { Command } from 'commander'
import { Chain } from '../../chain/chain.ts'
import type { Contract } from '../../chain/contract.ts'
import type { VerifyReport } from '../../chain/verify.ts'
import { said } from '../abi.ts'
import { addressText, shortAddress } from '../address.ts'
import { type Cli, printJson, subcommand } from '../cli.ts'
import { usingStore } from '../database.ts'
import { type Account, closeBooks } from '../demo/books.ts'
import { type Day, liveThrough } from '../demo/day.ts'
import { attackers, coins, type Market, openMarket, traders } from '../demo/market.ts'
import { defaultEngine } from '../engine.ts'
import { countOption, engineOption } from '../options.ts'
import { receiptText } from '../receipt.ts'
import { CliError, ExitCode } from '../ui/errors.ts'
import { count, duration, rate } from '../ui/format.ts'
import { progressOf } from '../ui/progress.ts'
import { facts, table } from '../ui/table.ts'

interface DemoFlags {
  readonly db?: string
  readonly engine: string
  readonly transactions: number
  readonly json?: boolean
}

function title(cli: Cli, text: string): void {
  cli.terminal.out(`\n${cli.terminal.colours.bold(text)}\n`)
}

function showMarket(cli: Cli, market: Market): void {
  title(cli, 'A market opens at nine')
  const { auction, book, escrow, stall, token, treasury } = market
  const places: [string, string, string][] = [
    ['token', shortAddress(token.address), "Rust; the market's money, and a second one"],
    ['order book', shortAddress(book.address), 'Rust; tokens against coins, moved by allowance'],
    ['auction', shortAddress(auction.address), 'Rust; of the best place, by sealed bids'],
    ['treasury', shortAddress(treasury.address), 'Rust; two of three owners spend from it'],
    ['stall', shortAddress(stall.address), 'Rust; a proxy: its owner says whose code answers'],
    ['escrow', shortAddress(escrow), 'C; careless: it pays before it writes down'],
  ]
  const columns = [{ title: 'contract' }, { title: 'address' }, { title: 'what it is' }] as const
  cli.terminal.out(table(cli.terminal, columns, places))
  cli.terminal.out(
    `\n${traders.length} traders and ${attackers.length} others come with ${count(coins)} coins each.\n`,
  )
}

function showDay(cli: Cli, day: Day, { metadata }: Contract, engine: Engine): void {
  const { terminal } = cli
  const { receipt } = day.example
  const { colours } = terminal
  title(cli, `What they traded, in ${count(day.blocks)} blocks, each durable on disk`)
  const columns = [
    { title: 'times', align: 'right' },
    { title: 'gas each', align: 'right' },
    { title: 'failed', align: 'right' },
    { title: 'what' },
  ] as const
  const trades = day.kinds.map(({ failed, gas, times, what }) => [
    count(times),
    count(gas / BigInt(times)),
    count(failed),
    what,
  ])
  terminal.out(table(terminal, columns, trades))
  terminal.out(
    `\n${facts(terminal, [
      [
        'time',
        `${duration(day.ms)}, ${rate(day.transactions, day.ms / 1000)}, with all that follows`,
      ],
      ['work', `${count(day.gas)} gas, ${count(day.instructions)} instructions on ${engine.name}`],
    ])}`,
  )
  title(cli, 'What else happened')
  const told = day.events.map(({ time, what, who }) => [time, colours.cyan(who), what])
  terminal.out(table(terminal, [{ title: 'when' }, { title: 'who' }, { title: 'what' }], told))
  title(cli, 'One of them in full: the receipt of a payment, and its diff')
  const words = said({ metadata, message: messageNamed(metadata.messages, 'transfer') }, receipt)
  terminal.out(receiptText(terminal, day.example, words))
  title(cli, 'Who tried what, and how it was refused')
  const tried = day.attacks.map(({ how, time, what, who }) => [
    time,
    colours.cyan(who),
    what,
    colours.red(how),
  ])
  const names = ['when', 'who', 'what', 'how it ended'].map((name) => ({ title: name }))
  terminal.out(table(terminal, names, tried))
}

function showBooks(cli: Cli, books: readonly Account[]): void {
  const { colours } = cli.terminal
  title(cli, 'The books, closed at five')
  const columns = [
    { title: 'what' },
    { title: 'found', align: 'right' },
    { title: 'due', align: 'right' },
    { title: '' },
  ] as const
  const rows = books.map(({ due, found, what }) => [
    what,
    count(found),
    count(due),
    found === due ? colours.green('right') : colours.red('WRONG'),
  ])
  cli.terminal.out(table(cli.terminal, columns, rows))
}

async function replayed(cli: Cli, db: string, engine: Engine): Promise<VerifyReport> {
  return usingStore({ db }, { readOnly: true }, async (store) => {
    const chain = await Chain.open({ store, engine })
    const progress = progressOf(cli.terminal, 'replaying', chain.height ?? 0)
    const onHeight = (height: number): void => progress.update(height)
    const found = await chain.verify(engineNamed('reference'), { onHeight })
    progress.finish()
    return found
  })
}

function showEnd(cli: Cli, report: VerifyReport, ms: number, db: string, token: Uint8Array): void {
  const { terminal } = cli
  const { colours } = terminal
  const result = report.ok
    ? colours.green('every receipt, diff and root is what the transactions make')
    : colours.red(report.problems[0]?.message ?? 'differs')
  terminal.out(
    facts(terminal, [
      ['result', result],
      ['replayed', `${count(report.transactions)} transactions in ${duration(ms)}`],
      ['state root', `0x${Buffer.from(report.root).toString('hex')}`],
      ['database', db],
    ]),
  )
  title(cli, 'Try next')
  const lines = [
    `npx alcatraz state list --db ${db}`,
    `npx alcatraz state list --db ${db} ${addressText(token)}`,
    `npx alcatraz state verify --db ${db}`,
    'npx alcatraz --help',
  ]
  terminal.out(lines.map((line) => `  ${colours.cyan(line)}\n`).join(''))
}

async function demo(cli: Cli, flags: DemoFlags): Promise<void> {
  const { terminal } = cli
  if (flags.db !== undefined && existsSync(flags.db))
    throw new CliError('this exists already', { where: flags.db, next: '--db with a new folder' })
  const db = flags.db ?? mkdtempSync(join(tmpdir(), 'alcatraz-demo-'))
  const engine = engineNamed(flags.engine)
  const { books, day, token } = await usingStore({ db }, { readOnly: false }, async (store) => {
    const market = await openMarket(store, engine)
    if (!flags.json) showMarket(cli, market)
    let progress: ReturnType<typeof progressOf> | undefined
    const lived = await liveThrough(market, flags.transactions, (done, of, now) => {
      progress ??= progressOf(terminal, 'the day', of)
      progress.update(done, now)
    })
    progress?.finish()
    return { books: await closeBooks(market), day: lived, token: market.token }
  })
  if (!flags.json) {
    showDay(cli, day, token, engine)
    showBooks(cli, books)
    title(cli, 'Reopened, and everything replayed on the reference engine')
  }
  const start = performance.now()
  const report = await replayed(cli, db, engine)
  const ok = report.ok && books.every(({ due, found }) => due === found)
  if (!ok) cli.exitCode = ExitCode.badInput
  if (!flags.json) {
    showEnd(cli, report, performance.now() - start, db, token.address)
    return
  }
  const { attacks, blocks, events, gas, instructions, kinds, ms, transactions } = day
  const root = `0x${Buffer.from(report.root).toString('hex')}`
  printJson(terminal, {
    ...{ db, token: token.address, transactions, blocks, gas, instructions, ms, root, ok },
    ...{ trades: kinds, events, attacks, books },
  })
}

export function addDemo(parent: Command, cli: Cli): void {
  subcommand(parent, 'demo', 'a market day: six contracts, their users, attackers, the books', [
    ['demo', 'in a new temporary folder'],
    ['demo --db day.db --transactions 1000', 'in a folder of its own, a busier day'],
  ])
    .option('--db <folder>', 'a new folder for the database (default: a temporary one)')
    .option('--transactions <n>', 'trades of the day', countOption, 300)
    .option('--engine <name>', 'engine that runs it', engineOption, defaultEngine)
    .option('--json', 'print all of it as JSON')
    .action((flags: DemoFlags) => demo(cli, flags))
}
