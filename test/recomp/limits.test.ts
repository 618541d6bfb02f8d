/** What hostile programs cost the compiler, and that its limits are never seen in a result. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type BpfProgram, interpEngine, recompEngine } from 'alcatraz-vm'
import { WasmReader } from '#vm/emit/reader'
import { liftProgram } from '#vm/engine/lifted'
import { maxFunctionOctets } from '#vm/recomp/estimate'
import { type Generated, generate, recompLimits } from '#vm/recomp/module'
import { hostilePrograms } from '../../bench/src/hostile-programs.ts'
import { adversaries } from '../../bench/src/synthetic/adversarial.ts'
import { compare } from '../laws/compare.ts'

const small = 6_000
const large = 4 * small

interface Cost {
  readonly rows: number
  readonly ms: number
  readonly generated: Generated | undefined
}

/** Processor time and result of generating code once. */
function costOf(program: BpfProgram): Cost {
  const ir = liftProgram(program)
  const before = process.cpuUsage()
  const generated = generate(ir)
  const { user, system } = process.cpuUsage(before)
  return { rows: ir.count, ms: (user + system) / 1000, generated }
}

function agree(program: BpfProgram): void {
  const trial = {
    program,
    gas: 10_000n,
    seed: 5,
    start(machine: { pc: number }): void {
      machine.pc = 0
    },
  }
  compare(interpEngine, recompEngine, trial)
}

generate(liftProgram(adversaries['random branches']!(small)))
for (const [name, generator] of Object.entries(adversaries))
  test(`code is linear in size, and does the same: ${name}`, (t) => {
    const program = generator(small)
    const one = costOf(program)
    const four = costOf(generator(large))
    t.diagnostic(`${one.ms.toFixed(0)} ms for ${one.rows} rows, ${four.ms.toFixed(0)} for four`)
    assert.ok(one.generated, 'within the limits')
    assert.ok(WebAssembly.validate(one.generated.bytes), 'the module validates')
    // quadratic would be 16; a busy machine and the collector are in the rest
    assert.ok(four.ms < 12 * one.ms + 100, `${one.ms} ms, then ${four.ms} ms`)
    if (four.generated !== undefined) {
      assert.ok(WebAssembly.validate(four.generated.bytes), 'the module validates')
      const [a, b] = [one, four].map((c) => c.generated!.bytes.length / c.rows) as [number, number]
      assert.ok(b < 1.8 * a, `${a} octets a row, then ${b}`)
    }
    agree(program)
  })

/** Octets of each function in a module's code section. */
function bodiesOf(module: Uint8Array): number[] {
  const code = 10
  const reader = new WasmReader(module, 8)
  for (;;) {
    const id = reader.u8()
    const size = reader.u32leb()
    if (id !== code) {
      reader.bytes(size)
      continue
    }
    return Array.from({ length: reader.u32leb() }, () => {
      const body = reader.u32leb()
      reader.bytes(body)
      return body
    })
  }
}

for (const { name, program } of hostilePrograms)
  test(`no function is long for an optimising compiler: ${name}`, () => {
    const generated = generate(liftProgram(program(8_000)))
    assert.ok(generated !== undefined)
    const longest = Math.max(...bodiesOf(generated.bytes))
    assert.ok(longest < 1.8 * maxFunctionOctets, `${longest} octets`)
  })

test('more functions than there are places are left to the interpreter', () => {
  const program = adversaries['tiny functions that call the next']!(70_000)
  assert.ok(program.functions.length > recompLimits.functions)
  assert.equal(generate(liftProgram(program)), undefined)
  agree(program)
})

test('large programs whose rows become much code are left to the interpreter', () => {
  for (const name of ['calls only', 'random branches']) {
    const program = adversaries[name]!(100_000)
    assert.ok(generate(liftProgram(program)) === undefined, name)
    agree(program)
  }
})

test('code that grows most is given up at the limit, not written', () => {
  const program = adversaries['calls only']!(450_000)
  const before = process.memoryUsage().arrayBuffers
  assert.ok(generate(liftProgram(program)) === undefined)
  const used = process.memoryUsage().arrayBuffers - before
  assert.ok(used < 200e6, `${used} octets`)
})

test('a module that the host refuses is no result: the program is interpreted', () => {
  const real = WebAssembly.Module
  const program = adversaries['loops in loops']!(500)
  // the interpreter's own module is made before
  interpEngine.instantiate(program, { gas: 0n })
  const refusing = function refuse(): never {
    throw new WebAssembly.CompileError('too large')
  } as unknown as typeof WebAssembly.Module
  WebAssembly.Module = refusing
  try {
    const machine = recompEngine.instantiate(program, { gas: 1_000n })
    machine.pc = 0
    assert.equal(machine.run().kind, 'outOfGas')
    assert.equal(machine.stats.tiers['recomp'] ?? 0n, 0n)
  } finally {
    WebAssembly.Module = real
  }
  agree(program)
})
