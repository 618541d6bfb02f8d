import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InstructionAccount } from '#vm/host/solana/runtime'
import { account, address, errorOf, type Meta, native, setUp } from './context.ts'

const program = 100
const owned = (data = new Uint8Array(8)): Parameters<typeof account>[0] => ({
  owner: address(program),
  data,
})

/** What becomes of an instruction that does this to the first account. */
function act(
  act: (account: InstructionAccount) => void,
  fields: Parameters<typeof account>[0],
  meta: Partial<Meta> = { writable: true },
): string | undefined {
  const { invoker } = setUp({
    accounts: [account(fields), account({ owner: address(program) })],
    metas: [
      { index: 0, ...meta },
      { index: 1, writable: true },
    ],
    programs: [native(program, (context) => act(context.instruction.account(0)))],
  })
  return errorOf(() => invoker.processTopLevel())
}

test('an owner is changed by the owner alone, of a writable account without data', () => {
  const change = (a: InstructionAccount): void => a.setOwner(address(9))
  assert.equal(act(change, owned()), undefined)
  assert.equal(act(change, {}), 'ModifiedProgramId')
  assert.equal(act(change, owned(), {}), 'ModifiedProgramId')
  assert.equal(act(change, owned(Uint8Array.of(0, 1))), 'ModifiedProgramId')
})

test('an owner that stays is refused like one that changes', () => {
  const keep = (a: InstructionAccount): void => a.setOwner(a.owner)
  assert.equal(act(keep, owned(), {}), 'ModifiedProgramId')
  assert.equal(act(keep, owned()), undefined)
})

test('lamports go down by the owner alone, and change in writable accounts alone', () => {
  const less = (a: InstructionAccount): void => a.subLamports(1n)
  const more = (a: InstructionAccount): void => a.addLamports(1n)
  assert.equal(act(less, {}), 'ExternalAccountLamportSpend')
  assert.equal(act(less, owned(), {}), 'ReadonlyLamportChange')
  assert.equal(act(more, {}, {}), 'ReadonlyLamportChange')
  assert.equal(
    act((a) => a.setLamports(a.lamports), {}, {}),
    'ReadonlyLamportChange',
  )
})

test('lamports do not come from nowhere', () => {
  const more = (a: InstructionAccount): void => a.addLamports(1n)
  assert.equal(act(more, {}), 'UnbalancedInstruction')
  const most = (1n << 64n) - 1n
  assert.equal(act(more, { lamports: most }), 'ArithmeticOverflow')
  assert.equal(
    act((a) => a.subLamports(2n), { ...owned(), lamports: 1n }),
    'ArithmeticOverflow',
  )
})

test('data is changed by the owner alone, in writable accounts alone', () => {
  const write = (a: InstructionAccount): void => {
    a.dataToWrite()[0] = 1
  }
  assert.equal(act(write, owned()), undefined)
  assert.equal(act(write, {}), 'ExternalAccountDataModified')
  assert.equal(act(write, owned(), {}), 'ReadonlyDataModified')
  assert.equal(act(write, {}, {}), 'ReadonlyDataModified')
})

test('data grows to 10 MiB, and by 20 MiB in a transaction', () => {
  const mebibytes = (count: number): number => count * 1024 * 1024
  const grow = (length: number) => (a: InstructionAccount) => a.setDataLength(length)
  assert.equal(act(grow(mebibytes(10)), owned()), undefined)
  assert.equal(act(grow(mebibytes(10) + 1), owned()), 'InvalidRealloc')
  assert.equal(act(grow(mebibytes(10) + 1), {}, {}), 'InvalidRealloc')
  assert.equal(act(grow(9), {}), 'ExternalAccountDataModified')
  const again = (a: InstructionAccount): void => {
    a.setDataLength(mebibytes(10))
    a.setDataLength(0)
    a.setDataLength(mebibytes(10))
  }
  assert.equal(act(again, owned()), undefined)
})

test('20 MiB are all that the accounts of a transaction grow by', () => {
  const most = 10 * 1024 * 1024
  const { invoker } = setUp({
    accounts: [0, 1, 2].map(() => account(owned())),
    metas: [0, 1, 2].map((index) => ({ index, writable: true })),
    programs: [
      native(program, ({ instruction }) => {
        instruction.account(0).setDataLength(most)
        instruction.account(1).setDataLength(most)
        instruction.account(2).setDataLength(8 + 16)
        assert.equal(
          errorOf(() => instruction.account(2).setDataLength(8 + 17)),
          'MaxAccountsDataAllocationsExceeded',
        )
      }),
    ],
  })
  assert.equal(
    errorOf(() => invoker.processTopLevel()),
    undefined,
  )
})

test('an account becomes executable when it is rent exempt, owned and writable', () => {
  const make = (a: InstructionAccount): void => a.setExecutable(true)
  assert.equal(act(make, owned()), undefined)
  assert.equal(act(make, { ...owned(), lamports: 1n }), 'ExecutableAccountNotRentExempt')
  assert.equal(act(make, {}), 'ExecutableModified')
  assert.equal(act(make, owned(), {}), 'ExecutableModified')
})

test('what is refused changes nothing, and what is loaded stays as it is', () => {
  const data = Uint8Array.of(1, 2, 3)
  const loaded = account(owned(data))
  const { invoker, context } = setUp({
    accounts: [loaded],
    metas: [{ index: 0, writable: true }],
    programs: [
      native(program, ({ instruction }) => {
        const held = instruction.account(0)
        held.dataToWrite()[0] = 9
        held.setDataLength(5)
        assert.equal(
          errorOf(() => held.setOwner(address(1))),
          'ModifiedProgramId',
        )
      }),
    ],
  })
  invoker.processTopLevel()
  assert.deepEqual([...data], [1, 2, 3])
  assert.deepEqual([...context.accounts.account(0).data], [9, 2, 3, 0, 0])
  assert.equal(context.accounts.account(0).owner.key, address(program).key)
  assert.equal(context.accounts.resizeDelta, 2)
})

test('accounts that nothing changed are the ones that were loaded', () => {
  const loaded = account()
  const { invoker, context } = setUp({
    accounts: [loaded],
    metas: [{ index: 0, writable: true }],
    programs: [native(program, () => undefined)],
  })
  invoker.processTopLevel()
  assert.equal(context.accounts.account(0), loaded)
})

test('an account that is held is nobody else’s', () => {
  const { invoker } = setUp({
    accounts: [account(owned())],
    metas: [
      { index: 0, writable: true },
      { index: 0, writable: true },
    ],
    programs: [
      native(program, ({ instruction }) => {
        const held = instruction.hold(0)
        assert.equal(
          errorOf(() => instruction.account(1)),
          'AccountBorrowFailed',
        )
        held.release()
        instruction.hold(1)
        instruction.hold(0)
      }),
    ],
  })
  assert.equal(
    errorOf(() => invoker.processTopLevel()),
    'AccountBorrowFailed',
  )
})
