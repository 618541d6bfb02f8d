import { heavyCurves } from '#curves'
import { equalBytes } from '../../../bits/octets.ts'
import { programIds } from '../ids.ts'
import type { Pubkey } from '../pubkey.ts'
import { isOnCurve, verifyStrict } from './ed25519.ts'

/** Errors of precompiled programs in the order of their numbers (solana-precompile-error), and their texts. */
export const precompileErrors = [
  ['InvalidPublicKey', 'public key is not valid'],
  ['InvalidRecoveryId', 'id is not valid'],
  ['InvalidSignature', 'signature is not valid'],
  ['InvalidDataOffsets', 'offset not valid'],
  ['InvalidInstructionDataSize', 'instruction is incorrect size'],
] as const
export type PrecompileError = (typeof precompileErrors)[number][0]

/** The number of an error: that of the `Custom` error which the instruction gets. */
export function precompileErrorCode(error: PrecompileError): number {
  return precompileErrors.findIndex(([name]) => name === error)
}

/** Ends a verification; caught where it began. */
class Refused extends Error {
  readonly error: PrecompileError
  constructor(error: PrecompileError) {
    super(error)
    this.error = error
  }
}

function refuse(error: PrecompileError): never {
  throw new Refused(error)
}

/** An instruction's data, and those of all instructions of its transaction, in order. */
interface Datas {
  readonly own: Uint8Array
  readonly all: readonly Uint8Array[]
}

const offsetBytes = 14
const offsetsStart = 2
const self = 0xffff
const signatureBytes = 64
const ed25519KeyBytes = 32
const addressBytes = 20
const maxSecp256r1Signatures = 8
const secp256r1KeyBytes = 33

function sliceOf({ own, all }: Datas, index: number, start: number, size: number): Uint8Array {
  const data = index === self ? own : all[index]
  if (data === undefined || start + size > data.length) return refuse('InvalidDataOffsets')
  return data.subarray(start, start + size)
}

/** Seven numbers of 16 bits say where signature, key and message are. */
function* entriesOf(
  datas: Datas,
  count: number,
  keyBytes: number,
): Generator<
  readonly [signature: () => Uint8Array, key: () => Uint8Array, message: () => Uint8Array]
> {
  const { own } = datas
  if (own.length < count * offsetBytes + offsetsStart) refuse('InvalidInstructionDataSize')
  const view = new DataView(own.buffer, own.byteOffset, own.byteLength)
  for (let i = 0; i < count; i++) {
    const word = (k: number): number => view.getUint16(offsetsStart + i * offsetBytes + 2 * k, true)
    yield [
      () => sliceOf(datas, word(1), word(0), signatureBytes),
      () => sliceOf(datas, word(3), word(2), keyBytes),
      () => sliceOf(datas, word(6), word(4), word(5)),
    ]
  }
}

/** agave-precompiles, `ed25519::verify`. The order of checks decides which error there is. */
function verifyEd25519(datas: Datas): void {
  const { own } = datas
  if (own.length < offsetsStart) refuse('InvalidInstructionDataSize')
  const count = own[0]!
  if (count === 0 && own.length > offsetsStart) refuse('InvalidInstructionDataSize')
  for (const entry of entriesOf(datas, count, ed25519KeyBytes)) {
    const signature = entry[0]()
    // ed25519, `Signature::from_bytes`: no scalar below the order has one of these bits
    if ((signature[signatureBytes - 1]! & 0xe0) !== 0) refuse('InvalidSignature')
    const key = entry[1]()
    if (!isOnCurve(key)) refuse('InvalidPublicKey')
    const message = entry[2]()
    if (verifyStrict(signature, message, key, { comparePoints: true }) !== 'ok')
      refuse('InvalidSignature')
  }
}

/** agave-precompiles, `secp256r1::verify`. */
function verifyR1(datas: Datas): void {
  const { own } = datas
  if (own.length < offsetsStart) refuse('InvalidInstructionDataSize')
  const count = own[0]!
  if (count === 0 || count > maxSecp256r1Signatures) refuse('InvalidInstructionDataSize')
  for (const entry of entriesOf(datas, count, secp256r1KeyBytes)) {
    const [signature, key, message] = [entry[0](), entry[1](), entry[2]()]
    if (!heavyCurves().isSecp256r1Signature(signature)) refuse('InvalidSignature')
    if (!heavyCurves().isSecp256r1Key(key)) refuse('InvalidPublicKey')
    if (!heavyCurves().verifySecp256r1(signature, message, key)) refuse('InvalidSignature')
  }
}

const k1OffsetBytes = 11

/** Of secp256k1 offsets name instructions by one byte, and none is the instruction itself. */
function k1SliceOf(
  all: readonly Uint8Array[],
  index: number,
  start: number,
  size: number,
): Uint8Array {
  const data = all[index]
  if (data === undefined) return refuse('InvalidDataOffsets')
  if (start + size > data.length) return refuse('InvalidSignature')
  return data.subarray(start, start + size)
}

/** agave-precompiles, `secp256k1::verify`. */
function verifyK1({ own, all }: Datas): void {
  const count = own[0]
  if (count === undefined || (count === 0 && own.length > 1))
    return refuse('InvalidInstructionDataSize')
  if (own.length < count * k1OffsetBytes + 1) refuse('InvalidInstructionDataSize')
  const view = new DataView(own.buffer, own.byteOffset, own.byteLength)
  for (let i = 0; i < count; i++) {
    const at = 1 + i * k1OffsetBytes
    const holder = all[view.getUint8(at + 2)]
    if (holder === undefined) return refuse('InvalidInstructionDataSize')
    const start = view.getUint16(at, true)
    const end = start + signatureBytes
    // the recovery id follows the signature
    if (end >= holder.length) refuse('InvalidSignature')
    const signature = holder.subarray(start, end)
    if (!heavyCurves().isSecp256k1Signature(signature)) refuse('InvalidSignature')
    const id = holder[end]!
    if (id > 3) refuse('InvalidRecoveryId')
    const address = k1SliceOf(
      all,
      view.getUint8(at + 5),
      view.getUint16(at + 3, true),
      addressBytes,
    )
    const message = k1SliceOf(
      all,
      view.getUint8(at + 10),
      view.getUint16(at + 6, true),
      view.getUint16(at + 8, true),
    )
    const key = heavyCurves().recoverSecp256k1(
      heavyCurves().keccak_256(message),
      BigInt(id),
      signature,
    )
    if (typeof key === 'string' || !equalBytes(heavyCurves().keccak_256(key).subarray(12), address))
      refuse('InvalidSignature')
  }
}

const precompiles: ReadonlyMap<string, (datas: Datas) => void> = new Map([
  [programIds.ed25519.key, verifyEd25519],
  [programIds.secp256k1.key, verifyK1],
  [programIds.secp256r1.key, verifyR1],
])

/** Is that one of the programs which verify signatures before a transaction runs. */
export function isPrecompile(program: Pubkey): boolean {
  return precompiles.has(program.key)
}

/**
 * Runs a precompiled program.
 * @param data of the instruction @param all data of all instructions of the transaction, in order
 * @returns undefined when all signatures are good
 * @throws {TypeError} when `isPrecompile` says it is none
 */
export function verifyPrecompile(
  program: Pubkey,
  data: Uint8Array,
  all: readonly Uint8Array[],
): PrecompileError | undefined {
  const verify = precompiles.get(program.key)
  if (verify === undefined) throw new TypeError(`${program.toString()} is not a precompile`)
  try {
    verify({ own: data, all })
  } catch (error) {
    if (error instanceof Refused) return error.error
    throw error
  }
  return undefined
}
