import { blake2b } from '@noble/hashes/blake2.js'

/** A state key of 31 bytes and its value. */
export type StateLeaf = readonly [key: Uint8Array, value: Uint8Array]

const hash = (bytes: Uint8Array): Uint8Array => blake2b(bytes, { dkLen: 32 })

/**
 * The state root straight from its definition (Gray Paper, D.2), for checking the trie that is kept
 * up to date: it shares no code with `root.ts`, not even the hash function. Leaves are given in any
 * order; a key given twice counts with its last value.
 * @example rootOfLeaves([]) // 32 zero bytes
 */
export function rootOfLeaves(leaves: Iterable<StateLeaf>): Uint8Array {
  const unique = new Map<string, StateLeaf>()
  for (const leaf of leaves) unique.set(bitsOf(leaf[0]), leaf)
  const sorted = [...unique].sort(([a], [b]) => (a < b ? -1 : 1))
  return merklize(sorted, 0)
}

/** A state's root from its entries (`entryKey` and value). */
export function rootOfEntries(entries: Iterable<StateLeaf>): Uint8Array {
  const leaves: StateLeaf[] = []
  for (const [key, value] of entries) leaves.push([hash(key).slice(0, 31), value])
  return rootOfLeaves(leaves)
}

function bitsOf(key: Uint8Array): string {
  let bits = ''
  for (const octet of key) bits += octet.toString(2).padStart(8, '0')
  return bits
}

type Dictionary = readonly (readonly [bits: string, leaf: StateLeaf])[]

/** M of the paper; `from` is how many leading bits have been consumed. */
function merklize(dictionary: Dictionary, from: number): Uint8Array {
  if (dictionary.length === 0) return new Uint8Array(32)
  if (dictionary.length === 1) return hash(leafNode(...dictionary[0]![1]))
  const firstOne = dictionary.findIndex(([bits]) => bits[from] === '1')
  const split = firstOne < 0 ? dictionary.length : firstOne
  const left = merklize(dictionary.slice(0, split), from + 1)
  const right = merklize(dictionary.slice(split), from + 1)
  return hash(Uint8Array.of(left[0]! % 128, ...left.slice(1), ...right))
}

/** L of the paper. */
function leafNode(key: Uint8Array, value: Uint8Array): Uint8Array {
  if (value.length > 32) return Uint8Array.of(0b1100_0000, ...key, ...hash(value))
  const padding = new Array<number>(32 - value.length).fill(0)
  return Uint8Array.of(0b1000_0000 + value.length, ...key, ...value, ...padding)
}
