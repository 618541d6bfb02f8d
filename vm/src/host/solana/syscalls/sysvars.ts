import { DecodeError } from '../../../bits/errors.ts'
import { fail } from '../errors.ts'
import { sysvarIds } from '../ids.ts'
import { decodeSysvar, sysvarStruct } from '../sysvars.ts'
import { inputStart, type Syscall, type SyscallCall } from './call.ts'
import { failCall } from './errors.ts'

/** Sysvars with a getter of their own: bytes and alignment of their structures. */
const structs = {
  clock: [40, 8],
  epochSchedule: [40, 8],
  epochRewards: [96, 16],
  fees: [8, 8],
  rent: [24, 8],
  lastRestartSlot: [8, 8],
} as const
type StructName = keyof typeof structs

/** What was made of a sysvar's bytes; undefined: they are none. */
const made = new WeakMap<Uint8Array, Uint8Array>()

function structOf(name: StructName, bytes: Uint8Array): Uint8Array {
  const known = made.get(bytes)
  if (known !== undefined) return known
  try {
    const struct = sysvarStruct(name, decodeSysvar(name, bytes))
    made.set(bytes, struct)
    return struct
  } catch (error) {
    if (error instanceof DecodeError) fail('UnsupportedSysvar')
    throw error
  }
}

function checkTarget(call: SyscallCall, address: bigint): void {
  if (!call.checkAligned) failCall('UnalignedPointer')
  const restricted = call.context.features.has('syscall_parameter_address_restrictions')
  if (restricted && address >= inputStart) failCall('InvalidPointer')
}

function getter(name: string, sysvar: StructName, when: Partial<Syscall> = {}): Syscall {
  const [size, align] = structs[sysvar]
  return {
    ...when,
    name,
    cost: ({ sysvarBaseCost }) => sysvarBaseCost + BigInt(size),
    run(call) {
      const address = call.arg(1)
      checkTarget(call, address)
      call.checkWrites({ address, length: 1n, size, align })
      const bytes = call.context.sysvars.bytes(sysvarIds[sysvar]) ?? fail('UnsupportedSysvar')
      call.write(address, structOf(sysvar, bytes))
      return 0n
    },
  }
}

/** Sysvars of which `sol_get_sysvar` reads parts. */
const readable = new Set(
  [
    sysvarIds.clock,
    sysvarIds.epochSchedule,
    sysvarIds.epochRewards,
    sysvarIds.rent,
    sysvarIds.slotHashes,
    sysvarIds.stakeHistory,
    sysvarIds.lastRestartSlot,
  ].map(({ key }) => key),
)
const offsetExceeds = 1n
const notFound = 2n

function getPart(call: SyscallCall): bigint {
  const id = call.arg(1)
  const address = call.arg(2)
  const offset = call.arg(3)
  const length = call.arg(4)
  checkTarget(call, address)
  call.checkLength(address, length)
  call.checkWrites({ address, length })
  const key = call.pubkey(id)
  if (offset + length >= 1n << 64n) fail('ArithmeticOverflow')
  const bytes = readable.has(key.key) ? call.context.sysvars.bytes(key) : undefined
  if (bytes === undefined) return notFound
  if (offset + length > BigInt(bytes.length)) return offsetExceeds
  call.write(address, bytes.subarray(Number(offset), Number(offset + length)))
  return 0n
}

/** What programs read of sysvars and of the epoch's stake (solana-syscalls, sysvar.rs, lib.rs). */
export const sysvarSyscalls: readonly Syscall[] = [
  getter('sol_get_clock_sysvar', 'clock'),
  getter('sol_get_epoch_schedule_sysvar', 'epochSchedule'),
  getter('sol_get_fees_sysvar', 'fees', { until: 'disable_fees_sysvar' }),
  getter('sol_get_rent_sysvar', 'rent'),
  getter('sol_get_last_restart_slot', 'lastRestartSlot', { feature: 'last_restart_slot_sysvar' }),
  getter('sol_get_epoch_rewards_sysvar', 'epochRewards'),
  {
    name: 'sol_get_sysvar',
    feature: 'get_sysvar_syscall_enabled',
    cost({ sysvarBaseCost, cpiBytesPerUnit, memOpBaseCost }, call) {
      const units = call.arg(4) / cpiBytesPerUnit
      const copied = units > memOpBaseCost ? units : memOpBaseCost
      return sysvarBaseCost + 32n / cpiBytesPerUnit + copied
    },
    run: getPart,
  },
  {
    name: 'sol_get_epoch_stake',
    feature: 'enable_get_epoch_stake_syscall',
    cost: ({ syscallBaseCost, cpiBytesPerUnit, memOpBaseCost }, call) =>
      call.arg(1) === 0n
        ? syscallBaseCost
        : syscallBaseCost + 32n / cpiBytesPerUnit + memOpBaseCost,
    run(call) {
      const vote = call.arg(1)
      const { context } = call
      return vote === 0n ? context.epochStake() : context.epochStake(call.pubkey(vote))
    },
  },
]
