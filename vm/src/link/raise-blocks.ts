import type { RiscvInsn } from '../isa/riscv/decode.ts'
import type { Trap } from '../vm/exit.ts'
import type { CallTarget } from './riscv-linked.ts'

/**
 * How a block ends, of instructions I; where it goes on is `succs`.
 *
 * - `next`, `jump`: succs[0]. `branch`: succs[0] if taken, else succs[1].
 * - `call`, `callr` (by a register), `ecall`: behind it at succs[0]; at none if the callee never returns.
 * - `tail`, `tailr`: a call, then a return. `ret`: by register `rs1`, where there is one.
 * - `jr`: a jump through register `rs1` of which nothing is decided.
 * - `switch`: to the place of the code table (`labels`, as succs) that a register is the address of.
 * - `bad`: an instruction that no extension has.
 */
export type BlockEnd<I = RiscvInsn> =
  | { readonly kind: 'next' | 'jump' | 'ecall' }
  | { readonly kind: 'branch'; readonly insn: I }
  | { readonly kind: 'call' | 'tail'; readonly target: CallTarget }
  | { readonly kind: 'callr' | 'jr' | 'tailr' | 'ret'; readonly insn: I }
  | { readonly kind: 'switch'; readonly insn: I; readonly labels: readonly number[] }
  | { readonly kind: 'trap'; readonly trap: Trap }
  | { readonly kind: 'bad' }

/** Straight-line instructions [from, to), then how it ends, at `to`. */
export interface RawBlock<I = RiscvInsn> {
  readonly id: number
  readonly from: number
  readonly to: number
  end: BlockEnd<I>
  succs: RawBlock<I>[]
  preds: RawBlock<I>[]
}

/** Blocks that the first one reaches, each before its successors but for loops. O(blocks) */
export function reversePostorder<I>(first: RawBlock<I>): RawBlock<I>[] {
  const order: RawBlock<I>[] = []
  const seen = new Set<RawBlock<I>>([first])
  const stack: { readonly block: RawBlock<I>; next: number }[] = [{ block: first, next: 0 }]
  for (let top = stack[0]; top !== undefined; top = stack[stack.length - 1]) {
    const succ = top.block.succs[top.next++]
    if (succ === undefined) {
      order.push(top.block)
      stack.pop()
    } else if (!seen.has(succ)) {
      seen.add(succ)
      stack.push({ block: succ, next: 0 })
    }
  }
  return order.reverse()
}
