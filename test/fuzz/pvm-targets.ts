import { readFileSync } from 'node:fs'
import { interpEngine } from 'alcatraz-vm'
import { alcatrazCalls, executeMessage } from 'alcatraz-vm/alcatraz'
import { decodeContainer, encodeContainer, linkPvm, programOf } from 'alcatraz-vm/link'
import { createHasher, emptyState, Journal } from 'alcatraz-vm/state'
import { pvmContainerOf } from '../chain/contracts.ts'
import { root, same, type Target } from './target.ts'

const hasher = await createHasher()
const nobody = new Uint8Array(32)
const object = (name: string) => ({
  name,
  bytes: new Uint8Array(readFileSync(`${root}/guests/objects/avm/${name}`)),
})
const argumentsOf = new Map(alcatrazCalls.map(({ args, name }) => [name, args.length]))
const linked = ['token.o', 'escrow.o', 'workload.o'].map(
  (name) => linkPvm([object(name)], { importArguments: (call) => argumentsOf.get(call) }).container,
)

/** A call of each kind, a table of jumps, memory that grows. */
const small = pvmContainerOf(
  `
pub @call:
    s0 = a0
    s1 = a1
    a0 = 1
    ecalli 0
    u64 [a0 + 8] = s1
    a2 = a0
    a0 = s0
    a1 = s1
    a3 = 8
    ecalli 1
    t0 = @far
    jump [t0]
@far:
    a0 = s0
    a1 = s1
    ecalli 2
    trap
pub @deploy:
    a0 = 0
    ret
`,
  ['az_grow', 'az_set', 'az_return'],
  { readOnly: Uint8Array.of(1, 2, 3), bssSize: 16 },
)

/** Contracts of PVM as a chain takes and runs them. */
export const pvmTargets: readonly Target[] = [
  {
    name: 'contracts of PVM',
    seeds: [encodeContainer(small), ...linked],
    tokens: [],
    share: 2,
    run: (bytes) => {
      const container = decodeContainer(bytes)
      same('container', bytes, encodeContainer(container))
      if (container.kind !== 'pvm') return
      executeMessage({
        engine: interpEngine,
        program: programOf(container),
        ...{ hasher, journal: new Journal(emptyState), self: nobody, caller: nobody },
        ...{ entry: 'call', input: Uint8Array.of(1, 2, 3, 4, 5), value: 0n, gas: 100_000n },
      })
    },
  },
]
