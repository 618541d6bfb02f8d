/**
 * Two folders below the root, `node fresh-child.js FILE N` runs a contract or a PVM program of a process that knows
 * nothing on `recomp`: prints the milliseconds since the process began when there is a result, and that.
 */
import { readFileSync } from 'node:fs'

const [file, n] = process.argv.slice(2)
const { createEngine } = await import('alcatraz-vm')
const { loadProgram } = await import('alcatraz-vm/link')
const engine = createEngine({ name: 'recomp', after: 0 })
const program = loadProgram(Uint8Array.from(readFileSync(file!)))
const machine = engine.instantiate(program, { gas: 1n << 60n })
const amount = BigInt(n!)
let result = 0
if (program.isa === 'bpf') {
  const { startBpf } = await import('alcatraz-vm/bpf')
  startBpf(machine, 'run', new Uint8Array(BigUint64Array.of(amount).buffer))
} else if (program.isa === 'avm') {
  const { startAvm } = await import('alcatraz-vm/avm')
  startAvm(machine, 'run', [amount])
} else {
  const { startPvm } = await import('alcatraz-vm/pvm')
  startPvm(machine, 'run', [amount])
  result = 7
}
const { kind } = machine.run()
const answer = machine.registers.get(result)
const ms = performance.now()
if (kind !== 'halt') throw new Error(`the run ended with ${kind}`)
process.stdout.write(`${JSON.stringify({ ms, result: `${answer}` })}\n`)
