import { hexOf, toHex } from '../bits/hex.ts'
import { type Trap, trapName } from '../vm/exit.ts'
import type { MemoryPlan } from '../vm/memory.ts'
import { registerName } from './names.ts'
import { type IrProgram, Mark, rowWords } from './program.ts'
import { type IrFormInfo, irForms, irRows } from './table.ts'

/**
 * An IR program as text, the inverse of `parseIr`: a header, one line per directive, then the rows.
 *
 * A row is `pc op operands`; `pc:` starts a guest instruction, `[n]` is that instruction's gas, and
 * `bN:` stands before the rows that control can reach by name.
 * @param options.header also prints what is not rows (default: yes); without it the text is no program
 * @example printIr(program, { header: false }) // 'b0:\n   0: li r0, 1\n   1: ret\n'
 */
export function printIr(program: IrProgram, options: { readonly header?: boolean } = {}): string {
  const labels = labelsOf(program)
  const out: string[] = []
  if (options.header !== false) header(program, labels, out)
  for (let row = 0; row < program.count; row++) {
    const marks = program.marks[row]!
    const label = labels.get(row)
    if (label !== undefined)
      out.push((marks & Mark.outOfLine) === 0 ? `${label}:` : `${label}: out of line`)
    out.push(printRow(program, row, labels))
  }
  return out.join('\n') + '\n'
}

function labelsOf(program: IrProgram): Map<number, string> {
  const labels = new Map<number, string>()
  for (let row = 0; row < program.count; row++)
    if ((program.marks[row]! & (Mark.segment | Mark.outOfLine)) !== 0)
      labels.set(row, `b${labels.size}`)
  return labels
}

function rowName(labels: ReadonlyMap<number, string>, row: number): string {
  return labels.get(row) ?? `@${row}`
}

/** 16 bits and less in decimal with its sign, anything larger as the 64-bit pattern. */
function imm64(low: number, high: number): string {
  if (high === low >> 31 && low >= -0x10000 && low <= 0x10000) return String(low)
  return hexOf((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0))
}

function printRow(program: IrProgram, row: number, labels: ReadonlyMap<number, string>): string {
  const at = row * rowWords
  const word = program.rows[at]!
  const low = program.rows[at + 1]!
  const high = program.rows[at + 2]!
  const off = program.rows[at + 3]!
  const cost = program.costs[row]!
  const starts = (program.marks[row]! & Mark.instruction) !== 0
  const pc = String(program.pcOf[row]!).padStart(4) + (starts ? ': ' : '  ')
  const place = cost === 0 ? pc : `${pc}[${cost}] `
  const info = irRows[word & 0xff]
  if (info === undefined) return `${place}?${word & 0xff} ${[word >> 8, low, high, off].join(', ')}`
  const form = irForms[info.form]
  const operands: string[] = []
  if (form.a !== '') operands.push(registerName((word >> 8) & 0xff))
  if (form.b !== '') operands.push(source(form, (word >> 16) & 0xff, off))
  if (form.c !== '') operands.push(registerName(word >>> 24))
  if (form.imm === 'imm64') operands.push(imm64(low, high))
  if (info.name === 'trap' || info.form === 'trapz') operands.push(trapText(low))
  else if (form.imm === 'words') operands.push(String(low))
  if (form.imm === 'words' && high !== 0) operands.push(String(high))
  if (form.off === 'target') operands.push(rowName(labels, off))
  return `${place}${info.name}${operands.length > 0 ? ' ' : ''}${operands.join(', ')}`
}

function source(form: IrFormInfo, b: number, off: number): string {
  const name = registerName(b)
  if (form.off !== 'offset') return name
  if (off === 0) return `[${name}]`
  return off < 0 ? `[${name} - ${-off}]` : `[${name} + ${off}]`
}

function trapText(trap: number): string {
  return (trapName(trap as Trap) as string | undefined) ?? String(trap)
}

function header(program: IrProgram, labels: ReadonlyMap<number, string>, out: string[]): void {
  const { calls, paging, packet } = program
  out.push(`registers ${program.registers}`)
  out.push(`metering ${program.metering}`)
  out.push(`pcs ${program.rowOf.length}`)
  out.push(`badEntry ${trapText(program.badEntry)}`)
  if (program.haltAddress !== -1) out.push(`halt ${hexOf(program.haltAddress)}`)
  const answers = [`width=${paging.width}`, `sbrk=${paging.sbrk}`]
  if (paging.nullPagePanics) answers.push('nullPagePanics')
  if (paging.pageFaults) answers.push('pageFaults')
  out.push(`paging ${answers.join(' ')}`)
  const set = Object.entries(program.rules).filter(([, holds]) => holds)
  if (set.length > 0) out.push(`rules ${set.map(([name]) => name).join(' ')}`)
  if (packet.address !== 0 || packet.length !== 0)
    out.push(`packet ${hexOf(packet.address)} ${packet.length}`)
  memory(program.memory, out)
  const { base, shift, rows } = program.jumps
  out.push(`jumps base ${hexOf(base)} shift ${shift} length ${rows.length}`)
  for (let i = 0; i < rows.length; i++)
    if (rows[i] !== -1) out.push(`jump ${i} ${rowName(labels, rows[i]!)}`)
  if (calls.kind === 'link') {
    out.push('calls link')
    return
  }
  const stack = `stack ${hexOf(calls.stackLow)} to ${hexOf(calls.stackHigh)}`
  const { fixed } = calls
  const frames = fixed && ` step ${hexOf(fixed.step)} places ${fixed.places} cost ${fixed.cost}`
  out.push(
    `calls managed depth ${calls.maxDepth} first ${calls.first} saved ${calls.saved} ${stack}${frames ?? ''}${calls.declared === true ? ' declared' : ''}`,
  )
  calls.slots?.from.forEach((from, i) => {
    out.push(`slots ${from} ${calls.slots!.counts[i]!}`)
  })
  const { functions, frameSizes } = calls
  const { length } = functions.rows
  out.push(`functions base ${hexOf(functions.base)} shift ${functions.shift} length ${length}`)
  for (let i = 0; i < length; i++) {
    const row = functions.rows[i]!
    const frame = frameSizes[i]!
    if (row !== -1) out.push(`function ${i} ${rowName(labels, row)} frame ${frame}`)
    else if (frame !== -1) out.push(`function ${i} none frame ${frame}`)
  }
}

function memory(plan: MemoryPlan, out: string[]): void {
  if (plan.profile === 'linear32')
    out.push(`memory linear32 size ${hexOf(plan.size)} max ${hexOf(plan.maxSize)}`)
  else if (plan.profile === 'regions64') {
    out.push('memory regions64')
    for (const { address, length, writable, maxLength, gap } of plan.regions) {
      const max = maxLength === undefined ? '' : ` max ${hexOf(maxLength)}`
      const frames = gap === undefined ? '' : ` gap ${hexOf(gap)}`
      const access = writable ? 'rw' : 'ro'
      out.push(`region ${hexOf(address)} ${hexOf(length)} ${access}${max}${frames}`)
    }
  } else {
    out.push(`memory paged32 page ${plan.pageSize}`)
    for (const { address, length, writable } of plan.regions)
      out.push(`region ${hexOf(address)} ${hexOf(length)} ${writable ? 'rw' : 'ro'}`)
    if (plan.heap !== undefined) out.push(`heap ${hexOf(plan.heap.start)} ${hexOf(plan.heap.max)}`)
  }
  for (const { address, bytes } of plan.segments)
    out.push(`segment ${hexOf(address)} 0x${toHex(bytes)}`)
}
