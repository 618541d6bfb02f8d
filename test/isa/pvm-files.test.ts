import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodePolkavm } from '#vm/image/polkavm'
import type { PolkavmBlob } from '#vm/image/polkavm-rules'
import { decodePvmBlob, encodePvmBlob } from '#vm/image/pvm-blob'
import { decodePolkavm, type PolkavmRules } from '#vm/image/pvm-program'
import { decodeSpi, encodeSpi } from '#vm/image/pvm-spi'
import { assemblePvm } from '#vm/isa/pvm/asm'
import type { Exit } from '#vm/vm/exit'
import type { PvmProgram } from '#vm/vm/program'
import { startPvm } from '#vm/vm/start'
import { forEachEngine } from '../engines.ts'
import { polkavmOf } from '../image/polkavm-blobs.ts'

const none = new Uint8Array(0)

forEachEngine((engine) => {
  /** Exit, a0, a1 and sp after one entry. */
  const enter = (program: PvmProgram, entry: string | number, args: readonly bigint[] = []) => {
    const machine = engine.instantiate(program, { gas: 10_000n })
    startPvm(machine, entry, args)
    const exit: Exit = machine.run()
    const values = [7, 8, 1].map((index) => machine.registers.get(index))
    machine.dispose()
    return { kind: exit.kind, values, exit }
  }
  const file = (text: string, rest: Partial<PolkavmBlob> = {}, rules: PolkavmRules = {}) =>
    decodePolkavm(encodePolkavm(polkavmOf(text, 'latest64', rest)), rules)

  test(`entries of a polkavm file take arguments and return to the host`, () => {
    const program = file('pub @add:\n a0 = a0 + a5\n ret\npub @sp:\n a1 = sp\n ret')
    assert.deepEqual(enter(program, 'add', [3n, 0n, 0n, 0n, 0n, 4n]).values[0], 7n)
    const { kind, values } = enter(program, 'sp')
    assert.equal(kind, 'halt')
    assert.deepEqual(values, [0n, 0xfffe0000n, 0xfffe0000n])
  })

  test(`data of a polkavm file lies where the crate puts it`, () => {
    const roData = Uint8Array.of(1, 2, 3, 4)
    const rest = { roData, roDataSize: 4, rwData: Uint8Array.of(9), rwDataSize: 5000 }
    const program = file(
      'pub @main:\n a0 = u32 [0x10000]\n a1 = u8 [0x30000]\n u8 [0x30fff] = a1\n u8 [sp - 1] = a1\n ret',
      rest,
    )
    assert.deepEqual(enter(program, 'main').values, [0x04030201n, 9n, 0xfffe0000n])
    const bad = file('pub @main:\n u8 [0x10000] = a0', rest)
    assert.equal(enter(bad, 'main').exit.kind, 'trap')
    const paging = file('pub @main:\n u8 [0x10000] = a0', rest, { preset: 'polkavm-paging' })
    assert.equal(enter(paging, 'main').exit.kind, 'fault')
  })

  test(`the heap of a polkavm file begins behind its data, in its last page`, () => {
    const program = file('pub @main:\n a0 = sbrk a0\n a1 = sbrk a1\n ret', { rwDataSize: 10 })
    assert.deepEqual(enter(program, 'main', [0n, 6n]).values.slice(0, 2), [0x2000an, 0x20010n])
    const over = file('pub @main:\n a0 = sbrk a0\n ret', {}, { maxBytes: 0x4000 })
    assert.deepEqual(enter(over, 'main', [0x3000n]).values[0], 0x23000n)
    assert.deepEqual(enter(over, 'main', [0x3001n]).values[0], 0n)
  })

  test(`auxiliary data is read-only, and the stack ends below it`, () => {
    const input = Uint8Array.of(5, 6)
    const program = file(
      'pub @main:\n a1 = u16 [a0]\n ret\npub @bad:\n u8 [a0] = a0',
      {},
      { input },
    )
    const { values } = enter(program, 'main', [0xfffe0000n])
    assert.deepEqual(values, [0xfffe0000n, 0x0605n, 0xfffd0000n])
    assert.equal(enter(program, 'bad', [0xfffe0000n]).kind, 'trap')
  })

  test(`an imported call is named by its index`, () => {
    const program = file('pub @main:\n ecalli 1\n ret', { imports: ['', 'log'] })
    const { exit } = enter(program, 'main')
    assert.equal(exit.kind === 'host' && program.imports[exit.id], 'log')
  })

  for (const version of ['gp-0.7', 'jam-v1'] as const)
    test(`a standard program of ${version} finds its argument, data and stack`, () => {
      const text = `@refine: jump @go
        @accumulate: trap
        @go:
          a2 = u8 [a0]
          a3 = u8 [0x10000]
          a4 = u8 [0x30000]
          u64 [0x31ff8] = a1
          u64 [sp - 8] = a1
          a0 = a2 + a3
          a0 = a0 + a4
          ret`
      const { code, bitmask, jumpTable, labels } = assemblePvm(text, { version })
      const image = encodeSpi({
        roData: Uint8Array.of(10),
        rwData: Uint8Array.of(20),
        ...{ heapPages: 1, stackSize: 8, blob: encodePvmBlob({ code, bitmask, jumpTable }) },
      })
      const program = decodeSpi(image, { version, input: Uint8Array.of(3, 4, 5) })
      assert.deepEqual(enter(program, 0).values, [33n, 3n, 0xfefe0000n])
      assert.equal(enter(program, labels.get('accumulate')!).kind, 'trap')
    })

  test('a file without a convention starts with ra alone', () => {
    const bytes = encodePvmBlob(assemblePvm('ret', { version: 'jam-v1' }))
    const program = decodePvmBlob(bytes, { version: 'jam-v1' })
    const machine = engine.instantiate(program, { gas: 100n })
    machine.registers.set(3, 5n)
    startPvm(machine, 0)
    assert.equal(machine.registers.get(0), 0xffff0000n)
    assert.equal(machine.registers.get(3), 0n)
    assert.equal(machine.run().kind, 'halt')
  })

  test('what cannot be started is said', () => {
    const program = decodeSpi(
      encodeSpi({
        roData: none,
        rwData: none,
        heapPages: 0,
        stackSize: 0,
        blob: encodePvmBlob(assemblePvm('ret', { version: 'jam-v1' })),
      }),
      { version: 'jam-v1' },
    )
    const machine = engine.instantiate(program, { gas: 100n })
    assert.throws(() => startPvm(machine, 'nothing'), RangeError)
    assert.throws(
      () =>
        startPvm(
          machine,
          0,
          Array.from({ length: 7 }, () => 0n),
        ),
      RangeError,
    )
  })
})
