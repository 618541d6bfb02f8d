import { codeHashOf, ownerOf, setOwner } from '../../state/accounts.ts'
import { addressLength } from '../../state/limits.ts'
import {
  CallEnd,
  type CallHandler,
  charge,
  type HostCall,
  readGuest,
  readType,
  writeGuest,
  writtenType,
} from './call.ts'
import type { CallContext } from './context.ts'
import { maxInputLength, maxLogBytes } from './limits.ts'
import { CallStatus, type SubMessage } from './session.ts'
import { wordsAt } from './words.ts'

/** Gas for a value that comes with a call, as `az_transfer` takes, and for 8 bytes of its input. */
const valuePrice = 10_000
const inputWordPrice = 2
/** Gas for each started 8 bytes of an answer that is copied. */
const answerWordPrice = 2

/** Words of the argument blocks, u64 little-endian each. */
const callWords = 6
const deployWords = 7

/** Charges for value and input, reads the input: what every message to another contract needs. */
function subMessage(
  context: CallContext,
  value: bigint,
  gas: bigint,
  inputAt: bigint,
  inputLength: bigint,
): SubMessage | CallEnd {
  const input = readGuest(context, inputAt, inputLength, maxInputLength)
  if (input === undefined) return CallEnd.trap
  const price = (value === 0n ? 0 : valuePrice) + Math.ceil(input.length / 8) * inputWordPrice
  if (!charge(context, price)) return CallEnd.outOfGas
  return { value, gas, input }
}

const call: CallHandler = (context, at) => {
  const words = wordsAt(context, at, callWords)
  if (words === undefined) return CallEnd.trap
  const [toAt, value, gas, inputAt, inputLength, flags] = words
  const to = context.machine.memory.read(toAt, addressLength)
  // a flag that has no meaning yet must not be ignored: it will get one
  if (to === undefined || flags > 1n) return CallEnd.trap
  const message = subMessage(context, value, gas, inputAt, inputLength)
  if (typeof message === 'string') return message
  return context.session.call(context, to, message, flags === 1n)
}

const deploy: CallHandler = (context, at) => {
  const words = wordsAt(context, at, deployWords)
  if (words === undefined) return CallEnd.trap
  const [hashAt, value, gas, inputAt, inputLength, saltAt, outAt = 0n] = words
  const { memory } = context.machine
  const hash = memory.read(hashAt, 32)
  const salt = memory.read(saltAt, 32)
  if (hash === undefined || salt === undefined) return CallEnd.trap
  // the address is written at the end: is there room for it
  if (memory.read(outAt, addressLength) === undefined) return CallEnd.trap
  const message = subMessage(context, value, gas, inputAt, inputLength)
  if (typeof message === 'string') return message
  const { address, status } = context.session.deploy(context, hash, salt, message)
  if (status === CallStatus.success && !memory.write(outAt, address)) return CallEnd.trap
  return status
}

const returned: CallHandler = (context, target, offset, capacity) => {
  const { returned: data } = context
  if (offset >= BigInt(data.length)) return BigInt(data.length)
  const start = Number(offset)
  const rest = data.length - start
  const count = capacity < BigInt(rest) ? Number(capacity) : rest
  if (!charge(context, Math.ceil(count / 8) * answerWordPrice)) return CallEnd.outOfGas
  if (count > 0 && !context.machine.memory.write(target, data.slice(start, start + count)))
    return CallEnd.trap
  return BigInt(data.length)
}

/** Writes 32 bytes of an account, or answers 0. */
function accountField(
  read: (context: CallContext, address: Uint8Array) => Uint8Array | undefined,
): CallHandler {
  return (context, addressAt, target) => {
    const address = context.machine.memory.read(addressAt, addressLength)
    if (address === undefined) return CallEnd.trap
    const value = read(context, address)
    if (value === undefined) return 0n
    return writeGuest(context, target, value) === 0n ? 1n : CallEnd.trap
  }
}

const changeOwner: CallHandler = (context, ownerAt) => {
  const owner = context.machine.memory.read(ownerAt, addressLength)
  if (owner === undefined) return CallEnd.trap
  setOwner(context.journal, context.message.self, owner)
  return 0n
}

const log: CallHandler = (context, at, length) => {
  const text = readGuest(context, at, length, maxLogBytes)
  if (text === undefined) return CallEnd.trap
  context.session.log(context.message.self, text)
  return 0n
}

/** Calls, deployments and what a contract learns about accounts and the block. */
export const contractCalls: readonly HostCall[] = [
  {
    name: 'az_call',
    args: [['block', readType]],
    returns: 'u64',
    cost: { base: 10_000 },
    doc: 'Calls a contract. The block is six u64: address of the 32 bytes of its address, value, gas (0: all but a 64th of what is left), address and length of the input, flags (1: this contract may be called again meanwhile). Answers 0: success, 1: it reverted, 2: it trapped, faulted or ran out of gas, 3: refused (no code, no value, too deep, not to be called again). Costs 10000 more with a value, 2 for each started 8 bytes of input, and 4 for each byte of code that is not among the 32 that the transaction ran last (16 MiB at most).',
    run: call,
  },
  {
    name: 'az_deploy',
    args: [['block', readType]],
    returns: 'u64',
    cost: { base: 50_000 },
    doc: 'Puts a contract with stored code at a new address and runs its entry `deploy`. The block is seven u64: address of the 32 bytes of the code hash, value, gas, address and length of the input, address of a 32-byte salt, address for the 32 bytes of the new address, BLAKE2b of (own address, code hash, salt). Answers as `az_call`; 3 also if there is a contract at that address.',
    run: deploy,
  },
  {
    name: 'az_returned',
    args: [
      ['out', writtenType],
      ['offset', 'u64'],
      ['cap', 'u64'],
    ],
    returns: 'u64',
    cost: { base: 100 },
    doc: 'Copies up to `cap` bytes from `offset` of what the last call or deployment answered; its full length. Costs 2 more for each started 8 bytes copied.',
    run: returned,
  },
  {
    name: 'az_code_hash',
    args: [
      ['address32', readType],
      ['out32', writtenType],
    ],
    returns: 'u64',
    cost: { base: 2000 },
    doc: "Writes the hash of an account's code: 1, or 0 if it has none.",
    run: accountField((context, address) => codeHashOf(context.journal, address)),
  },
  {
    name: 'az_owner',
    args: [
      ['address32', readType],
      ['out32', writtenType],
    ],
    returns: 'u64',
    cost: { base: 2000 },
    doc: 'Writes who may replace the code of a contract: 1, or 0 if nobody may.',
    run: accountField((context, address) => ownerOf(context.journal, address)),
  },
  {
    name: 'az_set_owner',
    args: [['owner32', readType]],
    returns: 'u64',
    cost: { base: 10_000 },
    doc: "Makes another account the contract's owner; zeros: nobody, for ever. Answers 0.",
    run: changeOwner,
  },
  {
    name: 'az_height',
    args: [],
    returns: 'u64',
    cost: { base: 100 },
    doc: 'Height of the block that the transaction is in.',
    run: (context) => context.session.world.height,
  },
  {
    name: 'az_time',
    args: [],
    returns: 'u64',
    cost: { base: 100 },
    doc: 'Time of the block, milliseconds since 1970; the chain says it, and it never goes back.',
    run: (context) => context.session.world.time,
  },
  {
    name: 'az_log',
    args: [
      ['text', readType],
      ['len', 'u64'],
    ],
    returns: 'void',
    cost: { base: 100, linear: [{ arg: 1, unit: 8, price: 8 }] },
    doc: 'Leaves text for whoever runs the contract; no part of the receipt. What is over 65536 bytes, or 1024 texts, in a transaction is dropped.',
    run: log,
  },
]
