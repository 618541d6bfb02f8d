import { drive, type Engine, hostOf } from 'alcatraz-vm'
import { executableHost, loadRiscv, startRiscv } from 'alcatraz-vm/riscv'

/** More than any self-checking program executes; one that does not end is a failure. */
const gas = 50_000_000n
/** a0: the code that a program exits with. */
const exitCode = 10

/** Runs a program that exits with 0 when it found nothing wrong; others exit with `2 * test + 1` by custom. */
export function runRiscvVector(
  bytes: Uint8Array,
  engine: Engine,
): { readonly status: 'passed' | 'failed'; readonly reason?: string } {
  const program = loadRiscv(bytes)
  const machine = engine.instantiate(program, { gas })
  try {
    startRiscv(machine)
    const exit = drive(
      machine,
      hostOf(
        program,
        executableHost(() => undefined),
      ),
    )
    if (exit.kind !== 'halt')
      return {
        status: 'failed',
        reason: `${exit.kind}${exit.kind === 'trap' ? ` ${exit.trap}` : ''} at pc ${exit.pc}`,
      }
    const code = machine.registers.get(exitCode)
    if (code === 0n) return { status: 'passed' }
    return { status: 'failed', reason: `exited with ${code}: test ${code >> 1n}` }
  } finally {
    machine.dispose()
  }
}
