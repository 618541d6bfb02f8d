/** `node own-child.js ENGINE FORMAT FILE ...` runs a guest on an engine of ours and prints a `Report`. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type CodeOrigin,
  createEngine,
  type Engine,
  interpEngine,
  liftProgram,
  referenceEngine,
  type TieringEngine,
} from 'alcatraz-vm'
import { openArtifactStore } from 'alcatraz-vm/node'
import { generateMeasured } from '../internals.ts'
import { touch } from '../touch.ts'
import { formatNamed } from './formats.ts'
import {
  type Cycle,
  jobOf,
  onlyOf,
  type Report,
  repeated,
  Stages,
  tieringRoom,
} from './protocol.ts'
import { partial } from './vms.ts'
import { markedModule } from './wasm-code.ts'

const plenty = 1n << 60n
const [engineName, formatName, ...rest] = process.argv.slice(2)
const job = jobOf(rest)
const bytes = Uint8Array.from(readFileSync(job.file))
const before = process.memoryUsage.rss()
const { ours } = formatNamed(formatName!)
if (ours === undefined) throw new Error(`${formatName} does not run here`)

// V8 keeps what it made of a module as long as another one has the same bytes: each cycle's has its own
let modules = 0
globalThis.WebAssembly.Module = new Proxy(WebAssembly.Module, {
  construct: (target, [source]) =>
    new target(markedModule(new Uint8Array(source as ArrayBuffer), modules++)),
})

interface Once {
  readonly cycle: Cycle
  readonly small: bigint
  readonly engine: Engine
}

/** From bytes to the result of a small call; generated code must come from `origin`. */
function once(engine: Engine, origin: CodeOrigin = 'compiled'): Once {
  const stages = new Stages()
  const program = stages.time('parse', () => ours!.parse(bytes))
  // the reference executes the instructions themselves; code that is found spares lifting
  if (engine.name !== 'reference' && origin === 'compiled')
    stages.time('validate', () => liftProgram(program))
  if (engine.name === 'recomp')
    stages.time('translate', () => (engine as TieringEngine).prepare(program))
  const machine = stages.time('instantiate', () => engine.instantiate(program, { gas: plenty }))
  const small = stages.time('first', () => ours!.call(machine, BigInt(job.small)))
  machine.dispose()
  if (engine.name === 'recomp') {
    const made = (engine as TieringEngine).cache.codeOf(program).origin
    if (made !== (origin === 'disk' ? 'disk' : 'compiled'))
      throw new Error(`code came from ${made}, not ${origin}`)
  }
  return { cycle: stages.cycle, small, engine }
}

const folder = mkdtempSync(join(tmpdir(), 'alcatraz-bench-'))
const store = openArtifactStore(folder)
function freshEngine(): Engine {
  switch (engineName) {
    case 'reference':
      return referenceEngine
    case 'interp':
      return interpEngine
    case 'recomp':
      return createEngine({ name: 'recomp', after: 0 })
    default:
      return partialEngine(engineName)
  }
}

/** An engine that has code for the program already, without some of its parts. */
function partialEngine(name: string | undefined): Engine {
  const [, parts] = Object.entries(partial).find(([known]) => known === name) ?? []
  if (parts === undefined) throw new Error(`no engine is ${name}`)
  const program = ours!.parse(bytes)
  const generated = generateMeasured(liftProgram(program), parts)
  if (generated === undefined) throw new Error('too large to be generated')
  const { bytes: wasm, ...tables } = generated
  const engine = createEngine({ name: 'recomp', after: 0 })
  const artifact = { tables, module: new WebAssembly.Module(wasm), bytes: wasm.length }
  engine.cache.keep(engine.cache.codeOf(program), artifact, 'compiled')
  return engine
}
const isRecomp = engineName === 'recomp'

const first = once(freshEngine())
const cycles = [first, ...repeated(job.cycles, tieringRoom * job.budget, () => once(freshEngine()))]
const { engine } = cycles.at(-1)!
const found: { cached: Once[]; disk: Once[] } = { cached: [], disk: [] }
if (isRecomp) {
  const storing = (): Engine => createEngine({ name: 'recomp', after: 0, store })
  once(storing())
  // beside them V8 still compiles what the cycles before made: a few are never the fastest
  const { budget } = job
  found.cached = repeated(job.cycles, budget, () => once(engine, 'memory'))
  found.disk = repeated(job.cycles, budget, () => once(storing(), 'disk'))
}
rmSync(folder, { recursive: true })

const program = ours.parse(bytes)
let instructions = 0
const runs = repeated(job.runs, tieringRoom * job.budget, () => {
  const machine = engine.instantiate(program, { gas: plenty })
  if (engineName !== 'reference') touch(machine)
  const start = performance.now()
  const result = ours.call(machine, BigInt(job.n))
  const ns = Math.round((performance.now() - start) * 1e6)
  const { stats } = machine
  instructions = Number(stats.instructions)
  const share = Number(stats.tiers['recomp'] ?? 0n) / instructions
  machine.dispose()
  if (isRecomp && share < 0.999) throw new Error(`${share * 100} % ran in generated code`)
  return { ns, result, bytes: stats.code?.bytes ?? null }
})
const all = [...cycles, ...found.cached, ...found.disk]
const report: Report = {
  version: engineName!,
  engine: 0,
  cycles: cycles.map(({ cycle }) => cycle),
  ...(isRecomp && {
    cached: found.cached.map(({ cycle }) => cycle),
    disk: found.disk.map(({ cycle }) => cycle),
  }),
  runs: runs.map(({ ns }) => ns),
  result: onlyOf(runs.map(({ result }) => result)),
  small: onlyOf(all.map(({ small }) => small)),
  resident: Math.max(0, process.memoryUsage.rss() - before),
  code: runs[0]!.bytes,
  instructions,
}
process.stdout.write(`${JSON.stringify(report)}\n`)
