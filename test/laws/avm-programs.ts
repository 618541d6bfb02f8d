import type { AvmProgram, Machine } from 'alcatraz-vm'
import {
  type AvmFunctionSource,
  type AvmInsn,
  avmInsn,
  avmRow,
  avmRows,
  encodeAvm,
} from 'alcatraz-vm/avm'
import { anyAvmInsn } from './avm-arbitrary.ts'
import type { Trial } from './compare.ts'
import { Rng } from './rng.ts'

const stackLow = 0x10000
const stackHigh = 0x10800
const data = stackHigh
const memoryEnd = 0x12000
const codeAddress = 0x4000_0000
/** Registers that mostly point at data; the stack pointer is another. */
const pointers = [6, 7, 12]

/** Rows that end most programs: chosen less often. */
const seldom = new Set(['ret', 'trap', 'jump64', 'callr', 'jump'])

const slotRows = [avmRow.getslot, avmRow.setslot]

function anyRow(rng: Rng): number {
  for (;;) {
    const row = rng.below(avmRows.length)
    if (!seldom.has(avmRows[row]!.name) || rng.chance(30)) return row
  }
}

/** Makes most accesses hit memory, and pointers stay. */
function tame(rng: Rng, insn: AvmInsn): AvmInsn {
  const { shape } = avmRows[insn.row]!
  const memory = shape === 'load' || shape === 'store' || shape === 'storei'
  if (memory && rng.chance(92)) {
    const own = rng.chance(35)
    insn.b = own ? 15 : rng.chance(80) ? rng.pick(pointers) : 16
    insn.off = own
      ? -rng.between(1, 96)
      : insn.b === 16
        ? rng.between(stackLow, memoryEnd - 8)
        : rng.between(-64, 600)
  }
  const writes = shape === 'load' || ['li', 'getslot', 'ab', 'abc', 'abi'].includes(shape)
  if (writes && (insn.a === 15 || pointers.includes(insn.a)) && rng.chance(93))
    insn.a = rng.below(6)
  return insn
}

function anyFunction(rng: Rng, count: number, imports: number, entries: number): AvmFunctionSource {
  const insns: AvmInsn[] = []
  const slots = rng.chance(40) ? 0 : rng.chance(80) ? rng.between(1, 9) : rng.between(1, 128)
  const length = rng.between(2, 40)
  while (insns.length < length) {
    const row = slots > 0 && rng.chance(15) ? rng.pick(slotRows) : anyRow(rng)
    const { name } = avmRows[row]!
    if (slotRows.includes(row)) {
      if (slots > 0)
        insns.push(tame(rng, avmInsn(name, { a: rng.below(16), imm: rng.below(slots) })))
      continue
    }
    const through = name === 'callr' || name === 'jump64'
    if (through && rng.chance(85)) {
      const address = codeAddress + 2 * rng.below(entries + 1)
      insns.push(avmInsn('li', { a: 9, imm: address }), avmInsn(name, { b: 9 }))
      continue
    }
    const targets = name === 'call' ? count : name === 'host' ? imports : length
    insns.push(tame(rng, anyAvmInsn(rng, row, targets)))
  }
  insns.push(rng.chance(85) ? avmInsn('ret') : avmInsn('jump', { target: rng.below(insns.length) }))
  for (const insn of insns) {
    const { shape } = avmRows[insn.row]!
    if (shape === 'branch' || shape === 'branchi' || shape === 'jump') insn.target %= insns.length
  }
  const frameSize = 8 * rng.below(rng.chance(80) ? 40 : 160)
  return { frameSize, args: rng.below(9), slots, insns }
}

/** A random AVM program of some functions over a page of data; most of it runs. */
export function avmProgram(rng: Rng): AvmProgram {
  const count = rng.between(1, 5)
  const entries = rng.below(6)
  const imports = ['one', 'two', 'three']
  const functions = Array.from({ length: count }, () =>
    anyFunction(rng, count, imports.length, entries),
  )
  const codeTable = Array.from({ length: entries }, () => {
    const of = rng.below(count)
    const insn = rng.chance(50) ? 0 : rng.below(functions[of]!.insns.length)
    return { function: of, insn }
  })
  const made = encodeAvm({ functions, codeTable })
  return {
    isa: 'avm',
    version: 'v1',
    code: made.code,
    exports: new Map([['run', 0]]),
    imports,
    memory: {
      profile: 'linear32',
      segments: [{ address: data, bytes: rng.bytes(512) }],
      size: memoryEnd,
      maxSize: 0x20000,
    },
    gas: rng.chance(80) ? 'avm-1' : 'per-instruction',
    symbols: new Map(),
    functions: made.functions,
    codeTable: made.codeTable,
    stack: { low: stackLow, high: stackHigh },
    maxDepth: rng.pick([3, 20]),
  }
}

/** A random AVM program with its start; the same for the same seed. */
export function avmTrial(seed: number): Trial {
  const rng = new Rng(seed)
  const program = avmProgram(rng)
  const registers = Array.from({ length: 15 }, (_, i) =>
    pointers.includes(i) || rng.chance(25) ? BigInt(data + 8 * rng.below(0x100)) : rng.value(),
  )
  const entry = rng.chance(90) ? 0 : rng.below(program.code.length + 1)
  return {
    program,
    seed,
    gas: BigInt(rng.chance(75) ? rng.between(200, 4000) : rng.below(300)),
    start(machine: Machine) {
      for (const [i, value] of registers.entries()) machine.registers.set(i, value)
      machine.pc = entry
    },
  }
}
