import { readFileSync } from 'node:fs'
import { decodeContainer, encodeContainer, linkBpf } from 'alcatraz-vm/link'

/** The sample objects that the build put beside the compiled command. */
export function sampleObject(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../../guests/${name}.o`, import.meta.url)))
}

/** Links a sample object. */
export function sampleContract(name: string): Uint8Array {
  return linkBpf([{ name: `${name}.o`, bytes: sampleObject(name) }]).container
}

/** The same program with one of its entries as `call`, which is what transactions run. */
export function withCall(container: Uint8Array, entry: string): Uint8Array {
  const decoded = decodeContainer(container)
  const found = decoded.exports.find(({ name }) => name === entry)
  if (found === undefined) throw new Error(`internal: no entry ${entry}`)
  return encodeContainer({ ...decoded, exports: [{ name: 'call', pc: found.pc }] })
}
