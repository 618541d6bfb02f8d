import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { LinkError } from 'alcatraz-vm'
import { assembleBpf } from 'alcatraz-vm/bpf'
import { startSbpf } from 'alcatraz-vm/sbpf'
import { syscalls as syscallTable } from '#vm/host/solana/syscalls/table'
import { loadSbpf, readSbpf } from '#vm/image/sbpf/read'
import { syscallRegistry } from '#vm/image/sbpf/registry'
import { linkSbpf, type SbpfLinkOptions } from '#vm/link/sbpf'
import { solanaSyscalls } from '#vm/link/sbpf-syscalls'
import { forEachEngine } from '../engines.ts'
import {
  alloc,
  buildElf,
  exec,
  slots,
  type TestSection,
  type TestSymbol,
  write,
} from './elf-writer.ts'
import { solanaGuest, solanaGuestNames } from './solana-guests.ts'

const names = ['abort', 'sol_log_', 'sol_memcmp_', 'sol_memmove_', 'sol_memset_']
const syscalls = syscallRegistry(names)
const versions = ['v0', 'v3'] as const

const code = (source: string): Uint8Array => assembleBpf(source).code
const unbound = slots('85100000ffffffff')
const exit = slots('9500000000000000')
const lddw = slots('1800000000000000 0000000000000000')
const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))

function object(sections: readonly TestSection[], symbols: readonly TestSymbol[]): Uint8Array {
  const entry = { name: 'entrypoint', section: '.text', type: 2, size: 8n }
  return buildElf(sections, [entry, ...symbols])
}

function linked(bytes: Uint8Array, options: Partial<SbpfLinkOptions> = {}) {
  return linkSbpf([{ name: 'a.o', bytes }], { version: 'v3', syscalls: names, ...options })
}

function refused(bytes: Uint8Array, kind: string, words: RegExp): void {
  assert.throws(
    () => linked(bytes),
    (error) => {
      assert.ok(error instanceof LinkError, String(error))
      assert.equal(error.code, kind)
      assert.match(error.message, words)
      return true
    },
  )
}

const text = (bytes: Uint8Array, relocations: TestSection['relocations'] = []): TestSection => {
  return { name: '.text', flags: alloc | exec, bytes, relocations: relocations ?? [] }
}

test('OBJECTS.md of Solana programs lists every checked-in object with its hash', () => {
  const list = readFileSync(new URL('../../../guests/solana/OBJECTS.md', import.meta.url), 'utf8')
  const rows = [...list.matchAll(/^\| `(.+)\.o` .*`([0-9a-f]{64})` \|$/gm)]
  assert.deepEqual(rows.map((row) => row[1]).sort(), solanaGuestNames)
  for (const [, name, hash] of rows) {
    const { bytes } = solanaGuest(name!)
    assert.equal(createHash('sha256').update(bytes).digest('hex'), hash, name)
  }
})

test('every sample links to a file that deploys, for V0 and V3', () => {
  for (const name of solanaGuestNames)
    for (const version of versions)
      for (const symbols of [false, true]) {
        const { elf, report } = linkSbpf([solanaGuest(name)], { version, symbols })
        const registry = syscallRegistry(report.syscalls)
        const read = readSbpf(elf, { syscalls: registry, rejectBrokenElfs: true })
        assert.deepEqual([read.version, read.entryPc], [version, report.entryPc])
        assert.equal(read.symbols.get(report.entryPc), symbols ? 'entrypoint' : undefined)
        assert.ok(report.functions.every(({ frameSize }) => frameSize <= 4096))
      }
})

test('the linker knows what new programs may call', () => {
  const runtime = syscallTable.filter(({ onlyDeployed }) => !onlyDeployed).map(({ name }) => name)
  assert.deepEqual([...solanaSyscalls].sort(), [...new Set(runtime)].sort())
})

test('the same object gives the same file', () => {
  for (const version of versions) {
    const link = (): Uint8Array => linkSbpf([solanaGuest('escrow')], { version }).elf
    assert.deepEqual(link(), link())
  }
})

/** Runs a file whose syscalls are answered by `answer`; the result, or how it ended. */
function runs(
  engine: Parameters<Parameters<typeof forEachEngine>[0]>[0],
  elf: Uint8Array,
  answer: (name: string, args: bigint[]) => bigint = () => 0n,
): bigint | string {
  const program = loadSbpf(elf, { syscalls, rejectBrokenElfs: true })
  const machine = engine.instantiate(program, { gas: 1000n })
  try {
    startSbpf(machine)
    for (;;) {
      const exit = machine.run()
      if (exit.kind === 'halt') return machine.registers.get(0)
      if (exit.kind !== 'host') return exit.kind
      const args = [1, 2, 3, 4, 5].map((index) => machine.registers.get(index))
      machine.registers.set(0, answer(program.imports[exit.id]!, args))
    }
  } finally {
    machine.dispose()
  }
}

forEachEngine((engine) => {
  for (const version of versions) {
    const run = (bytes: Uint8Array, answer?: Parameters<typeof runs>[2]): bigint | string =>
      runs(engine, linked(bytes, { version }).elf, answer)

    test(`syscalls by name, by number, and by address (${version})`, () => {
      const seen: string[] = []
      const answer = (name: string): bigint => {
        seen.push(name)
        return 7n
      }
      const byName = object(
        [text(join(unbound, exit), [{ offset: 0, type: 10, symbol: 'sol_log_' }])],
        [{ name: 'sol_log_' }],
      )
      assert.equal(run(byName, answer), 7n)
      const byNumber = object([text(join(slots('85000000bd597520'), exit))], [])
      assert.equal(run(byNumber, answer), 7n)
      const byAddress = object(
        [
          text(join(lddw, slots('8d00000000000000'), exit), [
            { offset: 0, type: 1, symbol: 'sol_log_' },
          ]),
        ],
        [{ name: 'sol_log_' }],
      )
      assert.equal(run(byAddress, answer), 7n)
      assert.deepEqual(seen, ['sol_log_', 'sol_log_', 'sol_log_'])
    })

    test(`tables of functions and of data (${version})`, () => {
      const bytes = object(
        [
          // r1 = table; call [r1]; r1 = table; r2 = [r1 + 8]; r0 += [r2]
          text(
            join(
              lddw.map((byte, i) => (i === 1 ? 1 : byte)),
              slots('7911000000000000 8d01000000000000'),
              lddw.map((byte, i) => (i === 1 ? 1 : byte)),
              slots('7912080000000000 7922000000000000 0f20000000000000 9500000000000000'),
              slots('b700000064000000 9500000000000000'),
            ),
            [
              { offset: 0, type: 1, symbol: 'table' },
              { offset: 32, type: 1, symbol: 'table' },
            ],
          ),
          {
            name: '.data.rel.ro',
            flags: alloc | write,
            bytes: new Uint8Array(16),
            align: 8,
            relocations: [
              { offset: 0, type: 2, symbol: 'hundred' },
              { offset: 8, type: 2, symbol: 'word' },
            ],
          },
          {
            name: '.rodata',
            flags: alloc,
            bytes: Uint8Array.of(11, 0, 0, 0, 0, 0, 0, 0),
            align: 8,
          },
        ],
        [
          { name: 'table', section: '.data.rel.ro', type: 1, binding: 0 },
          { name: 'hundred', section: '.text', type: 2, value: 80n },
          { name: 'word', section: '.rodata', type: 1, binding: 0 },
        ],
      )
      assert.equal(run(bytes), 111n)
    })

    test(`memory functions that are missing are made of syscalls (${version})`, () => {
      const call = (name: string): Uint8Array =>
        object(
          [
            text(join(code('mov r1, 5\n mov r2, 6\n mov r3, 7'), unbound, exit), [
              { offset: 24, type: 10, symbol: name },
            ]),
          ],
          [{ name }],
        )
      for (const [name, syscall] of [
        ['memcpy', 'sol_memmove_'],
        ['memmove', 'sol_memmove_'],
        ['memset', 'sol_memset_'],
      ] as const) {
        const answer = (called: string, args: bigint[]): bigint => {
          assert.deepEqual([called, ...args.slice(0, 3)], [syscall, 5n, 6n, 7n])
          return 0n
        }
        assert.equal(run(call(name), answer), 5n, name)
      }
      // the answer is an i32 in memory, zero here
      assert.equal(
        run(call('memcmp'), () => 99n),
        0n,
      )
      assert.equal(
        run(call('bcmp'), () => 99n),
        0n,
      )
    })

    test(`what nothing defines and may be missing aborts (${version})`, () => {
      const weak = object(
        [text(join(unbound, exit), [{ offset: 0, type: 10, symbol: 'maybe' }])],
        [{ name: 'maybe', binding: 2 }],
      )
      const seen: string[] = []
      run(weak, (name) => BigInt(seen.push(name)))
      assert.deepEqual(seen, ['abort'])
    })
  }
})

test('read-only data of V3 starts behind the null address', () => {
  const bytes = object(
    [
      text(join(lddw, exit), [{ offset: 0, type: 1, symbol: 'data' }]),
      { name: '.rodata', flags: alloc, bytes: Uint8Array.of(1, 2, 3, 4), align: 1 },
    ],
    [{ name: 'data', section: '.rodata', type: 1, binding: 0 }],
  )
  const read = readSbpf(linked(bytes).elf)
  assert.deepEqual([...read.rodata.bytes], [0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0])
  assert.equal(new DataView(read.code.buffer, read.code.byteOffset).getUint32(4, true), 8)
})

test('what no entry reaches is left out, writable or not', () => {
  const bytes = object(
    [
      text(exit),
      { name: '.text.unused', flags: alloc | exec, bytes: join(code('mov32 r0, 1'), exit) },
      { name: '.data', flags: alloc | write, bytes: new Uint8Array(8) },
    ],
    [],
  )
  const { report } = linked(bytes)
  assert.deepEqual(
    report.dropped.map(({ name }) => name),
    ['.text.unused', '.data'],
  )
  assert.equal(report.bytes.code, 8)
})

test('what sBPF has not is refused where it is, with what avoids it', () => {
  const of = (source: string): Uint8Array => object([text(join(code(source), exit))], [])
  refused(of('mov r0, 1\n add32 r0, 1'), 'alu32', /a\.o\(\.text\): opcode 0x4.*-mcpu=v2.*offset 8/)
  refused(of('mov32 r0, 1'), 'alu32', /-mcpu=v2/)
  refused(of('jeq32 r0, 1, +0'), 'jump32', /-mcpu=v2/)
  refused(of('sdiv r0, 2'), 'unknownInstruction', /opcode 0x37/)
  refused(of('movsx3264 r0, r1'), 'unknownInstruction', /opcode 0xbf/)
  refused(of('lock add [r1+0], r2'), 'atomic', /no atomic/)
  refused(object([text(join(slots('bfb1000000000000'), exit))], []), 'stackArguments', /five/)
  // byte swaps are 64-bit operations of the same class
  linked(of('be32 r0'))
  linked(of('le16 r0'))
})

test('frames over 4096 bytes are refused by name', () => {
  const deep = (bytes: number): Uint8Array =>
    object([text(join(code(`stxdw [r10-${bytes}], r1`), exit))], [])
  assert.equal(linked(deep(4096)).report.functions[0]?.frameSize, 4096)
  refused(deep(4104), 'frameTooLarge', /entrypoint needs 4104 of 4096 bytes/)
})

test('writable data is refused by name', () => {
  const uses = (name: string, type: number): Uint8Array =>
    object(
      [
        text(join(lddw, exit), [{ offset: 0, type: 1, symbol: 'global' }]),
        { name, flags: alloc | write, type, bytes: new Uint8Array(type === 8 ? 0 : 8), size: 8 },
      ],
      [{ name: 'global', section: name, type: 1, binding: 0 }],
    )
  refused(uses('.data', 1), 'writableData', /a\.o\(\.data\): .*const/)
  refused(uses('.bss', 8), 'writableData', /a\.o\(\.bss\)/)
})

test('names that nothing has', () => {
  const bytes = object(
    [text(join(unbound, exit), [{ offset: 0, type: 10, symbol: 'foreign' }])],
    [{ name: 'foreign' }],
  )
  refused(bytes, 'undefinedSymbol', /foreign is no syscall/)
  refused(object([text(join(slots('8500000001000000'), exit))], []), 'unknownSyscall', /0x1/)
  refused(buildElf([text(exit)], []), 'missingExport', /entrypoint/)
  const longName = 'n'.repeat(64)
  const long = object(
    [text(join(unbound, exit), [{ offset: 0, type: 10, symbol: longName }])],
    [{ name: longName }],
  )
  assert.throws(() => linked(long, { version: 'v0', syscalls: [longName] }), /over 63 bytes/)
})
