import { heavyCurves } from '#curves'
import { bigModExp, bigModExpCost, maxOperandBytes } from '../crypto/big-mod-exp.ts'
import {
  blake3Hash,
  keccak256Hash,
  type SolanaHash,
  sha256Hash,
  sha512Hash,
} from '../crypto/hashes.ts'
import { maxPoseidonInputs } from '../crypto/numbers.ts'
import { ProgramFault } from '../errors.ts'
import { saturatingMul, u64At } from '../words.ts'
import type { Syscall, VmSlice } from './call.ts'
import { failCall } from './errors.ts'

/** solana-syscalls, `SyscallHash`: each slice is paid as it comes, after it was found to be readable. */
function hashSyscall(name: string, hash: SolanaHash, feature?: string): Syscall {
  return {
    name,
    ...(feature === undefined ? {} : { feature }),
    run(call) {
      const count = call.arg(2)
      const most = call.context.budget.sha256MaxSlices
      if (count > most) {
        call.context.log(
          `${hash.name} Hashing ${count} sequences in one syscall is over the limit ${most}`,
        )
        failCall('TooManySlices')
      }
      const { sha256BaseCost, sha256ByteCost, memOpBaseCost } = call.costs
      call.consume(sha256BaseCost)
      const target = call.arg(3)
      call.checkWrites({ address: target, length: BigInt(hash.bytes) })
      const parts = call.slices(call.arg(1), count).map((slice) => {
        const bytes = call.sliceBytes(slice)
        const cost = saturatingMul(sha256ByteCost, slice.length / 2n)
        call.consume(cost > memOpBaseCost ? cost : memOpBaseCost)
        return bytes
      })
      call.write(target, hash.hash(parts))
      return 0n
    },
  }
}

/** What `sol_secp256k1_recover` answers (solana-secp256k1-recover). */
const recoverErrors = { InvalidRecoveryId: 2n, InvalidSignature: 3n } as const
const digestBytes = 32n
const signatureBytes = 64n
const publicKeyBytes = 64n

const recover: Syscall = {
  name: 'sol_secp256k1_recover',
  cost: ({ secp256k1RecoverCost }) => secp256k1RecoverCost,
  run(call) {
    const target = call.arg(4)
    call.checkWrites({ address: target, length: publicKeyBytes })
    const digest = call.bytes(call.arg(1), digestBytes)
    const signature = call.bytes(call.arg(3), signatureBytes)
    const key = heavyCurves().recoverSecp256k1(digest, call.arg(2), signature)
    if (typeof key === 'string') return recoverErrors[key]
    call.write(target, key)
    return 0n
  },
}

/** What is said of arguments that `sol_poseidon` does not know (solana-poseidon, `PoseidonSyscallError`). */
const poseidonErrors = { parameters: 'Invalid parameters.', endianness: 'Invalid endianness.' }
const poseidonBytes = 32n

const poseidonCall: Syscall = {
  name: 'sol_poseidon',
  feature: 'enable_poseidon_syscall',
  run(call) {
    if (call.arg(1) !== 0n) throw new ProgramFault(poseidonErrors.parameters)
    const endian = call.arg(2)
    if (endian > 1n) throw new ProgramFault(poseidonErrors.endianness)
    const count = call.arg(4)
    if (count > BigInt(maxPoseidonInputs)) {
      call.context.log(`Poseidon hashing ${count} sequences is not supported`)
      failCall('InvalidLength')
    }
    const { poseidonCostCoefficientA, poseidonCostCoefficientC } = call.costs
    call.consume(poseidonCostCoefficientA * count * count + poseidonCostCoefficientC)
    const target = call.arg(5)
    call.checkWrites({ address: target, length: poseidonBytes })
    const inputs = call.slices(call.arg(3), count).map((slice) => call.sliceBytes(slice))
    const padded = call.context.features.has('poseidon_enforce_padding')
    const hash = heavyCurves().poseidon(inputs, endian === 0n ? 'big' : 'little', padded)
    if (hash === undefined) return 1n
    call.write(target, hash)
    return 0n
  },
}

const paramsBytes = 48

/** solana-syscalls 4.3, `SyscallBigModExp` (SIMD-0529); before that nothing is behind the name. */
const bigModExpCall: Syscall = {
  name: 'sol_big_mod_exp',
  feature: 'enable_big_mod_exp_syscall',
  cost: ({ bigModularExponentiationBaseCost }) => bigModularExponentiationBaseCost,
  run(call) {
    const params = call.struct(call.arg(1), paramsBytes, 8)
    const operands = [0, 16, 32].map((at) => ({
      address: u64At(params, at),
      length: u64At(params, at + 8),
    }))
    if (operands.some(({ length }) => length > maxOperandBytes)) failCall('InvalidLength')
    const [base, exponent, modulus] = operands as [VmSlice, VmSlice, VmSlice]
    const power = call.sliceBytes(exponent)
    const divisor = call.costs.bigModularExponentiationCostDivisor
    call.consume(bigModExpCost(base.length, power, modulus.length, divisor))
    const [factor, order] = [call.sliceBytes(base), call.sliceBytes(modulus)]
    const result = bigModExp(factor, power, order)
    if (result === undefined) return failCall('InvalidAttribute')
    const target = call.arg(2)
    call.checkWrites({ address: target, length: modulus.length })
    call.write(target, result)
    return 0n
  },
}

/** Hashes, and the recovery of a key from a signature (solana-syscalls, lib.rs). */
export const hashSyscalls: readonly Syscall[] = [
  hashSyscall('sol_sha256', sha256Hash),
  hashSyscall('sol_keccak256', keccak256Hash),
  hashSyscall('sol_blake3', blake3Hash, 'blake3_syscall_enabled'),
  hashSyscall('sol_sha512', sha512Hash, 'enable_sha512_syscall'),
  recover,
  poseidonCall,
  bigModExpCall,
]
