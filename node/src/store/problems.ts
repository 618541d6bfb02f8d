import { accessSync, constants, statfsSync } from 'node:fs'
import { StoreError } from 'alcatraz-vm/state'

/** What the system said: `code` of a Node error, number of an LMDB one, and the text of both. */
interface SystemError {
  readonly code?: string | number
  /** SQLite's own number. */
  readonly errcode?: number
  readonly message?: string
}

const full = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])
const readOnly = new Set(['EACCES', 'EPERM', 'EROFS'])

/** Less room than this counts as none: LMDB grows its file by pages and needs several per commit. */
const leastRoom = 1024 * 1024

/** LMDB reports a write that was cut short as EIO (5), whether the disk is full or broken. */
function isFull(path: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(path)
    return bavail * bsize < leastRoom
  } catch {
    return false
  }
}

/** LMDB errors carry a number: negative ones are LMDB's own, others are the system's errno. */
const lmdbProblems: Readonly<Record<string, 'full' | 'corrupt' | 'readOnly' | 'newer'>> = {
  '-30792': 'full', // MDB_MAP_FULL
  '-30796': 'corrupt', // MDB_CORRUPTED
  '-30797': 'corrupt', // MDB_PAGE_NOTFOUND
  '-30793': 'corrupt', // MDB_INVALID
  '-30782': 'corrupt', // MDB_BAD_TXN: after one of the above
  '-30794': 'newer', // MDB_VERSION_MISMATCH
  '28': 'full', // ENOSPC
  '122': 'full', // EDQUOT
  '27': 'full', // EFBIG
  '13': 'readOnly', // EACCES
  '1': 'readOnly', // EPERM
  '30': 'readOnly', // EROFS
}

/** Numbers of SQLite, without what they carry above the lowest octet. */
const sqliteProblems: Readonly<Record<number, 'full' | 'corrupt' | 'readOnly'>> = {
  13: 'full', // SQLITE_FULL
  11: 'corrupt', // SQLITE_CORRUPT
  26: 'corrupt', // SQLITE_NOTADB
  1: 'corrupt', // SQLITE_ERROR: a table or column that was there when the file was made
  8: 'readOnly', // SQLITE_READONLY
}
/** SQLITE_IOERR: a write that was cut short looks so, as does a broken disk. */
const sqliteIo = 10
/** SQLITE_CANTOPEN, for a file that this user may not open. */
const sqliteCannotOpen = 14

export function corrupt(path: string, what: string, cause?: unknown): StoreError {
  return new StoreError(
    'corrupt',
    `the store in ${path} is damaged: ${what}`,
    'Restore the folder from a backup, or delete it and begin again.',
    { cause },
  )
}

export function newer(path: string, version: string): StoreError {
  return new StoreError(
    'newer',
    `the store in ${path} has format ${version}, which this version does not know`,
    'Use the newer version of this program that wrote it.',
  )
}

export function older(path: string, version: string): StoreError {
  return new StoreError(
    'older',
    `the store in ${path} has format ${version}, which this version no longer reads`,
    'Use the version of this program that wrote it, or begin anew in another folder.',
  )
}

export function readOnlyStore(path: string): StoreError {
  return new StoreError('readOnly', `${path} was opened for reading only`, 'Open it for writing.')
}

export function foreign(path: string, what: string): StoreError {
  return new StoreError(
    'foreign',
    `${path} is not a store of this program: ${what}`,
    'Name an empty or a new folder.',
  )
}

function sqliteProblem(path: string, number: number): (typeof sqliteProblems)[number] | undefined {
  if (number === sqliteCannotOpen && !isWritable(path)) return 'readOnly'
  return sqliteProblems[number]
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** The named form of whatever the file system, LMDB or SQLite threw. */
export function storeError(path: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const { code, errcode, message = String(error) } = (error ?? {}) as SystemError
  const text = String(code ?? '')
  const sqlite = errcode === undefined ? undefined : errcode & 0xff
  const problem = sqlite === undefined ? lmdbProblems[text] : sqliteProblem(path, sqlite)
  const cutShort = (text === '5' || text === 'EIO' || sqlite === sqliteIo) && isFull(path)
  if (problem === 'full' || full.has(text) || cutShort)
    return new StoreError(
      'full',
      `no room to write to ${path}`,
      'Free space on that disk, then repeat: nothing of the commit was written.',
      { cause: error },
    )
  if (problem === 'readOnly' || readOnly.has(text))
    return new StoreError(
      'readOnly',
      `${path} cannot be written (${message})`,
      'Change its permissions, or open it for reading only.',
      { cause: error },
    )
  if (problem === 'corrupt') return corrupt(path, message, error)
  if (problem === 'newer') return newer(path, message)
  return new StoreError('io', `${path}: ${message}`, 'Check the disk and the path.', {
    cause: error,
  })
}
