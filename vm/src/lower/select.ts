import { type IrForm, irRows } from '../ir/table.ts'
import { orderOf } from '../opt/dominators.ts'
import { type Block, type OptFunction, usesOf, type Value } from '../opt/ir.ts'
import { type Move, sequence } from './copies.ts'
import { emitOp } from './expand.ts'
import {
  anyRegister,
  Base,
  type MachineBlock,
  type MachineFunction,
  MachineInsn,
  type Target,
} from './machine.ts'
import { baseOf, Writer } from './select-writer.ts'

const formOf: ReadonlyMap<string, IrForm> = new Map(irRows.map(({ name, form }) => [name, form]))
/** Ops whose operands may be exchanged. */
export const commutative: ReadonlySet<string> = new Set(
  ['add', 'mul', 'and', 'or', 'xor'].flatMap((op) => [`${op}64`, `${op}32s`, `${op}32z`]),
)
/** The same condition with operands exchanged. */
const exchanged: Readonly<Record<string, string>> = {
  ...{ beq: 'beq', bne: 'bne', bset: 'bset' },
  ...{ bltu: 'bgtu', bgeu: 'bleu', blts: 'bgts', bges: 'bles' },
}
class Selector extends Writer {
  private readonly func: OptFunction
  private readonly uses: Int32Array
  private readonly blocks: MachineBlock[] = []
  private readonly results = new Map<Value, Value[]>()
  /** Blocks that stand between switches and a target, by the target. */
  private readonly landings = new Map<Block, { block: MachineBlock; fresh: number[] }>()
  /** What registers had at the entry that a return needs. */
  private readonly kept = new Map<number, number>()

  constructor(func: OptFunction, target: Target) {
    super(func, target)
    this.func = func
    this.uses = usesOf(func)
    for (const { insns } of func.blocks) {
      for (const value of insns) {
        if (value.op !== 'result') continue
        const call = value.args[0]!
        const list = this.results.get(call) ?? []
        list.push(value)
        this.results.set(call, list)
      }
    }
  }

  run(): MachineFunction {
    const order = orderOf(this.func)
    for (const block of this.func.blocks) {
      const made = this.out.block()
      this.blocks[block.id] = made
      made.label = block.label
    }
    for (const block of order.reverse()) this.block(block)
    for (const block of this.out.blocks)
      for (const next of block.insns.length === 0 ? [] : block.end.targets) next.preds.push(block)
    return this.out
  }

  /** Instructions last to first: what nothing asks for by then is not made. */
  private block(block: Block): void {
    this.begin()
    for (let i = block.insns.length - 1; i >= 0; i--) this.value(block.insns[i]!, block)
    if (block === this.func.blocks[0]) this.params()
    this.blocks[block.id]!.insns = this.assembled()
  }

  private params(): void {
    this.pc = this.func.pc
    for (const [place, register] of this.kept) this.soft(register, place)
    this.func.params.forEach((param, i) => {
      const register = this.registers[param.id]!
      if (register < 0) return
      this.out.args = i + 1
      this.push(new MachineInsn('mov', register, [this.target.argumentPlaces[i]!]))
    })
    this.flush()
  }

  private soft(to: number, from: number): void {
    this.push(new MachineInsn('mov', to, [from])).isSoft = true
  }

  /** A store; `first`: the register stored. */
  private access(value: Value, op: string, first: readonly number[], at: Value, def = -1): void {
    const { base, off, register } = this.address(at, value.off)
    const insn = new MachineInsn(op, def, [...first], value.imm)
    if (base === Base.register) insn.uses.push(register)
    insn.base = base
    insn.off = off
    this.push(insn)
  }

  private storeImmediate(value: Value): void {
    const { args, imm, op } = value
    if (this.target.fits(op, imm)) this.access(value, op, [], args[0]!)
    else {
      this.access(value, op.slice(0, -1), [this.constant(imm)], args[0]!)
    }
  }

  private value(value: Value, block: Block): void {
    this.pc = value.pc
    const { args, op } = value
    const form = formOf.get(op)
    if (op === 'call' || op === 'callr' || op === 'host') this.call(value)
    else if (value.targets.length > 0) this.leave(value, block)
    else if (op === 'ret') this.ret(value)
    else if (op === 'trap') this.push(new MachineInsn('trap', -1, [], value.imm))
    else if (form === 'store') this.access(value, op, [this.reg(args[0]!)], args[1]!)
    else if (form === 'storei') this.storeImmediate(value)
    else {
      const def = this.registers[value.id]!
      if (def < 0 || op === 'result') return
      if (form === 'load') this.access(value, op, [], args[0]!, def)
      else if (op === 'select') this.select(def, value)
      else this.pure(value, def, form)
    }
    this.flush()
  }

  private pure(value: Value, def: number, form: IrForm | undefined): void {
    const { args, imm, op } = value
    const base = args.length > 0 ? baseOf(args[0]!) : undefined
    if (op === 'add64i' && base !== undefined) {
      this.push(this.frameAddress(def, base, imm))
      return
    }
    if (form !== 'abc') {
      emitOp(
        this,
        op,
        def,
        args.map((arg) => this.reg(arg)),
        imm,
        value.pc,
      )
      return
    }
    const [b, c] =
      commutative.has(op) && args[0]!.op === 'li' ? [args[1]!, args[0]!] : [args[0]!, args[1]!]
    if (op === 'add64' && (this.shiftedAdd(def, b, c) || this.shiftedAdd(def, c, b))) return
    if (c.op === 'li') {
      const [name, constant] = /^sub(64|32s)$/.test(op)
        ? [`${op.replace('sub', 'add')}i`, BigInt.asIntN(64, -c.imm)]
        : [`${op}i`, c.imm]
      if (this.target.ops.has(name) && this.target.fits(name, constant)) {
        this.push(new MachineInsn(name, def, [this.reg(b)], constant))
        return
      }
    }
    emitOp(this, op, def, [this.reg(b), this.reg(c)], 0n, value.pc)
  }

  /** `c + (b << n)`, where b may be zero-extended, as one instruction. */
  private shiftedAdd(def: number, b: Value, c: Value): boolean {
    const isOnly = (value: Value): boolean => this.uses[value.id] === 1
    let from = b
    let shift = 0n
    if (from.op === 'shl64i' && from.imm >= 1n && from.imm <= 3n && isOnly(from)) {
      shift = from.imm
      from = from.args[0]!
    }
    let name = shift === 0n ? 'add' : `sh${shift}add`
    if (from.op === 'zext32' && isOnly(from)) {
      from = from.args[0]!
      name = `${name}uw`
    }
    if (from === b || !this.target.ops.has(name)) return false
    this.push(new MachineInsn(name, def, [this.reg(from), this.reg(c)]))
    return true
  }

  /** args[0] if args[2] = 0, else args[1]. */
  private select(def: number, { args }: Value): void {
    let [zero, other, condition] = args as [Value, Value, Value]
    if (condition.op === 'ltu64i' && condition.imm === 1n && this.uses[condition.id] === 1)
      [zero, other, condition] = [other, zero, condition.args[0]!]
    // what stays if the move does not happen is better what dies here
    const keepsZero =
      other.op === 'li' || (zero.op !== 'li' && this.uses[zero.id]! < this.uses[other.id]!)
    const [kept, moved] = keepsZero ? [zero, other] : [other, zero]
    const cmov = keepsZero ? 'cmovnz' : 'cmovz'
    const test = this.reg(condition)
    const uses = moved.op === 'li' ? [def, test] : [def, this.reg(moved), test]
    this.moveTo(def, kept)
    if (moved.op === 'li') emitOp(this, `${cmov}i`, def, uses, moved.imm)
    else emitOp(this, cmov, def, uses, 0n)
  }

  private moveTo(to: number, value: Value): void {
    if (value.op === 'li') {
      this.push(new MachineInsn('li', to, [], value.imm))
      return
    }
    const base = baseOf(value)
    if (base !== undefined) {
      this.push(this.frameAddress(to, base, 0n))
      return
    }
    const from = this.reg(value)
    // a definition, though of anything: else the register would be alive up to the entry
    if (from === anyRegister) this.push(new MachineInsn('undef', to, []))
    else this.push(new MachineInsn('mov', to, [from]))
  }

  /** Values into machine registers; constants last, so that registers are taken for a short time. */
  private moveAll(places: readonly number[], values: readonly Value[]): number[] {
    const to: number[] = []
    for (const last of [false, true]) {
      values.forEach((value, i) => {
        if (value.op === 'undef') return
        if (last !== (value.op === 'li')) return
        to.push(places[i]!)
        this.moveTo(places[i]!, value)
      })
    }
    return to
  }

  private call(value: Value): void {
    const { target } = this
    const { args, imm, op } = value
    const isIndirect = op === 'callr'
    const passed = isIndirect ? args.slice(1) : args
    if (passed.length > target.argumentPlaces.length)
      throw new Error(`${this.func.name}: a call with ${passed.length} arguments`)
    const to = isIndirect ? this.reg(args[0]!) : -1
    const uses = this.moveAll(target.argumentPlaces, passed)
    if (isIndirect) uses.unshift(to)
    const insn = this.push(new MachineInsn(op, -1, uses, imm))
    insn.clobbers = op === 'host' ? target.hostClobbers : target.callClobbers
    for (const result of this.results.get(value) ?? []) {
      const register = this.registers[result.id]!
      const place = target.resultPlaces[Number(result.imm)]!
      if (register >= 0) this.push(new MachineInsn('mov', register, [place]))
    }
  }

  private ret({ args }: Value): void {
    const { kept, link, resultPlaces } = this.target
    const uses = this.moveAll(resultPlaces, args)
    for (const place of kept) {
      this.soft(place, this.atEntry(place))
      uses.push(place)
    }
    if (link >= 0) {
      // from there, as compilers do: engines tell returns from other jumps by the register
      this.push(new MachineInsn('mov', link, [this.atEntry(link)]))
      uses.unshift(link)
    }
    this.push(new MachineInsn('ret', -1, uses))
  }

  private atEntry(place: number): number {
    const known = this.kept.get(place)
    if (known !== undefined) return known
    const register = this.register()
    this.kept.set(place, register)
    return register
  }

  private leave(value: Value, block: Block): void {
    if (value.op === 'jump') {
      const next = value.targets[0]!
      this.phiCopies(block, next, 0)
      this.end(new MachineInsn('jump', -1, []), [this.blocks[next.id]!])
      return
    }
    if (value.op === 'switch') {
      this.switch(value, block)
      return
    }
    const targets = value.targets.map((next, i) => this.split(block, next, i))
    this.branch(value, targets)
  }

  private end(insn: MachineInsn, targets: MachineBlock[]): void {
    this.push(insn)
    insn.targets = targets
  }

  private branch(value: Value, targets: MachineBlock[]): void {
    let { op } = value as { op: string }
    let [b, c] = value.args as [Value, Value | undefined]
    let { imm } = value
    if (c !== undefined && b.op === 'li' && c.op !== 'li') {
      const base = op.slice(0, -2)
      const other = `${exchanged[base]}${op.slice(-2)}`
      const isSame = exchanged[base] === base
      if (isSame || (this.target.ops.has(`${other}i`) && this.target.fits(`${other}i`, b.imm)))
        [op, b, c] = [other, c, b]
    }
    if (c?.op === 'li' && this.target.ops.has(`${op}i`) && this.target.fits(`${op}i`, c.imm)) {
      ;[op, imm, c] = [`${op}i`, c.imm, undefined]
    }
    const mask = (op === 'beq64i' || op === 'bne64i') && imm === 0n ? this.maskOf(b) : undefined
    if (mask !== undefined) {
      this.end(
        new MachineInsn(
          op === 'bne64i' ? 'bset64i' : 'bclr64i',
          -1,
          [this.reg(mask.value)],
          mask.imm,
        ),
        targets,
      )
      return
    }
    const uses = [this.reg(b), ...(c === undefined ? [] : [this.reg(c)])]
    emitOp(this, op, -1, uses, imm)
    this.pending[this.pending.length - 1]!.targets = targets
  }

  private maskOf(value: Value): { value: Value; imm: bigint } | undefined {
    if (value.op !== 'and64i' || this.uses[value.id] !== 1) return undefined
    if (!this.target.ops.has('bclr64i') || !this.target.fits('bclr64i', value.imm)) return undefined
    return { value: value.args[0]!, imm: value.imm }
  }

  /** Values of the target's phis on the edge that is the `nth` of this block's targets. */
  private edgeValues(block: Block, next: Block, nth: number): { phi: Value; from: Value }[] {
    if (next.phis.length === 0) return []
    let skip = 0
    for (let i = 0; i < nth; i++) if (block.targets[i] === next) skip++
    let at = next.preds.indexOf(block)
    for (let again = at; skip > 0; skip--) {
      again = next.preds.indexOf(block, again + 1)
      if (again < 0) break
      at = again
    }
    return next.phis.map((phi) => ({ phi, from: phi.args[at]! }))
  }

  private phiCopies(block: Block, next: Block, nth: number): void {
    const pairs = this.edgeValues(block, next, nth)
    this.parallel(pairs.map(({ from, phi }) => ({ to: this.reg(phi), from })))
  }

  private parallel(pairs: readonly Move<Value>[]): void {
    type From = Value | number
    const isRegister = (value: Value): boolean =>
      value.op !== 'li' && value.op !== 'undef' && baseOf(value) === undefined
    const moves = sequence<From>(
      pairs,
      (from) => (typeof from === 'number' ? from : isRegister(from) ? this.reg(from) : -1),
      () => this.register(),
      (register) => register,
    )
    for (const { from, to } of moves) {
      if (typeof from === 'number') this.push(new MachineInsn('mov', to, [from]))
      else this.moveTo(to, from)
    }
  }

  /** The target of a branch: a block of copies before one that has phis. */
  private split(block: Block, next: Block, nth: number): MachineBlock {
    if (next.phis.length === 0) return this.blocks[next.id]!
    const between = this.out.block()
    const { pending } = this
    this.pending = []
    this.phiCopies(block, next, nth)
    this.end(new MachineInsn('jump', -1, []), [this.blocks[next.id]!])
    between.insns = this.pending
    this.pending = pending
    return between
  }

  private switch(value: Value, block: Block): void {
    const address = this.reg(value.args[0]!)
    const copies: Move<Value>[] = []
    const seen = new Set<Block>()
    const targets: MachineBlock[] = []
    value.targets.forEach((next, i) => {
      if (seen.has(next)) return
      seen.add(next)
      if (next.phis.length === 0) {
        targets.push(this.blocks[next.id]!)
        return
      }
      const landing = this.landing(next)
      this.edgeValues(block, next, i).forEach(({ from }, k) => {
        copies.push({ to: landing.fresh[k]!, from })
      })
      targets.push(landing.block)
    })
    this.parallel(copies)
    this.end(new MachineInsn('jump64', -1, [address]), targets)
  }

  /** The block that has the label of a target with phis: switches put their values into fresh registers. */
  private landing(next: Block): { block: MachineBlock; fresh: number[] } {
    const old = this.landings.get(next)
    if (old !== undefined) return old
    const block = this.out.block()
    const fresh = next.phis.map(() => this.register())
    const to = this.blocks[next.id]!
    block.label = to.label
    to.label = -1
    block.insns = next.phis.map((phi, i) => new MachineInsn('mov', this.reg(phi), [fresh[i]!]))
    const jump = new MachineInsn('jump', -1, [])
    jump.targets = [to]
    block.insns.push(jump)
    const made = { block, fresh }
    this.landings.set(next, made)
    return made
  }
}

/**
 * A function with instructions of the target on as many registers as it takes; calls have the index of `OptProgram` yet.
 * @throws {Error} an op that the target has no words for
 */
export function select(func: OptFunction, target: Target): MachineFunction {
  return new Selector(func, target).run()
}
