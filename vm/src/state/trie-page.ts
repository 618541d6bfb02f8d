import { concatBytes, equalBytes } from '../bits/octets.ts'
import type { Hasher } from './hasher.ts'
import { stateKeyLength } from './key.ts'

/** The root of the empty state: the zero hash (Gray Paper, D.2). */
export const zeroHash: Uint8Array = new Uint8Array(32)

/** A part of the trie as what is above it sees it. */
export interface Subtree {
  /** Leaves in it. */
  readonly entries: number
  /** 32 bytes; of one leaf, the leaf's. */
  readonly hash: Uint8Array
}

export const noSubtree: Subtree = { entries: 0, hash: zeroHash }

/** A node of 64 octets (Gray Paper, D.2, L) and its hash. */
export interface TrieLeaf {
  readonly node: Uint8Array
  readonly hash: Uint8Array
}

/** The leaves of a part that has few, in ascending order of their keys. */
export interface Bucket {
  readonly kind: 'bucket'
  readonly leaves: readonly TrieLeaf[]
}

/** Four levels of branches: part `i`'s halves are `2 * i` and `2 * i + 1`; 1 is the top, 16 to 31 other pages. */
export interface Branches {
  readonly kind: 'branches'
  readonly parts: readonly Subtree[]
}

/** What is read and written of the trie at once. */
export type TriePage = Bucket | Branches

/** Levels of branches in a page. */
export const pageLevels = 4
export const pageWidth = 16

/**
 * A part of at most this many leaves is one page of them: about 1 KB and 15 leaves of a million, for which
 * an update hashes 45 nodes; twice as many leaves would double that, half as many the number of pages.
 */
export const maxBucketLeaves = 32

const leafNodeLength = 64

// Gray Paper, D.2: bits of octets are numbered from the most significant.
export function bitAt(octets: Uint8Array, bit: number, from = 0): number {
  return (octets[from + (bit >> 3)]! >> (7 - (bit & 7))) & 1
}

/** Order of a leaf's key and another key. No views: they made an update of 1,000 leaves a fifth longer. */
export function compareLeaf(node: Uint8Array, key: Uint8Array, from = 0): number {
  for (let i = 0; i < stateKeyLength; i++) {
    const difference = node[1 + i]! - key[from + i]!
    if (difference !== 0) return difference
  }
  return 0
}

/** The state key of a leaf, a view. */
export function keyOfLeaf(node: Uint8Array): Uint8Array {
  return node.subarray(1, 1 + stateKeyLength)
}

// Gray Paper, D.2, L: 1 0 and six bits of length, or 1 1 and zeros; the key; the value, or its hash.
export function leafNode(hasher: Hasher, key: Uint8Array, value: Uint8Array): Uint8Array {
  const node = new Uint8Array(leafNodeLength)
  const embedded = value.length <= 32
  node[0] = embedded ? 0x80 | value.length : 0xc0
  node.set(key, 1)
  node.set(embedded ? value : hasher.blake2b(value), 1 + stateKeyLength)
  return node
}

const branchNode = new Uint8Array(64)

// Gray Paper, D.2, B: a zero bit, the last 255 bits of the left hash, the right hash.
export function branchHash(hasher: Hasher, left: Uint8Array, right: Uint8Array): Uint8Array {
  branchNode.set(left, 0)
  branchNode.set(right, 32)
  branchNode[0] = branchNode[0]! & 0x7f
  return hasher.blake2b(branchNode)
}

// Gray Paper, D.2, M: nothing is the zero hash, and one leaf is that leaf, however deep it is.
export function joinSubtrees(hasher: Hasher, left: Subtree, right: Subtree): Subtree {
  const entries = left.entries + right.entries
  if (entries === 0) return noSubtree
  if (entries === 1) return left.entries === 1 ? left : right
  return { entries, hash: branchHash(hasher, left.hash, right.hash) }
}

/** Where in `leaves[from, to)`, which share `depth` bits, those with a one begin. */
export function splitAt(
  leaves: readonly TrieLeaf[],
  from: number,
  to: number,
  depth: number,
): number {
  let at = from
  while (at < to && bitAt(leaves[at]!.node, depth, 1) === 0) at++
  return at
}

/** The subtree of `leaves[from, to)`, which share their first `depth` bits. */
export function subtreeOf(
  hasher: Hasher,
  leaves: readonly TrieLeaf[],
  depth: number,
  from = 0,
  to: number = leaves.length,
): Subtree {
  if (from === to) return noSubtree
  if (to - from === 1) return { entries: 1, hash: leaves[from]!.hash }
  const middle = splitAt(leaves, from, to, depth)
  const left = subtreeOf(hasher, leaves, depth + 1, from, middle)
  return joinSubtrees(hasher, left, subtreeOf(hasher, leaves, depth + 1, middle, to))
}

/** Fills in parts 1 to 15 from the sixteen below; with `changed`, only those above parts that it names. */
export function joinParts(
  hasher: Hasher,
  parts: Subtree[],
  changed: readonly boolean[] | undefined,
): void {
  const dirty = changed?.slice()
  for (let i = pageWidth - 1; i > 0; i--) {
    if (dirty !== undefined && dirty[2 * i] !== true && dirty[2 * i + 1] !== true) continue
    if (dirty !== undefined) dirty[i] = true
    parts[i] = joinSubtrees(hasher, parts[2 * i]!, parts[2 * i + 1]!)
  }
}

export function subtreeOfPage(hasher: Hasher, page: TriePage, depth: number): Subtree {
  return page.kind === 'bucket' ? subtreeOf(hasher, page.leaves, depth) : page.parts[1]!
}

const bucketTag = 1
const branchesTag = 2
const partLength = 4 + 32

/**
 * Bytes of a page: `1 | leaves of 64 octets`, or `2 | sixteen parts of (leaves u32, hash 32)`. Inner
 * branches are not kept: reading the page makes them, and so checks it.
 */
export function encodePage(page: TriePage): Uint8Array {
  if (page.kind === 'bucket')
    return concatBytes(Uint8Array.of(bucketTag), ...page.leaves.map(({ node }) => node))
  const bytes = new Uint8Array(1 + pageWidth * partLength)
  const view = new DataView(bytes.buffer)
  bytes[0] = branchesTag
  for (let i = 0; i < pageWidth; i++) {
    const { entries, hash } = page.parts[pageWidth + i]!
    view.setUint32(1 + i * partLength, entries, true)
    bytes.set(hash, 5 + i * partLength)
  }
  return bytes
}

/** The page of these bytes, which stay the caller's, hashed again; `undefined` when they are none. */
export function decodePage(hasher: Hasher, bytes: Uint8Array): TriePage | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes[0] === branchesTag && bytes.length === 1 + pageWidth * partLength) {
    const parts = new Array<Subtree>(2 * pageWidth).fill(noSubtree)
    for (let i = 0; i < pageWidth; i++) {
      const at = 1 + i * partLength
      const entries = view.getUint32(at, true)
      const hash = bytes.slice(at + 4, at + partLength)
      if ((entries === 0) !== equalBytes(hash, zeroHash)) return undefined
      if (entries > 0) parts[pageWidth + i] = { entries, hash }
    }
    joinParts(hasher, parts, undefined)
    return parts[1]!.entries > maxBucketLeaves ? { kind: 'branches', parts } : undefined
  }
  const count = (bytes.length - 1) / leafNodeLength
  if (bytes[0] !== bucketTag || !Number.isInteger(count) || count < 1 || count > maxBucketLeaves)
    return undefined
  const leaves: TrieLeaf[] = []
  for (let i = 0; i < count; i++) {
    const node = bytes.slice(1 + i * leafNodeLength, 65 + i * leafNodeLength)
    if (i > 0 && compareLeaf(leaves[i - 1]!.node, node, 1) >= 0) return undefined
    leaves.push({ node, hash: hasher.blake2b(node) })
  }
  return { kind: 'bucket', leaves }
}

/** `count of digits (u8) | digits, two to an octet`: where the page of a path of hexadecimal digits is kept. */
export function pageKey(path: string): Uint8Array {
  const key = new Uint8Array(1 + ((path.length + 1) >> 1))
  key[0] = path.length
  for (let i = 0; i < path.length; i++)
    key[1 + (i >> 1)]! |= Number.parseInt(path[i]!, 16) << (i & 1 ? 0 : 4)
  return key
}
