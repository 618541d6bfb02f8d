import { AsmError, InputError } from '../bits/errors.ts'
import { fromHex } from '../bits/hex.ts'
import { Trap, type TrapName } from '../vm/exit.ts'
import { type MemoryPlan, type PlannedRegion, regionLimits, type Segment } from '../vm/memory.ts'
import { entryRows } from './entries.ts'
import { registerOf } from './names.ts'
import {
  type CallModel,
  type CodeTable,
  type FixedFrames,
  type IrProgram,
  Mark,
  type PagingRules,
  plainRules,
  type RunRules,
} from './program.ts'
import { type IrFormInfo, irForms, irRows, Op } from './table.ts'

const opOf: ReadonlyMap<string, number> = new Map(Object.entries(Op))
const metered: readonly string[] = [
  'none',
  'instruction',
  'block',
] satisfies IrProgram['metering'][]
const sbrkRules: readonly string[] = [
  'newTop',
  'oldTop',
  'forbidden',
] satisfies PagingRules['sbrk'][]

/** More guest pcs or table entries than this are refused, so that a short text makes no large array. */
const maxEntries = 1 << 24

const defaultPaging: PagingRules = {
  width: 64,
  nullPagePanics: false,
  pageFaults: false,
  sbrk: 'forbidden',
}

interface TableText {
  readonly base: bigint
  readonly shift: number
  readonly rows: Int32Array
  readonly frames: Int32Array
}

/** One operand's place in the rows, to be filled once every label is known. */
interface Fixup {
  readonly label: string
  readonly line: number
  readonly into: { [index: number]: number }
  readonly at: number
}

/**
 * Reads what `printIr` writes; `#` starts a comment, and everything in the header has a default.
 * What a row may contain is `verifyIr`'s business, not checked here.
 * @throws {AsmError} `offset` is the line, from 1
 * @example parseIr('b0:\n 0: li r0, 1\n 1: ret').count // 2
 */
export function parseIr(text: string): IrProgram {
  return new Parser(text).program()
}

class Parser {
  private readonly lines: readonly string[]
  private line = 0
  private tokens: string[] = []
  private at = 0

  private readonly rows: number[] = []
  private readonly pcs: number[] = []
  private readonly marks: number[] = []
  private readonly costs: number[] = []
  private readonly labels = new Map<string, number>()
  private readonly fixups: Fixup[] = []
  private pending = 0

  private registers = 16
  private metering: IrProgram['metering'] = 'none'
  private pcCount = -1
  private badEntry: Trap = Trap.invalidJump
  private haltAddress = -1
  private paging: PagingRules = defaultPaging
  private rules: RunRules = plainRules
  private packet = { address: 0, length: 0 }
  private readonly segments: Segment[] = []
  private readonly regions: PlannedRegion[] = []
  private plan: MemoryPlan
  private heap: { start: number; max: number } | undefined
  private jumps: TableText = emptyTable
  private functions: TableText = emptyTable
  private calls: CallModel = { kind: 'link' }
  private readonly slotFrom: number[] = []
  private readonly slotCounts: number[] = []

  constructor(text: string) {
    this.lines = text.split('\n')
    const size = 0x20000
    this.plan = { profile: 'linear32', segments: this.segments, size, maxSize: size }
  }

  program(): IrProgram {
    for (const line of this.lines) {
      this.line++
      this.tokens = line.replace(/#.*/, '').match(/[\w.?@$]+|[^\s\w]/g) ?? []
      this.at = 0
      if (this.tokens.length > 0) this.statement()
    }
    for (const { label, line, into, at } of this.fixups) into[at] = this.rowOf(label, line)
    if (this.pending !== 0) throw this.error('label', 'a label stands before no row')
    return this.assemble()
  }

  private assemble(): IrProgram {
    const marks = Uint8Array.from(this.marks)
    const { calls, plan, jumps, functions, pcs, slotFrom } = this
    const slots = slotFrom.length > 0 && {
      slots: { from: Int32Array.from(slotFrom), counts: Uint8Array.from(this.slotCounts) },
    }
    const last = pcs.reduce((most, pc) => Math.max(most, pc), -1)
    return {
      rows: Int32Array.from(this.rows),
      count: pcs.length,
      pcOf: Int32Array.from(pcs),
      marks,
      costs: Uint16Array.from(this.costs),
      rowOf: entryRows(pcs, marks, Math.max(this.pcCount, last + 1)),
      registers: this.registers,
      metering: this.metering,
      memory: plan.profile === 'paged32' && this.heap ? { ...plan, heap: this.heap } : plan,
      calls:
        calls.kind === 'link'
          ? calls
          : { ...calls, functions: tableOf(functions), frameSizes: functions.frames, ...slots },
      jumps: tableOf(jumps),
      haltAddress: this.haltAddress,
      badEntry: this.badEntry,
      paging: this.paging,
      rules: this.rules,
      packet: this.packet,
    }
  }

  // ---- tokens

  private error(code: string, message: string, value?: string): AsmError {
    return new AsmError(code, message, { offset: this.line, value })
  }

  private get done(): boolean {
    return this.at >= this.tokens.length
  }

  private next(): string {
    const token = this.tokens[this.at++]
    if (token === undefined) throw this.error('lineEnd', 'the line ends too early')
    return token
  }

  private accept(token: string): boolean {
    if (this.tokens[this.at] !== token) return false
    this.at++
    return true
  }

  private expect(token: string): void {
    const found = this.next()
    if (found !== token) throw this.error('syntax', `expected ${token}`, found)
  }

  private end(): void {
    if (!this.done) throw this.error('syntax', 'the line should end here', this.tokens[this.at])
  }

  private integer(): bigint {
    const minus = this.accept('-')
    const token = this.next()
    if (!/^(0x[0-9a-fA-F]+|\d+)$/.test(token)) throw this.error('number', 'not a number', token)
    return minus ? -BigInt(token) : BigInt(token)
  }

  /** @param low @param high inclusive bounds */
  private number(low = -0x80000000, high = 0xffffffff): number {
    const value = this.integer()
    if (value < low || value > high) throw this.error('range', 'out of range', String(value))
    return Number(value)
  }

  private word(...allowed: readonly string[]): string {
    const token = this.next()
    if (!allowed.includes(token))
      throw this.error('syntax', `expected ${allowed.join(' or ')}`, token)
    return token
  }

  private trap(): Trap {
    const token = this.next()
    const trap = Object.hasOwn(Trap, token) ? Trap[token as TrapName] : undefined
    if (trap === undefined) throw this.error('trap', 'not a trap', token)
    return trap
  }

  // ---- rows

  private statement(): void {
    const first = this.tokens[0]!
    if (/^\d/.test(first)) this.row()
    else if (this.tokens[1] === ':') this.label()
    else this.directive(this.next())
    this.end()
  }

  private label(): void {
    const name = this.next()
    if (this.labels.has(name)) throw this.error('label', 'the label is defined twice', name)
    if (this.pending !== 0) throw this.error('label', 'a row has one label', name)
    this.expect(':')
    this.labels.set(name, this.pcs.length)
    this.pending = Mark.segment
    if (this.done) return
    for (const word of ['out', 'of', 'line']) this.expect(word)
    this.pending = Mark.outOfLine
  }

  private rowOf(label: string, line: number): number {
    if (/^@\d{1,9}$/.test(label)) return Number(label.slice(1))
    const row = this.labels.get(label)
    if (row !== undefined) return row
    throw new AsmError('label', 'no such label', { offset: line, value: label })
  }

  private target(into: { [index: number]: number }, at: number): void {
    this.fixups.push({ label: this.next(), line: this.line, into, at })
  }

  private row(): void {
    const pc = this.number(0, maxEntries)
    let marks = this.pending
    this.pending = 0
    if (this.accept(':')) marks |= Mark.instruction
    let cost = 0
    if (this.accept('[')) {
      cost = this.number(0, 0xffff)
      this.expect(']')
    }
    const name = this.next()
    const op = opOf.get(name)
    if (op === undefined) throw this.error('unknownOp', 'no such op', name)
    this.pcs.push(pc)
    this.marks.push(marks)
    this.costs.push(cost)
    const at = this.rows.length
    this.rows.push(op, 0, 0, 0)
    this.operands(op, irForms[irRows[op]!.form], at)
  }

  private operands(op: number, form: IrFormInfo, at: number): void {
    const { rows } = this
    let first = true
    const comma = (): void => {
      if (!first) this.expect(',')
      first = false
    }
    for (const [field, shift] of [
      ['a', 8],
      ['b', 16],
      ['c', 24],
    ] as const) {
      if (form[field] === '') continue
      comma()
      const memory = field === 'b' && form.off === 'offset'
      if (memory) this.expect('[')
      rows[at]! |= this.register() << shift
      if (!memory) continue
      const sign = this.accept('+') ? 1 : this.accept('-') ? -1 : 0
      if (sign !== 0) rows[at + 3] = (sign * this.number(0, 0x80000000)) | 0
      this.expect(']')
    }
    if (form.imm === 'imm64') {
      comma()
      const value = this.integer()
      if (BigInt.asIntN(64, value) !== value && BigInt.asUintN(64, value) !== value)
        throw this.error('range', 'more than 64 bits', String(value))
      rows[at + 1] = Number(BigInt.asIntN(32, value))
      rows[at + 2] = Number(BigInt.asIntN(32, value >> 32n))
    } else if (form.imm === 'words') {
      comma()
      rows[at + 1] = trapping.has(op) ? this.trap() : this.number() | 0
      if (/^\d/.test(this.tokens[this.at + 1] ?? '') || this.tokens[this.at + 1] === '-') {
        comma()
        rows[at + 2] = this.number() | 0
      }
    }
    if (form.off !== 'target') return
    comma()
    this.target(rows, at + 3)
  }

  private register(): number {
    const name = this.next()
    const register = registerOf(name)
    if (register === undefined) throw this.error('register', 'no such register', name)
    return register
  }

  // ---- header

  private directive(name: string): void {
    switch (name) {
      case 'registers':
        this.registers = this.number(0, 255)
        return
      case 'metering':
        this.metering = this.word(...metered) as IrProgram['metering']
        return
      case 'pcs':
        this.pcCount = this.number(0, maxEntries)
        return
      case 'badEntry':
        this.badEntry = this.trap()
        return
      case 'halt':
        this.haltAddress = this.number(0)
        return
      case 'paging':
        this.pagingRules()
        return
      case 'rules':
        while (!this.done)
          this.rules = { ...this.rules, [this.word(...Object.keys(plainRules))]: true }
        return
      case 'packet':
        this.packet = { address: this.number(0), length: this.number(0) }
        return
      case 'memory':
        this.memory()
        return
      case 'region':
        this.regions.push(this.region())
        return
      case 'heap':
        this.heap = { start: this.number(0), max: this.number(0, 2 ** 32) }
        return
      case 'segment':
        this.segments.push({ address: this.address(), bytes: this.hex() })
        return
      case 'calls':
        this.callModel()
        return
      case 'slots':
        this.slotFrom.push(this.number(0, maxEntries))
        this.slotCounts.push(this.number(0, 255))
        return
      case 'jumps':
        this.jumps = this.table()
        return
      case 'functions':
        this.functions = this.table()
        return
      case 'jump':
        this.entry(this.jumps)
        return
      case 'function': {
        const index = this.entry(this.functions)
        this.expect('frame')
        this.functions.frames[index] = this.number(-0x80000000, 0x7fffffff)
        return
      }
      default:
        throw this.error('syntax', 'no such directive', name)
    }
  }

  private hex(): Uint8Array {
    const token = this.next()
    try {
      return fromHex(token)
    } catch (error) {
      if (error instanceof InputError) throw this.error('badHex', error.what, token)
      throw error
    }
  }

  private pagingRules(): void {
    let rules = defaultPaging
    while (!this.done) {
      const rule = this.word('width', 'sbrk', 'nullPagePanics', 'pageFaults')
      if (rule === 'width' || rule === 'sbrk') this.expect('=')
      if (rule === 'width') rules = { ...rules, width: this.word('32', '64') === '32' ? 32 : 64 }
      else if (rule === 'sbrk')
        rules = { ...rules, sbrk: this.word(...sbrkRules) as PagingRules['sbrk'] }
      else rules = { ...rules, [rule]: true }
    }
    this.paging = rules
  }

  private address(): number {
    return this.number(0, regionLimits.addressSpace)
  }

  private region(): PlannedRegion {
    const address = this.address()
    const length = this.number(0, 2 ** 32)
    const region: PlannedRegion = { address, length, writable: this.word('rw', 'ro') === 'rw' }
    if (this.plan.profile !== 'regions64') return region
    const maxLength = this.accept('max') ? { maxLength: this.number(0) } : {}
    const gap = this.accept('gap') ? { gap: this.number(0) } : {}
    return { ...region, ...maxLength, ...gap }
  }

  private memory(): void {
    const { segments, regions } = this
    const profile = this.word('linear32', 'paged32', 'regions64')
    if (profile === 'regions64') {
      this.plan = { profile, regions, segments }
      return
    }
    if (profile === 'linear32') {
      this.expect('size')
      const size = this.number(0)
      this.expect('max')
      this.plan = { profile: 'linear32', segments, size, maxSize: this.number(0) }
      return
    }
    this.expect('page')
    this.plan = { profile: 'paged32', pageSize: this.number(0), regions, segments }
  }

  private callModel(): void {
    if (this.word('link', 'managed') === 'link') {
      this.calls = { kind: 'link' }
      return
    }
    const names = ['depth', 'first', 'saved', 'stack', 'to']
    const [maxDepth, first, saved, stackLow, stackHigh] = names.map((name) => {
      this.expect(name)
      return this.address()
    }) as [number, number, number, number, number]
    const fixed = this.accept('step') ? { fixed: this.fixedFrames() } : {}
    const declared = this.accept('declared') ? { declared: true as const } : {}
    const functions = tableOf(emptyTable)
    const frameSizes = emptyTable.frames
    this.calls = {
      ...{ kind: 'managed', maxDepth, first, saved, stackLow, stackHigh },
      ...{ functions, frameSizes, ...fixed, ...declared },
    }
  }

  private fixedFrames(): FixedFrames {
    const step = this.number(0)
    this.expect('places')
    const places = this.number(0)
    this.expect('cost')
    return { step, places, cost: this.number(0) }
  }

  private table(): TableText {
    this.expect('base')
    const base = BigInt.asUintN(64, this.integer())
    this.expect('shift')
    const shift = this.number(0, 63)
    this.expect('length')
    const length = this.number(0, maxEntries)
    return {
      base,
      shift,
      rows: new Int32Array(length).fill(-1),
      frames: new Int32Array(length).fill(-1),
    }
  }

  private entry(table: TableText): number {
    const index = this.number(0, maxEntries)
    if (index >= table.rows.length)
      throw this.error('range', 'the table has no such entry', String(index))
    if (!this.accept('none')) this.target(table.rows, index)
    return index
  }
}

/** Ops whose immediate is the name of a trap. */
const trapping: ReadonlySet<number> = new Set([Op.trap, Op.trapz64, Op.trapz32])

const emptyTable: TableText = {
  base: 0n,
  shift: 0,
  rows: new Int32Array(0),
  frames: new Int32Array(0),
}

function tableOf({ base, shift, rows }: TableText): CodeTable {
  return { base, shift, rows }
}
