import { alignUp } from '../bits/bytes.ts'
import { nullZone, pageSize } from '../vm/memory.ts'
import type { DataAddresses, DataExtents, TargetLayout } from './riscv-linked.ts'

/**
 * Where code stands for instructions that read the pc, though it is in no memory: within 2 GiB of every address below 2^31 and
 * far from those that programs have.
 */
const pseudoAddress = 0x2000_0000

/** The parts one behind the other from `start` on. */
function inARow(start: number, { bss, data, readOnly }: DataExtents): DataAddresses {
  const readOnlyAt = alignUp(start, readOnly.align)
  const dataAt = alignUp(readOnlyAt + readOnly.size, Math.max(data.align, bss.align))
  return { readOnly: readOnlyAt, data: dataAt, bss: alignUp(dataAt + data.size, bss.align) }
}

/** AVM: behind the stack, as containers have it (docs/container.md). */
export function avmLayout(stackSize: number): TargetLayout {
  return {
    name: 'avm',
    place: (sizes) => inARow(nullZone + stackSize, sizes),
    codeAddress: pseudoAddress,
    codeValues: { base: 0x4000_0000, step: 2 },
  }
}

/** Zones of 64 KiB: the first is not mapped, and one lies between what may be written and what may not. */
const zone = 0x10000

/** PVM: read-only data from 0x10000 on, the other behind a zone that is not mapped (Gray Paper, "Standard Program Initialization"). */
export const pvmLayout: TargetLayout = {
  name: 'pvm',
  place({ bss, data, readOnly }) {
    const dataAt = 2 * zone + alignUp(readOnly.size, zone)
    return { readOnly: zone, data: dataAt, bss: alignUp(dataAt + data.size, bss.align) }
  },
  codeAddress: pseudoAddress,
  codeValues: { base: 2, step: 2 },
}

/** RISC-V itself: code in memory from 0x10000 on, then data, each part in pages of its own. */
export const riscvLayout: TargetLayout = {
  name: 'riscv',
  place({ bss, code, data, readOnly }) {
    const readOnlyAt = alignUp(zone + code.size, Math.max(readOnly.align, pageSize))
    const dataAt = alignUp(readOnlyAt + readOnly.size, Math.max(data.align, bss.align, pageSize))
    return { readOnly: readOnlyAt, data: dataAt, bss: alignUp(dataAt + data.size, bss.align) }
  },
  codeAddress: zone,
  codeValues: 'address',
}
