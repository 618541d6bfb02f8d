/** What programs of Solana do on every engine: frames, calls of any slot, meters, and why they stop. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Exit, Machine, SbpfVersion } from 'alcatraz-vm'
import { sbpfAddresses, sbpfError, sbpfInputAddress, startSbpf } from 'alcatraz-vm/sbpf'
import { forEachEngine } from '../engines.ts'
import { sbpfOf } from '../isa/sbpf.ts'

const text = sbpfAddresses.program

function errorText({ memory, program }: Machine, exit: Exit): string | undefined {
  assert.ok(program.isa === 'sbpf' && program.memory.profile === 'regions64')
  return sbpfError({ memory, program: { ...program, memory: program.memory } }, exit)?.text
}

forEachEngine((engine) => {
  const started = (source: string, version: SbpfVersion = 'v0', gas = 1000n): Machine => {
    const machine = engine.instantiate(sbpfOf(source, version), { gas })
    machine.memory.map(sbpfInputAddress, 64, true)
    startSbpf(machine, { instructionDataAddress: 0x4_0000_0010n })
    return machine
  }
  interface Ran {
    readonly exit: Exit
    readonly machine: Machine
    readonly spent: bigint
  }
  const run = (source: string, version: SbpfVersion = 'v0', gas = 1000n): Ran => {
    const machine = started(source, version, gas)
    const exit = machine.run()
    return { exit, machine, spent: gas - machine.gas }
  }
  /** r0 of a program that returns. */
  const result = (source: string, version?: SbpfVersion): bigint => {
    const { exit, machine } = run(source, version)
    assert.equal(
      exit.kind,
      'halt',
      JSON.stringify(exit, (_, v) => String(v)),
    )
    return machine.registers.get(0)
  }
  /** The error of a program that does not, and where it stopped. */
  const stop = (source: string, version?: SbpfVersion, gas?: bigint): readonly [string, number] => {
    const { exit, machine } = run(source, version, gas)
    return [errorText(machine, exit) ?? exit.kind, exit.pc]
  }

  test('registers at the start', () => {
    const { registers } = started('exit')
    const values = Array.from({ length: 11 }, (_, i) => registers.get(i))
    const zeros = [0n, 0n, 0n, 0n, 0n, 0n, 0n]
    assert.deepEqual(values, [0n, 0x4_0000_0000n, 0x4_0000_0010n, ...zeros, 0x2_0000_1000n])
    assert.equal(started('exit', 'v2').registers.get(10), 0x2_0004_0000n)
    assert.equal(started('exit', 'v3').registers.get(10), 0x2_0000_1000n)
  })

  test('frames go up by two pages, one page, or not at all', () => {
    const source = 'call f\n mov64 r0, r6\n exit\n f:\n mov64 r6, r10\n mov64 r0, r6\n exit'
    const inner = source.replace(' mov64 r0, r6\n exit\n f:', ' exit\n f:')
    assert.equal(result(source), 0n)
    assert.equal(result(inner), 0x2_0000_3000n)
    assert.equal(result(inner, 'v1'), 0x2_0004_0000n)
    assert.equal(result(inner, 'v2'), 0x2_0004_0000n)
    assert.equal(result(inner, 'v3'), 0x2_0000_2000n)
  })

  test('a callee moves its own frame in V1 and V2, and gives it back', () => {
    const source =
      'add64 r10, -64\n stdw [r10+0], 5\n call f\n ldxdw r0, [r10+0]\n exit\n' +
      'f:\n add64 r10, -64\n stdw [r10+0], 7\n exit'
    assert.equal(result(source, 'v1'), 5n)
    assert.equal(result(source, 'v2'), 5n)
  })

  test('results of 32 bits are extended by their sign, but in V2 by zeros', () => {
    const source = 'mov64 r0, 0x7fffffff\n add32 r0, 1\n exit'
    assert.equal(result(source), 0xffff_ffff_8000_0000n)
    assert.equal(result(source, 'v3'), 0xffff_ffff_8000_0000n)
    assert.equal(result(source, 'v2'), 0x8000_0000n)
    assert.equal(result('mov64 r1, -2\n mov32 r0, r1\n exit'), 0xffff_fffen)
    assert.equal(result('mov64 r1, -2\n mov32 r0, r1\n exit', 'v2'), 0xffff_ffff_ffff_fffen)
  })

  test('V2 subtracts from the constant', () => {
    assert.equal(result('mov64 r0, 3\n sub64 r0, 10\n exit'), 0xffff_ffff_ffff_fff9n)
    assert.equal(result('mov64 r0, 3\n sub64 r0, 10\n exit', 'v2'), 7n)
    assert.equal(result('mov64 r0, 3\n sub32 r0, 2\n exit', 'v2'), 0xffff_ffffn)
  })

  test('constants of unsigned products and quotients have no sign in V2', () => {
    assert.equal(result('mov64 r0, -1\n udiv64 r0, -1\n exit', 'v2'), 0x1_0000_0001n)
    assert.equal(result('mov64 r0, -1\n uhmul64 r0, -1\n exit', 'v2'), 0xffff_fffen)
    assert.equal(result('mov64 r0, -1\n lmul64 r0, -1\n exit', 'v2'), 1n)
    assert.equal(result('mov64 r0, -8\n sdiv64 r0, -2\n exit', 'v2'), 4n)
  })

  test('division by zero and overflow stop the program at their pc', () => {
    const zero = 'divide by zero at BPF instruction'
    const overflow = 'division overflow at BPF instruction'
    assert.deepEqual(stop('mov64 r0, 1\n div64 r0, r1\n exit'.replace('r1\n', 'r3\n')), [zero, 1])
    assert.deepEqual(stop('lddw r3, 0x100000000\n mod32 r0, r3\n exit'), [zero, 2])
    assert.deepEqual(stop('udiv32 r0, r3\n exit', 'v2'), [zero, 0])
    const smallest = 'mov32 r0, 0\n hor64 r0, 0x80000000\n mov64 r3, -1\n'
    assert.deepEqual(stop(`${smallest} sdiv64 r0, r3\n exit`, 'v2'), [overflow, 3])
    assert.deepEqual(stop(`${smallest} srem64 r0, -1\n exit`, 'v2'), [overflow, 3])
    assert.deepEqual(stop('mov32 r0, 0x80000000\n sdiv32 r0, -1\n exit', 'v2'), [overflow, 1])
    assert.equal(result(`${smallest} sdiv32 r0, r3\n exit`, 'v2'), 0n)
  })

  test('63 calls are open at most', () => {
    const deep = 'exceeded max BPF to BPF call depth'
    for (const version of ['v0', 'v1', 'v3'] as const) {
      const { exit, machine, spent } = run('f:\n call f\n exit', version)
      assert.equal(errorText(machine, exit), deep)
      assert.equal(spent, 64n)
      assert.equal(machine.save().frames.length, 63)
    }
  })

  test('callx goes to any slot, its address floored', () => {
    const callx = (address: number, version: SbpfVersion = 'v0'): string =>
      `lddw r3, ${address}\n callx r3\n exit\n mov64 r0, 9\n exit\n lddw r4, 1\n exit`.replace(
        'lddw r3,',
        version === 'v2' ? 'mov32 r3, 0\n hor64 r3,' : 'lddw r3,',
      )
    assert.equal(result(callx(text + 8 * 4)), 9n)
    assert.equal(result(callx(text + 8 * 4 + 7)), 9n)
    assert.equal(result(callx(text + 8 * 4 + 7), 'v3'), 9n)
    // the second slot of lddw is no instruction
    assert.deepEqual(stop(callx(text + 8 * 7)), ['unsupported BPF instruction', 7])
    assert.equal(run(callx(text + 8 * 7)).spent, 3n)
    const outside = 'callx attempted to call outside of the text segment'
    assert.deepEqual(stop(callx(text + 8 * 9)), [outside, 2])
    assert.deepEqual(stop(callx(text - 1)), [outside, 2])
    assert.deepEqual(stop(callx(0), 'v3'), [outside, 2])
  })

  test('the depth is looked at before the target of callx', () => {
    const source =
      'f:\n mov64 r3, 5\n jgt r9, 60, out\n add64 r9, 1\n mov64 r1, r9\n call g\n out:\n callx r3\n exit\n g:\n mov64 r9, r1\n ja f'
    // r9 is the callee's own: it counts calls
    const { exit } = run(source)
    assert.equal(exit.kind === 'trap' && exit.trap, 'invalidCall')
    const { exit: deeper } = run(source.replace('60', '62'))
    assert.equal(deeper.kind === 'trap' && deeper.trap, 'callDepth')
  })

  test('calls by hash find syscalls and functions; others are no instructions', () => {
    const { exit, machine } = run('syscall second\n add64 r0, 1\n exit')
    assert.deepEqual(exit, { kind: 'host', id: 1, pc: 0 })
    assert.equal(machine.gas, 999n)
    machine.registers.set(0, 41n)
    assert.equal(machine.run().kind, 'halt')
    assert.equal(machine.registers.get(0), 42n)
    const unsupported = 'unsupported BPF instruction'
    assert.deepEqual(stop('syscall 0x777\n exit'), [unsupported, 0])
    assert.deepEqual(stop('syscall 0x777\n exit', 'v3'), [unsupported, 0])
    assert.deepEqual(stop('call 100\n exit', 'v3'), [unsupported, 0])
    // a source that means neither syscall nor relative call
    assert.deepEqual(stop('.quad 0x2085\n exit', 'v3'), [unsupported, 0])
  })

  test('a relative call reaches the middle of lddw and stops there', () => {
    assert.deepEqual(stop('call 1\n lddw r1, 5\n exit', 'v3'), ['unsupported BPF instruction', 2])
    assert.equal(run('call 1\n lddw r1, 5\n exit', 'v3').spent, 2n)
  })

  test('code that runs past its end is paid for the step', () => {
    const past = 'attempted to execute past the end of the text segment at BPF instruction'
    assert.deepEqual(stop('mov64 r0, 1'), [past, 1])
    assert.equal(run('mov64 r0, 1').spent, 2n)
  })

  test('each instruction costs one, and the one that is not paid does nothing', () => {
    const source = 'lddw r0, 7\n add64 r0, 1\n exit'
    assert.equal(run(source, 'v0', 3n).exit.kind, 'halt')
    const { exit, machine, spent } = run(source, 'v0', 2n)
    assert.deepEqual(exit, { kind: 'outOfGas', pc: 3 })
    assert.equal(errorText(machine, exit), 'exceeded CUs meter at BPF instruction')
    assert.equal(machine.registers.get(0), 8n)
    assert.equal(spent, 2n)
    const faulting = run('mov64 r3, 0\n ldxb r0, [r3+0]\n exit')
    assert.equal(faulting.spent, 2n)
  })

  test('refused accesses are told as Solana tells them', () => {
    const at = (address: string, access = 'ldxdw r0, [r3+0]', version?: SbpfVersion): string =>
      stop(`lddw r3, ${address}\n ${access}\n exit`, version)[0]
    assert.equal(at('0'), 'Access violation reading 8 bytes at address 0x0 (in unallocated region)')
    assert.equal(
      at('0x300040000', 'stxh [r3+0], r1'),
      'Access violation writing 2 bytes at address 0x300040000 (in unallocated region)',
    )
    assert.equal(
      at('0x300007ffd', 'stxw [r3+0], r1'),
      'Access violation writing 4 bytes at address 0x300007ffd (in heap region)',
    )
    assert.equal(
      at('0x40000003f', 'ldxh r0, [r3+0]'),
      'Access violation reading 2 bytes at address 0x40000003f (in input region)',
    )
    // a gap; frames are counted as if there were none
    assert.equal(
      at('0x200001000', 'ldxb r0, [r3+0]'),
      'Access violation in stack frame 1 at address 0x200001000 of size 1',
    )
    assert.equal(
      at('0x1ffffe001', 'stb [r3+0], 1'),
      'Access violation in stack frame -1 at address 0x1ffffe001 of size 1',
    )
    assert.equal(
      at('0x200041000', 'ldxw r0, [r3+0]'),
      'Access violation reading 4 bytes at address 0x200041000 (in stack region)',
    )
    assert.equal(
      at('0x200040000', 'ldxw r0, [r3+0]', 'v1'),
      'Access violation reading 4 bytes at address 0x200040000 (in unallocated region)',
    )
    assert.equal(
      at('0xffffffffffffffff', 'ldxb r0, [r3+0]'),
      'Access violation reading 1 bytes at address 0xffffffffffffffff (in unallocated region)',
    )
  })

  test('a wide access at the end of a frame goes on in the next one', () => {
    const source =
      'lddw r3, 0x200000ffc\n mov64 r4, -1\n stxdw [r3+0], r4\n lddw r3, 0x200002000\n ldxdw r0, [r3+0]\n exit'
    assert.equal(result(source), 0xffff_ffffn)
  })

  test('a host resizes the heap', () => {
    const source = 'lddw r3, 0x300008000\n stdw [r3+0], 6\n ldxdw r0, [r3+0]\n exit'
    const machine = started(source)
    assert.ok(machine.memory.resize(sbpfAddresses.heap, 0x10000, true))
    assert.equal(machine.run().kind, 'halt')
    assert.equal(machine.registers.get(0), 6n)
    assert.ok(!machine.memory.resize(sbpfAddresses.heap, 0x40001, true))
  })
})
