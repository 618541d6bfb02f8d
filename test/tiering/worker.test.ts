/** Programs are compiled in a worker, and nobody sees it but in the report. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  createEngine,
  interpEngine,
  type Machine,
  type Program,
  referenceEngine,
  type TieringEngine,
} from 'alcatraz-vm'
import { threadCompiler } from 'alcatraz-vm/node'
import { build } from 'esbuild'
import { adoptIr, liftProgram } from '#vm/engine/lifted'
import { skipWithoutChromium, withPage } from '../browser/chromium.ts'
import { compare } from '../laws/compare.ts'
import { bpfTrial, pvmTrial } from '../laws/trials.ts'
import { loopOf } from './programs.ts'

const gas = 1n << 40n

function started(engine: TieringEngine, program: Program): Machine {
  const machine = engine.instantiate(program, { gas })
  machine.pc = 0
  return machine
}

test('a run goes on interpreted, and over to code that a thread made in the meantime', () => {
  const engine = createEngine({ after: 1_000, compiler: threadCompiler() })
  // long enough for a thread to start on a busy machine: it ends early once the code is there
  let machine = started(engine, loopOf(1_000_000_000))
  machine.gas = 50_000_000n
  for (let piece = 0; piece < 400 && machine.stats.tiers['recomp'] === undefined; piece++) {
    assert.equal(machine.run().kind, 'outOfGas')
    machine.gas = 50_000_000n
  }
  const { code, tiers } = machine.stats
  assert.equal(code?.origin, 'worker')
  assert.ok(code.since! >= 1_000n && code.since! > 10_000n, `over after ${code.since}`)
  assert.ok(tiers['interp']! > 0n)
  machine.dispose()
  machine = started(engine, loopOf(1_000))
  assert.equal(machine.stats.code?.origin, 'none', 'another program')
  engine.dispose()
})

test('code arrives with the event loop, too, and outcomes are those of the reference', async () => {
  const engine = createEngine({ after: 0, look: 5n, compiler: threadCompiler() })
  for (let seed = 1; seed < 60; seed++)
    for (const trialOf of [bpfTrial, pvmTrial]) {
      compare(referenceEngine, engine, trialOf(seed))
      if (seed % 5 === 0) await sleep(1)
    }
  const program = loopOf(50, 3)
  started(engine, program).run()
  for (let tries = 0; tries < 1000; tries++) {
    if (started(engine, program).stats.code?.origin === 'memory') break
    await sleep(5)
  }
  const machine = started(engine, program)
  assert.equal(machine.run().kind, 'halt')
  assert.equal(machine.stats.code?.origin, 'memory')
  engine.dispose()
})

test('a disposed worker is not waited for: programs are compiled here', () => {
  const engine = createEngine({ after: 0, compiler: threadCompiler() })
  engine.dispose()
  const machine = started(engine, loopOf(10))
  assert.equal(machine.run().kind, 'halt')
  assert.equal(machine.stats.code?.origin, 'compiled')
})

test('a worker that fails leaves its programs to this thread', () => {
  const compiler = threadCompiler()
  const engine = createEngine({ after: 0, compiler })
  const program = loopOf(10, 5)
  const machine = started(engine, program)
  assert.equal(machine.stats.code?.origin, 'none')
  assert.ok('failed' in compiler && typeof compiler.failed === 'function')
  compiler.failed('out of memory')
  machine.run()
  assert.match(machine.stats.code?.refusal ?? '', /^$|in the worker: out of memory/)
  assert.equal(started(engine, program).stats.code?.origin, 'memory')
  engine.dispose()
})

test('IR that was given to a program does not go through a worker', () => {
  const program = loopOf(10, 6)
  adoptIr(program, liftProgram(loopOf(10, 7)))
  const engine = createEngine({ after: 0, compiler: threadCompiler() })
  const machine = started(engine, program)
  machine.run()
  assert.equal(machine.stats.code?.origin, 'compiled')
  assert.equal(machine.registers.get(0), 62n)
  engine.dispose()
})

test('a thread that is at work keeps no process alive', () => {
  const code = `
    import { createEngine } from 'alcatraz-vm'
    import { threadCompiler } from 'alcatraz-vm/node'
    import { assembleBpf, bpfProgramOf } from 'alcatraz-vm/bpf'
    const engine = createEngine({ after: 0, compiler: threadCompiler() })
    const program = bpfProgramOf(assembleBpf('mov r0, 42\\n exit').code)
    engine.instantiate(program, { gas: 1000n }).run()
    console.log('ended')`
  const args = ['--input-type=module', '-e', code]
  const run = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 })
  assert.deepEqual([run.status, run.stdout, run.stderr], [0, 'ended\n', ''])
})

const inPage = `
import { createEngine, webCompiler } from 'alcatraz-vm'
import { assembleBpf, bpfProgramOf } from 'alcatraz-vm/bpf'
export async function run(script) {
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }))
  const engine = createEngine({ after: 0, compiler: webCompiler(new Worker(url)) })
  const program = bpfProgramOf(assembleBpf('mov r0, 42\\n add r0, 1\\n exit').code)
  const origins = []
  for (let i = 0; i < 2000; i++) {
    const machine = engine.instantiate(program, { gas: 1000n })
    const exit = machine.run()
    const { origin } = machine.stats.code
    if (origins.at(-1) !== origin) origins.push(origin)
    if (exit.kind !== 'halt' || machine.registers.get(0) !== 43n) return ['wrong']
    machine.dispose()
    if (origin === 'memory') break
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  engine.dispose()
  return origins
}`

async function bundle(contents: string, globalName?: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: process.cwd() },
    bundle: true,
    format: 'iife',
    ...(globalName !== undefined && { globalName }),
    platform: 'browser',
    target: 'es2023',
    write: false,
  })
  return outputFiles[0]!.text
}

test('a Web Worker compiles for a page', { skip: skipWithoutChromium }, async () => {
  const worker = await bundle("import { serveCompiler } from 'alcatraz-vm'; serveCompiler(self)")
  const page = await bundle(inPage, 'compiled')
  const origins = await withPage(async (tab) => {
    await tab.addScriptTag({ content: page })
    return tab.evaluate(`compiled.run(${JSON.stringify(worker)})`)
  })
  assert.deepEqual(origins, ['none', 'memory'])
})

test('interp is what runs until then', () => {
  const engine = createEngine({ after: 1_000_000, compiler: threadCompiler() })
  const [one, two] = [started(engine, loopOf(100)), interpEngine.instantiate(loopOf(100), { gas })]
  two.pc = 0
  assert.deepEqual(one.run(), two.run())
  assert.deepEqual(one.stats.tiers, two.stats.tiers)
  engine.dispose()
})
