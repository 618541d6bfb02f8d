import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import {
  type Engine,
  type Exit,
  engineNamed,
  engineNames,
  InputError,
  liftProgram,
  type TraceStep,
  tracing,
} from 'alcatraz-vm'
import fc from 'fast-check'
import { differenceOfTraces } from '#node/cli/trace/diff'
import { compare, difference, type Trial } from '../laws/compare.ts'
import { bpfTrial, pvmTrial, stepwise } from '../laws/trials.ts'
import { alcatraz } from './fake.ts'

const folder = mkdtempSync(join(tmpdir(), 'alcatraz-trace-'))
after(() => rmSync(folder, { recursive: true }))
const at = (name: string): string => join(folder, name)
const token = 'guests/objects/token-v4.o'

async function pvm(name: string, source: string, isa: string): Promise<string> {
  writeFileSync(at(`${name}.s`), source)
  const { code, err } = await alcatraz('asm', at(`${name}.s`), '-o', at(name), '--isa', isa)
  assert.equal(code, 0, err)
  return at(name)
}

/** The same command line on every engine: all must print the same. */
async function traced(...args: readonly string[]): Promise<{ out: string; code: number }> {
  const answers = []
  for (const engine of engineNames)
    answers.push(await alcatraz('trace', ...args, '--engine', engine))
  for (const answer of answers) assert.deepEqual(answer, answers[0])
  const { out, code, err } = answers[0]!
  assert.equal(err, '')
  return { out, code }
}

describe('the same lines from every engine', () => {
  const call = ['--entry', 'call', '--input', '01']
  test('a contract with calls and host calls', async () => {
    const { out, code } = await traced(token, ...call)
    assert.equal(code, 0)
    assert.match(out, /^ +2 +65 {2}ldxb r4, \[r1\] +gas=\d+ r4=0x1$/m)
    assert.match(out, /call 2 # az_get +gas=\d+ r0=0xf{16}$/m)
    assert.match(out, /= returned at pc 251 +gas=\d+\n$/)
  })
  test('as JSON, with the gas and instructions that run reports', async () => {
    const { out } = await traced(token, ...call, '--json')
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    const ran = JSON.parse((await alcatraz('run', token, ...call, '--json')).out)
    const end = lines.at(-1)
    assert.deepEqual([end.stop, end.pc], [ran.exit.kind, ran.exit.pc])
    assert.equal(BigInt(ran.gas.limit) - BigInt(end.gas), BigInt(ran.gas.used))
    assert.equal(end.executed, ran.tiers.interp)
    assert.equal(lines.length - 1, Number(ran.tiers.interp))
    assert.deepEqual(Object.keys(lines[0]), ['executed', 'pc', 'text', 'gas', 'set'])
  })
  test('a run that ends without gas, at the same place as run', async () => {
    const { out, code } = await traced(token, ...call, '--gas', '4640')
    assert.equal(code, 2)
    assert.match(out, /= ran out of gas at pc \d+ +gas=0\n$/)
  })
  test('only the stops', async () => {
    const { out } = await traced(token, ...call, '--stops')
    assert.equal(out.split('\n').length, 4)
    assert.match(out, /^ +19 +62 .*r0=0xf{16}/)
  })
  const loop = 'a0 = 3\n@loop:\na0 = a0 - 1\njump @loop if a0 != 0\ntrap\n'
  test('a PVM program, by instructions and by blocks', async () => {
    const single = await pvm('single', loop, 'pvm-gp-0.7')
    const steps = await traced(single, '--isa', 'pvm-gp-0.7', '--gas', '100')
    assert.equal(steps.code, 2)
    assert.equal(steps.out.split('\n').length, 11, steps.out)
    assert.match(steps.out, /^ +3 +4 {2}a0 = a0 \+ -1 +gas=97 a0=0x2$/m)
    assert.match(steps.out, /= trapped at pc \d+: panic/)
    const block = await pvm('block', loop, 'pvm-jam-v1')
    const blocks = await traced(block, '--isa', 'pvm-jam-v1', '--gas', '100')
    assert.equal(blocks.out.split('\n').length, 7, blocks.out)
  })
})

interface Left {
  readonly steps: readonly TraceStep[]
  readonly exit: Exit
}

/** What a trace of the first exit says; the machine must be left as by an undivided run. */
function stepsOf(engine: Engine, trial: Trial): Left {
  const steps: TraceStep[] = []
  const traced = tracing(engine, { stops: false }, (step) => steps.push(step))
  const [a, b] = [traced, engine].map((e) => {
    const machine = e.instantiate(trial.program, { gas: trial.gas })
    trial.start(machine)
    return machine
  })
  const [exit, plain] = [a!.run(), b!.run()]
  assert.deepEqual(exit, plain)
  assert.equal(difference(a!.save(), b!.save()), '')
  a!.dispose()
  b!.dispose()
  return { steps, exit }
}

function isAccepted({ program }: Trial): boolean {
  try {
    liftProgram(program)
    return true
  } catch (error) {
    if (error instanceof InputError) return false
    throw error
  }
}

describe('tracing changes nothing', () => {
  const numRuns = 60
  const seed = fc.integer({ min: 1, max: 0x7fff_ffff })
  for (const name of engineNames) {
    const engine = engineNamed(name)
    test(`${name}: eBPF programs, through all exits`, () => {
      const traced = tracing(engine, { stops: false }, () => {})
      const check = (n: number): void => void compare(traced, engine, bpfTrial(n))
      fc.assert(fc.property(seed, check), { numRuns })
    })
  }
  const trials: readonly ((seed: number) => Trial)[] = [
    bpfTrial,
    (n) => stepwise(bpfTrial(n)),
    pvmTrial,
    (n) => stepwise(pvmTrial(n)),
  ]
  test('and the steps are those of every engine', () => {
    fc.assert(
      fc.property(seed, fc.nat(trials.length - 1), (n, which) => {
        const trial = trials[which]!(n)
        fc.pre(isAccepted(trial))
        const all = engineNames.map((name) => stepsOf(engineNamed(name), trial))
        for (const left of all) assert.deepEqual(left, all[0])
      }),
      {
        numRuns: 2 * numRuns,
        // memset in a charged block, cut where running out of gas spends what is left;
        // a block that runs on past the end of the code
        examples: [
          [1548459990, 2],
          [1414163162, 2],
        ],
      },
    )
  })
})

describe('limits', () => {
  test('a trace has as many lines as it may, and says so', async () => {
    const { out, err, code } = await alcatraz('trace', token, '--entry', 'call', '--limit', '1')
    assert.equal(code, 0)
    assert.equal(out.split('\n').length, 2)
    assert.match(err, /stopped after 1 lines: --limit/)
  })
  test('a program that never ends is traced up to the limit', async () => {
    const code = await pvm('loop', '@a:\njump @a\n', 'pvm-jam-v1')
    const { out } = await alcatraz('trace', code, '--isa', 'pvm-jam-v1', '--limit', '7')
    assert.equal(out.split('\n').length, 8)
  })
  test('wrong options are refused', async () => {
    for (const args of [
      [],
      [token, '--diff', token, token],
      ['--diff', token],
      ['--diff', token, token, token],
      [token, '--limit', '0'],
      [token, '--entry', 'nothing'],
      [at('absent')],
      ['--diff', token, at('absent')],
    ]) {
      const { code, err } = await alcatraz('trace', ...args)
      assert.equal(code, 1, args.join(' '))
      assert.match(err, /^error: /)
    }
  })
})

describe('--diff', () => {
  test('finds the line that was changed, with what is before it', async () => {
    await alcatraz('trace', token, '--entry', 'call', '--input', '01', '-o', at('a'))
    await alcatraz(
      'trace',
      token,
      '--entry',
      'call',
      '--input',
      '01',
      '-o',
      at('c'),
      '--engine',
      'recomp',
    )
    assert.ok(existsSync(at('a')))
    const same = await alcatraz('trace', '--diff', at('a'), at('c'))
    assert.deepEqual([same.code, same.out], [0, 'the traces are the same\n'])
    const lines = readFileSync(at('a'), 'utf8').split('\n')
    const planted = lines.with(9, lines[9]!.replace(/gas=(\d)/, 'gas=9$1'))
    writeFileSync(at('b'), planted.join('\n'))
    const { code, out } = await alcatraz('trace', '--diff', at('a'), at('b'))
    assert.equal(code, 1)
    assert.ok(out.startsWith('line 10 is the first that differs\n'), out)
    for (const line of [...lines.slice(6, 10), planted[9]!]) assert.ok(out.includes(line), line)
    const json = JSON.parse((await alcatraz('trace', '--diff', at('a'), at('b'), '--json')).out)
    assert.deepEqual([json.equal, json.line, json.left], [false, 10, lines[9]])
  })
  test('agrees with a comparison line by line', () => {
    const text = fc.array(fc.constantFrom('', 'a', 'b', 'ab'), { maxLength: 8 })
    fc.assert(
      fc.property(text, text, fc.boolean(), fc.boolean(), (left, right, x, y) => {
        const [a, b] = [left.join('\n') + (x ? '\n' : ''), right.join('\n') + (y ? '\n' : '')]
        const found = differenceOfTraces(Buffer.from(a), Buffer.from(b))
        assert.equal(found === undefined, a === b)
        if (found === undefined) return
        const [m, n] = [a.split('\n'), b.split('\n')]
        let line = 0
        while (m[line] === n[line] && line + 1 < m.length && line + 1 < n.length) line++
        const before = m.slice(Math.max(0, found.line - 4), found.line - 1)
        assert.deepEqual(found.context, before)
        assert.equal(found.line, line + 1)
      }),
    )
  })
  test('a trace that goes on longer differs where the other ends', () => {
    const found = differenceOfTraces(Buffer.from('a\n'), Buffer.from('a\nb\n'))
    assert.deepEqual(found, { line: 2, context: ['a'], left: undefined, right: 'b' })
  })
})
