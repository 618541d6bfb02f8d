import { type BpfProgram, recompEngine } from 'alcatraz-vm'
import { assembleBpf } from '#vm/isa/bpf/asm'
import { programOf } from './adversarial.ts'

/** r9 calls deep; the function's frame holds all registers, temporaries and checked ranges. */
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
  ${body}
  call local f
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
