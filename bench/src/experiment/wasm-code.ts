const codeSection = 10
const header = 8

/** The contents of a module's code section; no module: nothing. */
export function wasmCode(bytes: Uint8Array): Uint8Array {
  let at = header
  while (at < bytes.length) {
    const id = bytes[at++]!
    let length = 0
    for (let shift = 0; ; shift += 7) {
      const octet = bytes[at++]!
      length |= (octet & 0x7f) << shift
      if (octet < 0x80) break
    }
    if (id === codeSection) return bytes.subarray(at, at + length)
    at += length
  }
  return bytes.subarray(0, 0)
}

/** The module with a section of its own in which `mark` stands: V8 has not seen its like. */
export function markedModule(bytes: Uint8Array, mark: number): Uint8Array<ArrayBuffer> {
  const name = [4, 109, 97, 114, 107]
  const section = [0, name.length + 4, ...name, ...new Uint8Array(Uint32Array.of(mark).buffer)]
  const marked = new Uint8Array(bytes.length + section.length)
  marked.set(bytes)
  marked.set(section, bytes.length)
  return marked
}
