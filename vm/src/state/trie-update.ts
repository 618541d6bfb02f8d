import { assert } from '../bits/errors.ts'
import { equalBytes } from '../bits/octets.ts'
import type { Hasher } from './hasher.ts'
import {
  type Branches,
  bucketOf,
  compareLeaf,
  copyBranches,
  hashLength,
  joinParts,
  type Leaves,
  leafLength,
  leafNode,
  maxBucketLeaves,
  newBranches,
  nodeAt,
  noSubtree,
  pageLevels,
  pageWidth,
  partOf,
  type Subtree,
  setPart,
  type TriePage,
} from './trie-page.ts'

/** A 31-byte state key and its value, or `undefined` where there is to be none. */
export type LeafChange = readonly [key: Uint8Array, value: Uint8Array | undefined]

function digitOf(octets: Uint8Array, depth: number, from = 0): number {
  return (octets[from + (depth >> 3)]! >> (depth & 4 ? 0 : 4)) & 15
}

const noLeaves: Leaves = { count: 0, nodes: new Uint8Array(0), hashes: new Uint8Array(0) }

/** Leaves in the order in which they are added. */
class LeafList implements Leaves {
  nodes = noLeaves.nodes
  hashes = noLeaves.hashes
  count = 0

  /** Forgets what it has, and takes up to `most`. */
  clear(most: number): void {
    this.count = 0
    if (this.nodes.length >= most * leafLength) return
    this.nodes = new Uint8Array(most * leafLength)
    this.hashes = new Uint8Array(most * hashLength)
  }

  /** Adds `leaves[from, to)`. */
  copy({ nodes, hashes }: Leaves, from: number, to: number): void {
    if (from === to) return
    this.nodes.set(nodes.subarray(from * leafLength, to * leafLength), this.count * leafLength)
    this.hashes.set(hashes.subarray(from * hashLength, to * hashLength), this.count * hashLength)
    this.count += to - from
  }

  add(node: Uint8Array, hash: Uint8Array): void {
    this.nodes.set(node, this.count * leafLength)
    this.hashes.set(hash, this.count * hashLength)
    this.count++
  }
}

/** Applies changes page by page, and collects the pages that differ. */
export class PageWriter {
  readonly #hasher: Hasher
  readonly #read: (path: string, expected: Subtree) => TriePage
  readonly #pages: Map<string, TriePage | undefined>
  /** The leaves of the part that is made; its pages have copies. */
  readonly #leaves = new LeafList()

  constructor(
    hasher: Hasher,
    read: (path: string, expected: Subtree) => TriePage,
    pages: Map<string, TriePage | undefined>,
  ) {
    this.#hasher = hasher
    this.#read = read
    this.#pages = pages
  }

  /** `changes[from, to)` are those whose keys begin with `path`. */
  apply(
    path: string,
    before: Subtree,
    changes: readonly LeafChange[],
    from: number,
    to: number,
  ): Subtree {
    if (from === to) return before
    const page = before.entries === 0 ? undefined : this.#read(path, before)
    if (page?.kind !== 'branches') {
      const leaves = this.#merge(page?.leaves ?? noLeaves, changes, from, to)
      return leaves === undefined ? before : this.#place(path, leaves)
    }
    const depth = path.length * pageLevels
    const parts = copyBranches(page)
    let changed = 0
    for (let at = from; at < to; ) {
      const digit = digitOf(changes[at]![0], depth)
      let end = at + 1
      while (end < to && digitOf(changes[end]![0], depth) === digit) end++
      const part = partOf(page, pageWidth + digit)
      const after = this.apply(path + digit.toString(16), part, changes, at, end)
      if (after !== part) {
        changed |= 1 << (pageWidth + digit)
        setPart(parts, pageWidth + digit, after)
      }
      at = end
    }
    if (changed === 0) return before
    joinParts(this.#hasher, parts, changed)
    if (parts.counts[1]! <= maxBucketLeaves) return this.#place(path, this.#gather(path, parts))
    this.#pages.set(path, parts)
    return partOf(parts, 1)
  }

  /** The leaves after the changes, `undefined` when they are as before. */
  #merge(
    leaves: Leaves,
    changes: readonly LeafChange[],
    from: number,
    to: number,
  ): Leaves | undefined {
    const merged = this.#leaves
    merged.clear(leaves.count + to - from)
    let differs = false
    let at = 0
    for (let i = from; i < to; i++) {
      const [key, value] = changes[i]!
      const start = at
      while (at < leaves.count && compareLeaf(leaves, at, key) < 0) at++
      merged.copy(leaves, start, at)
      const found = at < leaves.count && compareLeaf(leaves, at, key) === 0
      if (value === undefined) {
        differs ||= found
        if (found) at++
        continue
      }
      const node = leafNode(this.#hasher, key, value)
      if (found && equalBytes(nodeAt(leaves, at), node)) merged.copy(leaves, at, at + 1)
      else {
        merged.add(node, this.#hasher.blake2b(node))
        differs = true
      }
      if (found) at++
    }
    if (!differs) return undefined
    merged.copy(leaves, at, leaves.count)
    return merged
  }

  /** Writes the pages of `leaves[from, to)`, all there are below `path`. */
  #place(path: string, leaves: Leaves, from = 0, to: number = leaves.count): Subtree {
    const depth = path.length * pageLevels
    if (from === to) {
      this.#pages.set(path, undefined)
      return noSubtree
    }
    if (to - from <= maxBucketLeaves) {
      const bucket = bucketOf(this.#hasher, leaves, depth, from, to)
      this.#pages.set(path, bucket)
      return bucket.top
    }
    const digit = (at: number): number => digitOf(leaves.nodes, depth, at * leafLength + 1)
    const parts = newBranches()
    for (let at = from; at < to; ) {
      const part = digit(at)
      let end = at + 1
      while (end < to && digit(end) === part) end++
      setPart(parts, pageWidth + part, this.#place(path + part.toString(16), leaves, at, end))
      at = end
    }
    joinParts(this.#hasher, parts, undefined)
    this.#pages.set(path, parts)
    return partOf(parts, 1)
  }

  /** The leaves of pages that become one. Each part has at most as many as a bucket, so it is one. */
  #gather(path: string, parts: Branches): Leaves {
    const leaves = this.#leaves
    leaves.clear(parts.counts[1]!)
    for (let digit = 0; digit < pageWidth; digit++) {
      const below = path + digit.toString(16)
      const part = partOf(parts, pageWidth + digit)
      if (part.entries === 0) continue
      const page = this.#pages.get(below) ?? this.#read(below, part)
      assert(page.kind === 'bucket', 'PageWriter.gather: a part of few leaves is a bucket')
      leaves.copy(page.leaves, 0, page.leaves.count)
      this.#pages.set(below, undefined)
    }
    return leaves
  }
}
