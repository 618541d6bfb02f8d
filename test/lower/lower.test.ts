import { test } from 'node:test'
import { engineNamed } from 'alcatraz-vm'
import { shapes, tryConstants, tryOne } from './law.ts'
import { machines } from './machines.ts'

const engine = engineNamed('interp')
const programs = Number(process.env['ALCATRAZ_LAW_PROGRAMS'] ?? 30)
const seed = Number(process.env['ALCATRAZ_LAW_SEED'] ?? 1)

for (const machine of Object.keys(machines))
  for (const shape of Object.keys(shapes))
    test(`code for ${machine} of random programs does what they say: ${shape}`, () => {
      for (let i = 0; i < programs; i++) tryOne(engine, machine, shape, seed * 1000 + i)
    })

for (const machine of ['AVM', 'PVM JamV1'])
  test(`code for ${machine} of every op with constants does what it says`, () => {
    tryConstants(engine, machine)
  })
