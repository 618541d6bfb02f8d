import { addressOf, bytesOf, join, type Part, u64, utf8 } from '../pack.ts'
import type { Address } from '../subject.ts'
import type { Instruction, Meta } from '../wire.ts'
import { type Action, meta, type Plan, rentOf, type World } from '../world.ts'
import { createAccount, rentSysvar, transfer } from './system.ts'

export const tokenProgram: Address = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA'
export const token2022: Address = 'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb'
const mintBytes = 82
const accountBytes = 165
const multisigBytes = 355

/** Names of the parts that accounts of a token program play. */
export const mints = (program: Address): string => `${program} mint`
export const holders = (program: Address): string => `${program} account`

export function token(program: Address, metas: readonly Meta[], ...data: Part[]): Instruction {
  return { program, metas, data: join(...data) }
}

export const option = (key: Address | undefined): Uint8Array =>
  key === undefined ? Uint8Array.of(0) : join([1], bytesOf(key))

export interface Mint {
  readonly address: Address
  readonly authority: Address
  readonly freeze: Address
  readonly supply: bigint
  readonly decimals: number
}
export interface Holder {
  readonly address: Address
  readonly mint: Address
  readonly owner: Address
  readonly amount: bigint
  readonly state: number
}

const number = (data: Uint8Array, at: number): bigint =>
  new DataView(data.buffer, data.byteOffset).getBigUint64(at, true)

export function mintAt(world: World, address: Address | undefined): Mint | undefined {
  const data = address === undefined ? new Uint8Array(0) : world.data(address)
  if (address === undefined || data.length < mintBytes) return undefined
  const authority = addressOf(data.subarray(4, 36))
  const freeze = addressOf(data.subarray(50, 82))
  return { address, authority, freeze, supply: number(data, 36), decimals: data[44]! }
}

export function holderAt(world: World, address: Address | undefined): Holder | undefined {
  const data = address === undefined ? new Uint8Array(0) : world.data(address)
  if (address === undefined || data.length < accountBytes) return undefined
  return {
    address,
    mint: addressOf(data.subarray(0, 32)),
    owner: addressOf(data.subarray(32, 64)),
    amount: number(data, 64),
    state: data[108]!,
  }
}

export function anyMint(world: World, program: Address): Mint | undefined {
  return mintAt(world, world.any(mints(program)))
}

/** An account that somebody with a key holds; of a mint, when one is asked for. */
export function anyHolder(world: World, program: Address, mint?: Address): Holder | undefined {
  for (let tries = 0; tries < 6; tries++) {
    const holder = holderAt(world, world.any(holders(program)))
    if (holder !== undefined && (mint === undefined || holder.mint === mint)) return holder
  }
  return undefined
}

function amountOf(world: World, have: bigint): bigint {
  const some = [0n, 1n, have / 2n, have]
  return world.rng.chance(90) ? world.rng.pick(some) : have + 1n
}

/** A mint that is new; of more bytes than a mint has when there are extensions, which come first. */
export function newMint(
  world: World,
  program: Address,
  bytes: number = mintBytes,
  extensions: (mint: Address) => readonly Instruction[] = () => [],
): Plan {
  const mint = world.fresh().address
  const authority = world.wallet()
  const freeze = world.rng.chance(70) ? world.wallet() : undefined
  const decimals = world.rng.pick([0, 2, 6, 9])
  const body = join([decimals], bytesOf(authority), option(freeze))
  const initialize = world.rng.chance(50)
    ? token(program, [meta(mint, 'w')], [20], body)
    : token(program, [meta(mint, 'w'), meta(rentSysvar)], [0], body)
  const instructions = [
    createAccount(world.wallet(), mint, rentOf(bytes + 400), bytes, program),
    ...extensions(mint),
    initialize,
  ]
  return { instructions, after: () => world.add(mints(program), mint) }
}

export function newHolder(
  world: World,
  program: Address,
  bytes: number = accountBytes,
): Plan | undefined {
  const native = nativeMints[program]!
  const mint = world.rng.chance(20) ? native : world.any(mints(program))
  if (mint === undefined) return undefined
  const account = world.fresh().address
  const owner = world.wallet()
  const ways = [
    token(program, [meta(account, 'w'), meta(mint), meta(owner), meta(rentSysvar)], [1]),
    token(program, [meta(account, 'w'), meta(mint), meta(rentSysvar)], [16], bytesOf(owner)),
    token(program, [meta(account, 'w'), meta(mint)], [18], bytesOf(owner)),
  ]
  const instructions = [
    createAccount(world.wallet(), account, rentOf(bytes), bytes, program),
    ...(world.rng.chance(20) ? [token(program, [meta(account, 'w')], [22])] : []),
    world.rng.pick(ways),
  ]
  const after = (): void => {
    world.add(holders(program), account)
    if (mint === native) world.add(wrapped(program), account)
  }
  return { instructions, after }
}

/** Accounts that hold lamports. */
const wrapped = (program: Address): string => `${program} wrapped`

const nativeMints: Record<Address, Address> = {
  [tokenProgram]: 'So11111111111111111111111111111111111111112',
  [token2022]: '9pan9bMn5HatX4EJdBwg9VgCa7Uz5HL8N1m5D3NdXejP',
}

function anyWrapped(world: World, program: Address): Holder | undefined {
  const found = world.rng.chance(80) ? holderAt(world, world.any(wrapped(program))) : undefined
  return found ?? anyHolder(world, program)
}

type Plain = (world: World, program: Address) => Plan | Instruction | undefined

const plain: Record<string, Plain> = {
  initializeMint: (world, program) => newMint(world, program),
  initializeAccount: (world, program) => newHolder(world, program),
  initializeMultisig(world, program) {
    const account = world.fresh().address
    const count = world.rng.between(1, 11)
    const signers = Array.from({ length: count }, () => meta(world.wallet()))
    const initialize = world.rng.chance(50)
      ? token(program, [meta(account, 'w'), ...signers], [19, world.rng.between(1, count)])
      : token(
          program,
          [meta(account, 'w'), meta(rentSysvar), ...signers],
          [2, world.rng.between(1, count)],
        )
    const bytes = multisigBytes
    const make = createAccount(world.wallet(), account, rentOf(bytes), bytes, program)
    return { instructions: [make, initialize], after: () => world.add('multisig', account) }
  },
  transfer(world, program) {
    const from = anyHolder(world, program)
    const to = anyHolder(world, program, from?.mint)
    if (from === undefined || to === undefined) return undefined
    const metas = [meta(from.address, 'w'), meta(to.address, 'w'), meta(from.owner, 's')]
    return token(program, metas, [3], u64(amountOf(world, from.amount)))
  },
  transferChecked(world, program) {
    const from = anyHolder(world, program)
    const to = anyHolder(world, program, from?.mint)
    const mint = mintAt(world, from?.mint)
    if (from === undefined || to === undefined || mint === undefined) return undefined
    const metas = [
      meta(from.address, 'w'),
      meta(mint.address),
      meta(to.address, 'w'),
      meta(from.owner, 's'),
    ]
    return token(program, metas, [12], u64(amountOf(world, from.amount)), [mint.decimals])
  },
  approve(world, program) {
    const from = anyHolder(world, program)
    const mint = mintAt(world, from?.mint)
    if (from === undefined || mint === undefined) return undefined
    const delegate = meta(world.wallet())
    const owner = meta(from.owner, 's')
    const amount = u64(amountOf(world, from.amount))
    if (world.rng.chance(50))
      return token(program, [meta(from.address, 'w'), delegate, owner], [4], amount)
    const metas = [meta(from.address, 'w'), meta(mint.address), delegate, owner]
    return token(program, metas, [13], amount, [mint.decimals])
  },
  revoke(world, program) {
    const from = anyHolder(world, program)
    if (from === undefined) return undefined
    return token(program, [meta(from.address, 'w'), meta(from.owner, 's')], [5])
  },
  setAuthority(world, program) {
    const kind = world.rng.chance(90) ? world.rng.below(4) : world.rng.below(20)
    const next = option(world.rng.chance(80) ? world.wallet() : undefined)
    if (kind < 2) {
      const mint = anyMint(world, program)
      if (mint === undefined) return undefined
      const authority = kind === 0 ? mint.authority : mint.freeze
      return token(program, [meta(mint.address, 'w'), meta(authority, 's')], [6, kind], next)
    }
    const holder = anyHolder(world, program)
    if (holder === undefined) return undefined
    return token(program, [meta(holder.address, 'w'), meta(holder.owner, 's')], [6, kind], next)
  },
  mintTo(world, program) {
    const to = anyHolder(world, program)
    const mint = mintAt(world, to?.mint)
    if (to === undefined || mint === undefined) return undefined
    const amount = u64(world.rng.chance(95) ? BigInt(world.rng.below(10 ** 9)) : (1n << 64n) - 1n)
    const metas = [meta(mint.address, 'w'), meta(to.address, 'w'), meta(mint.authority, 's')]
    if (world.rng.chance(50)) return token(program, metas, [7], amount)
    return token(program, metas, [14], amount, [mint.decimals])
  },
  burn(world, program) {
    const from = anyHolder(world, program)
    const mint = mintAt(world, from?.mint)
    if (from === undefined || mint === undefined) return undefined
    const metas = [meta(from.address, 'w'), meta(mint.address, 'w'), meta(from.owner, 's')]
    const amount = u64(amountOf(world, from.amount))
    if (world.rng.chance(50)) return token(program, metas, [8], amount)
    return token(program, metas, [15], amount, [mint.decimals])
  },
  closeAccount(world, program) {
    const from = anyHolder(world, program)
    if (from === undefined) return undefined
    const metas = [meta(from.address, 'w'), meta(world.wallet(), 'w'), meta(from.owner, 's')]
    const close = token(program, metas, [9])
    const mint = mintAt(world, from.mint)
    const burn =
      from.amount === 0n || mint === undefined || world.rng.chance(20)
        ? []
        : [
            token(
              program,
              [meta(from.address, 'w'), meta(mint.address, 'w'), meta(from.owner, 's')],
              [8],
              u64(from.amount),
            ),
          ]
    const after = (): void => world.drop(holders(program), from.address)
    return { instructions: [...burn, close], after }
  },
  freeze(world, program) {
    const holder = anyHolder(world, program)
    const mint = mintAt(world, holder?.mint)
    if (holder === undefined || mint === undefined) return undefined
    const code = holder.state === 2 ? 11 : world.rng.chance(40) ? 10 : 11
    const metas = [meta(holder.address, 'w'), meta(mint.address), meta(mint.freeze, 's')]
    return token(program, metas, [code])
  },
  syncNative(world, program) {
    const holder = anyWrapped(world, program)
    if (holder === undefined) return undefined
    return {
      instructions: [
        transfer(world.wallet(), holder.address, 1000n),
        token(program, [meta(holder.address, 'w')], [17]),
      ],
    }
  },
  sizes(world, program) {
    const mint = anyMint(world, program)
    if (mint === undefined) return undefined
    const metas = [meta(mint.address)]
    return world.rng.pick([
      token(program, metas, [21]),
      token(program, metas, [21, 7, 0]),
      token(program, metas, [23], u64(world.rng.value())),
      token(program, metas, [24], utf8(world.rng.pick(['0', '1.5', '123.456789', '1e3', '', 'x']))),
    ])
  },
  withdrawExcess(world, program) {
    const mint = anyMint(world, program)
    if (mint === undefined) return undefined
    const metas = [meta(mint.address, 'w'), meta(world.wallet(), 'w'), meta(mint.authority, 's')]
    return token(program, metas, [38])
  },
  batch(world, program) {
    const from = anyHolder(world, program)
    const to = anyHolder(world, program, from?.mint)
    if (from === undefined || to === undefined) return undefined
    const metas = [meta(from.address, 'w'), meta(to.address, 'w'), meta(from.owner, 's')]
    const one = join([3, 9, 3], u64(1n))
    const count = world.rng.between(1, 3)
    const many = Array.from({ length: count }, () => metas).flat()
    return token(program, many, [255], ...Array.from({ length: count }, () => one))
  },
  unwrap(world, program) {
    const holder = anyWrapped(world, program)
    if (holder === undefined) return undefined
    const metas = [meta(holder.address, 'w'), meta(world.wallet(), 'w'), meta(holder.owner, 's')]
    return token(program, metas, [45], world.rng.chance(50) ? [0] : join([1], u64(1n)))
  },
  noise(world, program) {
    const metas = Array.from({ length: world.rng.below(5) }, () =>
      meta(world.any(holders(program)) ?? world.wallet(), 'w'),
    )
    return token(program, metas, world.rng.bytes(world.rng.below(40)).slice())
  },
}

/** The mint of lamports, as an account that is there from the start. */
export function putNativeMint(world: World, program: Address): void {
  const data = new Uint8Array(mintBytes)
  data[44] = 9
  data[45] = 1
  world.put(nativeMints[program]!, program, rentOf(mintBytes), data)
  world.add(mints(program), nativeMints[program]!)
}

const weights: Record<string, number> = {
  transfer: 4,
  transferChecked: 4,
  mintTo: 4,
  initializeAccount: 3,
  initializeMint: 2,
  burn: 2,
}

export const tokenActions: readonly Action[] = [tokenProgram, token2022].flatMap((program) =>
  Object.entries(plain).map(
    ([name, make]): Action => ({
      name: `${program === token2022 ? 'token2022' : 'token'}.${name}`,
      weight: weights[name] ?? 1,
      plan(world) {
        const made = make(world, program)
        if (made === undefined) return undefined
        return 'program' in made ? { instructions: [made] } : made
      },
    }),
  ),
)
