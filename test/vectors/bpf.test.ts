import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { engineNamed, engineNames, toHex } from 'alcatraz-vm'
import { assembleBpf } from 'alcatraz-vm/bpf'
import { runBpfVector } from '#node/vectors/bpf'
import { bpfPlugin } from '#node/vectors/plugin'
import { alloc, buildElf, exec } from '../link/elf-writer.ts'
import { guest } from '../link/guests.ts'

const folder = '../shared/vectors/bpf-conformance'
const absent = existsSync(folder) ? false : `NOT RUN: the conformance cases are absent (${folder})`
/** The published suite; a smaller set would pass unnoticed. */
const suiteSize = 313

for (const name of engineNames) {
  test(`every case of bpf_conformance passes on ${name}`, { skip: absent }, () => {
    const files = readdirSync(folder).filter((file) => file.endsWith('.data'))
    assert.equal(files.length, suiteSize)
    const engine = engineNamed(name)
    const bad: string[] = []
    for (const file of files) {
      const { status, reason } = runBpfVector(readFileSync(`${folder}/${file}`, 'utf8'), engine)
      if (status !== 'passed') bad.push(`${file}: ${status} ${reason ?? ''}`)
    }
    assert.deepEqual(bad, [])
  })
}

interface Expectation {
  readonly what: string
  readonly text: string
  readonly status: 'passed' | 'failed' | 'skipped'
  readonly reason?: RegExp
}

const expectations: readonly Expectation[] = [
  { what: 'a result', text: '-- asm\nmov r0, 2\nexit\n-- result\n0x2\n', status: 'passed' },
  {
    what: 'a wrong result',
    text: '-- asm\nmov r0, 2\nexit\n-- result\n0x3\n',
    status: 'failed',
    reason: /r0 = 0x2, expected 0x3/,
  },
  {
    what: 'raw words alone',
    text: '-- raw\n0x5566778800000018\n0x1122334400000000\n0x95\n-- result\n0x1122334455667788',
    status: 'passed',
  },
  {
    what: 'raw octets alone',
    text: '-- raw\nb7 00 00 00 05 00 00 00\n95 00 00 00 00 00 00 00\n-- result\n5\n',
    status: 'passed',
  },
  {
    what: 'raw unlike asm',
    text: '-- asm\nexit\n-- raw\n0x195\n-- result\n0\n',
    status: 'failed',
    reason: /differ/,
  },
  {
    what: 'an unused field, an error expected without a text',
    text: '-- raw\n95 01 00 00 00 00 00 00\n-- error\n',
    status: 'passed',
  },
  {
    what: 'a good program, an error expected',
    text: '-- asm\nexit\n-- error\nInvalid\n',
    status: 'failed',
    reason: /an error was expected/,
  },
  {
    what: 'text that does not assemble, with its line in the file',
    text: '# licence\n-- asm\nexit\nldxq %r0, %r1\n-- result\n0x11\n',
    status: 'failed',
    reason: /unknown instruction 'ldxq' \(line 4\)/,
  },
  {
    what: 'text that does not assemble, an error expected',
    text: '-- asm\nlock\nexit\n-- error\nInvalid number of operands for lock',
    status: 'passed',
  },
  { what: 'an empty file', text: '# nothing\n', status: 'skipped' },
  { what: 'no expectation', text: '-- asm\nexit\n', status: 'skipped' },
  {
    what: 'an unknown section',
    text: '-- asm\nexit\n-- Unknown directive\n-- result\n0',
    status: 'skipped',
  },
  {
    what: 'input and its length',
    text: '-- asm\nmov r0, r2\nldxb r3, [r1+1]\nadd r0, r3\nexit\n-- mem\naa bb\n-- result\n0xbd',
    status: 'passed',
  },
  {
    what: 'packet access, big-endian',
    text: '-- asm\nmov r6, 1\nldindh r6, 1\nexit\n-- mem\n00 11 22 33\n-- result\n0x2233',
    status: 'passed',
  },
  {
    what: 'packet access past the input',
    text: '-- asm\nmov r0, 9\nldabsw 1\nmov r0, 8\nexit\n-- mem\n00 11 22 33\n-- result\n0',
    status: 'passed',
  },
  {
    what: 'callx on a helper id',
    text: '-- asm\nmov r1, -1\nmov r2, 5\ncall r2\nmov r0, 2\nexit\n-- result\n2',
    status: 'passed',
  },
  {
    what: 'unwinding',
    text: '-- asm\nmov r1, 0\ncall 5\nmov r0, 2\nexit\n-- result\n0',
    status: 'passed',
  },
  { what: 'an unknown helper', text: '-- asm\ncall 77\nexit\n-- error\n', status: 'passed' },
  { what: 'a bad number', text: '-- asm\nexit\n-- result\n0xzz', status: 'failed' },
]
for (const name of engineNames) {
  for (const { what, text, status, reason } of expectations) {
    test(`${what}: ${status} on ${name}`, () => {
      const result = runBpfVector(text, engineNamed(name))
      assert.equal(result.status, status, result.reason)
      if (reason !== undefined) assert.match(result.reason!, reason)
    })
  }
}

test('the plug-in prints r0 in hex', () => {
  for (const name of engineNames)
    assert.deepEqual(
      bpfPlugin(
        ['aa  bb  ', '--engine', name],
        'b7 00 00 00 01 00 00 00 71 10 01 00 00 00 00 00 95' + ' 00 00 00 00 00 00 00 ',
      ),
      { stdout: '0xbb\n', stderr: '', code: 0 },
    )
})

test('the plug-in links an object that a compiler wrote and runs its first function', () => {
  for (const [object, mem, want] of [
    ['fptr-v1', '05', '0x10\n'], // by_table: square(successor(3))
    ['data-v4', '', '0xa\n'], // count: .data
  ] as const) {
    const hex = toHex(guest(object).bytes)
    for (const name of engineNames)
      assert.deepEqual(bpfPlugin([mem, '--elf', '--engine', name], hex), {
        stdout: want,
        stderr: '',
        code: 0,
      })
  }
})

test('the plug-in runs an object of bare instructions as the suite’s rules have it', () => {
  const code = assembleBpf('mov r1, -1\nmov r2, 5\ncall r2\nmov r0, 2\nexit').code
  const elf = buildElf(
    [{ name: '.text', flags: alloc | exec, bytes: code }],
    [{ name: 'main', section: '.text', type: 2 }],
  )
  assert.equal(bpfPlugin(['--elf'], toHex(elf)).stdout, '0x2\n')
})

test('the plug-in answers errors on stderr', () => {
  const cases: readonly (readonly [readonly string[], string, RegExp])[] = [
    [['zz'], '9500000000000000', /not a hex digit/],
    [[], '95', /whole number of slots/],
    [['--elf'], '9500000000000000', /./],
    [['--what'], '9500000000000000', /unknown option '--what'/],
    [['--engine', 'none'], '9500000000000000', /no engine 'none'/],
    [[], 'ff00000000000000', /invalidInstruction at slot 0/],
    [[], '7900000000000000', /fault at slot 0 \(read at 0x0\)/],
  ]
  for (const [args, stdin, message] of cases) {
    const output = bpfPlugin(args, stdin)
    assert.equal(output.code, 1)
    assert.equal(output.stdout, '')
    assert.match(output.stderr, message)
  }
})
