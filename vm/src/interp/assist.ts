import { At, Page } from '../arena/layout.ts'
import type { LinearMemory, PagedMemory } from '../arena/memory.ts'
import type { RegionMemory } from '../arena/regions.ts'
import { accessOf } from '../ir/accesses.ts'
import { type IrProgram, rowWords } from '../ir/program.ts'
import { type Access, Trap } from '../vm/exit.ts'
import { nullZone, type PagedPlan } from '../vm/memory.ts'

/** How a row ended that was completed outside the Wasm loop. */
export type Assisted =
  | 'done'
  | { readonly kind: 'trap'; readonly trap: Trap }
  | { readonly kind: 'fault'; readonly address: bigint; readonly access: Access }

interface Fields {
  readonly op: number
  readonly a: number
  readonly b: number
  readonly c: number
  readonly low: number
  readonly imm: bigint
  readonly off: number
}

function fieldsOf(ir: IrProgram, row: number): Fields {
  const at = row * rowWords
  const word = ir.rows[at]!
  return {
    op: word & 0xff,
    a: (word >>> 8) & 0xff,
    b: (word >>> 16) & 0xff,
    c: word >>> 24,
    low: ir.rows[at + 1]!,
    imm: (BigInt(ir.rows[at + 2]! >>> 0) << 32n) | BigInt(ir.rows[at + 1]! >>> 0),
    off: ir.rows[at + 3]!,
  }
}

const registersAt = At.registers >> 3

/** The refusal of an access whose lowest inaccessible octet is `octet` (Gray Paper 0.8, A.2). */
function refused(ir: IrProgram, octet: number, access: Access): Assisted {
  const { nullPagePanics, pageFaults } = ir.paging
  if (nullPagePanics && octet < nullZone) return { kind: 'trap', trap: Trap.nullPage }
  if (!pageFaults) return { kind: 'trap', trap: Trap.outOfBounds }
  const { pageSize } = ir.memory as PagedPlan
  return { kind: 'fault', address: BigInt(octet - (octet % pageSize)), access }
}

/** A load or store the page table did not grant at once: it crosses pages apart, or is refused. */
export function completeAccess(ir: IrProgram, memory: PagedMemory, row: number): Assisted {
  const { op, a, b, imm, off } = fieldsOf(ir, row)
  const { bytes, write, signed, immediate } = accessOf(op)!
  const address = (Number(BigInt.asUintN(32, memory.longs[registersAt + b]!)) + off) >>> 0
  const octet = memory.denied(address, bytes, write ? Page.writable : Page.readable)
  if (octet >= 0) return refused(ir, octet, write ? 'write' : 'read')
  if (write)
    memory.place(address, octetsOf(immediate ? imm : memory.longs[registersAt + a]!, bytes))
  else memory.longs[registersAt + a] = loadedOf(memory.take(address, bytes), signed)
  return 'done'
}

/** The same for a region other than the last one used, or a refusal at the access's own address. */
export function completeRegionAccess(ir: IrProgram, memory: RegionMemory, row: number): Assisted {
  const { op, a, b, imm, off } = fieldsOf(ir, row)
  const { bytes, write, signed, immediate } = accessOf(op)!
  const address = BigInt.asUintN(64, memory.longs[registersAt + b]! + BigInt(off))
  const at = memory.locate(address, bytes, write)
  if (at < 0) return { kind: 'fault', address, access: write ? 'write' : 'read' }
  if (write) memory.bytes.set(octetsOf(immediate ? imm : memory.longs[registersAt + a]!, bytes), at)
  else memory.longs[registersAt + a] = loadedOf(memory.bytes.subarray(at, at + bytes), signed)
  return 'done'
}

/** The low `count` octets of a value, little-endian. */
function octetsOf(value: bigint, count: number): Uint8Array {
  const octets = new Uint8Array(count)
  for (let i = 0; i < count; i++) octets[i] = Number((value >> BigInt(8 * i)) & 0xffn)
  return octets
}

function loadedOf(octets: Uint8Array, signed: boolean): bigint {
  let value = 0n
  for (let i = octets.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(octets[i]!)
  return signed ? BigInt.asUintN(64, BigInt.asIntN(8 * octets.length, value)) : value
}

/**
 * Big-endian load from the packet; 'halt' when it reaches past the packet (RFC 9669, 5.4), or past
 * the end of a memory that has not grown to hold it.
 */
export function completePacket(ir: IrProgram, memory: LinearMemory, row: number): 'done' | 'halt' {
  const { a, b, low: bytes, off } = fieldsOf(ir, row)
  const offset = BigInt.asUintN(32, memory.longs[registersAt + b]! + BigInt(off))
  const { address, length } = ir.packet
  const inside = offset + BigInt(bytes) <= BigInt(length)
  const octets = inside ? memory.read(BigInt(address) + offset, bytes) : undefined
  let value = 0n
  for (const octet of octets ?? []) value = (value << 8n) | BigInt(octet)
  memory.longs[registersAt + a] = value
  return octets === undefined ? 'halt' : 'done'
}

/** A register's content: 32-bit programs keep values sign-extended. */
export function cell(ir: IrProgram, value: bigint): bigint {
  return BigInt.asUintN(64, ir.paging.width === 32 ? BigInt.asIntN(32, value) : value)
}

/**
 * `[a]1 = b` until c is 0, one gas an octet; a refused octet costs nothing. Only low halves count
 * (polkavm, crates/polkavm/src/interpreter.rs, `memset`).
 */
export function completeMemset(
  ir: IrProgram,
  memory: PagedMemory,
  row: number,
  gas: bigint,
): { readonly outcome: Assisted | 'outOfGas'; readonly gas: bigint } {
  const { a, b, c } = fieldsOf(ir, row)
  const { longs } = memory
  const octet = Number(longs[registersAt + b]! & 0xffn)
  const start = Number(BigInt.asUintN(32, longs[registersAt + a]!))
  const count = Number(BigInt.asUintN(32, longs[registersAt + c]!))
  const free = ir.rules.freeMemset
  const payable = !free && gas < BigInt(count) ? Number(gas) : count
  const writable = memory.plainRun(start, payable)
  memory.fill(start, writable, octet)
  longs[registersAt + a] = cell(ir, longs[registersAt + a]! + BigInt(writable))
  longs[registersAt + c] = cell(ir, BigInt(count - writable))
  const left = free ? gas : gas - BigInt(writable)
  if (writable < payable) {
    return { outcome: refused(ir, (start + writable) >>> 0, 'write'), gas: left }
  }
  return { outcome: payable < count ? 'outOfGas' : 'done', gas: left }
}

/** a = the program break, raised by b (`PagingRules.sbrk`); 0 when it cannot be raised. */
export function completeSbrk(ir: IrProgram, memory: PagedMemory, row: number): Assisted {
  const { a, b } = fieldsOf(ir, row)
  const old = memory.size
  const given = memory.longs[registersAt + b]!
  const wanted = ir.paging.width === 32 ? BigInt.asUintN(32, given) : given
  const by = wanted > 0xffff_ffffn ? 0 : Number(wanted)
  const raised = memory.grow(old + by)
  const top = ir.paging.sbrk === 'newTop' ? old + by : old
  memory.longs[registersAt + a] = raised ? BigInt.asUintN(64, BigInt(top | 0)) : 0n
  return 'done'
}
