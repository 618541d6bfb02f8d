/** Ids of a list before it is cut in two. */
const chunkLength = 512

/**
 * Byte strings (`bytesId`) in order: adding, removing and finding cost the logarithm of their number, and moving
 * at most `chunkLength` of them.
 * @example
 * const ids = new SortedIds(['b', 'a'])
 * ids.from('aa') // 'b'
 */
export class SortedIds {
  /** None of the lists is empty; each begins behind the one before. */
  readonly #chunks: string[][] = []

  constructor(ids: Iterable<string> = []) {
    const sorted = [...ids].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
    for (let at = 0; at < sorted.length; at += chunkLength / 2)
      this.#chunks.push(sorted.slice(at, at + chunkLength / 2))
  }

  /** Adds an id; nothing when it is there. */
  add(id: string): void {
    const which = this.#chunkOf(id)
    const chunk = this.#chunks[which]
    if (chunk === undefined) {
      this.#chunks.push([id])
      return
    }
    const at = firstFrom(chunk, id)
    if (chunk[at] === id) return
    chunk.splice(at, 0, id)
    if (chunk.length > chunkLength) this.#chunks.splice(which + 1, 0, chunk.splice(chunkLength / 2))
  }

  /** Removes an id; nothing when it is not there. */
  delete(id: string): void {
    const which = this.#chunkOf(id)
    const chunk = this.#chunks[which]
    if (chunk === undefined) return
    const at = firstFrom(chunk, id)
    if (chunk[at] !== id) return
    chunk.splice(at, 1)
    if (chunk.length === 0) this.#chunks.splice(which, 1)
  }

  /** The first that is `id` or behind it. */
  from(id: string): string | undefined {
    const which = this.#chunkOf(id)
    const chunk = this.#chunks[which]
    return chunk === undefined
      ? undefined
      : (chunk[firstFrom(chunk, id)] ?? this.#chunks[which + 1]?.[0])
  }

  /** The last list that does not begin behind `id`, or the first. */
  #chunkOf(id: string): number {
    let low = 0
    let high = this.#chunks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#chunks[middle]![0]! <= id) low = middle
      else high = middle - 1
    }
    return low
  }
}

function firstFrom(chunk: readonly string[], id: string): number {
  let low = 0
  let high = chunk.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (chunk[middle]! < id) low = middle + 1
    else high = middle
  }
  return low
}
