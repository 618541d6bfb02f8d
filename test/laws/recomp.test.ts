import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recompEngine, referenceEngine } from 'alcatraz-vm'
import { nothingSeen, oneSeed } from './law.ts'
import { sbpfTrial } from './sbpf-programs.ts'
import { bpfTrial, pvmTrial } from './trials.ts'

/** Programs with at least 50 executed instructions that each law must see. */
const wanted = Number(process.env['ALCATRAZ_LAW_PROGRAMS'] ?? 400)
const firstSeed = Number(process.env['ALCATRAZ_LAW_SEED'] ?? 100_001)

for (const [isa, trialOf] of [
  ['eBPF', bpfTrial],
  ['PVM', pvmTrial],
  ['sBPF', sbpfTrial],
] as const)
  test(`law: reference and recomp agree on random ${isa} programs, at every exit`, (t) => {
    const seen = nothingSeen()
    for (let seed = firstSeed; seen.long < wanted; seed++) {
      assert.ok(seed < firstSeed + 4 * wanted + 50, 'a quarter of all programs run long')
      oneSeed([referenceEngine, recompEngine], trialOf, seed, seen)
    }
    const exits = JSON.stringify(Object.fromEntries(seen.exits))
    t.diagnostic(`${seen.programs} programs, ${seen.long} long; exits ${exits}`)
  })
