import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { StoreError } from 'alcatraz-vm/state'
import { foreign } from './problems.ts'

/** Names the process that writes. */
export const writerFile = 'writer.lock'

export function storeMissing(folder: string): StoreError {
  return new StoreError('missing', `there is no store in ${folder}`, 'Check the path.')
}

/**
 * What is in a folder for a store, which is made unless it is only to be read.
 * @throws {StoreError} `notAFolder`, `missing`; system errors as they are
 */
export function folderNames(folder: string, readOnly: boolean): string[] {
  if (!existsSync(folder)) {
    if (readOnly) throw storeMissing(folder)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  }
  if (!statSync(folder).isDirectory())
    throw new StoreError('notAFolder', `${folder} is a file`, 'Name a folder for the store.')
  return readdirSync(folder)
}

/** @throws {StoreError} `foreign` when the folder of a new store is not empty */
export function refuseStrangers(
  folder: string,
  names: readonly string[],
  ours: ReadonlySet<string>,
): void {
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

/** The process that writes to the folder, unless it is gone. */
export function writerOf(folder: string): number | undefined {
  const path = join(folder, writerFile)
  if (lockedPaths.has(path)) return process.pid
  const owner = ownerOf(path)
  if (owner === undefined || owner.pid === process.pid || !isAlive(owner.pid)) return undefined
  const start = startOf(owner.pid)
  // The number of a process that is gone may belong to another one now.
  return start === undefined || owner.start === '' || start === owner.start ? owner.pid : undefined
}

/**
 * Makes this process the folder's writer; a lock left by a process that is gone is taken over. Two
 * processes that take over in the same instant may both go on: the store's own check of heights
 * then refuses the second commit.
 * @returns what gives the lock back
 * @throws {StoreError} `locked`; system errors as they are
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, writerFile)
  const mine = `${process.pid} ${startOf(process.pid) ?? ''}`
  try {
    writeFileSync(path, mine, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const writer = writerOf(folder)
    if (writer !== undefined) throw lockedBy(folder, writer)
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
