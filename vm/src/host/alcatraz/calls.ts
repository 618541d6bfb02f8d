import { balanceOf, transfer } from '../../state/accounts.ts'
import { entryKey, Field } from '../../state/key.ts'
import { addressLength, maxSlotLength, maxValueLength } from '../../state/limits.ts'
import { pageSize } from '../../vm/memory.ts'
import {
  CallEnd,
  type CallHandler,
  type HostCall,
  none,
  readGuest,
  readType,
  writeGuest,
  writtenType,
} from './call.ts'
import { contractCalls } from './calls-contracts.ts'
import { cryptoCalls } from './calls-crypto.ts'
import { storageCalls } from './calls-storage.ts'
import type { CallContext } from './context.ts'
import { maxAnswerLength, maxEventBytes, maxEvents, maxTopics, topicLength } from './limits.ts'
import { compareMemory, fillMemory, moveMemory } from './memory.ts'

export {
  type CallCost,
  CallEnd,
  type CallHandler,
  costOf,
  type HostCall,
  type LinearCost,
  none,
} from './call.ts'

/** Gas for each started 8 bytes of a stored value that `az_get` finds, charged before it is copied. */
export const foundWordPrice = 2

/** Gas for each page of 4096 bytes of memory, initial ones included: zeroing it, and holding it. */
export const pagePrice = 256

function answerWith(kind: 'return' | 'revert'): CallHandler {
  return (context, data, length) => {
    const answer = readGuest(context, data, length, maxAnswerLength)
    if (answer === undefined) return CallEnd.trap
    context.answer = { kind, data: answer }
    return CallEnd.halt
  }
}

function storageKey(context: CallContext, key: bigint, length: bigint): Uint8Array | undefined {
  const slot = readGuest(context, key, length, maxSlotLength)
  return slot && entryKey(context.message.self, Field.storage, slot)
}

/**
 * The host calls of an Alcatraz contract. Arguments are in r1..r4 (eBPF), r0..r3 (AVM) or a0..a3 (PVM), the result in r0 or a0. Prices follow
 * measured time: a gas of plain instructions takes 1.3 to 2.9 ns in `interp`, a gas of these calls
 * 0.1 to 4 ns (2 busy cores, LMDB). Storage writes cost ten times their time, because they stay.
 */
export const alcatrazCalls: readonly HostCall[] = [
  {
    name: 'az_return',
    args: [
      ['data', readType],
      ['len', 'u64'],
    ],
    returns: 'noreturn',
    cost: { base: 100, linear: [{ arg: 1, unit: 8, price: 2 }] },
    doc: 'Ends the message successfully with return data of `len` bytes.',
    run: answerWith('return'),
  },
  {
    name: 'az_revert',
    args: [
      ['data', readType],
      ['len', 'u64'],
    ],
    returns: 'noreturn',
    cost: { base: 100, linear: [{ arg: 1, unit: 8, price: 2 }] },
    doc: 'Ends the message, undoes all it changed, and answers data of `len` bytes.',
    run: answerWith('revert'),
  },
  {
    name: 'az_caller',
    args: [['out32', writtenType]],
    returns: 'void',
    cost: { base: 100 },
    doc: "Writes the caller's address.",
    run: (context, target) => writeGuest(context, target, context.message.caller),
  },
  {
    name: 'az_self',
    args: [['out32', writtenType]],
    returns: 'void',
    cost: { base: 100 },
    doc: "Writes the contract's own address.",
    run: (context, target) => writeGuest(context, target, context.message.self),
  },
  {
    name: 'az_value',
    args: [],
    returns: 'u64',
    cost: { base: 100 },
    doc: 'The amount that came with the message.',
    run: (context) => context.message.value,
  },
  {
    name: 'az_balance',
    args: [['address32', readType]],
    returns: 'u64',
    cost: { base: 2000 },
    doc: 'The balance of an address; 0 for one that was never used.',
    run: (context, at) => {
      const address = context.machine.memory.read(at, addressLength)
      return address === undefined ? CallEnd.trap : balanceOf(context.journal, address)
    },
  },
  {
    name: 'az_transfer',
    args: [
      ['to32', readType],
      ['amount', 'u64'],
    ],
    returns: 'u64',
    cost: { base: 10_000 },
    doc: 'Moves `amount` from the contract to an address: 0, or 1 if the contract has less.',
    run: (context, at, amount) => {
      const to = context.machine.memory.read(at, addressLength)
      if (to === undefined) return CallEnd.trap
      return transfer(context.journal, context.message.self, to, amount) ? 0n : 1n
    },
  },
  {
    name: 'az_get',
    args: [
      ['key', readType],
      ['key_len', 'u64'],
      ['out', writtenType],
      ['cap', 'u64'],
    ],
    returns: 'u64',
    cost: { base: 2000, linear: [{ arg: 1, unit: 8, price: 2 }] },
    doc: `Copies the first \`cap\` bytes of a slot to \`out\`; the full length, or ~0 if absent. Costs ${foundWordPrice} more for each started 8 bytes of the full length.`,
    run: (context, keyAt, keyLength, target, capacity) => {
      const key = storageKey(context, keyAt, keyLength)
      if (key === undefined) return CallEnd.trap
      const value = context.journal.get(key)
      if (value === undefined) return none
      const price = BigInt(Math.ceil(value.length / 8) * foundWordPrice)
      if (context.machine.gas < price) return CallEnd.outOfGas
      context.machine.gas -= price
      const copied = capacity < BigInt(value.length) ? Number(capacity) : value.length
      if (copied > 0 && !context.machine.memory.write(target, value.slice(0, copied)))
        return CallEnd.trap
      return BigInt(value.length)
    },
  },
  {
    name: 'az_set',
    args: [
      ['key', readType],
      ['key_len', 'u64'],
      ['value', readType],
      ['value_len', 'u64'],
    ],
    returns: 'u64',
    cost: {
      base: 10_000,
      linear: [
        { arg: 1, unit: 8, price: 80 },
        { arg: 3, unit: 8, price: 80 },
      ],
    },
    doc: 'Writes a slot; an empty value is a value. Answers 0.',
    run: (context, keyAt, keyLength, valueAt, valueLength) => {
      const key = storageKey(context, keyAt, keyLength)
      if (key === undefined) return CallEnd.trap
      const value = readGuest(context, valueAt, valueLength, maxValueLength)
      if (value === undefined) return CallEnd.trap
      context.journal.set(key, value)
      return 0n
    },
  },
  {
    name: 'az_delete',
    args: [
      ['key', readType],
      ['key_len', 'u64'],
    ],
    returns: 'u64',
    cost: { base: 5000, linear: [{ arg: 1, unit: 8, price: 2 }] },
    doc: 'Removes a slot: 1 if it was there, else 0.',
    run: (context, keyAt, keyLength) => {
      const key = storageKey(context, keyAt, keyLength)
      if (key === undefined) return CallEnd.trap
      if (context.journal.get(key) === undefined) return 0n
      context.journal.set(key, undefined)
      return 1n
    },
  },
  {
    name: 'az_event',
    args: [
      ['topics', readType],
      ['ntopics', 'u64'],
      ['data', readType],
      ['len', 'u64'],
    ],
    returns: 'void',
    cost: {
      base: 1000,
      linear: [
        { arg: 1, unit: 1, price: 320 },
        { arg: 3, unit: 8, price: 80 },
      ],
    },
    doc: 'Leaves an event in the receipt: `ntopics` (at most 4) times 32 bytes, and data.',
    run: (context, topicsAt, count, dataAt, length) => {
      if (count > BigInt(maxTopics) || context.session.events.length >= maxEvents)
        return CallEnd.trap
      const room = maxEventBytes - context.session.eventBytes - Number(count) * topicLength
      if (room < 0) return CallEnd.trap
      const joined = readGuest(
        context,
        topicsAt,
        count * BigInt(topicLength),
        maxTopics * topicLength,
      )
      const data = readGuest(context, dataAt, length, room)
      if (joined === undefined || data === undefined) return CallEnd.trap
      const topics: Uint8Array[] = []
      for (let at = 0; at < joined.length; at += topicLength)
        topics.push(joined.slice(at, at + topicLength))
      context.session.events.push({ address: context.message.self, topics, data })
      context.session.eventBytes += joined.length + data.length
      return 0n
    },
  },
  ...storageCalls,
  ...cryptoCalls,
  {
    name: 'az_grow',
    args: [['pages', 'u64']],
    returns: 'u64',
    cost: { base: 100, linear: [{ arg: 0, unit: 1, price: pagePrice }] },
    doc: 'Adds zeroed pages of 4096 bytes; the old end of memory, or ~0 if that is over the limit.',
    run: (context, pages) => {
      const { memory } = context.machine
      const before = memory.size
      // No memory has more than 2^32 bytes; beyond that the number would lose precision.
      if (pages > 0x10_0000n) return none
      return memory.grow(before + Number(pages) * pageSize) ? BigInt(before) : none
    },
  },
  {
    name: 'az_gas',
    args: [],
    returns: 'u64',
    cost: { base: 100 },
    doc: 'Gas that is left after this call.',
    run: (context) => context.machine.gas,
  },
  ...contractCalls,
  {
    name: 'memcpy',
    args: [
      ['dst', writtenType],
      ['src', readType],
      ['n', 'u64'],
    ],
    returns: 'void *',
    cost: { base: 100, linear: [{ arg: 2, unit: 8, price: 2 }] },
    doc: 'Copies `n` bytes; the ranges may overlap. Answers `dst`.',
    run: moveMemory,
  },
  {
    name: 'memmove',
    args: [
      ['dst', writtenType],
      ['src', readType],
      ['n', 'u64'],
    ],
    returns: 'void *',
    cost: { base: 100, linear: [{ arg: 2, unit: 8, price: 2 }] },
    doc: 'Copies `n` bytes; the ranges may overlap. Answers `dst`.',
    run: moveMemory,
  },
  {
    name: 'memset',
    args: [
      ['dst', writtenType],
      ['byte', 'int'],
      ['n', 'u64'],
    ],
    returns: 'void *',
    cost: { base: 100, linear: [{ arg: 2, unit: 8, price: 2 }] },
    doc: 'Fills `n` bytes with the low 8 bits of `byte`. Answers `dst`.',
    run: fillMemory,
  },
  {
    name: 'memcmp',
    args: [
      ['a', readType],
      ['b', readType],
      ['n', 'u64'],
    ],
    returns: 'int',
    cost: { base: 100, linear: [{ arg: 2, unit: 8, price: 4 }] },
    doc: 'Compares `n` bytes as unsigned numbers: -1, 0 or 1.',
    run: compareMemory,
  },
  {
    name: 'bcmp',
    args: [
      ['a', readType],
      ['b', readType],
      ['n', 'u64'],
    ],
    returns: 'int',
    cost: { base: 100, linear: [{ arg: 2, unit: 8, price: 4 }] },
    doc: 'As `memcmp`; compilers put it where only equality is asked.',
    run: compareMemory,
  },
]
