import type { Exit } from '#vm/vm/exit'
import { HostedMachine } from '#vm/vm/hosted'
import type { Engine } from '#vm/vm/machine'
import { type Memory, nullZone } from '#vm/vm/memory'
import type { BpfProgram } from '#vm/vm/program'

/** Guest memory as one array from 0x10000; the obvious one. */
export class FlatMemory implements Memory {
  bytes: Uint8Array
  readonly max: number

  constructor(length: number, max: number = length) {
    this.bytes = new Uint8Array(length)
    this.max = max
  }

  #at(address: bigint, length: number): number | undefined {
    const start = BigInt(nullZone)
    const inside = address >= start && address - start + BigInt(length) <= this.bytes.length
    return inside ? Number(address - start) : undefined
  }

  read(address: bigint, length: number): Uint8Array | undefined {
    if (length === 0) return new Uint8Array(0)
    const at = this.#at(address, length)
    return at === undefined ? undefined : this.bytes.slice(at, at + length)
  }

  write(address: bigint, bytes: Uint8Array): boolean {
    if (bytes.length === 0) return true
    const at = this.#at(address, bytes.length)
    if (at === undefined) return false
    this.bytes.set(bytes, at)
    return true
  }

  map(): void {
    throw new Error('linear memory has no pages')
  }

  unmap(): void {
    throw new Error('linear memory has no pages')
  }

  regionAt(): undefined {
    return undefined
  }

  resize(): boolean {
    return false
  }

  get size(): number {
    return nullZone + this.bytes.length
  }

  grow(size: number): boolean {
    const length = Math.ceil(size / 4096) * 4096 - nullZone
    if (length > this.max) return false
    if (length > this.bytes.length) {
      const grown = new Uint8Array(length)
      grown.set(this.bytes)
      this.bytes = grown
    }
    return true
  }
}

/** What a scripted contract does: yields host calls with their arguments, returns how it ends. */
export type Script = (
  machine: FakeMachine,
) => Generator<readonly [id: number, ...args: readonly bigint[]], Exit['kind'] | undefined, void>

/** A script that ends at once. */
export function* ending(kind: Exit['kind']): ReturnType<Script> {
  yield* []
  return kind
}

/** A machine whose program is a script: no ISA, so that host tests test the host alone. */
export class FakeMachine extends HostedMachine {
  override readonly program: BpfProgram
  override readonly memory: FlatMemory
  readonly values: bigint[] = new Array<bigint>(11).fill(0n)
  override gas: bigint
  override pc = 0
  released = false
  #steps: ReturnType<Script> | undefined
  readonly #script: Script

  constructor(program: BpfProgram, gas: bigint, script: Script) {
    super()
    this.program = program
    this.gas = gas
    const { memory } = program
    if (memory.profile !== 'linear32') throw new Error('linear memory expected')
    this.memory = new FlatMemory(memory.size - nullZone, memory.maxSize - nullZone)
    this.#script = script
  }

  override readonly registers = {
    count: 11,
    get: (index: number): bigint => this.values[index]!,
    set: (index: number, value: bigint): void => {
      this.values[index] = BigInt.asUintN(64, value)
    },
  }

  override readonly stats = { instructions: 0n, tiers: {} }

  protected override leg(): Exit {
    this.#steps ??= this.#script(this)
    const { pc } = this
    const next = this.#steps.next()
    if (!next.done) {
      const [id, ...args] = next.value
      for (const [index, value] of args.entries()) this.registers.set(index + 1, value)
      return { kind: 'host', id, pc }
    }
    switch (next.value) {
      case 'trap':
        return { kind: 'trap', trap: 'panic', pc }
      case 'fault':
        return { kind: 'fault', address: 7n, access: 'write', pc }
      case 'outOfGas':
        return { kind: 'outOfGas', pc }
      default:
        return { kind: 'halt', pc }
    }
  }

  override save(): never {
    throw new Error('not here')
  }

  override restore(): never {
    throw new Error('not here')
  }

  protected override release(): void {
    this.released = true
  }
}

export function programWith(imports: readonly string[], pages = 4, maxPages = 8): BpfProgram {
  return {
    isa: 'bpf',
    version: 'v4',
    code: Uint8Array.of(0x95, 0, 0, 0, 0, 0, 0, 0),
    exports: new Map([
      ['call', 0],
      ['deploy', 0],
    ]),
    imports,
    memory: {
      profile: 'linear32',
      segments: [],
      size: nullZone + pages * 4096,
      maxSize: nullZone + maxPages * 4096,
    },
    gas: 'none',
    symbols: new Map(),
    functions: [{ pc: 0, frameSize: 0 }],
    codeBase: 0x1_0000_0000n,
    addressTaken: [],
    stack: { low: nullZone, high: nullZone + 4096 },
    options: { packet: false, callxHelpers: false, maxDepth: 64 },
  }
}

export function scriptedEngine(script: Script): Engine & { readonly machines: FakeMachine[] } {
  const machines: FakeMachine[] = []
  return {
    name: 'reference',
    machines,
    instantiate(program, { gas }) {
      const machine = new FakeMachine(program as BpfProgram, gas, script)
      machines.push(machine)
      return machine
    },
  }
}
