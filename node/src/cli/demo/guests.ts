import { readFileSync } from 'node:fs'
import { alcatrazCalls } from 'alcatraz-vm/alcatraz'
import { decodeContainer, encodeContainer, linkBpf } from 'alcatraz-vm/link'
import type { ContractFiles } from '../../chain/contract.ts'

const folder = new URL('../../guests/', import.meta.url)

/** The sample objects that the build put beside the compiled command. */
export function sampleObject(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`${name}.o`, folder)))
}

/** Links a sample object. */
export function sampleContract(name: string): Uint8Array {
  const hostCalls = alcatrazCalls.map((call) => call.name)
  const exports = name.endsWith('-rust') ? { exports: ['deploy', 'call'] } : {}
  const object = { name: `${name}.o`, bytes: sampleObject(name) }
  return linkBpf([object], { hostCalls, ...exports }).container
}

/** A linked sample with what describes it. */
export function sampleFiles(name: string): ContractFiles {
  const metadata = readFileSync(new URL(`${name}.json`, folder), 'utf8')
  return { container: sampleContract(name), metadata }
}

/** The same program with one of its entries as `call`, which is what transactions run. */
export function withCall(container: Uint8Array, entry: string): Uint8Array {
  const decoded = decodeContainer(container)
  const found = decoded.exports.find(({ name }) => name === entry)
  if (found === undefined) throw new Error(`internal: no entry ${entry}`)
  return encodeContainer({ ...decoded, exports: [{ name: 'call', pc: found.pc }] })
}
