import type { Message, Transaction } from './message.ts'

/** Accounts that instructions can name: places are bytes. */
const maxKeys = 256
/** SIMD-0385. */
const v1Limits = { signatures: 12, keys: 64, instructions: 64, minHeap: 0x8000, maxHeap: 0x4_0000 }

/** Instructions name programs among `programs` accounts but never the first, and accounts among `accounts`. */
function instructionsFit(message: Message, programs: number, accounts: number): boolean {
  for (const { programIdIndex, accounts: places } of message.instructions) {
    if (programIdIndex === 0 || programIdIndex >= programs) return false
    for (let i = 0; i < places.length; i++) if (places[i]! >= accounts) return false
  }
  return true
}

function v1Fits({ config: { heapBytes }, keys, ...message }: Message): boolean {
  if (message.requiredSignatures > v1Limits.signatures) return false
  if (message.instructions.length > v1Limits.instructions) return false
  if (keys.length > v1Limits.keys) return false
  if (new Set(keys.map(({ key }) => key)).size !== keys.length) return false
  if (heapBytes === undefined) return true
  return heapBytes % 1024 === 0 && heapBytes >= v1Limits.minHeap && heapBytes <= v1Limits.maxHeap
}

/** Do counts and places within the message agree (solana-message, `sanitize`). */
function messageFits(message: Message): boolean {
  const { requiredSignatures, readonlySigned, readonlyUnsigned, lookups } = message
  const statics = message.keys.length
  if (requiredSignatures + readonlyUnsigned > statics) return false
  if (readonlySigned >= requiredSignatures) return false
  let loaded = 0
  for (const { writable, readonly } of lookups) {
    if (writable.length + readonly.length === 0) return false
    loaded += writable.length + readonly.length
  }
  if (message.version === 0 && statics + loaded > maxKeys) return false
  if (message.version === 1 && !v1Fits(message)) return false
  return instructionsFit(message, statics, statics + loaded)
}

/**
 * Is a decoded transaction consistent; one that is not fails with `SanitizeFailure`.
 * One signature for each signer is asked for, and no other.
 */
export function isSane({ signatures, message }: Transaction): boolean {
  if (signatures.length !== message.requiredSignatures) return false
  return messageFits(message)
}
