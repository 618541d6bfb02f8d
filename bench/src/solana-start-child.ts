/** Two folders below the root, `node solana-start-child.js` prints milliseconds of the import, and from `new LiteSVM()` to a transfer. */
import { type Svm, settle, systemTransfer } from './solana-worlds.ts'

const transaction = systemTransfer(1)
const begin = performance.now()
const { LiteSVM } = await import('alcatraz-vm/solana')
const imported = performance.now()
const svm = new LiteSVM().withSigverify(false).withBlockhashCheck(false) as unknown as Svm
settle(svm)
const outcome = svm.sendTransaction(transaction)
const done = performance.now()
if (outcome.computeUnitsConsumed?.() !== 150n) throw new Error('the transfer failed')
process.stdout.write(`${JSON.stringify({ import: imported - begin, first: done - imported })}\n`)
