import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProgramFault } from '#vm/host/solana/errors'
import { sysvarIds } from '#vm/host/solana/ids'
import { encodeSysvar } from '#vm/host/solana/sysvars'
import { address, errorOf, native } from './context.ts'
import { type Caller, withCaller } from './program.ts'

const heap = 0x3_0000_0000n
const input = 0x4_0000_0000n

const textBytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** What a call ends the program with, in the words of the log or the name of an error. */
function refusal(run: () => unknown): string | undefined {
  try {
    return errorOf(() => {
      run()
    })
  } catch (error) {
    if (error instanceof ProgramFault) return error.message
    throw error
  }
}

/** Units that a call takes. */
function units({ invoker }: Caller, run: () => unknown): number {
  const before = invoker.remaining
  run()
  return Number(before - invoker.remaining)
}

test('abort and panic end the program in their own words', () => {
  withCaller({}, (caller) => {
    assert.equal(
      refusal(() => caller.run('abort')),
      'SBF program panicked',
    )
    const file = caller.put(textBytes('lib.rs'))
    const paid = units(caller, () =>
      assert.equal(
        refusal(() => caller.run('sol_panic_', file, 6, 12, 7)),
        'SBF program Panicked in lib.rs at 12:7',
      ),
    )
    assert.equal(paid, 6)
  })
})

test('lines of the log cost a hundred units, or one a byte', () => {
  const { log } = withCaller({}, (caller) => {
    const line = caller.put(textBytes('héllo'))
    assert.equal(
      units(caller, () => caller.run('sol_log_', line, 6)),
      100,
    )
    const long = caller.put(textBytes('x'.repeat(300)))
    assert.equal(
      units(caller, () => caller.run('sol_log_', long, 300)),
      300,
    )
    assert.equal(
      units(caller, () => caller.run('sol_log_64_', 1, 255, 0, 1n << 63n, 5)),
      100,
    )
    const key = caller.put(address(3).bytes)
    caller.run('sol_log_pubkey', key)
    caller.invoker.remaining = 1000n
    caller.run('sol_log_compute_units_')
  })
  assert.deepEqual(log.lines.slice(1, -1), [
    'Program log: héllo',
    `Program log: ${'x'.repeat(300)}`,
    'Program log: 0x1, 0xff, 0x0, 0x8000000000000000, 0x5',
    `Program log: ${address(3)}`,
    'Program consumption: 900 units remaining',
  ])
})

test('bytes that are no UTF-8 are shown with what is wrong with them', () => {
  withCaller({}, (caller) => {
    const log = (...bytes: number[]): unknown =>
      refusal(() => caller.run('sol_log_', caller.put(bytes), bytes.length))
    assert.equal(log(97, 0xff), 'invalid utf-8 sequence of 1 bytes from index 1: [97, 255]')
    assert.equal(log(0xe2, 0x82), 'incomplete utf-8 byte sequence from index 0: [226, 130]')
    assert.equal(
      log(0xe2, 0x82, 97),
      'invalid utf-8 sequence of 2 bytes from index 0: [226, 130, 97]',
    )
    assert.equal(
      log(0xed, 0xa0, 0x80),
      'invalid utf-8 sequence of 1 bytes from index 0: [237, 160, 128]',
    )
    assert.equal(
      log(0xf0, 0x9f, 0x98, 97),
      'invalid utf-8 sequence of 3 bytes from index 0: [240, 159, 152, 97]',
    )
    assert.equal(log(0xef, 0xbb, 0xbf), undefined)
  })
})

/** An array of slices, in memory. */
function slices(caller: Caller, ...parts: readonly Uint8Array[]): bigint {
  const table = new Uint8Array(16 * parts.length)
  const view = new DataView(table.buffer)
  parts.forEach((part, i) => {
    view.setBigUint64(16 * i, caller.put(part), true)
    view.setBigUint64(16 * i + 8, BigInt(part.length), true)
  })
  return caller.put(table)
}

test('data is logged in base64, and paid by slice and byte', () => {
  const { log } = withCaller({}, (caller) => {
    const table = slices(caller, textBytes('ab'), new Uint8Array(0), textBytes('xyz'))
    assert.equal(
      units(caller, () => caller.run('sol_log_data', table, 3)),
      100 + 300 + 5,
    )
  })
  assert.equal(log.lines[1], 'Program data: YWI=  eHl6')
})

test('memory is copied, filled and compared for ten units or one for 250 bytes', () => {
  withCaller({}, (caller) => {
    const from = caller.put([1, 2, 3, 4])
    const to = caller.put(new Uint8Array(4))
    assert.equal(
      units(caller, () => caller.run('sol_memcpy_', to, from, 4)),
      10,
    )
    assert.deepEqual([...caller.get(to, 4)], [1, 2, 3, 4])
    assert.equal(
      units(caller, () => caller.run('sol_memset_', heap + 1000n, 0x1ff, 5000)),
      20,
    )
    assert.deepEqual([...caller.get(heap + 999n, 3)], [0, 255, 255])
    caller.run('sol_memmove_', from + 1n, from, 3)
    assert.deepEqual([...caller.get(from, 4)], [1, 1, 2, 3])
    const result = caller.put(new Uint8Array(4))
    const compare = (a: number[], b: number[]): number => {
      caller.run('sol_memcmp_', caller.put(a), caller.put(b), a.length, result)
      return new DataView(caller.get(result, 4).buffer).getInt32(0, true)
    }
    assert.equal(compare([1, 2, 3], [1, 2, 3]), 0)
    assert.equal(compare([1, 2, 3], [1, 200, 3]), -198)
    assert.equal(compare([1, 200, 3], [1, 2, 4]), 198)
  })
})

test('a copy onto itself is refused, unless it is a move', () => {
  withCaller({}, (caller) => {
    const copy = (to: bigint, from: bigint, n: number): unknown =>
      refusal(() => caller.run('sol_memcpy_', to, from, n))
    assert.equal(copy(heap, heap + 3n, 4), 'Overlapping copy')
    assert.equal(copy(heap + 3n, heap, 4), 'Overlapping copy')
    assert.equal(copy(heap + 4n, heap, 4), undefined)
    assert.equal(copy(heap, heap, 0), undefined)
    assert.equal(copy(0n, 0n, 0), undefined)
  })
})

test('the target of a copy is looked at before its source', () => {
  withCaller({}, (caller) => {
    assert.equal(
      refusal(() => caller.run('sol_memcpy_', 0x5_0000_0000n, 0x6_0000_0000n, 4)),
      'Access violation writing 4 bytes at address 0x500000000 (in unallocated region)',
    )
    assert.equal(
      refusal(() => caller.run('sol_memcpy_', heap, 0x6_0000_0000n, 4)),
      'Access violation reading 4 bytes at address 0x600000000 (in unallocated region)',
    )
    assert.equal(
      refusal(() => caller.run('sol_memset_', heap, 0, 0xffff_ffff_ffff_ffffn)),
      'ComputationalBudgetExceeded',
    )
    caller.invoker.remaining = 1n << 62n
    assert.equal(
      refusal(() => caller.run('sol_memset_', heap, 0, 0x7fff_ffff_ffffn)),
      'Access violation writing 140737488355327 bytes at address 0x300000000 (in heap region)',
    )
  })
})

test('integers are aligned, except for programs of the first loader', () => {
  const run = (loader: string): unknown => {
    let result: unknown
    withCaller({ loader }, (caller) => {
      caller.put(new Uint8Array(64))
      result = refusal(() => caller.run('sol_log_data', heap + 4n, 1))
    })
    return result
  }
  assert.equal(run('loaderV3'), 'Unaligned pointer')
  assert.equal(run('loaderV2'), 'Unaligned pointer')
  assert.equal(run('loaderV1'), undefined)
})

test('return data has 1024 bytes at most, and the program that set it', () => {
  withCaller({}, (caller) => {
    const bytes = caller.put(new Uint8Array(1024).fill(5))
    assert.equal(
      units(caller, () => caller.run('sol_set_return_data', bytes, 1024)),
      104,
    )
    assert.equal(
      refusal(() => caller.run('sol_set_return_data', bytes, 1025)),
      'Return data too large (1025 > 1024)',
    )
    const target = caller.put(new Uint8Array(1024))
    const program = caller.put(new Uint8Array(32))
    assert.equal(
      units(caller, () =>
        assert.equal(caller.run('sol_get_return_data', target, 500, program), 1024n),
      ),
      100 + 2,
    )
    assert.deepEqual(caller.get(program, 32), address(100).bytes)
    assert.equal(caller.get(target, 1024).filter((byte) => byte === 5).length, 500)
    assert.equal(
      refusal(() => caller.run('sol_get_return_data', program, 100, program + 31n)),
      'Overlapping copy',
    )
    caller.run('sol_set_return_data', 0, 0)
    assert.equal(caller.run('sol_get_return_data', 0, 500, 0), 0n)
  })
})

const rent = encodeSysvar('rent', {
  lamportsPerByte: 3480n,
  exemptionThreshold: 2,
  burnPercent: 50,
})
const sysvars = {
  bytes: (id: { readonly key: string }) => (id.key === sysvarIds.rent.key ? rent : undefined),
}

test('sysvars are read as structures, not into the input, and aligned', () => {
  const features = ['syscall_parameter_address_restrictions']
  withCaller({ environment: { sysvars }, features: [] }, (caller) => {
    const to = caller.put(new Uint8Array(24).fill(9))
    assert.equal(
      units(caller, () => caller.run('sol_get_rent_sysvar', to)),
      124,
    )
    const bytes = caller.get(to, 24)
    assert.deepEqual([...bytes.subarray(16)], [50, 0, 0, 0, 0, 0, 0, 0])
    assert.equal(
      refusal(() => caller.run('sol_get_rent_sysvar', to + 4n)),
      'Unaligned pointer',
    )
    assert.equal(
      refusal(() => caller.run('sol_get_clock_sysvar', to)),
      'UnsupportedSysvar',
    )
    assert.equal(
      refusal(() => caller.run('sol_get_rent_sysvar', input)),
      undefined,
    )
  })
  withCaller({ environment: { sysvars }, features }, (caller) => {
    assert.equal(
      refusal(() => caller.run('sol_get_rent_sysvar', input)),
      'Invalid pointer',
    )
  })
  withCaller({ environment: { sysvars }, loader: 'loaderV1' }, (caller) => {
    assert.equal(
      refusal(() => caller.run('sol_get_rent_sysvar', heap)),
      'Unaligned pointer',
    )
  })
})

test('a part of a sysvar is read, or a number says why not', () => {
  withCaller({ environment: { sysvars } }, (caller) => {
    const id = caller.put(sysvarIds.rent.bytes)
    const other = caller.put(sysvarIds.fees.bytes)
    const to = caller.put(new Uint8Array(32))
    assert.equal(
      units(caller, () => assert.equal(caller.run('sol_get_sysvar', id, to, 16, 1), 0n)),
      110,
    )
    assert.equal(caller.get(to, 1)[0], 50)
    assert.equal(caller.run('sol_get_sysvar', id, to, 16, 2), 1n)
    assert.equal(caller.run('sol_get_sysvar', other, to, 0, 1), 2n)
    assert.equal(
      refusal(() => caller.run('sol_get_sysvar', id, to, (1n << 64n) - 1n, 1)),
      'ArithmeticOverflow',
    )
  })
})

test('a program finds its address with the largest bump', () => {
  withCaller({}, (caller) => {
    const program = caller.put(address(100).bytes)
    const table = slices(caller, textBytes('seed'))
    const found = caller.put(new Uint8Array(32))
    const bump = caller.put([0])
    const paid = units(caller, () =>
      assert.equal(caller.run('sol_try_find_program_address', table, 1, program, found, bump), 0n),
    )
    const tried = 256 - caller.get(bump, 1)[0]!
    assert.equal(paid, 1500 * tried)
    const again = slices(caller, textBytes('seed'), caller.get(bump, 1))
    const created = caller.put(new Uint8Array(32))
    assert.equal(
      units(caller, () =>
        assert.equal(caller.run('sol_create_program_address', again, 2, program, created), 0n),
      ),
      1500,
    )
    assert.deepEqual(caller.get(created, 32), caller.get(found, 32))
    const long = slices(caller, new Uint8Array(33))
    assert.equal(
      refusal(() => caller.run('sol_create_program_address', long, 1, program, created)),
      'Could not create program address with signer seeds: Length of the seed is too long for address generation',
    )
  })
})

test('memory is allocated from the heap, and never given back', () => {
  withCaller({}, (caller) => {
    assert.equal(caller.run('sol_alloc_free_', 3, 0), heap)
    assert.equal(caller.run('sol_alloc_free_', 8, 0), heap + 8n)
    assert.equal(caller.run('sol_alloc_free_', 32 * 1024 - 15, 0), 0n)
    assert.equal(caller.run('sol_alloc_free_', 32 * 1024 - 16, 0), heap + 16n)
    assert.equal(caller.run('sol_alloc_free_', 1, heap), 0n)
  })
})

test('a program sees the instructions before its own, the last one first', () => {
  const read = (caller: Caller, index: number): unknown => {
    const header = caller.put(new Uint8Array(16))
    const [program, data, accounts] = [32, 3, 68].map((n) => caller.put(new Uint8Array(n)))
    const ask = (): bigint =>
      caller.run('sol_get_processed_sibling_instruction', index, header, program!, data!, accounts!)
    if (ask() === 0n) return undefined
    const view = new DataView(caller.get(header, 16).buffer)
    assert.deepEqual([view.getBigUint64(0, true), view.getBigUint64(8, true)], [3n, 2n])
    ask()
    return [caller.get(program!, 32)[0], [...caller.get(data!, 3)], caller.get(accounts!, 68)[34]]
  }
  let runs = 0
  withCaller(
    { instructions: [1, 0], natives: [native(101, () => undefined)], data: Uint8Array.of(1, 2, 3) },
    (caller) => {
      runs += 1
      assert.deepEqual(read(caller, 0), [101, [1, 2, 3], 101])
      assert.equal(read(caller, 1), undefined)
      assert.equal(caller.run('sol_get_stack_height'), 1n)
    },
  )
  assert.equal(runs, 1)
})
