import { VerifyError } from '../bits/errors.ts'
import { Trap } from '../vm/exit.ts'
import { regionLimits } from '../vm/memory.ts'
import { verifyMemoryPlan } from './plan.ts'
import {
  argumentsOfCallee,
  type CodeTable,
  type FixedFrames,
  frameOfCallee,
  type IrProgram,
  Mark,
  rowWords,
} from './program.ts'
import { type IrRow, irForms, irRows, Op, temporaries, temporary, zeroRegister } from './table.ts'
import { verifySlots } from './verify-slots.ts'

// What an op asks for, as bits of one word per opcode.
const readsA = 1
const writesA = 2
const readsB = 4
const readsC = 8
const hasTarget = 16
const ends = 32
/** May leave without completing; what ends its instruction may have written before (see below). */
const traps = 64
/** The next row is entered from elsewhere, or on one of two ways only: it starts a segment. */
const segmentAfter = 128
/** The next row starts an instruction: a host call resumes there. */
const instructionAfter = 256
/** Has a rule of its own about immediates or the program; the switch below knows it. */
const special = 512
/** Writes memory: no op of the same instruction may trap afterwards. */
const storesMemory = 1024
/** The host, or `memset`, takes gas of its own: in exact schedules nothing is paid ahead there. */
const exactAfter = 2048
const known = 4096

const opBits = new Int32Array(256)
/** Bits that must be zero in the first word, and which of the other three must be zero. */
const unusedWord = new Int32Array(256)
const unusedLow = new Int32Array(256)
const unusedHigh = new Int32Array(256)
const unusedOff = new Int32Array(256)

/** Ops whose immediates, or whose need of the program's profile, `checkSpecial` knows. */
const specialOps =
  /^([gs]etslot|trap|trapz.*|host|memset|call.*|ret|jump64|packet|sbrk|(div|rem)[us](32z|64)i)$/

function bitsOf({ name, form: formName }: IrRow): number {
  const form = irForms[formName]
  let bits = known
  if (form.a.includes('r')) bits |= readsA
  if (form.a.includes('w')) bits |= writesA
  if (form.b !== '') bits |= readsB
  if (form.c !== '') bits |= readsC
  if (form.off === 'target') bits |= hasTarget
  if (form.ends) bits |= ends
  else if (form.traps) bits |= traps
  // dead code may follow a trap: an instruction that a profile refuses, in the middle of a block
  const leaves = form.ends && formName !== 'leave'
  if (leaves || form.off === 'target' || formName === 'callr') bits |= segmentAfter
  if (name === 'host') bits |= instructionAfter
  if (name === 'host' || name === 'memset') bits |= exactAfter
  if (name.startsWith('store') || name === 'memset') bits |= storesMemory
  if (specialOps.test(name)) bits |= special
  return bits
}

irRows.forEach((row, op) => {
  const form = irForms[row.form]
  opBits[op] = bitsOf(row)
  const a = form.a === '' ? 0xff00 : 0
  const b = form.b === '' ? 0xff0000 : 0
  const c = form.c === '' ? 0xff000000 : 0
  unusedWord[op] = a | b | c
  unusedLow[op] = form.imm === '' ? -1 : 0
  unusedHigh[op] = form.imm === '' ? -1 : 0
  unusedOff[op] = form.off === '' ? -1 : 0
})

// How a register field is used: 0 for the guest's, one bit per temporary, and two more.
const zeroBit = 1 << temporaries
const invalidBit = zeroBit << 1
const temporaryBits = zeroBit - 1

function registerBits(registers: number): Int32Array {
  const bits = new Int32Array(256).fill(invalidBit)
  bits.fill(0, 0, registers)
  for (let i = 0; i < temporaries; i++) bits[temporary + i] = 1 << i
  bits[zeroRegister] = zeroBit
  return bits
}

const largestTrap = Math.max(...Object.values(Trap))

function fail(code: string, message: string, row: number, value?: number): never {
  throw new VerifyError(code, message, { offset: row, value })
}

/**
 * Everything engines rely on, in one pass, linear in the program, knowing nothing of its ISA.
 *
 * | code                 | the rule that was broken                                                  |
 * |----------------------|---------------------------------------------------------------------------|
 * | `shape`              | arrays cover `count` rows; at least one row; 1..32 registers               |
 * | `unknownOp`          | an op is in the table                                                     |
 * | `unusedOperand`      | what the op's form leaves unused is zero                                  |
 * | `register`           | operands are guest registers, temporaries or (read only) zero             |
 * | `zeroWritten`        | the zero register is never written                                        |
 * | `temporary`          | a temporary is written before it is read, in the same guest instruction   |
 * | `target`             | a target is a row that starts a segment or stands out of line             |
 * | `fallsThrough`       | the last row, and one before a row out of line, end                       |
 * | `segment`            | the first row, and rows after jumps, branches and calls, start segments   |
 * | `charge`             | metered segments start with a charge, and no other row is one; its count  |
 * |                      | is that of the segment's instructions and its cost, where the schedule is |
 * |                      | per instruction, theirs                                                   |
 * | `cost`               | only starts of instructions have a cost, only in instruction schedules    |
 * | `pc`                 | pcs rise from instruction to instruction and stay within one              |
 * | `mark`               | an instruction's rows begin with a marked one                             |
 * | `entry`              | `rowOf` leads to an instruction, at its segment's start or its own, or no run starts there|
 * | `outOfLine`          | rows out of line are traps behind all others                              |
 * | `trapAfterWrite`     | no op traps after its instruction wrote something and has more to do      |
 * | `immediate`          | a divisor is not zero; words are in range                                 |
 * | `calls`              | managed calls only in programs with managed frames, sizes as in the table |
 * | `slots`              | activations have the slots that rows name, cleared by calls; jumps keep their number |
 * | `codeTable`          | entries of jump and function tables start segments                        |
 * | `memory`             | the plan is aligned, in range, without overlap; segments lie inside       |
 *
 * @throws {VerifyError} with `offset` = the row
 * @example verifyIr(parseIr('b0:\n 0: li r0, 1\n 1: halt'))
 */
export function verifyIr(program: IrProgram): void {
  checkShape(program)
  verifyMemoryPlan(program.memory)
  const frameOf = checkTables(program)
  const instructions = checkRows(program, frameOf)
  checkEntries(program, instructions)
  verifySlots(program)
}

function checkShape(program: IrProgram): void {
  const { rows, count, pcOf, marks, costs, registers, haltAddress, badEntry, packet } = program
  if (!Number.isInteger(count) || count < 1)
    fail('shape', 'a program has at least one row', 0, count)
  if (rows.length < count * rowWords || pcOf.length < count)
    fail('shape', 'arrays are shorter than the number of rows', 0, rows.length)
  if (marks.length < count || costs.length < count)
    fail('shape', 'arrays are shorter than the number of rows', 0, marks.length)
  if (!Number.isInteger(registers) || registers < 1 || registers > temporary)
    fail('shape', `a program has 1 to ${temporary} registers`, 0, registers)
  if (!Number.isInteger(haltAddress) || haltAddress < -1 || haltAddress > 0xffffffff)
    fail('shape', 'the halt address is no 32-bit address', 0, haltAddress)
  if (!isTrap(badEntry)) fail('shape', 'badEntry is no trap', 0, badEntry)
  if (!isU32(packet.address) || !isU32(packet.length) || packet.address + packet.length > 2 ** 32)
    fail('shape', 'the packet region is no 32-bit range', 0, packet.address)
}

function isTrap(trap: number): boolean {
  return Number.isInteger(trap) && trap >= 1 && trap <= largestTrap
}

function isU32(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 0xffffffff
}

function isTarget(program: IrProgram, row: number): boolean {
  return row >= 0 && row < program.count && (program.marks[row]! & Mark.segment) !== 0
}

function checkTable(program: IrProgram, table: CodeTable, what: string): void {
  const { base, shift, rows } = table
  if (base < 0n || base >= 1n << 64n || !Number.isInteger(shift) || shift < 0 || shift > 31)
    fail('codeTable', `${what}: base or shift out of range`, 0, shift)
  for (let i = 0; i < rows.length; i++)
    if (rows[i] !== -1 && !isTarget(program, rows[i]!))
      fail('codeTable', `${what}: entry ${i} starts no segment`, rows[i]!, i)
}

/** Checks both tables; answers the frame size of functions by row, -1 elsewhere. */
function checkTables(program: IrProgram): Int32Array | undefined {
  const { calls } = program
  checkTable(program, program.jumps, 'jumps')
  if (calls.kind === 'link') return undefined
  const { functions, frameSizes, maxDepth, first, saved, stackLow, stackHigh, fixed } = calls
  checkTable(program, functions, 'functions')
  if (!isU32(maxDepth)) fail('calls', 'depth out of range', 0, maxDepth)
  const top = program.memory.profile === 'regions64' ? regionLimits.addressSpace : 0xffffffff
  const inRange = Number.isInteger(stackLow) && Number.isInteger(stackHigh) && stackHigh <= top
  if (!inRange || stackLow < 0 || stackLow > stackHigh)
    fail('calls', 'the stack is no range of addresses', 0, stackLow)
  if (!isU32(first) || !isU32(saved) || saved < 1 || first + saved > program.registers)
    fail('calls', 'saved registers out of range', 0, saved)
  if (fixed !== undefined) checkFixed(fixed, program.rowOf.length)
  if (fixed !== undefined && calls.declared === true)
    fail('calls', 'fixed frames declare no arguments', 0)
  if (frameSizes.length !== functions.rows.length)
    fail('calls', 'not one frame size per function', 0, frameSizes.length)
  const frameOf = new Int32Array(program.count).fill(-1)
  for (let i = 0; i < frameSizes.length; i++) {
    const size = frameSizes[i]!
    const row = functions.rows[i]!
    if (row === -1) continue
    checkWord(program, size, row)
    if (fixed !== undefined && size !== 0) fail('calls', 'fixed frames have no sizes', row, size)
    frameOf[row] = size
  }
  return frameOf
}

function checkFixed({ cost, places, step }: FixedFrames, pcs: number): void {
  const isCount = (n: number, most: number): boolean => Number.isInteger(n) && n >= 0 && n <= most
  if (!isCount(step, 0x10000)) fail('calls', 'frames have no such step', 0, step)
  if (!isCount(places, pcs)) fail('calls', 'more places than pcs', 0, places)
  if (!isCount(cost, 0xffff)) fail('calls', 'no such cost', 0, cost)
}

/** The walk over all rows; answers how many guest instructions `rowOf` leads to. */
function checkRows(program: IrProgram, frameOf: Int32Array | undefined): number {
  const { rows, count, pcOf, marks, costs, rowOf } = program
  const metered = program.metering !== 'none'
  const exact = program.metering === 'instruction'
  const useOf = registerBits(program.registers)
  const lastPc = rowOf.length - 1
  let instructions = 0
  let defined = zeroBit // temporaries with a value, and the zero register: what may be read
  let written = false // the current instruction has changed a register or memory
  let pc = -1 // of the current instruction
  let previous = segmentAfter | ends // bits of the row before
  let charge = -1 // the open segment's charge row
  let opened = -1 // the segment that has no instruction yet
  let cost = 0 // of the open segment so far
  let segmentInstructions = 0
  let outOfLine = false

  for (let row = 0; row < count; row++) {
    const at = row * rowWords
    const word = rows[at]!
    const low = rows[at + 1]!
    const high = rows[at + 2]!
    const off = rows[at + 3]!
    const op = word & 0xff
    const bits = opBits[op]!
    const mark = marks[row]!
    if (bits === 0) fail('unknownOp', 'unknown op', row, op)
    const unused = (word & unusedWord[op]!) | (low & unusedLow[op]!)
    if ((unused | (high & unusedHigh[op]!) | (off & unusedOff[op]!)) !== 0)
      fail('unusedOperand', 'an unused operand is not zero', row, op)

    if (mark === 0) {
      if (outOfLine) fail('outOfLine', 'code behind rows out of line', row)
      if ((previous & segmentAfter) !== 0) fail('segment', 'no segment starts here', row)
      if ((previous & instructionAfter) !== 0) fail('mark', 'no instruction starts here', row)
      if (exact && (previous & exactAfter) !== 0)
        fail('segment', 'exact gas: a segment ends at host calls and memset', row - 1)
      if (opened >= 0) fail('mark', 'a charge is followed by an instruction', row)
      if (pcOf[row] !== pc) fail('pc', 'the pc changes within an instruction', row, pcOf[row]!)
      if (op === Op.charge) fail('charge', 'a charge within a segment', row)
    } else if (mark === Mark.outOfLine) {
      if ((previous & ends) === 0) fail('fallsThrough', 'the row before does not end', row - 1)
      if (op !== Op.trap) fail('outOfLine', 'a row out of line is no trap', row, op)
      if (pcOf[row]! < 0 || pcOf[row]! > lastPc) fail('pc', 'no such pc', row, pcOf[row]!)
      outOfLine = true
    } else {
      if (mark > 3) fail('mark', 'marks that exclude each other', row, mark)
      if (outOfLine) fail('outOfLine', 'code behind rows out of line', row)
      if (pcOf[row]! > lastPc) fail('pc', 'no such pc', row, pcOf[row]!)
      if ((mark & Mark.segment) !== 0) {
        if (opened >= 0) fail('mark', 'a segment without an instruction', opened)
        if (charge >= 0) closeSegment(program, charge, cost, segmentInstructions)
        charge = -1
        cost = 0
        segmentInstructions = 0
        if (op === Op.charge) {
          if (mark !== Mark.segment) fail('mark', 'a charge is no instruction', row, mark)
          charge = row
          opened = row
        } else if (metered) fail('charge', 'the segment has no charge', row)
        else if (mark === Mark.segment) fail('mark', 'the segment starts with no instruction', row)
      } else if ((previous & segmentAfter) !== 0) fail('segment', 'no segment starts here', row)
      else if (exact && (previous & exactAfter) !== 0)
        fail('segment', 'exact gas: a segment ends at host calls and memset', row - 1)
      if ((mark & Mark.instruction) !== 0) {
        if (op === Op.charge) fail('charge', 'a charge within a segment', row)
        if (pcOf[row]! <= pc) fail('pc', 'pcs do not rise', row, pcOf[row]!)
        pc = pcOf[row]!
        if (opened >= 0 && pcOf[opened] !== pc)
          fail('pc', "the charge's pc is another", opened, pcOf[opened]!)
        if (rowOf[pc] !== -1) {
          if (rowOf[pc] !== (opened >= 0 ? opened : row))
            fail('entry', 'rowOf leads elsewhere', row, rowOf[pc]!)
          instructions++
        }
        opened = -1
        segmentInstructions++
        cost += costs[row]!
        defined = zeroBit
        written = false
      }
    }
    if (costs[row] !== 0 && (!exact || (mark & Mark.instruction) === 0))
      fail('cost', 'a cost where there is none', row, costs[row]!)

    if ((bits & readsB) !== 0) {
      const use = useOf[(word >> 16) & 0xff]!
      if ((use & ~defined) !== 0) badRead(use, row)
    }
    if ((bits & readsC) !== 0) {
      const use = useOf[word >>> 24]!
      if ((use & ~defined) !== 0) badRead(use, row)
    }
    if ((bits & traps) !== 0 && written)
      fail('trapAfterWrite', 'may trap after a visible write', row, op)
    if ((bits & (readsA | writesA)) !== 0) {
      const use = useOf[(word >> 8) & 0xff]!
      if ((bits & readsA) !== 0 && (use & ~defined) !== 0) badRead(use, row)
      if ((bits & writesA) !== 0) {
        if ((use & ~temporaryBits) !== 0) badWrite(use, row)
        defined |= use
        if (use === 0) written = true
      }
    }
    if ((bits & storesMemory) !== 0) written = true
    if ((bits & hasTarget) !== 0) checkTarget(program, off, row)
    if ((bits & special) !== 0) checkSpecial(program, frameOf, row)
    previous = bits
  }
  if ((previous & ends) === 0) fail('fallsThrough', 'the last row does not end', count - 1)
  if (charge >= 0) closeSegment(program, charge, cost, segmentInstructions)
  return instructions
}

function badRead(use: number, row: number): never {
  if ((use & invalidBit) !== 0) fail('register', 'no such register', row)
  fail('temporary', 'a temporary is read that the instruction has not written', row)
}

function badWrite(use: number, row: number): never {
  if ((use & invalidBit) !== 0) fail('register', 'no such register', row)
  fail('zeroWritten', 'the zero register is written', row)
}

function checkTarget(program: IrProgram, target: number, row: number): void {
  const mark = target >= 0 && target < program.count ? program.marks[target]! : 0
  if ((mark & (Mark.segment | Mark.outOfLine)) === 0)
    fail('target', 'the target starts no segment', row, target)
}

function closeSegment(
  program: IrProgram,
  charge: number,
  cost: number,
  instructions: number,
): void {
  const at = charge * rowWords
  const charged = program.rows[at + 1]!
  const counted = program.rows[at + 2]!
  if (counted !== instructions) fail('charge', 'not the number of instructions', charge, counted)
  const wrong = program.metering === 'instruction' ? charged !== cost : charged < 0
  if (wrong || (program.metering === 'none' && charged !== 0))
    fail('charge', "not the segment's cost", charge, charged)
}

function checkSpecial(program: IrProgram, frameOf: Int32Array | undefined, row: number): void {
  const at = row * rowWords
  const op = program.rows[at]! & 0xff
  const low = program.rows[at + 1]!
  const high = program.rows[at + 2]!
  switch (op) {
    case Op.trap:
      if (high !== 0 || !isTrap(low)) fail('immediate', 'no such trap', row, low)
      return
    case Op.trapz64:
    case Op.trapz32:
      if (high !== 0 || !isTrap(low)) fail('immediate', 'no such trap', row, low)
      return
    case Op.host:
      if (high !== 0) fail('immediate', 'a host call has one word', row, high)
      return
    case Op.getslot:
    case Op.setslot:
      if (program.calls.kind === 'link' || program.calls.slots === undefined)
        fail('slots', 'the program has no slots', row, low)
      return
    case Op.packet:
      if (high !== 0 || (low !== 1 && low !== 2 && low !== 4))
        fail('immediate', 'packet reads 1, 2 or 4 bytes', row, low)
      return
    case Op.memset:
      if (program.memory.profile === 'regions64')
        fail('memory', 'memset knows no 64-bit addresses', row)
      return
    case Op.sbrk:
      if (program.memory.profile !== 'paged32' || program.paging.sbrk === 'forbidden')
        fail('memory', 'the program has no break', row)
      return
    case Op.jump64:
      if (program.rows[at + 3] !== 0) fail('unusedOperand', 'jump64 has no offset', row)
      return
    case Op.ret:
      if (frameOf === undefined) fail('calls', 'no managed frames', row)
      return
    case Op.call:
    case Op.callr:
    case Op.callrh:
      if (frameOf === undefined) fail('calls', 'no managed frames', row)
      if (low < 0 || low % 8 !== 0) fail('calls', 'frame size is no multiple of 8', row, low)
      if (op !== Op.call && high !== 0) fail('calls', 'the callee has no size here', row, high)
      if (
        program.calls.kind === 'managed' &&
        program.calls.fixed !== undefined &&
        (low | high) !== 0
      )
        fail('calls', 'fixed frames have no sizes', row, low)
      if (op === Op.callrh && program.calls.kind === 'managed' && program.calls.fixed !== undefined)
        fail('calls', 'fixed frames know no host call by number', row)
      if (op === Op.call) checkCallee(program, frameOf, high, row)
      return
    default: {
      const divisor = irRows[op]!.name.includes('64') ? low | high : low
      if (divisor === 0) fail('immediate', 'division by the constant 0', row)
    }
  }
}

/** A function that the table knows has one frame size, however it is called. */
function checkCallee(program: IrProgram, frameOf: Int32Array, size: number, row: number): void {
  const listed = frameOf[program.rows[row * rowWords + 3]!]!
  checkWord(program, size, row)
  if (listed >= 0 && listed !== size) fail('calls', "not the function's frame size", row, size)
}

function checkWord({ calls }: IrProgram, word: number, row: number): void {
  if (calls.kind !== 'managed') return
  if (word < 0 || frameOfCallee(calls, word) % 8 !== 0)
    fail('calls', 'frame size is no multiple of 8', row, word)
  if (calls.declared === true && argumentsOfCallee(word) > calls.first + calls.saved - 1)
    fail('calls', 'more arguments than registers', row, word)
}

/** With `checkRows`, which finds every instruction in `rowOf`: nothing else is there. */
function checkEntries(program: IrProgram, instructions: number): void {
  const { rowOf } = program
  let found = 0
  for (let pc = 0; pc < rowOf.length; pc++) {
    // 1 for all but -1 without a branch, which no predictor would know: 6 % of a whole PVM lift
    const other = ~rowOf[pc]!
    found += (other | -other) >>> 31
  }
  if (found === instructions) return
  for (let pc = 0; pc < rowOf.length; pc++) {
    const row = rowOf[pc]!
    if (row === -1) continue
    if (row < 0 || row >= program.count || program.pcOf[row] !== pc)
      fail('entry', 'rowOf leads to no instruction', Math.max(0, row), pc)
  }
  fail('entry', 'rowOf has more than the instructions', 0, found)
}
