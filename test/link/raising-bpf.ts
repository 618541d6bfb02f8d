/** Programs of few lines of eBPF, as an engine runs them and as they run when they are raised for AVM and PVM. */
import assert from 'node:assert/strict'
import { drive, engineNamed, hostOf, type Machine, type Program } from 'alcatraz-vm'
import { startContract } from 'alcatraz-vm/avm'
import { startBpf } from 'alcatraz-vm/bpf'
import { decodePolkavm, startPvm } from 'alcatraz-vm/pvm'
import { LinkError } from '#vm/bits/errors'
import { decodeContainer } from '#vm/image/container'
import { programOf } from '#vm/image/contract'
import { assembleBpf } from '#vm/isa/bpf/asm'
import { linkAvm } from '#vm/link/avm'
import { linkBpf } from '#vm/link/bpf'
import { linkPolkavm } from '#vm/link/pvm'
import { alloc, buildElf, exec, type TestSection, write } from './elf-writer.ts'

export interface BpfObject {
  /** Labels that are functions; `run` is the entry. */
  readonly functions?: readonly string[]
  /** Relocations of the code by label of the instruction. */
  readonly relocations?: readonly { at: string; type: number; symbol: string }[]
  readonly sections?: readonly TestSection[]
  /** Variables: names of sections. */
  readonly variables?: readonly string[]
  readonly undefined?: readonly string[]
}

export function bpfObject(source: string | Uint8Array, object: BpfObject = {}): Uint8Array {
  const { functions = ['run'], relocations = [], sections = [], variables = [] } = object
  const { code, labels } =
    typeof source === 'string'
      ? assembleBpf(source)
      : { code: source, labels: new Map([['run', 0]]) }
  const starts = functions.map((name) => labels.get(name)!)
  return buildElf(
    [
      {
        name: '.text',
        flags: alloc | exec,
        bytes: code,
        relocations: relocations.map(({ at, symbol, type }) => ({
          ...{ offset: labels.get(at)! * 8, type, symbol },
        })),
      },
      ...sections,
    ],
    [
      ...functions.map((name, i) => {
        const next = [...starts].sort((a, b) => a - b).find((start) => start > starts[i]!)
        const end = next ?? code.length / 8
        return {
          ...{ name, section: '.text', type: 2 },
          value: BigInt(8 * starts[i]!),
          size: BigInt(8 * (end - starts[i]!)),
        }
      }),
      ...[...labels].flatMap(([name, slot]) =>
        functions.includes(name)
          ? []
          : [{ name, section: '.text', value: BigInt(8 * slot), binding: 0 }],
      ),
      ...variables.map((name) => ({ name, section: name, type: 1, size: 8n })),
      ...(object.undefined ?? []).map((name) => ({ name })),
    ],
  )
}

export const data = (name: string, bytes: Uint8Array, more: Partial<TestSection> = {}) => ({
  ...{ name, bytes, flags: alloc | write, align: 8 },
  ...more,
})

const gas = 1_000_000n
/** Above data, below the stack. */
const pvmInput = 0x4000_0000

/** The digits of what a host call was given, and its index before them. */
const host =
  (first: number, count: number) =>
  (machine: Machine, index: number): bigint => {
    let sum = BigInt(index)
    for (let i = 0; i < count; i++) sum = sum * 10n + machine.registers.get(first + i)
    return BigInt.asUintN(64, sum)
  }

function ended(
  machine: Machine,
  program: Program,
  first: number,
  result: number,
  count: number,
): string {
  const call = host(first, count)
  const calls = Object.fromEntries(
    program.imports.map((name, index) => [
      name,
      (running: Machine) => {
        running.registers.set(result, call(running, index))
      },
    ]),
  )
  const exit = drive(machine, hostOf(program, calls as never))
  const answer =
    exit.kind === 'halt'
      ? `${machine.registers.get(result)}`
      : exit.kind === 'trap'
        ? exit.trap
        : exit.kind
  machine.dispose()
  return answer
}

/** How a program ends, by what it became: the answer of a run that returns. */
export function ends(
  object: Uint8Array,
  input: Uint8Array,
  hostArguments = 2,
): Readonly<Record<string, string>> {
  const inputs = [{ name: 'a.o', bytes: object }]
  const options = { exports: ['run'], importArguments: () => hostArguments }
  const bpf = programOf(decodeContainer(linkBpf(inputs, { exports: ['run'] }).container))
  const avm = linkAvm(inputs, options).program
  const plain = linkAvm(inputs, { ...options, level: 'none' }).program
  const pvm = decodePolkavm(linkPolkavm(inputs, 'revive-v1', options).bytes)
  const results: Record<string, string> = {}
  for (const name of ['interp', 'recomp']) {
    const engine = engineNamed(name)
    for (const [what, program] of [
      ['AVM', avm],
      ['AVM, not optimised', plain],
    ] as const) {
      const machine = engine.instantiate(program, { gas })
      startContract(machine, 'run', input)
      results[`${what} on ${name}`] = ended(machine, program, 0, 0, hostArguments)
    }
  }
  const interp = engineNamed('interp')
  const asPvm = interp.instantiate(pvm, { gas })
  asPvm.memory.map(pvmInput, 4096, true)
  asPvm.memory.write(BigInt(pvmInput), input)
  startPvm(asPvm, 'run', [BigInt(pvmInput), BigInt(input.length)])
  const found = ended(asPvm, pvm, 7, 7, hostArguments)
  // PVM has one instruction that traps
  results['PVM'] = found === 'panic' ? 'invalidInstruction' : found
  const asBpf = interp.instantiate(bpf, { gas })
  startBpf(asBpf, 'run', input)
  results['eBPF'] = ended(asBpf, bpf, 1, 0, hostArguments)
  return results
}

/** A program answers the same however it is run. */
export function answers(
  expected: bigint | string,
  source: string | Uint8Array,
  object: BpfObject = {},
  input: Uint8Array = new Uint8Array(8),
): void {
  const found = ends(bpfObject(source, object), input)
  for (const [route, answer] of Object.entries(found))
    assert.equal(answer, `${expected}`, `${route} of\n${source}`)
}

export function refuses(
  code: string,
  message: RegExp,
  source: string,
  object: BpfObject = {},
): void {
  assert.throws(
    () => linkAvm([{ name: 'a.o', bytes: bpfObject(source, object) }], { exports: ['run'] }),
    (error) => error instanceof LinkError && error.code === code && message.test(error.message),
  )
}
