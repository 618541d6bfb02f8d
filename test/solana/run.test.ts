import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultBudget } from '#vm/host/solana/costs'
import { forEachEngine } from '../engines.ts'
import { account, address, errorOf, native } from './context.ts'
import { assembled, setUpPrograms } from './program.ts'

const id = address(100)
const most = 1_400_000n

/** Where things are in the input of an instruction whose first account has 8 bytes of data. */
const at = { lamports: 8 + 72, length: 8 + 80, data: 8 + 88, owner: 8 + 40 }

interface Run {
  readonly error: string | undefined
  readonly lines: readonly string[]
  readonly used: bigint
  readonly data: readonly number[]
}

forEachEngine((engine) => {
  /** Runs a program for an instruction with its own account of 8 bytes, and another's. */
  function run(
    source: string,
    options: {
      readonly units?: bigint
      readonly heap?: number
      readonly features?: readonly string[]
      readonly version?: 'v0' | 'v2' | 'v3'
      readonly writable?: boolean
    } = {},
  ): Run {
    const { units = most, heap = 32 * 1024, version, features = [], writable = true } = options
    const { invoker, context, log } = setUpPrograms({
      accounts: [account({ owner: id, data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) }), account()],
      metas: [
        { index: 0, writable },
        { index: 1, writable: true },
      ],
      loaded: [{ at: 100, program: assembled(source, version) }],
      features,
      engine,
      environment: { budget: { ...defaultBudget, computeUnitLimit: units, heapSize: heap } },
    })
    const error = errorOf(() => invoker.processTopLevel())
    const data = [...context.accounts.data(0)]
    return { error, lines: log.lines.slice(1), used: units - invoker.remaining, data }
  }
  const consumed = (units: number, limit: bigint | number = most): string =>
    `Program ${id} consumed ${units} of ${limit} compute units`
  const failed = (text: string): string => `Program ${id} failed: ${text}`

  test('a program is paid by the instruction', () => {
    assert.deepEqual(run('mov64 r0, 0\n exit').lines, [consumed(2), `Program ${id} success`])
    assert.deepEqual(run('mov64 r0, 0\n exit', { units: 2n }).error, undefined)
  })

  test('a number is the program’s error, or one that has a name', () => {
    const { error, lines } = run('mov64 r0, 6000\n exit')
    assert.equal(error, 'Custom 6000')
    assert.deepEqual(lines, [consumed(2), failed('custom program error: 0x1770')])
    assert.equal(run('lddw r0, 0x100000000\n exit').error, 'Custom 0')
    assert.equal(run('lddw r0, 0x200000000\n exit').error, 'InvalidArgument')
    assert.equal(run('lddw r0, 0x1a00000000\n exit').error, 'IncorrectAuthority')
    assert.equal(run('lddw r0, 0x1b00000000\n exit').error, 'InvalidError')
    assert.equal(run('lddw r0, 0x200000001\n exit').error, 'InvalidError')
  })

  test('without units the program stops before an instruction', () => {
    const { error, lines, used } = run('mov64 r0, 0\n ja -2', { units: 100n })
    assert.equal(error, 'ProgramFailedToComplete')
    assert.deepEqual(lines, [consumed(100, 100), failed('exceeded CUs meter at BPF instruction')])
    assert.equal(used, 100n)
  })

  test('a fault takes all units after the line that counts them', () => {
    const source = 'mov64 r1, 0\n ldxdw r0, [r1+0]\n exit'
    const said = 'Access violation reading 8 bytes at address 0x0 (in unallocated region)'
    const kept = run(source)
    assert.deepEqual(kept.lines, [consumed(2), failed(said)])
    assert.equal(kept.used, 2n)
    const taken = run(source, { features: ['deplete_cu_meter_on_vm_failure'] })
    assert.deepEqual(taken.lines, [consumed(2), failed(said)])
    assert.equal(taken.used, most)
  })

  test('what a call of the runtime refuses takes no units beyond its own', () => {
    const source = 'mov64 r1, 0\n mov64 r2, 5\n syscall sol_log_\n exit'
    const { error, lines, used } = run(source, { features: ['deplete_cu_meter_on_vm_failure'] })
    assert.equal(error, 'ProgramFailedToComplete')
    const said = 'Access violation reading 5 bytes at address 0x0 (in unallocated region)'
    assert.deepEqual(lines, [consumed(103), failed(said)])
    assert.equal(used, 103n)
  })

  test('a call without units takes what is left', () => {
    const { error, lines } = run('syscall sol_log_compute_units_\n exit', { units: 90n })
    assert.equal(error, 'ComputationalBudgetExceeded')
    assert.deepEqual(lines, [consumed(90, 90), failed('Computational budget exceeded')])
  })

  test('a heap beyond 32 KiB costs 8 units for each further 32 KiB, before the run', () => {
    const top = 'lddw r1, 0x30003ffff\n stb [r1+0], 1\n mov64 r0, 0\n exit'
    const { error, lines } = run(top, { heap: 256 * 1024 })
    assert.equal(error, undefined)
    assert.deepEqual(lines[0], consumed(4))
    assert.equal(run(top, { heap: 256 * 1024 }).used, 60n)
    assert.equal(run(top).error, 'ProgramFailedToComplete')
    const poor = run(top, { heap: 256 * 1024, units: 55n })
    assert.equal(poor.error, 'ProgramEnvironmentSetupFailure')
    assert.deepEqual(poor.lines, [
      'Failed to create SBF VM: Computational budget exceeded',
      failed('Failed to create program execution environment'),
    ])
  })

  test('r1 is the input, r2 the data of the instruction', () => {
    const source = `
      ldxdw r0, [r2-8]
      jne r0, 0, fail
      ldxdw r0, [r1+0]
      jne r0, 3, fail
      mov64 r0, 0
      exit
      fail: mov64 r0, 1
      exit`
    assert.equal(run(source).error, undefined)
  })

  test('what a program writes to its account is the account’s', () => {
    assert.deepEqual(
      run(`stb [r1+${at.data}], 99\n mov64 r0, 0\n exit`).data,
      [99, 2, 3, 4, 5, 6, 7, 8],
    )
    const grown = `stdw [r1+${at.length}], 10\n stb [r1+${at.data + 9}], 5\n mov64 r0, 0\n exit`
    assert.deepEqual(run(grown).data, [1, 2, 3, 4, 5, 6, 7, 8, 0, 5])
    const shrunk = `stdw [r1+${at.length}], 1\n mov64 r0, 0\n exit`
    assert.deepEqual(run(shrunk).data, [1])
  })

  test('what a program may not do is found after the line that counts units', () => {
    const readonly = run(`stb [r1+${at.data}], 99\n mov64 r0, 0\n exit`, { writable: false })
    assert.equal(readonly.error, 'ReadonlyDataModified')
    assert.deepEqual(readonly.lines, [
      consumed(3),
      failed('instruction modified data of a read-only account'),
    ])
    const lamports = run(`stdw [r1+${at.lamports}], 1\n mov64 r0, 0\n exit`)
    assert.equal(lamports.error, 'UnbalancedInstruction')
    assert.equal(lamports.lines.at(-1), `Program ${id} success`)
    const owner = run(`stb [r1+${at.owner}], 1\n mov64 r0, 0\n exit`)
    assert.equal(owner.error, 'ModifiedProgramId')
    const grown = run(`stdw [r1+${at.length}], 10249\n mov64 r0, 0\n exit`)
    assert.equal(grown.error, 'InvalidRealloc')
  })

  test('a program that fails changes nothing', () => {
    const { data } = run(`stb [r1+${at.data}], 99\n mov64 r0, 1\n exit`)
    assert.deepEqual(data, [1, 2, 3, 4, 5, 6, 7, 8])
  })

  const direct = [
    'syscall_parameter_address_restrictions',
    'virtual_address_space_adjustments',
    'account_data_direct_mapping',
  ]
  const ok = 'mov64 r0, 0\n exit'

  test('with regions of their own, accounts say which rule an access breaks', () => {
    const store = `stb [r1+${at.data}], 99\n ${ok}`
    assert.deepEqual(run(store, { features: direct }).data, [99, 2, 3, 4, 5, 6, 7, 8])
    const readonly = run(store, { features: direct, writable: false })
    assert.equal(readonly.error, 'ReadonlyDataModified')
    assert.deepEqual(readonly.lines[0], consumed(1))
    const load = `ldxb r0, [r1+${at.data + 8}]\n ${ok}`
    assert.equal(run(load, { features: direct }).error, 'InvalidRealloc')
    assert.equal(run(load, { features: direct, writable: false }).error, 'AccountDataTooSmall')
    assert.equal(run(load).error, undefined)
  })

  test('a store behind the end lets an account grow, until its length is read', () => {
    const store = (offset: number): string => `stb [r1+${at.data + offset}], 5\n`
    const length = (bytes: number): string => `stdw [r1+${at.length}], ${bytes}\n`
    assert.deepEqual(run(store(9) + ok, { features: direct }).data, [1, 2, 3, 4, 5, 6, 7, 8])
    const grown = run(store(9) + length(10) + ok, { features: direct })
    assert.deepEqual(grown.data, [1, 2, 3, 4, 5, 6, 7, 8, 0, 5])
    assert.deepEqual(grown.lines[0], consumed(4))
    assert.equal(run(store(8 + 10_239) + ok, { features: direct }).error, undefined)
    const beyond = run(store(8 + 10_240) + ok, { features: direct })
    assert.equal(beyond.error, undefined)
    assert.deepEqual(run(length(1) + ok, { features: direct }).data, [1])
    assert.equal(run(length(10_249) + ok, { features: direct }).error, 'InvalidRealloc')
  })

  test('no access covers an account and what is beside it', () => {
    const across = run(`stdw [r1+${at.data - 4}], 0\n ${ok}`, { features: direct })
    assert.equal(across.error, 'ProgramFailedToComplete')
    assert.match(across.lines.at(-1)!, /Access violation writing 8 bytes at address 0x40000005c/)
  })

  test('what is before an account’s data ends there, also where nothing can be', () => {
    const { invoker, log } = setUpPrograms({
      accounts: [account()],
      metas: [{ index: 0 }],
      loaded: [
        {
          at: 100,
          // The last byte of the length of no data, in the form for programs of the first loader.
          program: assembled('stdw [r1+52], 0\n mov64 r0, 0\n exit'),
          loader: 'loaderV1',
        },
      ],
      features: direct,
      engine,
    })
    assert.equal(
      errorOf(() => invoker.processTopLevel()),
      'ProgramFailedToComplete',
    )
    assert.match(log.lines.at(-1)!, /writing 8 bytes at address 0x400000034 \(in input region\)/)
  })

  test('return data is logged behind the units, under the program that ends', () => {
    const source = `mov64 r1, r10\n sub64 r1, 8\n stb [r1+0], 65\n mov64 r2, 1\n
      syscall sol_set_return_data\n mov64 r0, 0\n exit`
    assert.deepEqual(run(source).lines, [
      consumed(107),
      `Program return: ${id} QQ==`,
      `Program ${id} success`,
    ])
  })

  test('a program that runs within itself has a memory of its own', () => {
    const { invoker, log } = setUpPrograms({
      accounts: [account()],
      metas: [{ index: 0 }],
      loaded: [
        {
          at: 100,
          program: assembled('lddw r1, 0x300000000\n ldxb r0, [r1+0]\n stb [r1+0], 7\n exit'),
        },
      ],
      natives: [
        native(101, (context) => {
          const call = {
            programId: id,
            accounts: [{ pubkey: id, isSigner: false, isWritable: false }],
            data: new Uint8Array(0),
          }
          context.invokeSigned(call, [])
          context.invokeSigned(call, [])
        }),
      ],
      instructions: [1],
      engine,
    })
    assert.equal(
      errorOf(() => invoker.processTopLevel()),
      undefined,
    )
    assert.equal(
      log.lines.filter((line) => line.endsWith('consumed 4 of 1399850 compute units')).length,
      1,
    )
  })
})
