import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { CliError } from './ui/errors.ts'

const reasons: Readonly<Record<string, readonly [what: string, next: string]>> = {
  ENOENT: ['there is no such file', 'check the path, or list the folder with ls'],
  EISDIR: ['this is a folder, not a file', 'name a file in it'],
  ENOTDIR: ['a part of the path is not a folder', 'check the path'],
  EACCES: ['this may not be read or written by you', 'check the permissions with ls -l'],
  EROFS: ['this file system is read-only', 'choose another folder'],
  ENOSPC: ['the disk is full', 'free some space, then again'],
  EEXIST: ['this exists already', 'choose another name'],
  ERR_FS_FILE_TOO_LARGE: ['this file is larger than 2 GiB', 'name a smaller one'],
}

/** A failure of the file system as something a person can put right. */
export function fileError(path: string, error: unknown): unknown {
  const code = (error as { code?: unknown }).code
  const reason = typeof code === 'string' ? reasons[code] : undefined
  if (reason === undefined) {
    if (typeof code !== 'string') return error
    return new CliError((error as Error).message, { where: path, code })
  }
  return new CliError(reason[0], { where: path, next: reason[1], code: code as string })
}

/** @throws {CliError} when the file cannot be read */
export function readInput(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path === '-' ? 0 : path))
  } catch (error) {
    throw fileError(path, error)
  }
}

/** Writes all or nothing: beside the target first, then renamed. @throws {CliError} */
export function writeOutput(path: string, data: Uint8Array | string): void {
  const beside = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`)
  try {
    writeFileSync(beside, data)
    renameSync(beside, path)
  } catch (error) {
    rmSync(beside, { force: true })
    if ((error as { code?: unknown }).code === 'ENOENT') {
      const next = `mkdir -p ${dirname(path)}`
      throw new CliError('there is no folder to write it into', {
        where: path,
        next,
        code: 'ENOENT',
      })
    }
    throw fileError(path, error)
  }
}
