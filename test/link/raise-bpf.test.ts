import assert from 'node:assert/strict'
import { test } from 'node:test'
import { linkAvm } from '#vm/link/avm'
import { answers, bpfObject, data, refuses } from './raising-bpf.ts'

const le = (...values: bigint[]): Uint8Array => new Uint8Array(BigInt64Array.from(values).buffer)

test('arguments, the input and the result have their places', () => {
  answers(
    107n,
    `run:
      ldxdw r0, [r1]
      add r0, r2
      exit`,
    {},
    le(99n),
  )
})

test('values live in the frame, and over calls in r6 to r9', () => {
  const sum = `run:
      mov r6, 5
      mov r7, r10
      add r7, -16
      stxdw [r10-16], r6
      stdw [r10-8], 70
      mov r1, r7
      mov r2, 8
      call local add
      mov r1, r0
      add r1, r6
      ldxdw r0, [r10-16]
      add r0, r1
      exit
    add:
      stdw [r10-8], 1000
      stdw [r10-16], 1000
      mov r6, r1
      add r1, r2
      ldxdw r0, [r6]
      ldxdw r1, [r1]
      add r0, r1
      exit`
  answers(85n, sum, { functions: ['run', 'add'] })
})

test('a frame that nobody declared has room for what its address reaches', () => {
  const far = `run:
      ldxdw r3, [r1]
      mov r6, r10
      add r6, r3
      stdw [r6-128], 7
      mov r1, 1
      call local clear
      ldxdw r0, [r6-128]
      exit
    clear:
      stdw [r10-8], 0
      stdw [r10-16], 0
      stdw [r10-24], 0
      stdw [r10-32], 0
      exit`
  // interp's eBPF has the same frame as the scan finds: what lies below it is the callee's
  const bytes = bpfObject(far, { functions: ['run', 'clear'] })
  const { program } = linkAvm([{ name: 'a.o', bytes }], { exports: ['run'] })
  assert.ok(program.functions.some(({ frameSize }) => frameSize >= 512))
})

test('the result of a function that nobody asks for is not there', () => {
  const { functions } = linkAvm(
    [
      {
        name: 'a.o',
        bytes: bpfObject(
          `run:
            ldxdw r6, [r1]
            mov r1, r6
            call local store
            mov r0, r6
            exit
          store:
            lddw r2, 0x10000
            stxdw [r2], r1
            mul r1, r1
            mov r0, r1
            exit`,
          { functions: ['run', 'store'] },
        ),
      },
    ],
    { exports: ['run'] },
  ).report
  const store = functions.find(({ name }) => name === 'store')!
  assert.ok(store.size <= 8, `${store.size} octets: the product is not needed`)
})

test('calls of host functions are by name, and may be through their address', () => {
  const calls = `run:
      mov r1, 3
      mov r2, 4
    one:
      call local -1
      mov r1, r0
      mov r2, 1
    two:
      lddw r3, 0
      callx r3
      exit`
  answers(
    341n,
    calls,
    {
      relocations: [
        { at: 'one', type: 10, symbol: 'zebra' },
        { at: 'two', type: 1, symbol: 'zebra' },
      ],
      undefined: ['zebra'],
    },
    le(0n),
  )
})

test('tables of functions hold what their addresses are', () => {
  const table = (index: bigint): void =>
    answers(
      index === 0n ? 15n : 50n,
      `run:
      ldxdw r3, [r1]
      lsh r3, 3
    table:
      lddw r4, 0
      add r4, r3
      ldxdw r4, [r4]
      mov r1, 10
      mov r2, 5
      callx r4
      exit
    plus:
      mov r0, r1
      add r0, r2
      exit
    times:
      mov r0, r1
      mul r0, r2
      exit`,
      {
        functions: ['run', 'plus', 'times'],
        relocations: [{ at: 'table', type: 1, symbol: '.data' }],
        sections: [
          data('.data', new Uint8Array(16), {
            relocations: [
              { offset: 0, type: 2, symbol: 'plus' },
              { offset: 8, type: 2, symbol: 'times' },
            ],
          }),
        ],
        variables: ['.data'],
      },
      le(index),
    )
  table(0n)
  table(1n)
})

const switches = (second: string): string => `run:
      ldxdw r3, [r1]
      mov r6, r3
      and r3, 1
      lsh r3, 3
    first:
      lddw r4, 0
      add r4, r3
      ldxdw r4, [r4]
      gotox r4
    a:
      mov r0, 1
      ja next
    b:
      mov r0, 2
    next:
      and r6, 2
      lsh r6, 2
      ${second}
    c:
      add r0, 10
      exit
    d:
      add r0, 20
      exit`
const jumpTables = {
  relocations: [
    { at: 'first', type: 1, symbol: '.data' },
    { at: 'second', type: 1, symbol: '.data.second' },
  ],
  sections: [
    data('.data', new Uint8Array(16), {
      relocations: [
        { offset: 0, type: 2, symbol: 'a' },
        { offset: 8, type: 2, symbol: 'b' },
      ],
    }),
    data('.data.second', new Uint8Array(16), {
      relocations: [
        { offset: 0, type: 2, symbol: 'c' },
        { offset: 8, type: 2, symbol: 'd' },
      ],
    }),
  ],
  variables: ['.data', '.data.second'],
}

test('jumps through tables go to the labels of their table', () => {
  const source = switches('second:\n lddw r4, 0\n add r6, r4\n ldxdw r6, [r6]\n gotox r6')
  for (const [input, expected] of [11n, 12n, 21n, 22n].entries())
    answers(expected, source, jumpTables, le(BigInt(input)))
})

test('a jump whose table is not found out may go to any label of the function', () => {
  const source = switches(
    'second:\n lddw r4, 0\n jeq r0, 1, on\n on:\n add r6, r4\n ldxdw r6, [r6]\n gotox r6',
  )
  for (const [input, expected] of [11n, 12n, 21n, 22n].entries())
    answers(expected, source, jumpTables, le(BigInt(input)))
})

test('a jump to which ways with two tables lead may go by either', () => {
  const source = `run:
      ldxdw r3, [r1]
      mov r6, r3
      mov r0, 0
      and r3, 1
      lsh r3, 3
      jgt r6, 1, second
    first:
      lddw r4, 0
    on:
      add r4, r3
      ldxdw r4, [r4]
      gotox r4
    second:
      lddw r4, 0
      ja on
    a:
      add r0, 1
    b:
      add r0, 2
    c:
      add r0, 10
      exit
    d:
      add r0, 20
      exit`
  for (const [input, expected] of [13n, 12n, 10n, 20n].entries())
    answers(expected, source, jumpTables, le(BigInt(input)))
})

test('what only a branch asks of is an argument, what a call has changed is none', () => {
  const source = `run:
      ldxdw r1, [r1]
      call local asks
      mov r6, r0
      call local none
      mov r0, r6
      exit
    asks:
      mov r0, 1
      jeq r1, 5, out
      mov r0, 2
    out:
      exit
    none:
      call local nothing
      call local takes
      exit
    nothing:
      mov r1, 1
      mov r2, 1
    one:
      call local -1
      exit
    takes:
      mov r2, 1
    two:
      call local -1
      exit`
  const object = {
    functions: ['run', 'asks', 'none', 'nothing', 'takes'],
    relocations: ['one', 'two'].map((at) => ({ at, type: 10, symbol: 'zebra' })),
    undefined: ['zebra'],
  }
  answers(1n, source, object, le(5n))
  answers(2n, source, object, le(6n))
  const { program, report } = linkAvm([{ name: 'a.o', bytes: bpfObject(source, object) }], {
    exports: ['run'],
    importArguments: () => 2,
  })
  const argumentsOf = (name: string): number | undefined => {
    const found = report.functions.find((func) => func.name === name)!
    return program.functions.find(({ pc }) => pc === found.pc)!.args
  }
  assert.deepEqual(['asks', 'none', 'takes'].map(argumentsOf), [1, 0, 1])
})

test('division by zero, extensions and shifts are those of eBPF', () => {
  const sum = (text: string): string => `run:
      ldxdw r3, [r1]
      ldxdw r4, [r1+8]
      ${text}
      mov r0, r3
      exit`
  const check = (text: string, expected: bigint): void =>
    answers(BigInt.asUintN(64, expected), sum(text), {}, le(-7n, 0n))
  check('div r3, r4', 0n)
  check('sdiv r3, r4', 0n)
  check('mod r3, r4', -7n)
  check('smod32 r3, r4', BigInt.asUintN(32, -7n))
  check('div32 r3, r4', 0n)
  check('add32 r3, 1', BigInt.asUintN(32, -6n))
  check('lsh32 r3, 33', BigInt.asUintN(32, -14n))
  check('arsh32 r3, 1', BigInt.asUintN(32, -4n))
  check('div32 r3, 0', 0n)
  check('mod32 r3, 0', BigInt.asUintN(32, -7n))
})

test('atomic operations are plain ones', () => {
  const source = `run:
      ldxdw r3, [r1]
      stdw [r10-8], 40
      lock fetch add [r10-8], r3
      mov r6, r3
      mov r3, 9
      mov r0, 42
      lock cmpxchg [r10-8], r3
      ldxdw r4, [r10-8]
      mul r0, 100
      mul r4, 10000
      add r0, r4
      add r0, r6
      exit`
  answers(94240n, source, {}, le(2n))
})

test('a function that control runs out of goes on in the next', () => {
  answers(
    8n,
    `run:
      mov r1, 7
    next:
      mov r0, r1
      add r0, 1
      exit`,
    { functions: ['run', 'next'] },
  )
})

test('a loop to the start of a function has arguments of its own', () => {
  answers(
    55n,
    `run:
      mov r1, 10
      mov r2, 0
      call local sum
      exit
    sum:
      add r2, r1
      add r1, -1
      jne r1, 0, sum
      mov r0, r2
      exit`,
    { functions: ['run', 'sum'] },
  )
})

test('nothing is where a function that never returns does', () => {
  answers(
    'invalidInstruction',
    `run:
      call local stop
    stop:
    bad:
      call local -1
      ja stop`,
    {
      functions: ['run', 'stop'],
      relocations: [{ at: 'bad', type: 10, symbol: 'abort' }],
      undefined: ['abort'],
    },
  )
})

test('jumps out of a function and accesses outside its frame are refused', () => {
  refuses(
    'jumpOutside',
    /^run\+0x8: .*offset 32/,
    'run:\n mov r0, 0\n jeq r1, 0, inside\n exit\nf:\n mov r0, 1\ninside:\n exit',
    { functions: ['run', 'f'] },
  )
  refuses('frame', /^run\+0x0: 8 octets at r10\+8/, 'run:\n ldxdw r0, [r10+8]\n exit')
  refuses('unclearJumps', /^run\+0x0/, 'run:\n gotox r1')
})
