import { existsSync } from 'node:fs'
import { type Command, InvalidArgumentError } from 'commander'
import type { Chain } from '../../chain/chain.ts'
import type { Executed } from '../../chain/produce.ts'
import { type Asked, ask, said } from '../abi.ts'
import { addressOption, addressText } from '../address.ts'
import { type Cli, printJson, subcommand } from '../cli.ts'
import { type DatabaseFlags, usingChain, withDatabase } from '../database.ts'
import { loadContract } from '../load.ts'
import { amountOption, gasOption, inputOption, withDefault } from '../options.ts'
import { exitCodeOf, receiptJson, receiptText } from '../receipt.ts'
import { CliError } from '../ui/errors.ts'
import { count } from '../ui/format.ts'

type Funding = readonly (readonly [address: Uint8Array, amount: bigint])[]

interface SendFlags extends DatabaseFlags {
  readonly from: Uint8Array
  readonly input: Uint8Array
  readonly value: bigint
  readonly gas: bigint
  readonly fund?: Funding
  readonly dryRun?: boolean
  readonly json?: boolean
  readonly quiet?: boolean
  readonly metadata?: string
}

/** What the sender gets when a new database is begun without `--fund`. */
const firstBalance = 1_000_000_000_000n

function fundOption(text: string, before: Funding = []): Funding {
  const [address = '', amount = ''] = text.split('=')
  if (amount === '') throw new InvalidArgumentError('It must be ADDRESS=AMOUNT, such as bob=500.')
  return [...before, [addressOption(address), amountOption(amount)]]
}

function withSender(command: Command): Command {
  return withDatabase(command)
    .addOption(
      withDefault('--from <address>', 'the sender: a name or 0x hex', addressOption, [
        addressOption('alice'),
        'alice',
      ]),
    )
    .addOption(inputOption('contract'))
    .addOption(
      withDefault('--value <n>', 'amount moved to the contract first', amountOption, [0n, '0']),
    )
    .addOption(gasOption())
    .option('--metadata <file>', 'what alcatraz build wrote about the contract: ask by name')
    .option('--json', 'print the receipt as JSON')
    .option('-q, --quiet', 'print only the new address, or what the contract answered, as hex')
}

/** A new database has no accounts: its first transaction funds some. */
async function begin(cli: Cli, chain: Chain, flags: SendFlags): Promise<void> {
  if (chain.height !== undefined) {
    if (flags.fund !== undefined)
      cli.terminal.err('note: --fund counts only where the database is begun; ignored\n')
    return
  }
  const mint = flags.fund ?? [[flags.from, firstBalance] as const]
  await chain.genesis(mint)
  const accounts = mint.map(([address, amount]) => `${addressText(address)} with ${count(amount)}`)
  cli.terminal.err(`begun: a new database in ${flags.db}, ${accounts.join(', ')}\n`)
}

function answer(cli: Cli, executed: Executed, flags: SendFlags, asked: Asked | undefined): void {
  const { contract, returnData, status } = executed.receipt
  const words = asked && said(asked, executed.receipt)
  if (flags.json) printJson(cli.terminal, receiptJson(executed, words))
  else if (flags.quiet && status === 'success') {
    const spoken = contract === undefined && words?.answer !== undefined
    const hex = `0x${Buffer.from(contract ?? returnData).toString('hex')}`
    cli.terminal.out(`${spoken ? JSON.stringify(words.answer) : hex}\n`)
  } else cli.terminal.out(receiptText(cli.terminal, executed, words))
  cli.exitCode = exitCodeOf(executed.receipt)
}

/** The message that the arguments name, where metadata says what they mean. */
function askedOf(
  kind: 'constructors' | 'messages',
  texts: readonly string[],
  flags: SendFlags,
): Asked | undefined {
  if (flags.metadata !== undefined) {
    if (flags.input.length > 0)
      throw new CliError('the input is either bytes or arguments', { where: '--input' })
    return ask(flags.metadata, kind, texts)
  }
  if (texts.length === 0) return undefined
  throw new CliError('arguments need the metadata that says how to encode them', {
    where: texts[0],
    next: '--metadata FILE.json, or --input with bytes',
  })
}

async function deploy(
  cli: Cli,
  file: string,
  texts: readonly string[],
  flags: SendFlags,
): Promise<void> {
  const { bytes } = loadContract(file)
  const asked = askedOf('constructors', texts, flags)
  await usingChain(flags, { readOnly: false }, async (chain) => {
    await begin(cli, chain, flags)
    const { from: sender, value, gas: gasLimit } = flags
    const input = asked?.input ?? flags.input
    const executed = await chain.deploy({ sender, container: bytes, input, value, gasLimit })
    answer(cli, executed, flags, asked)
  })
}

async function call(
  cli: Cli,
  to: Uint8Array,
  texts: readonly string[],
  flags: SendFlags,
): Promise<void> {
  if (!existsSync(flags.db))
    throw new CliError('there is no database here', {
      where: flags.db,
      code: 'noDatabase',
      next: 'alcatraz deploy FILE begins one; --db names another',
    })
  const asked = askedOf('messages', texts, flags)
  const readOnly = flags.dryRun === true
  await usingChain(flags, { readOnly }, async (chain) => {
    const { from: sender, value, gas: gasLimit } = flags
    const input = asked?.input ?? flags.input
    const transaction = { sender, to, input, value, gasLimit }
    const run = readOnly ? chain.simulate(transaction) : chain.call(transaction)
    answer(cli, await run, flags, asked)
  })
}

export function addDeploy(parent: Command, cli: Cli): void {
  const command = subcommand(parent, 'deploy', 'put a contract into the database', [
    ['deploy token.alcz --from alice', 'begins alcatraz.db if there is none'],
    ['deploy token.alcz --input 00e1f50500000000', 'bytes for the entry "deploy"'],
    ['deploy token.alcz 1000 --metadata token.json', 'the constructor and its arguments'],
    ['deploy a.alcz --fund alice=1000 --fund bob=5', 'who has what in a new database'],
  ])
    .argument('<file>', 'a container, or an ELF object, which is linked first')
    .argument('[arguments...]', 'of the constructor, after its name where there are several')
  withSender(command)
    .option('--fund <address=amount>', 'an account of a new database; may be repeated', fundOption)
    .action((file: string, texts: string[], flags: SendFlags) => deploy(cli, file, texts, flags))
}

export function addCall(parent: Command, cli: Cli): void {
  const command = subcommand(parent, 'call', 'send a transaction to a contract in the database', [
    ['call 0x12..ef --input 01', 'runs its entry "call", commits what it changed'],
    ['call 0x12..ef --input 02 --dry-run', 'shows what it would do, commits nothing'],
    ['call 0x12..ef transfer bob 5 --metadata token.json', 'a message by name'],
    ['call bob --value 5', 'moves value to an account without code'],
  ])
    .argument('<address>', 'the contract, as deploy printed it', addressOption)
    .argument('[message...]', 'its name and arguments, in order or as name=value')
  withSender(command)
    .option('--dry-run', 'commit nothing')
    .action((to: Uint8Array, texts: string[], flags: SendFlags) => call(cli, to, texts, flags))
}
