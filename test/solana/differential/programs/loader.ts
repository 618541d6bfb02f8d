/** Programs that are deployed, upgraded, extended and closed by transactions; and lookup tables. */
import { Asm, Op } from '../asm.ts'
import { derive } from '../keys.ts'
import { addressOf, bytesOf, join, u32, u64 } from '../pack.ts'
import type { Address } from '../subject.ts'
import type { Instruction, Meta } from '../wire.ts'
import { type Action, meta, type Plan, rentOf, type World } from '../world.ts'
import { createAccount, rentSysvar, systemProgram } from './system.ts'

const upgradeable: Address = 'BPFLoaderUpgradeab1e11111111111111111111111'
const clockSysvar: Address = 'SysvarC1ock11111111111111111111111111111111'
const tableProgram: Address = 'AddressLookupTab1e1111111111111111111111111'
/** Bytes before a buffer's data. */
const bufferHead = 37

function load(metas: readonly Meta[], ...data: Uint8Array[]): Instruction {
  return { program: upgradeable, metas, data: join(...data) }
}

/** A program that answers a number. */
function answerElf(version: 0 | 3, answer: number): Uint8Array {
  return new Asm()
    .op(Op.mov, 0, 0, 0, answer)
    .syscall('sol_log_compute_units_')
    .op(Op.mov, 0, 0, 0, answer)
    .op(Op.exit)
    .elf(version)
}

function anyElf(world: World): Uint8Array {
  const elf = answerElf(world.rng.pick([0, 3] as const), world.rng.below(3)).slice()
  if (world.rng.chance(15)) elf[world.rng.below(elf.length)] = world.rng.below(256)
  if (world.rng.chance(5)) return elf.subarray(0, world.rng.below(elf.length))
  return elf
}

function authorityAt(data: Uint8Array, at: number): Address | undefined {
  return data[at] === 1 && data.length >= at + 33
    ? addressOf(data.subarray(at + 1, at + 33))
    : undefined
}

function bufferPlan(world: World): {
  plan: Plan
  buffer: Address
  authority: Address
  bytes: number
} {
  const elf = anyElf(world)
  const buffer = world.fresh().address
  const authority = world.rng.chance(80) ? world.wallets[0]!.address : world.wallet()
  const bytes = bufferHead + elf.length
  const half = world.rng.below(elf.length + 1)
  const write = (from: number, to: number): Instruction =>
    load(
      [meta(buffer, 'w'), meta(authority, 's')],
      u32(1),
      u32(from),
      u64(to - from),
      elf.subarray(from, to),
    )
  const instructions = [
    createAccount(world.wallet(), buffer, rentOf(bytes), bytes, upgradeable),
    load([meta(buffer, 'w'), meta(authority)], u32(0)),
    write(0, half),
    write(half, elf.length),
  ]
  return {
    plan: { instructions, after: () => world.add('buffer', buffer) },
    buffer,
    authority,
    bytes: elf.length,
  }
}

const programDataOf = (program: Address): Address => derive([bytesOf(program)], upgradeable)[0]

function deployed(
  world: World,
): { program: Address; data: Address; authority: Address } | undefined {
  const program = world.any('deployed')
  if (program === undefined) return undefined
  const data = programDataOf(program)
  const authority = authorityAt(world.data(data), 12)
  return { program, data, authority: authority ?? world.wallet() }
}

function buffer(world: World): { address: Address; authority: Address } | undefined {
  const address = world.any('buffer')
  if (address === undefined) return undefined
  return { address, authority: authorityAt(world.data(address), 4) ?? world.wallet() }
}

const loaderActions: readonly Action[] = [
  { name: 'loader.buffer', plan: (world) => bufferPlan(world).plan },
  {
    name: 'loader.write',
    plan(world) {
      const found = buffer(world)
      if (found === undefined) return undefined
      const bytes = world.rng.bytes(world.rng.below(20)).slice()
      const offset = world.rng.chance(80) ? world.rng.below(100) : world.rng.word() >>> 0
      const metas = [meta(found.address, 'w'), meta(found.authority, 's')]
      return { instructions: [load(metas, u32(1), u32(offset), u64(bytes.length), bytes)] }
    },
  },
  {
    name: 'loader.deploy',
    weight: 3,
    plan(world) {
      const made = bufferPlan(world)
      const program = world.fresh().address
      const payer = world.wallet()
      const room = made.bytes + world.rng.pick([0, 0, 100, -1])
      const metas = [
        meta(payer, 'ws'),
        meta(programDataOf(program), 'w'),
        meta(program, 'w'),
        meta(made.buffer, 'w'),
        meta(rentSysvar),
        meta(clockSysvar),
        meta(systemProgram),
        meta(made.authority, 's'),
      ]
      const instructions = [
        ...made.plan.instructions,
        createAccount(payer, program, rentOf(36), 36, upgradeable),
        load(metas, u32(2), u64(room)),
      ]
      const after = (): void => {
        world.add('deployed', program)
        if (world.rng.chance(80)) world.warp(1)
      }
      return { instructions, after }
    },
  },
  {
    name: 'loader.upgrade',
    weight: 2,
    plan(world) {
      const found = deployed(world)
      const from = buffer(world)
      if (found === undefined || from === undefined) return undefined
      const metas = [
        meta(found.data, 'w'),
        meta(found.program, 'w'),
        meta(from.address, 'w'),
        meta(world.wallet(), 'w'),
        meta(rentSysvar),
        meta(clockSysvar),
        meta(found.authority, 's'),
      ]
      const after = (): void => {
        world.drop('buffer', from.address)
        if (world.rng.chance(80)) world.warp(1)
      }
      return { instructions: [load(metas, u32(3))], after }
    },
  },
  {
    name: 'loader.setAuthority',
    plan(world) {
      const found = world.rng.chance(50) ? deployed(world) : undefined
      const from = buffer(world)
      const address = found?.data ?? from?.address
      if (address === undefined) return undefined
      const now = meta((found ?? from)!.authority, 's')
      const next = world.rng.chance(85) ? [meta(world.wallet())] : []
      if (world.rng.chance(50))
        return { instructions: [load([meta(address, 'w'), now, ...next], u32(4))] }
      const metas = [meta(address, 'w'), now, meta(world.wallet(), 's')]
      return { instructions: [load(metas, u32(7))] }
    },
  },
  {
    name: 'loader.close',
    plan(world) {
      const found = world.rng.chance(30) ? deployed(world) : undefined
      if (found !== undefined) {
        const metas = [
          meta(found.data, 'w'),
          meta(world.wallet(), 'w'),
          meta(found.authority, 's'),
          meta(found.program, 'w'),
        ]
        return { instructions: [load(metas, u32(5))] }
      }
      const from = buffer(world)
      if (from === undefined) return undefined
      const metas = [meta(from.address, 'w'), meta(world.wallet(), 'w'), meta(from.authority, 's')]
      return {
        instructions: [load(metas, u32(5))],
        after: () => world.drop('buffer', from.address),
      }
    },
  },
  {
    name: 'loader.extend',
    plan(world) {
      const found = deployed(world)
      if (found === undefined) return undefined
      const payer = [meta(systemProgram), meta(world.wallet(), 'ws')]
      const metas = [meta(found.data, 'w'), meta(found.program, 'w')]
      const more = world.rng.pick([0, 1, 100, 10_240, 20_000])
      if (world.rng.chance(70))
        return { instructions: [load([...metas, ...payer], u32(6), u32(more))] }
      return {
        instructions: [load([...metas, meta(found.authority, 's'), ...payer], u32(9), u32(more))],
      }
    },
  },
  {
    name: 'loader.call',
    weight: 3,
    plan(world) {
      const found = deployed(world)
      if (found === undefined) return undefined
      return { instructions: [{ program: found.program, metas: [], data: new Uint8Array(0) }] }
    },
  },
]

function table(world: World): { address: Address; authority: Address } | undefined {
  if (world.tables.length === 0) return undefined
  const { address } = world.rng.pick(world.tables)
  const data = world.data(address)
  return { address, authority: authorityAt(data, 21) ?? world.wallet() }
}

/** What senders know of a table: the addresses that it stores. */
function learn(world: World, address: Address): void {
  const data = world.data(address)
  const entries = Array.from({ length: Math.floor((data.length - 56) / 32) }, (_, i) =>
    addressOf(data.subarray(56 + 32 * i, 88 + 32 * i)),
  )
  const at = world.tables.findIndex((row) => row.address === address)
  if (at < 0) world.tables.push({ address, entries })
  else world.tables[at] = { address, entries }
}

const tableActions: readonly Action[] = [
  {
    name: 'alt.create',
    plan(world) {
      const authority = world.fresh().address
      const slot = world.rng.chance(90) ? world.firstSlot : world.slot
      const [address, bump] = derive([bytesOf(authority), u64(slot)], tableProgram)
      const metas = [
        meta(address, 'w'),
        meta(authority, world.rng.chance(50) ? 's' : ''),
        meta(world.wallet(), 'ws'),
        meta(systemProgram),
      ]
      const data = join(u32(0), u64(slot), [bump])
      return {
        instructions: [{ program: tableProgram, metas, data }],
        after: () => learn(world, address),
      }
    },
  },
  {
    name: 'alt.extend',
    weight: 3,
    plan(world) {
      const found = table(world)
      if (found === undefined) return undefined
      const count = world.rng.pick([1, 3, 10, 30])
      const keys = Array.from({ length: count }, () => bytesOf(world.anyone()))
      const metas = [
        meta(found.address, 'w'),
        meta(found.authority, 's'),
        meta(world.wallet(), 'ws'),
        meta(systemProgram),
      ]
      const data = join(u32(2), u64(count), ...keys)
      const after = (): void => {
        learn(world, found.address)
        if (world.rng.chance(80)) world.warp(1)
      }
      return { instructions: [{ program: tableProgram, metas, data }], after }
    },
  },
  {
    name: 'alt.end',
    plan(world) {
      const found = table(world)
      if (found === undefined) return undefined
      const metas = [meta(found.address, 'w'), meta(found.authority, 's')]
      const code = world.rng.pick([1, 3, 3, 4, 4])
      if (code === 4) metas.push(meta(world.wallet(), 'w'))
      const after = (): void => {
        if (world.rng.chance(50)) world.warp(600)
      }
      return { instructions: [{ program: tableProgram, metas, data: u32(code) }], after }
    },
  },
]

export const deployActions: readonly Action[] = [...loaderActions, ...tableActions]
