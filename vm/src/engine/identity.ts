import { equalBytes } from '../bits/octets.ts'
import type { Program } from '../vm/program.ts'
import { emitterVersion } from './emitter-version.ts'
import { givenIr } from './lifted.ts'
import { pack } from './packed.ts'

/** Everything that determines a program's lifted and generated code. */
export interface Identity {
  /** What is no octet string, as JSON. */
  readonly text: string
  readonly parts: readonly Uint8Array[]
  /** Equal for equal identities; different ones may share it: compare. */
  readonly hash: string
}

const octets = (view: ArrayBufferView): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength)

/**
 * Names of places, names of entries, registers at entries and the contents of data are left out: no
 * code depends on them.
 * Whatever else a program has, or will have, is in: at worst equal code is made twice.
 * @example sameIdentity(identityOf(program), identityOf({ ...program })) // true
 */
export function identityOf(program: Program): Identity {
  const { exports, memory, symbols: _, ...rest } = program
  const { segments: __, ...plan } = memory
  const parts: Uint8Array[] = []
  const plain: [string, unknown][] = [
    ['emitter', emitterVersion],
    ['entries', [...exports.values()].sort((x, y) => x - y)],
    ['memory', plan],
  ]
  for (const name of Object.keys(rest).sort()) {
    if (name === 'start') continue
    const value: unknown = Reflect.get(rest, name)
    if (ArrayBuffer.isView(value)) parts.push(octets(value))
    plain.push([name, ArrayBuffer.isView(value) ? value.byteLength : value])
  }
  const ir = givenIr(program)
  if (ir !== undefined) {
    const { memory: ___, ...code } = ir
    parts.push(pack(code))
  }
  const text = JSON.stringify(plain, (_key, value: unknown) => {
    if (value instanceof Map) return [...value]
    return typeof value === 'bigint' ? `${value}n` : value
  })
  return { text, parts, hash: hashOf(text, parts) }
}

/** Two multiplicative hashes of 32 bits: to find candidates, not to tell programs apart. */
function hashOf(text: string, parts: readonly Uint8Array[]): string {
  let a = 0x811c9dc5
  let b = text.length | 0
  const take = (word: number): void => {
    a = Math.imul(a ^ word, 0x01000193)
    a ^= a >>> 15
    b = (Math.imul(b, 0x2c1b3c6d) + word) | 0
  }
  for (let i = 0; i < text.length; i++) take(text.charCodeAt(i))
  for (const part of parts) {
    const whole = part.length & -4
    const at = part.byteOffset % 4 === 0 ? part : part.slice(0, whole)
    const words = new Int32Array(at.buffer, at.byteOffset, whole / 4)
    for (let i = 0; i < words.length; i++) take(words[i]!)
    for (let i = whole; i < part.length; i++) take(part[i]!)
  }
  return `${(a >>> 0).toString(16)}-${(b >>> 0).toString(16)}`
}

/** @example sameIdentity(identityOf(program), identityOf({ ...program, gas: 'none' })) // false */
export function sameIdentity(a: Identity, b: Identity): boolean {
  if (a.hash !== b.hash || a.text !== b.text || a.parts.length !== b.parts.length) return false
  return a.parts.every((part, i) => equalBytes(part, b.parts[i]!))
}
