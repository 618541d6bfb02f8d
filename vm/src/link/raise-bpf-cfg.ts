import { type BpfInsn, decodeBpf, newBpfInsn } from '../isa/bpf/decode.ts'
import { bpfTarget } from '../isa/bpf/disasm.ts'
import { bpfForms, bpfRow, bpfRows } from '../isa/bpf/table.ts'
import { Trap } from '../vm/exit.ts'
import { type BlockEnd, type RawBlock, reversePostorder } from './raise-blocks.ts'
import { bpfTables, type CodeLabels } from './raise-bpf-tables.ts'
import { raiseFail } from './raise-error.ts'
import type { BlockUse, Returning } from './raise-live.ts'
import type { LinkedCode } from './riscv-linked.ts'

export type BpfBlock = RawBlock<BpfInsn>

/** A function of eBPF in blocks; the first is where it starts. Places count octets. */
export interface BpfBlocks extends Returning {
  readonly index: number
  readonly blocks: readonly BpfBlock[]
}

const slotBytes = 8
const forms = bpfRows.map(({ form }) => form)

interface Ending {
  readonly end: BlockEnd<BpfInsn>
  /** Where it goes on, by places in the code. */
  readonly targets: readonly number[]
}

/** Cuts functions into blocks. One for a program. O(code) but for what jump tables repeat. */
export class BpfCutter {
  readonly linked: LinkedCode
  private readonly labels: CodeLabels
  private readonly insn = newBpfInsn()

  constructor(linked: LinkedCode) {
    this.linked = linked
    this.labels = bpfTables(linked)
  }

  /** @throws {LinkError} when it jumps to where no instruction of it is */
  cut(index: number): BpfBlocks {
    const endings = new Map<number, Ending>()
    const leaders = this.scan(index, endings)
    const pcs = [...leaders].sort((a, b) => a - b)
    const blocks: BpfBlock[] = []
    const at = new Map<number, BpfBlock>()
    const add = (from: number, to: number, end: BlockEnd<BpfInsn>): BpfBlock => {
      const block: BpfBlock = { id: blocks.length, from, to, end, succs: [], preds: [] }
      blocks.push(block)
      if (!at.has(from)) at.set(from, block)
      return block
    }
    const { end, start } = this.linked.functions[index]!
    // the first leader is the start: a function jumps nowhere before it
    for (const pc of pcs) {
      if (pc < start || pc >= end) continue
      let to = pc
      while (to < end && !endings.has(to) && (to === pc || !leaders.has(to))) to += this.octets(to)
      add(pc, to, endings.get(to)?.end ?? { kind: 'next' })
    }
    for (const block of [...blocks]) {
      const ending = block.end.kind === 'next' ? undefined : endings.get(block.to)
      const targets = ending?.targets ?? [block.to]
      const isCall = block.end.kind === 'call' || block.end.kind === 'callr'
      block.succs = targets.map(
        (pc) => at.get(pc) ?? add(pc, pc, this.outside(index, block.to, pc, isCall)),
      )
    }
    for (const block of blocks) for (const succ of block.succs) succ.preds.push(block)
    return { index, blocks, returns: false }
  }

  /** What registers blocks read and write, from the last to the first. */
  uses(order: readonly BpfBlock[]): BlockUse[] {
    return order
      .map((block) => {
        let reads = 0
        let writes = 0
        for (let pc = block.from; pc < block.to; pc += this.octets(pc)) {
          decodeBpf(this.linked.code, pc / slotBytes, this.insn)
          reads |= readsOf(this.insn) & ~writes
          writes |= writesOf(this.insn)
        }
        const { end } = block
        const endReads = 'insn' in end && end.kind !== 'ret' ? readsOf(end.insn) : 0
        return { block, reads, writes, endReads, live: 0 }
      })
      .reverse()
  }

  /** Octets of the instruction at a place. */
  octets(pc: number): number {
    decodeBpf(this.linked.code, pc / slotBytes, this.insn)
    return this.insn.slots * slotBytes
  }

  private scan(index: number, endings: Map<number, Ending>): Set<number> {
    const { end, start } = this.linked.functions[index]!
    const leaders = new Set<number>([start])
    const seen = new Set<number>()
    const work = [start]
    for (let from = work.pop(); from !== undefined; from = work.pop())
      for (let pc = from; pc < end && !seen.has(pc); ) {
        seen.add(pc)
        const ending = this.ending(index, pc)
        if (ending === undefined) {
          pc += this.insn.slots * slotBytes
          continue
        }
        endings.set(pc, ending)
        for (const target of ending.targets) {
          if (leaders.has(target)) continue
          leaders.add(target)
          if (target >= start && target < end) work.push(target)
        }
        break
      }
    return leaders
  }

  /** What ends a block at a place; undefined if the instruction there, left in `insn`, goes on to the next. */
  private ending(index: number, pc: number): Ending | undefined {
    const { insn, linked } = this
    decodeBpf(linked.code, pc / slotBytes, insn)
    const { row } = insn
    const after = pc + slotBytes
    // as in eBPF: calls of what nothing defines are such slots
    if (row < 0) return { end: { kind: 'trap', trap: Trap.invalidInstruction }, targets: [] }
    const called = linked.calls.get(pc)
    if (called !== undefined) return { end: { kind: 'call', target: called }, targets: [after] }
    const own = { ...insn }
    switch (row) {
      case bpfRow.exit:
        return { end: { kind: 'ret', insn: own }, targets: [] }
      case bpfRow.callx:
      case bpfRow.callx_imm:
        return { end: { kind: 'callr', insn: own }, targets: [after] }
      case bpfRow.ja:
      case bpfRow.gotol:
        return { end: { kind: 'jump' }, targets: [bpfTarget(own, pc / slotBytes)! * slotBytes] }
      case bpfRow.gotox:
        return this.indirect(index, pc, own)
      default: {
        if (forms[row] !== 'jrr' && forms[row] !== 'jri') return undefined
        const taken = bpfTarget(own, pc / slotBytes)! * slotBytes
        return { end: { kind: 'branch', insn: own }, targets: [taken, after] }
      }
    }
  }

  private indirect(index: number, pc: number, insn: BpfInsn): Ending {
    const labels = this.labels.of(index, pc, insn.dst)
    const targets = labels.map((label) => this.linked.codeTable[label]!.pc)
    if (labels.length === 0)
      raiseFail(
        this.linked,
        { func: index, pc },
        'unclearJumps',
        'it jumps to an address of code, and none is taken in it',
      )
    return { end: { kind: 'switch', insn, labels }, targets }
  }

  /** What a jump to a place that is not the function's does. */
  private outside(index: number, from: number, pc: number, isCall: boolean): BlockEnd<BpfInsn> {
    const { functions } = this.linked
    // behind the last call of a function is nothing: the callee does not return
    if (isCall) return { kind: 'trap', trap: Trap.invalidInstruction }
    const other = functions.findIndex(({ start }) => start === pc)
    if (other >= 0) return { kind: 'tail', target: { kind: 'function', index: other } }
    if (pc === functions.at(-1)!.end && from === pc)
      return { kind: 'trap', trap: Trap.invalidInstruction }
    return raiseFail(
      this.linked,
      { func: index, pc: from },
      'jumpOutside',
      `it jumps to offset ${pc} of the code, which is not in it`,
    )
  }
}

const fieldsOf = bpfRows.map(({ form }) => bpfForms[form])
const isField = (row: number, field: 'dst' | 'src', kinds: readonly string[]): boolean => {
  const form: Readonly<Record<string, readonly [number, number, string]>> = fieldsOf[row]!
  const kind = form[field]?.[2]
  return kind !== undefined && kinds.includes(kind)
}
const bit = (register: number): number => (register <= 10 ? 1 << register : 0)
/** The exact rows that write dst and do not read it. */
const onlyWrites: Uint8Array = Uint8Array.from(bpfRows, ({ form, name }) =>
  form === 'load' || form === 'lddw' || /^(mov|load_acquire)/.test(name) ? 1 : 0,
)

/** Registers that an instruction reads, as bits. */
function readsOf({ dst, imm, row, src }: BpfInsn): number {
  if (row < 0) return 0
  if (row === bpfRow.callx_imm) return bit(imm)
  let bits = 0
  if (isField(row, 'dst', ['reg', 'wreg']) && onlyWrites[row] === 0) bits |= bit(dst)
  if (isField(row, 'src', ['reg', 'wreg'])) bits |= bit(src)
  if (row === bpfRow.cmpxchg64 || row === bpfRow.cmpxchg32) bits |= 1
  return bits
}

/** Registers that an instruction writes, as bits. */
function writesOf({ dst, row, src }: BpfInsn): number {
  if (row < 0) return 0
  let bits = 0
  if (isField(row, 'dst', ['wreg'])) bits |= bit(dst)
  if (isField(row, 'src', ['wreg'])) bits |= bit(src)
  if (row === bpfRow.cmpxchg64 || row === bpfRow.cmpxchg32) bits |= 1
  return bits
}

/** Blocks that the first one reaches, each before its successors but for loops. */
export const orderOfBlocks = ({ blocks }: BpfBlocks): BpfBlock[] => reversePostorder(blocks[0]!)
