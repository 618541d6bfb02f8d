/** `store-reader.js FOLDER`: prints where the code of two programs came from, and what the store counted. */
import { createEngine } from 'alcatraz-vm'
import { openArtifactStore } from 'alcatraz-vm/node'
import { loopOf } from './programs.ts'

const store = openArtifactStore(process.argv[2]!)
const origins = [0, 1].map((body) => {
  const engine = createEngine({ after: 0, store })
  const machine = engine.instantiate(loopOf(5, body), { gas: 1000n })
  machine.pc = 0
  machine.run()
  return machine.stats.code?.origin
})
const { hits, refused, failed } = store.counts
process.stdout.write(JSON.stringify({ origins, hits, refused, failed }))
