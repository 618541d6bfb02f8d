import { fromHex } from 'alcatraz-vm'
import { concatBytes } from '#vm/bits/octets'
import type { Rng } from '../../laws/rng.ts'
import { ecdsaQuestion } from './questions-ecdsa.ts'
import { bytesOf, ed25519Question } from './questions-ed25519.ts'
import {
  blsQuestion,
  bnQuestion,
  group25519Question,
  poseidonQuestion,
} from './questions-groups.ts'

/** A call of the runtime, as a program makes it that has `data` at `dataStart`. */
export interface Call {
  readonly name: string
  /** r1..r5 */
  readonly args: readonly bigint[]
  readonly data: Uint8Array
}

/** Where the program has what it was given: five arguments, then data. */
export const givenStart = 0x3_0000_1000n
const argumentBytes = 48n
/** Where results go, behind r0; what the program returns begins with both. */
export const resultStart = 0x3_0000_0008n
export const returnedBytes = 1000

/** Puts bytes one behind another, 8 bytes aligned, and answers where. */
class Data {
  private readonly parts: Uint8Array[] = []
  private length = 0

  put(bytes: Uint8Array): bigint {
    const at = givenStart + argumentBytes + BigInt(this.length)
    const padded = new Uint8Array((bytes.length + 7) & ~7)
    padded.set(bytes)
    this.parts.push(padded)
    this.length += padded.length
    return at
  }

  /** Slices in a row: addresses and lengths. */
  slices(parts: readonly Uint8Array[]): bigint {
    const table = new Uint8Array(16 * parts.length)
    const view = new DataView(table.buffer)
    parts.forEach((part, i) => {
      view.setBigUint64(16 * i, this.put(part), true)
      view.setBigUint64(16 * i + 8, BigInt(part.length), true)
    })
    return this.put(table)
  }

  bytes(): Uint8Array {
    return concatBytes(...this.parts)
  }
}

const bytes = (text: string): Uint8Array => (text === '-' ? new Uint8Array(0) : fromHex(text))
const length = (text: string): bigint => BigInt(bytes(text).length)

/** Arguments from a question of the oracle's, and what it needs in memory. */
type Maker = (data: Data, fields: readonly string[]) => readonly [name: string, ...args: bigint[]]

const groupOperations = new Map([
  ['add', 0n],
  ['sub', 1n],
  ['mul', 2n],
])

function curve25519(word: string): Maker {
  const [name = '', operation = ''] = word.split('_')
  const curve = name === 'ed' ? 0n : 1n
  const code = groupOperations.get(operation)
  return (data, [left = '', right = '']) => {
    if (operation === 'validate')
      return ['sol_curve_validate_point', curve, data.put(bytes(left)), resultStart]
    if (code === undefined) {
      const count = length(left) / 32n
      const [scalars, points] = [data.put(bytes(left)), data.put(bytes(right))]
      return ['sol_curve_multiscalar_mul', curve, scalars, points, count, resultStart]
    }
    const [l, r] = [data.put(bytes(left)), data.put(bytes(right))]
    return ['sol_curve_group_op', curve, code, l, r, resultStart]
  }
}

function bls(group: bigint): Maker {
  return (data, [operation = '', endian = '', left = '', right = '']) => {
    const curve = endian === 'be' ? group | 0x80n : group
    const first = data.put(bytes(left))
    if (operation === 'validate') return ['sol_curve_validate_point', curve, first, resultStart]
    if (operation === 'decompress') return ['sol_curve_decompress', curve, first, resultStart]
    const code = groupOperations.get(operation)!
    return ['sol_curve_group_op', curve, code, first, data.put(bytes(right)), resultStart]
  }
}

function bn(name: string): Maker {
  return (data, [operation = '', input = '']) => [
    name,
    BigInt(operation),
    data.put(bytes(input)),
    length(input),
    resultStart,
  ]
}

const curve25519Words = ['validate', 'add', 'sub', 'mul', 'msm'].flatMap((operation) =>
  ['ed', 'ri'].map((name) => `${name}_${operation}`),
)
const makers: ReadonlyMap<string, Maker> = new Map<string, Maker>([
  ...curve25519Words.map((word) => [word, curve25519(word)] as const),
  ['g1', bls(5n)],
  ['g2', bls(6n)],
  [
    'pairing',
    (data, [endian = '', left = '', right = '']) => {
      const [g1, g2] = [data.put(bytes(left)), data.put(bytes(right))]
      const curve = endian === 'be' ? 0x84n : 4n
      return ['sol_curve_pairing_map', curve, length(left) / 96n, g1, g2, resultStart]
    },
  ],
  ['bn', bn('sol_alt_bn128_group_op')],
  ['bc', bn('sol_alt_bn128_compression')],
  [
    'poseidon',
    (data, [endian = '', , ...inputs]) => {
      const table = data.slices(inputs.map(bytes))
      return ['sol_poseidon', 0n, BigInt(endian), table, BigInt(inputs.length), resultStart]
    },
  ],
  [
    'recover',
    (data, [digest = '', id = '', signature = '']) => {
      const [d, s] = [data.put(bytes(digest)), data.put(bytes(signature))]
      return ['sol_secp256k1_recover', d, BigInt(id), s, resultStart]
    },
  ],
  [
    'create',
    (data, [program = '', ...seeds]) => {
      const [table, id] = [data.slices(seeds.map(bytes)), data.put(bytes(program))]
      return ['sol_create_program_address', table, BigInt(seeds.length), id, resultStart]
    },
  ],
  [
    'find',
    (data, [program = '', ...seeds]) => {
      const [table, id] = [data.slices(seeds.map(bytes)), data.put(bytes(program))]
      const bump = resultStart + 32n
      return ['sol_try_find_program_address', table, BigInt(seeds.length), id, resultStart, bump]
    },
  ],
])

const sources = [
  ed25519Question,
  ecdsaQuestion,
  group25519Question,
  bnQuestion,
  blsQuestion,
  poseidonQuestion,
]
const hashes = ['sol_sha256', 'sol_keccak256', 'sol_blake3', 'sol_sha512']

function hashCall(rng: Rng, data: Data): readonly [string, ...bigint[]] {
  const parts = Array.from({ length: rng.below(6) }, () => bytesOf(rng, rng.below(150)))
  return [rng.pick(hashes), data.slices(parts), BigInt(parts.length), resultStart]
}

/** A power modulo a number, which is odd unless it is to be refused. */
function powerCall(rng: Rng, data: Data): readonly [string, ...bigint[]] {
  const operands = [0, 1, 2].map((k) => {
    const size = rng.chance(85) ? rng.below(80) : rng.between(120, 200)
    const bytes = bytesOf(rng, rng.chance(2) ? rng.between(511, 514) : size)
    if (k === 2 && bytes.length > 0 && rng.chance(90)) bytes[0] = bytes[0]! | 1
    if (rng.chance(15)) bytes.fill(0, rng.below(2))
    return bytes
  })
  const params = new Uint8Array(48)
  const view = new DataView(params.buffer)
  operands.forEach((operand, k) => {
    view.setBigUint64(16 * k, data.put(operand), true)
    view.setBigUint64(16 * k + 8, BigInt(operand.length), true)
  })
  return ['sol_big_mod_exp', data.put(params), resultStart]
}

/** Values that a bad program could pass. */
const strange = [
  0n,
  1n,
  4n,
  7n,
  0x80n,
  0x81n,
  513n,
  20_001n,
  0x1_0000_0000n,
  0x1_0000_0003n,
  0x2_0000_0ff0n,
  0x3_0000_7ff8n,
  0x3_0000_8000n,
  givenStart + argumentBytes,
  givenStart + argumentBytes + 1n,
  0x4_0100_0000n,
  0x7fff_ffff_ffff_ffffn,
  0xffff_ffff_ffff_ffffn,
]

/** A call with arguments as they should be, or in one of six cases with one that is strange. */
export function randomCall(rng: Rng): Call {
  const data = new Data()
  let made: readonly [string, ...bigint[]] | undefined
  if (rng.chance(15)) made = hashCall(rng, data)
  if (rng.chance(6)) made = powerCall(rng, data)
  while (made === undefined) {
    const [word = '', ...fields] = rng.pick(sources)(rng).split(' ')
    made = makers.get(word)?.(data, fields)
  }
  const [name, ...given] = made
  const args = [...given, 9n, 9n, 9n, 9n, 9n].slice(0, 5)
  if (rng.chance(16)) {
    const k = rng.below(given.length)
    args[k] = rng.chance(70)
      ? rng.pick(strange)
      : BigInt.asUintN(64, args[k]! + BigInt(rng.pick([-8, -1, 1, 2, 8, 64])))
  }
  return { name, args, data: data.bytes() }
}

/** What the program is given: arguments, then data. */
export function givenTo(call: Call): Uint8Array {
  const head = new Uint8Array(Number(argumentBytes))
  const view = new DataView(head.buffer)
  call.args.forEach((arg, i) => {
    view.setBigUint64(8 * i, arg, true)
  })
  return concatBytes(head, call.data)
}
