import { isStore, type OptFunction, type Value } from './ir.ts'

/** Octets of a load or store. @example accessBytes('load16u') // 2 */
export function accessBytes(op: string): number {
  return Number(/\d+/.exec(op)![0]) / 8
}

/** The value an access is relative to. */
export const baseOf = (value: Value): Value => value.args[value.args.length - 1]!

/** Who may see a function's frame. */
export interface FrameUse {
  /** Its address goes somewhere other than into accesses. */
  readonly escapes: boolean
}

/** Finds out whether the frame's address is kept to accesses at known offsets. O(n) */
export function frameUse(func: OptFunction): FrameUse {
  for (const { insns, phis } of func.blocks) {
    for (const { args } of phis)
      for (const { op } of args) if (op === 'frame') return { escapes: true }
    for (const insn of insns) {
      const isAccess = insn.op.startsWith('load') || isStore(insn.op)
      for (const [i, { op }] of insn.args.entries())
        if (op === 'frame' && !(isAccess && i === insn.args.length - 1)) return { escapes: true }
    }
  }
  return { escapes: false }
}

/** May two accesses meet, given that a frame that does not escape is reached by accesses to it alone? */
export function mayMeet(a: Value, b: Value, escapes: boolean): boolean {
  const [x, y] = [baseOf(a), baseOf(b)]
  if (x === y) return a.off < b.off + accessBytes(b.op) && b.off < a.off + accessBytes(a.op)
  // a frame is not at a constant address
  if (x.op === 'frame' || y.op === 'frame') {
    const other = x.op === 'frame' ? y : x
    return other.op === 'entry' || (escapes && other.op !== 'li')
  }
  return true
}
