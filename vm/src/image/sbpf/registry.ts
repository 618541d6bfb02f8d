import { murmur3 } from '../../bits/murmur3.ts'
import { elfErrors, SbpfElfError } from './errors.ts'

/** Syscalls that a program may name: what Agave calls a loader's function registry. */
export interface SyscallRegistry {
  /** In order of registration: the index is the one of `host` exits. */
  readonly names: readonly string[]
  /** By `murmur3` of the name. */
  readonly indexOf: ReadonlyMap<number, number>
}

/**
 * @throws {SbpfElfError} `SymbolHashCollision` when two names have one hash
 * @example syscallRegistry(['abort']).indexOf.get(0xb6fc1a11) // 0
 */
export function syscallRegistry(names: readonly string[]): SyscallRegistry {
  const indexOf = new Map<number, number>()
  const encoder = new TextEncoder()
  for (const [index, name] of names.entries()) {
    const hash = murmur3(encoder.encode(name))
    if (indexOf.has(hash))
      throw new SbpfElfError('SymbolHashCollision', elfErrors.SymbolHashCollision(hash), 0, name)
    indexOf.set(hash, index)
  }
  return { names, indexOf }
}
