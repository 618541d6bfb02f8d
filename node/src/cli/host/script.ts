import { fromHex } from 'alcatraz-vm'
import { CliError } from '../ui/errors.ts'
import type { HostCall, HostFunction, HostTable } from './call.ts'

type Json = { readonly [key: string]: unknown }

/** A number, or a register's value when the call is made. */
type Value = (call: HostCall) => bigint

function bad(what: string, where: string): CliError {
  const next = '{ "calls": { "NAME": { "a0": 1, "write": [{ "at": "a1", "hex": "00" }] } } }'
  return new CliError(`host script: ${what}`, { where, code: 'badHost', next })
}

function objectOf(value: unknown, where: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw bad('expected an object', where)
  return value as Json
}

/** Where answers are read: what they are for, and the registers of the program's instruction set. */
interface Place {
  readonly where: string
  readonly registers: readonly string[]
}

function numberFrom(value: unknown, { where, registers }: Place): Value {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return () => BigInt(value)
  if (typeof value !== 'string') throw bad('expected a number or a register', where)
  const index = registers.indexOf(value)
  if (index >= 0) return (call) => call.registers.get(index)
  if (!/^(0x[0-9a-f]{1,16}|\d{1,20})$/i.test(value))
    throw bad(`'${value}' is no number and no register`, where)
  return () => BigInt(value)
}

function hexOf(value: unknown, where: string): Uint8Array {
  if (typeof value !== 'string' || !/^(0x)?([0-9a-f]{2})*$/i.test(value))
    throw bad('expected hex', where)
  return fromHex(value)
}

function writesOf(value: unknown, place: Place): HostFunction[] {
  const { where } = place
  if (!Array.isArray(value)) throw bad('"write" is a list of { at, hex }', where)
  return value.map((item: unknown) => {
    const { at, hex } = objectOf(item, where)
    const address = numberFrom(at, place)
    const bytes = hexOf(hex, where)
    return (call) => call.write(address(call), bytes)
  }) as HostFunction[]
}

/** One answer: memory first, then registers and gas, then the end; addresses are of the call. */
function answerFrom(value: unknown, place: Place): HostFunction {
  const { where } = place
  const { write = [], gas, end, output, ...registers } = objectOf(value, where)
  const writes = writesOf(write, place)
  const sets = Object.entries(registers).map(([name, given]) => {
    const index = place.registers.indexOf(name)
    if (index < 0) throw bad(`there is no register ${name}`, where)
    return { index, read: numberFrom(given, place) }
  })
  const cost = gas === undefined ? undefined : numberFrom(gas, place)
  if (end !== undefined && end !== 'halt' && end !== 'trap' && end !== 'outOfGas')
    throw bad('"end" is halt, trap or outOfGas', where)
  if (output !== undefined && end !== 'halt') throw bad('"output" goes with "end": "halt"', where)
  const range = output === undefined ? undefined : objectOf(output, where)
  const from = range && numberFrom(range['at'], place)
  const length = range && numberFrom(range['length'], place)
  return (call) => {
    for (const run of writes) run(call)
    const bytes = from && length && call.read(from(call), length(call))
    const values = sets.map(({ index, read }) => [index, read(call)] as const)
    for (const [index, given] of values) call.registers.set(index, given)
    const { machine } = call
    const taken = cost?.(call) ?? 0n
    if (taken > machine.gas) return { end: 'outOfGas' }
    machine.gas -= taken
    return end === undefined ? undefined : { end, ...(bytes && { output: bytes }) }
  }
}

/** Answers in their order, the last of them again and again. */
function inOrder(answers: readonly HostFunction[]): HostFunction {
  let next = 0
  return (call) => answers[Math.min(next++, answers.length - 1)]!(call)
}

/**
 * A host of fixed answers, which name registers as `registers` does: `{ "calls": { NAME or NUMBER: answer or list of answers } }`.
 * @throws {CliError} `badHost`, naming the call
 */
export function scriptedHost(text: string, file: string, registers: readonly string[]): HostTable {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (error) {
    throw bad((error as Error).message, file)
  }
  const calls = Object.entries(objectOf(objectOf(parsed, file)['calls'], file))
  return new Map(
    calls.map(([name, given]) => {
      const where = `${file}: ${name}`
      const list: readonly unknown[] = Array.isArray(given) ? given : [given]
      if (list.length === 0) throw bad('a list of no answers', where)
      return [name, inOrder(list.map((item) => answerFrom(item, { where, registers })))]
    }),
  )
}
