/** Programs of one or two instructions: associated accounts, memos, compute budgets. */
import { derive } from '../keys.ts'
import { bytesOf, join, u32, u64, utf8 } from '../pack.ts'
import type { Address } from '../subject.ts'
import type { Instruction } from '../wire.ts'
import { type Action, meta, type World } from '../world.ts'
import { systemProgram } from './system.ts'
import { holderAt, holders, mints, token2022, tokenProgram } from './token.ts'

export const associatedProgram: Address = 'ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL'
export const memoPrograms: readonly Address[] = [
  'Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo',
  'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr',
]
const budgetProgram: Address = 'ComputeBudget111111111111111111111111111111'

export function associated(owner: Address, mint: Address, program: Address): Address {
  return derive([bytesOf(owner), bytesOf(program), bytesOf(mint)], associatedProgram)[0]
}

/** Makes the account of an owner for a mint; `again` allows that it is there. */
export function createAssociated(
  payer: Address,
  owner: Address,
  mint: Address,
  program: Address,
  again = true,
): Instruction {
  const metas = [
    meta(payer, 'ws'),
    meta(associated(owner, mint, program), 'w'),
    meta(owner),
    meta(mint),
    meta(systemProgram),
    meta(program),
  ]
  return { program: associatedProgram, metas, data: Uint8Array.of(again ? 1 : 0) }
}

export const smallActions: readonly Action[] = [
  {
    name: 'ata.create',
    weight: 4,
    plan(world) {
      const program = world.rng.chance(60) ? tokenProgram : token2022
      const mint = world.any(mints(program))
      if (mint === undefined) return undefined
      const owner = world.rng.chance(80) ? world.wallet() : world.anyone()
      const address = associated(owner, mint, program)
      const metas = [
        meta(world.wallet(), 'ws'),
        meta(address, 'w'),
        meta(owner),
        meta(mint),
        meta(systemProgram),
        meta(program),
      ]
      const data = world.rng.pick([[], [0], [1], [1]])
      const create = { program: associatedProgram, metas, data: Uint8Array.from(data) }
      const after = (): void => world.add(holders(program), address)
      return { instructions: [create], after }
    },
  },
  {
    name: 'ata.recoverNested',
    plan(world) {
      const program = tokenProgram
      const nested = holderAt(world, world.any(holders(program)))
      const mint = world.any(mints(program))
      if (nested === undefined || mint === undefined) return undefined
      const wallet = world.wallet()
      const outer = associated(wallet, mint, program)
      const metas = [
        meta(associated(outer, nested.mint, program), 'w'),
        meta(nested.mint),
        meta(associated(wallet, nested.mint, program), 'w'),
        meta(outer),
        meta(mint),
        meta(wallet, 'ws'),
        meta(program),
      ]
      const recover = { program: associatedProgram, metas, data: Uint8Array.of(2) }
      const make = (owner: Address, of: Address): Instruction =>
        createAssociated(wallet, owner, of, program)
      const first = [make(wallet, mint), make(outer, nested.mint), make(wallet, nested.mint)]
      return { instructions: world.rng.chance(80) ? [...first, recover] : [recover] }
    },
  },
  {
    name: 'memo.write',
    weight: 3,
    plan(world) {
      const texts = [
        'hello',
        '',
        'ünïcödé ☃',
        'x'.repeat(400),
        '🦀'.repeat(20),
        'tab\tand"quote"\\',
      ]
      const text = utf8(world.rng.pick(texts))
      const data = world.rng.chance(90) ? text : join(text, [0xff, 0xc3, 0x28])
      const count = world.rng.below(4)
      const metas = Array.from({ length: count }, () =>
        meta(world.wallet(), world.rng.chance(90) ? 's' : ''),
      )
      return { instructions: [{ program: world.rng.pick(memoPrograms), metas, data }] }
    },
  },
]

export const budget = {
  heap: (bytes: number): Instruction => ask(join([1], u32(bytes))),
  limit: (units: number): Instruction => ask(join([2], u32(units))),
  price: (micro: bigint): Instruction => ask(join([3], u64(micro))),
  loaded: (bytes: number): Instruction => ask(join([4], u32(bytes))),
}

function ask(data: Uint8Array): Instruction {
  return { program: budgetProgram, metas: [], data }
}

/** What transactions ask of the compute budget: nothing, often; something sensible; or nonsense. */
export function budgetOf(world: World): Instruction[] {
  const { rng } = world
  const out: Instruction[] = []
  if (rng.chance(70)) return out
  const limits = [0, 1, 149, 150, 300, 1000, 3000, 5000, 10_000, 50_000, 1_400_000, 2 ** 32 - 1]
  if (rng.chance(40)) out.push(budget.limit(rng.chance(70) ? 1_000_000 : rng.pick(limits)))
  const prices = [0n, 1n, 999_999n, 1_000_000n, 5_000_000n, 10n ** 12n, (1n << 64n) - 1n]
  if (rng.chance(40))
    out.push(budget.price(rng.chance(80) ? rng.pick(prices.slice(0, 5)) : rng.pick(prices)))
  const heaps = [32, 33, 64, 128, 256].map((k) => k * 1024)
  if (rng.chance(20))
    out.push(budget.heap(rng.chance(85) ? rng.pick(heaps) : rng.pick([0, 1, 32_769, 2 ** 19])))
  const loads = [2 ** 20, 2 ** 26, 2 ** 32 - 1]
  if (rng.chance(15))
    out.push(budget.loaded(rng.chance(70) ? rng.pick(loads) : rng.pick([0, 1, 500, 20_000])))
  if (rng.chance(5) && out.length > 0) out.push(rng.pick(out))
  if (rng.chance(5)) out.push(ask(rng.bytes(rng.below(10)).slice()))
  if (rng.chance(3)) out.push({ ...budget.limit(1000), metas: [meta(world.wallet(), 'w')] })
  return out
}
