import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProgramFault } from '#vm/host/solana/errors'
import { programIds, sysvarIds } from '#vm/host/solana/ids'
import type { Instruction, InvokeContext } from '#vm/host/solana/runtime'
import { TransactionContext } from '#vm/host/solana/transaction'
import { account, address, errorOf, native, setUp } from './context.ts'

const a = 100
const b = 101

function call(
  program: number,
  metas: readonly (readonly [number, boolean, boolean])[] = [],
  passed: readonly number[] = [],
): Instruction {
  return {
    programId: address(program),
    accounts: [...metas, ...passed.map((index) => [index, false, false] as const)].map(
      ([index, isSigner, isWritable]) => ({ pubkey: address(index), isSigner, isWritable }),
    ),
    data: new Uint8Array(0),
  }
}

test('programs are logged as they are entered and left', () => {
  const { invoker, log } = setUp({
    accounts: [account()],
    metas: [{ index: 0 }],
    programs: [native(a, (c) => c.invokeSigned(call(b), [])), native(b, (c) => c.log('inside'))],
  })
  invoker.processTopLevel()
  assert.deepEqual(log.lines, [
    `Program ${address(a)} invoke [1]`,
    `Program ${address(b)} invoke [2]`,
    'inside',
    `Program ${address(b)} success`,
    `Program ${address(a)} success`,
  ])
  assert.equal(invoker.remaining, 1_400_000n - 300n)
})

test('an error ends every program on the way out, and each says so', () => {
  const { invoker, log } = setUp({
    accounts: [account()],
    metas: [{ index: 0 }],
    programs: [
      native(a, (c) => c.invokeSigned(call(b), [])),
      native(b, () => {
        throw new ProgramFault('divide by zero at BPF instruction')
      }),
    ],
  })
  assert.equal(
    errorOf(() => invoker.processTopLevel()),
    'ProgramFailedToComplete',
  )
  assert.deepEqual(log.lines.slice(2), [
    `Program ${address(b)} failed: divide by zero at BPF instruction`,
    `Program ${address(a)} failed: Program failed to complete`,
  ])
})

test('a program without compute units fails before it does anything', () => {
  const { invoker, log } = setUp({
    accounts: [account()],
    metas: [{ index: 0 }],
    programs: [native(a, () => assert.fail('must not run'))],
  })
  invoker.remaining = 149n
  assert.equal(
    errorOf(() => invoker.processTopLevel()),
    'ComputationalBudgetExceeded',
  )
  assert.equal(invoker.remaining, 0n)
  assert.equal(log.lines.at(-1), `Program ${address(a)} failed: Computational budget exceeded`)
})

test('native programs have a price', () => {
  const free = { ...native(a, () => undefined), units: 0n }
  const { invoker } = setUp({ accounts: [account()], metas: [], programs: [free] })
  assert.equal(
    errorOf(() => invoker.processTopLevel()),
    'BuiltinProgramsMustConsumeComputeUnits',
  )
})

test('an account that no loader owns is no program', () => {
  const { invoker, context, log } = setUp({
    accounts: [account()],
    metas: [],
    programs: [native(a, () => undefined)],
  })
  context.accounts.owners[1] = address(5)
  assert.equal(
    errorOf(() => invoker.processTopLevel()),
    'UnsupportedProgramId',
  )
  assert.deepEqual(log.lines, [])
})

/** What becomes of a call of `b` by `a`, which has account 0 as signer and account 1 as writable one. */
function privileges(
  metas: readonly (readonly [number, boolean, boolean])[],
  signers: readonly number[] = [],
): [string | undefined, string | undefined] {
  const { invoker, log } = setUp({
    accounts: [account(), account(), account()],
    metas: [{ index: 0, signer: true }, { index: 1, writable: true }, { index: 2 }],
    programs: [
      native(a, (c) => c.invokeSigned(call(b, metas), signers.map(address))),
      native(b, () => undefined),
    ],
  })
  const error = errorOf(() => invoker.processTopLevel())
  return [error, log.lines.find((line) => !line.startsWith('Program '))]
}

test('a callee has no privilege that its caller has not', () => {
  assert.deepEqual(
    privileges([
      [0, true, false],
      [1, false, true],
      [2, false, false],
    ]),
    [undefined, undefined],
  )
  const key = address(2).toString()
  assert.deepEqual(privileges([[2, false, true]]), [
    'PrivilegeEscalation',
    `${key}'s writable privilege escalated`,
  ])
  assert.deepEqual(privileges([[2, true, false]]), [
    'PrivilegeEscalation',
    `${key}'s signer privilege escalated`,
  ])
  assert.deepEqual(privileges([[2, true, false]], [2]), [undefined, undefined])
})

test('privileges of an account that is passed twice are those of both together', () => {
  assert.equal(
    privileges([
      [1, false, false],
      [1, true, true],
    ])[0],
    'PrivilegeEscalation',
  )
  const seen: boolean[] = []
  const { invoker } = setUp({
    accounts: [account()],
    metas: [{ index: 0, signer: true, writable: true }],
    programs: [
      native(a, (c) =>
        c.invokeSigned(
          call(b, [
            [0, false, true],
            [0, true, false],
          ]),
          [],
        ),
      ),
      native(b, ({ instruction: i }) => {
        seen.push(i.isSigner(0), i.isWritable(0), i.isSigner(1), i.isWritable(1))
        assert.equal(i.duplicateOf(0), undefined)
        assert.equal(i.duplicateOf(1), 0)
      }),
    ],
  })
  invoker.processTopLevel()
  assert.deepEqual(seen, [true, true, true, true])
})

test('accounts and programs that the caller does not have are unknown', () => {
  assert.deepEqual(privileges([[50, false, false]]), [
    'MissingAccount',
    `Instruction references an unknown account ${address(50)}`,
  ])
  const { invoker, log } = setUp({
    accounts: [account()],
    metas: [],
    programs: [native(a, (c) => c.invokeSigned(call(0), []))],
  })
  assert.equal(
    errorOf(() => invoker.processTopLevel()),
    'MissingAccount',
  )
  assert.equal(log.lines[1], `Unknown program ${address(0)}`)
})

test('a program calls itself, but none that waits for it', () => {
  let depth = 0
  const again = (c: InvokeContext): void => {
    depth += 1
    if (depth < 3) c.invokeSigned(call(a, [], [a]), [])
  }
  const self = setUp({ accounts: [account()], metas: [], programs: [native(a, again)] })
  self.invoker.processTopLevel()
  assert.equal(depth, 3)
  const { invoker } = setUp({
    accounts: [account()],
    metas: [],
    programs: [
      native(a, (c) => c.invokeSigned(call(b, [], [a]), [])),
      native(b, (c) => c.invokeSigned(call(a), [])),
    ],
  })
  assert.equal(
    errorOf(() => invoker.processTopLevel()),
    'ReentrancyNotAllowed',
  )
})

test('five programs are within each other at most', () => {
  let depth = 0
  const { invoker, context } = setUp({
    accounts: [account()],
    metas: [],
    programs: [
      native(a, (c) => {
        depth += 1
        c.invokeSigned(call(a, [], [a]), [])
      }),
    ],
  })
  assert.equal(
    errorOf(() => invoker.processTopLevel()),
    'CallDepth',
  )
  assert.equal(depth, 5)
  assert.deepEqual(
    context.trace.map(({ stackHeight, caller }) => [stackHeight, caller]),
    [
      [1, -1],
      [2, 0],
      [3, 1],
      [4, 2],
      [5, 3],
      [6, 4],
    ],
  )
})

test('64 instructions are all that a transaction has, called ones included', () => {
  let calls = 0
  const { invoker, context } = setUp({
    accounts: [account()],
    metas: [],
    instructions: [0, 1],
    programs: [
      native(a, (c) => {
        for (;;) {
          c.invokeSigned(call(b), [])
          calls += 1
        }
      }),
      native(b, () => undefined),
    ],
  })
  assert.equal(
    errorOf(() => invoker.processTopLevel()),
    'MaxInstructionTraceLengthExceeded',
  )
  assert.equal(calls, 63)
  assert.equal(context.trace.length, 65)
})

test('a program is not called while lamports are on the way', () => {
  const { invoker } = setUp({
    accounts: [account({ owner: address(a) })],
    metas: [{ index: 0, writable: true }],
    programs: [
      native(a, (c) => {
        c.instruction.account(0).subLamports(1n)
        c.invokeSigned(call(b), [])
      }),
      native(b, () => assert.fail('must not run')),
    ],
  })
  assert.equal(
    errorOf(() => invoker.processTopLevel()),
    'UnbalancedInstruction',
  )
})

test('return data is of the program that ran last', () => {
  const seen: string[] = []
  const { invoker } = setUp({
    accounts: [account()],
    metas: [],
    programs: [
      native(a, (c) => {
        c.returnData = { programId: address(a), data: Uint8Array.of(1) }
        c.invokeSigned(call(b), [])
        seen.push(c.returnData.programId.toString(), String(c.returnData.data.length))
      }),
      native(b, () => undefined),
    ],
  })
  invoker.processTopLevel()
  assert.deepEqual(seen, [address(b).toString(), '0'])
})

test('precompiles say nothing and cost nothing', () => {
  const verified: unknown[] = []
  const { invoker, log } = setUp({
    accounts: [account()],
    metas: [],
    programs: [native(a, () => assert.fail('must not run'))],
    data: Uint8Array.of(4, 2),
    environment: {
      precompiles: {
        has: (id) => id.key === address(a).key,
        verify: (_, data, all) => verified.push([...data], all.length),
      },
    },
  })
  invoker.processTopLevel()
  assert.deepEqual(verified, [[4, 2], 1])
  assert.deepEqual(log.lines, [])
  assert.equal(invoker.remaining, 1_400_000n)
})

test('a trace tells what each frame changed, in order', () => {
  const { invoker, context } = setUp({
    accounts: [account({ owner: address(a), data: Uint8Array.of(1, 2) }), account()],
    metas: [
      { index: 0, writable: true },
      { index: 1, writable: true },
    ],
    record: true,
    programs: [
      native(a, (c) => {
        const data = c.instruction.account(0).dataToWrite()
        data[0] = 7
        c.invokeSigned(call(b, [[1, false, true]]), [])
        data[1] = 8
        c.instruction.account(0).subLamports(5n)
        c.instruction.account(1).addLamports(5n)
      }),
      native(b, () => undefined),
    ],
  })
  invoker.processTopLevel()
  const kinds = context.recorder?.trace.map((event) => {
    if (event.kind !== 'change') return event.kind
    const { account: place, field, from, to } = event.change
    const show = (value: unknown): unknown => (value instanceof Uint8Array ? [...value] : value)
    return [place, field, show(from), show(to)]
  })
  assert.deepEqual(kinds, [
    'enter',
    [0, 'data', [1, 2], [7, 2]],
    'enter',
    'leave',
    [0, 'data', [7, 2], [7, 8]],
    [0, 'lamports', 1_000_000_000n, 999_999_995n],
    [1, 'lamports', 1_000_000_000n, 1_000_000_005n],
    'leave',
  ])
})

test('the sysvar Instructions ends in the number of the instruction that runs', () => {
  const build = (owner = sysvarIds.owner, length = 2): TransactionContext =>
    new TransactionContext({
      accounts: [
        { key: address(0), account: account() },
        {
          key: sysvarIds.instructions,
          account: account({ owner, data: new Uint8Array(length) }),
        },
      ],
      isSigner: () => false,
      isWritable: () => false,
      instructions: [0, 1].map(() => ({ programIndex: 0, accounts: [], data: new Uint8Array(0) })),
      rent: { isExempt: () => true },
      maxStackDepth: 5,
      maxTraceLength: 64,
    })
  assert.equal(
    errorOf(() => build(programIds.system).push()),
    'InvalidAccountOwner',
  )
  assert.equal(
    errorOf(() => build(sysvarIds.owner, 1).push()),
    'AccountDataTooSmall',
  )
  const context = build()
  context.push()
  context.pop()
  context.push()
  assert.deepEqual([...context.accounts.data(1)], [1, 0])
})
