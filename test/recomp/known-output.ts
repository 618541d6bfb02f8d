/** What lift and recompiler make of known programs: all of it, in one digest. */
import { createHash } from 'node:crypto'
import type { Program, PvmProgram } from 'alcatraz-vm'
import { decodeContainer, linkBpf, programOf } from 'alcatraz-vm/link'
import { liftProgram } from '#vm/engine/lifted'
import { packArtifact } from '#vm/engine/stored'
import { pvmPresets } from '#vm/image/pvm-options'
import { assemblePvm } from '#vm/isa/pvm/asm'
import { generate } from '#vm/recomp/module'
import { guest } from '../link/guests.ts'

const guests = [
  ...['arith4', 'fib', 'fptr', 'hostcalls', 'hostile', 'keccak', 'quicksort', 'sha256', 'sieve'],
  ...['statemachine', 'stream', 'switch', 'token'],
]

/** Calls, jumps through registers, memory of each width, host calls, loops. */
const text = `
  jump @f
@f:
  sp = sp + 0xffffffffffffffe0
  u64 [sp + 8] = ra
  a0 = u8 [a1 + 1]
  a2 = u32 [a1 + 8]
  u16 [a1 + 2] = a2
  ra = 2, jump @g
@back:
  a3 = a3 + a2
  a3 = a3 ^ a0
  a0 = a0 + 0xffffffffffffffff
  ecalli 3
  jump @back if a0 != 0
  ra = u64 [sp + 8]
  sp = sp + 32
  ret
@g:
  a2 = a2 * a3
  a2 = a2 <u a3
  jump @g if a2 <s a0
  ret`

function pvm(gas: string): PvmProgram {
  const { code, bitmask, labels } = assemblePvm(text, { version: 'latest64' })
  const regions = [{ address: 0x100000, length: 0x100000, writable: true }]
  return {
    ...{ isa: 'pvm', version: 'latest64', code, bitmask, gas },
    jumpTable: Uint32Array.of(labels.get('back')!, labels.get('g')!),
    exports: new Map([['entry', 0]]),
    imports: [],
    memory: { profile: 'paged32', pageSize: 4096, regions, segments: [] },
    symbols: new Map(),
    options: pvmPresets['gp-0.7'],
  }
}

/** Sixteen digits that change whenever an artifact made of one of the programs would. */
export function knownOutput(): string {
  const programs: Program[] = [
    ...guests.map((name) => programOf(decodeContainer(linkBpf([guest(`${name}-v4`)]).container))),
    ...['pvm-instruction', 'pvm-block', 'pvm-pipeline-l2'].map(pvm),
  ]
  const hash = createHash('sha256')
  for (const program of programs) {
    const ir = liftProgram(program)
    const { bytes, ...tables } = generate(ir)!
    hash.update(packArtifact(ir, tables, bytes))
  }
  return hash.digest('hex').slice(0, 16)
}
