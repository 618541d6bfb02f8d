import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { StoreError } from 'alcatraz-vm/state'
import { databaseLength, PageChecker } from './pages.ts'
import { corrupt, foreign, newer } from './problems.ts'

/** Names of LMDB's two files. */
export const dataFile = 'data.mdb'
const lockFile = 'lock.mdb'
/** Names the process that writes. */
export const writerFile = 'writer.lock'
const ours = new Set([dataFile, lockFile, writerFile])

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

/**
 * Refuses a data file with which LMDB would kill the process: one that is cut short, or whose pages
 * are not the trees they should be. Reads the trees' pages: time in proportion to the file, less
 * than the state's root takes. Values may still be wrong: the root shows that.
 * @returns false for a file that LMDB has not begun
 * @throws {StoreError} `corrupt`, `newer`
 */
export function checkDataFile(folder: string): boolean {
  const file = openSync(join(folder, dataFile), 'r')
  try {
    for (let look = 1; ; look++) {
      const meta = readMeta(file, folder)
      if (meta === undefined) return false
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
  if (!existsSync(folder)) {
    if (readOnly)
      throw new StoreError('missing', `there is no store in ${folder}`, 'Check the path.')
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  }
  if (!statSync(folder).isDirectory())
    throw new StoreError('notAFolder', `${folder} is a file`, 'Name a folder for the store.')
  const names = readdirSync(folder)
  // A file that is not begun ends a process that maps it for reading only.
  if (names.includes(dataFile) && (checkDataFile(folder) || !readOnly)) return
  if (readOnly) throw new StoreError('missing', `there is no store in ${folder}`, 'Check the path.')
  const strange = names.find((name) => !ours.has(name))
  if (strange !== undefined) throw foreign(folder, `it contains ${strange}`)
}

/** When a process began, in ticks since boot; undefined where the system does not tell (no /proc). */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // Fields after the command's name, which is in parentheses and may contain anything.
    return stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .at(19)
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function ownerOf(path: string): { readonly pid: number; readonly start: string } | undefined {
  try {
    const [pid = '', start = ''] = readFileSync(path, 'latin1').split(' ')
    return /^[1-9][0-9]{0,9}$/.test(pid) ? { pid: Number(pid), start } : undefined
  } catch {
    return undefined
  }
}

const lockedPaths = new Set<string>()

/**
 * Makes this process the folder's writer; a lock left by a process that is gone is taken over. Two
 * processes that take over in the same instant may both go on: the store's own check of heights
 * then refuses the second commit.
 * @returns what gives the lock back
 * @throws {StoreError} `locked`; system errors as they are
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, writerFile)
  if (lockedPaths.has(path)) throw lockedBy(folder, process.pid)
  const mine = `${process.pid} ${startOf(process.pid) ?? ''}`
  try {
    writeFileSync(path, mine, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const owner = ownerOf(path)
    if (owner !== undefined && owner.pid !== process.pid && isAlive(owner.pid)) {
      const start = startOf(owner.pid)
      // The number of a process that is gone may belong to another one now.
      if (start === undefined || owner.start === '' || start === owner.start)
        throw lockedBy(folder, owner.pid)
    }
    writeFileSync(path, mine, { mode: 0o600 })
  }
  lockedPaths.add(path)
  return () => {
    lockedPaths.delete(path)
    if (ownerOf(path)?.pid === process.pid) unlinkSync(path)
  }
}

function lockedBy(folder: string, pid: number): StoreError {
  return new StoreError(
    'locked',
    `process ${pid} is writing to ${folder}`,
    'Wait for it or stop it, or open the store for reading only.',
  )
}
