import { heavyCurves } from '#curves'
import type { ComputeCosts } from '../costs.ts'
import type { Endian } from '../crypto/bn254.ts'
import { saturatingAdd, saturatingMul } from '../words.ts'
import type { Syscall, SyscallCall } from './call.ts'
import { failCall } from './errors.ts'

/** An operation by its number, without the bit that says little-endian. */
interface Operation {
  readonly cost: (costs: ComputeCosts, inputBytes: bigint) => bigint
  readonly outputBytes: number
  readonly run: (input: Uint8Array, endian: Endian) => Uint8Array | undefined
  /** Feature that brings it in both byte orders; absent: the one for little-endian numbers. */
  readonly feature?: string
}

const littleEndian = 0x80n
const littleEndianFeature = 'alt_bn128_little_endian'
const g2Feature = 'enable_alt_bn128_g2_syscalls'
const bytes = { g1: 64, g2: 128, pairing: 32, pair: 192n }

/** A pairing is paid for its pairs, a hash and its bytes. */
function pairingCost(costs: ComputeCosts, inputBytes: bigint): bigint {
  const pairs = inputBytes / bytes.pair
  const others = saturatingMul(
    costs.altBn128PairingOnePairCostOther,
    pairs === 0n ? 0n : pairs - 1n,
  )
  const fixed = costs.altBn128PairingOnePairCostFirst + costs.sha256BaseCost + BigInt(bytes.pairing)
  return saturatingAdd(saturatingAdd(others, inputBytes), fixed)
}

const groupOperations: ReadonlyMap<bigint, Operation> = new Map<bigint, Operation>([
  [
    0n,
    {
      cost: (costs) => costs.altBn128G1AdditionCost,
      outputBytes: bytes.g1,
      run: (input, endian) => heavyCurves().bn254Operations.addG1(input, endian),
    },
  ],
  [
    2n,
    {
      cost: (costs) => costs.altBn128G1MultiplicationCost,
      outputBytes: bytes.g1,
      run: (input, endian) => heavyCurves().bn254Operations.multiplyG1(input, endian),
    },
  ],
  [
    3n,
    {
      cost: pairingCost,
      outputBytes: bytes.pairing,
      run: (input, endian) => heavyCurves().bn254Operations.pairing(input, endian),
    },
  ],
  [
    4n,
    {
      cost: (costs) => costs.altBn128G2AdditionCost,
      outputBytes: bytes.g2,
      run: (input, endian) => heavyCurves().bn254Operations.addG2(input, endian),
      feature: g2Feature,
    },
  ],
  [
    6n,
    {
      cost: (costs) => costs.altBn128G2MultiplicationCost,
      outputBytes: bytes.g2,
      run: (input, endian) => heavyCurves().bn254Operations.multiplyG2(input, endian),
      feature: g2Feature,
    },
  ],
])

const codings: ReadonlyMap<bigint, Operation> = new Map<bigint, Operation>([
  [
    0n,
    {
      cost: (costs) => costs.syscallBaseCost + costs.altBn128G1Compress,
      outputBytes: bytes.g1 / 2,
      run: (input, endian) => heavyCurves().bn254Operations.compressG1(input, endian),
    },
  ],
  [
    1n,
    {
      cost: (costs) => costs.syscallBaseCost + costs.altBn128G1Decompress,
      outputBytes: bytes.g1,
      run: (input, endian) => heavyCurves().bn254Operations.decompressG1(input, endian),
    },
  ],
  [
    2n,
    {
      cost: (costs) => costs.syscallBaseCost + costs.altBn128G2Compress,
      outputBytes: bytes.g2 / 2,
      run: (input, endian) => heavyCurves().bn254Operations.compressG2(input, endian),
    },
  ],
  [
    3n,
    {
      cost: (costs) => costs.syscallBaseCost + costs.altBn128G2Decompress,
      outputBytes: bytes.g2,
      run: (input, endian) => heavyCurves().bn254Operations.decompressG2(input, endian),
    },
  ],
])

/** Both calls take an operation, input and its length, and where the result goes. */
function run(call: SyscallCall, operations: ReadonlyMap<bigint, Operation>): bigint {
  const number = call.arg(1)
  const little = (number & littleEndian) !== 0n
  const operation = operations.get(little ? number ^ littleEndian : number)
  if (operation === undefined) return failCall('InvalidAttribute')
  const feature = operation.feature ?? (little ? littleEndianFeature : undefined)
  if (feature !== undefined && !call.context.features.has(feature)) failCall('InvalidAttribute')
  const length = call.arg(3)
  call.consume(operation.cost(call.costs, length))
  const target = call.arg(4)
  call.checkWrites({ address: target, length: BigInt(operation.outputBytes) })
  const input = call.bytes(call.arg(2), length)
  const result = operation.run(input, little ? 'little' : 'big')
  if (result === undefined) return 1n
  call.write(target, result)
  return 0n
}

/** The curves of BN254 (solana-syscalls, lib.rs). */
export const altBn128Syscalls: readonly Syscall[] = [
  {
    name: 'sol_alt_bn128_group_op',
    feature: 'enable_alt_bn128_syscall',
    run: (call) => run(call, groupOperations),
  },
  {
    name: 'sol_alt_bn128_compression',
    feature: 'enable_alt_bn128_compression_syscall',
    run: (call) => run(call, codings),
  },
]
