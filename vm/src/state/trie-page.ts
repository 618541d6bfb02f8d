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

/**
 * Four levels of branches: part `i`'s halves are `2 * i` and `2 * i + 1`; 1 is the top, 16 to 31 other pages. Parts are
 * side by side: an object and an array for each made collecting them a third of an update's time.
 */
export interface Branches {
  readonly kind: 'branches'
  /** Leaves of each part. */
  readonly counts: Uint32Array
  /** 32 octets for each part; zeros for one without leaves. */
  readonly hashes: Uint8Array
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

/** Where in `leaves[from, to)`, which share `depth` bits, those with a one begin. */
export function splitAt({ nodes }: Leaves, from: number, to: number, depth: number): number {
  let at = from
  while (at < to && bitAt(nodes, depth, at * leafLength + 1) === 0) at++
  return at
}

function copyHash(from: Uint8Array, at: number, to: Uint8Array, toAt: number): void {
  // A loop: views for `set` were a tenth of what an update allocates.
  for (let i = 0; i < hashLength; i++) to[toAt + i] = from[at + i]!
}

/** The node that is made at each depth. */
const nodesByDepth: Uint8Array[] = []

function hashInto(
  hasher: Hasher,
  leaves: Leaves,
  depth: number,
  from: number,
  to: number,
  out: Uint8Array,
  at: number,
): void {
  if (from === to) out.fill(0, at, at + hashLength)
  else if (to - from === 1) copyHash(leaves.hashes, from * hashLength, out, at)
  else {
    nodesByDepth[depth] ??= new Uint8Array(2 * hashLength)
    const node = nodesByDepth[depth]
    const middle = splitAt(leaves, from, to, depth)
    hashInto(hasher, leaves, depth + 1, from, middle, node, 0)
    hashInto(hasher, leaves, depth + 1, middle, to, node, hashLength)
    node[0] = node[0]! & 0x7f
    copyHash(hasher.blake2b(node), 0, out, at)
  }
}

/** The subtree of `leaves[from, to)`, which share their first `depth` bits. */
export function subtreeOf(
  hasher: Hasher,
  leaves: Leaves,
  depth: number,
  from = 0,
  to: number = leaves.count,
): Subtree {
  if (from === to) return noSubtree
  const hash = new Uint8Array(hashLength)
  hashInto(hasher, leaves, depth, from, to, hash, 0)
  return { entries: to - from, hash }
}

/** Part `i`; its hash is a view. */
export function partOf({ counts, hashes }: Branches, i: number): Subtree {
  const entries = counts[i]!
  if (entries === 0) return noSubtree
  return { entries, hash: hashes.subarray(i * hashLength, (i + 1) * hashLength) }
}

export function setPart({ counts, hashes }: Branches, i: number, { entries, hash }: Subtree): void {
  counts[i] = entries
  hashes.set(hash, i * hashLength)
}

/** A page without leaves, to be filled. */
export function newBranches(): Branches {
  const parts = 2 * pageWidth
  const buffer = new ArrayBuffer(parts * (hashLength + 4))
  const hashes = new Uint8Array(buffer, 0, parts * hashLength)
  return { kind: 'branches', counts: new Uint32Array(buffer, hashes.length), hashes }
}

export function copyBranches({ counts, hashes }: Branches): Branches {
  const copy = newBranches()
  copy.counts.set(counts)
  copy.hashes.set(hashes)
  return copy
}

/** Fills in parts 1 to 15 from the sixteen below: those above a part whose bit `changed` has. */
export function joinParts(hasher: Hasher, { counts, hashes }: Branches, changed = -1): void {
  let dirty = changed
  for (let i = pageWidth - 1; i > 0; i--) {
    if (((dirty >>> (2 * i)) & 3) === 0) continue
    dirty |= 1 << i
    const [left, right] = [counts[2 * i]!, counts[2 * i + 1]!]
    counts[i] = left + right
    const from = 2 * i * hashLength
    if (left + right > 1) {
      copyHash(hashes, from, branchNode, 0)
      copyHash(hashes, from + hashLength, branchNode, hashLength)
      branchNode[0] = branchNode[0]! & 0x7f
      copyHash(hasher.blake2b(branchNode), 0, hashes, i * hashLength)
      continue
    }
    // Gray Paper, D.2, M: nothing is the zero hash, and one leaf is that leaf, however deep it is.
    const only = left === 1 ? from : from + hashLength
    hashes.copyWithin(i * hashLength, only, only + hashLength)
  }
}

export function subtreeOfPage(page: TriePage): Subtree {
  return page.kind === 'bucket' ? page.top : partOf(page, 1)
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

/**
 * Two sums of 32 bits over the words behind the check. Each step is one to one in the sum and in the word, so a
 * change of one word changes both for certain, and other damage is missed once in 2^64. A hash instead
 * was half of all that an update hashes; it would keep nobody out either who writes to the store.
 */
function checkOf(view: DataView): readonly [first: number, second: number] {
  let [first, second] = [0x243f6a88, 0x85a308d3]
  for (let at = topAt; at < view.byteLength; at += 4) {
    const word = view.getInt32(at, true)
    first = Math.imul(first ^ word, 0x85ebca6b)
    first = (first << 13) | (first >>> 19)
    second = Math.imul(((second << 15) | (second >>> 17)) + word, 0xc2b2ae35)
  }
  return [first ^ (first >>> 16), second ^ (second >>> 15)]
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}

/** Makes the check of a bucket's bytes that of what follows it. */
export function writeCheck(bytes: Uint8Array): void {
  const view = viewOf(bytes)
  const [first, second] = checkOf(view)
  view.setInt32(checkAt, first, true)
  view.setInt32(checkAt + 4, second, true)
}

function isChecked(bytes: Uint8Array): boolean {
  const view = viewOf(bytes)
  const [first, second] = checkOf(view)
  return view.getInt32(checkAt, true) === first && view.getInt32(checkAt + 4, true) === second
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
  writeCheck(bytes)
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
 * (32 each)`, where the check is two sums (u32) of what follows it. Of more: `2 | sixteen parts of
 * (leaves u32, hash 32)`; reading such a page makes its inner branches, and so checks it.
 */
export function encodePage(page: TriePage): Uint8Array {
  if (page.kind === 'bucket') return page.bytes
  const bytes = new Uint8Array(1 + pageWidth * partLength)
  const view = new DataView(bytes.buffer)
  bytes[0] = branchesTag
  for (let i = 0; i < pageWidth; i++) {
    const at = 1 + i * partLength
    const from = (pageWidth + i) * hashLength
    view.setUint32(at, page.counts[pageWidth + i]!, true)
    bytes.set(page.hashes.subarray(from, from + hashLength), at + 4)
  }
  return bytes
}

function decodeBranches(hasher: Hasher, bytes: Uint8Array): Branches | undefined {
  const view = viewOf(bytes)
  const page = newBranches()
  for (let i = 0; i < pageWidth; i++) {
    const at = 1 + i * partLength
    const entries = view.getUint32(at, true)
    const hash = bytes.subarray(at + 4, at + partLength)
    if ((entries === 0) !== equalBytes(hash, zeroHash)) return undefined
    setPart(page, pageWidth + i, { entries, hash })
  }
  joinParts(hasher, page)
  return page.counts[1]! > maxBucketLeaves ? page : undefined
}

/** The page of these bytes, which are the page's from now on; `undefined` when they are none. */
export function decodePage(hasher: Hasher, bytes: Uint8Array): TriePage | undefined {
  if (bytes[0] === branchesTag && bytes.length === 1 + pageWidth * partLength)
    return decodeBranches(hasher, bytes)
  const count = (bytes.length - nodesAt) / (leafLength + hashLength)
  if (bytes[0] !== bucketTag || !Number.isInteger(count) || count < 1 || count > maxBucketLeaves)
    return undefined
  return isChecked(bytes) ? bucketIn(bytes, count) : undefined
}

/** `count of digits (u8) | digits, two to an octet`: where the page of a path of hexadecimal digits is kept. */
export function pageKey(path: string): Uint8Array {
  const key = new Uint8Array(1 + ((path.length + 1) >> 1))
  key[0] = path.length
  for (let i = 0; i < path.length; i++)
    key[1 + (i >> 1)]! |= Number.parseInt(path[i]!, 16) << (i & 1 ? 0 : 4)
  return key
}
