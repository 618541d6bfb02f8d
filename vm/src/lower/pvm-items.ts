import { newPvmInsn, type PvmInsn } from '../isa/pvm/decode.ts'
import { type PvmName, rowOf } from '../isa/pvm/table.ts'
import { frameSizeOf, type LinearFunction, offsetFromEntry } from './linear.ts'
import { Base, type MachineInsn } from './machine.ts'
import { isPvmImmediate } from './pvm-immediates.ts'
import { pvmAccessOf, pvmNameOf, pvmRegister } from './pvm-target.ts'

/** An instruction whose target is another. */
export interface PvmItem {
  readonly insn: PvmInsn
  /** Index of an item among those of the function; of calls: of a function. */
  to: number
  readonly isCall: boolean
  /** pc in the linked code, or -1. */
  readonly source: number
}

/** Instructions of a function, and where its blocks begin. */
export interface PvmItems {
  readonly items: readonly PvmItem[]
  /** By block id: index of its first item. */
  readonly starts: Int32Array
}

/** What code needs to know of the rest of the program. */
export interface PvmSurroundings {
  /** The code address of a new entry of the jump table, which leads to an item of the function. */
  returnAddress(item: number): number
  hostNumber(index: number): number
}

type Fields = Partial<Omit<PvmInsn, 'row' | 'length'>>

function insnOf(name: PvmName, fields: Fields): PvmInsn {
  return { ...newPvmInsn(), ...fields, row: rowOf[name] }
}

class Writer {
  private readonly linear: LinearFunction
  private readonly around: PvmSurroundings
  private readonly items: PvmItem[] = []
  private readonly frameSize: number
  private source = -1

  constructor(linear: LinearFunction, around: PvmSurroundings) {
    this.linear = linear
    this.around = around
    this.frameSize = frameSizeOf(linear.func)
  }

  run(): PvmItems {
    const { func, insns, starts } = this.linear
    const places = new Int32Array(insns.length + 1)
    const isTarget = new Uint8Array(insns.length + 1)
    for (const { op, targets } of insns)
      if (op !== 'jump64') for (const { id } of targets) isTarget[starts[id]!] = 1
    for (const { id, label } of func.blocks) if (label >= 0) isTarget[starts[id]!] = 1
    this.moveStack(-this.frameSize)
    insns.forEach((insn, i) => {
      this.source = insn.pc
      // only what follows a terminator may be jumped to (Gray Paper A.3)
      const isOpen = i === 0 ? this.items.length > 0 : !endsBlock(insns[i - 1]!)
      if (isTarget[i] === 1 && isOpen) this.add('fallthrough', {})
      places[i] = this.items.length
      this.insn(insn)
    })
    for (const item of this.items) if (item.to >= 0 && !item.isCall) item.to = places[item.to]!
    return { items: this.items, starts: starts.map((start) => places[start]!) }
  }

  private add(name: PvmName, fields: Fields, to = -1, isCall = false): void {
    this.items.push({ insn: insnOf(name, fields), to, isCall, source: this.source })
  }

  private moveStack(by: number): void {
    if (by === 0) return
    this.add('add_imm_64', { rA: pvmRegister.sp, rB: pvmRegister.sp, immX: by })
  }

  private offset(base: Base, off: number): number {
    if (base === Base.register || base === Base.none) return off
    return offsetFromEntry(this.linear.func, base, off) + this.frameSize
  }

  private constant(to: number, imm: bigint): void {
    if (isPvmImmediate(imm)) this.add('load_imm', { rA: to, immX: Number(imm) })
    else
      this.add('load_imm_64', {
        rA: to,
        imm64Low: Number(BigInt.asIntN(32, imm)),
        imm64High: Number(BigInt.asIntN(32, imm >> 32n)),
      })
  }

  private access({ base, def, imm, off, op, uses }: MachineInsn): void {
    const at = this.offset(base, off)
    const isAbsolute = base === Base.none
    const name = pvmAccessOf(op, !isAbsolute)
    if (op.startsWith('load')) {
      const rB = base === Base.register ? uses[0]! : pvmRegister.sp
      this.add(name, { rA: def, ...(!isAbsolute && { rB }), immX: at })
    } else if (op.endsWith('i')) {
      const rA = base === Base.register ? uses[0]! : pvmRegister.sp
      this.add(name, { ...(!isAbsolute && { rA }), immX: at, immY: Number(imm) })
    } else {
      const rB = base === Base.register ? uses[1]! : pvmRegister.sp
      this.add(name, { rA: uses[0]!, ...(!isAbsolute && { rB }), immX: at })
    }
  }

  private insn(insn: MachineInsn): void {
    const { base, def, imm, op, targets, uses } = insn
    const immX = Number(BigInt.asIntN(32, imm))
    const to = targets[0] === undefined ? -1 : this.linear.starts[targets[0].id]!
    if (op.startsWith('load') || op.startsWith('store')) {
      this.access(insn)
      return
    }
    if (op === 'add64i' && base !== Base.register) {
      const off = this.offset(base, Number(imm))
      this.add('add_imm_64', { rA: def, rB: pvmRegister.sp, immX: off })
      return
    }
    switch (op) {
      case 'li':
        this.constant(def, imm)
        return
      case 'jump':
        this.add('jump', {}, to)
        return
      case 'jump64':
        this.add('jump_ind', { rA: uses[0]! })
        return
      case 'call':
        this.add(
          'load_imm_jump',
          { rA: pvmRegister.ra, immX: this.around.returnAddress(this.items.length + 1) },
          Number(imm),
          true,
        )
        return
      case 'callr':
        this.add('load_imm_jump_ind', {
          rA: pvmRegister.ra,
          rB: uses[0]!,
          immX: this.around.returnAddress(this.items.length + 1),
        })
        return
      case 'host':
        this.add('ecalli', { immX: this.around.hostNumber(Number(imm)) })
        return
      case 'ret':
        this.moveStack(this.frameSize)
        this.add('jump_ind', { rA: uses[0]! })
        return
      case 'trap':
        this.add('trap', {})
        return
      case 'cmovz':
      case 'cmovnz':
        this.add(pvmNameOf(op)!, { rD: def, rA: uses[1]!, rB: uses[2]! })
        return
      case 'cmovzi':
      case 'cmovnzi':
        this.add(pvmNameOf(op)!, { rA: def, rB: uses[1]!, immX })
        return
    }
    const name = pvmNameOf(op)!
    if (targets.length > 0) this.add(name, { rA: uses[0]!, rB: uses[1] ?? 0, immX }, to)
    else if (uses.length === 2) this.add(name, { rD: def, rA: uses[0]!, rB: uses[1]! })
    else if (/^(mov|sext|zext|bswap|popcnt|clz|ctz)/.test(op))
      this.add(name, { rD: def, rA: uses[0]! })
    else this.add(name, { rA: def, rB: uses[0]!, immX })
  }
}

function endsBlock({ op, targets }: MachineInsn): boolean {
  return targets.length > 0 || ['ret', 'trap', 'call', 'callr'].includes(op)
}

/** PVM's instructions of a function; targets are items. */
export function pvmItemsOf(linear: LinearFunction, around: PvmSurroundings): PvmItems {
  return new Writer(linear, around).run()
}
