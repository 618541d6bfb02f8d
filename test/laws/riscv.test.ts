/** `ALCATRAZ_LAW_PROGRAMS` for more programs, `ALCATRAZ_LAW_SEED` for others. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { interpEngine, recompEngine, referenceEngine } from 'alcatraz-vm'
import { riscvRows } from 'alcatraz-vm/riscv'
import { newRiscvInsn } from '#vm/isa/riscv/decode'
import { riscvDecoder } from '#vm/isa/riscv/isa'
import { nothingSeen, oneSeed } from './law.ts'
import { riscvProgram, riscvTrial } from './riscv-programs.ts'
import { Rng } from './rng.ts'

const wanted = Number(process.env['ALCATRAZ_LAW_PROGRAMS'] ?? 600)
const firstSeed = Number(process.env['ALCATRAZ_LAW_SEED'] ?? 1)

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
