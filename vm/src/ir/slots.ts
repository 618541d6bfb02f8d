/**
 * Private slots of activations: from pc `from[i]` on they have `counts[i]`. Pcs ascend; rows that control goes between
 * other than by calls and returns have one count.
 */
export interface SlotCounts {
  readonly from: Int32Array
  readonly counts: Uint8Array
}

/** A `CallModel`, as far as it has slots. */
interface Slotted {
  readonly kind: string
  readonly slots?: SlotCounts
}

/** Slots are cleared by so many at once. */
export const slotUnit = 4
/** What a callee's word has room for. */
export const mostSlots: number = 63 * slotUnit

/** How many slots an activation has that runs at a pc. O(log functions) */
export function slotsAt(calls: Slotted, pc: number): number {
  if (calls.slots === undefined) return 0
  const { counts, from } = calls.slots
  let low = 0
  let high = from.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (from[middle]! <= pc) low = middle + 1
    else high = middle
  }
  return low === 0 ? 0 : counts[low - 1]!
}

/** The most slots that an activation has, rounded up to `slotUnit`. */
export function slotRoom(calls: Slotted): number {
  if (calls.slots === undefined) return 0
  const most = calls.slots.counts.reduce((a, b) => Math.max(a, b), 0)
  return slotUnit * Math.ceil(most / slotUnit)
}
