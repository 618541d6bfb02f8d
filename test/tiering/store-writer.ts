/** A process that saves the same programs as others at the same time: `store-writer.js FOLDER ROUNDS`. */
import { createEngine } from 'alcatraz-vm'
import { openArtifactStore } from 'alcatraz-vm/node'
import { loopOf } from './programs.ts'

const [folder = '', rounds = '1'] = process.argv.slice(2)
for (let round = 0; round < Number(rounds); round++) {
  const store = openArtifactStore(folder, { bytes: 60_000 })
  const engine = createEngine({ after: 0, store })
  for (let body = 0; body < 20; body++) {
    const machine = engine.instantiate(loopOf(5, body), { gas: 1000n })
    machine.pc = 0
    machine.run()
    if (machine.registers.get(0) !== BigInt(body + 15)) throw new Error(`wrong sum of ${body}`)
    machine.dispose()
  }
  const { failed, refused } = store.counts
  if (refused > 0 || failed > 0) throw new Error(`${refused} refused, ${failed} failed`)
}
