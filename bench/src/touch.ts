import type { Machine } from 'alcatraz-vm'
import { pageSize } from './guests.ts'

/** Writes every page, so that no run pays for the system's first sight of one. */
export function touch(machine: Machine): void {
  const { memory } = machine.program
  const low = 0x10000
  const ranges =
    memory.profile === 'linear32'
      ? [{ address: low, length: memory.size - low, writable: true }]
      : memory.regions
  for (const { address, length, writable } of ranges)
    if (writable) touchRange(machine, address, length)
}

export function touchRange(machine: Machine, address: number, length: number): void {
  for (let at = address; at < address + length; at += pageSize) {
    const octet = machine.memory.read(BigInt(at), 1)
    if (octet !== undefined) machine.memory.write(BigInt(at), octet)
  }
}
