/** `node solana-start-child.js` prints the milliseconds from before the import to the result of a transfer. */
import { type Svm, settle, systemTransfer } from './solana-worlds.ts'

const transaction = systemTransfer(1)
const start = performance.now()
const { LiteSVM } = await import('alcatraz-vm/solana')
const svm = new LiteSVM().withSigverify(false).withBlockhashCheck(false) as unknown as Svm
settle(svm)
const outcome = svm.sendTransaction(transaction)
const ms = performance.now() - start
if (outcome.computeUnitsConsumed?.() !== 150n) throw new Error('the transfer failed')
process.stdout.write(`${ms}\n`)
