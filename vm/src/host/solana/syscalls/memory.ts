import type { Syscall, SyscallCall } from './call.ts'
import { failCall } from './errors.ts'

function cost(call: SyscallCall, length: bigint): bigint {
  const { memOpBaseCost, cpiBytesPerUnit } = call.costs
  const units = length / cpiBytesPerUnit
  return units > memOpBaseCost ? units : memOpBaseCost
}

function move(call: SyscallCall): bigint {
  const to = call.arg(1)
  const from = call.arg(2)
  const length = call.arg(3)
  const bytes = call.tryBytes(from, length)
  if (bytes === undefined) {
    // Both are refused: the target is looked at first.
    call.checkWrites({ address: to, length })
    call.bytes(from, length)
  } else call.write(to, bytes)
  return 0n
}

/** The sign and size of the first difference, as an i32. */
function compare(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return 0
}

/** Copies, fills and compares (solana-syscalls, mem_ops.rs). */
export const memorySyscalls: readonly Syscall[] = [
  {
    name: 'sol_memcpy_',
    cost: (_, call) => cost(call, call.arg(3)),
    run(call) {
      const to = call.arg(1)
      const from = call.arg(2)
      const distance = from > to ? from - to : to - from
      if (distance < call.arg(3)) failCall('CopyOverlapping')
      return move(call)
    },
  },
  { name: 'sol_memmove_', cost: (_, call) => cost(call, call.arg(3)), run: move },
  {
    name: 'sol_memset_',
    cost: (_, call) => cost(call, call.arg(3)),
    run(call) {
      const length = call.arg(3)
      call.checkLength(call.arg(1), length)
      call.write(call.arg(1), new Uint8Array(Number(length)).fill(Number(call.arg(2) & 0xffn)))
      return 0n
    },
  },
  {
    name: 'sol_memcmp_',
    cost: (_, call) => cost(call, call.arg(3)),
    run(call) {
      const a = call.bytes(call.arg(1), call.arg(3))
      const b = call.bytes(call.arg(2), call.arg(3))
      const result = new Uint8Array(4)
      new DataView(result.buffer).setInt32(0, compare(a, b), true)
      call.checkWrites({ address: call.arg(4), length: 1n, size: 4, align: 4 })
      call.write(call.arg(4), result)
      return 0n
    },
  },
]
