/** Wrong uses of every command: one clear line, what to try, exit code 1, and nothing of our own insides. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { alcatraz } from './fake.ts'

const folder = mkdtempSync(join(tmpdir(), 'alcatraz-wrong-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string): string => join(folder, name)
const token = 'guests/objects/token-v4.o'
const metadata = 'guests/objects/token-rust.json'
const root = '00'.repeat(32)

const [none, empty, dir, text, cut, contract] = [
  at('none'),
  at('empty'),
  at('dir'),
  at('text'),
  at('cut.o'),
  at('token.alcz'),
] as const

before(async () => {
  mkdirSync(dir)
  writeFileSync(empty, '')
  writeFileSync(text, 'hello\n')
  writeFileSync(cut, readFileSync(token).subarray(0, 200))
  writeFileSync(at('bad.polkavm'), 'PVM\0garbage')
  writeFileSync(at('bad.alcz'), 'ALCZgarbage')
  assert.equal((await alcatraz('link', token, '-o', contract)).code, 0)
})

const run = (...more: readonly string[]) => ['run', contract, '--entry', 'call', ...more]

/** What is typed, and what the first line says. */
const wrong: readonly (readonly [args: readonly string[], said: RegExp])[] = [
  // files of every kind that commands read
  ...[empty, text, none, dir].flatMap(
    (file) =>
      [
        [['run', file, '--entry', 'call'], /no such file|folder|no container/],
        [['inspect', file], /no such file|folder|no container/],
        [['disasm', file], /no such file|folder|no container/],
        [['trace', file, '--entry', 'call'], /no such file|folder|no container/],
        [['link', file, '-o', at('x')], /no such file|folder|no ELF|bytes expected/],
        [['deploy', file, '--db', at('db')], /no such file|folder|neither a container/],
        [['state', 'check', file, '--root', root], /no such file|folder|proof|truncated|byte/],
        [['state', 'import', file, '--db', at('new')], /no such file|folder|ends too early/],
        [['vectors', 'pvm-jamv1', file], /no such file|no \.jsonl|no.* case|not a PVM/],
        [['build', file], /no such file|no C source|Cargo\.toml/],
        [['run', file, '--isa', 'pvm-jam-v1'], /no such file|folder|blob|expected|length/],
        [['run', file, '--format', 'polkavm'], /no such file|folder|magic|expected/],
      ] as const,
  ),
  [['asm', none, '-o', at('x')], /no such file/],
  [['asm', text, '-o', at('x')], /unknown instruction 'hello'/],
  [['run', cut, '--entry', 'call'], /section headers end after the file/],
  [['run', at('bad.polkavm')], /unknown version/],
  [['run', at('bad.alcz')], /unknown container format/],
  // numbers, names and hex
  [run('--gas', '-1'), /must be a whole number/],
  [run('--gas', '1e9'), /must be a whole number/],
  [run('--gas', '9'.repeat(30)), /below 2\^63/],
  [run('--gas', '9'.repeat(300)), /must be a whole number/],
  [run('--engine', 'fast'), /This build has reference, interp, recomp, tiered/],
  [run('--input', 'xyz'), /must be hex/],
  [run('--input', '0x1'), /must be hex/],
  [run('--isa', 'x86'), /must be one of bpf/],
  [run('--format', 'zip'), /must be one of polkavm/],
  [run('--reg', '99=1'), /Registers are 0 to 15/],
  [run('--map', '1:1'), /multiples of 4096/],
  [run('--bogus'), /unknown option '--bogus'/],
  [run('--cache', text), /no folder to keep code in/],
  [run('--cache', at('code'), '--engine', 'interp'), /generates no code/],
  [run('--host', none), /no such file/],
  [run('--host', text), /host script/],
  [['run', contract, '--entry', 'nope'], /there is no entry nope/],
  [['run', contract], /which entry shall run/],
  [['run'], /missing required argument/],
  [['run', 'a', 'b'], /too many arguments/],
  [['trace', contract, '--entry', 'call', '--limit', '0'], /must be 1 to 1,000,000/],
  [['trace', '--diff', text], /--diff takes two traces/],
  [['trace'], /which program/],
  [['inspect', contract, '--ir', '--wasm'], /means nothing here/],
  [['inspect', contract, '--cfg', '--function', 'nope'], /there is no function nope/],
  [['asm', text], /required option '-o, --out <file>'/],
  [['link', token, '-o', dir], /this is a folder/],
  [['link', token, '-o', join(none, 'x')], /no folder to write it into/],
  [['new', 'Bad-Name'], /no name of a contract/],
  [['new', 'good', '--lang', 'java'], /Allowed choices are rust, c/],
  [['vectors', 'nope', text], /must be one of bpf/],
  [
    ['deploy', 'guests/objects/token-rust.o', '--db', at('db'), '--metadata', metadata],
    /0 arguments instead of 1/,
  ],
  // databases
  [['deploy', contract, '--db', text], /is a file/],
  [['deploy', contract, '--db', at('db'), '--value', '-5'], /must be a whole number/],
  [['deploy', contract, '--db', at('db'), '--from', 'BAD NAME'], /An address is/],
  [['call', '0x12', '--db', at('db')], /An address is/],
  [['call', 'alice', '--db', none], /no database here/],
  [['state', 'list', '--db', none], /no store in/],
  [['state', 'verify', '--db', none], /no store in/],
  [['state', 'root', '--db', text], /is a file/],
  [['state', 'prove', 'alice', 'nothing'], /must be one of balance/],
  [['state', 'check', text, '--root', '00'], /32 bytes of hex/],
  [['state', 'export', at('x'), '--db', none], /no store in/],
  [['state', 'import', text, '--db', dir], /exists already/],
  [['lnik'], /unknown command 'lnik'/],
]

describe('wrong uses', () => {
  for (const [args, said] of wrong)
    test(args.map((arg) => arg.replace(`${folder}/`, '').slice(0, 40)).join(' '), async () => {
      const { code, out, err } = await alcatraz(...args)
      assert.equal(code, 1, err)
      assert.equal(out, '')
      const [first, ...more] = err.trimEnd().split('\n')
      assert.match(first!, /^error: /)
      assert.doesNotMatch(first!, /error: error/)
      assert.match(first!, said)
      assert.doesNotMatch(err, /internal|\bat .*\.js:\d/)
      for (const line of more) assert.match(line, /^(?: {2}|\(Did you mean)/)
    })

  test('with --json the error is an object, whoever found it', async () => {
    for (const args of [
      run('--gas', '-1', '--json'),
      ['run', none, '--json'],
      ['build', text, '--json'],
      ['asm', text, '-o', at('x'), '--json'],
      ['state', 'root', '--db', none, '--json'],
      ['lnik', '--json'],
    ]) {
      const { code, out, err } = await alcatraz(...args)
      assert.equal(code, 1)
      const { error } = JSON.parse(out) as { error: { message: string; code?: string } }
      assert.ok(err.includes(error.message), err)
      assert.equal(typeof error.code, 'string', args.join(' '))
    }
  })

  test('nothing of it is left behind', () => {
    const known = ['bad.alcz', 'bad.polkavm', 'cut.o', 'dir', 'empty', 'text', 'token.alcz']
    assert.deepEqual(readdirSync(folder).sort(), known)
  })
})

test('wrong messages to a contract', async () => {
  const db = join(folder, 'own')
  const own = ['--db', db, '--metadata', metadata]
  const object = 'guests/objects/token-rust.o'
  assert.equal((await alcatraz('deploy', object, ...own, 'new', '5')).code, 0)
  for (const [args, said] of [
    [['alice', ...own], /which of the messages/],
    [['alice', ...own, 'nothing'], /no message nothing/],
    [['alice', ...own, 'balance_of'], /0 arguments instead of 1/],
    [['alice', ...own, 'balance_of', '5'], /An address is/],
    [['alice', ...own, 'transfer', 'bob', '-1'], /does not fit u64/],
    [['alice', ...own, 'transfer', 'bob', '1e3'], /whole number/],
    [['alice', '--db', db, '--metadata', text, 'balance_of', 'bob'], /JSON/],
    [['alice', '--db', db, '--metadata', none, 'balance_of', 'bob'], /no such file/],
    [['alice', '--db', db, '--input', '00', '--gas', '1'], /gas limit is below/],
    [['alice', '--db', db, '--input', '00'], /no code|no contract/],
  ] as const) {
    const { code, err, out } = await alcatraz('call', ...args)
    assert.deepEqual([code, out], [1, ''], err)
    assert.match(err.split('\n')[0]!, said)
    assert.doesNotMatch(err, /internal/)
  }
})

test('every command that prints results prints them as JSON, too', async () => {
  const help = (await alcatraz('--help')).out
  const names = [...help.matchAll(/^ {2}([a-z-]+) /gm)].map((m) => m[1]!)
  const state = (await alcatraz('state', '--help')).out
  const below = [...state.matchAll(/^ {2}([a-z-]+) \[/gm)].map((m) => m[1]!)
  const commands = [
    ...names.filter((name) => !['state', 'help', 'bpf-plugin'].includes(name)).map((n) => [n]),
    ...below.filter((name) => name !== 'help').map((name) => ['state', name]),
  ]
  assert.ok(commands.length > 18)
  for (const command of commands)
    assert.match((await alcatraz(...command, '--help')).out, /--json/, command.join(' '))
})
