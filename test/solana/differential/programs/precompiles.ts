/** Signatures that are checked before a transaction runs. */
import { p256 } from '@noble/curves/nist.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { keypairOf, sha256, signWith } from '../keys.ts'
import { bytesOf, join, u16, utf8 } from '../pack.ts'
import type { Address } from '../subject.ts'
import type { Action, Plan, World } from '../world.ts'

const ed25519Program: Address = 'Ed25519SigVerify111111111111111111111111111'
const secp256k1Program: Address = 'KeccakSecp256k11111111111111111111111111111'
const secp256r1Program: Address = 'Secp256r1SigVerify1111111111111111111111111'

/** Where a signature, its key and its message lie, and in which instruction (all ones: this one). */
interface Part {
  readonly key: Uint8Array
  readonly signature: Uint8Array
  readonly message: Uint8Array
}

function dataOf(parts: readonly Part[], wide: boolean): Uint8Array {
  const row = wide ? 14 : 11
  const head = wide ? 2 : 1
  let at = head + row * parts.length
  const here = wide ? [0xff, 0xff] : [0]
  const rows: Uint8Array[] = []
  for (const { key, signature, message } of parts) {
    const [keyAt, signatureAt] = [at, at + key.length]
    const messageAt = signatureAt + signature.length
    rows.push(
      join(u16(signatureAt), here, u16(keyAt), here, u16(messageAt), u16(message.length), here),
    )
    at = messageAt + message.length
  }
  const bodies = parts.map(({ key, signature, message }) => join(key, signature, message))
  return join(wide ? [parts.length, 0] : [parts.length], ...rows, ...bodies)
}

function plan(world: World, program: Address, data: Uint8Array): Plan {
  if (world.rng.chance(30)) data[world.rng.below(Math.min(16, data.length))] = world.rng.below(256)
  else if (world.rng.chance(20)) data[world.rng.below(data.length)]! ^= 1 << world.rng.below(8)
  return { instructions: [{ program, metas: [], data }] }
}

const messages = ['', 'a', 'a message that was signed']

function parts(world: World, make: (message: Uint8Array) => Part): Part[] {
  const count = world.rng.chance(90) ? world.rng.between(1, 2) : 0
  return Array.from({ length: count }, () => make(utf8(world.rng.pick(messages))))
}

export const precompileActions: readonly Action[] = [
  {
    name: 'precompile.ed25519',
    plan(world) {
      const keypair = keypairOf(`ed25519 ${world.rng.below(3)}`)
      const made = parts(world, (message) => ({
        key: bytesOf(keypair.address),
        signature: signWith(keypair, message),
        message,
      }))
      return plan(world, ed25519Program, dataOf(made, true))
    },
  },
  {
    name: 'precompile.secp256k1',
    plan(world) {
      const secret = sha256(utf8(`secp256k1 ${world.rng.below(3)}`))
      const address = keccak_256(secp256k1.getPublicKey(secret, false).subarray(1)).slice(12)
      const made = parts(world, (message) => {
        const options = { prehash: false, format: 'recovered' } as const
        const signed = secp256k1.sign(keccak_256(message), secret, options)
        return { key: address, signature: join(signed.subarray(1), signed.subarray(0, 1)), message }
      })
      // Its indices have one octet, and name the instruction's place: right when it is the first.
      return plan(world, secp256k1Program, dataOf(made, false))
    },
  },
  {
    name: 'precompile.secp256r1',
    plan(world) {
      const secret = sha256(utf8(`secp256r1 ${world.rng.below(3)}`))
      const key = p256.getPublicKey(secret, true)
      const made = parts(world, (message) => ({
        key,
        signature: p256.sign(message, secret, { lowS: true }),
        message,
      }))
      return plan(world, secp256r1Program, dataOf(made, true))
    },
  },
]
