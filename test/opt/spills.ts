/** Random programs whose functions keep values in their frames, as compilers do that have no register left. */
import {
  isLoad,
  isStore,
  type OptFunction,
  type OptOp,
  type OptProgram,
  type Value,
} from '#vm/opt/ir'
import { Rng } from '../laws/rng.ts'
import { dataAddress, keptPointer, randomOpt } from './programs.ts'

const slots = 6
/** Addresses are kept in a slot that nothing else looks at: where frames are is nobody's business. */
const addressSlot = 8 * slots
const spillBytes = addressSlot + 16
const loadsOf = (rng: Rng): OptOp =>
  rng.chance(75)
    ? 'load64'
    : rng.pick(['load32u', 'load32s', 'load16u', 'load16s', 'load8u', 'load8s'])

const isAccess = ({ op }: Value): boolean => isLoad(op) || isStore(op)
const effects: ReadonlySet<string> = new Set(['call', 'callr', 'host'])
const hasAnswer = (value: Value): boolean =>
  value.targets.length === 0 && !isStore(value.op) && !effects.has(value.op) && value.op !== 'ret'

/** A frame whose address is in memory may be reached by anybody: mostly, something else is there. */
function hideFrame(func: OptFunction): void {
  for (const { insns } of func.blocks)
    for (const insn of insns) {
      if (insn.op !== 'store64' || insn.off !== keptPointer) continue
      const place = func.value('li', [], BigInt(dataAddress + 0x400))
      insns.unshift(place)
      insn.args[0] = place
      return
    }
}

/** Moves what a function has in its frame up, above the slots. */
function makeRoom(func: OptFunction): void {
  func.frameBytes += spillBytes
  for (const block of func.blocks) {
    const out: Value[] = []
    for (const insn of block.insns) {
      for (const [i, arg] of insn.args.entries()) {
        if (arg.op !== 'frame') continue
        const isBase = isAccess(insn) && i === insn.args.length - 1
        if (isBase) insn.off += spillBytes
        else if (insn.op === 'add64i') insn.imm += BigInt(spillBytes)
        else {
          const moved = func.value('add64i', [arg], BigInt(spillBytes))
          out.push(moved)
          insn.args[i] = moved
        }
      }
      out.push(insn)
    }
    block.insns = out
  }
}

class Spilling {
  private readonly func: OptFunction
  private readonly rng: Rng
  private readonly frame: Value
  /** By value: where it is kept. */
  private readonly homes = new Map<Value, number>()
  private out: Value[] = []

  constructor(func: OptFunction, rng: Rng) {
    this.func = func
    this.rng = rng
    this.frame = func.value('frame')
  }

  private add(op: OptOp, args: Value[], imm = 0n, off = 0): Value {
    const value = this.func.value(op, args, imm, off)
    this.out.push(value)
    return value
  }

  private keep(value: Value): void {
    const { rng } = this
    if (!rng.chance(30)) return
    const off = 8 * rng.below(slots)
    this.homes.set(value, off)
    if (rng.chance(94)) this.add('store64', [value, this.frame], 0n, off)
    else if (rng.chance(50)) this.add('store64i', [this.frame], rng.value() >> 8n, off)
    else this.add('store32', [value, this.frame], 0n, off + rng.pick([0, 4]))
  }

  run(): void {
    const { func, rng } = this
    for (const block of func.blocks) {
      this.out = []
      if (block === func.blocks[0]) {
        this.out.push(this.frame)
        // most slots hold something from the start on
        for (let i = 0; i < slots; i++)
          if (rng.chance(70)) this.add('store64', [rng.pick(func.params), this.frame], 0n, 8 * i)
      }
      for (const phi of block.phis) this.keep(phi)
      for (const insn of block.insns) {
        this.reload(insn)
        if (insn.targets.length > 0 || insn.op === 'ret') this.pointer()
        this.out.push(insn)
        if (hasAnswer(insn) && insn.op !== 'frame') this.keep(insn)
      }
      block.insns = this.out
    }
  }

  private reload(insn: Value): void {
    const { rng } = this
    // addresses stay what they are
    if (insn.op.startsWith('add64') || insn.op === 'and64i') return
    for (const [i, arg] of insn.args.entries()) {
      if (isAccess(insn) && i === insn.args.length - 1) continue
      const home = this.homes.get(arg)
      if (home === undefined || !rng.chance(40)) continue
      const op = loadsOf(rng)
      const skip =
        op === 'load64' || rng.chance(60) ? 0 : rng.pick(op.startsWith('load32') ? [4] : [2, 6])
      insn.args[i] = this.add(op, [this.frame], 0n, home + skip)
    }
  }

  /** Sometimes an address from above the slots leads down to them. */
  private pointer(): void {
    const { func, rng } = this
    if (!rng.chance(15)) return
    const [x, y] = func.params as [Value, Value]
    const above = this.add('add64i', [this.frame], BigInt(spillBytes + 8 * rng.below(3)))
    const other = this.add('add64i', [this.frame], BigInt(spillBytes + 8))
    let at = this.add('select', [above, other, x])
    const down = BigInt(8 * rng.between(1, slots + 2))
    switch (rng.below(5)) {
      case 0:
        at = this.add('add64i', [at], -down)
        break
      case 1:
        at = this.add('add64', [at, this.add('sub64r', [this.add('and64i', [y], 0x18n)], 0n)])
        break
      case 2:
        at = this.add('sub64', [at, this.add('and64i', [y], 0x18n)])
        break
      case 3: {
        const place = this.add('li', [], BigInt(dataAddress))
        this.add('store64', [at, place], 0n, keptPointer)
        at = this.add('add64i', [this.add('load64', [place], 0n, keptPointer)], -down)
        break
      }
      default: {
        // kept in a slot itself, as compilers do
        this.add('store64', [at, this.frame], 0n, addressSlot)
        const back = this.add('load64', [this.frame], 0n, addressSlot)
        at = rng.chance(50) ? back : this.add('add64i', [back], -down)
      }
    }
    if (rng.chance(50)) this.add('store64', [y, at])
    else this.homes.set(this.add('load64', [at]), 8 * rng.below(slots))
    // a slot may have changed since
    const seen = this.add('load64', [this.frame], 0n, 8 * rng.below(slots))
    this.add('host', [seen, y], 0n)
  }
}

export function randomSpilled(seed: number): OptProgram {
  const program = randomOpt(seed)
  const rng = new Rng(seed ^ 0x5b111)
  for (const func of program.functions) {
    if (rng.chance(70)) hideFrame(func!)
    makeRoom(func!)
    new Spilling(func!, rng).run()
  }
  return program
}

/** Accesses to the lowest octets of frames. */
export function spillsOf(program: OptProgram): number {
  let count = 0
  for (const func of program.functions)
    for (const { insns } of func?.blocks ?? [])
      for (const insn of insns)
        if (isAccess(insn) && insn.args.at(-1)!.op === 'frame' && insn.off < spillBytes) count++
  return count
}
