import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createProgramAddress } from '#vm/host/solana/crypto/pda'
import { ProgramFault } from '#vm/host/solana/errors'
import { programIds } from '#vm/host/solana/ids'
import { Pubkey } from '#vm/host/solana/pubkey'
import type { InvokeContext } from '#vm/host/solana/runtime'
import { account, address, errorOf, native } from './context.ts'
import { type CpiAbi, type CpiCall, callProgram, words } from './cpi-caller.ts'
import { type Caller, withCaller } from './program.ts'

const restrictions = ['syscall_parameter_address_restrictions']

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

/** What becomes of a call of the native program 101 in each ABI, with a caller's data account first. */
function attempt(
  call: Partial<CpiCall>,
  options: {
    readonly process?: (context: InvokeContext) => void
    readonly features?: readonly string[]
    readonly loader?: string
    readonly before?: (caller: Caller) => void
    readonly after?: (caller: Caller, units: number) => void
    readonly data?: Uint8Array
    /** Number of the first account's owner. */
    readonly owner?: number
  } = {},
): (string | undefined)[] {
  const { features = restrictions, before, after, data = new Uint8Array(16), owner = 100 } = options
  return (['rust', 'c'] as const).map((abi: CpiAbi) => {
    let result: string | undefined
    const run = (caller: Caller): void => {
      before?.(caller)
      const start = caller.invoker.remaining
      const full = {
        program: 101,
        metas: [{ index: 0, writable: true }],
        infos: [0, 1, 2, 3],
        ...call,
      }
      result = refusal(() => assert.equal(callProgram(caller, abi, full), 0n))
      after?.(caller, Number(start - caller.invoker.remaining))
    }
    const outer = refusal(() =>
      withCaller(
        {
          accounts: [account({ owner: address(owner), data }), account()],
          metas: [
            { index: 0, writable: true },
            { index: 1, signer: true },
          ],
          natives: [native(101, options.process ?? (() => undefined))],
          features: [...features],
          ...(options.loader === undefined ? {} : { loader: options.loader }),
        },
        run,
      ),
    )
    return result ?? outer
  })
}

const both = (value: string | undefined): (string | undefined)[] => [value, value]

describe('calls of other programs', () => {
  test('a call costs 946 units, one for 250 bytes of infos, metas and data, and the callee', () => {
    attempt(
      { data: new Uint8Array(500) },
      { after: (_, units) => assert.equal(units, 946 + 2 + 0 + 1 + 0 + 150) },
    )
    attempt(
      {},
      {
        data: new Uint8Array(1000),
        after: (_, units) => assert.equal(units, 946 + 1 + 4 + 150),
      },
    )
  })

  test('a callee sees what its caller wrote, and the caller what the callee did', () => {
    const dataAt = (caller: Caller): bigint => BigInt(caller.call.accounts[0]!.dataAddress)
    const results = attempt(
      {},
      {
        before: (caller) => caller.call.write(dataAt(caller), Uint8Array.of(7, 8)),
        process: ({ instruction }) => {
          const passed = instruction.account(0)
          assert.deepEqual([...passed.data.subarray(0, 3)], [7, 8, 0])
          assert.equal(passed.owner.key, address(100).key)
        },
      },
    )
    assert.deepEqual(results, both(undefined))
    const given = attempt(
      {},
      {
        before: (caller) =>
          caller.call.write(BigInt(caller.call.accounts[0]!.ownerAddress), address(101).bytes),
        process: ({ instruction }) => {
          const passed = instruction.account(0)
          passed.setDataLength(20)
          passed.dataToWrite().fill(3)
        },
        after: (caller) => {
          const made = caller.call.accounts[0]!
          assert.deepEqual([...caller.get(dataAt(caller), 21)], [...new Array(20).fill(3), 0])
          assert.deepEqual(caller.get(dataAt(caller) - 8n, 8), words(20))
          assert.deepEqual(caller.get(BigInt(made.ownerAddress), 32), address(101).bytes)
        },
      },
    )
    assert.deepEqual(given, both(undefined))
  })

  test('data that shrank is zero behind its end', () => {
    const results = attempt(
      {},
      {
        data: new Uint8Array(16).fill(9),
        owner: 101,
        process: ({ instruction }) => instruction.account(0).setDataLength(4),
        after: (caller) => {
          const at = BigInt(caller.call.accounts[0]!.dataAddress)
          assert.deepEqual([...caller.get(at, 16)], [9, 9, 9, 9, ...new Array(12).fill(0)])
        },
      },
    )
    assert.deepEqual(results, both(undefined))
  })

  test('an account grows by 10 KiB in a callee', () => {
    const grow = (by: number): (string | undefined)[] =>
      attempt(
        {},
        {
          before: (caller) =>
            caller.call.write(BigInt(caller.call.accounts[0]!.ownerAddress), address(101).bytes),
          process: ({ instruction }) => instruction.account(0).setDataLength(16 + by),
          after: (caller) => {
            const said = 'Account data size realloc limited to 10240 in inner instructions'
            assert.equal(caller.log.lines.includes(said), by > 10_240)
          },
        },
      )
    assert.deepEqual(grow(10_240), both(undefined))
    assert.deepEqual(grow(10_241), both('InvalidRealloc'))
  })

  test('what a caller may not change is refused before the callee runs', () => {
    const process = (): void => assert.fail('must not run')
    const readonly = attempt(
      { metas: [{ index: 1 }] },
      {
        process,
        before: (caller) =>
          caller.call.write(BigInt(caller.call.accounts[1]!.lamportsAddress), words(1)),
      },
    )
    assert.deepEqual(readonly, both('ExternalAccountLamportSpend'))
    const owner = attempt(
      {},
      {
        process,
        before: (caller) => {
          const made = caller.call.accounts[0]!
          caller.call.write(BigInt(made.dataAddress), Uint8Array.of(1))
          caller.call.write(BigInt(made.ownerAddress), address(101).bytes)
        },
      },
    )
    assert.deepEqual(owner, both('ModifiedProgramId'))
  })

  test('infos are where the runtime put them', () => {
    for (const field of ['key', 'owner', 'lamports', 'data'] as const) {
      const lines: string[] = []
      const results = attempt(
        { move: (name, at) => (name === field ? at + 8n : at) },
        { after: (caller) => lines.push(caller.log.lines.at(-1)!) },
      )
      // A key that lies elsewhere is another one: then no info is the account's.
      if (field === 'key') {
        assert.deepEqual(results, both('MissingAccount'))
        continue
      }
      assert.deepEqual(results, both('Invalid pointer'))
      assert.match(
        lines[0]!,
        new RegExp(`^Invalid account info pointer \`${field}': 0x4[0-9a-f]+ != 0x4[0-9a-f]+$`),
      )
    }
  })

  test('a copy of the key elsewhere is not the key', () => {
    let copy = 0n
    const results = attempt(
      { move: (name, at) => (name === 'key' ? copy : at), infos: [0] },
      {
        before: (caller) => {
          copy = caller.put(address(0).bytes)
        },
        after: (caller) =>
          assert.match(caller.log.lines.at(-1)!, /^Invalid account info pointer `key': 0x3/),
      },
    )
    assert.deepEqual(results, both('Invalid pointer'))
  })

  test('a length of data beyond what belongs to the account is refused', () => {
    let runs = 0
    const process = (): void => {
      runs += 1
    }
    const claim = (length: bigint): (string | undefined)[] =>
      attempt({ length: () => length }, { process })
    assert.deepEqual(claim(16n + 10_241n), both('InvalidRealloc'))
    assert.equal(runs, 0)
    assert.deepEqual(claim(16n + 10_240n), both(undefined))
    assert.equal(runs, 2)
  })

  test('structures do not lie in the input', () => {
    const results = attempt({}, { before: (caller) => caller.call.checkWrites() })
    assert.deepEqual(results, both(undefined))
    withCaller({ features: restrictions, natives: [native(101, () => undefined)] }, (caller) => {
      const instruction = caller.put(
        Uint8Array.from([...words(0, 0, 0, 0, 0, 0), ...address(101).bytes]),
      )
      assert.equal(
        refusal(() => caller.run('sol_invoke_signed_rust', instruction, 0x4_0000_0000n, 0, 0, 0)),
        'Invalid pointer',
      )
      assert.equal(
        refusal(() => caller.run('sol_invoke_signed_rust', instruction, 0, 0, 0, 0)),
        undefined,
      )
    })
  })

  test('numbers of metas, infos, signers, seeds and bytes have ends', () => {
    const metas = (count: number): { index: number }[] =>
      Array.from({ length: count }, () => ({ index: 1 }))
    const infos = (count: number): number[] => Array.from({ length: count }, () => 1)
    const lists = (count: number): Uint8Array[][] => Array.from({ length: count }, () => [])
    const seed = (length: number): Uint8Array => new Uint8Array(length)
    const cases: [Partial<CpiCall>, string | undefined][] = [
      [
        { metas: metas(256), infos: [1] },
        'Invoked an instruction with too many accounts (256 > 255)',
      ],
      [{ metas: metas(255), infos: [1] }, undefined],
      [
        { data: new Uint8Array(10_241) },
        'Invoked an instruction with data that is too large (10241 > 10240)',
      ],
      [{ data: new Uint8Array(10_240) }, undefined],
      [{ infos: infos(256) }, "Invoked an instruction with too many account info's (256 > 255)"],
      [{ seeds: lists(17) }, 'Too many signers'],
      [{ seeds: [Array.from({ length: 17 }, () => seed(1))] }, 'MaxSeedLengthExceeded'],
      [
        { seeds: [[seed(33)]] },
        'Could not create program address with signer seeds: Length of the seed is too long for address generation',
      ],
      [{ metas: [{ index: 0, writable: true }], flag: 2 }, 'InvalidArgument'],
    ]
    for (const [call, expected] of cases) assert.deepEqual(attempt(call), both(expected))
  })

  test('a program signs for addresses that it derives', () => {
    const seeds = [new TextEncoder().encode('vault')]
    let bump = 255
    let derived = createProgramAddress([...seeds, Uint8Array.of(bump)], address(100).bytes)
    while (typeof derived === 'string') {
      bump -= 1
      derived = createProgramAddress([...seeds, Uint8Array.of(bump)], address(100).bytes)
    }
    const key = Pubkey.from(derived)
    let signed = 0
    const call = (list: Uint8Array[]): (string | undefined)[] => {
      const prepare = (c: InvokeContext): void => {
        signed += c.instruction.isSigner(0) ? 1 : 0
      }
      return (['rust', 'c'] as const).map((abi) => {
        let result: string | undefined
        withCaller(
          {
            accounts: [account({ data: new Uint8Array(4) })],
            metas: [{ index: 0 }],
            natives: [native(101, prepare)],
            features: restrictions,
            keys: [key],
          },
          (caller) => {
            result = refusal(() =>
              callProgram(caller, abi, {
                program: 101,
                metas: [{ index: 0, key, signer: true }],
                infos: [0],
                seeds: [list],
              }),
            )
          },
        )
        return result
      })
    }
    assert.deepEqual(call([...seeds, Uint8Array.of(bump)]), both(undefined))
    assert.equal(signed, 2)
    const [other] = call([...seeds, Uint8Array.of(bump), Uint8Array.of(0)])
    assert.ok(other === 'PrivilegeEscalation' || other?.startsWith('Could not create'))
  })

  test('loaders and precompiles are not called by programs', () => {
    const ask = (key: Pubkey, data = new Uint8Array(0)): string | undefined => {
      let result: string | undefined
      withCaller(
        { features: [...restrictions, 'enable_bpf_loader_set_authority_checked_ix'] },
        (caller) => {
          result = refusal(() => callProgram(caller, 'c', { program: 0, programKey: key, data }))
        },
      )
      return result
    }
    const refused = (key: Pubkey): string => `Program ${key} not supported by inner instructions`
    const { loaderV1, loaderV2, loaderV3, nativeLoader, system } = programIds
    for (const key of [loaderV1, loaderV2, nativeLoader, loaderV3])
      assert.equal(ask(key), refused(key))
    for (const first of [0, 1, 2, 6, 8])
      assert.equal(ask(loaderV3, Uint8Array.of(first)), refused(loaderV3))
    for (const first of [3, 4, 5, 7])
      assert.equal(ask(loaderV3, Uint8Array.of(first)), 'MissingAccount')
    assert.equal(ask(system), 'MissingAccount')
  })

  test('an account without an info is unknown, an executable one needs none', () => {
    const results = attempt({ infos: [] })
    assert.deepEqual(results, both('MissingAccount'))
    assert.deepEqual(attempt({ metas: [{ index: 101 }], infos: [] }), both(undefined))
  })

  test('without the restrictions infos may point anywhere that is writable', () => {
    let lamports = 0n
    const results = attempt(
      { move: (name, at) => (name === 'lamports' ? lamports : at) },
      {
        features: [],
        before: (caller) => {
          lamports = caller.put(words(1_000_000_000))
        },
      },
    )
    assert.deepEqual(results, both(undefined))
  })

  const direct = [
    ...restrictions,
    'virtual_address_space_adjustments',
    'account_data_direct_mapping',
  ]
  const dataOf = (caller: Caller): bigint => BigInt(caller.call.accounts[0]!.dataAddress)

  test('an account with a region of its own is what the callee left, to be read only once it is given away', () => {
    const results = attempt(
      {},
      {
        features: direct,
        before: (caller) => {
          caller.call.write(dataOf(caller) - 8n, words(20))
          caller.call.write(dataOf(caller) + 16n, new Uint8Array(4))
          caller.call.write(BigInt(caller.call.accounts[0]!.ownerAddress), address(101).bytes)
        },
        process: ({ instruction }) => {
          const passed = instruction.account(0)
          passed.setDataLength(24)
          passed.dataToWrite().fill(3)
        },
        after: (caller) => {
          assert.deepEqual([...caller.get(dataOf(caller), 24)], new Array(24).fill(3))
          assert.equal(caller.call.tryBytes(dataOf(caller), 25n), undefined)
          assert.equal(
            refusal(() => caller.call.write(dataOf(caller), Uint8Array.of(1))),
            'Access violation writing 1 bytes at address 0x400000060 (in input region)',
          )
        },
      },
    )
    assert.deepEqual(results, both(undefined))
  })

  test('a callee sees what its caller wrote to a region, and how long it says that it is', () => {
    const seen: number[][] = []
    const length = 18
    const results = attempt(
      { length: () => BigInt(length) },
      {
        features: direct,
        before: (caller) => caller.call.write(dataOf(caller) + 14n, Uint8Array.of(1, 2, 3, 4)),
        process: ({ instruction }) => seen.push([...instruction.account(0).data.subarray(13)]),
      },
    )
    assert.deepEqual(results, both(undefined))
    assert.deepEqual(seen, [
      [0, 1, 2, 3, 4],
      [0, 1, 2, 3, 4],
    ])
  })
})
