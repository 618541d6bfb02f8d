import type { Pubkey } from '../host/solana/pubkey.ts'

/** Who may change a node in place; another owner copies it first. */
type Owner = object

interface Leaf<T> {
  readonly key: Pubkey
  readonly hash: number
  value: T
  readonly owner: Owner
}

/** Entries whose addresses have the same 32 bits of hash. */
interface Bucket<T> {
  readonly hash: number
  readonly leaves: Leaf<T>[]
}

interface Branch<T> {
  /** Bit `n`: there is a slot for the five bits of hash `n`. */
  bitmap: number
  readonly slots: Slot<T>[]
  readonly owner: Owner
}
type Slot<T> = Leaf<T> | Bucket<T> | Branch<T>

const isBranch = <T>(slot: Slot<T>): slot is Branch<T> => 'slots' in slot
const isBucket = <T>(slot: Slot<T>): slot is Bucket<T> => 'leaves' in slot

/** Bits of hash that one level takes. */
const bits = 5
const mask = 31

/** 32 bits of an address. All its bytes count: sysvars share their first bytes, native programs their last. */
export function addressHash(bytes: Uint8Array): number {
  let h = 0
  for (let i = 0; i < 32; i += 4) {
    const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    h = Math.imul(h ^ word, 0x9e3779b1)
    h ^= h >>> 15
  }
  return h
}

function countBits(word: number): number {
  let n = word - ((word >>> 1) & 0x5555_5555)
  n = (n & 0x3333_3333) + ((n >>> 2) & 0x3333_3333)
  return Math.imul((n + (n >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24
}

/** Where the slot of `bit` is, or would be, among those of a branch. */
const placeOf = (bitmap: number, bit: number): number => countBits(bitmap & (bit - 1))

/** A state of a `PubkeyMap`, whole and unchangeable. */
export interface MapSnapshot<T> {
  readonly root: Branch<T>
  readonly size: number
}

/**
 * Values by address, as a persistent hash trie: a snapshot, a fork and going back are each a pointer.
 * What was changed since the last snapshot is changed in place; older states are never touched.
 */
export class PubkeyMap<T extends object> {
  private root: Branch<T>
  private owner: Owner = {}
  private count = 0

  constructor() {
    this.root = { bitmap: 0, slots: [], owner: this.owner }
  }

  get size(): number {
    return this.count
  }

  get(key: Pubkey): T | undefined {
    const hash = addressHash(key.bytes)
    let node: Slot<T> = this.root
    for (let shift = 0; isBranch(node); shift += bits) {
      const bit = 1 << ((hash >>> shift) & mask)
      if ((node.bitmap & bit) === 0) return undefined
      node = node.slots[placeOf(node.bitmap, bit)]!
    }
    if (!isBucket(node)) return node.key.key === key.key ? node.value : undefined
    return node.leaves.find((leaf) => leaf.key.key === key.key)?.value
  }

  set(key: Pubkey, value: T): void {
    const leaf: Leaf<T> = { key, hash: addressHash(key.bytes), value, owner: this.owner }
    this.root = this.owned(this.root)
    this.put(this.root, leaf, 0)
  }

  /** Answers whether it was there. */
  delete(key: Pubkey): boolean {
    if (this.get(key) === undefined) return false
    this.root = this.owned(this.root)
    this.drop(this.root, key, addressHash(key.bytes), 0)
    this.count--
    return true
  }

  /** The state as it is, for `restore` and `fork`. Constant time. */
  snapshot(): MapSnapshot<T> {
    this.owner = {}
    return { root: this.root, size: this.count }
  }

  /** Goes to a state that this map, or one it shares its past with, was in. Constant time. */
  restore(snapshot: MapSnapshot<T>): void {
    this.root = snapshot.root
    this.count = snapshot.size
    this.owner = {}
  }

  /** Another map with the same entries; neither sees the other's changes. Constant time. */
  fork(): PubkeyMap<T> {
    const out = new PubkeyMap<T>()
    out.restore(this.snapshot())
    return out
  }

  /** All entries, in an order that depends on their addresses alone. */
  *entries(): Generator<readonly [Pubkey, T]> {
    const stack: Slot<T>[] = [this.root]
    for (let slot = stack.pop(); slot !== undefined; slot = stack.pop()) {
      if (isBranch(slot))
        for (let i = slot.slots.length - 1; i >= 0; i--) stack.push(slot.slots[i]!)
      else if (isBucket(slot)) for (const leaf of slot.leaves) yield [leaf.key, leaf.value]
      else yield [slot.key, slot.value]
    }
  }

  private owned(branch: Branch<T>): Branch<T> {
    if (branch.owner === this.owner) return branch
    return { bitmap: branch.bitmap, slots: branch.slots.slice(), owner: this.owner }
  }

  /** `branch` is this map's own. */
  private put(branch: Branch<T>, leaf: Leaf<T>, shift: number): void {
    const bit = 1 << ((leaf.hash >>> shift) & mask)
    const place = placeOf(branch.bitmap, bit)
    if ((branch.bitmap & bit) === 0) {
      branch.bitmap |= bit
      branch.slots.splice(place, 0, leaf)
      this.count++
      return
    }
    const slot = branch.slots[place]!
    if (isBranch(slot)) {
      const child = this.owned(slot)
      branch.slots[place] = child
      this.put(child, leaf, shift + bits)
    } else branch.slots[place] = this.merged(slot, leaf, shift + bits)
  }

  /** What stands in place of a leaf or bucket when another leaf comes to it. */
  private merged(slot: Leaf<T> | Bucket<T>, leaf: Leaf<T>, shift: number): Slot<T> {
    if (isBucket(slot) && slot.hash === leaf.hash) {
      const others = slot.leaves.filter((other) => other.key.key !== leaf.key.key)
      if (others.length === slot.leaves.length) this.count++
      return { hash: leaf.hash, leaves: [...others, leaf] }
    }
    if (!isBucket(slot) && slot.key.key === leaf.key.key) {
      if (slot.owner !== this.owner) return leaf
      slot.value = leaf.value
      return slot
    }
    if (slot.hash === leaf.hash) {
      this.count++
      // only a leaf is left: a bucket of this hash was above
      return { hash: leaf.hash, leaves: isBucket(slot) ? [...slot.leaves, leaf] : [slot, leaf] }
    }
    const branch: Branch<T> = {
      bitmap: 1 << ((slot.hash >>> shift) & mask),
      slots: [slot],
      owner: this.owner,
    }
    this.put(branch, leaf, shift)
    return branch
  }

  /** `branch` is this map's own, and the entry is below it. Empty branches may stay. */
  private drop(branch: Branch<T>, key: Pubkey, hash: number, shift: number): void {
    const bit = 1 << ((hash >>> shift) & mask)
    const place = placeOf(branch.bitmap, bit)
    const slot = branch.slots[place]!
    if (isBranch(slot)) {
      const child = this.owned(slot)
      branch.slots[place] = child
      this.drop(child, key, hash, shift + bits)
    } else if (isBucket(slot) && slot.leaves.length > 1)
      branch.slots[place] = {
        hash,
        leaves: slot.leaves.filter((leaf) => leaf.key.key !== key.key),
      }
    else {
      branch.bitmap &= ~bit
      branch.slots.splice(place, 1)
    }
  }
}
