/** A copy of a register, or of a constant, into a register. */
export interface Move<From> {
  readonly to: number
  readonly from: From
}

/**
 * Copies that all read before any writes, as a sequence of single ones. `registerOf`: the register that a source is, or -1 (then
 * it stays readable and goes last); `temporary` is asked for once per cycle, and `as` makes a register a source. O(n)
 */
export function sequence<From>(
  moves: readonly Move<From>[],
  registerOf: (from: From) => number,
  temporary: () => number,
  as: (register: number) => From,
): Move<From>[] {
  const result: Move<From>[] = []
  const pending = new Map<number, Move<From>>()
  /** How many pending copies read a register. */
  const readers = new Map<number, number>()
  for (const move of moves) {
    const from = registerOf(move.from)
    if (from === move.to) continue
    pending.set(move.to, move)
    if (from >= 0) readers.set(from, (readers.get(from) ?? 0) + 1)
  }
  const free = [...pending.keys()].filter((to) => (readers.get(to) ?? 0) === 0)
  const late: Move<From>[] = []
  const finish = (move: Move<From>): void => {
    pending.delete(move.to)
    const from = registerOf(move.from)
    if (from < 0) {
      late.push(move)
      return
    }
    result.push(move)
    const left = readers.get(from)! - 1
    readers.set(from, left)
    if (left === 0 && pending.has(from)) free.push(from)
  }
  while (pending.size > 0) {
    for (let to = free.pop(); to !== undefined; to = free.pop()) finish(pending.get(to)!)
    const next = pending.values().next()
    if (next.done === true) break
    // only cycles are left: the old value of one register waits elsewhere
    const { to } = next.value
    const place = temporary()
    result.push({ to: place, from: as(to) })
    for (const [key, move] of pending) {
      if (registerOf(move.from) !== to) continue
      pending.set(key, { to: key, from: as(place) })
      readers.set(place, (readers.get(place) ?? 0) + 1)
    }
    readers.set(to, 0)
    free.push(to)
  }
  return [...result, ...late]
}
