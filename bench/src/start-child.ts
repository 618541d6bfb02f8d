/** Two folders below the root, `node start-child.js` prints the milliseconds until the package is there, and a first result. */
import { readFileSync } from 'node:fs'

const object = new URL('../../guests/objects/fib-v4.o', import.meta.url)

const begin = performance.now()
const { interpEngine } = await import('alcatraz-vm')
const { startBpf } = await import('alcatraz-vm/bpf')
const { decodeContainer, linkBpf, programOf } = await import('alcatraz-vm/link')
const imported = performance.now() - begin
const { container } = linkBpf([{ name: 'fib.o', bytes: new Uint8Array(readFileSync(object)) }])
const program = programOf(decodeContainer(container))
const machine = interpEngine.instantiate(program, { gas: 1_000_000n })
const input = { address: machine.memory.size, bytes: Uint8Array.of(12, 0, 0, 0) }
startBpf(machine, program.exports.get('run')!, input)
const exit = machine.run()
const result = performance.now() - begin
if (exit.kind !== 'halt' || machine.registers.get(0) !== 144n)
  throw new Error(`the 12th Fibonacci number: ${exit.kind}, ${machine.registers.get(0)}`)
process.stdout.write(`${JSON.stringify({ import: imported, result })}\n`)
