/**
 * Sends generated transactions to `litesvm` and to this SVM, and compares all they show:
 *   npm run diff:solana -- --transactions 100000 --seed 1 [--only PROGRAM] [--world N] [--features all]
 *     [--engine recomp] [--processes 2] [--table] [--json]
 * A world is a cluster of its own with 150 transactions; `--world` runs one alone. The first differences are
 * printed with the operations that repeat them, shortened.
 */
import { parseArgs } from 'node:util'
import { nativeLitesvm } from './litesvm.ts'
import { runAll } from './pool.ts'
import { actionsTable, endsTable } from './tally.ts'

const { values } = parseArgs({
  options: {
    transactions: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    world: { type: 'string' },
    only: { type: 'string' },
    features: { type: 'string', default: 'mainnet' },
    engine: { type: 'string', default: 'interp' },
    processes: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    table: { type: 'boolean', default: false },
  },
})

if (nativeLitesvm() === undefined) {
  console.error('error: litesvm is not installed, or has no build for this machine')
  console.error('  try: npm install, on Linux or macOS')
  process.exitCode = 1
} else process.exitCode = await all()

async function all(): Promise<number> {
  const started = performance.now()
  const speed = (n: number): string =>
    `${((n / (performance.now() - started)) * 1000).toFixed(0)} a second`
  let shown = started
  let shortened = 0
  const { tally, differences, aborted } = await runAll({
    transactions: Number(values.transactions),
    seed: values.seed,
    processes: Number(values.processes),
    features: values.features === 'all' ? 'all' : 'mainnet',
    engine: values.engine,
    ...(values.only === undefined ? {} : { only: values.only }),
    ...(values.world === undefined ? {} : { world: Number(values.world) }),
    different({ world, what, oracle, ours, ops }) {
      if (values.json) return
      console.log(`world ${world} of seed ${values.seed}: ${what} differs`)
      console.log(`  litesvm: ${oracle}\n  ours:    ${ours}`)
      const short = ops.length < 30 && shortened++ < 3
      console.log(
        short
          ? `  ${ops.length} operations: ${JSON.stringify(ops)}`
          : `  after ${ops.length} operations; --world ${world} shows them`,
      )
    },
    progress({ transactions }) {
      const now = performance.now()
      if (now - shown < (process.stderr.isTTY ? 500 : 10_000)) return
      shown = now
      const line = `${transactions} of ${values.transactions} transactions, ${speed(transactions)}`
      process.stderr.write(process.stderr.isTTY ? `\r${line}  ` : `${line}\n`)
    },
  })
  if (process.stderr.isTTY) process.stderr.write('\n')
  if (values.json) console.log(JSON.stringify({ tally, differences, aborted }))
  else {
    if (values.table) console.log(`${endsTable(tally)}\n\n${actionsTable(tally)}`)
    if (aborted.length > 0) console.log(`litesvm aborted in worlds ${aborted.join(', ')}`)
    console.log(
      `${tally.transactions} transactions, ${differences.length} differences; ` +
        speed(tally.transactions),
    )
  }
  return differences.length === 0 ? 0 : 1
}
