import { VerifyError } from '../bits/errors.ts'
import type { Machine } from './machine.ts'
import { pageSize } from './memory.ts'

/** Where an eBPF program finds its input. */
export interface BpfInput {
  /** A multiple of 16. */
  readonly address: number
  readonly bytes: Uint8Array
}

/**
 * Readies a fresh machine for an eBPF program: memory grown to hold the input, the input written,
 * r1 = its address, r2 = its length, pc = `entry`; r10 is the high end of the stack already.
 * @param entry slot
 * @throws {VerifyError} `inputTooLarge` when memory may not grow that far
 */
export function startBpf(machine: Machine, entry: number, input: BpfInput): void {
  const { address, bytes } = input
  const end = Math.ceil((address + bytes.length) / pageSize) * pageSize
  const { memory, registers } = machine
  if (!memory.grow(end) || (bytes.length > 0 && !memory.write(BigInt(address), bytes))) {
    throw new VerifyError('inputTooLarge', `no memory for ${bytes.length} bytes of input`, {
      value: bytes.length,
    })
  }
  registers.set(1, BigInt(address))
  registers.set(2, BigInt(bytes.length))
  machine.pc = entry
}
