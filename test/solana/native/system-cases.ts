import { withSeed } from '../differential/keys.ts'
import { bytesOf, join, text64, u32, u64 } from '../differential/pack.ts'
import type { Address } from '../differential/subject.ts'
import { type Case, Draw, rentOf, systemId, sysvars } from './cases.ts'

/** Seeds of addresses: some too long, some of more bytes than letters. */
function seedOf(draw: Draw): string {
  const { rng } = draw
  const letter = rng.pick(['a', 'é', '\0', '€'])
  return letter.repeat(rng.pick([0, 1, 5, 10, 16, 31, 32, 33]))
}

/** A usual owner, or one that ends as the input of derived addresses does. */
function ownerOf(draw: Draw): Address {
  const { rng } = draw
  if (rng.chance(4)) return 'ComputeBudget111111111111111111111111111111'
  return rng.chance(15) ? systemId : draw.address()
}

/** Where derived addresses lie: mostly where they should. */
function derivedOf(draw: Draw, base: Address, seed: string, owner: Address): Address {
  const bytes = new TextEncoder().encode(seed).length
  return draw.rng.chance(90) && bytes <= 32 ? withSeed(base, seed, owner) : draw.address()
}

const space = (draw: Draw): bigint =>
  draw.amount(0n, 1n, 80n, 200n, 10_240n, 10_485_760n, draw.rng.chance(5) ? 1n << 40n : 3n)

function nonceBytes(draw: Draw, authority: Address, nonce: Uint8Array): Uint8Array {
  const { rng } = draw
  const version = rng.pick([0, 0, 1, 1, 1, 2])
  const state = rng.pick([0, 1, 1, 1, 1, 2])
  const bytes = join(
    u32(version),
    u32(state),
    bytesOf(authority),
    nonce,
    u64(rng.pick([5000n, 0n, 1n])),
  )
  if (rng.chance(10)) return bytes.subarray(0, rng.pick([0, 7, 8, 79]))
  if (rng.chance(10)) return join(bytes, draw.bytes(5))
  return rng.chance(15) ? new Uint8Array(80) : bytes
}

/** A nonce account, named first, and who decides about it. */
function nonce(draw: Draw, current: Uint8Array): { readonly account: Address; authority: Address } {
  const { rng } = draw
  const authority = draw.rich()
  const bytes = nonceBytes(draw, authority, rng.chance(15) ? current : draw.bytes(32))
  const account = draw.put(draw.address(), {
    bytes,
    lamports: rng.pick([0n, 5n, 1_000_000_000n, -1n]).toString().replace('-1', '1447679'),
    ...(rng.chance(10) ? { owner: draw.address() } : {}),
  })
  if (rng.chance(60)) draw.put(account, { bytes, lamports: (rentOf(80) + 7n).toString() })
  draw.name(account, 'w')
  return { account, authority }
}

type Make = (draw: Draw, current: Uint8Array) => Uint8Array

const makers: readonly (readonly [name: string, make: Make])[] = [
  [
    'CreateAccount',
    (draw) => {
      draw.name(draw.rng.chance(80) ? draw.rich() : draw.any(), 'ws')
      draw.name(draw.rng.chance(75) ? draw.address() : draw.any(), 'ws')
      return join(
        u64(draw.amount(rentOf(0), rentOf(200), 10n ** 10n)),
        u64(space(draw)),
        bytesOf(ownerOf(draw)),
      )
    },
  ],
  [
    'Assign',
    (draw) => {
      draw.name(draw.any(), draw.rng.chance(85) ? 'ws' : 'w')
      return bytesOf(ownerOf(draw))
    },
  ],
  [
    'Transfer',
    (draw) => {
      draw.name(draw.rng.chance(70) ? draw.rich() : draw.any(), 'ws')
      draw.name(draw.any(), 'w')
      return u64(draw.amount(0n, rentOf(0), 10n ** 10n, 10n ** 10n - rentOf(0)))
    },
  ],
  [
    'CreateAccountWithSeed',
    (draw) => {
      const [base, seed, owner] = [draw.rich(), seedOf(draw), ownerOf(draw)]
      draw.name(draw.rng.chance(80) ? draw.rich() : base, 'ws')
      draw.name(derivedOf(draw, base, seed, owner), 'w')
      draw.name(base, draw.rng.chance(90) ? 's' : '')
      return join(bytesOf(base), text64(seed), u64(rentOf(200)), u64(space(draw)), bytesOf(owner))
    },
  ],
  [
    'AdvanceNonceAccount',
    (draw, current) => {
      const { authority } = nonce(draw, current)
      draw.name(sysvars.recentBlockhashes)
      draw.name(authority, draw.rng.chance(90) ? 's' : '')
      return new Uint8Array(0)
    },
  ],
  [
    'WithdrawNonceAccount',
    (draw, current) => {
      const { account, authority } = nonce(draw, current)
      draw.name(draw.rng.chance(90) ? draw.any() : account, 'w')
      draw.name(sysvars.recentBlockhashes)
      draw.name(sysvars.rent)
      draw.name(draw.rng.chance(90) ? authority : account, draw.rng.chance(90) ? 's' : '')
      const { lamports } = draw.accounts.get(account)!
      return u64(draw.amount(0n, 7n, BigInt(lamports)))
    },
  ],
  [
    'InitializeNonceAccount',
    (draw, current) => {
      const { account } = nonce(draw, current)
      if (draw.rng.chance(70))
        draw.put(account, {
          bytes: new Uint8Array(80),
          lamports: (rentOf(80) - (draw.rng.chance(20) ? 1n : 0n)).toString(),
        })
      draw.name(sysvars.recentBlockhashes)
      draw.name(sysvars.rent)
      return bytesOf(draw.address())
    },
  ],
  [
    'AuthorizeNonceAccount',
    (draw, current) => {
      const { authority } = nonce(draw, current)
      draw.name(authority, draw.rng.chance(90) ? 's' : '')
      return bytesOf(draw.address())
    },
  ],
  [
    'Allocate',
    (draw) => {
      draw.name(draw.any(), draw.rng.chance(85) ? 'ws' : 'w')
      return u64(space(draw))
    },
  ],
  [
    'AllocateWithSeed',
    (draw) => {
      const [base, seed, owner] = [draw.rich(), seedOf(draw), ownerOf(draw)]
      const account = derivedOf(draw, base, seed, owner)
      if (draw.rng.chance(80)) draw.put(account, { lamports: '100000000000' })
      draw.name(account, 'w')
      draw.name(base, draw.rng.chance(90) ? 's' : '')
      return join(bytesOf(base), text64(seed), u64(space(draw)), bytesOf(owner))
    },
  ],
  [
    'AssignWithSeed',
    (draw) => {
      const [base, seed, owner] = [draw.rich(), seedOf(draw), ownerOf(draw)]
      const account = derivedOf(draw, base, seed, owner)
      if (draw.rng.chance(80)) draw.put(account, { lamports: '1000000000' })
      draw.name(account, 'w')
      draw.name(base, draw.rng.chance(90) ? 's' : '')
      return join(bytesOf(base), text64(seed), bytesOf(owner))
    },
  ],
  [
    'TransferWithSeed',
    (draw) => {
      const [base, seed, owner] = [draw.rich(), seedOf(draw), ownerOf(draw)]
      const from = derivedOf(draw, base, seed, owner)
      draw.put(from, { lamports: '1000000000', ...(draw.rng.chance(10) ? { owner } : {}) })
      draw.name(from, 'w')
      draw.name(base, draw.rng.chance(90) ? 's' : '')
      draw.name(draw.any(), 'w')
      return join(u64(draw.amount(0n, rentOf(0), 10n ** 9n)), text64(seed), bytesOf(owner))
    },
  ],
  [
    'UpgradeNonceAccount',
    (draw, current) => {
      nonce(draw, current)
      return new Uint8Array(0)
    },
  ],
  [
    'CreateAccountAllowPrefund',
    (draw) => {
      draw.name(draw.rng.chance(30) ? draw.address() : draw.any(), 'ws')
      if (draw.rng.chance(90)) draw.name(draw.rich(), 'ws')
      const lamports = draw.rng.chance(20) ? 0n : draw.amount(rentOf(0), rentOf(200), 10n ** 10n)
      return join(u64(lamports), u64(space(draw)), bytesOf(ownerOf(draw)))
    },
  ],
]

/** @param current the nonce that the latest blockhash gives */
export function systemCase(seed: number, current: Uint8Array): Case {
  const draw = new Draw(seed)
  const index = draw.rng.below(makers.length)
  const [name, make] = makers[index]!
  const number = draw.rng.chance(1) ? 14 : index
  const data = join(u32(number), make(draw, current))
  return draw.finish(`system.${name}`, systemId, data)
}
