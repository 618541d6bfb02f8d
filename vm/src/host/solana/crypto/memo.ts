/** What an entry costs beside its key, about: a slot of the map, the answer. */
const entryBytes = 160

/**
 * Answers by question, within a number of bytes; the oldest are forgotten first.
 * @example const m = new Memo(1 << 20); m.set('a', 1); m.get('a') // 1
 */
export class Memo<T extends object | string | boolean | number> {
  private readonly answers = new Map<string, T>()
  private readonly limit: number
  private bytes = 0

  /** @param limit bytes of keys, two for each of their units, and of entries */
  constructor(limit: number) {
    this.limit = limit
  }

  get(key: string): T | undefined {
    return this.answers.get(key)
  }

  /** The key must be new. */
  set(key: string, answer: T): void {
    this.bytes += 2 * key.length + entryBytes
    this.answers.set(key, answer)
    for (const [oldest] of this.answers) {
      if (this.bytes <= this.limit) return
      this.answers.delete(oldest)
      this.bytes -= 2 * oldest.length + entryBytes
    }
  }
}
