import { nullZone, type PagedPlan, pageSize, type Region } from '../vm/memory.ts'
import { Page } from './layout.ts'

/**
 * Addresses whose pages lie behind each other in Wasm's memory, with the same permissions, for as long
 * as nobody maps and unmaps in between. How many octets of it are so now is at `PageWindows.lengths`.
 */
export interface PageWindow {
  /** Its first address, a multiple of the plan's pages, not in the null zone. */
  readonly address: number
  /** Wasm address of its first octet. */
  readonly frame: number
  readonly writable: boolean
  /** No address of it is this or above, whatever is mapped. */
  readonly end: number
}

/** Where a plan's regions go, and what code may expect to find there. */
export interface PagePlaces {
  /** In the order in which they are mapped: what `sbrk` adds to is the last one. */
  readonly regions: readonly Region[]
  /** The heap with the data it follows, if there is one; then the highest writable region; at most `most`. */
  readonly windows: readonly PageWindow[]
}

/** Each costs a comparison when a page is mapped or unmapped. */
const most = 4

/** The word of the page table for a page in a frame. */
export function pageWord(frame: number, address: number, writable: boolean): number {
  return (frame - address) | Page.readable | (writable ? Page.writable : 0)
}

/**
 * Places a plan's regions from Wasm address `guest` on.
 * @param guest a multiple of 4096
 * @example pagePlaces({ profile: 'paged32', pageSize: 4096, regions: [], segments: [] }, 0).windows.length // 0
 */
export function pagePlaces(plan: PagedPlan, guest: number): PagePlaces {
  const { heap, pageSize: unit } = plan
  const start = heap === undefined ? -1 : Math.ceil(heap.start / unit) * unit
  const grows = (region: Region): boolean =>
    heap !== undefined && region.writable && region.address + region.length === start
  const regions = [
    ...plan.regions.filter((region) => !grows(region)),
    ...plan.regions.filter(grows),
  ]
  const heaps: PageWindow[] = []
  const others: PageWindow[] = []
  let frame = guest
  for (const region of regions) {
    const { address, length, writable } = region
    const end = grows(region) ? Math.max(heap!.max, address + length) : address + length
    if (length > 0) (grows(region) ? heaps : others).push({ address, frame, writable, end })
    frame += length
  }
  if (heap !== undefined && heaps.length === 0)
    heaps.push({ address: start, frame, writable: true, end: Math.max(heap.max, start) })
  others.sort((x, y) => Number(y.writable) - Number(x.writable) || y.address - x.address)
  const windows = [...heaps, ...others].filter(({ address }) => address >= nullZone)
  return { regions, windows: windows.slice(0, most) }
}

/** Keeps how long each window is: a page that goes ends it, and one put back at its end makes it longer. */
export class WindowLengths {
  private readonly windows: readonly PageWindow[]
  private readonly index: number
  private readonly expected: Int32Array

  /** @param index of the first length among the words of memory; two words for each */
  constructor(windows: readonly PageWindow[], index: number) {
    this.windows = windows
    this.index = index
    this.expected = Int32Array.from(windows, (w) => pageWord(w.frame, w.address, w.writable))
  }

  clear(words: Int32Array): void {
    words.fill(0, this.index, this.index + 2 * most)
  }

  /** Takes notice of a page's new word. */
  note(words: Int32Array, page: number, word: number): void {
    for (let i = 0; i < this.expected.length; i++) {
      const at = page * pageSize - this.windows[i]!.address
      const length = words[this.index + 2 * i]! >>> 0
      if (at < 0 || at > length) continue
      if (word !== this.expected[i]) words[this.index + 2 * i] = at
      else if (at === length) words[this.index + 2 * i] = at + pageSize
    }
  }
}
