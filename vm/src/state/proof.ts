import { ByteWriter, cursorOf, readU8 } from '../bits/bytes.ts'
import { DecodeError, InputError } from '../bits/errors.ts'
import { equalBytes } from '../bits/octets.ts'
import { expectEnd, expectVersion, readBlob, readCopy, writeBlob } from '../bits/record.ts'
import type { StateReader } from './accounts.ts'
import type { Hasher } from './hasher.ts'
import { entryOf, stateKey, stateKeyLength } from './key.ts'
import { addressLength, maxSlotLength, maxValueLength } from './limits.ts'
import type { StateTrie } from './trie.ts'
import { bitAt, branchHash, keyOfLeaf, leafNode, zeroHash } from './trie-page.ts'

/** What of a state shows the value, or the absence, of one entry to somebody who knows the root alone. */
export interface StateProof {
  /** `entryKey` of what is proved. */
  readonly key: Uint8Array
  /** `undefined`: the entry is absent. */
  readonly value: Uint8Array | undefined
  /** For an absent entry: the 64 octets of the only leaf in its place, if there is one. */
  readonly other: Uint8Array | undefined
  /**
   * Hashes of the other halves, from the root down: at most 248. D.2 leaves the first bit of a left half out of
   * what it hashes, so here that bit is 0: each fact has one proof.
   */
  readonly siblings: readonly Uint8Array[]
}

/** A proof that is well-formed and wrong. */
export class ProofError extends InputError {}

const proofVersion = 1
const maxSiblings = 8 * stateKeyLength
const End = { absent: 0, value: 1, other: 2 } as const

/**
 * The proof of an entry in the state that `trie` is of.
 * @param state where the value is read; of the same height as the trie
 * @throws {StoreError} `corrupt`
 * @throws {DecodeError} `badEntryKey`
 * @throws {ProofError} `wrongRoot` when state and trie are not of one height, or the value is damaged
 */
export function proveEntry(
  hasher: Hasher,
  trie: StateTrie,
  state: StateReader,
  key: Uint8Array,
): StateProof {
  entryOf(key)
  const value = state.get(key)
  const at = stateKey(hasher, key)
  const { siblings, leaf } = trie.path(at)
  const proof = {
    key: key.slice(),
    value,
    other: value === undefined ? leaf : undefined,
    siblings: siblings.map((hash, depth) =>
      bitAt(at, depth) === 1 ? withoutFirstBit(hash) : hash,
    ),
  }
  checkProof(hasher, proof, trie.root())
  return proof
}

function withoutFirstBit(hash: Uint8Array): Uint8Array {
  const cleared = hash.slice()
  cleared[0] = cleared[0]! & 0x7f
  return cleared
}

/** The root that a proof leads to. @throws {ProofError} `sameLeaf`, `strayLeaf`, `looseBit` */
export function rootOfProof(
  hasher: Hasher,
  { key, value, other, siblings }: StateProof,
): Uint8Array {
  const path = stateKey(hasher, key)
  let hash = zeroHash
  if (value !== undefined) hash = hasher.blake2b(leafNode(hasher, path, value))
  else if (other !== undefined) {
    const found = keyOfLeaf(other)
    if (equalBytes(found, path))
      throw new ProofError('sameLeaf', 'what is said to be absent has a leaf')
    for (let depth = 0; depth < siblings.length; depth++)
      if (bitAt(found, depth) !== bitAt(path, depth))
        throw new ProofError('strayLeaf', 'the other leaf has another place', { offset: depth })
    hash = hasher.blake2b(other)
  }
  for (let depth = siblings.length - 1; depth >= 0; depth--) {
    const sibling = siblings[depth]!
    const isLeft = bitAt(path, depth) === 1
    if (isLeft && bitAt(sibling, 0) === 1)
      throw new ProofError('looseBit', 'a left half with a bit that is not hashed', {
        offset: depth,
      })
    hash = isLeft ? branchHash(hasher, sibling, hash) : branchHash(hasher, hash, sibling)
  }
  return hash
}

/**
 * Does the proof show its entry in the state with this root. Needs no store.
 * @param key what is to be proved, if the proof is not to say that itself
 * @returns the value, `undefined` for an entry that is absent
 * @throws {ProofError} `wrongRoot`, `wrongKey`, `sameLeaf`, `strayLeaf`, `looseBit`
 */
export function checkProof(
  hasher: Hasher,
  proof: StateProof,
  root: Uint8Array,
  key: Uint8Array = proof.key,
): Uint8Array | undefined {
  if (!equalBytes(key, proof.key)) throw new ProofError('wrongKey', 'the proof is of another entry')
  if (!equalBytes(rootOfProof(hasher, proof), root))
    throw new ProofError('wrongRoot', 'the proof leads to another root')
  return proof.value?.slice()
}

/**
 * `version (u8) | entry key (blob) | end (u8) | value (blob) or other leaf (64) | depth (u8) | present |
 * siblings`. `end` is 0 for nothing in the entry's place, 1 for its value, 2 for another leaf. `depth` counts the
 * siblings, from the root down; `present` has a bit for each, the first the most significant, 0 for a sibling of 32
 * zero bytes, which is left out. Numbers are little-endian; a blob is its length (u32) and its bytes.
 */
export function encodeProof({ key, value, other, siblings }: StateProof): Uint8Array {
  const writer = new ByteWriter().u8(proofVersion)
  writeBlob(writer, key)
  if (value !== undefined) writeBlob(writer.u8(End.value), value)
  else if (other !== undefined) writer.u8(End.other).bytes(other)
  else writer.u8(End.absent)
  writer.u8(siblings.length)
  const isPresent = siblings.map((hash) => !equalBytes(hash, zeroHash))
  for (let at = 0; at < siblings.length; at += 8) {
    let octet = 0
    for (let bit = 0; bit < 8; bit++) if (isPresent[at + bit] === true) octet |= 0x80 >> bit
    writer.u8(octet)
  }
  for (const [at, hash] of siblings.entries()) if (isPresent[at] === true) writer.bytes(hash)
  return writer.finish()
}

const maxKeyLength = addressLength + 1 + maxSlotLength

function refuse(code: string, message: string, offset: number, value: number): never {
  throw new DecodeError(code, message, { offset, value })
}

/**
 * The inverse of `encodeProof`; accepts nothing else. Whether it proves anything is `checkProof`'s question.
 * @throws {DecodeError} `badVersion`, `badEntryKey`, `unknownKind`, `badLeaf`, `badDepth`, `badSibling`,
 * `tooLong`, `truncated`, `trailingBytes`
 */
export function decodeProof(bytes: Uint8Array): StateProof {
  const cursor = cursorOf(bytes)
  expectVersion(readU8(cursor), proofVersion, 'proof')
  const key = readBlob(cursor, maxKeyLength)
  entryOf(key)
  const endAt = cursor.at
  const end = readU8(cursor)
  if (end > End.other) refuse('unknownKind', `no proof has end ${end}`, endAt, end)
  const value = end === End.value ? readBlob(cursor, maxValueLength) : undefined
  const leafAt = cursor.at
  const other = end === End.other ? readCopy(cursor, 64) : undefined
  if (other !== undefined && !isLeaf(other))
    refuse('badLeaf', 'no leaf begins so', leafAt, other[0]!)
  const depthAt = cursor.at
  const depth = readU8(cursor)
  if (depth > maxSiblings) refuse('badDepth', `${depth} siblings`, depthAt, depth)
  const presentAt = cursor.at
  const present = readCopy(cursor, (depth + 7) >> 3)
  for (let bit = depth; bit < 8 * present.length; bit++)
    if (bitAt(present, bit) === 1)
      refuse('badSibling', `sibling ${bit} of ${depth}`, presentAt, bit)
  const siblings: Uint8Array[] = []
  for (let bit = 0; bit < depth; bit++) {
    const at = cursor.at
    const hash = bitAt(present, bit) === 1 ? readCopy(cursor, 32) : zeroHash.slice()
    if (bitAt(present, bit) === 1 && equalBytes(hash, zeroHash))
      refuse('badSibling', 'a sibling of zeros is left out', at, bit)
    siblings.push(hash)
  }
  expectEnd(cursor)
  return { key, value, other, siblings }
}

/** The first octet of a leaf: `0b10`, and a length of at most 32; or `0b11` and zeros (Gray Paper, D.2). */
function isLeaf(node: Uint8Array): boolean {
  const first = node[0]!
  return first === 0xc0 || (first >= 0x80 && first <= 0xa0)
}
