import { readFileSync } from 'node:fs'
import { guestFolder, type Workload } from './guests.ts'

type Run = (input: number, length: bigint) => bigint

const inputBytes = 64

/** A guest's C source as WebAssembly by clang, without gas and without checks of its own. */
export class WasmGuest {
  private readonly module: WebAssembly.Module
  private readonly args: Uint8Array

  constructor({ name, size }: Workload) {
    const bytes = readFileSync(new URL(`objects/${name}.wasm`, guestFolder))
    this.module = new WebAssembly.Module(bytes)
    this.args = new Uint8Array(Uint32Array.from(size.args, Number).buffer)
  }

  /** Runs to the end in a memory of its own; making it and touching each of its pages is not timed. */
  run(): { readonly ms: number; readonly result: bigint } {
    const { exports } = new WebAssembly.Instance(this.module)
    const memory = exports['memory'] as WebAssembly.Memory
    const input = (exports['__heap_base'] as WebAssembly.Global).value as number
    const short = input + inputBytes - memory.buffer.byteLength
    if (short > 0) memory.grow(Math.ceil(short / 65536))
    const octets = new Uint8Array(memory.buffer)
    for (let at = 0; at < octets.length; at += 4096) octets[at] = octets[at]!
    octets.set(this.args, input)
    const run = exports['run'] as Run
    const length = BigInt(this.args.length)
    const start = performance.now()
    const result = run(input, length)
    return { ms: performance.now() - start, result: BigInt.asUintN(64, result) }
  }
}
