import { accessOf } from '../ir/accesses.ts'
import { type IrProgram, rowWords } from '../ir/program.ts'
import { irForms, irRows, Op, registerCount, writesA, zeroRegister } from '../ir/table.ts'
import { type Charge, chargeAt } from './gas.ts'
import type { Counter } from './pace.ts'

/** Octets from the sum of a register that moves, one that rests or -1, and a distance on. */
export interface Place {
  readonly moving: number
  readonly resting: number
  readonly distance: number
}

/**
 * A loop of one block that fills or copies memory. Iterations but the last may be made at once: all that
 * such an iteration leaves behind is the octets it stores and what it adds to registers, since the next one
 * writes every other register before it reads it.
 */
export interface Bulk {
  readonly counter: Counter
  /** Octets of each access, by which its address and the counter move. */
  readonly width: 1 | 2 | 4 | 8
  readonly to: Place
  /** What is copied, the octet that fills, or the register whose octets fill if they are equal. */
  readonly from: Place | number | { readonly register: number }
  /** Registers to which each iteration adds a number. */
  readonly sums: readonly { readonly register: number; readonly by: number }[]
  readonly cost: Charge
}

const forms = irRows.map(({ form }) => form)
const pure: ReadonlySet<string> = new Set(['abc', 'abi', 'ab', 'ai', 'move', 'movei', 'nop'])

/**
 * The rows `first..end - 1` of a loop's only block as a bulk operation, if they are one. Linear in them.
 * @param placeOf of an access that is checked before the loop
 */
export function bulkOf(
  program: IrProgram,
  first: number,
  end: number,
  counter: Counter | undefined,
  placeOf: (row: number) => Place | undefined,
): Bulk | undefined {
  const { rows } = program
  const cost = chargeAt(program, first)
  if (counter === undefined || cost.gas === 0) return undefined
  const writes = countWrites(program, first, end)
  const sums = sumsOf(program, first, end, writes)
  /** The row that wrote a register last in this iteration, or -1. */
  const writer = new Int32Array(registerCount).fill(-1)
  for (const { register } of sums) writer[register] = first
  const early = (register: number): boolean => writes[register]! > 0 && writer[register]! < 0
  let load = -1
  let store = -1
  /** The last writer of what is stored. */
  let stored = -1
  for (let row = first + 1; row < end; row++) {
    const word = rows[row * rowWords]!
    const form = forms[word & 0xff]!
    const info = irForms[form]
    const a = (word >>> 8) & 0xff
    if (info.a.includes('r') && early(a)) return undefined
    if (info.b === 'r' && early((word >>> 16) & 0xff)) return undefined
    if (info.c === 'r' && early(word >>> 24)) return undefined
    if (form === 'load' && load < 0) load = row
    else if ((form === 'store' || form === 'storei') && store < 0) {
      store = row
      stored = form === 'store' ? writer[a]! : -1
    } else if (row < end - 1 && (!pure.has(form) || (word & 0xff) === Op.sbrk)) return undefined
    if (writesA[word & 0xff] === 1) writer[a] = row
  }
  const width = counter.step
  if (store < 0 || (width !== 1 && width !== 2 && width !== 4 && width !== 8)) return undefined
  const moving = (row: number): Place | undefined => {
    const place = octetsOf(program, row) === width ? placeOf(row) : undefined
    return place !== undefined && place.moving >= 0 ? place : undefined
  }
  const to = moving(store)
  const from =
    load < 0 ? octetsIn(program, store, width, writes) : load === stored ? moving(load) : undefined
  if (to === undefined || from === undefined) return undefined
  return { counter, width, to, from, sums, cost }
}

function octetsOf(program: IrProgram, row: number): number {
  return accessOf(program.rows[row * rowWords]! & 0xff)!.bytes
}

/** How often each register is written. */
function countWrites({ rows }: IrProgram, first: number, end: number): Uint8Array {
  const writes = new Uint8Array(registerCount)
  for (let row = first; row < end; row++) {
    const word = rows[row * rowWords]!
    writes[(word >>> 8) & 0xff]! += writesA[word & 0xff]!
  }
  return writes
}

/** Registers to which a constant is added, and nothing else happens. */
function sumsOf({ rows }: IrProgram, first: number, end: number, writes: Uint8Array): Bulk['sums'] {
  const sums = []
  for (let row = first; row < end; row++) {
    const word = rows[row * rowWords]!
    const register = (word >>> 8) & 0xff
    if ((word & 0xff) !== Op.add64i || register !== ((word >>> 16) & 0xff)) continue
    const by = rows[row * rowWords + 1]!
    if (register >= 32 || writes[register] !== 1 || by >> 31 !== rows[row * rowWords + 2]) continue
    sums.push({ register, by })
  }
  return sums
}

/** What a store that always stores the same stores: an octet, if it is known to be one. */
function octetsIn(
  { rows }: IrProgram,
  store: number,
  width: number,
  writes: Uint8Array,
): Bulk['from'] | undefined {
  const word = rows[store * rowWords]!
  const register = (word >>> 8) & 0xff
  if (forms[word & 0xff] === 'store') {
    if (register === zeroRegister) return 0
    return register < 32 && writes[register] === 0 ? { register } : undefined
  }
  const low = rows[store * rowWords + 1]!
  const octet = low & 0xff
  for (let i = 1; i < width; i++)
    if (((rows[store * rowWords + (i < 4 ? 1 : 2)]! >>> (8 * (i & 3))) & 0xff) !== octet)
      return undefined
  return octet
}
