/** Writes RISC-V executables for tests: headers, one segment of code and one of data, no sections. */
export interface ExecutableParts {
  readonly wide: boolean
  /** Address of the first octet. */
  readonly at: number
  readonly code: Uint8Array
  readonly data?: { readonly at: number; readonly bytes: Uint8Array; readonly memoryBytes: number }
  readonly entry?: number
  readonly type?: number
  readonly machine?: number
  readonly flags?: number
}

export function riscvExecutable(parts: ExecutableParts): Uint8Array {
  const { at, code, data, wide } = parts
  const [header, program] = wide ? [64, 56] : [52, 32]
  const loads = [
    { at, bytes: code, memoryBytes: code.length, flags: 5 },
    ...(data === undefined ? [] : [{ ...data, flags: 6 }]),
  ]
  const first = header! + loads.length * program!
  const out = new Uint8Array(loads.reduce((sum, { bytes }) => sum + bytes.length, first))
  const view = new DataView(out.buffer)
  const word = (place: number, value: number): void => {
    if (wide) view.setBigUint64(place, BigInt(value), true)
    else view.setUint32(place, value, true)
  }
  out.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, 1, 1])
  view.setUint16(16, parts.type ?? 2, true)
  view.setUint16(18, parts.machine ?? 243, true)
  view.setUint32(20, 1, true)
  word(24, parts.entry ?? at)
  word(wide ? 32 : 28, header!)
  view.setUint32(wide ? 48 : 36, parts.flags ?? 0, true)
  view.setUint16(wide ? 54 : 42, program!, true)
  view.setUint16(wide ? 56 : 44, loads.length, true)
  let offset = first
  loads.forEach((load, i) => {
    const h = header! + i * program!
    view.setUint32(h, 1, true)
    view.setUint32(h + (wide ? 4 : 24), load.flags, true)
    word(h + (wide ? 8 : 4), offset)
    word(h + (wide ? 16 : 8), load.at)
    word(h + (wide ? 32 : 16), load.bytes.length)
    word(h + (wide ? 40 : 20), load.memoryBytes)
    out.set(load.bytes, offset)
    offset += load.bytes.length
  })
  return out
}
