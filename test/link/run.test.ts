import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { engineNamed, engineNames } from '#vm/engine/engines'
import { decodeContainer } from '#vm/image/container'
import { programOf } from '#vm/image/contract'
import { type LinkOptions, linkBpf } from '#vm/link/bpf'
import { type DriveExit, drive, type Environment } from '#vm/vm/environment'
import type { Engine, Machine } from '#vm/vm/machine'
import type { BpfProgram } from '#vm/vm/program'
import { guest } from './guests.ts'

const m64 = 2n ** 64n - 1n

function linked(names: readonly string[], options?: LinkOptions): BpfProgram {
  const program = programOf(decodeContainer(linkBpf(names.map(guest), options).container))
  assert.ok(program.isa === 'bpf')
  return program
}

type Calls = Readonly<Record<string, (machine: Machine, args: readonly bigint[]) => bigint>>

/** A host of a few calls; an unknown one ends the run with the trap hostCall. */
function environmentOf(program: BpfProgram, calls: Calls): Environment {
  return {
    call(machine, id) {
      const call = calls[program.imports[id] ?? '']
      if (call === undefined) return { kind: 'trap', trap: 'hostCall' }
      const args = [1, 2, 3, 4, 5].map((i) => machine.registers.get(i))
      machine.registers.set(0, BigInt.asUintN(64, call(machine, args)))
      return 'continue'
    },
  }
}

interface Ran {
  readonly exit: DriveExit
  readonly result: bigint
  readonly gas: bigint
}

function run(
  engine: Engine,
  program: BpfProgram,
  entry: string,
  input: Uint8Array = new Uint8Array(0),
  { gas = 10_000_000n, calls = {} }: { gas?: bigint; calls?: Calls } = {},
): Ran {
  const machine = engine.instantiate(program, { gas })
  const pc = program.exports.get(entry)
  assert.ok(pc !== undefined, entry)
  const address = machine.memory.size
  assert.ok(machine.memory.grow(address + input.length))
  assert.ok(machine.memory.write(BigInt(address), input))
  machine.registers.set(1, BigInt(address))
  machine.registers.set(2, BigInt(input.length))
  machine.pc = pc
  const exit = drive(machine, environmentOf(program, calls))
  const ran = { exit, result: machine.registers.get(0), gas: machine.gas }
  machine.dispose()
  return ran
}

/** r0 of a run that must halt. */
function result(...args: Parameters<typeof run>): bigint {
  const ran = run(...args)
  assert.equal(
    ran.exit.kind,
    'halt',
    JSON.stringify(ran.exit, (_, v) => String(v)),
  )
  return ran.result
}

const u32 = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer)
const u64 = (...values: bigint[]): Uint8Array =>
  new Uint8Array(BigInt64Array.from(values.map((v) => BigInt.asIntN(64, v))).buffer)
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

/** Objects of clang 19 but for `-old`, of 14, which has the register of callx in imm, and `-next`, 22. */
const cpus = ['v1', 'v2', 'v3', 'v3-old', 'v4', 'v4-next']

function forEachEngine(what: string, body: (engine: Engine) => void): void {
  for (const name of engineNames) test(`${what} (${name})`, () => body(engineNamed(name)))
}

forEachEngine('pointers to functions and data', (engine) => {
  for (const cpu of cpus) {
    const program = linked([`fptr-${cpu}`])
    const at = (entry: string, ...input: number[]) =>
      result(engine, program, entry, bytes(...input))
    assert.deepEqual(
      [0, 1, 2, 3].map((i) => at('by_table', i)),
      [18n, 16n, 10n, 8n],
      cpu,
    )
    assert.equal(at('by_register', 1), 144n)
    assert.equal(at('by_register', 1, 2), 13n)
    assert.equal(at('change_table', 1, 2, 3), 46n)
    assert.equal(at('data_pointers'), 20041n)
    assert.equal(at('linked_list'), 765n)
  }
})

forEachEngine('switches, as compare trees and as jump tables in two sections', (engine) => {
  for (const cpu of cpus) {
    const program = linked([`switch-${cpu}`])
    if (cpu === 'v4-next') assert.ok(program.addressTaken.length >= 37)
    for (let n = 0; n < 24; n++) {
      const expected = n <= 20 ? (n * n + 7) * (n + 3) : 99
      assert.equal(result(engine, program, 'select', bytes(n)), BigInt(expected), `${cpu} ${n}`)
    }
    const input = bytes(3, 15, 0, 16, 200, 7, 7, 12)
    let seen = 0n
    let x = 1n
    for (const b of input) {
      if (b < 16) x = seen += x ^ BigInt(b * 31)
      else x += 1n
    }
    assert.equal(result(engine, program, 'select_many', input), x & m64, cpu)
  }
})

forEachEngine('computed goto', (engine) => {
  const program = linked(['goto-v4-next'])
  assert.equal(result(engine, program, 'interpret', bytes(0, 1, 1, 0, 1, 2)), 10n)
  assert.equal(result(engine, program, 'interpret', bytes(3)), 0n)
})

forEachEngine('weak symbols, sections and objects', (engine) => {
  for (const cpu of cpus) {
    const program = linked([`weak-${cpu}`, `weak_strong-${cpu}`])
    const value = (entry: string) => result(engine, program, entry, bytes(1))
    assert.equal(value('strong_wins'), 14n, cpu)
    assert.equal(value('absent_is_null'), 11n, cpu)
    assert.equal(value('across_sections'), 28n, cpu)
    assert.equal(value('across_objects'), 108n + 109n + 5n + 102n, cpu)
    const { exit } = run(engine, program, 'call_absent')
    assert.ok(exit.kind === 'trap' && exit.trap === 'invalidInstruction', cpu)
    const reversed = linked([`weak_strong-${cpu}`, `weak-${cpu}`])
    assert.equal(result(engine, reversed, 'strong_wins'), 14n, cpu)
  }
})

forEachEngine('COMDAT groups: one function and one variable for all objects', (engine) => {
  for (const order of [
    ['comdat_first-v4', 'comdat_second-v4'],
    ['comdat_second-v4', 'comdat_first-v4'],
  ]) {
    const program = linked(order)
    assert.deepEqual([...program.exports.keys()], ['first', 'second', 'thrice_of'])
    assert.equal(result(engine, program, 'first'), 10_016n)
    assert.equal(result(engine, program, 'thrice_of', bytes(1, 2)), 6n)
  }
})

forEachEngine('data, bss, read-only data and strings', (engine) => {
  for (const cpu of cpus) {
    const program = linked([`data-${cpu}`])
    const value = (entry: string, n = 0) => result(engine, program, entry, bytes(n))
    assert.equal(value('count'), 10n, cpu)
    assert.equal(value('count'), 10n, 'each machine has its own data')
    for (const [i, text] of ['alpha', 'beta', 'gamma', 'alpha'].entries()) {
      assert.equal(value('word', i), BigInt(`0x${Buffer.from(text).toString('hex')}`), cpu)
    }
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((n) => value('entry', n)),
      [1n, 22n, 333n, 4444n, 55555n],
    )
    assert.equal(value('bss'), 300n, cpu)
    assert.equal(value('alignment'), 3n, cpu)
  }
})

forEachEngine('arithmetic of every cpu version', (engine) => {
  const values = [
    0n,
    1n,
    0x8000_0000n,
    0xffff_ffffn,
    0x0123_4567_89ab_cdefn,
    m64,
    0x8765_4321_0fed_cba9n,
  ]
  for (const cpu of cpus) {
    const program = linked([`arith-${cpu}`])
    for (const x of values) {
      const value = (entry: string) => result(engine, program, entry, u64(x))
      const swapped = (width: number): bigint => {
        const digits = BigInt.asUintN(width, x)
          .toString(16)
          .padStart(width / 4, '0')
        return BigInt(`0x${Buffer.from(digits, 'hex').reverse().toString('hex')}`)
      }
      assert.equal(value('swap64'), swapped(64), `${cpu} ${x}`)
      assert.equal(value('swap32'), swapped(32), `${cpu} ${x}`)
      assert.equal(value('swap16'), swapped(16), `${cpu} ${x}`)
      const w = BigInt.asUintN(32, x)
      assert.equal(value('mul32'), BigInt.asUintN(32, w * w + (w >> 3n) - (w << 7n)), `${cpu} ${x}`)
      assert.equal(value('unsigned_div'), (x / 1000003n + (x % 97n) + w / 13n) & m64, `${cpu} ${x}`)
      const c = BigInt.asIntN(32, x)
      const sign = c < 0n ? -1n : c > 77777n ? 1n : 0n
      const signs = BigInt.asIntN(8, x) * 3n + (BigInt.asIntN(16, x) >> 2n) + sign
      assert.equal(value('signs'), signs & m64, `${cpu} ${x}`)
    }
    const input = Uint8Array.from({ length: 21 }, (_, i) => (i * 77) & 255)
    let sum = 0n
    for (let i = 0; i + 8 <= input.length; i++) {
      sum = (sum * 31n + Buffer.from(input).readBigUInt64LE(i)) & m64
    }
    assert.equal(result(engine, program, 'unaligned', input), sum, cpu)
  }
})

forEachEngine('signed division, atomics, load-acquire and store-release', (engine) => {
  for (const cpu of ['v4', 'v4-next']) {
    const program = linked([`arith4-${cpu}`])
    for (const [x, y] of [
      [7n, 2n],
      [-7n, 2n],
      [7n, -2n],
      [-7n, -2n],
      [-(2n ** 63n), -1n],
    ] as const) {
      const q = BigInt.asIntN(64, x / y) * 1000n + (x % y)
      assert.equal(result(engine, program, 'signed_div', u64(x, y)), q & m64, `${cpu} ${x} ${y}`)
      if (x < -100n) continue
      assert.equal(result(engine, program, 'signed_div32', u64(x, y)), q & m64, `${cpu} ${x} ${y}`)
    }
    const parts = [40n, 42n, 106n, 98n, 97n].reduce((sum, part) => sum * 256n + part, 0n)
    const expected = ((parts * 2n + 1n) * 16n + 9n) * 8n + 6n + 1n
    assert.equal(result(engine, program, 'atomics'), expected & m64, cpu)
  }
  const sum = 0x1122334455667788n + 0x99aabbccn + 0xddeen + 0xffn
  assert.equal(result(engine, linked(['acquire-v4-next']), 'acquire_release'), sum)
})

forEachEngine('__builtin_trap', (engine) => {
  const program = linked(['trap-v4-next'])
  assert.equal(result(engine, program, 'trap_unless', bytes(1)), 5n)
  const { exit } = run(engine, program, 'trap_unless', bytes(0))
  assert.ok(exit.kind === 'trap' && exit.trap === 'invalidInstruction')
})

forEachEngine('host calls by name and through pointers', (engine) => {
  const calls: Calls = {
    az_value: () => 21n,
    az_gas: () => 1234n,
    memcpy: (machine, [to = 0n, from = 0n, length = 0n]) => {
      const moved = machine.memory.read(from, Number(length))
      assert.ok(moved !== undefined && machine.memory.write(to, moved))
      return to
    },
  }
  for (const cpu of cpus) {
    const program = linked([`hostcalls-${cpu}`])
    assert.equal(result(engine, program, 'called', bytes(), { calls }), 42n)
    assert.equal(result(engine, program, 'through_pointer', bytes(), { calls }), 1234n)
    assert.equal(result(engine, program, 'through_pointer', bytes(0), { calls }), 21n)
    assert.equal(result(engine, program, 'copied', u64(99n), { calls }), 99n)
  }
})

forEachEngine('benchmarks compute what they say', (engine) => {
  const value = (name: string, n: number) =>
    result(engine, linked([`${name}-v4`]), 'run', u32(n), { gas: 1_000_000_000n })
  assert.equal(value('sieve', 1000), 168n)
  assert.equal(value('fib', 12), 144n)
  assert.equal(value('keccak', 1), 0xf1258f7940e1dde7n)
  const sorted = ((): bigint => {
    let x = 88172645463325252n
    const numbers = Array.from({ length: 100 }, () => {
      x = (x ^ (x << 13n)) & m64
      x ^= x >> 7n
      x = (x ^ (x << 17n)) & m64
      return x
    })
    numbers.sort((a, b) => (a < b ? -1 : 1))
    return numbers.reduce((sum, number, i) => (sum + BigInt(i) * number) & m64, 0n)
  })()
  assert.equal(value('quicksort', 100), sorted)
})

test('the SHA-256 benchmark agrees with Node', () => {
  const message = Uint8Array.from({ length: 65536 }, (_, i) => i & 255)
  const digest = createHash('sha256').update(message).digest()
  const engine = engineNamed(engineNames.at(-1) ?? '')
  const options = { gas: 1_000_000_000n }
  assert.equal(
    result(engine, linked(['sha256-v4']), 'run', u32(1), options),
    digest.readBigUInt64LE(0),
  )
})

forEachEngine('hostile contracts end as their comments say', (engine) => {
  const program = linked(['hostile-v4'])
  const calls: Calls = {
    az_grow: (machine, [pages = 0n]) => {
      const before = machine.memory.size
      return pages < 0x10_0000n && machine.memory.grow(before + Number(pages) * 4096)
        ? BigInt(before)
        : m64
    },
    az_event: () => 0n,
    az_set: () => 0n,
  }
  const ends = (entry: string, gas = 200_000n) =>
    run(engine, program, entry, bytes(1, 2), { gas, calls })
  const trap = (entry: string): string => {
    const { exit } = ends(entry)
    return exit.kind === 'trap' ? exit.trap : exit.kind
  }
  const fault = (entry: string): string => {
    const { exit } = ends(entry)
    return exit.kind === 'fault' ? `${exit.access} ${exit.address.toString(16)}` : exit.kind
  }
  for (const entry of ['loop_forever', 'loop_storing', 'flood_events', 'flood_storage']) {
    assert.equal(ends(entry).exit.kind, 'outOfGas', entry)
  }
  assert.equal(trap('recurse_wide'), 'stackOverflow')
  assert.equal(trap('recurse_thin'), 'callDepth')
  assert.equal(trap('recurse_mutually'), 'callDepth')
  assert.equal(fault('read_null'), 'read 8')
  assert.equal(fault('read_high'), 'read fffffff0')
  assert.equal(fault('read_above_32_bits'), 'read 100010000')
  assert.match(fault('write_past_end'), /^write [0-9a-f]+ffc$/)
  assert.match(fault('write_code'), /^write 1000[0-9a-f]+$/)
  assert.match(fault('write_below_stack'), /^write ffc0$/)
  assert.equal(trap('call_data'), 'invalidCall')
  assert.equal(trap('call_middle'), 'invalidCall')
  assert.equal(ends('hog_memory').result, 7n)
  assert.equal(ends('hog_at_once').result, 7n)
  assert.equal(trap('wrapping_range'), 'hostCall')
})
