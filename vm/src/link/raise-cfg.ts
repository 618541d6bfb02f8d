import { newRiscvInsn, type RiscvDecoder, type RiscvInsn } from '../isa/riscv/decode.ts'
import { riscvDecoder } from '../isa/riscv/isa.ts'
import { riscvRows } from '../isa/riscv/table.ts'
import { Trap } from '../vm/exit.ts'
import type { BlockEnd, RawBlock } from './raise-blocks.ts'
import { raiseFail } from './raise-error.ts'
import type { CallTarget, LinkedCode } from './riscv-linked.ts'

/** Registers of the calling convention. */
export const Reg = { ra: 1, sp: 2, gp: 3, tp: 4, t0: 5, a0: 10 } as const

/**
 * What is found out about single places while a function is looked at, by pc: it is then cut into blocks again.
 * For a `jr`: what it is. 'inline': the callee's code becomes part of the function. 'noReturn': of a call.
 */
export type Decision =
  | { readonly kind: 'switch'; readonly labels: readonly number[] }
  | { readonly kind: 'tailr' | 'ret' | 'inline' | 'noReturn' }

export interface RawFunction {
  readonly index: number
  readonly blocks: RawBlock[]
  readonly decisions: Map<number, Decision>
  /** Functions whose code is part of it. */
  readonly inlined: ReadonlySet<number>
  /** It may come to a return; found out by `findReturning`. */
  returns: boolean
}

/** Code of a function, or of one that became a part of it. */
interface Region {
  readonly index: number
  readonly depth: number
  /** Where `jr t0` goes: after the call that it is the callee of. */
  readonly link: RawBlock | undefined
  readonly endings: Map<number, Ending>
  readonly blocks: Map<number, RawBlock>
}

interface Ending {
  readonly end: BlockEnd
  /** Octets; 0: nothing is there. */
  readonly length: number
  /** Places in the region. */
  readonly targets: readonly number[]
  /** The callee whose code goes here. */
  readonly inline?: number
}

/** Limits against code that grows without bound. */
const maxInlineDepth = 3
const maxInlineBytes = 1024
const maxRegions = 4096

const forms = riscvRows.map(({ form }) => form)
const rowNamed = (name: string): number => riscvRows.findIndex((row) => row.name === name)
const auipc = rowNamed('auipc')
const ecall = rowNamed('ecall')
const ebreak = rowNamed('ebreak')

/** Cuts functions into blocks. One for a program. */
export class CfgBuilder {
  readonly linked: LinkedCode
  readonly decoder: RiscvDecoder
  /** Code table entries that are labels, by function. */
  private readonly labels: ReadonlyMap<number, readonly number[]>

  constructor(linked: LinkedCode) {
    this.linked = linked
    this.decoder = riscvDecoder(linked.version === 'rv32' ? 'rv32' : 'rv64', linked.embedded)
    const labels = new Map<number, number[]>()
    linked.codeTable.forEach(({ index, isFunction }, i) => {
      if (isFunction) return
      const known = labels.get(index)
      if (known === undefined) labels.set(index, [i])
      else known.push(i)
    })
    this.labels = labels
  }

  /** The labels of a function whose address is taken, as entries of the code table. */
  labelsOf(func: number): readonly number[] {
    return this.labels.get(func) ?? []
  }

  /** @throws {LinkError} when code that must become part of the function is too large */
  build(index: number, decisions: Map<number, Decision>): RawFunction {
    return new FunctionCutter(this, index, decisions).build()
  }
}

class FunctionCutter {
  private readonly builder: CfgBuilder
  private readonly linked: LinkedCode
  private readonly index: number
  private readonly decisions: Map<number, Decision>
  private readonly blocks: RawBlock[] = []
  private readonly inlined = new Set<number>()
  private readonly insn = newRiscvInsn()
  private regions = 0

  constructor(builder: CfgBuilder, index: number, decisions: Map<number, Decision>) {
    this.builder = builder
    this.linked = builder.linked
    this.index = index
    this.decisions = decisions
  }

  build(): RawFunction {
    const first = this.region(this.index, 0, undefined)
    assertFirst(first, this.blocks)
    const { blocks, decisions, index, inlined } = this
    for (const block of blocks) for (const succ of block.succs) succ.preds.push(block)
    return { index, blocks, decisions, inlined, returns: false }
  }

  private fail(pc: number, code: string, what: string): never {
    return raiseFail(this.linked, { func: this.index, pc }, code, what)
  }

  private block(from: number, to: number, end: BlockEnd, succs: RawBlock[] = []): RawBlock {
    const block = { id: this.blocks.length, from, to, end, succs, preds: [] }
    this.blocks.push(block)
    return block
  }

  /** Cuts a function's code; answers its first block. */
  private region(index: number, depth: number, link: RawBlock | undefined): RawBlock {
    if (++this.regions > maxRegions)
      this.fail(
        this.linked.functions[index]!.start,
        'tooMuchInlined',
        `it has more than ${maxRegions} ${outlined}`,
      )
    const region: Region = { index, depth, link, endings: new Map(), blocks: new Map() }
    const { start } = this.linked.functions[index]!
    const leaders = this.scan(region, start)
    const pcs = [...leaders].sort((a, b) => a - b)
    for (const pc of pcs) this.cut(region, pc, leaders)
    for (const pc of pcs) this.connect(region, region.blocks.get(pc)!)
    return region.blocks.get(start)!
  }

  /** Finds where blocks start, and how those end that do by a jump. */
  private scan(region: Region, start: number): Set<number> {
    const { code } = this.linked
    const { end } = this.linked.functions[region.index]!
    const seen = new Set<number>()
    const leaders = new Set<number>([start])
    const work = [start]
    for (let from = work.pop(); from !== undefined; from = work.pop()) {
      for (let pc = from; pc < end && !seen.has(pc); ) {
        seen.add(pc)
        this.builder.decoder.decode(code, pc, this.insn)
        const ending = this.ending(region, pc)
        if (ending === undefined) {
          pc += this.insn.length
          continue
        }
        region.endings.set(pc, ending)
        for (const target of ending.targets) {
          leaders.add(target)
          if (!seen.has(target)) work.push(target)
        }
        break
      }
    }
    return leaders
  }

  /** What ends a block at `pc`, where `insn` is; undefined if that goes on to the next. */
  private ending(region: Region, pc: number): Ending | undefined {
    const { insn } = this
    const { row } = insn
    if (row < 0) return this.unknown(pc)
    const called = this.linked.calls.get(pc)
    if (called !== undefined) return this.callSite(pc, called)
    if (row === ecall) return { end: { kind: 'ecall' }, length: 4, targets: [pc + 4] }
    if (row === ebreak) return trapping(Trap.panic, insn.length)
    switch (forms[row]) {
      case 'branch':
        return this.branch(region, pc)
      case 'jump':
        return this.jump(region, pc, pc + insn.imm)
      case 'jumpr':
        return this.jumpRegister(region, pc)
      case 'upper':
        return row === auipc ? this.farJump(region, pc) : undefined
      default:
        return undefined
    }
  }

  private unknown(pc: number): Ending {
    const { code } = this.linked
    const word = (code[pc] ?? 0) | ((code[pc + 1] ?? 0) << 8)
    const high = (code[pc + 2] ?? 0) | ((code[pc + 3] ?? 0) << 8)
    // unimp: an all-zero parcel, or a write of the read-only register cycle
    if (word === 0 || (word === 0x1073 && high === 0xc000))
      return trapping(Trap.invalidInstruction, 2)
    return { end: { kind: 'bad' }, length: 2, targets: [] }
  }

  private inRegion(region: Region, pc: number): boolean {
    const { end, start } = this.linked.functions[region.index]!
    return pc >= start && pc < end && (pc & 1) === 0
  }

  private branch(region: Region, pc: number): Ending {
    const { insn } = this
    const end: BlockEnd = { kind: 'branch', insn: { ...insn } }
    const to = pc + insn.imm
    if (!this.inRegion(region, to)) this.leaves(region, pc, to)
    return { end, length: insn.length, targets: [to, pc + insn.length] }
  }

  private leaves(region: Region, pc: number, to: number): never {
    const { name } = this.linked.functions[region.index]!
    return this.fail(
      pc,
      'jumpOutside',
      `a jump of ${name} goes to offset ${to}, which is not in it`,
    )
  }

  private jump(region: Region, pc: number, to: number): Ending {
    const { insn } = this
    if (insn.rd !== 0) this.fail(pc, 'unknownCall', 'a call goes to a place that is no function')
    if (!this.inRegion(region, to)) this.leaves(region, pc, to)
    return { end: { kind: 'jump' }, length: insn.length, targets: [to] }
  }

  private jumpRegister(region: Region, pc: number): Ending {
    const insn = { ...this.insn }
    const { length } = insn
    const decided = this.decisions.get(pc)
    if (insn.rd !== 0) {
      if (insn.rd !== Reg.ra) this.fail(pc, 'linkRegister', linkRegister)
      const targets = decided?.kind === 'noReturn' ? [] : [pc + length]
      return { end: { kind: 'callr', insn }, length, targets }
    }
    if (insn.rs1 === Reg.t0 && insn.imm === 0 && region.link !== undefined)
      return { end: { kind: 'jump' }, length, targets: [] }
    if (decided?.kind === 'switch') return this.switchTo(insn, decided.labels)
    if (decided?.kind === 'tailr' || decided?.kind === 'ret')
      return { end: { kind: decided.kind, insn }, length, targets: [] }
    if (insn.rs1 === Reg.ra && insn.imm === 0)
      return { end: { kind: 'ret', insn }, length, targets: [] }
    return { end: { kind: 'jr', insn }, length, targets: [] }
  }

  private switchTo(insn: RiscvInsn, labels: readonly number[]): Ending {
    const targets = labels.map((label) => this.linked.codeTable[label]!.pc)
    return { end: { kind: 'switch', insn, labels }, length: insn.length, targets }
  }

  /** `auipc` and `jr` to a place of the function itself. */
  private farJump(region: Region, pc: number): Ending | undefined {
    const { imm: upper, rd } = this.insn
    this.builder.decoder.decode(this.linked.code, pc + 4, this.insn)
    const { imm, rd: link, row, rs1 } = this.insn
    const isPair = row >= 0 && forms[row] === 'jumpr' && rs1 === rd && link === 0
    const to = pc + upper + imm
    if (isPair && this.inRegion(region, to))
      return { end: { kind: 'jump' }, length: 8, targets: [to] }
    this.builder.decoder.decode(this.linked.code, pc, this.insn)
    return undefined
  }

  private callSite(pc: number, target: CallTarget): Ending {
    const first = { ...this.insn }
    let length = first.length
    let link = first.rd
    if (first.row === auipc) {
      this.builder.decoder.decode(this.linked.code, pc + 4, this.insn)
      link = this.insn.rd
      length += this.insn.length
    }
    const after = pc + length
    if (forms[first.row] === 'branch')
      return { end: { kind: 'branch', insn: first }, length, targets: [after] }
    const decided = this.decisions.get(pc)?.kind
    if (link !== 0 && link !== Reg.ra) {
      if (link !== Reg.t0 || target.kind !== 'function') this.fail(pc, 'linkRegister', linkRegister)
      return { end: { kind: 'jump' }, length, targets: [after], inline: target.index }
    }
    if (link === 0) {
      const end: BlockEnd = { kind: 'tail', target }
      if (decided !== 'inline' || target.kind !== 'function') return { end, length, targets: [] }
      return { end: { kind: 'jump' }, length, targets: [], inline: target.index }
    }
    return { end: { kind: 'call', target }, length, targets: decided === 'noReturn' ? [] : [after] }
  }

  private cut(region: Region, from: number, leaders: ReadonlySet<number>): void {
    const { end } = this.linked.functions[region.index]!
    let pc = from
    while (pc < end) {
      if (pc !== from && leaders.has(pc)) break
      const ending = region.endings.get(pc)
      if (ending !== undefined) {
        region.blocks.set(from, this.block(from, pc, ending.end))
        return
      }
      this.builder.decoder.decode(this.linked.code, pc, this.insn)
      pc += this.insn.length
    }
    region.blocks.set(from, this.block(from, Math.min(pc, end), { kind: 'next' }))
  }

  private connect(region: Region, block: RawBlock): void {
    const ending = region.endings.get(block.to)
    if (ending === undefined || block.end.kind === 'next') {
      block.succs = [this.at(region, block.to, false)]
      return
    }
    const { calls } = this.linked
    const called = calls.get(block.to)
    const isCall =
      block.end.kind === 'call' || block.end.kind === 'callr' || block.end.kind === 'ecall'
    const succs = ending.targets.map((pc) => this.at(region, pc, isCall))
    if (block.end.kind === 'branch' && called !== undefined)
      succs.unshift(this.block(block.to, block.to, { kind: 'tail', target: called }))
    if (ending.inline !== undefined) {
      const entry = this.inline(region, block.to, ending.inline, succs[0])
      block.succs = [entry]
    } else if (block.end.kind === 'jump' && ending.targets.length === 0)
      block.succs = [region.link!]
    else block.succs = succs
  }

  private inline(region: Region, pc: number, callee: number, link: RawBlock | undefined): RawBlock {
    const { end, name, start } = this.linked.functions[callee]!
    if (region.depth >= maxInlineDepth || end - start > maxInlineBytes)
      this.fail(pc, 'linkRegister', `${name} is too large to become part of it; ${linkRegister}`)
    this.inlined.add(callee)
    return this.region(callee, region.depth + 1, link ?? region.link)
  }

  /** The block at a place; what runs past the end of a function goes on in the next one. */
  private at(region: Region, pc: number, afterCall: boolean): RawBlock {
    const known = region.blocks.get(pc)
    if (known !== undefined) return known
    const next = this.linked.functions[region.index + 1]
    const { end } = this.linked.functions[region.index]!
    // behind the last call of a function is nothing: the callee does not return
    if (afterCall || next === undefined || pc < end)
      return this.block(pc, pc, { kind: 'trap', trap: Trap.invalidInstruction })
    const target: CallTarget = { kind: 'function', index: region.index + 1 }
    return this.block(pc, pc, { kind: 'tail', target })
  }
}

function assertFirst(first: RawBlock, blocks: RawBlock[]): void {
  const at = blocks.indexOf(first)
  if (at > 0) throw new Error('internal: the first block of a function is cut first')
}

const trapping = (trap: Trap, length: number): Ending => ({
  end: { kind: 'trap', trap },
  length,
  targets: [],
})

const outlined = 'calls of outlined functions'
const linkRegister =
  'a call links through a register other than ra (compile with -mno-save-restore and -mllvm -enable-machine-outliner=never)'
