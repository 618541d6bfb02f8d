import { heavyCurves } from '#curves'
import type { ComputeCosts } from '../costs.ts'
import type { BlsGroup } from '../crypto/bls12381.ts'
import type { Endian } from '../crypto/bn254.ts'
import {
  edwardsGroup,
  type Group,
  ristrettoGroup,
  type SummingGroup,
} from '../crypto/groups25519.ts'
import { saturatingAdd, saturatingMul } from '../words.ts'
import type { Syscall, SyscallCall } from './call.ts'
import { failCall } from './errors.ts'

type Price = keyof ComputeCosts

/** A group by the number that programs have for it, and its prices. */
interface Curve {
  readonly group: Group
  readonly validate: Price
  /** By operation: add, subtract, multiply. */
  readonly operations: readonly [Price, Price, Price]
  readonly sum?: {
    readonly group: SummingGroup
    readonly base: Price
    readonly more: Price
  }
  readonly decompress?: { readonly group: BlsGroup; readonly price: Price }
}

const edwards: Curve = {
  group: edwardsGroup,
  validate: 'curve25519EdwardsValidatePointCost',
  operations: [
    'curve25519EdwardsAddCost',
    'curve25519EdwardsSubtractCost',
    'curve25519EdwardsMultiplyCost',
  ],
  sum: {
    group: edwardsGroup,
    base: 'curve25519EdwardsMsmBaseCost',
    more: 'curve25519EdwardsMsmIncrementalCost',
  },
}
const ristretto: Curve = {
  group: ristrettoGroup,
  validate: 'curve25519RistrettoValidatePointCost',
  operations: [
    'curve25519RistrettoAddCost',
    'curve25519RistrettoSubtractCost',
    'curve25519RistrettoMultiplyCost',
  ],
  sum: {
    group: ristrettoGroup,
    base: 'curve25519RistrettoMsmBaseCost',
    more: 'curve25519RistrettoMsmIncrementalCost',
  },
}
const bls1 = (endian: Endian): Curve => ({
  get group() {
    return heavyCurves().blsGroups[endian].g1
  },
  validate: 'bls12381G1ValidateCost',
  operations: ['bls12381G1AddCost', 'bls12381G1SubtractCost', 'bls12381G1MultiplyCost'],
  decompress: {
    get group() {
      return heavyCurves().blsGroups[endian].g1
    },
    price: 'bls12381G1DecompressCost',
  },
})
const bls2 = (endian: Endian): Curve => ({
  get group() {
    return heavyCurves().blsGroups[endian].g2
  },
  validate: 'bls12381G2ValidateCost',
  operations: ['bls12381G2AddCost', 'bls12381G2SubtractCost', 'bls12381G2MultiplyCost'],
  decompress: {
    get group() {
      return heavyCurves().blsGroups[endian].g2
    },
    price: 'bls12381G2DecompressCost',
  },
})

/** Of curve numbers: the numbers are big-endian. */
const bigEndian = 0x80n
const curves: ReadonlyMap<bigint, Curve> = new Map([
  [0n, edwards],
  [1n, ristretto],
  [5n, bls1('little')],
  [5n | bigEndian, bls1('big')],
  [6n, bls2('little')],
  [6n | bigEndian, bls2('big')],
])
const pairingCurves: ReadonlyMap<bigint, Endian> = new Map([
  [4n, 'little'],
  [4n | bigEndian, 'big'],
])

/** Of a curve or an operation that is none. */
function unknown(call: SyscallCall): bigint {
  if (call.context.features.has('abort_on_invalid_curve')) failCall('InvalidAttribute')
  return 1n
}

/** The curve that argument 1 names, if there is one. Those of BLS12-381 must not be named before their feature. */
function curveOf(call: SyscallCall): Curve | undefined {
  const curve = curves.get(call.arg(1))
  if (curve?.decompress !== undefined && !call.context.features.has('enable_bls12_381_syscall'))
    failCall('InvalidAttribute')
  return curve
}

/** Answers 1 without a result, else writes it. */
function answer(call: SyscallCall, address: bigint, result: Uint8Array | undefined): bigint {
  if (result === undefined) return 1n
  call.checkWrites({ address, length: BigInt(result.length) })
  call.write(address, result)
  return 0n
}

const validatePoint: Syscall = {
  name: 'sol_curve_validate_point',
  feature: 'curve25519_syscall_enabled',
  run(call) {
    const curve = curveOf(call)
    if (curve === undefined) return unknown(call)
    call.consume(call.costs[curve.validate])
    const bytes = call.struct(call.arg(2), curve.group.elementBytes, 1)
    return curve.group.isElement(bytes) ? 0n : 1n
  },
}

const groupOperation: Syscall = {
  name: 'sol_curve_group_op',
  feature: 'curve25519_syscall_enabled',
  run(call) {
    const curve = curveOf(call)
    if (curve === undefined) return unknown(call)
    const operation = call.arg(2)
    const price = operation < 3n ? curve.operations[Number(operation)] : undefined
    if (price === undefined)
      return curve.decompress === undefined ? unknown(call) : failCall('InvalidAttribute')
    call.consume(call.costs[price])
    const { group } = curve
    const multiplies = operation === 2n
    const first = multiplies ? group.scalarBytes : group.elementBytes
    const left = call.struct(call.arg(3), first, 1)
    const right = call.struct(call.arg(4), group.elementBytes, 1)
    const target = call.arg(5)
    if (multiplies) return answer(call, target, group.multiply(left, right))
    return answer(
      call,
      target,
      operation === 0n ? group.add(left, right) : group.subtract(left, right),
    )
  },
}

const maxSumTerms = 512n

const multiscalarMultiply: Syscall = {
  name: 'sol_curve_multiscalar_mul',
  feature: 'curve25519_syscall_enabled',
  run(call) {
    const count = call.arg(4)
    if (count > maxSumTerms) failCall('InvalidLength')
    const sum = curves.get(call.arg(1))?.sum
    if (sum === undefined) return unknown(call)
    const { group, base, more } = sum
    call.consume(call.costs[base] + call.costs[more] * (count === 0n ? 0n : count - 1n))
    const scalars = call.array(call.arg(2), count, group.scalarBytes, 1)
    const elements = call.array(call.arg(3), count, group.elementBytes, 1)
    return answer(call, call.arg(5), group.multiplySum(scalars, elements))
  },
}

const decompress: Syscall = {
  name: 'sol_curve_decompress',
  feature: 'enable_bls12_381_syscall',
  run(call) {
    const found = curves.get(call.arg(1))?.decompress
    if (found === undefined) return failCall('InvalidAttribute')
    call.consume(call.costs[found.price])
    const bytes = call.struct(call.arg(2), found.group.compressedBytes, 1)
    return answer(call, call.arg(3), found.group.decompress(bytes))
  },
}

const pairingMap: Syscall = {
  name: 'sol_curve_pairing_map',
  feature: 'enable_bls12_381_syscall',
  run(call) {
    const endian = pairingCurves.get(call.arg(1))
    if (endian === undefined) return failCall('InvalidAttribute')
    const count = call.arg(2)
    const { bls12381OnePairCost, bls12381AdditionalPairCost } = call.costs
    const others = saturatingMul(bls12381AdditionalPairCost, count === 0n ? 0n : count - 1n)
    call.consume(saturatingAdd(bls12381OnePairCost, others))
    const { g1, g2 } = heavyCurves().blsGroups[endian]
    const left = call.array(call.arg(3), count, g1.elementBytes, 1)
    const right = call.array(call.arg(4), count, g2.elementBytes, 1)
    return answer(call, call.arg(5), heavyCurves().blsPairing(left, right, endian))
  },
}

/** Groups of elliptic curves (solana-syscalls, lib.rs). */
export const curveSyscalls: readonly Syscall[] = [
  validatePoint,
  groupOperation,
  multiscalarMultiply,
  decompress,
  pairingMap,
]
