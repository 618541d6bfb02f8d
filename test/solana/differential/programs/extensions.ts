/** Mints and accounts of token-2022 with extensions. */
import { sha256 } from '../keys.ts'
import { bytesOf, join, type Part, u16, u32, u64, utf8 } from '../pack.ts'
import type { Address } from '../subject.ts'
import type { Instruction, Meta } from '../wire.ts'
import { type Action, meta, type Plan, type World } from '../world.ts'
import { associated, createAssociated } from './small.ts'
import { systemProgram } from './system.ts'
import { anyHolder, anyMint, holders, mintAt, newMint, option, token, token2022 } from './token.ts'

/** An extension of a mint: bytes of its body, and the data that initializes it. */
interface Extension {
  readonly bytes: number
  data(world: World): readonly Part[]
}

function f64(value: number): Uint8Array {
  const out = new Uint8Array(8)
  new DataView(out.buffer).setFloat64(0, value, true)
  return out
}

/** Who rules most extensions: the same in most mints, so that others can be told to change them. */
const ruler = (world: World): Address =>
  world.rng.chance(85) ? world.wallets[0]!.address : world.wallet()
const someone = (world: World): Uint8Array => bytesOf(ruler(world))
const withExtension = (name: string): string => `mint with ${name}`
const pointer = (code: number): Extension => ({
  bytes: 64,
  data: (world) => [[code, 0], someone(world), someone(world)],
})

const extensions: Record<string, Extension> = {
  transferFee: {
    bytes: 108,
    data: (world) => [
      [26, 0],
      option(ruler(world)),
      option(ruler(world)),
      u16(world.rng.below(600)),
      u64(world.rng.below(10_000)),
    ],
  },
  closeAuthority: { bytes: 32, data: (world) => [[25], option(ruler(world))] },
  confidential: {
    bytes: 97,
    data: (world) => [[27, 0], someone(world), [1], new Uint8Array(32)],
  },
  defaultState: { bytes: 1, data: (world) => [[28, 0, world.rng.pick([1, 1, 2])]] },
  nonTransferable: { bytes: 0, data: () => [[32]] },
  interest: { bytes: 52, data: (world) => [[33, 0], someone(world), u16(world.rng.below(500))] },
  permanentDelegate: { bytes: 32, data: (world) => [[35], someone(world)] },
  hook: {
    bytes: 64,
    data: (world) => [[36, 0], someone(world), bytesOf(world.any('program') ?? systemProgram)],
  },
  metadata: pointer(39),
  group: pointer(40),
  member: pointer(41),
  scaled: {
    bytes: 56,
    data: (world) => [[43, 0], someone(world), f64(world.rng.pick([1, 2.5, 0.1]))],
  },
  pausable: { bytes: 33, data: (world) => [[44, 0], someone(world)] },
}

const call = (metas: readonly Meta[], ...data: readonly Part[]): Instruction =>
  token(token2022, metas, ...data)

function discriminator(name: string): Uint8Array {
  return sha256(utf8(`spl_token_metadata_interface:${name}`)).subarray(0, 8)
}

const text = (value: string): Uint8Array => join(u32(value.length), utf8(value))

type Way = (world: World) => Instruction | readonly Instruction[] | undefined

type Make = (world: World, mint: Address, who: Meta) => Instruction | readonly Instruction[]

/** For a mint with the extension, most times. */
function withMint(extension: string, make: Make): Way {
  return (world) => {
    const named = world.rng.chance(85) ? world.any(withExtension(extension)) : undefined
    const mint = named === undefined ? anyMint(world, token2022) : mintAt(world, named)
    if (mint === undefined) return undefined
    const own = named === undefined || world.rng.chance(10)
    return make(world, mint.address, meta(own ? mint.authority : ruler(world), 's'))
  }
}

function withHolder(
  make: (world: World, address: Address, owner: Meta) => Instruction | readonly Instruction[],
): Way {
  return (world) => {
    const holder = anyHolder(world, token2022)
    if (holder === undefined) return undefined
    return make(world, holder.address, meta(holder.owner, 's'))
  }
}

/** Makes an account longer for an extension. */
function roomFor(world: World, address: Address, owner: Meta, type: number): Instruction {
  const metas = [meta(address, 'w'), meta(world.wallet(), 'ws'), meta(systemProgram), owner]
  return call(metas, [29], u16(type))
}

const ways: Record<string, Way> = {
  transferWithFee(world) {
    const from = anyHolder(world, token2022)
    const to = anyHolder(world, token2022, from?.mint)
    const mint = mintAt(world, from?.mint)
    if (from === undefined || to === undefined || mint === undefined) return undefined
    const metas = [
      meta(from.address, 'w'),
      meta(mint.address),
      meta(to.address, 'w'),
      meta(from.owner, 's'),
    ]
    return call(metas, [26, 1], u64(from.amount / 2n), [mint.decimals], u64(world.rng.below(3)))
  },
  withdrawFees: withMint('transferFee', (world, mint, who) => {
    const owner = world.wallet()
    const to = associated(owner, mint, token2022)
    const make = createAssociated(owner, owner, mint, token2022)
    if (world.rng.chance(50)) return [make, call([meta(mint, 'w'), meta(to, 'w'), who], [26, 2])]
    return [make, call([meta(mint), meta(to, 'w'), who, meta(to, 'w')], [26, 3, 1])]
  }),
  harvest: withMint('transferFee', (world, mint) => {
    const from = anyHolder(world, token2022, mint)?.address ?? world.wallet()
    return call([meta(mint, 'w'), meta(from, 'w')], [26, 4])
  }),
  setFee: withMint('transferFee', (world, mint, who) =>
    call([meta(mint, 'w'), who], [26, 5], u16(world.rng.below(20_000)), u64(world.rng.below(99))),
  ),
  memoTransfer: withHolder((world, address, owner) => [
    roomFor(world, address, owner, 8),
    call([meta(address, 'w'), owner], [30, world.rng.below(2)]),
  ]),
  cpiGuard: withHolder((world, address, owner) => [
    roomFor(world, address, owner, 11),
    call([meta(address, 'w'), owner], [34, world.rng.below(2)]),
  ]),
  reallocate: withHolder((world, address, owner) => {
    const types = Array.from({ length: world.rng.between(1, 3) }, () =>
      u16(world.rng.pick([7, 8, 8, 11, 11, 5, 3])),
    )
    const metas = [meta(address, 'w'), meta(world.wallet(), 'ws'), meta(systemProgram), owner]
    return call(metas, [29], ...types)
  }),
  rate: withMint('interest', (world, mint, who) =>
    call([meta(mint, 'w'), who], [33, 1], u16(world.rng.below(30_000))),
  ),
  state: withMint('defaultState', (world, mint, who) =>
    call(
      [meta(mint, 'w'), meta(mintAt(world, mint)?.freeze ?? who.key, 's')],
      [28, 1, world.rng.below(4)],
    ),
  ),
  pause: withMint('pausable', (world, mint, who) =>
    call([meta(mint, 'w'), who], [44, world.rng.between(1, 2)]),
  ),
  scale: withMint('scaled', (world, mint, who) =>
    call([meta(mint, 'w'), who], [43, 1], f64(world.rng.pick([1, 3.25, 1e-9])), u64(0)),
  ),
  pointers: withMint('metadata', (world, mint, who) =>
    call([meta(mint, 'w'), who], [world.rng.pick([36, 39, 40, 41]), 1], someone(world)),
  ),
  closeMint: withMint('closeAuthority', (world, mint, who) =>
    call([meta(mint, 'w'), meta(world.wallet(), 'w'), who], [9]),
  ),
  metadata: withMint('metadata', (world, mint) => {
    const strings = [world.rng.pick(['Name', 'A longer name', '']), 'SYM', 'https://example.org']
    return call(
      [meta(mint, 'w'), meta(ruler(world)), meta(mint), meta(mintAt(world, mint)!.authority, 's')],
      discriminator('initialize_account'),
      ...strings.map(text),
    )
  }),
  updateField: withMint('metadata', (world, mint, who) => {
    const field = world.rng.pick([Uint8Array.of(0), Uint8Array.of(2), join([3], text('key'))])
    return call([meta(mint, 'w'), who], discriminator('updating_field'), field, text('new value'))
  }),
  emit: withMint('metadata', (_, mint) => call([meta(mint)], discriminator('emitter'), [0, 0])),
  createNative: (world) =>
    call(
      [
        meta(world.wallet(), 'ws'),
        meta('9pan9bMn5HatX4EJdBwg9VgCa7Uz5HL8N1m5D3NdXejP', 'w'),
        meta(systemProgram),
      ],
      [31],
    ),
}

function extendedMint(world: World): Plan {
  const names = Object.keys(extensions).filter(() => world.rng.chance(22))
  const chosen = names.map((name) => extensions[name]!)
  let made = ''
  const bytes = chosen.reduce((sum, { bytes: body }) => sum + 4 + body, 166)
  const size = chosen.length === 0 ? 82 : bytes === 355 ? 357 : bytes
  const plan = newMint(world, token2022, size, (mint) => {
    made = mint
    return chosen.map((extension) => call([meta(mint, 'w')], ...extension.data(world)))
  })
  const after = (): void => {
    plan.after?.()
    for (const name of names) world.add(withExtension(name), made)
  }
  return { ...plan, after }
}

export const extensionActions: readonly Action[] = [
  { name: 'extension.mint', weight: 5, plan: extendedMint },
  {
    name: 'extension.holder',
    weight: 4,
    plan(world) {
      const mint = anyMint(world, token2022)
      if (mint === undefined) return undefined
      const owner = world.wallet()
      const to = associated(owner, mint.address, token2022)
      const metas = [meta(mint.address, 'w'), meta(to, 'w'), meta(mint.authority, 's')]
      const instructions = [
        createAssociated(owner, owner, mint.address, token2022),
        call(metas, [7], u64(world.rng.below(10 ** 9))),
      ]
      return { instructions, after: () => world.add(holders(token2022), to) }
    },
  },
  ...Object.entries(ways).map(
    ([name, make]): Action => ({
      name: `extension.${name}`,
      plan(world) {
        const made = make(world)
        if (made === undefined) return undefined
        return { instructions: 'program' in made ? [made] : made }
      },
    }),
  ),
]
