import { DecodeError, type Engine, type Exit, type Machine, type MachineState } from 'alcatraz-vm'
import {
  decodePvmBlob,
  hasBit,
  type PvmPreset,
  pipelineBlockCost,
  pvmIsa,
  pvmPresets,
} from 'alcatraz-vm/pvm'

/** What the case files of a set leave unsaid: instruction set, rules and gas schedule. */
export const pvmVectorSets: {
  readonly [S in PvmVectorSet]: {
    readonly version: 'jam-v1' | 'gp-0.7' | 'latest64' | 'latest32'
    readonly preset: PvmPreset
    readonly gas: string
  }
} = {
  'pvm-jamv1': { version: 'jam-v1', preset: 'gp-0.8', gas: 'pvm-pipeline-l2' },
  'pvm-gp07': { version: 'gp-0.7', preset: 'gp-0.7', gas: 'pvm-instruction' },
  'pvm-latest64': { version: 'latest64', preset: 'polkavm-paging', gas: 'pvm-pipeline-l2' },
  'pvm-latest32': { version: 'latest32', preset: 'polkavm-paging', gas: 'pvm-instruction' },
}
export type PvmVectorSet = 'pvm-jamv1' | 'pvm-gp07' | 'pvm-latest64' | 'pvm-latest32'

export interface VectorResult {
  readonly name: string
  readonly status: 'passed' | 'failed' | 'skipped'
  /** What was expected and what came, unless passed. */
  readonly reason?: string
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
type JsonObject = { readonly [key: string]: Json }

/** One case: the JSON of polkavm's tools/spectool/spec/schema.json, as parsed. */
export type PvmCase = JsonObject & { readonly name: string }

function malformed(what: string, value: Json | undefined): DecodeError {
  return new DecodeError('badVector', `not a PVM test case: ${what}`, {
    value: JSON.stringify(value)?.slice(0, 40),
  })
}

function objectOf(value: Json | undefined, what: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed(`${what} is no object`, value)
  return value as JsonObject
}

function listOf(value: Json | undefined, what: string): readonly Json[] {
  if (!Array.isArray(value)) throw malformed(`${what} is no list`, value)
  return value
}

/** Numbers over 2^53 come as strings: see `parsePvmVectors`. */
function integerOf(value: Json | undefined, what: string): bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  if (typeof value === 'string' && /^-?\d+$/.test(value)) return BigInt(value)
  throw malformed(`${what} is no integer`, value)
}

/** What machines take: 0 <= gas < 2^63, and a place in the code or anywhere else in 32 bits. */
function withinOf(value: Json | undefined, end: bigint, what: string): bigint {
  const number = integerOf(value, what)
  if (number < 0n || number >= end) throw malformed(`${what} is out of range`, value)
  return number
}

function octetsOf(value: Json | undefined, what: string): Uint8Array {
  const list = listOf(value, what)
  if (!list.every((octet) => Number.isInteger(octet) && Number(octet) >= 0 && Number(octet) < 256))
    throw malformed(`${what} has what is no octet`, value)
  return Uint8Array.from(list as readonly number[])
}

/** Quotes integers that a JavaScript number could round, outside of strings. */
function withBigNumbersQuoted(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g, (token) =>
    token.startsWith('"') ? token : `"${token}"`,
  )
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(withBigNumbersQuoted(text)) as Json
  } catch (cause) {
    throw malformed((cause as Error).message, text)
  }
}

/**
 * The cases of a file: one case, a list of cases, or one case a line.
 * @throws {DecodeError} `badVector`
 */
export function parsePvmVectors(text: string): PvmCase[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const perLine = lines.length > 1 && lines[0]!.trim().endsWith('}')
  const values = perLine ? lines.map(parseJson) : [parseJson(text)].flat()
  return (values as Json[]).map((value) => {
    const object = objectOf(value, 'the case')
    if (typeof object['name'] !== 'string') throw malformed('it has no name', value)
    return object as PvmCase
  })
}

const statusOf: { readonly [K in Exit['kind']]: string } = {
  halt: 'halt',
  trap: 'panic',
  fault: 'page-fault',
  outOfGas: 'out-of-gas',
  host: 'ecalli',
}

const pageSize = 4096
/** Cases map some pages; more than this is no case of these suites. */
const maxMapped = 1 << 26

/** Writes where the guest may not, by way of a saved state. */
function forceWrite(machine: Machine, address: number, bytes: Uint8Array): void {
  const state: MachineState = machine.save()
  const pages = state.pages.map((page) => {
    const copy = page.bytes.slice()
    for (let i = 0; i < bytes.length; i++) {
      const offset = address + i - page.address
      if (offset >= 0 && offset < copy.length) copy[offset] = bytes[i]!
    }
    return { ...page, bytes: copy }
  })
  machine.restore({ ...state, pages })
}

class Runner {
  readonly machine: Machine
  readonly width: 32 | 64
  readonly mapped: { readonly address: number; readonly length: number }[] = []
  exit: Exit | undefined

  constructor(machine: Machine, width: 32 | 64) {
    this.machine = machine
    this.width = width
  }

  /** The first difference, or undefined. */
  step(name: string, args: JsonObject): string | undefined {
    const { machine } = this
    switch (name) {
      case 'run':
        this.exit = machine.run()
        return undefined
      case 'set-reg': {
        const register = Number(integerOf(args['reg'], 'reg'))
        if (register < 0 || register >= machine.registers.count) throw malformed('reg', args)
        machine.registers.set(register, integerOf(args['value'], 'value'))
        return undefined
      }
      case 'map': {
        const address = Number(integerOf(args['address'], 'address'))
        const length = Number(integerOf(args['length'], 'length'))
        if (address % pageSize !== 0 || length % pageSize !== 0 || length > maxMapped || length < 0)
          throw malformed('map is not in pages', args)
        if (address < 0 || address + length > 2 ** 32) throw malformed('map', args)
        machine.memory.map(address, length, args['is-writable'] === true)
        this.mapped.push({ address, length })
        return undefined
      }
      case 'write': {
        const address = integerOf(args['address'], 'address')
        const bytes = octetsOf(args['contents'], 'contents')
        if (!machine.memory.write(address, bytes)) forceWrite(machine, Number(address), bytes)
        return undefined
      }
      case 'assert':
        return this.compare(args)
      default:
        throw malformed(`unknown step '${name}'`, args)
    }
  }

  private compare(wanted: JsonObject): string | undefined {
    const { exit, machine } = this
    if (exit === undefined) throw malformed('assert before run', wanted)
    const found: { readonly [field: string]: string | bigint | undefined } = {
      status: statusOf[exit.kind],
      pc: BigInt(exit.pc),
      gas: machine.gas,
      'page-fault-address': exit.kind === 'fault' ? exit.address : undefined,
      hostcall: exit.kind === 'host' ? BigInt(exit.id) : undefined,
    }
    for (const field of Object.keys(found)) {
      const want = wanted[field]
      if (want === undefined || want === null) continue
      const have = found[field]
      if (String(want) !== String(have)) return `${field}: expected ${want}, got ${have}`
    }
    return this.compareRegisters(wanted['regs']) ?? this.compareMemory(wanted['memory'])
  }

  private compareRegisters(wanted: Json | undefined): string | undefined {
    if (wanted === undefined || wanted === null) return undefined
    for (const [index, want] of listOf(wanted, 'regs').entries()) {
      if (want === null) continue
      const value = BigInt.asUintN(this.width, integerOf(want, 'register'))
      const have = BigInt.asUintN(this.width, this.machine.registers.get(index))
      if (have !== value) return `register ${index}: expected ${value}, got ${have}`
    }
    return undefined
  }

  /** The listed octets, and zeros everywhere else that was mapped. */
  private compareMemory(wanted: Json | undefined): string | undefined {
    if (wanted === undefined || wanted === null) return undefined
    const octets = new Map<number, number>()
    for (const chunk of listOf(wanted, 'memory')) {
      const { address, contents } = objectOf(chunk, 'memory')
      const start = Number(integerOf(address, 'address'))
      octetsOf(contents, 'contents').forEach((octet, i) => {
        octets.set(start + i, octet)
      })
    }
    for (const { address, length } of this.mapped) {
      const bytes = this.machine.memory.read(BigInt(address), length)
      if (bytes === undefined) return `memory at ${address} is not readable`
      for (let i = 0; i < length; i++) {
        const want = octets.get(address + i) ?? 0
        if (bytes[i] !== want) return `memory at ${address + i}: expected ${want}, got ${bytes[i]}`
        octets.delete(address + i)
      }
    }
    for (const [address, want] of octets)
      if (want !== 0) return `memory at ${address} is not mapped`
    return undefined
  }
}

/** Pairs of pc and cost: a list of `{pc, cost}` or an object from pc to cost. */
function blockCosts(value: Json | undefined): [bigint, bigint][] {
  if (value === undefined) return []
  if (!Array.isArray(value))
    return Object.entries(objectOf(value, 'block-gas-costs')).map(([pc, cost]) => [
      integerOf(pc, 'pc'),
      integerOf(cost, 'cost'),
    ])
  return value.map((entry: Json) => {
    const { pc, cost } = objectOf(entry, 'block-gas-costs')
    return [integerOf(pc, 'pc'), integerOf(cost, 'cost')]
  })
}

/** Cache model L2, and the 64-bit machine for all sets: how the generator of these suites states it. */
function compareCosts(test: PvmCase, set: PvmVectorSet): string | undefined {
  const { version, preset } = pvmVectorSets[set]
  const program = decodePvmBlob(octetsOf(test['program'], 'program'), {
    version,
    options: pvmPresets[preset],
  })
  const isa = pvmIsa(version, program.options)
  for (const [pc, want] of blockCosts(test['block-gas-costs'])) {
    const at = Number(pc)
    if (!hasBit(program.bitmask, at)) return `block ${pc}: no instruction starts there`
    const have = pipelineBlockCost(isa, program.code, program.bitmask, at, 25, 64)
    if (BigInt(have) !== want) return `cost of block ${pc}: expected ${want}, got ${have}`
  }
  return undefined
}

function runCase(test: PvmCase, set: PvmVectorSet, engine: Engine): string | undefined {
  const { version, preset, gas } = pvmVectorSets[set]
  const program = decodePvmBlob(octetsOf(test['program'], 'program'), {
    version,
    gas,
    options: pvmPresets[preset],
  })
  const machine = engine.instantiate(program, {
    gas: withinOf(test['initial-gas'], 1n << 63n, 'initial-gas'),
  })
  try {
    machine.pc = Number(withinOf(test['initial-pc'], 1n << 32n, 'initial-pc'))
    const runner = new Runner(machine, pvmIsa(version).features.width)
    for (const [index, step] of listOf(test['steps'], 'steps').entries()) {
      for (const [name, args] of Object.entries(objectOf(step, 'a step'))) {
        const difference = runner.step(name, objectOf(args, name))
        if (difference !== undefined) return `step ${index}: ${difference}`
      }
    }
    return compareCosts(test, set)
  } finally {
    machine.dispose()
  }
}

/**
 * Runs one case with an engine: its steps in order, then the costs of its blocks. A case that is
 * malformed, or a program that is refused, fails with the reason.
 */
export function runPvmVector(test: PvmCase, set: PvmVectorSet, engine: Engine): VectorResult {
  const { name } = test
  let reason: string | undefined
  try {
    reason = runCase(test, set, engine)
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error)
  }
  return reason === undefined ? { name, status: 'passed' } : { name, status: 'failed', reason }
}
