import { fromHex, toHex } from 'alcatraz-vm'
import { blsGroups, blsPairing } from '#vm/host/solana/crypto/bls12381'
import { bn254Operations } from '#vm/host/solana/crypto/bn254'
import { isOnCurve, verifyStrict } from '#vm/host/solana/crypto/ed25519'
import { edwardsGroup, ristrettoGroup, type SummingGroup } from '#vm/host/solana/crypto/groups25519'
import { createProgramAddress, findProgramAddress } from '#vm/host/solana/crypto/pda'
import { poseidon } from '#vm/host/solana/crypto/poseidon'
import { isPrecompile, verifyPrecompile } from '#vm/host/solana/crypto/precompiles'
import { recoverSecp256k1 } from '#vm/host/solana/crypto/secp256k1'
import { programIds } from '#vm/host/solana/ids'

/** Bytes as a question has them: hex, or `-` for none. */
export const field = (bytes: Uint8Array): string => (bytes.length === 0 ? '-' : toHex(bytes))
const bytesOf = (text: string): Uint8Array => (text === '-' ? new Uint8Array(0) : fromHex(text))

const okOr = (bytes: Uint8Array | undefined): string =>
  bytes === undefined ? 'err' : `ok ${field(bytes)}`

type Answer = (fields: readonly string[]) => string

function group25519(name: string, group: SummingGroup): Readonly<Record<string, Answer>> {
  return {
    [`${name}_validate`]: ([element = '']) => String(group.isElement(bytesOf(element))),
    [`${name}_add`]: ([l = '', r = '']) => okOr(group.add(bytesOf(l), bytesOf(r))),
    [`${name}_sub`]: ([l = '', r = '']) => okOr(group.subtract(bytesOf(l), bytesOf(r))),
    [`${name}_mul`]: ([s = '', e = '']) => okOr(group.multiply(bytesOf(s), bytesOf(e))),
    [`${name}_msm`]: ([s = '', e = '']) => okOr(group.multiplySum(bytesOf(s), bytesOf(e))),
  }
}

/** By the number that the syscall has for it, without the bit that says little-endian. */
const bnOperations = new Map([
  [0, bn254Operations.addG1],
  [2, bn254Operations.multiplyG1],
  [3, bn254Operations.pairing],
  [4, bn254Operations.addG2],
  [6, bn254Operations.multiplyG2],
])
const bnCodings = new Map([
  [0, bn254Operations.compressG1],
  [1, bn254Operations.decompressG1],
  [2, bn254Operations.compressG2],
  [3, bn254Operations.decompressG2],
])

function bnAnswer(operations: typeof bnOperations): Answer {
  return ([op = '', input = '']) => {
    const code = Number(op)
    const run = operations.get(code & 0x7f)
    if (run === undefined) return 'bad op'
    return okOr(run(bytesOf(input), code >= 0x80 ? 'little' : 'big'))
  }
}

function blsAnswer(name: 'g1' | 'g2'): Answer {
  return ([op = '', endian = '', first = '', second = '']) => {
    const group = blsGroups[endian === 'be' ? 'big' : 'little'][name]
    const [left, right] = [bytesOf(first), bytesOf(second)]
    switch (op) {
      case 'validate':
        return String(group.isElement(left))
      case 'add':
        return okOr(group.add(left, right))
      case 'sub':
        return okOr(group.subtract(left, right))
      case 'mul':
        return okOr(group.multiply(left, right))
      default:
        return okOr(group.decompress(left))
    }
  }
}

const words: Readonly<Record<string, Answer>> = {
  ...group25519('ed', edwardsGroup),
  ...group25519('ri', ristrettoGroup),
  bn: bnAnswer(bnOperations),
  bc: bnAnswer(bnCodings),
  g1: blsAnswer('g1'),
  g2: blsAnswer('g2'),
  pairing: ([endian = '', g1 = '', g2 = '']) =>
    okOr(blsPairing(bytesOf(g1), bytesOf(g2), endian === 'be' ? 'big' : 'little')),
  poseidon: ([endian = '', padded = '', ...inputs]) =>
    okOr(poseidon(inputs.map(bytesOf), endian === '0' ? 'big' : 'little', padded === '1')),
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
