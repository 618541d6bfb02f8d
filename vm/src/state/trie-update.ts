import { assert } from '../bits/errors.ts'
import { equalBytes } from '../bits/octets.ts'
import type { Hasher } from './hasher.ts'
import {
  compareLeaf,
  joinParts,
  keyOfLeaf,
  leafNode,
  maxBucketLeaves,
  noSubtree,
  pageLevels,
  pageWidth,
  type Subtree,
  subtreeOf,
  type TrieLeaf,
  type TriePage,
} from './trie-page.ts'

/** A 31-byte state key and its value, or `undefined` where there is to be none. */
export type LeafChange = readonly [key: Uint8Array, value: Uint8Array | undefined]

function digitOf(key: Uint8Array, depth: number): number {
  return (key[depth >> 3]! >> (depth & 4 ? 0 : 4)) & 15
}

/** Applies changes page by page, and collects the pages that differ. */
export class PageWriter {
  readonly #hasher: Hasher
  readonly #read: (path: string, expected: Subtree) => TriePage
  readonly #pages: Map<string, TriePage | undefined>

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
      const leaves = this.#merge(page?.leaves ?? [], changes, from, to)
      return leaves === undefined ? before : this.#place(path, leaves)
    }
    const depth = path.length * pageLevels
    const parts = page.parts.slice()
    const changed = new Array<boolean>(2 * pageWidth).fill(false)
    for (let at = from; at < to; ) {
      const digit = digitOf(changes[at]![0], depth)
      let end = at + 1
      while (end < to && digitOf(changes[end]![0], depth) === digit) end++
      const part = parts[pageWidth + digit]!
      const after = this.apply(path + digit.toString(16), part, changes, at, end)
      changed[pageWidth + digit] = after !== part
      parts[pageWidth + digit] = after
      at = end
    }
    if (!changed.includes(true)) return before
    joinParts(this.#hasher, parts, changed)
    const top = parts[1]!
    if (top.entries <= maxBucketLeaves) return this.#place(path, this.#gather(path, parts))
    this.#pages.set(path, { kind: 'branches', parts })
    return top
  }

  /** The leaves after the changes, `undefined` when they are as before. */
  #merge(
    leaves: readonly TrieLeaf[],
    changes: readonly LeafChange[],
    from: number,
    to: number,
  ): TrieLeaf[] | undefined {
    const merged: TrieLeaf[] = []
    let differs = false
    let at = 0
    for (let i = from; i < to; i++) {
      const [key, value] = changes[i]!
      while (at < leaves.length && compareLeaf(leaves[at]!.node, key) < 0)
        merged.push(leaves[at++]!)
      const old = leaves[at]
      const found = old !== undefined && compareLeaf(old.node, key) === 0
      if (found) at++
      if (value === undefined) {
        differs ||= found
        continue
      }
      const node = leafNode(this.#hasher, key, value)
      if (found && equalBytes(old.node, node)) merged.push(old)
      else {
        merged.push({ node, hash: this.#hasher.blake2b(node) })
        differs = true
      }
    }
    if (!differs) return undefined
    while (at < leaves.length) merged.push(leaves[at++]!)
    return merged
  }

  /** Writes the pages of all the leaves below `path`. */
  #place(path: string, leaves: readonly TrieLeaf[]): Subtree {
    const depth = path.length * pageLevels
    if (leaves.length <= maxBucketLeaves) {
      this.#pages.set(path, leaves.length === 0 ? undefined : { kind: 'bucket', leaves })
      return subtreeOf(this.#hasher, leaves, depth)
    }
    const parts = new Array<Subtree>(2 * pageWidth).fill(noSubtree)
    for (let at = 0; at < leaves.length; ) {
      const digit = digitOf(keyOfLeaf(leaves[at]!.node), depth)
      let end = at + 1
      while (end < leaves.length && digitOf(keyOfLeaf(leaves[end]!.node), depth) === digit) end++
      parts[pageWidth + digit] = this.#place(path + digit.toString(16), leaves.slice(at, end))
      at = end
    }
    joinParts(this.#hasher, parts, undefined)
    this.#pages.set(path, { kind: 'branches', parts })
    return parts[1]!
  }

  /** The leaves of pages that become one. Each part has at most as many as a bucket, so it is one. */
  #gather(path: string, parts: readonly Subtree[]): TrieLeaf[] {
    const leaves: TrieLeaf[] = []
    for (let digit = 0; digit < pageWidth; digit++) {
      const below = path + digit.toString(16)
      const part = parts[pageWidth + digit]!
      if (part.entries === 0) continue
      const page = this.#pages.get(below) ?? this.#read(below, part)
      assert(page.kind === 'bucket', 'PageWriter.gather: a part of few leaves is a bucket')
      leaves.push(...page.leaves)
      this.#pages.set(below, undefined)
    }
    return leaves
  }
}
