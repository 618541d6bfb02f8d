import type { RiscvInsn } from '../isa/riscv/decode.ts'
import { type RiscvName, riscvRows } from '../isa/riscv/table.ts'
import { Reg } from './raise-cfg.ts'
import type { CodeWord, LinkedCode } from './riscv-linked.ts'

/**
 * What is known of a register, with a number:
 *
 * - `constant`: it. `stack`: octets from where the stack pointer was at the function's entry.
 * - `entry`: what register n was there.
 * - `aligned`: an address of the stack rounded down, at least `stack` n.
 * - `indexed`: n and something unknown. `label`, `relative`: a word of the jump table at n; `relative` counts from it.
 */
export const Known = {
  nothing: 0,
  constant: 1,
  stack: 2,
  entry: 3,
  indexed: 4,
  label: 5,
  relative: 6,
  aligned: 7,
} as const
export type Known = (typeof Known)[keyof typeof Known]

const registers = 32
/** ra, t0 to t2, a0 to a7, t3 to t6, and in place of x0 what `lr` reserved: what a call may change. */
const callerSaved = [0, 1, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 31]

/** Registers that hold at the end of a function what they held at its start, but for ra and sp. */
export function calleeSaved(embedded: boolean): readonly number[] {
  return embedded ? [8, 9] : [8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27]
}

/** What is known at a place of a function. */
export class RegisterState {
  readonly kinds: Uint8Array = new Uint8Array(registers)
  readonly values: Float64Array = new Float64Array(registers)
  /** Places of the stack (as `Known.stack`) that hold what a register was at the entry. */
  slots: Map<number, number> = new Map()

  static atEntry(): RegisterState {
    const state = new RegisterState()
    for (let register = 1; register < registers; register++)
      if (register < Reg.t0 || calleeSaved(false).includes(register))
        state.set(register, Known.entry, register)
    state.set(Reg.sp, Known.stack, 0)
    return state
  }

  copy(): RegisterState {
    const state = new RegisterState()
    state.kinds.set(this.kinds)
    state.values.set(this.values)
    state.slots = new Map(this.slots)
    return state
  }

  set(register: number, kind: Known, value: number): void {
    if (register === 0) return
    this.kinds[register] = kind
    this.values[register] = kind === Known.nothing ? 0 : value
  }

  is(register: number, kind: Known): boolean {
    return register === 0 ? kind === Known.constant : this.kinds[register] === kind
  }

  /** What is known both here and there, here. @returns whether that is less than was */
  meet(other: RegisterState): boolean {
    let less = false
    for (let register = 1; register < registers; register++) {
      const same =
        this.kinds[register] === other.kinds[register] &&
        this.values[register] === other.values[register]
      if (same || this.kinds[register] === Known.nothing) continue
      this.set(register, Known.nothing, 0)
      less = true
    }
    for (const [slot, register] of this.slots) {
      if (other.slots.get(slot) === register) continue
      this.slots.delete(slot)
      less = true
    }
    return less
  }

  /** A call was here. */
  call(): void {
    for (const register of callerSaved) this.set(register, Known.nothing, 0)
  }
}

/** Octets that an instruction reads or writes. */
const accessBytes: Int8Array = Int8Array.from(riscvRows, ({ form, name }) => {
  if (form === 'load' || form === 'store') return 1 << 'bhwd'.indexOf(name[1]!)
  if (form === 'reserve' || form === 'atomic') return name.endsWith('d') ? 8 : 4
  return 0
})
const isForm = (...wanted: readonly string[]): Uint8Array =>
  Uint8Array.from(riscvRows, ({ form }) => (wanted.includes(form) ? 1 : 0))
const isLoadRow: Uint8Array = isForm('load')
const isStoreRow: Uint8Array = isForm('store')
/** Rows that read and write memory at rs1. */
const isAtomicRow: Uint8Array = isForm('reserve', 'atomic')
const writesRd: Uint8Array = isForm(
  'rrr',
  'rr',
  'rri',
  'upper',
  'load',
  'jump',
  'jumpr',
  'reserve',
  'atomic',
)

type Step = (f: StateSteps, s: RegisterState, i: RiscvInsn, pc: number) => void

/** How instructions change what is known. One for a program. */
export class StateSteps {
  readonly wide: boolean
  private readonly codeAddress: number
  private readonly words = new Map<number, CodeWord>()
  private readonly entries = new Set<number>()

  constructor({ codeAddress, codeTable, codeWords, version }: LinkedCode) {
    this.wide = version !== 'rv32'
    this.codeAddress = codeAddress
    for (const word of codeWords) {
      if (codeTable[word.entry]?.isFunction !== false) continue
      this.words.set(word.address, word)
      this.entries.add(word.entry)
    }
  }

  /** Is an entry of the code table in a jump table? */
  inTable(entry: number): boolean {
    return this.entries.has(entry)
  }

  /** Word of a jump table at an address. */
  word(address: number): CodeWord | undefined {
    return this.words.get(address)
  }

  /** Octets of a register. */
  get width(): number {
    return this.wide ? 8 : 4
  }

  /** Goes over one instruction that is no jump. */
  step(state: RegisterState, insn: RiscvInsn, pc: number): void {
    const step = steps[insn.row]
    if (step !== undefined) step(this, state, insn, pc)
    else if (isStoreRow[insn.row] === 1) this.store(state, insn)
    else if (isLoadRow[insn.row] === 1) this.load(state, insn)
    else {
      if (isAtomicRow[insn.row] === 1) this.forget(state, insn)
      if (writesRd[insn.row] === 1) state.set(insn.rd, Known.nothing, 0)
    }
  }

  constant(state: RegisterState, rd: number, value: number): void {
    const whole = this.wide ? value : value | 0
    if (Number.isSafeInteger(whole)) state.set(rd, Known.constant, whole)
    else state.set(rd, Known.nothing, 0)
  }

  private forget(state: RegisterState, { imm, row, rs1 }: RiscvInsn): void {
    if (!state.is(rs1, Known.stack) || state.slots.size === 0) return
    const from = state.values[rs1]! + imm
    const to = from + accessBytes[row]!
    for (const slot of state.slots.keys())
      if (slot < to && from < slot + this.width) state.slots.delete(slot)
  }

  private store(state: RegisterState, insn: RiscvInsn): void {
    this.forget(state, insn)
    if (!this.saves(state, insn)) return
    state.slots.set(state.values[insn.rs1]! + insn.imm, state.values[insn.rs2]!)
  }

  /** Is it a store of what a register was at the function's entry to the stack? */
  saves(state: RegisterState, { row, rs1, rs2 }: RiscvInsn): boolean {
    return (
      isStoreRow[row] === 1 &&
      accessBytes[row] === this.width &&
      state.is(rs1, Known.stack) &&
      state.is(rs2, Known.entry)
    )
  }

  /** The register whose value at the function's entry a load reads, or -1. */
  restores(state: RegisterState, { imm, row, rs1 }: RiscvInsn): number {
    if (isLoadRow[row] === 0 || accessBytes[row] !== this.width || !state.is(rs1, Known.stack))
      return -1
    return state.slots.get(state.values[rs1]! + imm) ?? -1
  }

  private load(state: RegisterState, insn: RiscvInsn): void {
    const { imm, rd, rs1 } = insn
    const saved = this.restores(state, insn)
    if (saved >= 0) {
      state.set(rd, Known.entry, saved)
      return
    }
    const base = state.values[rs1]! + imm
    const isTable = state.is(rs1, Known.indexed) || state.is(rs1, Known.constant)
    const word = isTable ? this.words.get(base) : undefined
    if (word === undefined) state.set(rd, Known.nothing, 0)
    else state.set(rd, word.from === 0 ? Known.label : Known.relative, base)
  }

  /** rd = rs1 + number */
  plus(state: RegisterState, rd: number, rs1: number, by: number): void {
    const kind = rs1 === 0 ? Known.constant : (state.kinds[rs1]! as Known)
    const value = rs1 === 0 ? 0 : state.values[rs1]!
    if (kind === Known.constant) this.constant(state, rd, value + by)
    else if (kind === Known.stack || kind === Known.indexed) state.set(rd, kind, value + by)
    else state.set(rd, by === 0 ? kind : Known.nothing, value)
  }

  /** rd = rs1 + rs2 */
  sum(state: RegisterState, { rd, rs1, rs2 }: RiscvInsn): void {
    if (state.is(rs2, Known.constant)) this.sumWith(state, rd, rs1, rs2)
    else if (state.is(rs1, Known.constant)) this.sumWith(state, rd, rs2, rs1)
    else state.set(rd, Known.nothing, 0)
  }

  private sumWith(state: RegisterState, rd: number, from: number, constant: number): void {
    const by = constant === 0 ? 0 : state.values[constant]!
    const isOwn = state.is(from, Known.relative) && state.values[from] === by
    if (isOwn) state.set(rd, Known.label, by)
    else if (from !== 0 && state.kinds[from] === Known.nothing) state.set(rd, Known.indexed, by)
    else this.plus(state, rd, from, by)
  }

  auipc(state: RegisterState, { imm, rd }: RiscvInsn, pc: number): void {
    this.constant(state, rd, this.codeAddress + pc + imm)
  }
}

/** rd = rs2 + something */
const indexing: Step = (f, s, { rd, rs1, rs2 }) => {
  if (!s.is(rs2, Known.constant) || s.is(rs1, Known.constant)) s.set(rd, Known.nothing, 0)
  else s.set(rd, Known.indexed, rs2 === 0 ? 0 : s.values[rs2]!)
  void f
}

const byName: Partial<Record<RiscvName, Step>> = {
  lui: (f, s, i) => f.constant(s, i.rd, i.imm),
  auipc: (f, s, i, pc) => f.auipc(s, i, pc),
  addi: (f, s, i) => f.plus(s, i.rd, i.rs1, i.imm),
  andi: (_, s, { imm, rd, rs1 }) => {
    const isPower = imm < 0 && (imm & -imm) === -imm
    if (isPower && s.is(rs1, Known.stack)) s.set(rd, Known.aligned, s.values[rs1]! + imm + 1)
    else s.set(rd, Known.nothing, 0)
  },
  addiw: (f, s, i) => {
    if (!s.is(i.rs1, Known.constant)) s.set(i.rd, Known.nothing, 0)
    else f.constant(s, i.rd, ((i.rs1 === 0 ? 0 : s.values[i.rs1]!) + i.imm) | 0)
  },
  slli: (f, s, i) => {
    if (!s.is(i.rs1, Known.constant)) s.set(i.rd, Known.nothing, 0)
    else f.constant(s, i.rd, (i.rs1 === 0 ? 0 : s.values[i.rs1]!) * 2 ** i.imm)
  },
  add: (f, s, i) => f.sum(s, i),
  sub: (f, s, i) => {
    if (s.is(i.rs2, Known.constant)) f.plus(s, i.rd, i.rs1, i.rs2 === 0 ? 0 : -s.values[i.rs2]!)
    else s.set(i.rd, Known.nothing, 0)
  },
  sh1add: indexing,
  sh2add: indexing,
  sh3add: indexing,
  'sh1add.uw': indexing,
  'sh2add.uw': indexing,
  'sh3add.uw': indexing,
}
const steps: readonly (Step | undefined)[] = riscvRows.map(({ name }) => byName[name as RiscvName])
