import { statfsSync } from 'node:fs'
import { StoreError } from 'alcatraz-vm/state'

/** What the system said: `code` of a Node error, number of an LMDB one, and the text of both. */
interface SystemError {
  readonly code?: string | number
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

export function foreign(path: string, what: string): StoreError {
  return new StoreError(
    'foreign',
    `${path} is not a store of this program: ${what}`,
    'Name an empty or a new folder.',
  )
}

/** The named form of whatever the file system or LMDB threw. */
export function storeError(path: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const { code, message = String(error) } = (error ?? {}) as SystemError
  const text = String(code ?? '')
  const problem = lmdbProblems[text]
  const cutShort = (text === '5' || text === 'EIO') && isFull(path)
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
