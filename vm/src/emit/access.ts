import { Op } from '../isa/wasm/table.ts'

const stores: Readonly<Record<number, number>> = {
  1: Op.i64Store8,
  2: Op.i64Store16,
  4: Op.i64Store32,
  8: Op.i64Store,
}
const signedLoads: Readonly<Record<number, number>> = {
  1: Op.i64Load8S,
  2: Op.i64Load16S,
  4: Op.i64Load32S,
  8: Op.i64Load,
}
const unsignedLoads: Readonly<Record<number, number>> = {
  1: Op.i64Load8U,
  2: Op.i64Load16U,
  4: Op.i64Load32U,
  8: Op.i64Load,
}

/** Wasm's load or store of an i64 for 1, 2, 4 or 8 octets. */
export function accessCode(access: {
  readonly bytes: number
  readonly write: boolean
  readonly signed: boolean
}): number {
  const codes = access.write ? stores : access.signed ? signedLoads : unsignedLoads
  return codes[access.bytes]!
}
