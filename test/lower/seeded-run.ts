/**
 * Runs the law of lowering against the code that this file is linked to; fails when code does something else than its program.
 *   node seeded-run.js MACHINE PROGRAMS
 */
import { engineNamed } from 'alcatraz-vm'
import { shapes, tryConstants, tryCopies, tryOne } from './law.ts'

const [machine, programs] = process.argv.slice(2)
const engine = engineNamed('interp')
tryCopies()
if (machine === 'AVM') tryConstants(engine, machine)
for (let seed = 1; seed <= Number(programs); seed++)
  for (const shape of Object.keys(shapes)) tryOne(engine, machine!, shape, seed)
