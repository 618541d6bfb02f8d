import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import {
  drive,
  type Engine,
  hostOf,
  interpEngine,
  recompEngine,
  referenceEngine,
} from 'alcatraz-vm'
import { avmLayout, linkRiscvProgram, pvmLayout } from 'alcatraz-vm/link'
import { executableHost, loadRiscv, startRiscv } from 'alcatraz-vm/riscv'
import type { RiscvProgram } from '#vm/vm/program'
import { link, riscvFolder, riscvGuests } from './riscv-linking.ts'

const engines: readonly Engine[] = [referenceEngine, interpEngine, recompEngine]
/** What `run(100)` of the probe answers when it is compiled for another machine. */
const answer = BigInt.asUintN(64, -576520546n)

function run(
  program: RiscvProgram,
  engine: Engine,
  entry: string,
  args: readonly bigint[],
  functions: Parameters<typeof hostOf>[1] = {},
): { kind: string; result: bigint; output: string; gas: bigint } {
  const machine = engine.instantiate(program, { gas: 100_000n })
  startRiscv(machine, entry, args)
  let output = ''
  const write = executableHost((_descriptor, bytes) => {
    output += new TextDecoder().decode(bytes)
  })
  const { kind } = drive(machine, hostOf(program, { ...write, ...functions }))
  const [result, gas] = [machine.registers.get(10), machine.gas]
  machine.dispose()
  return { kind, result, output, gas }
}

const builds: readonly (readonly string[])[] = [
  ['plain-probe.o', 'plain-other.o'],
  ['plain-other.o', 'plain-probe.o'],
  ['sections-probe.o', 'sections-other.o'],
  ['pic-probe.o', 'pic-other.o'],
  ['norelax-probe.o', 'norelax-other.o'],
  ['medany-probe.o', 'pic-other.o'],
  ['i-probe.o', 'i-other.o'],
  ['wide32-probe.o', 'wide32-other.o'],
  ['small-probe.o', 'small-other.o'],
  ['whole.o'],
  ['kept.elf'],
  ['relaxed.elf'],
  ['plain-probe.o', 'lib.a'],
]

for (const files of builds)
  test(`${files.join(' and ')}: linked, the probe answers what it must on every engine`, () => {
    const { program } = linkRiscvProgram(riscvGuests(...files), { exports: ['run'] })
    const ran = engines.map((engine) => run(program, engine, 'run', [100n]))
    for (const one of ran) {
      assert.deepEqual(one, ran[0])
      assert.deepEqual([one.kind, one.result, one.output], ['halt', answer, 'two'])
    }
  })

for (const [file, bases] of [
  ['bare.elf', [0x10000]],
  ['pie.elf', [0x10000, 0, 0x8000_0000, 0xffe0_0000]],
] as const)
  for (const base of bases)
    test(`${file} at ${base.toString(16)} runs as it is`, () => {
      const program = loadRiscv(riscvGuests(file)[0]!.bytes, { base })
      for (const engine of engines) {
        const { kind, output, result } = run(program, engine, '_start', [])
        assert.deepEqual([kind, output, result], ['halt', 'two', 0n])
      }
    })

/** The executable with octets of its section of imports written over. */
function withImports(file: string, change: (part: Uint8Array) => void): Uint8Array {
  const bytes = riscvGuests(file)[0]!.bytes.slice()
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf('outside\0double\0')
  change(bytes.subarray(at, at + 'outside\0double\0'.length))
  return bytes
}

for (const file of ['imports64.elf', 'imports32.elf']) {
  test(`${file}: an executable names its host calls in a section`, () => {
    const program = loadRiscv(riscvGuests(file)[0]!.bytes)
    assert.deepEqual(program.ecalls, ['outside', 'double'])
    const functions = {
      outside: ({ args }: { args: readonly bigint[] }): bigint => args[0]! * 10n + args[1]!,
      double: ({ args }: { args: readonly bigint[] }): bigint => args[0]! * 2n,
    }
    for (const engine of engines) {
      const { kind, result } = run(program, engine, '_start', [], functions)
      assert.deepEqual([kind, result], ['halt', 68n])
      assert.equal(run(program, engine, '_start', []).kind, 'trap')
    }
  })

  test(`${file}: a section of imports that is no list of names is refused at its place`, () => {
    const empty = withImports(file, (part) => part.fill(0, 0, 1))
    const open = withImports(file, (part) => part.fill(1, part.length - 1))
    for (const [bytes, behind] of [
      [empty, 0],
      [open, 'outside\0'.length],
    ] as const) {
      const from = withImports(file, () => undefined)
      const at = Buffer.from(from.buffer).indexOf('outside\0')
      assert.throws(() => loadRiscv(bytes), { code: 'imports', offset: at + behind })
    }
  })
}

test('a base that pages do not start at is refused', () => {
  const { bytes } = riscvGuests('pie.elf')[0]!
  assert.throws(() => loadRiscv(bytes, { base: 0x10001 }), RangeError)
})

test('undefined functions are host calls by name, called or through an address', () => {
  for (const files of [['plain-other.o'], ['small-other.o']]) {
    const { program } = linkRiscvProgram(riscvGuests(...files))
    assert.deepEqual(program.ecalls, ['outside'])
    for (const engine of engines) {
      const asked: string[] = []
      const functions = {
        outside: ({ args }: { args: readonly bigint[] }): bigint => {
          asked.push(args.slice(0, 2).join())
          return args[0]! * 10n + args[1]!
        },
      }
      const { kind, result } = run(program, engine, 'ask', [3n, 4n], functions)
      assert.deepEqual([kind, result, asked], ['halt', 77n, ['3,4', '4,3']])
    }
  }
})

test('a host call that the host does not have is the trap hostCall', () => {
  const { program } = linkRiscvProgram(riscvGuests('plain-other.o'))
  assert.equal(run(program, interpEngine, 'ask', [3n, 4n]).kind, 'trap')
})

test('functions and variables that nothing reaches are left out, in whole sections and inside of them', () => {
  for (const files of [
    ['sections-probe.o', 'sections-other.o'],
    ['plain-probe.o', 'plain-other.o'],
    ['whole.o'],
    ['kept.elf'],
  ]) {
    const { linked } = link(riscvGuests(...files), { exports: ['run'] })
    const names = linked.functions.map(({ name }) => name).sort()
    assert.deepEqual(
      names,
      ['cube', 'loop', 'mix', 'negative', 'pick', 'run', 'square', 'tell'],
      files.join(),
    )
    assert.ok(!linked.objects.some(({ name }) => name === 'chosen'))
    const all = link(riscvGuests(...files), { exports: ['run'], keepAll: true }).linked
    assert.ok(all.functions.some(({ name }) => name === 'dead'))
    assert.ok(all.code.length > linked.code.length)
  }
})

test('calls, tables and addresses of code are what the target says they are', () => {
  for (const layout of [avmLayout(0x10000), pvmLayout])
    for (const files of [
      ['plain-probe.o', 'plain-other.o'],
      ['pic-probe.o', 'pic-other.o'],
      ['kept.elf'],
      ['norelax-probe.o', 'norelax-other.o'],
    ]) {
      const { linked } = link(riscvGuests(...files), { layout, exports: ['run'] })
      const { base, step } = layout.codeValues as { base: number; step: number }
      const nameOf = (index: number): string => linked.functions[index]!.name
      linked.codeTable.forEach(({ index, isFunction, pc, value }, i) => {
        assert.equal(value, base + step * i)
        const { end, start } = linked.functions[index]!
        assert.ok(pc >= start && pc < end && isFunction === (pc === start))
      })
      const taken = linked.codeTable.filter(({ isFunction }) => isFunction)
      assert.deepEqual(
        taken.map(({ index }) => nameOf(index)),
        ['square', 'cube', 'negative'],
      )
      const labels = linked.codeTable.filter(({ isFunction }) => !isFunction)
      assert.deepEqual([...new Set(labels.map(({ index }) => nameOf(index)))], ['pick'])
      assert.equal(linked.codeWords.length, 10)
      const view = new DataView(linked.readOnly.bytes.buffer)
      for (const { address, entry, from, size } of linked.codeWords) {
        const at = address - linked.readOnly.address
        const word = size === 8 ? Number(view.getBigInt64(at, true)) : view.getInt32(at, true)
        assert.equal(word + from, linked.codeTable[entry]!.value)
      }
      const calls = [...linked.calls].map(([pc, target]) => {
        const from = linked.functions.find(({ end, start }) => pc >= start && pc < end)!.name
        return `${from} -> ${target.kind === 'function' ? nameOf(target.index) : target.kind}`
      })
      const expected = ['loop -> pick', 'run -> loop', 'run -> mix', 'run -> none', 'run -> tell']
      assert.deepEqual([...new Set(calls)].sort(), expected)
      const { bss, data, readOnly } = linked
      assert.ok(readOnly.address + readOnly.bytes.length <= data.address)
      assert.ok(data.address + data.bytes.length <= bss.address)
    }
})

test('linking twice gives the same, and so does an archive of the object', () => {
  const files = ['plain-probe.o', 'plain-other.o'] as const
  const options = { layout: avmLayout(0x10000), exports: ['run'] }
  const [first, second] = [1, 2].map(() => link(riscvGuests(...files), options).linked)
  assert.deepEqual(first, second)
  const { linked } = link(riscvGuests('plain-probe.o', 'lib.a'), options)
  assert.deepEqual(linked, first)
})

test('files for floating-point and vector registers are refused with the flag that avoids them', () => {
  for (const [files, code] of [
    [['float-probe.o', 'float-other.o'], 'floatAbi'],
    [['vector-probe.o', 'vector-other.o'], 'extension'],
  ] as const)
    assert.throws(
      () => link(riscvGuests(...files)),
      (error: Error) => {
        assert.equal((error as Error & { code?: string }).code, code)
        assert.match(error.message, /-march=rv64imac/)
        return true
      },
    )
  const mixed = riscvGuests('plain-probe.o', 'wide32-other.o')
  assert.throws(() => link(mixed), { code: 'mixedAbis' })
  assert.throws(() => link(riscvGuests('bare.elf')), {
    code: 'noRelocations',
    message: /--emit-relocs/,
  })
})

test('OBJECTS.md of RISC-V lists every checked-in object with its hash', () => {
  const list = readFileSync(new URL('OBJECTS.md', riscvFolder), 'utf8')
  const rows = [...list.matchAll(/^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|$/gm)]
  assert.deepEqual(
    rows.map(([, name]) => name!).sort(),
    readdirSync(new URL('objects/', riscvFolder)).sort(),
  )
  for (const [, name, hash] of rows) {
    const { bytes } = riscvGuests(name!)[0]!
    assert.equal(createHash('sha256').update(bytes).digest('hex'), hash, name)
  }
})
