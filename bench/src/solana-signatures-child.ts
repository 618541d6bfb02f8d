/** `node solana-signatures-child.js COUNT` prints microseconds of each verification of distinct signatures. */
import { generateKeyPairSync, sign } from 'node:crypto'
import { verifyStrict } from './internals.ts'

const count = Number(process.argv[2] ?? 100)
const cases = Array.from({ length: count + 20 }, (_, i) => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const message = new TextEncoder().encode(`message ${i}`)
  const key = Uint8Array.from(publicKey.export({ type: 'spki', format: 'der' }).subarray(-32))
  return { key, message, signature: Uint8Array.from(sign(null, message, privateKey)) }
})
const micros: number[] = []
for (const { key, message, signature } of cases) {
  const start = performance.now()
  const answer = verifyStrict(signature, message, key)
  micros.push((performance.now() - start) * 1000)
  if (answer !== 'ok') throw new Error(`a good signature is ${answer}`)
}
process.stdout.write(`${JSON.stringify(micros.slice(20))}\n`)
