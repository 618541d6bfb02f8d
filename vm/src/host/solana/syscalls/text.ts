import { ProgramFault } from '../errors.ts'
import { stableLog } from '../log.ts'
import { decodeUtf8 } from '../utf8.ts'
import { saturatingAdd } from '../words.ts'
import type { Syscall, SyscallCall } from './call.ts'
import { failCall, syscallErrorTexts } from './errors.ts'

function textAt(call: SyscallCall, address: bigint, length: bigint): string {
  const bytes = call.bytes(address, length)
  const decoded = decodeUtf8(bytes)
  if (decoded.error === undefined) return decoded.text
  throw new ProgramFault(`${decoded.error}: [${[...bytes].join(', ')}]`)
}

const hex = (value: bigint): string => `0x${value.toString(16)}`

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}

/** The end of programs, and lines of the log (solana-syscalls, lib.rs, logging.rs). */
export const textSyscalls: readonly Syscall[] = [
  { name: 'abort', run: () => failCall('Abort') },
  {
    name: 'sol_panic_',
    cost: (_, call) => call.arg(2),
    run(call) {
      const file = textAt(call, call.arg(1), call.arg(2))
      throw new ProgramFault(syscallErrorTexts.panic(file, call.arg(3), call.arg(4)))
    },
  },
  {
    name: 'sol_log_',
    cost: ({ syscallBaseCost }, call) => max(syscallBaseCost, call.arg(2)),
    run(call) {
      call.context.log(stableLog.message(textAt(call, call.arg(1), call.arg(2))))
      return 0n
    },
  },
  {
    name: 'sol_log_64_',
    cost: ({ log64Units }) => log64Units,
    run(call) {
      call.context.log(stableLog.message([1, 2, 3, 4, 5].map((i) => hex(call.arg(i))).join(', ')))
      return 0n
    },
  },
  {
    name: 'sol_log_pubkey',
    cost: ({ logPubkeyUnits }) => logPubkeyUnits,
    run(call) {
      call.context.log(stableLog.message(call.pubkey(call.arg(1)).toString()))
      return 0n
    },
  },
  {
    name: 'sol_log_compute_units_',
    cost: ({ syscallBaseCost }) => syscallBaseCost,
    run(call) {
      call.context.log(stableLog.remaining(call.context.remaining))
      return 0n
    },
  },
  {
    name: 'sol_log_data',
    cost: ({ syscallBaseCost }) => syscallBaseCost,
    run(call) {
      const fields = call.slices(call.arg(1), call.arg(2))
      call.consume(call.costs.syscallBaseCost * BigInt(fields.length))
      call.consume(fields.reduce((sum, { length }) => saturatingAdd(sum, length), 0n))
      call.context.log(stableLog.data(fields.map((field) => call.sliceBytes(field))))
      return 0n
    },
  },
]
