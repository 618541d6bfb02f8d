import { createHash, randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  futimesSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  type Stats,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { DigestBuffer } from './digest.ts'
import type { Identity } from './identity.ts'
import type { ArtifactStore, StoreCounts } from './stored.ts'

/** Octets of artifacts in a folder before the least recently used ones go: some 100 programs of 100 KB. */
const defaultBytes = 256 << 20
/** Changes whenever the layout of a file does. */
const magic = Buffer.from('ALCZART1')
const keyBytes = 32
/** Magic, key, digest of what follows, then the artifact; a multiple of 8. */
const headBytes = magic.length + keyBytes + 8
const suffix = '.artifact'
/** A temporary file that is older was left behind by a process that died; milliseconds. */
const staleAfter = 3_600_000

export interface DiskStoreOptions {
  /** Octets that the folder may hold. */
  readonly bytes?: number
}

/** Ours alone: no other user may have written it, or read what contracts do. */
function isOwn(stats: Stats): boolean {
  const uid = process.getuid?.()
  // Windows has no such bits; the folder of a user's profile is that user's
  return uid === undefined || (stats.uid === uid && (stats.mode & 0o077) === 0)
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

function keyOf(identity: Identity): Buffer {
  const hash = createHash('sha256').update(identity.text)
  for (const part of identity.parts) hash.update('\0').update(part)
  return hash.digest()
}

function headOf(key: Buffer, digest: bigint): Buffer {
  const last = Buffer.alloc(8)
  last.writeBigUInt64LE(digest)
  return Buffer.concat([magic, key, last])
}

/** Artifacts as files of a folder that belongs to this user alone. */
class DiskStore implements ArtifactStore {
  readonly #folder: string
  readonly #most: number
  readonly #usable: boolean
  readonly #buffer = new DigestBuffer()
  readonly #counts = { hits: 0, misses: 0, refused: 0, saved: 0, failed: 0, evictions: 0 }
  /** Octets in the folder, as far as this process knows; undefined before it looked. */
  #size: number | undefined

  constructor(folder: string, options: DiskStoreOptions) {
    this.#folder = folder
    this.#most = options.bytes ?? defaultBytes
    this.#usable = this.#open()
    if (!this.#usable) this.#counts.refused++
  }

  get counts(): StoreCounts {
    return { ...this.#counts }
  }

  #open(): boolean {
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
      const stats = lstatSync(this.#folder)
      return stats.isDirectory() && isOwn(stats)
    } catch {
      return false
    }
  }

  load(identity: Identity): Uint8Array | undefined {
    if (!this.#usable) return undefined
    const key = keyOf(identity)
    try {
      const octets = this.#read(join(this.#folder, `${key.toString('hex')}${suffix}`), key)
      this.#counts[octets === undefined ? 'refused' : 'hits']++
      return octets
    } catch (error) {
      this.#counts[isMissing(error) ? 'misses' : 'refused']++
      return undefined
    }
  }

  /** The artifact in a file, or undefined when anything about the file is not as it was written. */
  #read(path: string, key: Buffer): Uint8Array | undefined {
    const file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
    try {
      const stats = fstatSync(file)
      if (!stats.isFile() || !isOwn(stats)) return undefined
      if (stats.size < headBytes || stats.size > this.#most) return undefined
      const head = Buffer.alloc(headBytes)
      const length = stats.size - headBytes
      const octets = this.#buffer.room(length)
      if (!readAll(file, head, 0) || !readAll(file, octets, headBytes)) return undefined
      if (!head.equals(headOf(key, this.#buffer.of(length)))) return undefined
      touch(file)
      return octets
    } finally {
      closeSync(file)
    }
  }

  save(identity: Identity, octets: Uint8Array): void {
    const size = headBytes + octets.length
    if (!this.#usable || size > this.#most) return
    const key = keyOf(identity)
    const path = join(this.#folder, `${key.toString('hex')}${suffix}`)
    const temporary = join(this.#folder, `${randomBytes(12).toString('hex')}.tmp`)
    try {
      const file = openSync(temporary, 'wx', 0o600)
      try {
        this.#buffer.room(octets.length).set(octets)
        writeAll(file, headOf(key, this.#buffer.of(octets.length)))
        writeAll(file, octets)
      } finally {
        closeSync(file)
      }
      renameSync(temporary, path)
      this.#counts.saved++
      this.#evict(size, path)
    } catch {
      this.#counts.failed++
      remove(temporary)
    }
  }

  /** Removes the files that were used longest ago until the folder is within its bound. */
  #evict(added: number, latest: string): void {
    this.#size = this.#size === undefined ? undefined : this.#size + added
    if (this.#size !== undefined && this.#size <= this.#most) return
    const files = this.#files()
    let size = files.reduce((sum, file) => sum + file.size, 0)
    for (const file of files) {
      if (size <= this.#most) break
      if (file.path === latest) continue
      if (!remove(file.path)) continue
      size -= file.size
      this.#counts.evictions++
    }
    this.#size = size
  }

  /** Artifacts in the folder, the least recently used first; removes what dead processes left. */
  #files(): { readonly path: string; readonly size: number; readonly used: number }[] {
    const found: { path: string; size: number; used: number }[] = []
    for (const name of readdirSync(this.#folder)) {
      const path = join(this.#folder, name)
      try {
        const stats = lstatSync(path)
        if (name.endsWith(suffix)) found.push({ path, size: stats.size, used: stats.mtimeMs })
        else if (name.endsWith('.tmp') && Date.now() - stats.mtimeMs > staleAfter) remove(path)
      } catch (error) {
        // another process removed it first
        if (!isMissing(error)) throw error
      }
    }
    return found.sort((x, y) => x.used - y.used)
  }
}

/** A folder that cannot be written still answers; its files then go by when they were written. */
function touch(file: number): void {
  const now = new Date()
  try {
    futimesSync(file, now, now)
  } catch {
    return
  }
}

function readAll(file: number, into: Uint8Array, from: number): boolean {
  for (let done = 0; done < into.length; ) {
    const count = readSync(file, into, done, into.length - done, from + done)
    if (count === 0) return false
    done += count
  }
  return true
}

function writeAll(file: number, octets: Uint8Array): void {
  for (let done = 0; done < octets.length; )
    done += writeSync(file, octets, done, octets.length - done)
}

function remove(path: string): boolean {
  try {
    unlinkSync(path)
    return true
  } catch {
    return false
  }
}

/**
 * Keeps artifacts in a folder, made with mode 0700 unless it is there. A folder that others can read or
 * write, or that is not the user's, is not used: nothing is found there and nothing saved.
 * @example openArtifactStore('').counts.refused // 1
 */
export function openArtifactStore(folder: string, options: DiskStoreOptions = {}): ArtifactStore {
  return new DiskStore(folder, options)
}
