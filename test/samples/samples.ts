import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { toHex } from 'alcatraz-vm'
import { Chain, type CommittedBlock } from '#node/chain/chain'
import type { ContractFiles } from '#node/chain/contract'
import { engineNamed, engineNames } from '#vm/engine/engines'
import { alcatrazCalls } from '#vm/host/alcatraz/calls'
import { linkAvm } from '#vm/link/avm'
import { linkBpf } from '#vm/link/bpf'
import { linkPvm } from '#vm/link/pvm'
import { Field } from '#vm/state/key'
import { MemoryStore } from '#vm/state/memory-store'
import { guest } from '../link/guests.ts'

const hostCalls = alcatrazCalls.map(({ name }) => name)
const folder = new URL('../../../guests/', import.meta.url)

/** From the same source to a chain: objects of eBPF as they are, or one of RISC-V or eBPF to AVM or PVM. */
const routes = ['eBPF', 'AVM', 'PVM', 'AVM of eBPF', 'PVM of eBPF'] as const
/** Contracts that call each other, each by another route. */
const mixed = 'each by another' as const
let route: (typeof routes)[number] | typeof mixed = 'eBPF'
let samples = 0
const argumentsOf = new Map(alcatrazCalls.map(({ args, name }) => [name, args.length]))

/**
 * A checked-in contract: an object of `guests/objects`, and the JSON that describes it. Its container is that of
 * the route that the story takes which deploys it.
 */
export function sample(object: string, metadata = `objects/${object}.json`): ContractFiles {
  const options = object.endsWith('-rust')
    ? { hostCalls, exports: ['deploy', 'call'] }
    : { hostCalls }
  const riscv = [guest(`avm/${object.replace(/-v4$/, '')}`)]
  const importArguments = (name: string) => argumentsOf.get(name)
  const bpf = [guest(object)]
  const known = { ...options, importArguments }
  const containers = {
    eBPF: linkBpf(bpf, options).container,
    AVM: linkAvm(riscv, known).container,
    PVM: linkPvm(riscv, known).container,
    'AVM of eBPF': linkAvm(bpf, known).container,
    'PVM of eBPF': linkPvm(bpf, known).container,
  }
  const own = routes.at(2 - (samples++ % routes.length))!
  return {
    get container() {
      return containers[route === mixed ? own : route]
    },
    metadata: readFileSync(new URL(metadata, folder), 'utf8'),
  }
}

/** Differs by route: what is paid, where code is, and the roots of what holds that. */
const byRoute = new Set([
  'gas',
  'gasUsed',
  'gasLimit',
  'pc',
  'container',
  'transactions',
  'receipts',
  'diffs',
  'parent',
  'root',
  // of a story that signs addresses
  'input',
])

/**
 * Blocks as text without what differs by route. Addresses hold the hash of the code: contracts have numbers here, in the
 * order of their deployment.
 */
function routeless(blocks: readonly (CommittedBlock | undefined)[]): string[] {
  const contracts = blocks.flatMap((block) =>
    (block?.transactions ?? []).flatMap(({ receipt }) => receipt.contract ?? []),
  )
  const plain = (value: unknown): unknown => {
    if (value instanceof Uint8Array) return toHex(value)
    if (typeof value === 'bigint') return `${value}n`
    // what compilers end in where nothing goes on: the instruction `trap` of PVM, none elsewhere
    if (value === 'panic') return 'invalidInstruction'
    if (Array.isArray(value)) return value.map(plain)
    if (value === null || typeof value !== 'object') return value
    if ('field' in value && value.field === Field.code) return 'code'
    const entries = Object.entries(value).filter(([key]) => !byRoute.has(key))
    return Object.fromEntries(entries.map(([key, inner]) => [key, plain(inner)]))
  }
  return blocks.flatMap((block) =>
    (block?.transactions ?? []).map(({ diff, receipt, transaction }) => {
      const named = (value: unknown): string =>
        contracts.reduce(
          (text, address, i) => text.replaceAll(toHex(address), `contract ${i}`),
          JSON.stringify(plain(value)),
        )
      const changes = diff.changes.map(named).sort()
      return [named(transaction), named(receipt), ...changes].join('\n')
    }),
  )
}

/** An account by a letter. */
export const account = (letter: string): Uint8Array => new Uint8Array(32).fill(letter.charCodeAt(0))
export const [alice, bob, carol] = [account('a'), account('b'), account('c')]

/** A chain in memory whose clock stands where it is put. */
export interface World {
  readonly chain: Chain
  time: number
}

/**
 * A story of contracts, told once on each engine by each route: `story` asserts what happens, and every transaction,
 * receipt and diff must be the same as on the others.
 */
export function onEveryEngine(name: string, story: (world: World) => Promise<void>): void {
  let across: unknown
  for (const taken of samples > 1 ? [...routes, mixed] : routes)
    test(`${name} (${taken})`, async () => {
      let first: unknown
      route = taken
      for (const engine of engineNames) {
        const clock = { time: 1_000_000 }
        const chain = await Chain.open({
          store: new MemoryStore(),
          engine: engineNamed(engine),
          clock: () => clock.time,
        })
        await chain.genesis([alice, bob, carol].map((who) => [who, 1_000_000n]))
        await story(Object.assign(clock, { chain }))
        const blocks = Array.from({ length: chain.height! + 1 }, (_, height) => chain.at(height))
        first ??= blocks
        assert.deepEqual(blocks, first, `${engine} differs from ${engineNames[0]}`)
        across ??= routeless(blocks)
        assert.deepEqual(routeless(blocks), across, `${taken} differs from ${routes[0]}`)
      }
    })
}
