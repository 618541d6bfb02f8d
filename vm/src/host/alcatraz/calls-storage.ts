import { concatBytes } from '../../bits/octets.ts'
import { behind, entryKey, Field } from '../../state/key.ts'
import { maxSlotLength } from '../../state/limits.ts'
import {
  CallEnd,
  type CallHandler,
  charge,
  type HostCall,
  none,
  readGuest,
  readType,
} from './call.ts'
import { wordsAt } from './words.ts'

/** Gas for each removed entry that is passed, and for 8 bytes of the key that is found. */
const passedPrice = 1000
const keyWordPrice = 2
const nextWords = 6

const next: CallHandler = (context, at) => {
  const words = wordsAt(context, at, nextWords)
  if (words === undefined) return CallEnd.trap
  const [prefixAt, prefixLength, afterAt, afterLength, target, capacity] = words
  const { journal, machine, message } = context
  const slot = readGuest(context, prefixAt, prefixLength, maxSlotLength)
  const after = readGuest(context, afterAt, afterLength, maxSlotLength)
  if (slot === undefined || after === undefined) return CallEnd.trap
  const own = entryKey(message.self, Field.storage)
  const prefix = concatBytes(own, slot)
  const first = afterAt === 0n ? prefix : behind(concatBytes(own, after))
  let paid = true
  const key = journal.next(prefix, first, () => {
    paid &&= charge(context, passedPrice)
    return paid
  })
  if (!paid) return CallEnd.outOfGas
  if (key === undefined) return none
  const found = key.slice(own.length)
  if (!charge(context, Math.ceil(found.length / 8) * keyWordPrice)) return CallEnd.outOfGas
  const copied = capacity < BigInt(found.length) ? Number(capacity) : found.length
  if (copied > 0 && !machine.memory.write(target, found.slice(0, copied))) return CallEnd.trap
  return BigInt(found.length)
}

/** Going through the slots of a contract. */
export const storageCalls: readonly HostCall[] = [
  {
    name: 'az_next',
    args: [['block', readType]],
    returns: 'u64',
    cost: { base: 3000 },
    doc: `Finds the next slot of this contract, in the order of bytes. The block is six u64: address and length of what its key begins with, address and length of the key that it is behind (address 0: find the first), address for the first bytes of its key, and how many there is room for. Answers the full length of the key, or ~0 if there is none. Costs ${passedPrice} more for each entry on the way that this block removed, and ${keyWordPrice} for each started 8 bytes of the key.`,
    run: next,
  },
]
