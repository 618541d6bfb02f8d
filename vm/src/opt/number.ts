import { dominatorsOf } from './dominators.ts'
import { blocksOfValues } from './edit.ts'
import {
  type Block,
  hasEffect,
  isLoad,
  isStore,
  type OptFunction,
  type OptOp,
  replaceUses,
  type Value,
} from './ir.ts'
import { accessBytes, baseOf, frameUse, mayMeet } from './memory.ts'

/** Remembered accesses and candidates are bounded, so that time stays linear. */
const maxAccesses = 64
const maxCandidates = 8

const sorts: ReadonlySet<string> = new Set([
  ...['add64', 'mul64', 'and64', 'or64', 'xor64', 'xnor64', 'mins64', 'minu64', 'maxs64', 'maxu64'],
  ...['mulhu64', 'mulhs64', 'add32z', 'mul32z', 'add32s', 'mul32s', 'mulhu32s', 'mulhs32s'],
])

function keyOf({ args, imm, op }: Value, block: Block): string {
  const ids = args.map(({ id }) => id)
  if (sorts.has(op)) ids.sort((a, b) => a - b)
  return `${op}${op === 'phi' ? block.id : ''} ${imm} ${ids.join(' ')}`
}

/** How what was stored reads by a load of the same octets. */
const reads: Readonly<Record<string, { readonly op: OptOp; readonly imm?: bigint } | 'same'>> = {
  load8u: { op: 'and64i', imm: 0xffn },
  load8s: { op: 'sext8' },
  load16u: { op: 'zext16' },
  load16s: { op: 'sext16' },
  load32u: { op: 'zext32' },
  load32s: { op: 'sext32' },
  load64: 'same',
}

class Numbering {
  private readonly func: OptFunction
  private readonly by = new Map<Value, Value>()
  private readonly known = new Map<string, Value[]>()
  /** Accesses whose octets are as they left them, at the end of blocks. */
  private readonly ends = new Map<Block, readonly Value[]>()
  private readonly where: Map<Value, Block>
  private readonly escapes: boolean
  private readonly forwards: boolean

  constructor(func: OptFunction, forwards: boolean) {
    this.func = func
    this.where = blocksOfValues(func)
    this.escapes = frameUse(func).escapes
    this.forwards = forwards
  }

  run(): boolean {
    const { dominates, order } = dominatorsOf(this.func)
    for (const block of order) {
      const phis = block.phis.filter((phi) => !this.same(phi, block, dominates))
      block.phis.splice(0, block.phis.length, ...phis)
      const [pred] = block.preds
      const accesses = block.preds.length === 1 ? [...(this.ends.get(pred!) ?? [])] : []
      const out: Value[] = []
      for (const insn of block.insns) {
        this.resolve(insn)
        if (hasEffect(insn) || insn.op === 'result' || insn.op === 'undef') {
          this.effect(insn, accesses)
          out.push(insn)
        } else if (isLoad(insn.op)) this.load(insn, accesses, block, out)
        else if (!this.same(insn, block, dominates)) out.push(insn)
      }
      block.insns = out
      this.ends.set(block, accesses)
    }
    replaceUses(this.func, this.by)
    return this.by.size > 0
  }

  private resolve({ args }: Value): void {
    for (let i = 0; i < args.length; i++) {
      let arg = args[i]!
      for (let next = this.by.get(arg); next !== undefined; next = this.by.get(arg)) arg = next
      args[i] = arg
    }
  }

  /** Is there an equal one that reaches this place? Then it is used from now on. */
  private same(value: Value, block: Block, dominates: (a: Block, b: Block) => boolean): boolean {
    this.resolve(value)
    const key = keyOf(value, block)
    const candidates = this.known.get(key)
    if (candidates === undefined) {
      this.known.set(key, [value])
      return false
    }
    const first = candidates.find((candidate) => dominates(this.where.get(candidate)!, block))
    if (first !== undefined) {
      this.by.set(value, first)
      return true
    }
    candidates.push(value)
    if (candidates.length > maxCandidates) candidates.shift()
    return false
  }

  /** Forgets what an effect may change. */
  private effect(insn: Value, accesses: Value[]): void {
    if (isStore(insn.op)) {
      keep(accesses, (access) => !mayMeet(access, insn, this.escapes))
      remember(accesses, insn)
    } else if (insn.op === 'call' || insn.op === 'callr' || insn.op === 'host') {
      // arguments on the stack are no part of the frame
      keep(accesses, (access) => !this.escapes && baseOf(access).op === 'frame')
    }
  }

  private load(insn: Value, accesses: Value[], block: Block, out: Value[]): void {
    const bytes = accessBytes(insn.op)
    const before = this.forwards
      ? accesses.findLast(
          (access) =>
            baseOf(access) === baseOf(insn) &&
            access.off === insn.off &&
            accessBytes(access.op) === bytes &&
            (isStore(access.op) || access.op === insn.op),
        )
      : undefined
    if (before === undefined) {
      remember(accesses, insn)
      out.push(insn)
      return
    }
    if (isLoad(before.op)) {
      this.by.set(insn, before)
      return
    }
    this.stored(insn, before, block, out)
  }

  /** The load reads what was stored: it becomes an extension of it, or gives way. */
  private stored(insn: Value, store: Value, block: Block, out: Value[]): void {
    const how = reads[insn.op]!
    if (store.op.endsWith('i')) {
      const bits = 8 * accessBytes(insn.op)
      insn.imm = insn.op.endsWith('u')
        ? BigInt.asUintN(bits, store.imm)
        : BigInt.asIntN(bits, store.imm)
      insn.op = 'li'
      insn.args = []
      insn.off = 0
    } else if (how === 'same') {
      this.by.set(insn, store.args[0]!)
      return
    } else {
      insn.op = how.op
      insn.imm = how.imm ?? 0n
      insn.args = [store.args[0]!]
      insn.off = 0
    }
    this.where.set(insn, block)
    out.push(insn)
  }
}

function keep(accesses: Value[], stays: (access: Value) => boolean): void {
  let count = 0
  for (const access of accesses) if (stays(access)) accesses[count++] = access
  accesses.length = count
}

function remember(accesses: Value[], access: Value): void {
  accesses.push(access)
  if (accesses.length > maxAccesses) accesses.shift()
}

/**
 * Gives equal values one name where the first reaches the other, and loads what was loaded or stored at the same place before
 * (`forwards`), if nothing between may have changed it. Near O(n)
 */
export function numberValues(func: OptFunction, forwards = true): boolean {
  return new Numbering(func, forwards).run()
}
