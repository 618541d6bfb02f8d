import type { AvmProgram } from 'alcatraz-vm'
import { type AvmFunctionSource, type AvmInsn, avmInsn, encodeAvm } from 'alcatraz-vm/avm'
import type { Trial } from './compare.ts'
import { Rng } from './rng.ts'

const stackHigh = 0x10800
const memoryEnd = 0x12000
const codeAddress = 0x4000_0000
const pointers = [6, 7]
/** Of a function's address. */
const address = 9

const branches = ['beq64i', 'bne64i', 'bgts64i'] as const
const jumping = new Set([...branches, 'jump' as const].map((name) => avmInsn(name).row))

/** Accesses around a pointer near the end of memory, some of which fault. */
function access(rng: Rng): AvmInsn[] {
  const b = rng.pick(pointers)
  const operands = { a: rng.below(6), b, off: 8 * rng.below(12) }
  const what = rng.below(100)
  if (what < 45) return [avmInsn('load64', operands)]
  if (what < 85) return [avmInsn('store64', operands)]
  if (what < 95) return [avmInsn('add64i', { a: b, b, imm: rng.pick([-16, -8, 8]) })]
  return [avmInsn('add64', { a: rng.below(6), b: rng.below(6), c: rng.below(6) })]
}

/** Calls one of the functions, half of the time through a register. */
function call(rng: Rng, count: number): AvmInsn[] {
  const target = rng.below(count)
  if (rng.chance(50)) return [avmInsn('call', { target })]
  const imm = codeAddress + 2 * target
  return [avmInsn('li', { a: address, imm }), avmInsn('callr', { b: address })]
}

/** Blocks that branch to each other and stand in any order behind the first. */
function anyFunction(rng: Rng, count: number): AvmFunctionSource {
  const blocks = Array.from({ length: rng.between(2, 9) }, () => {
    const insns = Array.from({ length: rng.between(1, 3) }, () => access(rng)).flat()
    if (rng.chance(15)) insns.push(...call(rng, count))
    return insns
  })
  const start: number[] = []
  let length = 0
  for (const insns of blocks) {
    start.push(length)
    // a branch or nothing, and a jump or a return
    if (rng.chance(50)) {
      const imm = rng.below(3)
      insns.push(avmInsn(rng.pick(branches), { b: rng.below(6), imm }))
    }
    insns.push(avmInsn(rng.chance(20) ? 'ret' : 'jump'))
    length += insns.length
  }
  const insns = blocks.flat()
  for (const insn of insns) if (jumping.has(insn.row)) insn.target = rng.pick(start)
  return { frameSize: 8 * rng.below(8), args: rng.below(9), insns }
}

function orderProgram(rng: Rng): AvmProgram {
  const count = rng.between(1, 4)
  const functions = Array.from({ length: count }, () => anyFunction(rng, count))
  const codeTable = functions.map((_, index) => ({ function: index, insn: 0 }))
  const made = encodeAvm({ functions, codeTable })
  return {
    ...{ isa: 'avm', version: 'v1', code: made.code, imports: [], gas: 'avm-1' },
    ...{ exports: new Map([['run', 0]]), symbols: new Map() },
    memory: {
      profile: 'linear32',
      segments: [{ address: stackHigh, bytes: rng.bytes(512) }],
      size: memoryEnd,
      maxSize: memoryEnd,
    },
    ...{ functions: made.functions, codeTable: made.codeTable, maxDepth: rng.pick([3, 20]) },
    stack: { low: 0x10000, high: stackHigh },
  }
}

/** A random AVM program whose blocks stand in any order, with its start; the same for the same seed. */
export function orderTrial(seed: number): Trial {
  const rng = new Rng(seed)
  const program = orderProgram(rng)
  const registers = Array.from({ length: 15 }, (_, i) =>
    pointers.includes(i) ? BigInt(memoryEnd - 8 * rng.below(40)) : BigInt(rng.below(4)),
  )
  return {
    program,
    seed,
    gas: BigInt(rng.between(100, 3000)),
    start(machine) {
      for (const [i, value] of registers.entries()) machine.registers.set(i, value)
      machine.pc = 0
    },
  }
}
