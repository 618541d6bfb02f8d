import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import type { FuncBuilder, Label } from '#vm/emit/func'
import { ModuleBuilder } from '#vm/emit/module'
import { watOf } from '#vm/emit/wat'
import { BlockType, Op, ValType } from '#vm/isa/wasm/table'

const { i32, i64 } = ValType
const instantiate = (
  bytes: Uint8Array,
  imports: Record<string, Record<string, unknown>> = {},
): Record<string, unknown> =>
  new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports

/** A module whose only function, exported as `f`, is (i32) -> i32 with this body. */
function single(body: (f: FuncBuilder) => void): (argument: number) => number {
  const module = new ModuleBuilder()
  const f = module.func(module.type([i32], [i32]))
  body(f)
  f.finish()
  module.exportFunction('f', f.index)
  const { f: exported } = instantiate(module.finish())
  return exported as (argument: number) => number
}

/** One of everything: imports, tables, memory, globals, segments, hints, names. */
function sample(): ModuleBuilder {
  const module = new ModuleBuilder()
  const unary = module.type([i64], [i64])
  const log = module.importFunction('env', 'log', module.type([i32], []))
  const base = module.importGlobal('env', 'base', i32, false)
  module.importMemory('env', 'memory', 1, 4)
  module.table(4, 4)
  const gas = module.globalI64(5, -1, true, 'gas')
  const flag = module.globalI32(-3, true)

  const twice = module.func(unary, 'twice')
  twice.localGet(0)
  twice.i64ConstS(2)
  twice.op(Op.i64Mul)
  twice.finish()

  const main = module.func(unary, 'main')
  main.nameLocal(0, 'x')
  const sum = main.local(i64, 'sum')
  const temp = main.temp(i32)
  main.globalGet(base)
  main.localTee(temp)
  main.ifUnlikely()
  main.localGet(temp)
  main.call(log)
  main.else()
  main.globalGet(flag)
  main.call(log)
  main.end()
  main.localGet(0)
  main.i32Const(0)
  main.callIndirect(unary, 0)
  main.localSet(sum)
  main.localGet(sum)
  main.globalGet(gas)
  main.op(Op.i64Add)
  main.i32Const(1)
  main.free(temp)
  main.returnCallIndirect(unary, 0)
  main.finish()

  const tail = module.func(unary, 'tail')
  tail.i32Const(16)
  tail.i32Const(8)
  tail.i32Const(4)
  tail.memoryCopy()
  tail.i32Const(20)
  tail.i32Const(0x1ff)
  tail.i32Const(2)
  tail.memoryFill()
  tail.memorySize()
  tail.call(log)
  tail.i32Const(1)
  tail.memoryGrow()
  tail.drop()
  tail.localGet(0)
  tail.returnCall(twice.index)
  tail.finish()

  module.elements(0, [twice.index, tail.index])
  module.elements(2, [-1, main.index])
  module.data(8, Uint8Array.of(1, 2, 3, 4))
  module.exportFunction('main', main.index)
  module.exportTable('table', 0)
  module.exportGlobal('gas', gas)
  module.custom('note', Uint8Array.of(42))
  return module
}

test('a module with every section runs', () => {
  const logged: number[] = []
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 4 })
  const exports = instantiate(sample().finish({ names: true }), {
    env: { log: (x: number) => logged.push(x), base: 0, memory },
  })
  const { main, table } = exports as {
    main: (x: bigint) => bigint
    table: { get(index: number): unknown }
  }
  // ((3 * 2) + (5 - 2^32)) * 2
  assert.equal(main(3n), (6n + 5n - (1n << 32n)) * 2n)
  assert.deepEqual(logged, [-3, 1])
  const bytes = new Uint8Array(memory.buffer)
  assert.equal(bytes.length, 2 * 65536)
  assert.deepEqual([...bytes.subarray(16, 23)], [1, 2, 3, 4, 255, 255, 0])
  assert.equal(table.get(2), null)
  assert.equal(typeof table.get(3), 'function')
})

test('the same calls give the same bytes, on every platform', () => {
  const bytes = sample().finish({ names: true })
  assert.deepEqual(sample().finish({ names: true }), bytes)
  assert.equal(
    createHash('sha256').update(bytes).digest('hex').slice(0, 16),
    '2f8c31d16cc5c86e',
    'what the writer emits changed: look at watOf, then put the new hash here',
  )
})

test('custom sections carry hints, names and payloads', () => {
  const module = new WebAssembly.Module(sample().finish({ names: true }))
  const [hints] = WebAssembly.Module.customSections(module, 'metadata.code.branch_hint')
  // one function: index 2, one hint at offset 9: 5 bytes of locals, global.get 2, local.tee 2
  assert.deepEqual([...new Uint8Array(hints!)], [1, 2, 1, 9, 1, 0])
  const [note] = WebAssembly.Module.customSections(module, 'note')
  assert.deepEqual([...new Uint8Array(note!)], [42])
  assert.equal(WebAssembly.Module.customSections(module, 'name').length, 1)
  const bare = new WebAssembly.Module(sample().finish())
  assert.equal(WebAssembly.Module.customSections(bare, 'name').length, 0)
})

test('the text shows every part', () => {
  assert.equal(
    watOf(sample().finish({ names: true })),
    `(module
  (type 0 (func (param i64) (result i64)))
  (type 1 (func (param i32)))
  (import "env" "log" (func $log (type 1)))
  (import "env" "base" (global $base i32))
  (import "env" "memory" (memory 1 4))
  (table 4 4 funcref)
  (global $gas (mut i64) (i64.const -4294967291))
  (global 2 (mut i32) (i32.const -3))
  (export "main" (func $main))
  (export "table" (table 0))
  (export "gas" (global $gas))
  (elem (i32.const 0) $twice $tail)
  (elem (i32.const 2) null $main)
  (func $twice (param i64) (result i64)
    local.get 0
    i64.const 2
    i64.mul
  )
  (func $main (param i64) (result i64)
    ;; locals: 1 x i64 $sum=1, 1 x i32
    global.get $base
    local.tee 2
    if $1 ;; unlikely
      local.get 2
      call $log
    else
      global.get 2
      call $log
    end
    local.get $x
    i32.const 0
    call_indirect (type 0)
    local.set $sum
    local.get $sum
    global.get $gas
    i64.add
    i32.const 1
    return_call_indirect (type 0)
  )
  (func $tail (param i64) (result i64)
    i32.const 16
    i32.const 8
    i32.const 4
    memory.copy
    i32.const 20
    i32.const 511
    i32.const 2
    memory.fill
    memory.size
    call $log
    i32.const 1
    memory.grow
    drop
    local.get 0
    return_call $twice
  )
  (data (i32.const 8) "\\01\\02\\03\\04")
)
`,
  )
})

test('equal function types are one type', () => {
  const module = new ModuleBuilder()
  assert.equal(module.type([i32, i64], []), 0)
  assert.equal(module.type([i32], [i64]), 1)
  assert.equal(module.type([i32, i64], []), 0)
  assert.equal(module.type([], [i32, i64]), 2)
})

test('a branch finds its block at any depth', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), (depth, pick) => {
      // depth nested blocks; leaving block k by a branch skips the k additions behind inner blocks
      const target = pick % depth
      const f = single((b) => {
        const labels: Label[] = []
        for (let i = 0; i < depth; i++) labels.push(b.block())
        b.br(labels[target]!)
        for (let i = depth - 1; i >= 0; i--) {
          b.end()
          b.localGet(0)
          b.i32Const(1)
          b.op(Op.i32Add)
          b.localSet(0)
        }
        b.localGet(0)
      })
      assert.equal(f(100), 100 + target + 1)
    }),
  )
})

test('br_table selects by index, and otherwise', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(7), { maxLength: 20 }),
      fc.nat(7),
      fc.nat(25),
      (to, other, index) => {
        const f = single((b) => {
          const labels: Label[] = []
          for (let i = 0; i < 8; i++) labels.unshift(b.block())
          b.localGet(0)
          b.brTable(
            to.map((each) => labels[each]!),
            labels[other]!,
          )
          for (let i = 0; i < 8; i++) {
            b.end()
            b.i32Const(i)
            b.return()
          }
          b.unreachable()
        })
        assert.equal(f(index), to[index] ?? other)
        assert.equal(f(-1), other)
      },
    ),
  )
})

test('loops, results of blocks, likely branches and select', () => {
  const triangle = single((b) => {
    const sum = b.local(i32)
    const done = b.block()
    const again = b.loop()
    b.localGet(0)
    b.op(Op.i32Eqz)
    b.brIfUnlikely(done)
    b.localGet(sum)
    b.localGet(0)
    b.op(Op.i32Add)
    b.localSet(sum)
    b.localGet(0)
    b.i32Const(1)
    b.op(Op.i32Sub)
    b.localTee(0)
    b.brIfLikely(again)
    b.end()
    b.end()
    b.block(BlockType.i32)
    b.localGet(sum)
    b.i32Const(-1)
    b.localGet(sum)
    b.select()
    b.end()
  })
  assert.equal(triangle(10), 55)
  assert.equal(triangle(0), -1)
  const returns = single((b) => {
    b.localGet(0)
    b.localGet(0)
    b.brIf(b.body)
    b.drop()
    b.localGet(0)
    b.ifLikely(BlockType.i32)
    b.unreachable()
    b.else()
    b.i32Const(9)
    b.end()
  })
  assert.equal(returns(5), 5)
  assert.equal(returns(0), 9)
})

test('exits are blocks around what was written before them, deep in other blocks too', () => {
  for (const deep of [0, 1, 200]) {
    const module = new ModuleBuilder()
    const f = module.func(module.type([i32], [i32]))
    const sum = f.local(i32)
    for (let i = 0; i < deep; i++) f.block()
    for (const exit of [2, 0, 1]) {
      f.localGet(0)
      f.i32Const(exit)
      f.op(Op.i32Eq)
      f.ifUnlikely()
      f.brExit(exit)
      f.end()
    }
    for (let i = 0; i < deep; i++) f.end()
    f.i32Const(100)
    f.return()
    const [, second, third] = f.openExits([1, 2, 0])
    // 1 goes on at 0, past 2; 2 runs on into 0
    f.end()
    f.i32Const(7)
    f.localSet(sum)
    f.br(third!)
    f.end()
    assert.notEqual(second, third)
    f.i32Const(40)
    f.localSet(sum)
    f.end()
    f.localGet(sum)
    f.i32Const(1)
    f.op(Op.i32Add)
    f.finish()
    module.exportFunction('f', f.index)
    const { f: run } = new WebAssembly.Instance(new WebAssembly.Module(module.finish())).exports
    const answers = [0, 1, 2, 3].map((n) => (run as (n: number) => number)(n))
    assert.deepEqual(answers, [1, 8, 41, 100], `${deep} blocks`)
  }
})

test('an exit that no block was put around is noticed', () => {
  const module = new ModuleBuilder()
  const f = module.func(module.type([], []))
  f.brExit(0)
  assert.throws(() => f.finish(), /exits without blocks/)
})

test('temporaries are reused within their type', () => {
  const module = new ModuleBuilder()
  const f = module.func(module.type([i32], []))
  const first = f.temp(i64)
  assert.equal(first, 1)
  assert.equal(f.temp(i32), 2)
  f.free(first)
  assert.equal(f.temp(i32), 3)
  assert.equal(f.temp(i64), first)
  assert.equal(f.local(i64), 4)
})

test('the builder stops at our own mistakes', () => {
  const start = () => {
    const module = new ModuleBuilder()
    return { module, f: module.func(module.type([], [])) }
  }
  const open = start()
  open.f.block()
  assert.throws(() => open.f.finish(), /1 blocks still open/)
  assert.throws(() => open.module.finish(), /not finished/)

  const closed = start()
  const label = closed.f.block()
  closed.f.end()
  assert.throws(() => closed.f.end(), /no block is open/)
  closed.f.block()
  assert.throws(() => closed.f.br(label), /not open here/, 'another block at the same depth')

  const leaking = start()
  const temp = leaking.f.temp(i32)
  assert.throws(() => leaking.f.finish(), /1 temporaries still in use/)
  leaking.f.free(temp)
  assert.throws(() => leaking.f.free(temp), /not a temporary in use/)
  leaking.f.finish()
  assert.throws(() => leaking.f.finish(), /is finished/)

  const late = start()
  assert.throws(() => late.module.importFunction('a', 'b', 0), /after a definition/)
  assert.throws(() => late.module.func(7), /no type 7/)
})

test('the text printer refuses what is no module of ours, with its place', () => {
  const bytes = sample().finish({ names: true })
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), (length) => {
      try {
        watOf(bytes.subarray(0, length))
      } catch (error) {
        assert.equal((error as Error).name, 'DecodeError')
      }
    }),
  )
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
      const changed = bytes.slice()
      changed[at] = byte
      try {
        assert.ok(watOf(changed).length < 100 * bytes.length)
      } catch (error) {
        assert.equal((error as Error).name, 'DecodeError')
      }
    }),
    { numRuns: 1000 },
  )
  assert.throws(() => watOf(Uint8Array.of(1)), { code: 'badMagic', offset: 0 })
  assert.throws(() => watOf(bytes.subarray(0, bytes.length - 1)), { code: 'truncated' })
})
