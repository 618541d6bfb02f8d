import type { Change } from './diff.ts'
import type { Hasher } from './hasher.ts'
import { entryKey, stateKey, stateKeyLength } from './key.ts'

/** The root of the empty state: the zero hash (Gray Paper, D.2). */
export const zeroHash: Uint8Array = new Uint8Array(32)

/** Nodes never change: an update makes new ones along one path, and old roots stay readable. */
interface Leaf {
  readonly key: Uint8Array
  readonly hash: Uint8Array
}
interface Branch {
  readonly key: undefined
  readonly left: TrieNode | undefined
  readonly right: TrieNode | undefined
  /** Filled in when a root is asked for. */
  hash: Uint8Array | undefined
}
type TrieNode = Leaf | Branch

// Gray Paper, D.2: bits of octets are numbered from the most significant.
function bitAt(key: Uint8Array, depth: number): number {
  return (key[depth >> 3]! >> (7 - (depth & 7))) & 1
}

function sameKey(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = stateKeyLength - 1; i >= 0; i--) if (a[i] !== b[i]) return false
  return true
}

function branch(bit: number, child: TrieNode | undefined, other: TrieNode | undefined): Branch {
  return bit === 0
    ? { key: undefined, left: child, right: other, hash: undefined }
    : { key: undefined, left: other, right: child, hash: undefined }
}

/** Branches down to the first bit in which two leaves differ. */
function fork(a: Leaf, b: Leaf, depth: number): Branch {
  const bit = bitAt(a.key, depth)
  if (bit !== bitAt(b.key, depth)) return branch(bit, a, b)
  return branch(bit, fork(a, b, depth + 1), undefined)
}

function insert(node: TrieNode | undefined, leaf: Leaf, depth: number): TrieNode {
  if (node === undefined) return leaf
  if (node.key !== undefined) return sameKey(node.key, leaf.key) ? leaf : fork(node, leaf, depth)
  const bit = bitAt(leaf.key, depth)
  return bit === 0
    ? branch(0, insert(node.left, leaf, depth + 1), node.right)
    : branch(1, insert(node.right, leaf, depth + 1), node.left)
}

function remove(node: TrieNode | undefined, key: Uint8Array, depth: number): TrieNode | undefined {
  if (node === undefined) return undefined
  if (node.key !== undefined) return sameKey(node.key, key) ? undefined : node
  const bit = bitAt(key, depth)
  const before = bit === 0 ? node.left : node.right
  const other = bit === 0 ? node.right : node.left
  const after = remove(before, key, depth + 1)
  if (after === before) return node
  // A dictionary of one is that leaf, however deep it was.
  if (after === undefined && (other === undefined || other.key !== undefined)) return other
  if (other === undefined && after?.key !== undefined) return after
  return branch(bit, after, other)
}

/**
 * The binary Patricia Merkle trie of Gray Paper D.2, in memory: 31-byte keys to values of any
 * length. A leaf keeps its hash instead of its value. Every trie is a value: `with` makes another.
 * An update costs the hashes of its path, about log2(leaves) of them; an entry takes 0.9 KB.
 * @example emptyTrie(await createHasher()).with(key, value).root()
 */
export class StateTrie {
  readonly #hasher: Hasher
  readonly #node: TrieNode | undefined

  constructor(hasher: Hasher, node?: TrieNode) {
    this.#hasher = hasher
    this.#node = node
  }

  /** The trie in which the 31-byte `key` has `value`, or, for `undefined`, is absent. */
  with(key: Uint8Array, value: Uint8Array | undefined): StateTrie {
    const node =
      value === undefined
        ? remove(this.#node, key, 0)
        : insert(this.#node, { key, hash: leafHash(this.#hasher, key, value) }, 0)
    return new StateTrie(this.#hasher, node)
  }

  /** 32 bytes; hashes what changed since the tries this one was made from. */
  root(): Uint8Array {
    return nodeHash(this.#hasher, this.#node).slice()
  }
}

export function emptyTrie(hasher: Hasher): StateTrie {
  return new StateTrie(hasher)
}

// Gray Paper, D.2, L: 1 0 and six bits of length, or 1 1 and zeros; the key; the value, or its hash.
function leafHash(hasher: Hasher, key: Uint8Array, value: Uint8Array): Uint8Array {
  const octets = new Uint8Array(64)
  const embedded = value.length <= 32
  octets[0] = embedded ? 0x80 | value.length : 0xc0
  octets.set(key, 1)
  octets.set(embedded ? value : hasher.blake2b(value), 32)
  return hasher.blake2b(octets)
}

// Gray Paper, D.2, B: a zero bit, the last 255 bits of the left hash, the right hash.
function nodeHash(hasher: Hasher, node: TrieNode | undefined): Uint8Array {
  if (node === undefined) return zeroHash
  if (node.key !== undefined) return node.hash
  if (node.hash !== undefined) return node.hash
  const octets = new Uint8Array(64)
  octets.set(nodeHash(hasher, node.left), 0)
  octets.set(nodeHash(hasher, node.right), 32)
  octets[0] = octets[0]! & 0x7f
  node.hash = hasher.blake2b(octets)
  return node.hash
}

/** The trie of a state to which `changes` were applied. */
export function trieAfter(trie: StateTrie, hasher: Hasher, changes: readonly Change[]): StateTrie {
  let after = trie
  for (const { address, field, slot, new: value } of changes)
    after = after.with(stateKey(hasher, entryKey(address, field, slot)), value)
  return after
}

/** The trie of a whole state, entry by entry. */
export function trieOf(
  hasher: Hasher,
  entries: Iterable<readonly [key: Uint8Array, value: Uint8Array]>,
): StateTrie {
  let trie = emptyTrie(hasher)
  for (const [key, value] of entries) trie = trie.with(stateKey(hasher, key), value)
  return trie
}
