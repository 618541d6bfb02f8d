// Runs in browsers and in Node, and must find the same everywhere: what contracts cost and leave behind.
import { engineNamed, engineNames, fromHex, type Machine, type Program, toHex } from 'alcatraz-vm'
import { startBpf } from 'alcatraz-vm/bpf'
import { decodeContainer, linkBpf, programOf } from 'alcatraz-vm/link'
import { assemblePvm, polkavmPlan } from 'alcatraz-vm/pvm'
import { createHasher, MemoryStore } from 'alcatraz-vm/state'
import { Chain } from '#node/chain/chain'
import { liftProgram } from '#vm/engine/lifted'
import { pvmPresets } from '#vm/image/pvm-options'
import { generate } from '#vm/recomp/module'
import { kitchen } from '../chain/contracts.ts'

/** Files that the work needs: hexadecimal objects of eBPF guests, texts of PVM guests, by name. */
export interface Material {
  readonly objects: Readonly<Record<string, string>>
  readonly texts: Readonly<Record<string, string>>
}

/** Arguments of each guest as eBPF and as PVM: enough work to be optimised where a compiler does that. */
const sizes: Readonly<Record<string, readonly [readonly number[], readonly number[]]>> = {
  fib: [[14], [14]],
  keccak: [[2], [2]],
  quicksort: [[600], [600, 42]],
  sha256: [[1], [64, 3, 1]],
  sieve: [[4000], [4000]],
  statemachine: [[1], [1]],
  stream: [[1], [1]],
}
export const guestNames: readonly string[] = Object.keys(sizes)
/** More than any of them takes. */
const gas = 1n << 26n
/** Millions of instructions: the reference does not run these. */
const heavy = /^(statemachine|stream) |^sha256 .eBPF/

/** Everything found; every member is plain text so that it can be compared and kept in a file. */
export interface Found {
  /** By engine: root after each transaction and what each cost, as one line of text each. */
  readonly days: Readonly<Record<string, readonly string[]>>
  /** By engine and guest: exit, gas, instructions, registers, digest of memory. */
  readonly guests: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Digest of what is generated, by guest. */
  readonly code: Readonly<Record<string, string>>
}

/** A small generator of the day's transactions. */
function* numbers(): Generator<number, never> {
  for (let x = 0x2545f491; ; ) {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    yield (x >>> 0) % 0x10000
  }
}

const none = new Uint8Array(0)
const account = (octet: number): Uint8Array => new Uint8Array(32).fill(octet)
const word = (value: number): Uint8Array => new Uint8Array(BigUint64Array.of(BigInt(value)).buffer)
const joined = (...parts: readonly (readonly number[] | Uint8Array)[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]))

/** Two contracts deployed and called, with all ends and with gas that ends anywhere. */
async function day(engine: string, token: Uint8Array): Promise<string[]> {
  const [alice, bob] = [account(0xa1), account(0xb0)]
  const chain = await Chain.open({ store: new MemoryStore(), engine: engineNamed(engine) })
  const lines: string[] = []
  const note = (what: string, executed: Awaited<ReturnType<Chain['call']>>): void => {
    const { instructions, receipt } = executed
    const { gasUsed, result, returnData, status } = receipt
    lines.push(
      `${what}: ${status}, gas ${gasUsed}, ${instructions} instructions, ` +
        `result ${result} ${toHex(returnData)}, root ${toHex(chain.root)}`,
    )
  }
  note(
    'genesis',
    await chain.genesis([
      [alice, 1_000_000n],
      [bob, 5000n],
    ] as const),
  )
  const deploy = async (name: string, container: Uint8Array, input: Uint8Array) => {
    const transaction = { sender: alice, container, input, value: 9n, gasLimit: 9_999_999n }
    const executed = await chain.deploy(transaction)
    note(name, executed)
    return executed.receipt.contract!
  }
  const cook = await deploy('kitchen', kitchen, none)
  const coins = await deploy('token', token, word(1_000_000))
  const next = numbers()
  for (let i = 0; i < 40; i++) {
    const [kind, key, value, gas] = [next, next, next, next].map((from) => from.next().value)
    const gasLimit = BigInt(5016 + (gas! % 30_000))
    const input = joined([kind! % 10, key! % 4, value! & 255])
    note('cook', await chain.call({ sender: alice, to: cook, input, value: 1n, gasLimit }))
  }
  for (let i = 0; i < 20; i++) {
    const [kind, amount, gas] = [next, next, next].map((from) => from.next().value)
    const to = kind! % 2 === 0 ? bob : account(kind! & 255)
    const input = joined([kind! % 7 < 3 ? 2 : 3], to, word(amount!))
    const gasLimit = kind! % 5 === 0 ? BigInt(6000 + (gas! % 20_000)) : 500_000n
    note('token', await chain.call({ sender: alice, to: coins, input, value: 0n, gasLimit }))
  }
  return lines
}

interface Guest {
  readonly program: Program
  readonly start: (machine: Machine) => void
}

function bpfGuest(object: string, args: readonly number[]): Guest {
  const { container } = linkBpf([{ name: 'guest.o', bytes: fromHex(object) }])
  const program = programOf(decodeContainer(container))
  const bytes = new Uint8Array(Uint32Array.from(args).buffer)
  return {
    program,
    start: (machine) =>
      startBpf(machine, program.exports.get('run')!, { address: machine.memory.size, bytes }),
  }
}

function pvmGuest(text: string, args: readonly number[]): Guest {
  const assembly = assemblePvm(text, { version: 'latest64' })
  const { bitmask, code, exports, jumpTable, version } = assembly
  const program: Program = {
    isa: 'pvm',
    ...{ version, code, bitmask, jumpTable, exports },
    imports: [],
    memory: polkavmPlan(assembly),
    gas: 'pvm-pipeline-l2',
    symbols: new Map(),
    options: pvmPresets['polkavm-paging'],
  }
  return {
    program,
    start: (machine) => {
      const registers = [0xffff0000, 0xfffe0000, 0, 0, 0, 0, 0, ...args]
      registers.forEach((value, i) => {
        machine.registers.set(i, BigInt(value))
      })
      machine.pc = program.exports.get('main')!
    },
  }
}

/** What a guest leaves behind on an engine. */
function afterGuest(engine: string, guest: Guest, digest: (bytes: Uint8Array) => string): string {
  const machine = engineNamed(engine).instantiate(guest.program, { gas })
  guest.start(machine)
  const exit = machine.run()
  const state = machine.save()
  const pages = state.pages.map(({ address, bytes }) => joined(word(address), bytes))
  const { instructions } = machine.stats
  machine.dispose()
  return [
    `${exit.kind} at ${exit.pc}, gas ${gas - state.gas}, ${instructions} instructions`,
    `registers ${state.registers.map((value) => value.toString(16)).join(' ')}`,
    `memory ${digest(joined(...pages.map((page) => fromHex(digest(page)))))}`,
  ].join(', ')
}

/** Runs everything on the engines named, by default all. */
export async function found(
  { objects, texts }: Material,
  engines: readonly string[] = engineNames,
): Promise<Found> {
  const hasher = await createHasher()
  const digest = (bytes: Uint8Array): string => toHex(hasher.blake2b(bytes))
  const { container } = linkBpf([{ name: 'token.o', bytes: fromHex(objects['token']!) }])
  const guests = new Map<string, Guest>()
  for (const name of guestNames) {
    guests.set(`${name} (eBPF)`, bpfGuest(objects[name]!, sizes[name]![0]))
    guests.set(`${name} (PVM)`, pvmGuest(texts[name]!, sizes[name]![1]))
  }
  const days: Record<string, readonly string[]> = {}
  const left: Record<string, Record<string, string>> = {}
  for (const engine of engines) {
    days[engine] = await day(engine, container)
    left[engine] = Object.fromEntries(
      [...guests]
        .filter(([name]) => engine !== 'reference' || !heavy.test(name))
        .map(([name, guest]) => [name, afterGuest(engine, guest, digest)]),
    )
  }
  const code = [...guests].map(([name, { program }]) => {
    const generated = generate(liftProgram(program))
    return [name, generated === undefined ? 'none' : digest(generated.bytes)]
  })
  return { days, guests: left, code: Object.fromEntries(code) }
}
