/**
 * Every instruction of every set with every choice of registers, on operands at the edges, on all engines.
 * All choices take minutes: here one in many. `ALCATRAZ_EXHAUSTIVE=1` for all.
 */
import { test } from 'node:test'
import { engineNamed } from 'alcatraz-vm'
import { avmSet } from './avm.ts'
import { bpfSet, sbpfSet } from './bpf.ts'
import { pvmSet } from './pvm.ts'
import { riscvSet } from './riscv.ts'
import { runRow } from './run.ts'

const amount =
  process.env['ALCATRAZ_EXHAUSTIVE'] === '1'
    ? { choices: Number.POSITIVE_INFINITY, operands: 4000 }
    : { choices: 60, operands: 40 }
const engines = (['reference', 'interp', 'recomp'] as const).map(engineNamed)

for (const set of [
  riscvSet('rv64'),
  riscvSet('rv32'),
  avmSet(),
  bpfSet(),
  ...(['v0', 'v2', 'v3'] as const).map(sbpfSet),
  ...(['latest64', 'latest32', 'jam-v1', 'revive-v1'] as const).map(pvmSet),
])
  test(`every instruction of ${set.name} agrees on all engines`, (t) => {
    let runs = 0
    for (const row of set.rows) runs += runRow(set, row, engines, amount)
    t.diagnostic(
      `${set.rows.length} instructions, ${runs} runs on each of ${engines.length} engines`,
    )
  })
