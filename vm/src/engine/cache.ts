import type { Program } from '../vm/program.ts'
import type { Artifact, Compiled, Refusal } from './artifact.ts'
import { type Identity, identityOf, sameIdentity } from './identity.ts'

/** What an engine knows of a program's code; one for all equal programs. */
export class ProgramCode {
  readonly identity: Identity
  artifact: Artifact | undefined
  refusal: string | undefined
  origin: 'compiled' | 'worker' | 'disk' | undefined
  /** Milliseconds that the artifact took. */
  emit = 0
  compile = 0
  /** Instructions of this program that were interpreted, on all machines. */
  work = 0
  /** Attempts that failed for a reason that may pass. */
  failures = 0
  /** Compilation was begun elsewhere, or the disk was asked: not to be done twice. */
  pending = false
  asked = false
  /** Octets that a cache counts for it; 0 when it is in none. */
  counted = 0

  constructor(identity: Identity) {
    this.identity = identity
  }

  /** Octets that the cache accounts for: tables and V8's code are some multiple of the module. */
  get size(): number {
    let size = this.identity.text.length
    for (const part of this.identity.parts) size += part.length
    return size + (this.artifact?.bytes ?? 0)
  }
}

/** Artifacts kept ready; the least recently used go first. */
export interface CacheLimits {
  /** Programs. */
  readonly count: number
  /** Octets of their code and modules. */
  readonly bytes: number
}

/** 64 MiB of modules are some 50 programs of 100 KB, or thousands of contracts. */
export const cacheLimits: CacheLimits = { count: 4096, bytes: 64 << 20 }

/** After so many failures for want of memory or stack a program stays with the interpreter. */
const mostFailures = 3

/**
 * Generated code by what determines it: equal programs share theirs, whatever object they are.
 * @example new ArtifactCache({ count: 100, bytes: 1 << 20 }).counts.entries // 0
 */
export class ArtifactCache {
  readonly limits: CacheLimits
  /** In order of use, the latest last. */
  private readonly entries = new Map<string, ProgramCode>()
  private readonly known = new WeakMap<Program, ProgramCode>()
  private bytes = 0
  private evictions = 0
  private last: ProgramCode | undefined

  constructor(limits: CacheLimits = cacheLimits) {
    this.limits = limits
  }

  get counts(): { readonly entries: number; readonly bytes: number; readonly evictions: number } {
    return { entries: this.entries.size, bytes: this.bytes, evictions: this.evictions }
  }

  /** What is known of the program's code; marks it as used. */
  codeOf(program: Program): ProgramCode {
    const known = this.known.get(program)
    if (known !== undefined && known === this.last) return known
    const code = this.find(known ?? new ProgramCode(identityOf(program)))
    if (code !== known) this.known.set(program, code)
    this.last = code
    return code
  }

  /** The entry equal to `wanted`, else `wanted`, which becomes one; it is now the latest. */
  private find(wanted: ProgramCode): ProgramCode {
    let key = wanted.identity.hash
    let found = this.entries.get(key)
    while (found !== undefined && found !== wanted) {
      if (sameIdentity(found.identity, wanted.identity)) break
      key += '+'
      found = this.entries.get(key)
    }
    const code = found ?? wanted
    this.entries.delete(key)
    this.entries.set(key, code)
    this.count(code)
    return code
  }

  private count(code: ProgramCode): void {
    this.bytes += code.size - code.counted
    code.counted = code.size
    this.shrink(code)
  }

  /** Puts what a compilation gave into the entry. */
  settle(code: ProgramCode, result: Compiled | Refusal, origin: 'compiled' | 'worker'): void {
    code.pending = false
    if ('refusal' in result) {
      code.refusal = result.refusal
      code.failures += result.passes ? 1 : mostFailures
      return
    }
    code.emit = result.emit
    code.compile = result.compile
    this.keep(code, result.artifact, origin)
  }

  keep(code: ProgramCode, artifact: Artifact, origin: 'compiled' | 'worker' | 'disk'): void {
    code.artifact = artifact
    code.origin = origin
    code.refusal = undefined
    if (code.counted > 0) this.count(code)
  }

  /** May (another) compilation be tried? */
  mayCompile(code: ProgramCode): boolean {
    return code.artifact === undefined && !code.pending && code.failures < mostFailures
  }

  /** Drops the oldest until the limits hold; `latest` stays, so that it can be used at all. */
  private shrink(latest: ProgramCode): void {
    for (const [key, code] of this.entries) {
      if (this.entries.size <= this.limits.count && this.bytes <= this.limits.bytes) return
      if (code === latest) continue
      this.entries.delete(key)
      this.bytes -= code.counted
      this.evictions++
      code.counted = 0
      code.artifact = undefined
      code.asked = false
    }
  }
}
