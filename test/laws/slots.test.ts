/** Private slots of AVM's functions. `ALCATRAZ_LAW_PROGRAMS` for more programs, `ALCATRAZ_LAW_SEED` for others. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { interpEngine, recompEngine, referenceEngine, tieredEngine } from 'alcatraz-vm'
import { avmInsn, encodeAvm } from 'alcatraz-vm/avm'
import { avmCodeBase } from '#vm/isa/avm/table'
import { nothingSeen, oneSeed } from './law.ts'
import { slotTrial } from './slot-programs.ts'

const wanted = Number(process.env['ALCATRAZ_LAW_PROGRAMS'] ?? 400)
const firstSeed = Number(process.env['ALCATRAZ_LAW_SEED'] ?? 1)

for (const engine of [interpEngine, recompEngine, tieredEngine])
  test(`law: reference and ${engine.name} agree on functions with slots, at every exit`, (t) => {
    const seen = nothingSeen()
    for (let seed = firstSeed; seed < firstSeed + wanted; seed++)
      oneSeed([referenceEngine, engine], slotTrial, seed, seen)
    t.diagnostic(
      `${seen.long} of ${seen.programs} long; exits ${JSON.stringify(Object.fromEntries(seen.exits))}`,
    )
    assert.ok(seen.long > wanted / 5)
  })

test('a run that is entered behind the code has the slots of the last function', () => {
  const insns = [avmInsn('ret')]
  const only = { frameSize: 0, args: 0, slots: 3, insns }
  const { code, functions } = encodeAvm({ codeTable: [], functions: [only] })
  const { program } = slotTrial(1)
  if (program.isa !== 'avm') throw new Error('internal: a program of AVM')
  const small = { ...program, code, functions, codeTable: [], exports: new Map([['f', 0]]) }
  for (const engine of [referenceEngine, interpEngine, recompEngine]) {
    const machine = engine.instantiate(small, { gas: 100n })
    machine.pc = code.length
    assert.deepEqual(machine.run(), { kind: 'trap', trap: 'invalidInstruction', pc: code.length })
    assert.deepEqual(machine.save().slots, [0n, 0n, 0n], engine.name)
    machine.dispose()
  }
})

test('a call through a register stays in generated code where the frame of the callee fits', () => {
  const callee = { frameSize: 0x4000, args: 0, slots: 3, insns: [avmInsn('ret')] }
  const insns = [
    avmInsn('li', { a: 7, imm: avmCodeBase }),
    avmInsn('callr', { b: 7 }),
    avmInsn('ret'),
  ]
  const main = { frameSize: 0, args: 0, slots: 0, insns }
  const codeTable = [{ function: 1, insn: 0 }]
  const { code, codeTable: taken, functions } = encodeAvm({ codeTable, functions: [main, callee] })
  const { program } = slotTrial(1)
  if (program.isa !== 'avm') throw new Error('internal: a program of AVM')
  const stack = { low: 0x10000, high: 0x20000 }
  const memory = { profile: 'linear32', segments: [], size: 0x20000, maxSize: 0x20000 } as const
  const exports = new Map([['f', 0]])
  const made = { ...program, code, functions, codeTable: taken, exports, stack, memory }
  const machine = recompEngine.instantiate(made, { gas: 1000n })
  machine.pc = 0
  assert.equal(machine.run().kind, 'halt')
  // the outermost `ret` is not the generated code's
  assert.deepEqual(machine.stats.code?.leaves, { return: 1 })
})
