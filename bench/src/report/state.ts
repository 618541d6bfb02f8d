import type { StateUse, Target } from '../results.ts'
import { ms, pair, type Table, thousands } from './format.ts'

/** Of a million accounts; milliseconds, transfers a second, microseconds. */
const largest = 1_000_000
const update = 60
const perSecond = 2000
const diff = 60
const instance = 100
/** MiB over the second half of the contracts: the caches are full after the first. */
const growth = 32

const rate = (each: number, time: number): string => thousands(Math.round((each * 1000) / time))

export function stateTables({ contracts, diffMicros, instances, rows }: StateUse): Table[] {
  const micros = ({ min, median, p95 }: StateUse['diffMicros']): string[] =>
    [min, median, p95].map((time) => time.toFixed(1))
  return [
    {
      title: 'State',
      note: 'Stores on disk: milliseconds to open; to update so many leaves with the root, min / median, and least by processor time; durable blocks of so many transfers, a second: best, median, best by processor time.',
      columns: [
        'store',
        'accounts',
        'each',
        'open',
        'update',
        'by CPU',
        'transfers/s',
        'median',
        'by CPU',
        'heap (MiB)',
      ],
      words: 1,
      rows: rows.map(({ accounts, block, each, heapMiB, openMs, store, update: time }) => [
        store,
        thousands(accounts),
        thousands(each),
        ms(openMs),
        pair(time.wall),
        ms(time.cpu.min),
        rate(each, block.wall.min),
        rate(each, block.wall.median),
        rate(each, block.cpu.min),
        heapMiB.toFixed(0),
      ]),
    },
    {
      title: 'Between contract and state',
      note: 'Microseconds: what a token transfer writes, from the journal to a validated and encoded diff; to the next slot of a contract, while a block is open that wrote as many as are stored; to a machine, of a program that is kept, and of bytes whose code the engine has.',
      columns: ['step', 'min', 'median', 'p95'],
      words: 1,
      rows: [
        ['journal to diff', ...micros(diffMicros)],
        ...rows.map(({ accounts, nextMicros }) => [
          `next slot, ${thousands(accounts)} accounts`,
          ...micros(nextMicros),
        ]),
        ...instances.map(({ engine, from, micros: found }) => [
          `instance of ${from}, ${engine}`,
          ...micros(found),
        ]),
      ],
    },
    {
      title: 'Many contracts',
      note: `MiB after so many distinct contracts, each deployed and called once on recomp, in ${(contracts.ms / 1000).toFixed(0)} s; ${thousands(contracts.cached)} programs and ${(contracts.cacheBytes / 2 ** 20).toFixed(0)} MiB are in the engine's cache in the end.`,
      columns: ['contracts', 'resident', 'heap'],
      words: 0,
      rows: contracts.samples.map(({ contracts: count, heapMiB, residentMiB }) => [
        thousands(count),
        residentMiB.toFixed(0),
        heapMiB.toFixed(0),
      ]),
    },
  ]
}

export function stateTargets({ contracts, diffMicros, instances, rows }: StateUse): Target[] {
  const out: Target[] = []
  for (const { accounts, block, each, update: time } of rows) {
    const size = thousands(accounts)
    if (accounts === largest)
      out.push({
        name: `${thousands(each)} updates with root, ${size} accounts`,
        wanted: `< ${update} ms`,
        got: `${ms(time.wall.min)} ms (median ${ms(time.wall.median)})`,
        met: time.wall.min < update,
      })
    const found = (each * 1000) / block.wall.min
    out.push({
      name: `durable transfers, ${size} accounts`,
      wanted: `>= ${thousands(perSecond)} /s`,
      got: `${thousands(Math.round(found))} /s (median ${rate(each, block.wall.median)})`,
      met: found >= perSecond,
    })
  }
  out.push({
    name: 'journal of a token transfer to a validated diff',
    wanted: `< ${diff} us`,
    got: `${diffMicros.min.toFixed(1)} us (median ${diffMicros.median.toFixed(1)})`,
    met: diffMicros.min < diff,
  })
  for (const { engine, from, micros } of instances) {
    if (from !== 'program') continue
    out.push({
      name: `instance of a kept program, ${engine}`,
      wanted: `< ${instance} us`,
      got: `${micros.min.toFixed(1)} us (median ${micros.median.toFixed(1)})`,
      met: micros.min < instance,
    })
  }
  const { samples } = contracts
  const [middle, last] = [samples[(samples.length - 1) >> 1]!, samples.at(-1)!]
  const grown = last.residentMiB - middle.residentMiB
  out.push({
    name: `growth from ${thousands(middle.contracts)} to ${thousands(last.contracts)} contracts`,
    wanted: `<= ${growth} MiB`,
    got: `${grown.toFixed(0)} MiB`,
    met: grown <= growth,
  })
  return out
}
