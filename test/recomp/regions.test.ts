/** Generated code keeps programs over regions to itself, whichever regions their registers point to. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recompEngine } from 'alcatraz-vm'
import { parseIr } from '#vm/ir/parser'
import { verifyIr } from '#vm/ir/verify'
import { programOfIr } from '../laws/region-programs.ts'

const memory = (stack: string): string => `
  memory regions64
  region 0x100000000 0x1000 ro
  region 0x200000000 0x40000 rw${stack}
  region 0x300000000 0x8000 rw
  region 0x400000000 0x8001 rw max 0x9000`

/** Copies between input and heap through one function, whose frame is elsewhere at each call. */
const copies = `
b0:
 0 charge 3, 3
 0: [1] li r9, 0
 1: [1] li r6, 0x400000001
 2: [1] li r7, 0x300000000
b1:
 3 charge 3, 3
 3: [1] mov r1, r6
 4: [1] mov r2, r7
 5: [1] call CALLER, 0, b5
b2:
 6 charge 4, 4
 6: [1] mov r1, r7
 7: [1] mov r2, r6
 8: [1] store64 r9, [r10 - 8]
 9: [1] call CALLER, 0, b5
b3:
 10 charge 4, 4
 10: [1] add64i r6, r6, 8
 11: [1] add64i r7, r7, 8
 12: [1] add64i r9, r9, 1
 13: [1] bltu64i r9, 4096, b1
b4:
 14 charge 1, 1
 14: [1] halt
b5:
 15 charge 6, 6
 15: [1] load64 r3, [r1]
 16: [1] store64 r3, [r10 - 16]
 17: [1] add64i r4, r10, -16
 18: [1] load64 r5, [r4]
 19: [1] store64 r5, [r2]
 20: [1] ret`

for (const [what, gap, caller] of [
  ['with gaps', ' gap 0x1000', 8192],
  ['without gaps', '', 4096],
] as const)
  test(`at least 99.9 % run in generated code: a stack ${what}`, () => {
    const calls =
      'calls managed depth 64 first 6 saved 5 stack 0x200000000 to 0x200003000\n' +
      'registers 11\nmetering instruction'
    // a frame size is what the frame pointer goes down by
    const text = copies.replaceAll('CALLER', String(caller))
    const ir = parseIr(`${calls}${memory(gap)}${text}`)
    verifyIr(ir)
    const machine = recompEngine.instantiate(programOfIr(ir), { gas: 1n << 40n })
    machine.registers.set(10, 0x2_0000_3000n)
    machine.pc = 0
    assert.equal(machine.run().kind, 'halt')
    const { instructions, tiers } = machine.stats
    assert.equal(instructions, 3n + 4096n * (3n + 4n + 4n + 2n * 6n) + 1n)
    const share = Number((tiers['recomp']! * 100_000n) / instructions) / 1000
    assert.ok(share >= 99.9, `${share} % of ${instructions}`)
  })
