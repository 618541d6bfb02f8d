import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { about, CliError, ExitCode, report } from '#node/cli/ui/errors'
import { bytes, count, duration, json, printable, rate, shortHex } from '#node/cli/ui/format'
import { progressOf } from '#node/cli/ui/progress'
import { facts, table } from '#node/cli/ui/table'
import { type Terminal, terminalOf } from '#node/cli/ui/terminal'
import { DecodeError } from '#vm/bits/errors'

function fake(options: { tty?: boolean; columns?: number; env?: Record<string, string> } = {}) {
  const written = { out: '', err: '' }
  const stream = (name: 'out' | 'err') => ({
    isTTY: options.tty ?? false,
    columns: options.columns ?? 80,
    write: (text: string) => {
      written[name] += text
    },
  })
  return { written, terminal: terminalOf(stream('out'), stream('err'), options.env ?? {}) }
}

describe('formats', () => {
  test('count inverts by dropping its commas', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 1n << 80n }), (n) => {
        const text = count(n)
        assert.match(text, /^\d{1,3}(,\d{3})*$/)
        assert.equal(BigInt(text.replaceAll(',', '')), n)
      }),
    )
  })
  test('sizes, rates and durations keep three digits or so', () => {
    assert.deepEqual([0, 1023, 1024, 1536, 1048576, 200 * 1048576].map(bytes), [
      '0 B',
      '1023 B',
      '1.0 KiB',
      '1.5 KiB',
      '1.0 MiB',
      '200 MiB',
    ])
    assert.equal(rate(3_000_000n, 2), '1.50 million/s')
    assert.equal(rate(999, 1), '999/s')
    assert.equal(rate(999_600n, 1), '1.00 million/s')
    assert.equal(rate(5, 0), '0/s')
    assert.deepEqual([0.25, 3.14, 250, 1250, 125_000].map(duration), [
      '250 µs',
      '3.1 ms',
      '250 ms',
      '1.25 s',
      '2 m 05 s',
    ])
    assert.equal(shortHex('0x0011223344556677', 4), '0x0011…6677')
    assert.equal(shortHex('0x001122', 6), '0x001122')
  })
  test('no text of others moves the cursor or turns the direction of text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.doesNotMatch(printable(text), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
      }),
    )
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.doesNotMatch(json({ text }), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
        assert.equal((JSON.parse(json({ text })) as { text: string }).text, text)
      }),
    )
    // JSON.stringify leaves DEL and the C1 controls as they are; a symbol's name had one.
    assert.equal(json('\u007feploy \u{e0001}'), '"\\u007feploy \\udb40\\udc01"')
    assert.equal(printable('transfer → bob'), 'transfer → bob')
    assert.equal(printable('a\u001b[2J\u202e'), 'a\\u001b[2J\\u202e')
  })
})

describe('tables', () => {
  const columns = [{ title: 'name' }, { title: 'pc', align: 'right' }] as const
  const rows = [
    ['main', '0'],
    ['x'.repeat(60), '1200'],
  ]
  test('piped: nothing is cut, no escapes, no spaces at line ends', () => {
    const text = table(fake({ columns: 20 }).terminal, columns, rows)
    assert.equal(
      text,
      [`name${' '.repeat(58)}  pc`, `main${' '.repeat(61)}0`, `${'x'.repeat(60)}  1200`, ''].join(
        '\n',
      ),
    )
  })
  test('on a terminal: cut to its width, the heading bold', () => {
    const { terminal } = fake({ tty: true, columns: 40 })
    const lines = table(terminal, columns, rows).trimEnd().split('\n')
    assert.ok(lines[0]!.includes('\u001b[1m'))
    assert.equal(lines[2]!.length, 40)
    assert.ok(lines[2]!.includes('…'))
  })
  test('facts line up', () => {
    assert.equal(
      facts(fake().terminal, [
        ['a', '1'],
        ['long', '2'],
      ]),
      'a     1\nlong  2\n',
    )
  })
})

describe('colours', () => {
  const red = (terminal: Terminal) => terminal.colours.red('x') !== 'x'
  test('only for a terminal, unless the environment decides', () => {
    assert.equal(red(fake({ tty: true }).terminal), true)
    assert.equal(red(fake().terminal), false)
    assert.equal(red(fake({ tty: true, env: { NO_COLOR: '1' } }).terminal), false)
    assert.equal(red(fake({ env: { FORCE_COLOR: '1' } }).terminal), true)
    assert.equal(red(fake({ tty: true, env: { TERM: 'dumb' } }).terminal), false)
  })
})

describe('progress', () => {
  test('is silent for the first moments, then one line that goes away', () => {
    let now = 0
    const { terminal, written } = fake({ tty: true })
    const progress = progressOf(terminal, 'work', 10, () => now)
    progress.update(1)
    assert.equal(written.err, '')
    now = 1000
    progress.update(5, 'half')
    assert.match(written.err, /work █{10}░{10} 5\/10 half/)
    const before = written.err.length
    progress.update(6)
    assert.equal(written.err.length, before)
    progress.finish()
    assert.ok(written.err.endsWith('\r\u001b[2K'))
    assert.equal(written.out, '')
  })
  test('writes nothing when nobody watches', () => {
    const { terminal, written } = fake()
    const progress = progressOf(terminal, 'work', 10, () => 1e9)
    progress.update(5)
    progress.finish()
    assert.equal(written.err, '')
  })
})

describe('errors', () => {
  test('say what, where and what to do next, on standard error', () => {
    const { terminal, written } = fake()
    const error = new CliError('no such entry', {
      where: 'a.alcz',
      next: 'alcatraz inspect a.alcz',
    })
    assert.equal(report(terminal, error, false), ExitCode.badInput)
    assert.equal(
      written.err,
      'error: no such entry\n  in:  a.alcz\n  try: alcatraz inspect a.alcz\n',
    )
    assert.equal(written.out, '')
  })
  test('a refusal keeps its code, offset and value as JSON', () => {
    const { terminal, written } = fake()
    const error = captured(() =>
      about('a.o', 'x', () => {
        throw new DecodeError('badMagic', 'no ELF', { offset: 0, value: 7n })
      }),
    )
    assert.equal(report(terminal, error, true), ExitCode.badInput)
    assert.deepEqual(JSON.parse(written.out), {
      error: {
        message: 'no ELF (at offset 0)',
        code: 'badMagic',
        where: 'a.o',
        offset: 0,
        value: '7',
        next: 'x',
      },
    })
  })
  test('our own mistakes show their stack and another exit code', () => {
    const { terminal, written } = fake()
    assert.equal(report(terminal, new TypeError('oops'), false), ExitCode.ourBug)
    assert.match(written.err, /^internal error: TypeError: oops\n {4}at /)
  })
})

function captured(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  return undefined
}
