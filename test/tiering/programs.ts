import type { BpfProgram } from 'alcatraz-vm'
import { assembleBpf } from '#vm/isa/bpf/asm'
import { programOf } from '../../bench/src/synthetic/adversarial.ts'

/** Adds 1 to `rounds` in a loop whose body is `body`, and halts with the sum; no two bodies are equal. */
export function loopOf(rounds: number, body = 0): BpfProgram {
  const text = `
    mov r0, ${body}
    lddw r1, ${rounds}
  again:
    add r0, r1
    sub r1, 1
    jne r1, 0, again
    exit`
  return programOf(assembleBpf(text).code)
}

/** As `loopOf` with a large body: some 16 octets of module for each of `size`. */
export function largeProgram(size: number, body = 0): BpfProgram {
  const lines = Array.from({ length: size }, (_, i) => `xor r${i % 6}, ${i * 7 + body}`)
  return programOf(assembleBpf(`${lines.join('\n')}\nexit`).code)
}
