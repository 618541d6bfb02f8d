import { createEngine, type Engine, liftProgram, type Machine } from 'alcatraz-vm'
import { pageSize, readied, type Workload } from './guests.ts'
import { flatBytes, generateMeasured, layoutOf } from './internals.ts'
import { touch, touchRange } from './touch.ts'

/** Where a workload's memory is mapped once more, in one piece; no workload uses these addresses. */
const flatAt = 0x8000_0000
/** An access at the end of what addresses reach may begin in its last page. */
const flatMapped = flatBytes + pageSize

/** The address at which code without page checks finds what is at `address`. */
function flatAddress(address: number): number {
  return flatAt + (address & (flatBytes - 1))
}

const nonZero = (bytes: Uint8Array): number => bytes.reduce((n, octet) => n + (octet ? 1 : 0), 0)

/** A workload on an engine of its own, whose generated code lacks gas, checks or both. */
export class Variant {
  private readonly workload: Workload
  private readonly engine: Engine
  private readonly isFlat: boolean

  constructor(workload: Workload, parts: { readonly gas: boolean; readonly checks: boolean }) {
    const { name, program } = workload
    const { memory } = program
    this.workload = workload
    this.isFlat = !parts.checks && memory.profile === 'paged32'
    const ir = liftProgram(program)
    // frames lie behind each other in the order in which they are mapped
    const frames = memory.profile === 'paged32' ? memory.regions : []
    const flat = frames.reduce((at, { length }) => at + length, layoutOf(ir).guest)
    const generated = generateMeasured(ir, { ...parts, ...(this.isFlat && { flat }) })
    if (generated === undefined) throw new Error(`${name}: too large to be generated`)
    const { bytes, ...tables } = generated
    const engine = createEngine({ name: 'recomp', after: 0 })
    const artifact = { tables, module: new WebAssembly.Module(bytes), bytes: bytes.length }
    engine.cache.keep(engine.cache.codeOf(program), artifact, 'compiled')
    this.engine = engine
  }

  /** A machine about to run, its memory touched. */
  ready(gas: bigint): Machine {
    const { isFlat, workload } = this
    const machine = readied(this.engine, workload, gas)
    if (!isFlat) {
      touch(machine)
      return machine
    }
    machine.memory.map(flatAt, flatMapped, true)
    for (const { address, bytes } of workload.program.memory.segments)
      machine.memory.write(BigInt(flatAddress(address)), bytes)
    touchRange(machine, flatAt, flatMapped)
    return machine
  }

  /** Where the program has put what it answers by address. */
  address(address: bigint): bigint {
    return this.isFlat ? BigInt(flatAddress(Number(address))) : address
  }

  /** After a run: did it write to where it should. All workloads write memory. */
  check(machine: Machine): void {
    if (!this.isFlat) return
    const { segments } = this.workload.program.memory
    const before = segments.reduce((sum, { bytes }) => sum + nonZero(bytes), 0)
    const after = machine.memory.read(BigInt(flatAt), flatBytes)
    if (after === undefined || nonZero(after) <= before)
      throw new Error(`${this.workload.name}: it ran in other memory`)
  }
}
