import { equalBytes } from '../bits/octets.ts'
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

/** Leaves (Gray Paper, D.2, L) in ascending order of their keys, side by side. */
export interface Leaves {
  readonly count: number
  /** 64 octets each. */
  readonly nodes: Uint8Array
  /** 32 octets each, of the nodes. */
  readonly hashes: Uint8Array
}

/** The leaves of a part that has few. */
export interface Bucket {
  readonly kind: 'bucket'
  readonly leaves: Leaves
  readonly top: Subtree
  /** The page as a store keeps it; `leaves` are views of it. */
  readonly bytes: Uint8Array
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
 * A part of at most this many leaves is one page of them: about 1.5 KB and 15 leaves of a million, for which
 * an update hashes 15 nodes; twice as many leaves would double that, half as many the number of pages.
 */
export const maxBucketLeaves = 32

export const leafLength = 64
export const hashLength = 32

// Gray Paper, D.2: bits of octets are numbered from the most significant.
export function bitAt(octets: Uint8Array, bit: number, from = 0): number {
  return (octets[from + (bit >> 3)]! >> (7 - (bit & 7))) & 1
}

/** Order of the key of leaf `index` and `key[from, from + 31)`. No views: they made an update of 1,000 leaves a fifth longer. */
export function compareLeaf(leaves: Leaves, index: number, key: Uint8Array, from = 0): number {
  const { nodes } = leaves
  const at = index * leafLength + 1
  for (let i = 0; i < stateKeyLength; i++) {
    const difference = nodes[at + i]! - key[from + i]!
    if (difference !== 0) return difference
  }
  return 0
}

/** The state key of a leaf, a view. */
export function keyOfLeaf(node: Uint8Array): Uint8Array {
  return node.subarray(1, 1 + stateKeyLength)
}

/** The 64 octets of a leaf, a view. */
export function nodeAt({ nodes }: Leaves, index: number): Uint8Array {
  return nodes.subarray(index * leafLength, (index + 1) * leafLength)
}

function hashAt({ hashes }: Leaves, index: number): Uint8Array {
  return hashes.subarray(index * hashLength, (index + 1) * hashLength)
}

// Gray Paper, D.2, L: 1 0 and six bits of length, or 1 1 and zeros; the key; the value, or its hash.
export function leafNode(hasher: Hasher, key: Uint8Array, value: Uint8Array): Uint8Array {
  const node = new Uint8Array(leafLength)
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
export function splitAt({ nodes }: Leaves, from: number, to: number, depth: number): number {
  let at = from
  while (at < to && bitAt(nodes, depth, at * leafLength + 1) === 0) at++
  return at
}

function hashOf(
  hasher: Hasher,
  leaves: Leaves,
  depth: number,
  from: number,
  to: number,
): Uint8Array {
  if (from === to) return zeroHash
  if (to - from === 1) return hashAt(leaves, from)
  const middle = splitAt(leaves, from, to, depth)
  const left = hashOf(hasher, leaves, depth + 1, from, middle)
  return branchHash(hasher, left, hashOf(hasher, leaves, depth + 1, middle, to))
}

/** The subtree of `leaves[from, to)`, which share their first `depth` bits; its hash is its own. */
export function subtreeOf(
  hasher: Hasher,
  leaves: Leaves,
  depth: number,
  from = 0,
  to: number = leaves.count,
): Subtree {
  if (from === to) return noSubtree
  const hash = hashOf(hasher, leaves, depth, from, to)
  return { entries: to - from, hash: to - from === 1 ? hash.slice() : hash }
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

export function subtreeOfPage(page: TriePage): Subtree {
  return page.kind === 'bucket' ? page.top : page.parts[1]!
}

const bucketTag = 1
const branchesTag = 2
const partLength = 4 + hashLength

/** Where in a bucket's bytes its check, the hash of the subtree and the leaves begin. */
const checkAt = 1
const topAt = checkAt + 8
const nodesAt = topAt + hashLength

function bucketLength(leaves: number): number {
  return nodesAt + leaves * (leafLength + hashLength)
}

function bucketIn(bytes: Uint8Array, count: number): Bucket {
  const hashesAt = nodesAt + count * leafLength
  return {
    kind: 'bucket',
    leaves: { count, nodes: bytes.subarray(nodesAt, hashesAt), hashes: bytes.subarray(hashesAt) },
    top: { entries: count, hash: bytes.slice(topAt, nodesAt) },
    bytes,
  }
}

/** The page of `leaves[from, to)`, 1 to 32 of them that share their first `depth` bits. */
export function bucketOf(
  hasher: Hasher,
  leaves: Leaves,
  depth: number,
  from = 0,
  to: number = leaves.count,
): Bucket {
  const bytes = new Uint8Array(bucketLength(to - from))
  bytes[0] = bucketTag
  bytes.set(subtreeOf(hasher, leaves, depth, from, to).hash, topAt)
  bytes.set(leaves.nodes.subarray(from * leafLength, to * leafLength), nodesAt)
  const hashes = leaves.hashes.subarray(from * hashLength, to * hashLength)
  bytes.set(hashes, nodesAt + (to - from) * leafLength)
  bytes.set(hasher.blake2b(bytes.subarray(topAt)).subarray(0, topAt - checkAt), checkAt)
  return bucketIn(bytes, to - from)
}

/** Are the hashes in a bucket at `depth` those of its leaves: its check says only that it is as it was written. */
export function isBucketOfItsLeaves(
  hasher: Hasher,
  { leaves, top }: Bucket,
  depth: number,
): boolean {
  for (let i = 0; i < leaves.count; i++)
    if (!equalBytes(hasher.blake2b(nodeAt(leaves, i)), hashAt(leaves, i))) return false
  return equalBytes(subtreeOf(hasher, leaves, depth).hash, top.hash)
}

/**
 * Bytes of a page. Of few leaves: `1 | check (8) | hash of the subtree (32) | leaves (64 each) | their hashes
 * (32 each)`, where the check is the beginning of the blake2b-256 of what follows it. Of more: `2 | sixteen parts of
 * (leaves u32, hash 32)`; reading such a page makes its inner branches, and so checks it.
 */
export function encodePage(page: TriePage): Uint8Array {
  if (page.kind === 'bucket') return page.bytes
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

function decodeBranches(hasher: Hasher, bytes: Uint8Array): Branches | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
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

/** The page of these bytes, which are the page's from now on; `undefined` when they are none. */
export function decodePage(hasher: Hasher, bytes: Uint8Array): TriePage | undefined {
  if (bytes[0] === branchesTag && bytes.length === 1 + pageWidth * partLength)
    return decodeBranches(hasher, bytes)
  const count = (bytes.length - nodesAt) / (leafLength + hashLength)
  if (bytes[0] !== bucketTag || !Number.isInteger(count) || count < 1 || count > maxBucketLeaves)
    return undefined
  const check = hasher.blake2b(bytes.subarray(topAt))
  for (let i = checkAt; i < topAt; i++) if (bytes[i] !== check[i - checkAt]) return undefined
  return bucketIn(bytes, count)
}

/** `count of digits (u8) | digits, two to an octet`: where the page of a path of hexadecimal digits is kept. */
export function pageKey(path: string): Uint8Array {
  const key = new Uint8Array(1 + ((path.length + 1) >> 1))
  key[0] = path.length
  for (let i = 0; i < path.length; i++)
    key[1 + (i >> 1)]! |= Number.parseInt(path[i]!, 16) << (i & 1 ? 0 : 4)
  return key
}
