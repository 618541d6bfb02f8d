const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

type Numbers = Uint8Array | Uint16Array | Int32Array | Uint32Array | Float64Array

const kinds: Readonly<Record<string, (buffer: ArrayBuffer) => Numbers>> = {
  Uint8Array: (buffer) => new Uint8Array(buffer),
  Uint16Array: (buffer) => new Uint16Array(buffer),
  Int32Array: (buffer) => new Int32Array(buffer),
  Uint32Array: (buffer) => new Uint32Array(buffer),
  Float64Array: (buffer) => new Float64Array(buffer),
}

/** Octets: length of the outline, the outline as JSON, then each array from a multiple of 8 on. */
const lengthBytes = 8
const align = (n: number): number => (n + 7) & -8

/**
 * Writes plain data with typed arrays and bigints as octets. Machines of one byte order read it; the
 * outline says which order that is.
 * @example unpack(pack({ rows: Int32Array.of(1, 2), base: 3n })) // { rows: Int32Array.of(1, 2), base: 3n }
 */
export function pack(value: object): Uint8Array {
  const arrays: Uint8Array[] = []
  const text = JSON.stringify({ order: byteOrder, value }, (_key, each: unknown) => {
    if (typeof each === 'bigint') return { $n: each.toString() }
    if (!ArrayBuffer.isView(each)) return each
    arrays.push(new Uint8Array(each.buffer, each.byteOffset, each.byteLength))
    return { $a: each.constructor.name, size: each.byteLength }
  })
  const outline = encoder.encode(text)
  let size = align(lengthBytes + outline.length)
  for (const array of arrays) size = align(size + array.length)
  const out = new Uint8Array(size)
  new DataView(out.buffer).setUint32(0, outline.length, true)
  out.set(outline, lengthBytes)
  let at = align(lengthBytes + outline.length)
  for (const array of arrays) {
    out.set(array, at)
    at = align(at + array.length)
  }
  return out
}

const byteOrder = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 'little' : 'big'

/**
 * Reads what `pack` wrote, into arrays of their own; undefined when it is nothing of the kind.
 * @example unpack(Uint8Array.of(1, 2, 3)) // undefined
 */
export function unpack(bytes: Uint8Array): unknown {
  try {
    return read(bytes)
  } catch {
    return undefined
  }
}

function read(octets: Uint8Array): unknown {
  // Node's Buffer answers slice() with the same memory
  const bytes = new Uint8Array(octets.buffer, octets.byteOffset, octets.byteLength)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = lengthBytes + view.getUint32(0, true)
  let at = align(end)
  const text = decoder.decode(bytes.subarray(lengthBytes, end))
  const outline: unknown = JSON.parse(text, (_key, each: unknown) => {
    if (typeof each !== 'object' || each === null) return each
    if ('$n' in each) return BigInt(String(each.$n))
    if (!('$a' in each && 'size' in each)) return each
    const size = Number(each.size)
    if (at + size > bytes.length) throw new RangeError('an array ends behind the octets')
    const from = at
    at = align(at + size)
    return kinds[String(each.$a)]!(bytes.slice(from, from + size).buffer)
  })
  if (typeof outline !== 'object' || outline === null) return undefined
  if (!('order' in outline && 'value' in outline) || outline.order !== byteOrder) return undefined
  return outline.value
}
