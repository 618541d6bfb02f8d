import { heapStart, type Syscall, type SyscallCall } from './call.ts'

/** `AccountMeta` of Rust: address, isSigner, isWritable. */
const metaBytes = 34

/**
 * The instruction at the same height and of the same caller that was run `index` before the last one
 * (solana-syscalls, `SyscallGetProcessedSiblingInstruction`).
 */
function sibling(call: SyscallCall): bigint {
  const { transaction, instruction } = call.context
  const { trace } = transaction
  const index = call.arg(1)
  const height = transaction.stackHeight
  const end = height === 1 ? transaction.nextTopLevel : trace.length
  const start = height === 1 ? 0 : end - transaction.callCount
  let seen = 0n
  for (let i = end - 1; i >= start; i--) {
    const frame = trace[i]!
    if (frame.caller !== instruction.caller) continue
    if (frame.stackHeight < height) break
    if (frame.stackHeight > height) continue
    if (index + 1n === seen) return copySibling(call, i)
    seen += 1n
  }
  return 0n
}

function copySibling(call: SyscallCall, place: number): bigint {
  const frame = call.context.transaction.trace[place]!
  const header = call.arg(2)
  const programId = call.arg(3)
  const data = call.arg(4)
  const accounts = call.arg(5)
  const head = { address: header, length: 1n, size: 16, align: 8 }
  const dataLength = BigInt(frame.data.length)
  const count = BigInt(frame.accountCount)
  call.checkWrites(head)
  if (call.u64(header) === dataLength && call.u64(header + 8n) === count) {
    call.checkWrites(
      { address: programId, length: 1n, size: 32 },
      { address: data, length: dataLength },
      { address: accounts, length: count, size: metaBytes },
      head,
    )
    call.write(programId, frame.programId.bytes)
    call.write(data, frame.data)
    const metas = new Uint8Array(metaBytes * frame.accountCount)
    for (let i = 0; i < frame.accountCount; i++) {
      metas.set(frame.key(i).bytes, metaBytes * i)
      metas[metaBytes * i + 32] = frame.isSigner(i) ? 1 : 0
      metas[metaBytes * i + 33] = frame.isWritable(i) ? 1 : 0
    }
    call.write(accounts, metas)
  } else {
    call.writeU64(header, dataLength)
    call.writeU64(header + 8n, count)
  }
  return 1n
}

/** A bump allocator that never frees; 0: no room. */
function allocate(call: SyscallCall): bigint {
  const size = call.arg(1)
  if (call.arg(2) !== 0n) return 0n
  const align = call.checkAligned ? 8n : 1n
  // Rust's `Layout` has no sizes that round up beyond isize.
  if (size > (1n << 63n) - align) return 0n
  const at = (call.allocated + align - 1n) & -align
  if (at + size > BigInt(call.context.budget.heapSize)) return 0n
  call.allocated = at + size
  return heapStart + at
}

/** What programs ask about the run they are in (solana-syscalls, lib.rs). */
export const instructionSyscalls: readonly Syscall[] = [
  {
    name: 'sol_get_processed_sibling_instruction',
    cost: ({ syscallBaseCost }) => syscallBaseCost,
    run: sibling,
  },
  {
    name: 'sol_get_stack_height',
    cost: ({ syscallBaseCost }) => syscallBaseCost,
    run: (call) => BigInt(call.context.transaction.stackHeight),
  },
  { name: 'sol_alloc_free_', onlyDeployed: true, run: allocate },
  {
    name: 'sol_remaining_compute_units',
    feature: 'remaining_compute_units_syscall_enabled',
    cost: ({ syscallBaseCost }) => syscallBaseCost,
    run: (call) => call.context.remaining,
  },
]
