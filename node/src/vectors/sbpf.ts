import { DecodeError, type Engine, type Exit, hexOf, type Machine } from 'alcatraz-vm'
import {
  type SbpfVersionName,
  sbpfAddresses,
  sbpfProgram,
  sbpfVersions,
  startSbpf,
  verifySbpf,
} from 'alcatraz-vm/sbpf'
import type { VectorResult } from './bpf.ts'

/** What a case says of the program and the machine; all of it stays for the cases that follow. */
interface Given {
  readonly op: number
  readonly dst: number
  readonly src: number
  readonly off: number
  readonly imm: bigint
  readonly registers: readonly bigint[]
  readonly input: Uint8Array
  /** Ends of the regions that the input is cut into; none: it is one. */
  readonly boundaries: readonly number[]
}

/** One instruction, `exit` behind it, and what becomes of the registers. */
export interface SbpfCase {
  readonly line: number
  readonly version: SbpfVersionName
  readonly given: Given
  readonly expected: 'ok' | 'err' | 'vfy'
  /** Registers at the end, where it is `ok`. */
  readonly registers: readonly bigint[]
}

const registerCount = 11

const nothing: Given = {
  op: 0,
  dst: 0,
  src: 0,
  off: 0,
  imm: 0n,
  registers: new Array<bigint>(registerCount).fill(0n),
  input: new Uint8Array(0),
  boundaries: [],
}

function malformed(line: number, text: string): DecodeError {
  return new DecodeError('badVector', `no test of an sBPF instruction: '${text}'`, {
    offset: line,
    value: text,
  })
}

function octetsOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

/** `given` with one assignment made. */
function assign(given: Given, name: string, value: string): Given | undefined {
  const number = BigInt(`0x${value}`)
  const small = Number(BigInt.asUintN(32, number))
  const register = /^r(\d+)$/.exec(name)
  if (register !== null)
    return { ...given, registers: given.registers.with(Number(register[1]), number) }
  switch (name) {
    case 'op':
      return { ...given, op: small }
    case 'dst':
      return { ...given, dst: small & 15 }
    case 'src':
      return { ...given, src: small & 15 }
    case 'off':
      return { ...given, off: small }
    case 'imm':
      return { ...given, imm: number }
    case 'input':
      return { ...given, input: octetsOf(value), boundaries: [] }
    case 'region_boundary':
      return { ...given, boundaries: [...given.boundaries, small] }
    default:
      return undefined
  }
}

/** The version that a path names as a folder `v0` to `v4`; V0 unless one does. */
export function sbpfVersionOf(path: string): SbpfVersionName {
  return sbpfVersions.findLast((version) => path.split(/[/\\]/).includes(version)) ?? 'v0'
}

/**
 * The cases of a file `.instr`: `$` begins one, `:` what is expected, `#` a comment.
 * @throws {DecodeError} `badVector`, with the line
 * @example parseSbpfVectors('$ op=b7 dst=1 imm=5 : ok r1=5', 'v0').length // 1
 */
export function parseSbpfVectors(text: string, version: SbpfVersionName): SbpfCase[] {
  const cases: SbpfCase[] = []
  let given = nothing
  let begun = 0
  let after: Given | undefined
  let expected: SbpfCase['expected'] | undefined
  const close = (): void => {
    if (after === undefined) return
    if (expected === undefined) throw malformed(begun, 'a case that expects nothing')
    cases.push({ line: begun, version, given, expected, registers: after.registers })
    after = undefined
    expected = undefined
  }
  for (const [index, line] of text.split('\n').entries()) {
    const tokens = line.replace(/#.*/, '').match(/[$:]|\w+\s*=\s*[\da-fA-F]+|\w+|\S/g) ?? []
    for (const token of tokens) {
      const [, name, value] = /^(\w+)\s*=\s*([\da-fA-F]+)$/.exec(token) ?? []
      if (token === '$') {
        close()
        begun = index + 1
      } else if (token === ':') after = given
      else if (token === 'ok' || token === 'err') expected = token
      else if (token === 'vfy' || token === 'vfyub') expected = 'vfy'
      else {
        // behind `:` registers are those at the end
        const expects = after !== undefined && /^r\d/.test(token)
        const made = assign(expects ? after! : given, name ?? '', value ?? '0')
        if (made === undefined) throw malformed(index + 1, token)
        if (expects) after = made
        else given = made
      }
    }
  }
  close()
  return cases
}

const lddw = 0x18
const exit = 0x95

function codeOf({ op, dst, src, off, imm }: Given): Uint8Array {
  const slots = op === lddw ? 3 : 2
  const code = new Uint8Array(8 * slots)
  const view = new DataView(code.buffer)
  code[0] = op
  code[1] = dst | (src << 4)
  view.setUint16(2, off, true)
  view.setUint32(4, Number(BigInt.asUintN(32, imm)), true)
  if (op === lddw) view.setUint32(12, Number(imm >> 32n), true)
  code[8 * (slots - 1)] = exit
  return code
}

/** Compute units of a case. */
const gas = 100n

function readied({ given, version }: SbpfCase, engine: Engine): Machine {
  const code = codeOf(given)
  const program = sbpfProgram({
    version,
    code,
    textAddress: sbpfAddresses.program,
    entry: 0,
    readOnly: { address: sbpfAddresses.program, bytes: code },
    syscalls: new Map(),
  })
  const machine = engine.instantiate(program, { gas })
  machine.memory.unmap(sbpfAddresses.heap, 1)
  startSbpf(machine)
  const { boundaries, input, registers } = given
  let from = 0
  for (const to of boundaries.length === 0 ? [input.length] : boundaries) {
    const address = sbpfAddresses.input + from
    machine.memory.map(address, to - from, true)
    machine.memory.write(BigInt(address), input.subarray(from, to))
    from = to
  }
  for (let r = 0; r < registerCount; r++) machine.registers.set(r, registers[r]!)
  return machine
}

function failed(reason: string): VectorResult {
  return { status: 'failed', reason }
}

function endOf(exit: Exit): string {
  return exit.kind === 'trap' ? exit.trap : exit.kind
}

/**
 * Runs one case. What the verifier refuses is run, too: it must come to some end.
 * @example runSbpfVector(parseSbpfVectors('$ op=b7 dst=1 imm=5 : ok r1=5', 'v0')[0], engine).status // 'passed'
 */
export function runSbpfVector(test: SbpfCase, engine: Engine): VectorResult {
  const refused = verifySbpf(codeOf(test.given), test.version)
  const machine = readied(test, engine)
  try {
    const exit = machine.run()
    if (test.expected === 'vfy')
      return refused ? { status: 'passed' } : failed('the verifier accepts it')
    if (refused !== undefined) return failed(`the verifier refuses it: ${refused.text}`)
    const ok = exit.kind === 'halt'
    if (ok !== (test.expected === 'ok')) return failed(`${endOf(exit)}, expected ${test.expected}`)
    if (!ok) return { status: 'passed' }
    for (let r = 0; r < registerCount; r++) {
      const value = machine.registers.get(r)
      if (value !== test.registers[r]!)
        return failed(`r${r} = ${hexOf(value)}, expected ${hexOf(test.registers[r]!)}`)
    }
    return { status: 'passed' }
  } finally {
    machine.dispose()
  }
}
