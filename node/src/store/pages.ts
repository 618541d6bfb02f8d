import { readSync } from 'node:fs'
import { corrupt } from './problems.ts'

// LMDB's file format as lmdb 3 writes it (mdb.c: MDB_page, MDB_node, MDB_db, MDB_ovpage).
// A page: number u64, transaction u64, pad u16, flags u16, then lower u16 and upper u16, or the
// count of overflow pages u32; offsets in a page count from the end of that header.
const headerLength = 24
const txnOffset = 8
const flagsOffset = 18
const lowerOffset = 20
const upperOffset = 22
const PageFlag = { branch: 1, leaf: 2, overflow: 4 } as const

// A node: data size or page number (low u16, high u16), flags u16, key size u16, key, data.
const nodeLength = 8
const NodeFlag = { overflow: 1, database: 2 } as const
/** Page, transaction and count, u64 each, in place of data that lies in overflow pages. */
const overflowLength = 24

/** A database: pad u32, flags u16, depth u16, four counts u64, root u64. */
export const databaseLength = 48
/** Flags of databases; LMDB keeps some of the environment's above them in the first record. */
const databaseFlagsMask = 0x7e
const databaseFlagsOffset = 4
const depthOffset = 6
const rootOffset = 40
const noPage = 0xffff_ffff_ffff_ffffn
/** What a database is: the one of free pages (keys are u64), the one of names, or one of those named. */
const DatabaseFlags = { free: 8, names: 0, named: 0 } as const
type DatabaseKind = keyof typeof DatabaseFlags
/** The databases of a store, by name. A file that names others is somebody else's. */
export const databases = ['meta', 'state', 'code', 'trie', 'log', 'index'] as const

/** LMDB's cursors have room for this many levels. */
const maxDepth = 32

/** Reads the pages that a data file's trees reach and refuses what LMDB would stumble over. */
export class PageChecker {
  readonly #file: number
  readonly #path: string
  readonly #pageSize: number
  readonly #lastPage: number
  readonly #txn: bigint
  readonly #seen: Uint8Array
  readonly #freeLists: Buffer[] = []

  /** @param txn number of the last transaction */
  constructor(file: number, path: string, pageSize: number, lastPage: number, txn: bigint) {
    this.#txn = txn
    this.#file = file
    this.#path = path
    this.#pageSize = pageSize
    this.#lastPage = lastPage
    this.#seen = new Uint8Array(lastPage + 1)
  }

  #refuse(page: number | bigint, what: string): never {
    throw corrupt(this.#path, `page ${page} ${what}`)
  }

  #claim(page: bigint, count: number): number {
    if (page < 2n || page + BigInt(count) - 1n > BigInt(this.#lastPage))
      this.#refuse(page, 'is outside the file')
    const first = Number(page)
    for (let at = first; at < first + count; at++) {
      if (this.#seen[at] === 1) this.#refuse(at, 'is used twice')
      this.#seen[at] = 1
    }
    return first
  }

  #read(page: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length)
    if (readSync(this.#file, bytes, 0, length, page * this.#pageSize) !== length)
      this.#refuse(page, 'cannot be read')
    if (bytes.readBigUInt64LE(0) !== BigInt(page)) this.#refuse(page, 'has another number')
    // LMDB writes to a page in place when it is of the transaction that writes, or later.
    if (bytes.readBigUInt64LE(txnOffset) > this.#txn) this.#refuse(page, 'is of no transaction')
    return bytes
  }

  /** Checks both of a header's databases, and all that the second one names. */
  header(free: Buffer, names: Buffer): void {
    this.#database(names, 'names')
    this.#database(free, 'free')
    for (const list of this.#freeLists) this.#freeList(list)
  }

  #database(record: Buffer, kind: DatabaseKind): void {
    const flags = record.readUInt16LE(databaseFlagsOffset)
    const depth = record.readUInt16LE(depthOffset)
    const root = record.readBigUInt64LE(rootOffset)
    if ((flags & databaseFlagsMask) !== DatabaseFlags[kind])
      this.#refuse(root, `begins a tree with flags ${flags}`)
    if (root === noPage) return
    if (depth < 1 || depth > maxDepth) this.#refuse(root, `begins a tree of depth ${depth}`)
    this.#tree(root, depth, kind)
  }

  /** `count (u64) | page numbers`: none of them is part of a tree. A run is its negative length, then its start. */
  #freeList(list: Buffer): void {
    const count = list.length < 8 ? -1n : list.readBigInt64LE(0)
    if (count < 0n || count > BigInt(list.length / 8 - 1))
      this.#refuse(0, `lists ${count} free pages`)
    for (let i = 1; i <= Number(count); i++) {
      const page = list.readBigInt64LE(8 * i)
      const size = page < 0n ? -page : page
      if (size > BigInt(this.#lastPage)) this.#refuse(page, 'is listed as free')
      if (page > 0n && this.#seen[Number(page)] === 1) this.#refuse(page, 'is free and used')
    }
  }

  #tree(number: bigint, depth: number, kind: DatabaseKind): void {
    const page = this.#claim(number, 1)
    const bytes = this.#read(page, this.#pageSize)
    const flags = bytes.readUInt16LE(flagsOffset)
    if (flags !== (depth === 1 ? PageFlag.leaf : PageFlag.branch))
      this.#refuse(page, `has flags ${flags} at height ${depth}`)
    const lower = bytes.readUInt16LE(lowerOffset)
    const upper = bytes.readUInt16LE(upperOffset)
    const body = bytes.subarray(headerLength)
    const fewest = depth === 1 ? 2 : 4
    if (lower % 2 !== 0 || lower < fewest || lower > upper || upper > body.length)
      this.#refuse(page, `has bounds ${lower} and ${upper}`)
    let last: Buffer | undefined
    for (let at = 0; at < lower; at += 2) {
      const start = body.readUInt16LE(at)
      if (start < upper || start + nodeLength > body.length)
        this.#refuse(page, `has a node at ${start}`)
      const node = body.subarray(start)
      const keyEnd = nodeLength + node.readUInt16LE(6)
      if (keyEnd > node.length) this.#refuse(page, 'has a key past its end')
      // The first key of a branch is not looked at.
      const key = node.subarray(nodeLength, keyEnd)
      if (depth === 1 || at > 0) {
        if (kind === 'free') {
          if (key.length !== 8) this.#refuse(page, `has a key of ${key.length} bytes`)
          key.reverse()
        }
        if (last !== undefined && Buffer.compare(last, key) >= 0)
          this.#refuse(page, 'has keys out of order')
        last = key
      }
      if (depth === 1) this.#leaf(page, node, keyEnd, kind)
      else this.#tree(childOf(node), depth - 1, kind)
    }
  }

  #leaf(page: number, node: Buffer, keyEnd: number, kind: DatabaseKind): void {
    const size = node.readUInt32LE(0)
    const flags = node.readUInt16LE(4)
    const isOverflow = flags === NodeFlag.overflow
    if (keyEnd + (isOverflow ? overflowLength : size) > node.length)
      this.#refuse(page, 'has data past its end')
    const expected = kind === 'names' ? NodeFlag.database : 0
    if (isOverflow && kind !== 'names') {
      if (node.readBigUInt64LE(keyEnd + 8) > this.#txn)
        this.#refuse(page, 'has data of no transaction')
      this.#overflow(node.readBigUInt64LE(keyEnd), size, kind)
      return
    }
    if (flags !== expected) this.#refuse(page, `has a node with flags ${flags}`)
    const data = node.subarray(keyEnd, keyEnd + size)
    if (kind === 'free') this.#freeLists.push(Buffer.from(data))
    if (kind !== 'names') return
    // LMDB ends a database's name with a zero. Others are not opened, so they need not be sound.
    const name = node.subarray(nodeLength, keyEnd - 1).toString('latin1')
    if (!(databases as readonly string[]).includes(name)) return
    if (size !== databaseLength) this.#refuse(page, `has a database record of ${size} bytes`)
    this.#database(data, 'named')
  }

  #overflow(number: bigint, size: number, kind: DatabaseKind): void {
    const count = Math.ceil((headerLength + size) / this.#pageSize)
    const page = this.#claim(number, count)
    const header = this.#read(page, headerLength)
    if (header.readUInt16LE(flagsOffset) !== PageFlag.overflow)
      this.#refuse(page, 'is no overflow page')
    if (header.readUInt32LE(lowerOffset) !== count) this.#refuse(page, 'has another length')
    if (kind === 'free')
      this.#freeLists.push(this.#read(page, headerLength + size).subarray(headerLength))
  }
}

/** A branch's node: the page number in place of data size and flags. */
function childOf(node: Buffer): bigint {
  return BigInt(node.readUInt32LE(0)) | (BigInt(node.readUInt16LE(4)) << 32n)
}
