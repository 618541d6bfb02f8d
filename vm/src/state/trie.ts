import { bytesId, compareBytes, equalBytes } from '../bits/octets.ts'
import type { Change } from './diff.ts'
import type { Hasher } from './hasher.ts'
import { sameValue } from './journal.ts'
import { entryKey, stateKey } from './key.ts'
import { PageCache } from './page-cache.ts'
import { StoreError } from './store.ts'
import {
  bitAt,
  decodePage,
  encodePage,
  isBucketOfItsLeaves,
  nodeAt,
  noSubtree,
  pageKey,
  pageLevels,
  pageWidth,
  partOf,
  type Subtree,
  splitAt,
  subtreeOf,
  subtreeOfPage,
  type TriePage,
} from './trie-page.ts'
import { type LeafChange, PageWriter } from './trie-update.ts'

/** Where pages of a trie are read from, by `pageKey`. */
export interface PageSource {
  page(key: Uint8Array): Uint8Array | undefined
}

/** What changes do to a trie: its root afterwards, and the pages that differ. */
export interface TrieUpdate {
  /** State root, 32 bytes. */
  readonly root: Uint8Array
  /** Leaves. */
  readonly entries: number
  /** By path; `undefined` for a page that is no more. */
  readonly pages: ReadonlyMap<string, TriePage | undefined>
}

/** What is on the way from the root to a key. */
export interface TriePath {
  /** Hashes of the other halves, from the root down. */
  readonly siblings: readonly Uint8Array[]
  /** The 64 octets of the leaf at the end: the key's, or the only other one there; `undefined` for none. */
  readonly leaf: Uint8Array | undefined
}

/** Hashes, 13 MB: a million entries have 140,000 in branches, which get three quarters in two halves. */
const defaultCacheNodes = 400_000

/**
 * The binary Patricia Merkle trie of Gray Paper D.2: 31-byte keys to values of any length. It is cut into
 * pages of four levels, kept by path in a store: opening reads one page, an update reads and writes the pages on the
 * way to each key (three or four for a million entries), and memory holds the pages used last. Each page read
 * is checked and held against what the page above says of it.
 * @example emptyTrie(await createHasher()).root() // 32 zero bytes
 */
export class StateTrie {
  readonly #hasher: Hasher
  #source: PageSource | undefined
  readonly #cache: PageCache
  #top: Subtree
  /** Updates that were made of this very state. */
  #made = new WeakSet<TrieUpdate>()

  /** @throws {StoreError} `corrupt` */
  constructor(hasher: Hasher, source?: PageSource, cacheNodes: number = defaultCacheNodes) {
    this.#hasher = hasher
    this.#source = source
    this.#cache = new PageCache(source === undefined ? Number.POSITIVE_INFINITY : cacheNodes)
    const top = source?.page(pageKey(''))
    const page = top && decodePage(hasher, top)
    if (top !== undefined && page === undefined) throw damaged('')
    if (page !== undefined) this.#cache.set('', page)
    this.#top = page === undefined ? noSubtree : subtreeOfPage(page)
  }

  /** 32 bytes. */
  root(): Uint8Array {
    return this.#top.hash.slice()
  }

  /** Leaves. */
  get entries(): number {
    return this.#top.entries
  }

  /** Hashes that memory holds, for those who want to bound it. */
  get cachedNodes(): number {
    return this.#cache.nodes
  }

  /**
   * What the changes make of this trie, which stays as it is until `accept`. A key that is named twice has its
   * last value.
   * @throws {StoreError} `corrupt` for a page that is missing or damaged
   */
  update(changes: Iterable<LeafChange>): TrieUpdate {
    const sorted = [...new Map([...changes].map((change) => [bytesId(change[0]), change])).values()]
    sorted.sort((a, b) => compareBytes(a[0], b[0]))
    const pages = new Map<string, TriePage | undefined>()
    const writer = new PageWriter(
      this.#hasher,
      (path, expected) => this.#page(path, expected),
      pages,
    )
    const top = writer.apply('', this.#top, sorted, 0, sorted.length)
    const update = { root: top.hash.slice(), entries: top.entries, pages }
    this.#made.add(update)
    return update
  }

  /**
   * Makes `update`, which this trie has made as it is now and a store has committed, this trie's state.
   * @throws {StoreError} `conflict` for an update of another state, or one that its store has not committed
   */
  accept(update: TrieUpdate): void {
    this.#checkMade(update)
    if (this.#source !== undefined) {
      const top = update.pages.get('')
      // An update that changes anything changes the first page.
      const kept = update.pages.size > 0 ? this.#source.page(pageKey('')) : undefined
      if (!sameValue(kept, top && encodePage(top)))
        throw refusedUpdate('that was not committed', 'Commit it first.')
    }
    this.#made = new WeakSet()
    for (const [path, page] of update.pages) {
      if (page === undefined) this.#cache.delete(path)
      else this.#cache.set(path, page)
    }
    this.#top = { entries: update.entries, hash: update.root.slice() }
  }

  /** As `accept`, of an update that no store gets: its pages stay in memory. @throws as `accept` */
  keep(update: TrieUpdate): void {
    this.#checkMade(update)
    if (this.#source !== undefined) {
      const source = this.#source
      const pages = source instanceof PageOverlay ? source : new PageOverlay(source)
      pages.write(update)
      this.#source = pages
    }
    this.accept(update)
  }

  /** The trie after `update`, beside this one. */
  after(update: TrieUpdate): StateTrie {
    const pages = new PageOverlay(this.#source)
    pages.write(update)
    return new StateTrie(this.#hasher, pages)
  }

  /** What proves the value, or the absence, of a state key. @throws as `update` */
  path(key: Uint8Array): TriePath {
    const siblings: Uint8Array[] = []
    let path = ''
    let here = this.#top
    for (;;) {
      const depth = path.length * pageLevels
      if (here.entries === 0) return { siblings, leaf: undefined }
      const page = this.#page(path, here)
      if (page.kind === 'bucket') {
        let [from, to, bit] = [0, page.leaves.count, depth]
        while (to - from > 1) {
          const middle = splitAt(page.leaves, from, to, bit)
          const one = bitAt(key, bit) === 1
          bit++
          const [a, b] = one ? [from, middle] : [middle, to]
          siblings.push(subtreeOf(this.#hasher, page.leaves, bit, a, b).hash)
          if (one) from = middle
          else to = middle
        }
        return { siblings, leaf: from < to ? nodeAt(page.leaves, from).slice() : undefined }
      }
      let part = 1
      for (let bit = depth; part < pageWidth && page.counts[part]! > 1; bit++) {
        part = 2 * part + bitAt(key, bit)
        siblings.push(partOf(page, part ^ 1).hash.slice())
      }
      here = partOf(page, part)
      if (here.entries === 0) return { siblings, leaf: undefined }
      // One leaf is the same part on each level down to its page.
      while (part < pageWidth) part = 2 * part + (page.counts[2 * part]! > 0 ? 0 : 1)
      path += (part - pageWidth).toString(16)
    }
  }

  /** The path of every page, each after the one above it, all hashed again. @throws as `update` */
  *walk(path = '', expected: Subtree = this.#top): Generator<string> {
    if (expected.entries === 0) return
    const page = this.#page(path, expected)
    yield path
    if (page.kind === 'bucket') {
      if (!isBucketOfItsLeaves(this.#hasher, page, path.length * pageLevels)) throw damaged(path)
      return
    }
    for (let digit = 0; digit < pageWidth; digit++)
      yield* this.walk(path + digit.toString(16), partOf(page, pageWidth + digit))
  }

  #checkMade(update: TrieUpdate): void {
    if (!this.#made.has(update))
      throw refusedUpdate("that is not of the trie's state", 'Make it of the state as it is now.')
  }

  #page(path: string, expected: Subtree): TriePage {
    const known = this.#cache.get(path)
    if (known !== undefined) return known
    const bytes = this.#source?.page(pageKey(path))
    const page = bytes && decodePage(this.#hasher, bytes)
    if (page === undefined) throw damaged(path)
    const found = subtreeOfPage(page)
    if (found.entries !== expected.entries || !equalBytes(found.hash, expected.hash))
      throw damaged(path)
    this.#cache.set(path, page)
    return page
  }
}

/** Pages in memory in front of others. */
class PageOverlay implements PageSource {
  readonly #base: PageSource | undefined
  readonly #pages = new Map<string, Uint8Array | undefined>()

  constructor(base: PageSource | undefined) {
    this.#base = base
  }

  page(key: Uint8Array): Uint8Array | undefined {
    const id = bytesId(key)
    return this.#pages.has(id) ? this.#pages.get(id) : this.#base?.page(key)
  }

  write(update: TrieUpdate): void {
    for (const [key, bytes] of pageWrites(update)) this.#pages.set(bytesId(key), bytes)
  }
}

function refusedUpdate(what: string, advice: string): StoreError {
  return new StoreError('conflict', `an update of the state's trie ${what}`, advice)
}

function damaged(path: string): StoreError {
  return new StoreError(
    'corrupt',
    `page "${path}" of the state's trie is missing or damaged`,
    'Restore the store from a backup, or export another and import it.',
  )
}

/** A trie in memory, without entries. */
export function emptyTrie(hasher: Hasher): StateTrie {
  return new StateTrie(hasher)
}

/** The changes of a diff as the trie takes them. */
export function leafChanges(hasher: Hasher, changes: readonly Change[]): LeafChange[] {
  return changes.map(({ address, field, slot, new: value }) => [
    stateKey(hasher, entryKey(address, field, slot)),
    value,
  ])
}

/** A trie in memory of a whole state, entry by entry (`entryKey` and value). */
export function trieOf(
  hasher: Hasher,
  entries: Iterable<readonly [key: Uint8Array, value: Uint8Array]>,
): StateTrie {
  const trie = emptyTrie(hasher)
  const leaves: LeafChange[] = []
  for (const [key, value] of entries) leaves.push([stateKey(hasher, key), value])
  trie.accept(trie.update(leaves))
  return trie
}

/** What a store is told to keep of an update: `pageKey` and bytes, `undefined` to remove. */
export function* pageWrites(
  update: TrieUpdate,
): Generator<readonly [key: Uint8Array, value: Uint8Array | undefined]> {
  for (const [path, page] of update.pages) yield [pageKey(path), page && encodePage(page)]
}
