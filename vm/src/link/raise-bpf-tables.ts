import { type BpfInsn, decodeBpf, newBpfInsn } from '../isa/bpf/decode.ts'
import { bpfConstant, bpfTarget } from '../isa/bpf/disasm.ts'
import { bpfForms, bpfRow, bpfRows } from '../isa/bpf/table.ts'
import type { CodeWord, LinkedCode } from './riscv-linked.ts'

/** Where jumps through registers go. */
export interface CodeLabels {
  /**
   * Entries of the code table that a `gotox` through a register may have, ascending: those of the jump table that the register
   * is loaded from, if straight-line code before it says which; else all labels of the function.
   */
  of(func: number, pc: number, register: number): readonly number[]
}

const slotBytes = 8
/** r0 to r5: what a call may change. */
const callWrites = 6
const writesDst: Uint8Array = Uint8Array.from(bpfRows, ({ form }) => {
  const fields: Readonly<Record<string, readonly [number, number, string]>> = bpfForms[form]
  return fields['dst']?.[2] === 'wreg' ? 1 : 0
})
/** Rows that control does not go past. */
const stops: Uint8Array = Uint8Array.from(bpfRows, ({ form, name }) =>
  form === 'jump' || form === 'jumpl' || name === 'exit' || name === 'gotox' ? 1 : 0,
)
const calls: ReadonlySet<number> = new Set([
  ...[bpfRow.call, bpfRow.call_local, bpfRow.callx, bpfRow.callx_imm],
])

/** A function's code, once, in order. */
interface Listing {
  /** Offsets of its instructions. */
  readonly pcs: readonly number[]
  /** Where jumps land. */
  readonly landed: ReadonlySet<number>
  /** Addresses that its instructions name. */
  readonly named: ReadonlySet<number>
}

/** O(code) for all functions together, and for a jump as far back as its table is named. */
export function bpfTables(linked: LinkedCode): CodeLabels {
  const { code, codeTable, codeWords, functions } = linked
  const words = new Map<number, CodeWord>(
    codeWords
      .filter(({ entry }) => codeTable[entry]!.isFunction === false)
      .map((word) => [word.address, word]),
  )
  const labels = new Map<number, number[]>()
  codeTable.forEach(({ index, isFunction }, entry) => {
    if (isFunction) return
    const known = labels.get(index)
    if (known === undefined) labels.set(index, [entry])
    else known.push(entry)
  })
  const insn = newBpfInsn()
  const listings = new Map<number, Listing>()

  function listingOf(func: number): Listing {
    let listing = listings.get(func)
    if (listing === undefined) {
      const pcs: number[] = []
      const landed = new Set((labels.get(func) ?? []).map((entry) => codeTable[entry]!.pc))
      const named = new Set<number>()
      const { end, start } = functions[func]!
      for (let pc = start; pc < end; pc += insn.slots * slotBytes) {
        decodeBpf(code, pc / slotBytes, insn)
        pcs.push(pc)
        if (insn.row === bpfRow.lddw) named.add(Number(bpfConstant(insn)))
        const target = insn.row === bpfRow.call_local ? undefined : bpfTarget(insn, pc / slotBytes)
        if (target !== undefined) landed.add(target * slotBytes)
      }
      listing = { pcs, landed, named }
      listings.set(func, listing)
    }
    return listing
  }

  /** The address of the table that `register` is loaded from at `pc`, or undefined. */
  function tableOf({ landed, pcs }: Listing, pc: number, register: number): number | undefined {
    const search = new TableSearch(register)
    for (let i = pcs.indexOf(pc); i > 0 && !landed.has(pcs[i]!); i--) {
      decodeBpf(code, pcs[i - 1]! / slotBytes, insn)
      if (insn.row < 0 || stops[insn.row] === 1) return undefined
      const address = search.back(insn)
      if (address !== undefined && words.has(address)) return address
      if (search.isOver) return undefined
    }
    return undefined
  }

  function entriesFrom(address: number, func: number, named: ReadonlySet<number>): number[] {
    const found = new Set<number>()
    for (let at = address; at === address || !named.has(at); ) {
      const word = words.get(at)
      if (word === undefined || codeTable[word.entry]!.index !== func) break
      found.add(word.entry)
      at += word.size
    }
    return [...found].sort((a, b) => a - b)
  }

  return {
    of(func, pc, register) {
      const listing = listingOf(func)
      const address = tableOf(listing, pc, register)
      const found = address === undefined ? [] : entriesFrom(address, func, listing.named)
      return found.length > 0 ? found : (labels.get(func) ?? [])
    },
  }
}

/** Goes back from a jump to the constant that its table's address is made of. */
class TableSearch {
  /** Registers that the address may be in: of the jump, then those that the load's address is the sum of. */
  private wanted: Set<number>
  private isLoaded = false
  private off = 0

  constructor(register: number) {
    this.wanted = new Set([register])
  }

  get isOver(): boolean {
    return this.wanted.size === 0
  }

  /** Takes back one instruction; answers the constant that a wanted register is. */
  back(insn: BpfInsn): number | undefined {
    const { dst, off, row, src } = insn
    if (calls.has(row)) for (let r = 0; r < callWrites; r++) this.wanted.delete(r)
    if (writesDst[row] === 0 || !this.wanted.has(dst)) return undefined
    if (row === bpfRow.add64 && this.isLoaded) {
      this.wanted.add(src)
      return undefined
    }
    this.wanted.delete(dst)
    if (row === bpfRow.lddw) return this.isLoaded ? Number(bpfConstant(insn)) + this.off : undefined
    if (row === bpfRow.mov64) this.wanted.add(src)
    else if (row === bpfRow.ldxdw && !this.isLoaded) {
      this.isLoaded = true
      this.off = off
      this.wanted.add(src)
    }
    return undefined
  }
}
