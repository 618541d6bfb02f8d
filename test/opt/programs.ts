/** Random programs for the optimiser: loops, calls, memory, and the idioms its rules look for. */
import { irRows } from '#vm/ir/table'
import { type Block, OptFunction, type OptOp, type OptProgram, type Value } from '#vm/opt/ir'
import { Rng } from '../laws/rng.ts'

const ofForm = (form: string): OptOp[] =>
  irRows
    .filter(({ form: has, name }) => has === form && name !== 'mov' && name !== 'sbrk')
    .map(({ name }) => name as OptOp)
const two = ofForm('abc')
const withImm = ofForm('abi')
const one = ofForm('ab')
const branches = ofForm('branch')
const branchesImm = ofForm('branchi')
const loads = ofForm('load')
const stores = ofForm('store')
const storesImm = ofForm('storei')
/** Where rules are: tried more often. */
const likely: readonly OptOp[] = [
  ...(['shl64i', 'shru64i', 'shrs64i', 'add64i', 'and64i', 'xor64i', 'or64i', 'add32si'] as const),
  ...([
    'sub64r',
    'ltu64i',
    'lts64i',
    'gtu64i',
    'mul64i',
    'shl32si',
    'shru32si',
    'shrs32si',
  ] as const),
]
const likelyTwo: readonly OptOp[] = [
  ...(['add64', 'sub64', 'or64', 'xor64', 'and64', 'ltu64', 'lts64', 'add32s', 'sub32s'] as const),
]
const likelyOne: readonly OptOp[] = ['sext32', 'zext32', 'sext8', 'sext16', 'zext16']
const likelyBranch: readonly OptOp[] = [
  'beq64i',
  'bne64i',
  'blts64i',
  'bges64i',
  'bset64i',
  'beq32i',
]

export const dataAddress = 0x14000
export const dataSize = 0x1000
export const stackHigh = 0x14000
export const memorySize = dataAddress + dataSize

const frameSlots = [0, 8, 12, 16, 24, 56]
const frameBytes = 64
/** Where in the data the address of the first function's frame is kept. */
export const keptPointer = 0x800
const variables = 5

/** Divisions by an immediate say it is not 0. */
function immediateFor(op: OptOp, rng: Rng): bigint {
  const shift = BigInt(rng.pick([0, 1, 8, 16, 31, 32, 32, 32, 33, 48, 48, 56, 63, 24, 5]))
  if (/^(sh|rot)/.test(op)) return shift
  const imm = BigInt.asIntN(64, rng.chance(50) ? BigInt(rng.imm()) : rng.value())
  const masks = [0xffn, 0xffffn, 0xffff_ffffn, 1n, 0x80n, 0x7fff_ffffn]
  if (op.startsWith('and') && rng.chance(50)) return rng.pick(masks)
  const isZero = op.includes('32') ? BigInt.asIntN(32, imm) === 0n : imm === 0n
  return /^(div|rem)/.test(op) && isZero ? 3n : imm
}

class Writer {
  readonly func: OptFunction
  private readonly rng: Rng
  private readonly callees: number
  private readonly vars: Value[] = []
  private last = 0
  private block!: Block

  constructor(id: number, rng: Rng, callees: number) {
    const func = new OptFunction(id, `f${id}`)
    this.func = func
    this.rng = rng
    this.callees = callees
    func.params = [0, 1, 2].map((i) => func.value('param', [], BigInt(i)))
    func.results = 1
    func.frameBytes = frameBytes
    func.isOpen = false
  }

  private add(op: OptOp, args: Value[], imm = 0n, off = 0): Value {
    const value = this.func.value(op, args, imm, off)
    this.block.insns.push(value)
    return value
  }

  private constant(imm: bigint): Value {
    return this.add('li', [], BigInt.asIntN(64, imm))
  }

  /** What was made last more often, so that idioms come together. */
  private some(): Value {
    return this.vars[this.rng.chance(60) ? this.last : this.rng.below(variables)]!
  }

  private set(value: Value): void {
    this.last = this.rng.below(variables)
    this.vars[this.last] = value
  }

  private address(): { base: Value; off: number } {
    const { rng } = this
    if (rng.chance(35)) return { base: this.add('frame', []), off: rng.pick(frameSlots) }
    const off = rng.pick([0, 0, 4, 8, 16, 100])
    if (rng.chance(40)) {
      const base = this.constant(BigInt(dataAddress + rng.pick([0, 8, 64])))
      return { base: rng.chance(30) ? this.add('add64i', [base], 8n) : base, off }
    }
    const masked = this.add('and64i', [this.some()], BigInt(rng.pick([0x78, 0x8, 0x18, 0xff])))
    const base = this.constant(BigInt(dataAddress))
    const sum = this.add('add64', [masked, base])
    return {
      base: rng.chance(50) ? this.add('add64i', [sum], BigInt(rng.pick([8, 16]))) : sum,
      off,
    }
  }

  private operation(): void {
    const { rng } = this
    const kind = rng.below(100)
    if (kind < 22) {
      const op = rng.chance(70) ? rng.pick(likelyTwo) : rng.pick(two)
      const other = rng.chance(15) ? this.constant(rng.value()) : this.some()
      const args = rng.chance(50) ? [this.some(), other] : [other, this.some()]
      this.set(this.add(op, args))
    } else if (kind < 55) {
      const op = rng.chance(75) ? rng.pick(likely) : rng.pick(withImm)
      this.set(this.add(op, [this.some()], immediateFor(op, rng)))
    } else if (kind < 63) {
      this.set(this.add(rng.chance(80) ? rng.pick(likelyOne) : rng.pick(one), [this.some()]))
    } else if (kind < 70) this.set(this.add('select', [this.some(), this.some(), this.some()]))
    else if (kind < 75) this.idiom()
    else if (kind < 83) {
      const { base, off } = this.address()
      this.set(this.add(rng.pick(loads), [base], 0n, off))
    } else if (kind < 93) {
      const { base, off } = this.address()
      if (rng.chance(75)) this.add(rng.pick(stores), [this.some(), base], 0n, off)
      else {
        const op = rng.pick(storesImm)
        const imm = BigInt.asIntN(Number(/\d+/.exec(op)![0]), rng.value())
        this.add(op, [base], imm, off)
      }
    } else if (kind < 96) {
      const call = this.add('host', [this.some(), this.some()], BigInt(rng.below(2)))
      this.set(this.add('result', [call], BigInt(rng.below(2))))
    } else if (this.callees > 0) {
      const call = this.add(
        'call',
        [this.some(), this.some(), this.some()],
        BigInt(this.func.id + 1),
      )
      if (rng.chance(80)) this.set(this.add('result', [call], 0n))
    }
  }

  /** Rotations, selections by masks and the like are rare by chance. */
  private idiom(): void {
    const { rng } = this
    const x = this.some()
    const y = this.some()
    const c = this.add('ltu64', [this.some(), this.some()])
    const by = BigInt(rng.between(1, 63))
    switch (rng.below(14)) {
      case 0:
        this.set(
          this.add('or64', [
            this.add('shl64i', [x], by),
            this.add('shru64i', [x], rng.chance(80) ? 64n - by : by),
          ]),
        )
        break
      case 1: {
        const short = BigInt(rng.between(1, 31))
        const parts = [this.add('shl32si', [x], short), this.add('shru32si', [x], 32n - short)]
        this.set(this.add(rng.pick(['or64', 'xor64', 'add64']), parts))
        break
      }
      case 2: {
        const zero = this.constant(0n)
        const parts = [this.add('select', [zero, x, c]), this.add('select', [y, zero, c])]
        this.set(this.add(rng.pick(['or64', 'xor64', 'add64']), parts))
        break
      }
      case 3:
        this.set(this.add('and64', [this.add('sub64r', [c], 0n), x]))
        break
      case 4:
        this.set(this.add('and64', [x, this.add('add64i', [c], -1n)]))
        break
      case 5: {
        // sums of small numbers, and the mask they may outgrow
        const mask = rng.pick([0xffn, 0xffffn, 0x7fff_ffffn])
        const parts = [this.add('and64i', [x], mask), this.add('and64i', [y], mask)]
        this.set(this.add('and64i', [this.add('add64', parts)], mask))
        break
      }
      case 7:
        this.set(this.add('xor64i', [this.add('lts64i', [x], BigInt(rng.between(-2, 2)))], 1n))
        break
      case 8: {
        const { base, off } = this.address()
        this.add(rng.pick(stores), [this.narrow(x), base], 0n, off)
        this.set(this.add(rng.pick(loads), [base], 0n, off))
        break
      }
      case 9: {
        // a store into the middle of what is read
        const { base, off } = this.address()
        this.add(rng.pick(['store64', 'store32']), [x, base], 0n, off)
        this.add(rng.pick(stores), [y, base], 0n, off + rng.pick([0, 0, 1, 2, 4]))
        this.set(this.add(rng.pick(loads), [base], 0n, off))
        break
      }
      case 10:
      case 11:
        this.throughPointer(x, y, c)
        break
      case 12: {
        // few values, so that equality happens
        const few = this.add('and64i', [x], 3n)
        const moved = this.add(rng.pick(['add64i', 'xor64i', 'sub64r', 'add32si']), [few], by & 3n)
        this.set(moved)
        break
      }
      case 6: {
        const sum = this.add(rng.pick(['add64', 'sub64']), [this.narrow(x), this.narrow(y)])
        this.set(this.narrow(sum))
        break
      }
      default: {
        const less = this.add(rng.pick(['ltu64', 'lts64']), [x, y])
        this.set(this.add('select', rng.chance(50) ? [x, y, less] : [y, x, less]))
      }
    }
  }

  /** Reads and writes the frame by an address that is not known to be in it, of this function or of one that calls it. */
  private throughPointer(x: Value, y: Value, c: Value): void {
    const { rng } = this
    const frame = this.add('frame', [])
    const off = rng.pick(frameSlots)
    const other = this.add('add64i', [frame], BigInt(rng.pick(frameSlots)))
    const pointer = rng.chance(50)
      ? this.add('select', [this.add('add64i', [frame], BigInt(off)), other, c])
      : this.add('load64', [this.constant(BigInt(dataAddress))], 0n, keptPointer)
    this.add('store64', [x, frame], 0n, off)
    this.add(rng.pick(stores), [y, pointer])
    this.set(this.add('load64', [frame], 0n, off))
  }

  private narrow(x: Value): Value {
    return this.add(this.rng.pick(likelyOne), [x])
  }

  /** Every variable has a phi in every block but the entry: passes find out which are needed. */
  write(): OptFunction {
    const { func, rng } = this
    const count = rng.between(2, 8)
    const blocks = Array.from({ length: count }, () => func.block())
    const before: Value[][] = []
    const after: Value[][] = []
    for (const block of blocks) {
      this.block = block
      if (block.id === 0) {
        const fuel = this.constant(BigInt(rng.between(1, 6)))
        // other functions find their caller's frame, or their own
        if (func.id === 0 || rng.chance(30))
          this.add(
            'store64',
            [this.add('frame', []), this.constant(BigInt(dataAddress))],
            0n,
            keptPointer,
          )
        this.vars.push(...func.params, this.constant(rng.value()), this.constant(1n), fuel)
      } else
        for (let i = 0; i <= variables; i++) {
          const phi = func.value('phi')
          block.phis.push(phi)
          this.vars[i] = phi
        }
      before.push(this.vars.slice())
      for (let left = rng.between(0, 7); left > 0; left--) this.operation()
      this.terminate(blocks)
      after.push(this.vars.slice())
    }
    this.connect(blocks, after)
    return func
  }

  private terminate(blocks: readonly Block[]): void {
    const { block, rng } = this
    const here = block.id
    const forward = (): Block => blocks[rng.between(here + 1, blocks.length - 1)]!
    const end = (op: OptOp, args: Value[], targets: Block[], imm = 0n): void => {
      this.add(op, args, imm).targets = targets
    }
    if (here === blocks.length - 1) {
      const sum = this.vars.slice(0, variables).reduce((x, y) => {
        const rotated = this.add('rotr64i', [x], 7n)
        return this.add('xor64', [rotated, y])
      })
      end('ret', [sum], [])
    } else if (here > 0 && rng.chance(35)) {
      // back, as long as there is fuel
      this.vars[variables] = this.add('add64i', [this.vars[variables]!], -1n)
      const back = blocks[rng.between(1, here)]!
      end('bgts64i', [this.vars[variables]!], [back, forward()], 0n)
    } else if (rng.chance(25)) end('jump', [], [forward()])
    else if (rng.chance(33)) {
      const op = rng.pick(branches)
      end(op, [this.some(), this.some()], [forward(), forward()])
    } else {
      const op = rng.chance(70) ? rng.pick(likelyBranch) : rng.pick(branchesImm)
      const imm = rng.chance(50)
        ? 0n
        : rng.chance(40)
          ? BigInt(rng.between(-1, 5))
          : immediateFor(op, rng)
      const compared = rng.chance(50) ? this.add('lts64', [this.some(), this.some()]) : this.some()
      end(op, [compared], [forward(), forward()], imm)
    }
  }

  /** Drops what nothing reaches, then fills in predecessors and phis. */
  private connect(blocks: readonly Block[], after: readonly Value[][]): void {
    const { func } = this
    const reached = new Set<Block>([blocks[0]!])
    for (const block of reached) for (const target of block.targets) reached.add(target)
    func.blocks = blocks.filter((block) => reached.has(block))
    for (const block of func.blocks)
      for (const target of block.targets) {
        target.preds.push(block)
        for (const [i, { args }] of target.phis.entries()) args.push(after[block.id]![i]!)
      }
  }
}

/** A program of 1 to 3 functions that call the next, export `f0` of three arguments; it ends. */
export function randomOpt(seed: number): OptProgram {
  const rng = new Rng(seed)
  const count = rng.between(1, 3)
  const functions = Array.from({ length: count }, (_, id) =>
    new Writer(id, rng, id < count - 1 ? 1 : 0).write(),
  )
  return {
    functions,
    exports: [{ name: 'f0', func: 0 }],
    imports: ['h0', 'h1'],
    ...{ codeTable: [], codeBase: 0x40000000, codeStep: 2 },
    readOnly: new Uint8Array(0),
    data: rng.bytes(dataSize),
    ...{ bssSize: 0, stackSize: 0x10000 },
  }
}
