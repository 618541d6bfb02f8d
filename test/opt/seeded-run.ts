/** Looks for a program that optimising changes, in the copy of the engine that this file is in: `seeded-run.js SEED PROGRAMS [spilled]`. */
import { optimise } from '#vm/opt/optimise'
import { findDifference } from './law.ts'
import { randomOpt } from './programs.ts'
import { randomSpilled } from './spills.ts'

let found: string | undefined
try {
  found = findDifference(
    (program) => void optimise(program),
    Number(process.argv[3]),
    Number(process.argv[2]),
    process.argv[4] === 'spilled' ? randomSpilled : randomOpt,
  )
} catch (error) {
  found = String(error)
}
process.stdout.write(JSON.stringify({ found: found?.split('\n')[0] }))
