import { assert } from '../../bits/errors.ts'
import {
  CallEnd,
  type CallHandler,
  type HostCall,
  none,
  readGuest,
  readType,
  writeGuest,
  writtenType,
} from './call.ts'
import type { CallContext } from './context.ts'
import { maxHashLength, maxSignedLength } from './limits.ts'
import type { Signatures } from './signatures.ts'

function hashWith(name: 'sha256' | 'keccak256' | 'blake2b'): CallHandler {
  return (context, data, length, target) => {
    const input = readGuest(context, data, length, maxHashLength)
    if (input === undefined) return CallEnd.trap
    return writeGuest(context, target, context.hasher[name](input))
  }
}

/** Bytes of a signature, a public key and a recovered key, as the calls have them. */
const length = { signature: 64, recoverable: 65, ed25519Key: 32, secp256k1Key: 33, digest: 32 }

/** @throws {Error} never: an environment without them refuses programs that import these calls */
function signaturesOf({ session }: CallContext): Signatures {
  assert(session.signatures !== undefined, 'a program that checks signatures was not refused')
  return session.signatures
}

const truth = (value: boolean): bigint => (value ? 1n : 0n)

const verifyEd25519: CallHandler = (context, signatureAt, dataAt, dataLength, keyAt) => {
  const { memory } = context.machine
  const signature = memory.read(signatureAt, length.signature)
  const data = readGuest(context, dataAt, dataLength, maxSignedLength)
  const key = memory.read(keyAt, length.ed25519Key)
  if (signature === undefined || data === undefined || key === undefined) return CallEnd.trap
  return truth(signaturesOf(context).ed25519(signature, data, key))
}

const verifySecp256k1: CallHandler = (context, signatureAt, digestAt, keyAt) => {
  const { memory } = context.machine
  const signature = memory.read(signatureAt, length.signature)
  const digest = memory.read(digestAt, length.digest)
  const key = memory.read(keyAt, length.secp256k1Key)
  if (signature === undefined || digest === undefined || key === undefined) return CallEnd.trap
  return truth(signaturesOf(context).secp256k1(signature, digest, key))
}

const recoverSecp256k1: CallHandler = (context, signatureAt, digestAt, keyAt) => {
  const { memory } = context.machine
  const signature = memory.read(signatureAt, length.recoverable)
  const digest = memory.read(digestAt, length.digest)
  if (signature === undefined || digest === undefined) return CallEnd.trap
  const key = signaturesOf(context).recover(signature, digest)
  return key === undefined ? none : writeGuest(context, keyAt, key)
}

/** Calls that need `Signatures`. */
export const signatureCalls: ReadonlySet<string> = new Set([
  'az_ed25519_verify',
  'az_secp256k1_verify',
  'az_secp256k1_recover',
])

/** Hashes, and signatures by the libraries of `Signatures`. */
export const cryptoCalls: readonly HostCall[] = [
  {
    name: 'az_sha256',
    args: [
      ['data', readType],
      ['len', 'u64'],
      ['out32', writtenType],
    ],
    returns: 'void',
    cost: { base: 500, linear: [{ arg: 1, unit: 64, price: 100 }] },
    doc: 'Writes the SHA-256 of `len` bytes.',
    run: hashWith('sha256'),
  },
  {
    name: 'az_keccak256',
    args: [
      ['data', readType],
      ['len', 'u64'],
      ['out32', writtenType],
    ],
    returns: 'void',
    cost: { base: 500, linear: [{ arg: 1, unit: 64, price: 100 }] },
    doc: 'Writes the Keccak-256 (original padding, as Ethereum has it) of `len` bytes.',
    run: hashWith('keccak256'),
  },
  {
    name: 'az_blake2b',
    args: [
      ['data', readType],
      ['len', 'u64'],
      ['out32', writtenType],
    ],
    returns: 'void',
    cost: { base: 500, linear: [{ arg: 1, unit: 64, price: 50 }] },
    doc: 'Writes the BLAKE2b of `len` bytes, 32 bytes of output, no key.',
    run: hashWith('blake2b'),
  },
  {
    name: 'az_ed25519_verify',
    args: [
      ['signature64', readType],
      ['data', readType],
      ['len', 'u64'],
      ['key32', readType],
    ],
    returns: 'u64',
    cost: { base: 1_000_000, linear: [{ arg: 2, unit: 64, price: 100 }] },
    doc: 'Is that an Ed25519 signature of the data by the key, as RFC 8032 checks it: 1, or 0.',
    run: verifyEd25519,
  },
  {
    name: 'az_secp256k1_verify',
    args: [
      ['signature64', readType],
      ['digest32', readType],
      ['key33', readType],
    ],
    returns: 'u64',
    cost: { base: 1_000_000 },
    doc: 'Is `r | s`, with s in the lower half, an ECDSA signature of the digest by the compressed key: 1, or 0.',
    run: verifySecp256k1,
  },
  {
    name: 'az_secp256k1_recover',
    args: [
      ['signature65', readType],
      ['digest32', readType],
      ['key33', writtenType],
    ],
    returns: 'u64',
    cost: { base: 1_500_000 },
    doc: 'Writes the compressed key that made `r | s | recovery id` of the digest: 0, or ~0 if there is none.',
    run: recoverSecp256k1,
  },
]
