/** `node --expose-gc contracts-child.js COUNT` deploys as many distinct contracts, calls each, prints `ContractsUse`. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Chain, openStore } from 'alcatraz-node'
import { createEngine } from 'alcatraz-vm'
import { decodeContainer, encodeContainer, linkBpf } from 'alcatraz-vm/link'
import { guestFolder } from './guests.ts'
import type { ContractsUse } from './results.ts'

const count = Number(process.argv[2] ?? '100')
const perBlock = Math.max(1, Math.min(100, count / 10))
const sender = new Uint8Array(32).fill(1)
const gasLimit = 10_000_000n

const bytes = new Uint8Array(readFileSync(new URL('objects/token-v4.o', guestFolder)))
const token = decodeContainer(linkBpf([{ name: 'token.o', bytes }]).container)

/** The token with a function more, which nothing calls: `r0 = seed`, `exit`. */
function distinct(seed: number): Uint8Array {
  const code = new Uint8Array(token.code.length + 16)
  code.set(token.code)
  code[token.code.length] = 0xb7
  new DataView(code.buffer).setInt32(token.code.length + 4, seed, true)
  code[token.code.length + 8] = 0x95
  return encodeContainer({ ...token, code })
}

/** MiB: of the process without files that it maps, where the system says so; of V8's heap and arrays. */
function memory(): { readonly resident: number; readonly heap: number } {
  for (let i = 0; i < 3; i++) globalThis.gc?.()
  const { arrayBuffers, heapUsed, rss } = process.memoryUsage()
  return { resident: anonymous() ?? rss / 2 ** 20, heap: (heapUsed + arrayBuffers) / 2 ** 20 }
}

function anonymous(): number | undefined {
  try {
    const found = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))
    return found === null ? undefined : Number(found[1]) / 1024
  } catch {
    return undefined
  }
}

const supply = new Uint8Array(BigUint64Array.of(1_000_000n).buffer)
const transfer = Uint8Array.of(2, ...new Uint8Array(32).fill(7), 1, 0, 0, 0, 0, 0, 0, 0)
const folder = mkdtempSync(join(tmpdir(), 'alcatraz-bench-contracts-'))
try {
  const store = await openStore(folder)
  const engine = createEngine({ name: 'recomp', after: 0 })
  const chain = await Chain.open({ store, engine })
  await chain.genesis([[sender, 1_000_000n]])
  const samples: { contracts: number; residentMiB: number; heapMiB: number }[] = []
  const start = performance.now()
  for (let from = 0; from < count; from += perBlock) {
    const deployed = await chain.block(
      Array.from({ length: Math.min(perBlock, count - from) }, (_, i) => ({
        ...{ sender, container: distinct(from + i), input: supply, value: 0n, gasLimit },
      })),
    )
    const called = await chain.block(
      deployed.executed.map(({ receipt }) => ({
        ...{ sender, to: receipt.contract!, input: transfer, value: 0n, gasLimit },
      })),
    )
    for (const { receipt } of [...deployed.executed, ...called.executed])
      if (receipt.status !== 'success') throw new Error(`a contract ended as ${receipt.status}`)
    const done = from + deployed.executed.length
    if (Math.floor((done * 10) / count) > Math.floor((from * 10) / count)) {
      const { heap, resident } = memory()
      samples.push({ contracts: done, residentMiB: resident, heapMiB: heap })
    }
  }
  const ms = performance.now() - start
  const { bytes: cacheBytes, entries } = engine.cache.counts
  const use: ContractsUse = { contracts: count, ms, samples, cached: entries, cacheBytes }
  await store.close()
  process.stdout.write(`${JSON.stringify(use)}\n`)
} finally {
  rmSync(folder, { recursive: true })
}
