/**
 * Code of a machine on registers: what instruction selection makes and register allocation works on. Registers below
 * `Target.registers` are the machine's; those above stand for any of them until `allocate` has chosen.
 */

/** Operand that may be any register: the program does not care what it reads. */
export const anyRegister = -1

/**
 * What the address of an access, or the operand of `add64i`, counts from: `uses`' last register; the lowest address of the
 * function's own frame; the first address above its frame; nothing; slot `imm` of spilled registers;
 * the lowest address of all that the function has of the stack, where arguments of calls are. From there up: arguments of calls, slots,
 * the frame.
 */
export const Base = { register: 0, frame: 1, entry: 2, none: 3, slot: 4, out: 5 } as const
export type Base = (typeof Base)[keyof typeof Base]

const none: readonly number[] = []

/**
 * Ops are those of the register IR, by name, and others that a target has; `undef` makes any value with no instruction.
 * Operands: `uses` in the order b, c; of stores a, b. */
export class MachineInsn {
  op: string
  /** Register written, or -1. An op that changes a register (`cmovz`) has it in `uses`, too, as the first. */
  def: number
  uses: number[]
  imm: bigint
  off = 0
  base: Base = Base.register
  /** Machine registers that it writes besides. */
  clobbers: readonly number[] = none
  /** Of a copy: better one register, but not at the cost of others. */
  isSoft = false
  targets: MachineBlock[] = []
  pc: number

  constructor(op: string, def: number, uses: number[], imm = 0n, pc = -1) {
    this.op = op
    this.def = def
    this.uses = uses
    this.imm = imm
    this.pc = pc
  }
}

export class MachineBlock {
  /** Index into `blocks`. */
  id: number
  insns: MachineInsn[] = []
  preds: MachineBlock[] = []
  /** How often it is expected to run, against once for the function. */
  weight = 1
  /** Index into the program's code table, or -1. */
  label = -1

  constructor(id: number) {
    this.id = id
  }

  get end(): MachineInsn {
    return this.insns[this.insns.length - 1]!
  }
}

/** blocks[0] is the entry. */
export class MachineFunction {
  readonly name: string
  blocks: MachineBlock[] = []
  /** Registers given out, the machine's among them. */
  registers: number
  /** Slots of 8 bytes for what registers do not hold: in the frame, once `settleSlots` has given the machine's own away. */
  slots = 0
  /** Slots of the machine, from 0 on. */
  ownSlots = 0
  /** Arguments up to the last that it reads. */
  args = 0
  /** Bytes from `Base.frame` to `Base.entry`. */
  readonly frameBytes: number
  /** Bytes of arguments of calls. */
  readonly passes: number

  constructor(name: string, registers: number, frameBytes: number, passes: number) {
    this.name = name
    this.registers = registers
    this.frameBytes = frameBytes
    this.passes = passes
  }

  block(): MachineBlock {
    const block = new MachineBlock(this.blocks.length)
    this.blocks.push(block)
    return block
  }

  register(): number {
    return this.registers++
  }
}

/** What allocation and selection must know of a machine. */
export interface Target {
  readonly name: string
  /** Machine registers, allocatable or not. */
  readonly registers: number
  /** Those that values may be in, the preferred ones first. */
  readonly allocatable: readonly number[]
  /** Slots beside the registers that each activation of a function has, for `getslot` and `setslot`. */
  readonly slots: number
  /** Where arguments are, by place. */
  readonly argumentPlaces: readonly number[]
  readonly resultPlaces: readonly number[]
  /** Registers that a call of a function, or of the host, does not leave as they were. */
  readonly callClobbers: readonly number[]
  readonly hostClobbers: readonly number[]
  /** Registers that a function returns with as it was entered with them. */
  readonly kept: readonly number[]
  /** Where a function finds its return address, the first operand of `ret` then; -1: the machine knows it. */
  readonly link: number
  /** Ops that there is an instruction for. */
  readonly ops: ReadonlySet<string>
  /** May the op have this immediate. */
  fits(op: string, imm: bigint): boolean
}

/** Does the op only copy a register. */
export function isMove(insn: MachineInsn): boolean {
  return insn.op === 'mov'
}
