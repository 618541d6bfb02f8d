import { createProgramAddress, findProgramAddress } from '../crypto/pda.ts'
import { ProgramFault } from '../errors.ts'
import type { Syscall, SyscallCall } from './call.ts'
import { seedErrors, syscallErrorTexts } from './errors.ts'

const maxSeeds = 16
const maxSeedBytes = 32n

/** Seeds and program of the call. */
function inputs(call: SyscallCall): { seeds: Uint8Array[]; programId: Uint8Array } {
  const tooLong = new ProgramFault(syscallErrorTexts.badSeeds(seedErrors.MaxSeedLengthExceeded))
  const slices = call.slices(call.arg(1), call.arg(2))
  if (slices.length > maxSeeds) throw tooLong
  const seeds = slices.map((slice) => {
    if (slice.length > maxSeedBytes) throw tooLong
    return call.sliceBytes(slice)
  })
  return { seeds, programId: call.struct(call.arg(3), 32, 1) }
}

/** Addresses that programs derive (solana-syscalls, lib.rs). */
export const pdaSyscalls: readonly Syscall[] = [
  {
    name: 'sol_create_program_address',
    cost: ({ createProgramAddressUnits }) => createProgramAddressUnits,
    run(call) {
      const { seeds, programId } = inputs(call)
      const address = createProgramAddress(seeds, programId)
      if (typeof address === 'string') return 1n
      const target = call.arg(4)
      call.checkWrites({ address: target, length: 32n })
      call.write(target, address)
      return 0n
    },
  },
  {
    name: 'sol_try_find_program_address',
    cost: ({ createProgramAddressUnits }) => createProgramAddressUnits,
    run(call) {
      const { seeds, programId } = inputs(call)
      const { address, bump } = findProgramAddress(seeds, programId)
      const failed = address === undefined ? 255 : 255 - bump
      call.consume(call.costs.createProgramAddressUnits * BigInt(failed))
      if (address === undefined) return 1n
      const target = call.arg(4)
      const bumpTarget = call.arg(5)
      call.checkWrites({ address: bumpTarget, length: 1n }, { address: target, length: 32n })
      call.write(bumpTarget, Uint8Array.of(bump))
      call.write(target, address)
      return 0n
    },
  },
]
