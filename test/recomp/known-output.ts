/** What lift and recompiler make of known programs: all of it, in one digest. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Program, PvmProgram, Region } from 'alcatraz-vm'
import { assembleAvm } from 'alcatraz-vm/avm'
import { decodeContainer, linkBpf, programOf } from 'alcatraz-vm/link'
import { loadRiscv } from 'alcatraz-vm/riscv'
import { liftProgram } from '#vm/engine/lifted'
import { packArtifact } from '#vm/engine/stored'
import { pvmPresets } from '#vm/image/pvm-options'
import { loadSbpf } from '#vm/image/sbpf/read'
import { assemblePvm } from '#vm/isa/pvm/asm'
import { generate } from '#vm/recomp/module'
import { guest } from '../link/guests.ts'
import { sampleElf } from '../solana/samples.ts'

const riscv = new URL('../../../guests/riscv/objects/bare.elf', import.meta.url)

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

/** Loops around each other, a switch, calls, and accesses in three regions. */
const loops = `
@back:
  t0 = t0 + 1
@g:
  a1 = 0
@inner:
  a2 = a1 + 0x10000
  a3 = u8 [a2]
  a4 = u32 [sp + 8]
  u32 [a5 + 4] = a3
  ra = 6, jump @leaf
@behind:
  a1 = a1 + 1
  jump @inner if a1 <u 9
  s0 = s0 + 2
  t1 = 2
  jump [t1]
@leaf:
  a4 = a4 + 1
  ret`

const writable = { length: 0x1000, writable: true }
const around = [
  { address: 0x10000, length: 0x1000, writable: false },
  { address: 0xfefe0000, ...writable },
]

function pvm(gas: string, source = text, more: readonly Region[] = []): PvmProgram {
  const { code, bitmask, labels } = assemblePvm(source, { version: 'latest64' })
  const middle = { address: 0x100000, length: 0x100000, writable: true }
  const regions = [middle, ...more].sort((a, b) => a.address - b.address)
  return {
    ...{ isa: 'pvm', version: 'latest64', code, bitmask, gas },
    jumpTable: Uint32Array.from(['back', 'g', 'behind'].flatMap((name) => labels.get(name) ?? [])),
    exports: new Map([['entry', 0]]),
    imports: [],
    memory: { profile: 'paged32', pageSize: 4096, regions, segments: [] },
    symbols: new Map(),
    options: pvmPresets['gp-0.7'],
  }
}

/** Loops around each other, calls of both kinds, a switch, private slots, memory and a host call. */
const avm = `
.import az_log
.bss 64
.code leaf first second
.func main frame=16 args=2 slots=3 export
  setslot 2, r1
outer:
  li r3, 0
inner:
  load32u r4, [r0+8]
  add64 r5, r4, r3
  store64 [r15-8], r5
  getslot r6, 2
  call leaf
  add64i r3, r3, 1
  bltu64i r3, 9, inner
  li r7, leaf
  callr r7
  host az_log
  add64i r1, r1, -1
  bne64i r1, 0, outer
  li r8, first
  jump64 r8
first:
  setslot 0, r3
second:
  getslot r0, 0
  ret
.func leaf args=1 slots=1
  setslot 0, r0
  mul64 r0, r0, r0
  getslot r1, 0
  ret`

/** Sixteen digits that change whenever an artifact made of one of the programs would. */
export function knownOutput(): string {
  const programs: Program[] = [
    ...guests.map((name) => programOf(decodeContainer(linkBpf([guest(`${name}-v4`)]).container))),
    ...['pvm-instruction', 'pvm-block', 'pvm-pipeline-l2'].map((gas) => pvm(gas)),
    pvm('pvm-block', loops, around),
    programOf(decodeContainer(assembleAvm(avm))),
    ...(['v0', 'v3'] as const).map((version) => loadSbpf(sampleElf('vault', version))),
    loadRiscv(readFileSync(riscv)),
  ]
  const hash = createHash('sha256')
  for (const program of programs) {
    const ir = liftProgram(program)
    const { bytes, ...tables } = generate(ir)!
    hash.update(packArtifact(ir, tables, bytes))
  }
  return hash.digest('hex').slice(0, 16)
}
