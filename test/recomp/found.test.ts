/** Mistakes that were found in generated code, each by the least program that shows it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type BpfProgram, recompEngine, referenceEngine } from 'alcatraz-vm'
import { liftProgram } from '#vm/engine/lifted'
import type { IrProgram } from '#vm/ir/program'
import { assembleBpf } from '#vm/isa/bpf/asm'
import { GasShift, largestSlice } from '#vm/recomp/gas'
import { generate } from '#vm/recomp/module'
import { programOf } from '../../bench/src/synthetic/adversarial.ts'
import { compare } from '../laws/compare.ts'

function agree(program: BpfProgram, gas = 1_000_000n): bigint {
  const start = (machine: { pc: number }): void => {
    machine.pc = 0
  }
  const { exits, instructions } = compare(referenceEngine, recompEngine, {
    program,
    gas,
    seed: 1,
    start,
  })
  assert.equal(exits[0]!.kind, 'halt')
  return instructions
}

test('registers survive a jump back to the entry of a function whose data flow is not followed', () => {
  // 12 blocks, each entered from the one below it: more passes than are made
  const blocks = Array.from({ length: 12 }, (_, i) => {
    const k = 11 - i
    return `b${k}:\n add r${k % 5}, ${k + 1}\n ja ${k === 11 ? 'again' : `b${k + 1}`}`
  })
  const text = `again:
    add r6, 1
    jgt r6, 5, done
    ja b0
    ${blocks.join('\n')}
    done:
    mov r0, r6
    exit`
  assert.ok(agree(programOf(assembleBpf(text).code)) > 100n)
})

test('a way ahead that no slice of gas pays for is left to the interpreter, not tried for ever', () => {
  const ir = liftProgram(programOf(assembleBpf('mov r0, 1\n exit').code))
  const withCost = (cost: number): IrProgram => {
    const rows = ir.rows.slice()
    rows[1] = cost
    return { ...ir, rows }
  }
  assert.notEqual(generate(withCost(Number(largestSlice(GasShift.exact)))), undefined)
  assert.equal(generate(withCost(Number(largestSlice(GasShift.exact)) + 1)), undefined)
})

test('a block of ten thousand instructions is cut, and gas ends anywhere in it', () => {
  const lines = Array.from({ length: 10_000 }, (_, i) => `add r${i % 6}, ${i}`)
  const text = `again:\n${lines.join('\n')}\n add r6, 1\n jlt r6, 3, again\n exit`
  const program = programOf(assembleBpf(text).code)
  agree(program)
  for (const gas of [1n, 2_999n, 3_000n, 3_001n, 9_999n, 10_003n, 23_456n]) {
    const [a, b] = [referenceEngine, recompEngine].map((engine) => {
      const machine = engine.instantiate(program, { gas })
      machine.pc = 0
      const exits = [machine.run()]
      machine.gas += 4_000n
      exits.push(machine.run())
      machine.gas += 40_000n
      exits.push(machine.run())
      return { exits, state: machine.save() }
    })
    assert.deepEqual(b, a, `gas ${gas}`)
  }
  const machine = recompEngine.instantiate(program, { gas: 1_000_000n })
  machine.pc = 0
  machine.run()
  const { instructions, tiers } = machine.stats
  assert.ok(instructions - tiers['recomp']! < 4n, 'all in generated code')
})

test('a hundred thousand host calls in a row stay within the limit of functions', () => {
  const text = Array.from({ length: 100_000 }, () => 'call helper 1').join('\n')
  const generated = generate(liftProgram(programOf(assembleBpf(`${text}\n exit`).code)))
  assert.ok(generated)
  assert.ok(generated.places.filter((place) => place >= 0).length > 100_000)
})
