import { alignUp } from '../../bits/bytes.ts'
import { decodeBpf, newBpfInsn } from './decode.ts'
import { bpfTarget } from './disasm.ts'
import { bpfForms, bpfRow, bpfRows } from './table.ts'

/** A function found in code; `frameSize` bytes below r10 are its own, a multiple of 8. */
export interface FoundFunction {
  readonly pc: number
  readonly frameSize: number
}

/** A distance over this many bytes is no place in a frame: frame sizes must fit 32 bits. */
const maxScannedFrame = 1 << 30

/**
 * Functions of code without symbols: they start at slot 0, at the entries and at targets of local
 * calls, and reach to the next start. A frame reaches down to the lowest place below r10 that the
 * function names, by a displacement or by `mov rX, r10` followed by `add rX, -N` or `sub rX, N`
 * on that register (later displacements from rX count too, until rX is written or a jump lands).
 * Places formed in other ways are not seen: objects with `.stack_sizes` say it exactly. O(code).
 * @param entries slots; those that are no start of an instruction are left out
 * @example bpfFunctions(assembleBpf('stxdw [r10-8], r1').code, [0]) // [{ pc: 0, frameSize: 8 }]
 */
export function bpfFunctions(code: Uint8Array, entries: Iterable<number>): FoundFunction[] {
  const slots = code.length >> 3
  const sweep = sweepOf(code, slots)
  for (const entry of entries) if (sweep.insn[entry] === 1) sweep.begin[entry] = 1
  if (slots > 0) sweep.begin[0] = 1
  const starts: number[] = []
  for (let slot = 0; slot < slots; slot++)
    if (sweep.begin[slot] === 1 && sweep.insn[slot] === 1) starts.push(slot)
  return starts.map((pc, index) => ({
    pc,
    frameSize: bpfFrameSize(code, pc, starts[index + 1] ?? slots, sweep.landed),
  }))
}

interface Sweep {
  /** 1 where an instruction starts. */
  readonly insn: Uint8Array
  /** 1 at targets of local calls. */
  readonly begin: Uint8Array
  /** 1 at targets of jumps. */
  readonly landed: Uint8Array
}

function sweepOf(code: Uint8Array, slots: number): Sweep {
  const insn = newBpfInsn()
  const sweep: Sweep = {
    insn: new Uint8Array(slots),
    begin: new Uint8Array(slots),
    landed: new Uint8Array(slots),
  }
  for (let slot = 0; slot < slots; slot += insn.slots) {
    decodeBpf(code, slot, insn)
    sweep.insn[slot] = 1
    const target = bpfTarget(insn, slot)
    if (target === undefined || target < 0 || target >= slots) continue
    if (insn.row === bpfRow.call_local) sweep.begin[target] = 1
    else sweep.landed[target] = 1
  }
  return sweep
}

// By row: is there a displacement, from which field; is the field dst or src written.
const forms = bpfRows.map((row) => bpfForms[row.form])
const baseIsSrc = bpfRows.map((row) => row.form === 'load')
const hasDisplacement = forms.map((form) => 'off' in form && form.off[2] === 'disp')
const writesDst = forms.map((form) => 'dst' in form && form.dst[2] === 'wreg')
const writesSrc = forms.map((form) => 'src' in form && form.src[2] === 'wreg')

/**
 * Bytes below r10 that `code[pc, end)` names, rounded up to 8; see `bpfFunctions`. O(end - pc).
 * @param landed 1 at slots where jumps land: nothing is known of registers there
 */
export function bpfFrameSize(
  code: Uint8Array,
  pc: number,
  end: number,
  landed: Uint8Array,
): number {
  const insn = newBpfInsn()
  // distance of each register from the frame pointer; NaN: no address of the frame
  const distance = new Float64Array(11).fill(Number.NaN)
  distance[10] = 0
  let lowest = 0
  const reach = (at: number): void => {
    if (at < lowest && at >= -maxScannedFrame) lowest = at
  }
  for (let slot = pc; slot < end; slot += insn.slots) {
    decodeBpf(code, slot, insn)
    if (landed[slot] === 1) distance.fill(Number.NaN, 0, 10)
    const { row, dst, src, off, imm } = insn
    if (row < 0) continue
    if (hasDisplacement[row]) reach(distance[baseIsSrc[row] ? src : dst]! + off)
    if (row === bpfRow.mov64) {
      distance[dst] = distance[src]!
    } else if (row === bpfRow.add64i || row === bpfRow.sub64i) {
      distance[dst]! += row === bpfRow.add64i ? imm : -imm
      reach(distance[dst]!)
    } else if (writesDst[row]) {
      distance[dst] = Number.NaN
    } else if (writesSrc[row]) {
      distance[src] = Number.NaN
    } else if (isCall(row)) {
      distance.fill(Number.NaN, 0, 6)
    }
  }
  return alignUp(0 - lowest, 8)
}

function isCall(row: number): boolean {
  const { gas } = bpfRows[row]!
  return gas === 'call' || gas === 'host'
}
