import { interpEngine, liftProgram, type Machine, recompEngine } from 'alcatraz-vm'
import { pageSize, readied, type Workload } from './guests.ts'
import { drainPool, flatBytes, generate, type Measure, pageTable } from './internals.ts'
import { touch, touchRange } from './touch.ts'

/** Where a workload's memory is mapped once more, in one piece; no workload uses these addresses. */
const flatAt = 0x8000_0000
const wasmPage = 65536

/** Modules of the interpreter, which generated code shares its memory with. */
const interpreters = new WeakSet<WebAssembly.Module>()
let learning = false
/** Instantiated instead of generated code. */
let replacement: WebAssembly.Module | undefined
let replaced = 0
let lastMemory: WebAssembly.Memory | undefined

const { Instance } = WebAssembly
WebAssembly.Instance = new Proxy(Instance, {
  construct(target, [module, imports]: [WebAssembly.Module, WebAssembly.Imports]) {
    lastMemory = imports?.e?.memory ?? lastMemory
    if (learning) interpreters.add(module)
    const isOurs = replacement !== undefined && !interpreters.has(module)
    if (isOurs) replaced++
    return new target(isOurs ? replacement! : module, imports)
  },
})

/** The address that a run without page checks uses for a guest's. */
function flatAddress(address: number): number {
  return flatAt + (address & (flatBytes - 1))
}

/** Maps memory once more and fills it; its Wasm address. */
function mapFlat(machine: Machine): number {
  const { memory } = machine.program
  if (lastMemory === undefined) throw new Error('a machine has a Wasm memory')
  machine.memory.map(flatAt, flatBytes + wasmPage, true)
  for (const { address, bytes } of memory.segments)
    machine.memory.write(BigInt(flatAddress(address)), bytes)
  const word = new Int32Array(lastMemory.buffer)[(pageTable >> 2) + flatAt / pageSize]!
  return ((word & -pageSize) + flatAt) >>> 0
}

/** A workload on generated code that lacks gas, checks or both. */
export class Variant {
  private readonly workload: Workload
  private readonly isFlat: boolean
  private readonly module: WebAssembly.Module | undefined
  private readonly flat: number

  constructor(workload: Workload, parts: { readonly gas: boolean; readonly checks: boolean }) {
    const { program } = workload
    this.workload = workload
    this.isFlat = !parts.checks && program.memory.profile === 'paged32'
    // what is kept is instantiated already, and would not be seen
    drainPool()
    learning = true
    interpEngine.instantiate(program, { gas: 0n }).dispose()
    learning = false
    drainPool()
    const machine = readied(recompEngine, workload, 1n)
    this.flat = this.isFlat ? mapFlat(machine) : 0
    machine.dispose()
    if (parts.gas && parts.checks) return
    const measure: Measure = { ...parts, ...(this.isFlat && { flat: this.flat }) }
    const generated = generate(liftProgram(program), { measure })
    if (generated === undefined) throw new Error(`${workload.name}: too large to be generated`)
    this.module = new WebAssembly.Module(generated.bytes)
  }

  /** A machine about to run, its memory touched. */
  ready(gas: bigint): Machine {
    drainPool()
    replacement = this.module
    const before = replaced
    const machine = readied(recompEngine, this.workload, gas)
    replacement = undefined
    if (this.module !== undefined && replaced !== before + 1)
      throw new Error(`${this.workload.name}: generated code was not replaced`)
    const dispose = machine.dispose.bind(machine)
    // the replaced code must not be kept for other machines
    machine.dispose = () => {
      dispose()
      drainPool()
    }
    if (!this.isFlat) touch(machine)
    else {
      if (mapFlat(machine) !== this.flat) throw new Error('memory lies elsewhere')
      touchRange(machine, flatAt, flatBytes)
    }
    return machine
  }

  /** Where the program has put what it answers by address. */
  address(address: bigint): bigint {
    return this.isFlat ? BigInt(flatAddress(Number(address))) : address
  }
}
