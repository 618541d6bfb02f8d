import { type BpfProgram, type Engine, type PvmProgram, recompEngine } from 'alcatraz-vm'
import { pvmPresets } from '#vm/image/pvm-options'
import { assembleBpf } from '#vm/isa/bpf/asm'
import { assemblePvm } from '#vm/isa/pvm/asm'
import { programOf } from '../../bench/src/synthetic/adversarial.ts'

/**
 * r9 calls deep; the function's frame holds all registers, temporaries and checked ranges. Most calls skip
 * the work, so that one slice of gas pays for a deep stack.
 */
const body = Array.from(
  { length: 150 },
  (_, i) => `xor r${i % 6}, r${(i * 7 + 3) % 9}
    mul r${(i + 2) % 6}, r${i % 9}
    ldxdw r0, [r${6 + (i % 3)}+${8 * (i % 60)}]
    stxdw [r10-${8 * (i % 50) + 8}], r${i % 6}`,
).join('\n')
const text = `
  lddw r6, 0x12000
  lddw r7, 0x12800
  lddw r8, 0x13000
  call local f
  exit
f:
  jeq r9, 0, done
  sub r9, 1
  jset r9, 63, down
  ${body}
down:
  call local f
  jset r9, 63, done
  ${body}
done:
  exit`

export const recursion: BpfProgram = {
  ...programOf(assembleBpf(text).code, { maxDepth: 100_010 }),
  functions: [
    { pc: 0, frameSize: 0 },
    { pc: 8, frameSize: 0 },
  ],
}

/** How a recursion `calls` deep ends, from `frames` frames of JavaScript on. */
export function deepRun(calls: number, frames: number): string {
  if (frames > 0) {
    const ended = deepRun(calls, frames - 1)
    return ended
  }
  const machine = recompEngine.instantiate(recursion, { gas: 1n << 60n })
  machine.pc = 0
  machine.registers.set(9, BigInt(calls))
  const exit = machine.run()
  const { instructions, tiers } = machine.stats
  const text = `${exit.kind} ${exit.pc} ${instructions} ${machine.registers.get(0)}`
  machine.dispose()
  return tiers['recomp']! * 1000n >= instructions * 999n ? text : `${text}, interpreted`
}

/** a0 calls deep, return addresses on a stack in memory: a call is a jump that leaves one behind. */
const pvmText = `
  jump @f
@f:
  jump @done if a0 == 0
  a0 = a0 + 0xffffffffffffffff
  sp = sp + 0xfffffffffffffff8
  u64 [sp] = ra
  a1 = a1 + 3
  ra = 2, jump @f
@back:
  ra = u64 [sp]
  sp = sp + 8
  a1 = a1 ^ sp
@done:
  ret`

export function pvmRecursion(): PvmProgram {
  const { code, bitmask, labels } = assemblePvm(pvmText, { version: 'latest64' })
  return {
    isa: 'pvm',
    version: 'latest64',
    code,
    bitmask,
    jumpTable: Uint32Array.of(labels.get('back')!),
    exports: new Map([['entry', 0]]),
    imports: [],
    memory: {
      profile: 'paged32',
      pageSize: 4096,
      regions: [{ address: 0x100000, length: 0x100000, writable: true }],
      segments: [],
    },
    gas: 'pvm-instruction',
    symbols: new Map(),
    options: pvmPresets['gp-0.7'],
  }
}

/** How it ends `calls` deep; at most 131,072. */
export function pvmRun(engine: Engine, calls: number): { text: string; recomp: bigint } {
  const machine = engine.instantiate(pvmRecursion(), { gas: 1n << 40n })
  machine.pc = 0
  machine.registers.set(0, 0xffff0000n)
  machine.registers.set(1, 0x200000n)
  machine.registers.set(7, BigInt(calls))
  const exit = machine.run()
  const registers = [0, 1, 7, 8].map((i) => machine.registers.get(i))
  const { instructions, tiers } = machine.stats
  return {
    text: `${exit.kind} ${exit.pc} ${instructions} ${machine.gas} ${registers}`,
    recomp: tiers['recomp'] ?? 0n,
  }
}
