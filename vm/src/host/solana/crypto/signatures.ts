import { bytesId } from '../../../bits/octets.ts'
import { verifyStrict } from './ed25519.ts'
import { Memo } from './memo.ts'

/** Answers kept: a transaction that is simulated and then sent is verified once. */
const memoBytes = 1 << 20
/** Longer messages are verified each time; those of transactions are at most 1,232 bytes. */
const longestKept = 2048
const answers = new Memo<boolean>(memoBytes)

/**
 * Does the key sign the message, as transactions are verified: see `verifyStrict`.
 * @param signature 64 bytes @param key 32 bytes
 * @example verifySignature(new Uint8Array(64), new Uint8Array(1), new Uint8Array(32)) // false
 */
export function verifySignature(
  signature: Uint8Array,
  message: Uint8Array,
  key: Uint8Array,
): boolean {
  if (message.length > longestKept) return verifyStrict(signature, message, key) === 'ok'
  const question = bytesId(signature) + bytesId(key) + bytesId(message)
  const known = answers.get(question)
  if (known !== undefined) return known
  const answer = verifyStrict(signature, message, key) === 'ok'
  answers.set(question, answer)
  return answer
}
