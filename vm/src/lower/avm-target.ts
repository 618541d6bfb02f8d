import { avmInsn, shortest } from '../isa/avm/insn.ts'
import { type AvmName, avmRows, maxSlots } from '../isa/avm/table.ts'
import type { Target } from './machine.ts'

/** r15: the first address above the running function's frame. */
export const avmFrameRegister = 15

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

/** AVM: calls keep r2 to r15 for their caller. */
export const avmTarget: Target = {
  name: 'avm',
  registers: 16,
  allocatable: range(15),
  slots: maxSlots,
  argumentPlaces: range(8),
  resultPlaces: [0, 1],
  callClobbers: [0, 1],
  hostClobbers: [0, 1],
  kept: [],
  link: -1,
  ops: new Set(avmRows.map(({ name }) => name)),
  fits: (op, imm) => imm === 0n || shortest(avmInsn(op as AvmName, { imm }), undefined) >= 0,
}
