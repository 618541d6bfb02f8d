import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { readSbpf, syscallRegistry } from 'alcatraz-vm/sbpf'
import { alcatraz } from './fake.ts'

const folder = mkdtempSync(join(tmpdir(), 'alcatraz-cli-'))
after(() => rmSync(folder, { recursive: true }))
const at = (name: string): string => join(folder, name)
const token = 'guests/objects/token-v4.o'
const hostile = 'guests/objects/hostile-v4.o'
const engines = ['reference', 'interp', 'recomp']

interface RunJson {
  readonly exit: { readonly kind: string; readonly trap?: string; readonly pc: number }
  readonly gas: { readonly limit: string; readonly used: string }
  readonly registers: readonly string[]
  readonly output: string
  readonly tiers: Readonly<Record<string, string>>
}

async function run(...args: readonly string[]): Promise<RunJson & { readonly code: number }> {
  const { code, out, err } = await alcatraz('run', ...args, '--json')
  assert.equal(err, '')
  return { code, ...(JSON.parse(out) as RunJson) }
}

describe('help', () => {
  test('every command has a summary, options and examples that name it', async () => {
    const { out, code } = await alcatraz('--help')
    assert.equal(code, 0)
    const names = [...out.matchAll(/^ {2}([a-z-]+) /gm)].map((m) => m[1]!)
    for (const name of ['link', 'run', 'inspect', 'disasm', 'asm', 'deploy', 'call', 'state'])
      assert.ok(names.includes(name), name)
    for (const name of ['vectors', 'bpf-plugin', 'demo']) assert.ok(names.includes(name), name)
    for (const name of names.filter((n) => n !== 'help' && n !== 'state')) {
      const help = await alcatraz(name, '--help')
      assert.equal(help.code, 0)
      assert.match(help.out, new RegExp(`Examples:\\n  alcatraz ${name}`), name)
    }
  })
  test('without arguments it is printed, and a wrong command says what to try', async () => {
    assert.equal((await alcatraz()).out, (await alcatraz('--help')).out)
    const wrong = await alcatraz('lnik')
    assert.equal(wrong.code, 1)
    assert.match(
      wrong.err,
      /unknown command 'lnik'\n\(Did you mean link\?\)\n {2}try: alcatraz --help/,
    )
  })
  test('the version is the package’s', async () => {
    const { version } = JSON.parse(readFileSync('node/package.json', 'utf8')) as { version: string }
    assert.equal((await alcatraz('--version')).out, `${version}\n`)
  })
})

describe('link and inspect', () => {
  test('an object becomes a container that inspect reads', async () => {
    const linked = await alcatraz('link', token, '-o', at('token.alcz'), '--json')
    assert.equal(linked.code, 0, linked.err)
    const report = JSON.parse(linked.out) as { exports: { name: string }[]; imports: string[] }
    assert.deepEqual(
      report.exports.map(({ name }) => name),
      ['call', 'deploy'],
    )
    const seen = JSON.parse((await alcatraz('inspect', at('token.alcz'), '--json')).out)
    assert.deepEqual([seen.kind, seen.imports], ['bpf', report.imports])
    assert.match(seen.identity, /^0x[0-9a-f]{64}$/)
    assert.match((await alcatraz('inspect', at('token.alcz'))).out, /^entries?|host calls +az_/m)
    assert.match((await alcatraz('inspect', token)).out, /machine 247 \(eBPF\)/)
  })
  test('an object becomes a program that Solana deploys', async () => {
    const object = 'guests/solana/objects/counter.o'
    for (const version of ['v0', 'v3']) {
      const out = at(`counter-${version}.so`)
      const target = `sbpf-${version}`
      const linked = await alcatraz('link', object, '-o', out, '--target', target, '--json')
      assert.equal(linked.code, 0, linked.err)
      const { syscalls } = JSON.parse(linked.out) as { syscalls: string[] }
      const read = readSbpf(readFileSync(out), {
        syscalls: syscallRegistry(syscalls),
        rejectBrokenElfs: true,
      })
      assert.deepEqual([read.version, read.symbols.get(0)], [version, 'entrypoint'])
      const shown = await alcatraz('link', object, '-o', out, '--target', target, '--map')
      const seen = await alcatraz('inspect', out)
      assert.match(
        seen.out,
        /Solana program +sBPF V[03][\s\S]*syscalls +sol_log_ [\s\S]*deploys +yes/,
      )
      const facts = JSON.parse((await alcatraz('inspect', out, '--json')).out)
      assert.deepEqual([facts.kind, facts.version, facts.deploys], ['sbpf', version, true])
      assert.match((await alcatraz('disasm', out)).out, /^entrypoint:\n/m)
      assert.match(shown.out, /code +\S*\.text\.entrypoint[\s\S]*syscalls +sol_log_ /)
    }
    const spoilt = readFileSync(at('counter-v3.so'))
    // the first instruction, behind two program headers and the data
    spoilt[64 + 2 * 56 + 16] = 0xff
    writeFileSync(at('spoilt.so'), spoilt)
    const refused = await alcatraz('inspect', at('spoilt.so'))
    assert.match(refused.out, /deploys +no: unknown eBPF opcode 0xff \(insn #0\)/)
    const wrong = ['link', object, '-o', at('x'), '--target', 'sbpf-v3']
    assert.match((await alcatraz(...wrong, '--stack', '4096')).err, /leave --stack out/)
    assert.match((await alcatraz(...wrong, '--export', 'a', 'b')).err, /has one entry/)
    assert.match((await alcatraz(...wrong, '--export', 'absent')).err, /no global function absent/)
    const foreign = await alcatraz(
      'link',
      token,
      '-o',
      at('x'),
      '--target',
      'sbpf-v3',
      '--export',
      'call',
    )
    assert.match(foreign.err, /az_caller is no syscall/)
  })
  test('a folder to write into that is not there is named', async () => {
    const { code, err } = await alcatraz('link', token, '-o', at('none/token.alcz'))
    assert.equal(code, 1)
    assert.match(err, /no folder to write it into[\s\S]*try: mkdir -p .*none/)
  })
  test('what is no object is refused, with the file, and nothing is written', async () => {
    writeFileSync(at('text.o'), 'not an object')
    const { code, err, out } = await alcatraz('link', at('text.o'), '-o', at('no.alcz'), '--json')
    assert.equal(code, 1)
    assert.ok(err.includes(at('text.o')), err)
    assert.match(err, / {2}try: /)
    const { error } = JSON.parse(out) as { error: { code: string; offset: number } }
    assert.equal(typeof error.code, 'string')
    assert.equal(existsSync(at('no.alcz')), false)
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.endsWith('.tmp')),
      [],
    )
  })
})

describe('run', () => {
  test('prints the fixed JSON form, alike on every engine', async () => {
    const input = ['--entry', 'call', '--input', '01', '--gas', '1000000']
    const found = []
    for (const engine of engines) {
      const { tiers, ...rest } = await run(token, ...input, '--engine', engine)
      assert.equal(Object.keys(tiers)[0], engine)
      for (const count of Object.values(tiers)) assert.match(count, /^\d+$/)
      assert.equal(rest.code, 0)
      assert.deepEqual(Object.keys(rest.exit), ['kind', 'pc'])
      assert.equal(rest.exit.kind, 'halt')
      assert.equal(rest.gas.limit, '1000000')
      assert.match(rest.gas.used, /^\d+$/)
      assert.equal(rest.registers.length, 11)
      for (const register of rest.registers) assert.match(register, /^0x[0-9a-f]+$/)
      assert.equal(rest.output, '0x0000000000000000')
      const instructions = Object.values(tiers).reduce((sum, count) => sum + BigInt(count), 0n)
      found.push({ ...rest, instructions })
    }
    for (const other of found) assert.deepEqual(other, found[0])
  })
  test('pages that are asked for make a PVM workload run', async () => {
    const blob = join(folder, 'sieve.pvm')
    const asm = ['asm', 'guests/pvm/sieve.pvm.s', '--isa', 'pvm-latest64', '-o', blob]
    assert.equal((await alcatraz(...asm)).code, 0)
    const program = ['run', blob, '--isa', 'pvm-latest64', '--reg', '7=1000', '--gas', '1000000']
    const bare = await alcatraz(...program, '--json')
    assert.equal(bare.code, 2)
    const mapped = await alcatraz(...program, '--map', '0x20000:0x400000', '--json')
    assert.equal(mapped.code, 0)
    assert.equal(JSON.parse(mapped.out).registers[7], '0xa8')
    for (const odd of ['1:2', '0x20000:0', '0x20000', 'x:y', '0x20000:4096:rw'])
      assert.equal((await alcatraz(...program, '--map', odd)).code, 1, odd)
  })
  const endings = [
    ['loop_forever', 'outOfGas', undefined],
    ['call_data', 'trap', 'invalidCall'],
    ['read_null', 'fault', undefined],
  ] as const
  for (const [entry, kind, trap] of endings)
    test(`a contract that fails answers 2: ${entry}`, async () => {
      for (const engine of engines) {
        const ran = await run(hostile, '--entry', entry, '--gas', '100000', '--engine', engine)
        assert.deepEqual([ran.code, ran.exit.kind, ran.exit.trap], [2, kind, trap], engine)
      }
    })
  test('a revert answers 2 and its data', async () => {
    const ran = await run(token, '--entry', 'call', '--input', '63')
    assert.deepEqual([ran.code, ran.exit.kind, ran.output], [2, 'halt', '0x01'])
  })
  test('bad input answers 1 and says what to do', async () => {
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [[at('absent.alcz')], /there is no such file/],
      [[folder], /a folder, not a file/],
      [[token], /which entry.*\n.*\n.*--entry call or deploy/],
      [[token, '--entry', 'nope'], /no entry nope/],
      [[token, '--entry', 'call', '--gas', '1.5'], /whole number/],
      [[token, '--entry', 'call', '--gas', '9223372036854775808'], /below 2\^63/],
      [[token, '--entry', 'call', '--gas', '9'.repeat(30)], /below 2\^63/],
      [[token, '--entry', 'call', '--gas', '-5'], /whole number/],
      [[token, '--entry', 'call', '--input', '123'], /pairs of 0-9 and a-f/],
      [[token, '--entry', 'call', '--engine', 'warp'], /reference, interp/],
      [['README.md'], /no container, no ELF object and no polkavm file|no such file/],
    ]
    for (const [args, message] of cases) {
      const { code, err } = await alcatraz('run', ...args)
      assert.equal(code, 1, args.join(' '))
      assert.match(err, message)
    }
  })
})

describe('asm and disasm', () => {
  test('eBPF text becomes a container whose disassembly is the same program', async () => {
    writeFileSync(at('add.s'), 'add:\n  mov r0, 40\n  add r0, 2\n  exit\n')
    assert.equal((await alcatraz('asm', at('add.s'), '-o', at('add.alcz'))).code, 0)
    const ran = await run(at('add.alcz'), '--entry', 'add')
    assert.deepEqual([ran.code, ran.exit.kind, ran.registers[0]], [0, 'halt', '0x2a'])
    assert.equal('reverted' in ran, false)
    const text = (await alcatraz('disasm', at('add.alcz'))).out
    writeFileSync(at('again.s'), text)
    assert.equal((await alcatraz('asm', at('again.s'), '-o', at('again.alcz'))).code, 0)
    assert.deepEqual(readFileSync(at('again.alcz')), readFileSync(at('add.alcz')))
  })
  test('PVM text becomes a raw blob that runs', async () => {
    writeFileSync(at('sum.s'), 'a0 = 40\na0 = a0 + 2\ntrap\n')
    const isa = ['--isa', 'pvm-jam-v1']
    const written = await alcatraz('asm', at('sum.s'), '-o', at('sum.pvm'), ...isa)
    assert.equal(written.code, 0, written.err)
    for (const engine of engines) {
      const ran = await run(at('sum.pvm'), ...isa, '--engine', engine)
      assert.deepEqual([ran.code, ran.exit.kind, ran.registers[7]], [2, 'trap', '0x2a'])
    }
    const seeded = await run(at('sum.pvm'), '--isa', 'pvm-jamv1', '--reg', '12=0x2a')
    assert.equal(seeded.registers[12], '0x2a')
    assert.match((await alcatraz('disasm', at('sum.pvm'), ...isa)).out, /a0 = a0 \+ /)
    assert.match((await alcatraz('inspect', at('sum.pvm'), ...isa)).out, /3 instructions/)
  })
  test('options of the other instruction set and registers that are none are refused', async () => {
    writeFileSync(at('open.s'), 'a0 = 40\n')
    const isa = ['--isa', 'pvm-jam-v1']
    await alcatraz('asm', at('open.s'), '-o', at('open.pvm'), ...isa)
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [[at('sum.pvm'), ...isa, '--reg', '13=1'], /Registers are 0 to 12/],
      [[at('sum.pvm'), ...isa, '--input', '00'], /--input is for programs with a memory/],
      [[token, '--entry', 'call', '--reg', '1=1'], /--reg is for PVM programs/],
      [[at('open.pvm'), ...isa], /ends no block.*\n.*open\.pvm/],
    ]
    for (const [args, message] of cases) {
      const { code, err } = await alcatraz('run', ...args)
      assert.equal(code, 1, args.join(' '))
      assert.match(err, message)
    }
  })
  test('an error in the text names file and line', async () => {
    writeFileSync(at('bad.s'), 'mov r0, 1\nfrobnicate r1\n')
    const { code, err } = await alcatraz('asm', at('bad.s'), '-o', at('bad.alcz'))
    assert.equal(code, 1)
    assert.match(err, /frobnicate[\s\S]*2[\s\S]*bad\.s/)
  })
})

describe('deploy, call and state', () => {
  const db = ['--db', at('db')]
  const bob = Buffer.alloc(32)
  bob.write('bob')
  const transfer = `02${bob.toString('hex')}0500000000000000`

  test('a contract’s state survives, diffs are validated, the log replays', async () => {
    const absent = await alcatraz('call', 'bob', ...db)
    assert.equal(absent.code, 1)
    assert.match(absent.err, /no database here[\s\S]*alcatraz deploy/)
    const input = ['--input', 'e803000000000000']
    const deployed = await alcatraz('deploy', token, ...input, ...db, '--json')
    assert.equal(deployed.code, 0, deployed.err)
    const { contract, root: first } = JSON.parse(deployed.out) as Record<string, string>
    const sent = await alcatraz('call', contract!, '--input', transfer, ...db, '--json')
    const receipt = JSON.parse(sent.out) as Record<string, unknown>
    assert.deepEqual([sent.code, receipt['status']], [0, 'success'])
    assert.equal((receipt['diff'] as unknown[]).length, 3)
    assert.notEqual(receipt['root'], first)
    const reverted = await alcatraz('call', contract!, '--input', '09', ...db, '--json')
    assert.equal(reverted.code, 2)
    const root = (JSON.parse(reverted.out) as { root: string }).root
    assert.equal((await alcatraz('state', 'root', ...db)).out, `${root}\n`)
    const asked = ['--input', `00${bob.toString('hex')}`, '--dry-run', '--json']
    const dry = JSON.parse((await alcatraz('call', contract!, ...asked, ...db)).out)
    assert.equal(dry.output, '0x0500000000000000')
    assert.equal((await alcatraz('state', 'root', ...db)).out, `${root}\n`)
    assert.equal((await alcatraz('state', 'get', 'alice', 'nonce', ...db)).out, '3\n')
    assert.equal((await alcatraz('state', 'get', 'bob', 'nonce', ...db)).out, 'absent\n')
    const listed = JSON.parse((await alcatraz('state', 'list', contract!, ...db, '--json')).out)
    // code, owner, supply and two balances
    assert.equal(listed.length, 5)
    for (const engine of engines) {
      const verified = await alcatraz('state', 'verify', ...db, '--engine', engine, '--json')
      assert.equal(verified.code, 0)
      const { ok, heights, root: again } = JSON.parse(verified.out)
      assert.deepEqual([ok, heights, again], [true, 4, root])
    }
  })
  test('an entry that returns another number than 0 reverts and says so', async () => {
    writeFileSync(at('seven.s'), 'call:\n  mov r0, 7\n  exit\n')
    await alcatraz('asm', at('seven.s'), '-o', at('seven.alcz'))
    const deployed = await alcatraz('deploy', at('seven.alcz'), '--db', at('seven'), '--quiet')
    const { code, out } = await alcatraz('call', deployed.out.trim(), '--db', at('seven'))
    assert.equal(code, 2)
    assert.match(out, /the contract reverted: its entry returned 7, not 0/)
  })
  test('what is not begun says how to begin', async () => {
    const there = at('begun')
    mkdirSync(there)
    const state = await alcatraz('state', 'root', '--db', there)
    assert.match(state.err, /no store[\s\S]*try: alcatraz deploy/)
    writeFileSync(join(there, 'data.mdb'), '')
    const call = await alcatraz('call', 'alice', '--value', '1', '--db', there)
    assert.deepEqual([state.code, call.code], [1, 1])
    assert.match(call.err, /no accounts yet[\s\S]*try: alcatraz deploy/)
  })
  test('a file is no database', async () => {
    const { code, err } = await alcatraz('state', 'root', '--db', token)
    assert.equal(code, 1)
    assert.match(err, /^error: [\s\S]* {2}try: /)
  })
})

describe('vectors', () => {
  test('count what passed, and answer 1 when something failed', async () => {
    writeFileSync(at('good.data'), '-- asm\nmov r0, 1\nexit\n-- result\n0x1\n')
    const good = await alcatraz('vectors', 'bpf', at('good.data'))
    assert.deepEqual([good.code, good.out], [0, '1 passed, 0 failed, 0 skipped\n'])
    writeFileSync(at('wrong.data'), '-- asm\nmov r0, 1\nexit\n-- result\n0x2\n')
    const both = await alcatraz('vectors', 'bpf', folder, '--engine', 'reference')
    assert.equal(both.code, 1)
    assert.match(both.out, /failed .*wrong\.data: r0 = 0x1/)
    assert.match(both.out, /\n1 passed, 1 failed, 0 skipped\n$/)
  })
  test('a folder without vectors and an unknown set are bad input', async () => {
    assert.match((await alcatraz('vectors', 'pvm-jamv1', 'docs')).err, /no \.jsonl or \.json file/)
    assert.equal((await alcatraz('vectors', 'pvm-jamv9', 'docs')).code, 1)
  })
})

describe('demo', () => {
  interface Told {
    readonly root: string
    readonly trades: readonly { readonly what: string; readonly times: number }[]
    readonly attacks: readonly {
      readonly who: string
      readonly what: string
      readonly how: string
    }[]
    readonly books: readonly {
      readonly what: string
      readonly found: string
      readonly due: string
    }[]
    readonly [name: string]: unknown
  }

  test('the day ends with its books closed and its state verified, the same on each engine', async () => {
    const days: Told[] = []
    for (const engine of ['tiered', 'interp']) {
      const flags = ['--transactions', '60', '--db', at(`${engine}.db`), '--engine', engine]
      const { code, out, err } = await alcatraz('demo', ...flags, '--json')
      assert.equal(code, 0, err)
      days.push(JSON.parse(out) as Told)
    }
    const [day, other] = days as [Told, Told]
    assert.equal(other.root, day.root)
    assert.deepEqual([day['ok'], day['transactions']], [true, 60])
    assert.equal(
      day.trades.reduce((sum, { times }) => sum + times, 0),
      60,
    )
    assert.equal(day.books.length, 8)
    for (const { due, found, what } of day.books) assert.equal(found, due, what)
    assert.deepEqual(
      day.attacks.map(({ how, who }) => `${who}: ${how}`),
      [
        'mallory: refused: notOwner',
        'mallory: reverted: TooLittle',
        'mallory: reverted: NotAllowed',
        'trudy: reverted: BadOrder',
        'mallory: its own 100 coins back',
        'trudy: reverted: OtherValue',
        'trudy: reverted: NotOwner',
        'trudy: reverted: NotOwner',
        'trudy: refused: badNonce',
        'trudy: refused: insufficientFunds',
        'oscar: ran out of gas',
        'oscar: ran out of gas',
        'oscar: trapped: hostCall',
        'oscar: trapped: stackOverflow',
        'oscar: trapped: callDepth',
        'eve: faulted: read at 0x8',
        'eve: faulted: write at 0x1fffc',
        'eve: trapped: invalidCall',
        'eve: ran out of gas',
        'eve: refused: tooLarge',
        'eve: refused: notContainer',
        'eve: refused: truncated',
        'eve: refused: unknownImport',
      ],
    )
  })
  test('reads well, and refuses a folder that exists', async () => {
    const db = ['--db', at('demo.db')]
    const { code, out, err } = await alcatraz('demo', '--transactions', '40', ...db)
    assert.equal(code, 0, err)
    const titles = [
      'A market opens at nine',
      'What they traded, in ',
      'What else happened',
      'One of them in full',
      'Who tried what, and how it was refused',
      'The books, closed at five',
      'Reopened, and everything replayed',
      'Try next',
    ]
    const found = titles.map((title) => out.indexOf(`\n${title}`))
    assert.ok(
      found.every((place, i) => place > (found[i - 1] ?? -1)),
      `${found}`,
    )
    assert.match(out, /^10:35 {2}alice {2}hears that the escrow could be robbed of 300 coins$/m)
    assert.match(out, /^event +Transfer \{"from":/m)
    assert.ok(!out.includes('WRONG'))
    const tried = out.slice(out.indexOf('\nWho tried'), out.indexOf('\nThe books'))
    for (const line of tried.split('\n')) assert.ok(line.length <= 80, line)
    assert.equal((await alcatraz('demo', ...db)).code, 1)
  })
})
