import type { TriePage } from './trie-page.ts'

/** In hashes. */
function weightOf(page: TriePage): number {
  return page.kind === 'bucket' ? 3 * page.leaves.count : page.counts.length
}

/**
 * Pages in two halves: when the younger is full it becomes the older, which is forgotten but for what is asked for
 * meanwhile. One list in the order of use had to be searched for its oldest page past all that had been taken
 * out, which was a tenth of a block's time.
 */
class Halves {
  readonly #half: number
  #young = new Map<string, TriePage>()
  #old = new Map<string, TriePage>()
  #youngNodes = 0
  #oldNodes = 0

  constructor(maxNodes: number) {
    this.#half = maxNodes / 2
  }

  get nodes(): number {
    return this.#youngNodes + this.#oldNodes
  }

  get(path: string): TriePage | undefined {
    const page = this.#young.get(path)
    if (page !== undefined) return page
    const old = this.#old.get(path)
    if (old !== undefined) this.set(path, old)
    return old
  }

  set(path: string, page: TriePage): void {
    this.delete(path)
    const weight = weightOf(page)
    if (this.#youngNodes + weight > this.#half) {
      this.#old = this.#young
      this.#oldNodes = this.#youngNodes
      this.#young = new Map()
      this.#youngNodes = 0
    }
    if (weight > this.#half) return
    this.#young.set(path, page)
    this.#youngNodes += weight
  }

  delete(path: string): void {
    const young = this.#young.get(path)
    const old = this.#old.get(path)
    if (young !== undefined && this.#young.delete(path)) this.#youngNodes -= weightOf(young)
    if (old !== undefined && this.#old.delete(path)) this.#oldNodes -= weightOf(old)
  }
}

/**
 * Pages used last, by path, of at most `maxNodes` hashes. Those of branches, through which many keys lead, have
 * three quarters of it to themselves.
 */
export class PageCache {
  readonly #branches: Halves
  readonly #buckets: Halves

  constructor(maxNodes: number) {
    this.#branches = new Halves(maxNodes * 0.75)
    this.#buckets = new Halves(maxNodes * 0.25)
  }

  get nodes(): number {
    return this.#branches.nodes + this.#buckets.nodes
  }

  get(path: string): TriePage | undefined {
    return this.#branches.get(path) ?? this.#buckets.get(path)
  }

  set(path: string, page: TriePage): void {
    this.delete(path)
    const pages = page.kind === 'branches' ? this.#branches : this.#buckets
    pages.set(path, page)
  }

  delete(path: string): void {
    this.#branches.delete(path)
    this.#buckets.delete(path)
  }
}
