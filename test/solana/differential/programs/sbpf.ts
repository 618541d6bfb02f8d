/** Programs of our own on both sides: syscalls with all kinds of pointers, writes to accounts, calls of programs. */
import { derive } from '../keys.ts'
import { bytesOf, join, toBase64, u16, u32, u64, utf8 } from '../pack.ts'
import { type Syscall, script, scriptElf } from '../script.ts'
import type { Address } from '../subject.ts'
import type { Meta } from '../wire.ts'
import { type Action, meta, type Plan, rentOf, type World } from '../world.ts'
import {
  type Callee,
  heap,
  Image,
  imageOfCall,
  input,
  type Layout,
  layoutOf,
  pointer,
  size,
  syscall,
  sysvarIds,
} from './sbpf-calls.ts'
import { memoPrograms } from './small.ts'
import { systemProgram } from './system.ts'

export const loaders: readonly Address[] = [
  'BPFLoader1111111111111111111111111111111111',
  'BPFLoader2111111111111111111111111111111111',
]
export const scripts = 'script program'
/** Accounts that a script program owns, by its address. */
const ownedBy = (program: Address): string => `${program} state`

/** Puts the script program there, in versions 0 and 3 and under the old loaders, each with accounts it owns. */
export function putScripts(world: World): void {
  const ways: readonly [0 | 3, Address | undefined][] = [
    [3, undefined],
    [0, undefined],
    [0, loaders[1]],
    [0, loaders[0]],
  ]
  for (const [version, loader] of ways) {
    const { address } = world.fresh()
    const elf = toBase64(scriptElf(version))
    world.act({ op: 'addProgram', address, elf, ...(loader === undefined ? {} : { loader }) })
    world.add(scripts, address)
    world.add('program', address)
    for (const bytes of [0, 16, 200]) {
      const state = world.fresh().address
      world.put(state, address, rentOf(bytes) + 5000n, world.rng.bytes(bytes).slice())
      world.add(ownedBy(address), state)
    }
    const [derived] = derive([utf8('seed')], address)
    world.put(derived, address, rentOf(40), new Uint8Array(40))
    world.add(ownedBy(address), derived)
    const [wallet] = derive([utf8('wallet')], address)
    world.put(wallet, systemProgram, 10n ** 10n)
    world.add(ownedBy(address), wallet)
  }
}

/** A program that is asked, and how its parameters lie. */
function pick(world: World): { program: Address; aligned: boolean } | undefined {
  const program = world.any(scripts)
  if (program === undefined) return undefined
  return { program, aligned: world.account(program)?.owner !== loaders[0] }
}

function metasOf(world: World, program: Address, count: number): Meta[] {
  return Array.from({ length: count }, () => {
    const wallet = world.rng.chance(40)
    const key = wallet ? world.wallet() : (world.any(ownedBy(program)) ?? world.wallet())
    return meta(key, wallet && world.rng.chance(70) ? 'ws' : world.rng.chance(80) ? 'w' : '')
  })
}

const instructionsSysvar: Address = 'Sysvar1nstructions1111111111111111111111111'

/** The image first, then what uses it. */
function whole(image: Image, commands: readonly Uint8Array[]): Uint8Array {
  const bytes = image.bytes()
  const put = bytes.length > 0 ? [script.put(heap + 1024n, bytes)] : []
  return join(...put, ...commands)
}

function one(program: Address, metas: readonly Meta[], data: Uint8Array): Plan {
  return { instructions: [{ program, metas, data }] }
}

/** Programs that a script calls, with accounts among those it was given. */
function calleeOf(world: World, program: Address, layout: Layout): Callee {
  const { rng } = world
  const some = (): Meta =>
    layout.accounts.length > 0 ? rng.pick(layout.accounts).meta : meta(world.wallet())
  const given = (from: readonly Address[]): Address =>
    (rng.chance(95)
      ? layout.accounts.find((row) => from.includes(row.meta.key))?.meta.key
      : undefined) ?? rng.pick(from)
  const signer = (): Meta => layout.accounts.find((row) => row.meta.signer)?.meta ?? some()
  const ways: (() => Callee)[] = [
    () => {
      const [from, to] = [rng.chance(90) ? signer() : some(), some()]
      const metas = [meta(from.key, 'ws'), meta(to.key, 'w')]
      return {
        instruction: { program: systemProgram, metas, data: join(u32(2), u64(rng.below(2000))) },
      }
    },
    () => {
      const [from] = derive([utf8('wallet')], program)
      const metas = [meta(from, 'ws'), meta(some().key, 'w')]
      const [, bump] = derive([utf8('wallet')], program)
      const instruction = {
        program: systemProgram,
        metas,
        data: join(u32(2), u64(rng.below(2000))),
      }
      return { instruction, seeds: [[utf8('wallet'), [bump]]] }
    },
    () => ({
      instruction: {
        program: given(memoPrograms),
        metas: rng.chance(50) ? [] : [meta(signer().key, 's')],
        data: utf8('hello'),
      },
    }),
    () => ({
      instruction: {
        program: given(world.all(scripts)),
        metas: Array.from({ length: rng.below(4) }, () => {
          const { key, signer, writable } = some()
          return { key, signer: signer && rng.chance(50), writable: writable && rng.chance(80) }
        }),
        data: join(
          ...Array.from({ length: rng.below(3) }, () =>
            rng.pick([
              script.call('sol_get_stack_height'),
              script.call('sol_set_return_data', input, rng.pick([0, 8, 100])),
              script.load(8, input),
              script.store(8, input + 80n, rng.below(3)),
              script.store(1, input + 96n, 7),
              script.store(8, input + 88n, rng.pick([0, 10, 300, 20_000])),
            ]),
          ),
          rng.chance(20) ? script.exit(rng.pick([1n, 6n << 32n, 99n])) : [],
        ),
      },
    }),
    () => ({
      instruction: {
        program: rng.chance(50) ? world.anyone() : rng.pick(loaders),
        metas: [some()],
        data: rng.bytes(rng.below(12)).slice(),
      },
    }),
  ]
  return rng.pick(ways)()
}

const heights: readonly Syscall[] = ['sol_get_stack_height', 'sol_log_compute_units_']

export const sbpfActions: readonly Action[] = [
  {
    name: 'sbpf.syscalls',
    weight: 6,
    plan(world) {
      const picked = pick(world)
      if (picked === undefined) return undefined
      const { program, aligned } = picked
      const metas = metasOf(world, program, world.rng.below(4))
      const layout = layoutOf(world, metas, aligned)
      const image = new Image()
      const count = world.rng.between(1, 4)
      const commands = Array.from({ length: count }, () => syscall(world, layout, image))
      return one(program, metas, whole(image, commands))
    },
  },
  {
    name: 'sbpf.memory',
    weight: 3,
    plan(world) {
      const picked = pick(world)
      if (picked === undefined) return undefined
      const { program, aligned } = picked
      const metas = metasOf(world, program, world.rng.below(3))
      const layout = layoutOf(world, metas, aligned)
      const { rng } = world
      const commands = Array.from({ length: rng.between(1, 5) }, () => {
        const bytes = rng.pick([1, 2, 4, 8] as const)
        const at = pointer(world, layout)
        const kind = rng.below(20)
        if (kind < 9) return script.load(bytes, at)
        if (kind < 16) return script.store(bytes, at, rng.value())
        if (kind === 16) return script.recurse(rng.pick([0, 1, 5, 61, 62, 63, 64]))
        if (kind === 17) return script.spin(rng.pick([0, 1, 100, 70_000]))
        if (kind === 18)
          return script.callx(rng.chance(50) ? at : (1n << 32n) + BigInt(rng.below(200) * 8))
        return script.divide(rng.value(), rng.chance(30) ? 0 : rng.value())
      })
      if (rng.chance(30))
        commands.push(script.exit(rng.chance(50) ? BigInt(rng.below(40)) << 32n : rng.value()))
      return one(program, metas, join(...commands))
    },
  },
  {
    name: 'sbpf.accounts',
    weight: 5,
    plan(world) {
      const picked = pick(world)
      if (picked === undefined) return undefined
      const { program, aligned } = picked
      const { rng } = world
      const metas = metasOf(world, program, rng.between(1, 4))
      const { accounts } = layoutOf(world, metas, aligned)
      const commands = Array.from({ length: rng.between(1, 3) }, (): Uint8Array => {
        const place = rng.pick(accounts)
        const other = rng.pick(accounts)
        const have = world.lamports(place.meta.key)
        const amount = BigInt(rng.pick([0, 1, 1000, 5000]))
        switch (rng.below(8)) {
          case 0:
            return script.store(1, place.data + BigInt(rng.below(place.bytes + 2)), rng.below(256))
          case 1:
            return script.store(8, place.lamports, have + amount)
          case 2: {
            const least = have - amount < 0n ? 0n : have - amount
            const gain = world.lamports(other.meta.key) + (have - least)
            return join(
              script.store(8, place.lamports, least),
              script.store(8, other.lamports, gain),
            )
          }
          case 3: {
            const bytes = rng.pick([
              0,
              1,
              place.bytes + 1,
              place.bytes + 10_240,
              place.bytes + 10_241,
              300,
            ])
            return script.store(8, place.data - 8n, bytes)
          }
          case 4:
            return script.put(place.owner, bytesOf(rng.chance(50) ? systemProgram : world.anyone()))
          case 5:
            return script.store(1, place.key - rng.pick([5n, 6n, 7n, 8n]), rng.below(2))
          case 6:
            return script.call('sol_memset_', place.data, 0, place.bytes)
          default:
            return script.store(8, place.key + 8n, rng.value())
        }
      })
      return one(program, metas, join(...commands))
    },
  },
  {
    name: 'sbpf.invoke',
    weight: 8,
    plan(world) {
      const picked = pick(world)
      if (picked === undefined) return undefined
      const { program, aligned } = picked
      const { rng } = world
      const metas = metasOf(world, program, rng.between(1, 4))
      if (rng.chance(60)) metas.push(meta(derive([utf8('wallet')], program)[0], 'w'))
      for (const callee of [systemProgram, rng.pick(memoPrograms), world.any(scripts)!])
        if (rng.chance(92)) metas.push(meta(callee))
      const layout = layoutOf(world, metas, aligned)
      const image = new Image()
      const commands: Uint8Array[] = []
      for (let i = rng.pick([1, 1, 2, 3]); i > 0; i--) {
        const abi = rng.chance(50) ? 'c' : 'rust'
        const start = image.at
        const args = imageOfCall(abi, layout, calleeOf(world, program, layout), image)
        if (rng.chance(25)) commands.push(spoil(world, start, image.at, layout))
        if (rng.chance(10))
          args[rng.below(5)] = rng.chance(50) ? pointer(world, layout) : size(world)
        if (rng.chance(20)) commands.push(script.call(rng.pick(heights)))
        commands.push(
          script.call(abi === 'c' ? 'sol_invoke_signed_c' : 'sol_invoke_signed_rust', ...args),
        )
        if (rng.chance(20)) commands.push(script.call('sol_get_return_data', heap, 64, heap + 512n))
        if (rng.chance(20)) commands.push(script.load(8, rng.pick(layout.accounts).lamports))
      }
      return one(program, metas, whole(image, commands))
    },
  },
  {
    name: 'sbpf.input',
    weight: 2,
    plan(world) {
      const picked = pick(world)
      if (picked === undefined) return undefined
      const { program, aligned } = picked
      const { rng } = world
      const metas = metasOf(world, program, rng.below(4))
      for (let i = rng.below(4); i > 0; i--) {
        const key = rng.chance(60) ? rng.pick([...sysvarIds, instructionsSysvar]) : world.anyone()
        metas.push(meta(key, rng.chance(30) ? 'w' : ''))
      }
      const layout = layoutOf(world, metas, aligned)
      // All that the program is given, from the number of accounts to its own address.
      const image = new Image()
      const bytes = Number(layout.data - input)
      const all = image.put(u64(input), u64(bytes + rng.pick([0, 0, 40, 300])))
      const found = image.put(new Uint8Array(32))
      const slice = image.put(u64(found), u64(32))
      const commands = [
        script.call('sol_sha256', all, 1, found),
        script.call('sol_log_data', slice, 1),
      ]
      const last = layout.accounts.at(-1)
      if (last !== undefined) {
        const some = image.put(u64(last.data), u64(Math.min(last.bytes, 300)))
        commands.push(script.call('sol_log_data', some, 1))
      }
      if (rng.chance(40)) {
        const [told, by, data] = [
          image.put(u64(2), u64(40)),
          image.put(new Uint8Array(32)),
          image.put(new Uint8Array(40)),
        ]
        const accounts = image.put(new Uint8Array(102))
        const shown = image.put(u64(told), u64(16), u64(by), u64(32), u64(data), u64(40))
        commands.push(
          script.call(
            'sol_get_processed_sibling_instruction',
            rng.below(3),
            told,
            by,
            data,
            accounts,
          ),
          script.call('sol_log_data', shown, 3),
        )
      }
      const one = { program, metas, data: whole(image, commands) }
      const before = rng.chance(40)
        ? [{ program: rng.pick(memoPrograms), metas: [], data: utf8('before') }]
        : []
      return { instructions: [...before, one] }
    },
  },
  {
    name: 'sbpf.deep',
    weight: 1,
    plan(world) {
      const picked = pick(world)
      if (picked === undefined) return undefined
      const { program, aligned } = picked
      let data = script.call('sol_get_stack_height')
      const metas = [meta(program), meta(world.any(scripts)!)]
      const layout = layoutOf(world, metas, aligned)
      for (let depth = world.rng.between(1, 6); depth > 0; depth--) {
        const image = new Image()
        const callee = { program: world.rng.chance(80) ? program : metas[1]!.key, metas, data }
        const args = imageOfCall('c', layout, { instruction: callee }, image)
        data = whole(image, [script.call('sol_invoke_signed_c', ...args)])
      }
      return one(program, metas, data)
    },
  },
]

/** Changes a word of what was laid out, before it is used. */
function spoil(world: World, from: bigint, to: bigint, layout: Layout): Uint8Array {
  const { rng } = world
  const words = Number((to - from) / 8n)
  const at = from + BigInt(rng.below(Math.max(1, words)) * 8)
  const kind = rng.below(4)
  if (kind === 0) return script.store(8, at, pointer(world, layout))
  if (kind === 1) return script.store(8, at, size(world))
  if (kind === 2) return script.store(1, at + BigInt(rng.below(8)), rng.below(256))
  return script.store(2, at, Number(u16(rng.below(65_536))[0]))
}
