import { fromHex, toHex } from 'alcatraz-vm'
import { isOnCurve, verifyStrict } from '#vm/host/solana/crypto/ed25519'
import { createProgramAddress, findProgramAddress } from '#vm/host/solana/crypto/pda'
import { isPrecompile, verifyPrecompile } from '#vm/host/solana/crypto/precompiles'
import { recoverSecp256k1 } from '#vm/host/solana/crypto/secp256k1'
import { programIds } from '#vm/host/solana/ids'

/** Bytes as a question has them: hex, or `-` for none. */
export const field = (bytes: Uint8Array): string => (bytes.length === 0 ? '-' : toHex(bytes))
const bytesOf = (text: string): Uint8Array => (text === '-' ? new Uint8Array(0) : fromHex(text))

const words: Readonly<Record<string, (fields: readonly string[]) => string>> = {
  verify2: ([signature = '', message = '', key = '']) =>
    verifyStrict(bytesOf(signature), bytesOf(message), bytesOf(key)),
  verify1: ([signature = '', message = '', key = '']) =>
    verifyStrict(bytesOf(signature), bytesOf(message), bytesOf(key), { comparePoints: true }),
  precompile: ([name = '', data = '', ...all]) => {
    const programs = new Map([
      ['ed25519', programIds.ed25519],
      ['secp256k1', programIds.secp256k1],
      ['secp256r1', programIds.secp256r1],
    ])
    const program = programs.get(name)
    if (program === undefined || !isPrecompile(program)) return 'unknown'
    return verifyPrecompile(program, bytesOf(data), all.map(bytesOf)) ?? 'ok'
  },
  recover: ([digest = '', id = '', signature = '']) => {
    const key = recoverSecp256k1(bytesOf(digest), BigInt(id), bytesOf(signature))
    if (typeof key !== 'string') return `ok ${toHex(key)}`
    return key === 'InvalidRecoveryId' ? '2' : '3'
  },
  oncurve: ([key = '']) => String(isOnCurve(bytesOf(key))),
  create: ([program = '', ...seeds]) => {
    const address = createProgramAddress(seeds.map(bytesOf), bytesOf(program))
    return typeof address === 'string' ? address : `ok ${toHex(address)}`
  },
  find: ([program = '', ...seeds]) => {
    const { address, bump } = findProgramAddress(seeds.map(bytesOf), bytesOf(program))
    return address === undefined ? 'err' : `ok ${toHex(address)} ${bump}`
  },
}

/**
 * What we answer to a question of the oracle (`oracle/src/main.rs`): a word, then fields.
 * @throws {Error} on a word that no test has
 */
export function answerTo(question: string): string {
  const [word = '', ...fields] = question.split(' ')
  const answer = words[word]
  if (answer === undefined) throw new Error(`no answer to ${word}`)
  return answer(fields)
}
