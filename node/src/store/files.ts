import {
  closeSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { folderNames, refuseStrangers, storeMissing, writerFile, writerOf } from './lock.ts'
import { databaseLength, PageChecker } from './pages.ts'
import { corrupt, newer } from './problems.ts'

/** Names of LMDB's two files. */
export const dataFile = 'data.mdb'
const lockFile = 'lock.mdb'
/** Says which data file was closed whole. */
const markFile = 'closed'
const ours = new Set([dataFile, lockFile, writerFile, markFile])

/** The meta page after its header of 24 bytes: magic, version, address, size, two databases, last page. */
const magicOffset = 24
const versionOffset = magicOffset + 4
const freeOffset = magicOffset + 24
const pageSizeOffset = freeOffset
const mainOffset = freeOffset + databaseLength
const lastPageOffset = mainOffset + databaseLength
const txnOffset = lastPageOffset + 8
const metaLength = txnOffset + 8
const lmdbMagic = 0xbeefc0de
const lmdbVersion = 2

interface Meta {
  readonly pageSize: number
  readonly lastPage: number
  readonly txn: bigint
  /** Records of the databases of free pages and of names. */
  readonly free: Buffer
  readonly main: Buffer
}

function metaOf(page: Buffer, path: string): Meta | undefined {
  if (page.readUInt32LE(magicOffset) !== lmdbMagic) return undefined
  const version = page.readUInt32LE(versionOffset)
  if (version !== lmdbVersion) throw newer(path, `LMDB ${version}`)
  return {
    pageSize: page.readUInt32LE(pageSizeOffset),
    lastPage: Number(page.readBigUInt64LE(lastPageOffset)),
    txn: page.readBigUInt64LE(txnOffset),
    free: Buffer.from(page.subarray(freeOffset, mainOffset)),
    main: Buffer.from(page.subarray(mainOffset, lastPageOffset)),
  }
}

/** The newer of the two headers; `undefined` for a file that LMDB has not begun. */
function readMeta(file: number, folder: string): Meta | undefined {
  const { size } = fstatSync(file)
  // A process that died while it made the file leaves it empty; LMDB begins again.
  if (size === 0) return undefined
  const page = Buffer.alloc(metaLength)
  const read = (at: number): Meta | undefined =>
    readSync(file, page, 0, page.length, at) === page.length ? metaOf(page, folder) : undefined
  const first = read(0)
  if (first === undefined) throw corrupt(folder, `${dataFile} does not begin like a data file`)
  const { pageSize } = first
  if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0)
    throw corrupt(folder, `pages of ${pageSize} bytes`)
  const second = read(pageSize)
  if (second === undefined || second.pageSize !== pageSize)
    throw corrupt(folder, `${dataFile} has no second header`)
  const meta = second.txn > first.txn ? second : first
  if (size < (meta.lastPage + 1) * pageSize)
    throw corrupt(folder, `${dataFile} ends at ${size}, before page ${meta.lastPage} does`)
  return meta
}

/** How often a reader looks again when a writer has changed pages under it. */
const maxLooks = 10

/** What a data file is known again by: whoever changes it changes its time as well. */
function markOf(file: number, meta: Meta): string {
  const { size, mtimeNs, ino } = fstatSync(file, { bigint: true })
  return `${meta.txn} ${size} ${mtimeNs} ${ino}`
}

/** Remembers a data file that was closed whole, so that opening it again need not read all of it. */
export function markClosed(folder: string): void {
  const file = openSync(join(folder, dataFile), 'r')
  try {
    const meta = readMeta(file, folder)
    if (meta !== undefined)
      writeFileSync(join(folder, markFile), markOf(file, meta), { mode: 0o600 })
  } finally {
    closeSync(file)
  }
}

function isMarked(folder: string, mark: string): boolean {
  try {
    return readFileSync(join(folder, markFile), 'latin1') === mark
  } catch {
    return false
  }
}

/**
 * Refuses a data file with which LMDB would kill the process: one that is cut short, or whose pages
 * are not the trees they should be. Reads the trees' pages, in time that is in proportion to the file, unless
 * the file is the very one that this program closed, or has open in another process. Values may still
 * be wrong: the root shows that.
 * @returns false for a file that LMDB has not begun
 * @throws {StoreError} `corrupt`, `newer`
 */
export function checkDataFile(folder: string): boolean {
  const file = openSync(join(folder, dataFile), 'r')
  try {
    for (let look = 1; ; look++) {
      const meta = readMeta(file, folder)
      if (meta === undefined) return false
      if (isMarked(folder, markOf(file, meta))) return true
      if (writerOf(realpathSync(folder)) !== undefined) return true
      try {
        const checker = new PageChecker(file, folder, meta.pageSize, meta.lastPage, meta.txn)
        checker.header(meta.free, meta.main)
        return true
      } catch (error) {
        // Beside a writer, old pages are used again: what was read is not one commit's.
        if (readMeta(file, folder)?.txn === meta.txn) throw error
        if (look === maxLooks) return true
      }
    }
  } finally {
    closeSync(file)
  }
}

/**
 * Makes the folder if it may, and refuses one that holds something else.
 * @throws {StoreError} `notAFolder`, `missing`, `foreign`, `corrupt`, `newer`; system errors as they are
 */
export function prepareFolder(folder: string, readOnly: boolean): void {
  const names = folderNames(folder, readOnly)
  // A file that is not begun ends a process that maps it for reading only.
  if (names.includes(dataFile) && (checkDataFile(folder) || !readOnly)) return
  if (readOnly) throw storeMissing(folder)
  refuseStrangers(folder, names, ours)
}
