import {
  type ContractProgram,
  DecodeError,
  drive,
  type Engine,
  type Environment,
  fromHex,
  hexOf,
  InputError,
  toHex,
} from 'alcatraz-vm'
import {
  assembleBpf,
  type BpfAssembly,
  type BpfInput,
  bpfProgramOf,
  startBpf,
} from 'alcatraz-vm/bpf'

/** What became of one conformance case. */
export interface VectorResult {
  readonly status: 'passed' | 'failed' | 'skipped'
  readonly reason?: string
}

/**
 * One case of bpf_conformance: sections by name. `asm` and `raw` are the program, `mem` its input,
 * `result` the r0 it halts with; `error` (with or without a text) says that it must be refused or
 * stopped. The text is another machine's wording and is not compared.
 */
interface BpfCase {
  readonly asm: string | undefined
  readonly raw: Uint8Array | undefined
  readonly mem: Uint8Array
  readonly result: bigint | undefined
  readonly error: boolean
}

const sections = ['asm', 'raw', 'mem', 'result', 'error', 'c', 'no register offset'] as const
type Section = (typeof sections)[number]

/** The text of each section without comments; `asm` keeps its line numbers. */
function sectionsOf(text: string): Map<Section, string> {
  const out = new Map<Section, string>()
  let current: Section | undefined
  let number = 0
  for (const line of text.split(/\r?\n/)) {
    number++
    const header = /^--\s*(.*?)\s*$/.exec(line)
    if (header !== null) {
      current = sections.find((section) => section === header[1])
      if (current === undefined)
        throw new DecodeError('unknownSection', `unknown section '${header[1]}'`)
      if (!out.has(current)) out.set(current, '\n'.repeat(current === 'asm' ? number : 0))
    } else if (current !== undefined) {
      out.set(current, out.get(current)! + line.replace(/#.*/, '') + '\n')
    }
  }
  return out
}

function wordsOf(text: string | undefined): string[] {
  return text?.match(/\S+/g) ?? []
}

/** `raw` is 64-bit words, least significant octet first, or octets of two digits each. */
function rawOf(words: readonly string[]): Uint8Array {
  if (words.every((word) => /^[\da-f]{2}$/i.test(word))) return fromHex(words.join(''))
  const bytes = new Uint8Array(words.length * 8)
  const view = new DataView(bytes.buffer)
  words.forEach((word, index) => {
    view.setBigUint64(index * 8, numberOf(word), true)
  })
  return bytes
}

function numberOf(text: string): bigint {
  if (!/^(?:0x[\da-f]{1,16}|\d{1,20})$/i.test(text))
    throw new DecodeError('badNumber', `'${text}' is not a number`)
  return BigInt.asUintN(64, BigInt(text))
}

function memOf(words: readonly string[]): Uint8Array {
  return fromHex(words.map((word) => word.replace(/^0x/i, '').padStart(2, '0')).join(''))
}

function caseOf(text: string): BpfCase {
  const found = sectionsOf(text)
  const result = wordsOf(found.get('result'))[0]
  const raw = wordsOf(found.get('raw'))
  const asm = found.get('asm')
  return {
    asm: asm === undefined || asm.trim() === '' ? undefined : asm,
    raw: raw.length === 0 ? undefined : rawOf(raw),
    mem: memOf(wordsOf(found.get('mem'))),
    result: result === undefined ? undefined : numberOf(result),
    error: found.has('error'),
  }
}

/** Gas for one case: the suite has no loop that comes near it. */
const gasLimit = 10_000_000n

/** The one helper that the suite's cases call: "unwind" answers r1, and 0 ends the program. */
const unwindHelper = 5

const helpers: Environment = {
  call(machine, id) {
    if (id !== unwindHelper) return { kind: 'trap', trap: 'hostCall' }
    const value = machine.registers.get(1)
    machine.registers.set(0, value)
    return value === 0n ? { kind: 'halt' } : 'continue'
  },
}

/** How a program of the suite ended: r0 when it halted, else why it was stopped. */
export type BpfOutcome = { readonly r0: bigint } | { readonly error: string }

/**
 * Runs instructions as the suite's machines do: `mem` is the input, `callx` takes helpers' ids,
 * packet access is on, gas is counted but never short.
 * @throws {InputError} when the code is no program
 */
export function runBpfCode(
  code: Uint8Array,
  mem: Uint8Array,
  engine: Engine,
  assembly?: BpfAssembly,
): BpfOutcome {
  const program = bpfProgramOf(code, {
    input: mem,
    gas: 'per-instruction',
    options: { packet: true, callxHelpers: true },
    functions: assembly?.addressTaken ?? [],
    addressTaken: assembly?.addressTaken ?? [],
  })
  return runBpfProgram(program, 0, { address: program.input!.address, bytes: mem }, engine, helpers)
}

/** Runs a program from slot `entry`; `environment` answers its host calls, by default by a trap. */
export function runBpfProgram(
  program: ContractProgram,
  entry: number,
  input: BpfInput,
  engine: Engine,
  environment: Environment = { call: () => ({ kind: 'trap', trap: 'hostCall' }) },
): BpfOutcome {
  const machine = engine.instantiate(program, { gas: gasLimit })
  try {
    startBpf(machine, entry, input)
    const exit = drive(machine, environment)
    if (exit.kind === 'halt') return { r0: machine.registers.get(0) }
    const what = exit.kind === 'trap' ? exit.trap : exit.kind
    const where = exit.kind === 'fault' ? ` (${exit.access} at ${hexOf(exit.address)})` : ''
    return { error: `${what} at slot ${exit.pc}${where}` }
  } finally {
    machine.dispose()
  }
}

function failed(reason: string): VectorResult {
  return { status: 'failed', reason }
}

function judge(c: BpfCase, outcome: BpfOutcome): VectorResult {
  if ('error' in outcome) return c.error ? { status: 'passed' } : failed(outcome.error)
  if (c.error) return failed(`halted with r0 = ${hexOf(outcome.r0)}, an error was expected`)
  if (outcome.r0 === c.result) return { status: 'passed' }
  return failed(`r0 = ${hexOf(outcome.r0)}, expected ${hexOf(c.result!)}`)
}

/**
 * Runs one file of bpf_conformance's form (`.data`) on an engine. Skipped: a file without a program,
 * without an expectation or with a section that is not known, as its own runner does.
 * @example runBpfVector('-- asm\nmov r0, 1\nexit\n-- result\n0x1\n', referenceEngine).status // 'passed'
 */
export function runBpfVector(text: string, engine: Engine): VectorResult {
  let c: BpfCase
  try {
    c = caseOf(text)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return error.code === 'unknownSection'
      ? { status: 'skipped', reason: error.message }
      : failed(error.message)
  }
  if (c.asm === undefined && c.raw === undefined)
    return { status: 'skipped', reason: 'the file has no program' }
  if (c.result === undefined && !c.error)
    return { status: 'skipped', reason: 'the file expects neither a result nor an error' }
  try {
    const assembly = c.asm === undefined ? undefined : assembleBpf(c.asm)
    const code = c.raw ?? assembly!.code
    if (assembly !== undefined && toHex(code) !== toHex(assembly.code))
      return failed('raw and asm differ')
    return judge(c, runBpfCode(code, c.mem, engine, assembly))
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return judge(c, { error: error.message })
  }
}
