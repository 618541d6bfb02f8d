/** `ALCATRAZ_LAW_PROGRAMS` for more programs, `ALCATRAZ_LAW_SEED` for others. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { interpEngine, recompEngine, referenceEngine } from 'alcatraz-vm'
import { riscvRows } from 'alcatraz-vm/riscv'
import { newRiscvInsn } from '#vm/isa/riscv/decode'
import { riscvDecoder } from '#vm/isa/riscv/isa'
import type { Trial } from './compare.ts'
import { nothingSeen, oneSeed } from './law.ts'
import { riscvProgram, riscvRegisters } from './riscv-programs.ts'
import { Rng } from './rng.ts'

const wanted = Number(process.env['ALCATRAZ_LAW_PROGRAMS'] ?? 600)
const firstSeed = Number(process.env['ALCATRAZ_LAW_SEED'] ?? 1)

function riscvTrial(seed: number): Trial {
  const rng = new Rng(seed)
  const program = riscvProgram(rng)
  const registers = riscvRegisters(rng, program)
  const entry = rng.chance(90) ? 0 : rng.below(program.code.length + 2)
  return {
    program,
    seed,
    gas: BigInt(rng.chance(75) ? rng.between(200, 3000) : rng.below(300)),
    start(machine) {
      for (const [i, value] of registers.entries()) machine.registers.set(i, value)
      machine.pc = entry
    },
  }
}

for (const engine of [interpEngine, recompEngine])
  test(`law: reference and ${engine.name} agree on random RISC-V programs, at every exit`, (t) => {
    const seen = nothingSeen()
    for (let seed = firstSeed; seen.long < wanted; seed++) {
      assert.ok(seed < firstSeed + 6 * wanted + 50, 'a sixth of all programs run long')
      oneSeed([referenceEngine, engine], riscvTrial, seed, seen)
    }
    t.diagnostic(
      `${seen.programs} programs; exits ${JSON.stringify(Object.fromEntries(seen.exits))}`,
    )
    if (wanted < 300) return
    for (const kind of ['fault', 'outOfGas', 'host', 'invalidInstruction', 'invalidJump'])
      assert.ok(seen.exits.has(kind), `${kind} was never reached`)
    assert.ok(seen.exits.has('misaligned') && seen.exits.has('panic'))
  })

test('random RISC-V programs have every instruction of both widths', () => {
  const found = new Set<string>()
  const insn = newRiscvInsn()
  for (let seed = 1; seed < 400; seed++) {
    const { code, version } = riscvProgram(new Rng(seed))
    for (let pc = 0; pc < code.length; pc += insn.row < 0 ? 2 : insn.length) {
      riscvDecoder(version, false).decode(code, pc, insn)
      if (insn.row >= 0) found.add(`${riscvRows[insn.row]!.name} ${version}`)
    }
  }
  const missing = riscvRows.flatMap(({ name, width }) =>
    (['rv32', 'rv64'] as const)
      .filter((version) => width === 'both' || width === version)
      .map((version) => `${name} ${version}`)
      .filter((text) => !found.has(text)),
  )
  assert.deepEqual(missing, [])
})
