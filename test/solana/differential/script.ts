/** A program that does what its instruction data says: commands one after another. */
import { Asm, Op } from './asm.ts'
import { join, u16, u32, u64 } from './pack.ts'

export const syscalls = [
  'abort',
  'sol_panic_',
  'sol_log_',
  'sol_log_64_',
  'sol_log_pubkey',
  'sol_log_compute_units_',
  'sol_log_data',
  'sol_create_program_address',
  'sol_try_find_program_address',
  'sol_sha256',
  'sol_keccak256',
  'sol_blake3',
  'sol_sha512',
  'sol_secp256k1_recover',
  'sol_curve_validate_point',
  'sol_curve_group_op',
  'sol_curve_multiscalar_mul',
  'sol_curve_decompress',
  'sol_curve_pairing_map',
  'sol_alt_bn128_group_op',
  'sol_alt_bn128_compression',
  'sol_poseidon',
  'sol_big_mod_exp',
  'sol_memcpy_',
  'sol_memmove_',
  'sol_memset_',
  'sol_memcmp_',
  'sol_invoke_signed_c',
  'sol_invoke_signed_rust',
  'sol_set_return_data',
  'sol_get_return_data',
  'sol_get_clock_sysvar',
  'sol_get_rent_sysvar',
  'sol_get_epoch_schedule_sysvar',
  'sol_get_fees_sysvar',
  'sol_get_epoch_rewards_sysvar',
  'sol_get_last_restart_slot',
  'sol_get_sysvar',
  'sol_get_epoch_stake',
  'sol_get_stack_height',
  'sol_get_processed_sibling_instruction',
  'sol_remaining_compute_units',
  'sol_alloc_free_',
] as const
export type Syscall = (typeof syscalls)[number]

type Value = bigint | number

/** Commands, as bytes of instruction data. */
export const script = {
  /** Ends with a result. */
  exit: (value: Value): Uint8Array => join([0], u64(value)),
  /** Writes 1, 2, 4 or 8 bytes. */
  store: (bytes: 1 | 2 | 4 | 8, address: Value, value: Value): Uint8Array =>
    join([{ 1: 1, 2: 2, 4: 3, 8: 4 }[bytes]], u64(address), u64(value)),
  /** Reads, and logs what it read. */
  load: (bytes: 1 | 2 | 4 | 8, address: Value): Uint8Array =>
    join([{ 1: 5, 2: 6, 4: 7, 8: 8 }[bytes]], u64(address)),
  /** Calls, and logs the result. */
  call(name: Syscall, ...args: readonly Value[]): Uint8Array {
    const five = Array.from({ length: 5 }, (_, i) => u64(args[i] ?? 0))
    return join([9, syscalls.indexOf(name)], ...five)
  },
  /** Puts bytes somewhere, by sol_memcpy_. */
  put: (address: Value, bytes: Uint8Array): Uint8Array =>
    join([10], u64(address), u16(bytes.length), bytes),
  /** Goes round so many times. */
  spin: (times: number): Uint8Array => join([11], u32(times)),
  /** Calls itself so deep. */
  recurse: (depth: number): Uint8Array => join([12], u32(depth)),
  callx: (address: Value): Uint8Array => join([13], u64(address)),
  divide: (a: Value, b: Value): Uint8Array => join([14], u64(a), u64(b)),
}

/** r6: next command; r7: end of the data; the length is before the data, whose address is given in r2. */
function program(): Asm {
  const asm = new Asm()
  asm.op(Op.movReg, 6, 2).op(Op.ldxdw, 7, 2, -8).op(Op.addReg, 7, 2)
  asm.label('next').jump(Op.jgeReg, 6, 7, 0, 'done')
  asm.op(Op.ldxb, 8, 6, 0).op(Op.add, 6, 0, 0, 1)
  for (let command = 0; command <= 14; command++) asm.jump(Op.jeq, 8, 0, command, `do${command}`)
  asm.op(Op.mov, 0, 0, 0, 77).op(Op.exit)
  asm.label('done').op(Op.mov, 0, 0, 0, 0).op(Op.exit)
  asm.label('do0').op(Op.ldxdw, 0, 6, 0).op(Op.exit)
  const stores = [Op.stxb, Op.stxh, Op.stxw, Op.stxdw]
  const loads = [Op.ldxb, Op.ldxh, Op.ldxw, Op.ldxdw]
  stores.forEach((store, i) => {
    asm
      .label(`do${1 + i}`)
      .op(Op.ldxdw, 1, 6, 0)
      .op(Op.ldxdw, 2, 6, 8)
    asm.op(store, 1, 2, 0).op(Op.add, 6, 0, 0, 16).jump(Op.ja, 0, 0, 0, 'next')
  })
  loads.forEach((load, i) => {
    asm
      .label(`do${5 + i}`)
      .op(Op.ldxdw, 1, 6, 0)
      .op(load, 0, 1, 0)
      .op(Op.add, 6, 0, 0, 8)
    asm.op(Op.mov, 8, 0, 0, 100 + i).jump(Op.ja, 0, 0, 0, 'log')
  })
  asm.label('do9').op(Op.ldxb, 8, 6, 0)
  for (let i = 0; i < 5; i++) asm.op(Op.ldxdw, i + 1, 6, 1 + 8 * i)
  asm.op(Op.add, 6, 0, 0, 41)
  syscalls.forEach((_, i) => {
    asm.jump(Op.jeq, 8, 0, i, `call${i}`)
  })
  asm.jump(Op.ja, 0, 0, 0, 'next')
  syscalls.forEach((name, i) => {
    asm.label(`call${i}`).syscall(name).jump(Op.ja, 0, 0, 0, 'log')
  })
  asm.label('log').op(Op.movReg, 1, 0).op(Op.movReg, 2, 8)
  for (const register of [3, 4, 5]) asm.op(Op.mov, register, 0, 0, 0)
  asm.syscall('sol_log_64_').jump(Op.ja, 0, 0, 0, 'next')
  asm.label('do10').op(Op.ldxdw, 1, 6, 0).op(Op.ldxh, 3, 6, 8).op(Op.add, 6, 0, 0, 10)
  asm.op(Op.movReg, 2, 6).op(Op.addReg, 6, 3).syscall('sol_memcpy_').jump(Op.ja, 0, 0, 0, 'next')
  asm.label('do11').op(Op.ldxw, 1, 6, 0).op(Op.add, 6, 0, 0, 4)
  asm
    .label('spin')
    .jump(Op.jeq, 1, 0, 0, 'next')
    .op(Op.sub, 1, 0, 0, 1)
    .jump(Op.ja, 0, 0, 0, 'spin')
  asm
    .label('do12')
    .op(Op.ldxw, 1, 6, 0)
    .op(Op.add, 6, 0, 0, 4)
    .call('deeper')
    .jump(Op.ja, 0, 0, 0, 'next')
  asm.label('do13').op(Op.ldxdw, 1, 6, 0).op(Op.add, 6, 0, 0, 8)
  // The target's register is the immediate in version 0 and the destination in version 3.
  asm.op(Op.callx, 1, 0, 0, 1).op(Op.mov, 8, 0, 0, 113).jump(Op.ja, 0, 0, 0, 'log')
  asm.label('do14').op(Op.ldxdw, 0, 6, 0).op(Op.ldxdw, 1, 6, 8).op(Op.add, 6, 0, 0, 16)
  asm.op(Op.div, 0, 1).op(Op.mov, 8, 0, 0, 114).jump(Op.ja, 0, 0, 0, 'log')
  asm.label('deeper').jump(Op.jeq, 1, 0, 0, 'leaf').op(Op.sub, 1, 0, 0, 1)
  asm.op(Op.stxdw, 10, 1, -8).call('deeper').label('leaf').op(Op.exit)
  return asm
}

const made = new Map<number, Uint8Array>()

export function scriptElf(version: 0 | 3): Uint8Array {
  const elf = made.get(version) ?? program().elf(version)
  made.set(version, elf)
  return elf
}
