import assert from 'node:assert/strict'
import type { Engine, Exit, Machine } from 'alcatraz-vm'
import { choices, type RowUnderTest, type SetUnderTest } from './rows.ts'

/** A case: an instruction with its registers and immediate, and where it stands. */
interface Case {
  readonly pc: number
  readonly registers: readonly number[]
  readonly immediate: number
}

/** How much of everything. */
export interface Amount {
  /** Choices of registers and immediates of an instruction; those where registers alias come on top. */
  readonly choices: number
  /** Runs of which each way to alias gets at least so many, with other operands. */
  readonly operands: number
}

const gas = 10_000n

/** Cases whose registers alias in the same way: operands of each kind are gone through in turn. */
const shapeOf = (registers: readonly number[]): string =>
  registers.map((register) => registers.indexOf(register)).join('')

/** Of so many things, one in how many, so that about `wanted` are taken; prime to all numbers of registers. */
function strideOf(total: number, wanted: number): number {
  let stride = Math.max(1, Math.floor(total / wanted))
  while (stride > 1 && [2, 3, 5, 11, 13].some((prime) => stride % prime === 0)) stride -= 1
  return stride
}

function casesOf(set: SetUnderTest, row: RowUnderTest, amount: Amount): [Case[], Uint8Array[]] {
  const cases: Case[] = []
  const parts: Uint8Array[] = []
  const total = row.fields.reduce((n, { length }) => n * length, row.immediates.length)
  const stride = strideOf(total, amount.choices)
  let at = 0
  let n = 0
  for (const registers of choices(row.fields)) {
    const aliases = new Set(registers).size < registers.length
    for (const immediate of row.immediates) {
      n += 1
      if (n % (aliases ? Math.ceil(stride / 8) : stride) !== 0) continue
      const bytes = row.encode(registers, immediate)
      if (bytes === undefined) continue
      cases.push({ pc: at / set.pcUnit, registers, immediate })
      parts.push(bytes, set.stop, set.stop)
      at += bytes.length + 2 * set.stop.length
    }
  }
  return [cases, parts]
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** What a run left behind, as text: exit, pc, gas, registers, memory. */
function outcome(machine: Machine, set: SetUnderTest, exit: Exit, isMemory: boolean): string {
  const { gas: left, pc, registers } = machine
  let text = `${exit.kind} ${exit.pc} ${pc} ${left}`
  if (exit.kind === 'trap') text += ` ${exit.trap}`
  if (exit.kind === 'fault') text += ` ${exit.access} ${exit.address}`
  for (let i = 0; i < set.registers; i++) text += ` ${registers.get(i).toString(16)}`
  if (!isMemory) return text
  const { address, bytes } = set.window
  const seen = machine.memory.read(address, bytes)
  return `${text} ${seen === undefined ? '-' : [...seen].join()}`
}

/** Sets what the case reads: values in turn, so that each meets each other; of memory rows, addresses, too. */
function prepare(
  machine: Machine,
  set: SetUnderTest,
  row: RowUnderTest,
  c: Case,
  turn: number,
): void {
  const { registers } = machine
  for (const i of set.settable) registers.set(i, 0x1111_2222_3333_0000n + BigInt(i))
  const distinct = [...new Set(c.registers)]
  let rest = turn
  for (const register of distinct) {
    const from = row.isMemory && rest % 3 !== 0 ? set.addresses : set.values
    const value = from[rest % from.length]!
    rest = Math.floor(rest / 3) * 7 + distinct.length + register
    if (set.settable.includes(register)) registers.set(register, value)
  }
  if (row.isMemory) {
    const { address, bytes } = set.window
    machine.memory.write(
      address,
      Uint8Array.from({ length: bytes }, (_, i) => (i * 37 + 11) & 255),
    )
  }
  machine.gas = gas
  machine.pc = c.pc
}

/** Runs of each case: where registers alias in few ways, more of each. */
function turnsOf(cases: readonly Case[], { operands }: Amount): number[] {
  const byShape = new Map<string, number>()
  for (const { registers } of cases)
    byShape.set(shapeOf(registers), (byShape.get(shapeOf(registers)) ?? 0) + 1)
  return cases.map(({ registers }) => Math.ceil(operands / byShape.get(shapeOf(registers))!))
}

/**
 * Runs all cases of a row on every engine; each must leave what the first leaves.
 * @returns runs on each
 */
export function runRow(
  set: SetUnderTest,
  row: RowUnderTest,
  engines: readonly Engine[],
  amount: Amount,
): number {
  const [cases, parts] = casesOf(set, row, amount)
  assert.ok(cases.length > 0, `${set.name} ${row.name} was not tried`)
  const program = set.program(parts, joined(parts))
  const machines = engines.map((engine) => engine.instantiate(program, { gas }))
  const turns = turnsOf(cases, amount)
  let runs = 0
  cases.forEach((c, index) => {
    for (let turn = 0; turn < turns[index]!; turn++) {
      const outcomes = machines.map((machine) => {
        prepare(machine, set, row, c, index + turn * 5)
        return outcome(machine, set, machine.run(), row.isMemory)
      })
      runs += 1
      for (let i = 1; i < engines.length; i++) {
        if (outcomes[i] === outcomes[0]) continue
        const what = `${set.name} ${row.name} registers ${c.registers.join()} immediate ${c.immediate}`
        assert.equal(
          outcomes[i],
          outcomes[0],
          `${what}, turn ${index + turn * 5}: ${engines[i]!.name}`,
        )
      }
    }
  })
  for (const machine of machines) machine.dispose()
  return runs
}
