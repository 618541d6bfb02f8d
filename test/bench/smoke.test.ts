import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

const main = 'bench/dist/main.js'

/** Runs the benchmarks on tiny inputs; their numbers mean nothing and are not looked at. */
function bench(
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): { status: number | null; out: string; err: string } {
  const env = { ...process.env, NO_COLOR: '1', ...more }
  const run = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', env })
  return { status: run.status, out: run.stdout, err: run.stderr }
}

function inFolder(use: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'alcatraz-bench-'))
  try {
    use(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('every part of the benchmarks runs, checks its results and writes its files', () =>
  inFolder((folder) => {
    const { err, out, status } = bench(['--smoke', '--json', '--out', folder])
    assert.equal(status, 0, err)
    const results = JSON.parse(out)
    interface Row {
      readonly workload: string
      readonly isa: string
      readonly generated: number
      readonly peer?: number
    }
    const rows: Row[] = results.throughput.rows
    const bpf = ['sieve', 'sha256', 'quicksort', 'keccak', 'fib', 'statemachine', 'stream']
    const pvm = ['sieve', 'sha256', 'quicksort', 'keccak', 'fib', 'statemachine', 'stream']
    assert.deepEqual(
      rows.map(({ isa, workload }) => `${isa} ${workload}`),
      [...bpf.map((name) => `eBPF ${name}`), ...pvm.map((name) => `PVM ${name}`)],
    )
    assert.ok(rows.every(({ isa, peer }) => (isa === 'PVM') === (peer !== undefined)))
    const costs: (Record<string, { readonly min: number }> & { readonly isa: unknown })[] =
      results.costs.rows
    assert.equal(costs.length, bpf.length + pvm.length)
    for (const cost of costs) {
      for (const way of ['full', 'noGas', 'noChecks', 'neither']) assert.ok(cost[way]!.min > 0)
      assert.equal(cost['wasm'] !== undefined, cost.isa === 'eBPF')
    }
    assert.ok(rows.every(({ generated }) => generated > 0.999 && generated <= 1))
    const calls: { call: string; engine: string; state: string }[] = results.calls
    assert.deepEqual(
      calls.map(({ call, engine, state }) => `${call}, ${state}, ${engine}`),
      ['balance, steady', 'transfer, steady', 'transfer, unseen', 'transfer, cached'].flatMap(
        (call) => ['interp', 'recomp', 'tiered'].map((engine) => `token ${call}, ${engine}`),
      ),
    )
    assert.deepEqual(
      results.emission.rows.map(({ isa }: { isa: string }) => isa),
      ['eBPF', 'PVM'],
    )
    assert.equal(results.emission.start.samples, 1)
    assert.equal(
      results.throughput.peer.builds.filter((b: { chosen: boolean }) => b.chosen).length,
      1,
    )
    assert.deepEqual(
      results.latency[0].stages.map(({ name }: { name: string }) => name),
      ['decode', 'lift', 'verify', 'instantiate', 'first run'],
    )
    for (const { fit, points } of results.linearity) {
      assert.equal(points.length, 3)
      assert.ok(fit.a >= 0 && fit.b > 0 && Number.isFinite(fit.deviation))
    }
    assert.equal(results.memory.rows.length, 4)
    assert.equal(results.state.rows.length, 1)
    assert.equal(results.state.instances.length, 4)
    const targets: { name: string }[] = results.targets
    assert.equal(new Set(targets.map(({ name }) => name)).size, targets.length)
    // against litesvm and Agave's virtual machine, where they are
    const solana = targets.filter(({ name }) =>
      /^(sBPF|system transfer|token transfer|signatures|new LiteSVM)/.test(name),
    )
    // against machines of others, where they are built, and in formats there are
    const experiment = targets.filter(({ name }) =>
      /recompiled over|interp over|emulator/.test(name),
    )
    assert.equal(targets.length - solana.length - experiment.length, 31)
    assert.ok([2, 6, 7].includes(solana.length), `${solana.length} targets about Solana`)
    assert.equal(results.solana.compute.length, 10)
    assert.equal(results.solana.transactions.length, 2)
    interface Raced {
      readonly program: string
      readonly vm: string
      readonly format: string
      readonly error?: string
      readonly run?: { readonly min: number }
    }
    const raced: Raced[] = results.experiment.rows
    assert.deepEqual(
      raced.filter(({ error, run }) => error !== undefined || !(run!.min > 0)),
      [],
    )
    for (const format of ['AVM', 'PVM', 'eBPF', 'sBPF', 'RISC-V'])
      assert.deepEqual(
        raced
          .filter((row) => row.format === format && !/^(solana|polkavm)/.test(row.vm))
          .filter((row) => !row.vm.startsWith('recomp,'))
          .map(({ program, vm }) => `${program} ${vm}`),
        ['recomp', 'interp', 'reference'].map((engine) => `sha256 ${engine}`),
      )
    assert.ok(raced.some(({ format, vm }) => vm === 'V8' && format === 'Wasm'))
    const sizes: { level: string; code: number; codeBrotli: number; file: number }[] =
      results.experiment.sizes
    for (const level of ['O3', 'Os', 'Oz']) {
      const found = sizes.filter((row) => row.level === level)
      assert.equal(found.length, 11)
      assert.ok(found.every((row) => row.codeBrotli > 0 && row.file >= row.code))
    }
    for (const { optimised, points } of results.hostile.shapes) {
      assert.ok(optimised.functions > 0)
      assert.ok(points.every(({ module }: { module?: unknown }) => module !== undefined))
    }
    const files = readdirSync(folder).sort()
    assert.deepEqual(files, [
      'smoke-costs.svg',
      'smoke-experiment-size.svg',
      'smoke-experiment.svg',
      'smoke-linearity-ebpf-alcatraz-1.svg',
      'smoke-linearity-pvm-pvm-instruction.svg',
      'smoke-linearity-pvm-pvm-pipeline-l2.svg',
      'smoke-throughput.svg',
      'smoke-wasm.svg',
      'smoke.json',
      'smoke.md',
    ])
    const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
    assert.deepEqual(JSON.parse(read('smoke.json')), results)
    for (const name of files.filter((file) => file.endsWith('.svg'))) {
      assert.match(read(name), /^<svg [\s\S]*<\/svg>\n$/)
      assert.doesNotMatch(read(name), /NaN|Infinity|undefined/)
    }
    for (const title of [
      ...['Throughput', 'Against WebAssembly', 'Gas and checks', 'Where the time goes'],
      ...['Messages', 'Latency', 'Emission'],
      ...[
        'Fresh process',
        'Linearity',
        'Hostile programs',
        'Hostile functions',
        'Memory',
        'State',
        'Between contract and state',
        'Many contracts',
        'Solana: programs that compute',
        'Solana: transactions a second',
        'Experiment: steady state',
        'Experiment: a small call of an unseen program',
        'Code size',
        'Targets',
      ],
    ])
      assert.match(read('smoke.md'), new RegExp(`^## ${title}$`, 'm'))
  }))

test('one part alone prints a plain table when piped', () =>
  inFolder((folder) => {
    const { err, out, status } = bench(['--smoke', '--only', 'memory', '--out', folder])
    assert.equal(status, 0, err)
    assert.match(out, /^profile +engine +machines +live/m)
    assert.ok(!out.includes('Throughput') && !out.includes('\u001b'))
    assert.deepEqual(readdirSync(folder).sort(), ['smoke.json', 'smoke.md'])
  }))

test('an answer that no native build gave is a row with an error, and the run fails', () =>
  inFolder((folder) => {
    const wasmi = join(folder, 'alcatraz-peer-wasmi')
    const report = {
      version: '',
      engine: 0,
      cycles: [{ first: 1 }],
      runs: [1],
      result: '1',
      small: '1',
      resident: 0,
      code: null,
    }
    writeFileSync(wasmi, `#!/bin/sh\necho '${JSON.stringify(report)}'\n`, { mode: 0o700 })
    const args = ['--smoke', '--only', 'experiment', '--json', '--out', folder]
    const { out, status } = bench(args, { ALCATRAZ_PEERS: folder })
    assert.equal(status, 1)
    const { absent, rows } = JSON.parse(out).experiment
    assert.deepEqual(absent, ['wasmtime', 'wasmer', 'polkavm', 'solana-sbpf'])
    const failed: { vm: string; error: string }[] = rows.filter(
      ({ error }: { error?: string }) => error !== undefined,
    )
    assert.deepEqual(
      failed.map(({ error, vm }) => `${vm}: ${error.replace(/\d{6,}/, 'N')}`),
      ['wasmi', 'wasmi, fuel'].map((vm) => `${vm}: run(1) is 1, not N`),
    )
  }))

test('an unknown part or option is an error that says what there is', () => {
  const part = bench(['--smoke', '--only', 'speed'])
  assert.equal(part.status, 1)
  assert.match(
    part.err,
    /^error: --only speed: there are throughput, costs, calls, latency, emission, linearity, hostile, memory, state, solana, experiment\n {2}try: /,
  )
  const option = bench(['--fast'])
  assert.equal(option.status, 1)
  assert.match(option.err, /^error: Unknown option '--fast'/)
})
