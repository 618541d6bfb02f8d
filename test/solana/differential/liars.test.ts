import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LitesvmSubject, nativeLitesvm } from './litesvm.ts'
import { runWorld } from './run.ts'
import { shrink } from './shrink.ts'
import {
  type Address,
  type Answer,
  isOutcome,
  type Op,
  type Outcome,
  type StoredAccount,
  type Subject,
} from './subject.ts'

const native = nativeLitesvm()
const skip = native === undefined ? 'litesvm is not installed for this machine' : false

/** `litesvm` again, but for one thing in what it answers from some operation on. */
class Liar implements Subject {
  readonly name = 'liar'
  private readonly inner = new LitesvmSubject(native!)
  private readonly lie: Partial<Record<keyof Outcome, (outcome: Outcome) => unknown>>
  private readonly richer: boolean
  private left = 60

  constructor(lie: Liar['lie'], richer = false) {
    this.lie = lie
    this.richer = richer
  }

  do(op: Op): Answer {
    const answer = this.inner.do(op)
    if (this.left-- > 0 || !isOutcome(answer)) return answer
    const lies = Object.entries(this.lie).map(([key, make]) => [key, make(answer)])
    return { ...answer, ...Object.fromEntries(lies) }
  }

  account(address: Address): StoredAccount | undefined {
    const account = this.inner.account(address)
    if (account === undefined || !this.richer || this.left > 0) return account
    return { ...account, lamports: `${BigInt(account.lamports) + 1n}` }
  }

  owned(program: Address): readonly (readonly [Address, StoredAccount])[] {
    return this.inner.owned(program)
  }

  latestBlockhash(): string {
    return this.inner.latestBlockhash()
  }
}

const lies: Record<string, Liar['lie']> = {
  error: { error: () => 'AccountInUse' },
  logs: { logs: ({ logs }) => [...logs, 'Program log: and more'] },
  units: { units: ({ units }) => `${BigInt(units) + 1n}` },
  fee: { fee: ({ fee }) => `${BigInt(fee ?? 0) + 1n}` },
  returnData: { returnData: () => 'AQ==' },
  returnProgram: { returnProgram: () => 'Stake11111111111111111111111111111111111111' },
  inner: { inner: ({ inner }) => [...inner, []] },
  signature: { signature: () => '' },
  text: { text: ({ text }) => `${text} ` },
  pretty: { pretty: ({ pretty }) => `${pretty} ` },
}

for (const [what, lie] of Object.entries(lies))
  test(`another ${what} is found`, { skip }, () => {
    const { difference } = runWorld(native!, () => new Liar(lie), 'lies', 1, 40)
    assert.equal(difference?.what, what)
  })

test('other lamports are found', { skip }, () => {
  const { difference } = runWorld(native!, () => new Liar({}, true), 'lies', 1, 40)
  assert.match(difference?.what ?? '', /^account /)
})

test('operations that show a difference are shortened to those that it needs', { skip }, () => {
  const ours = (): Subject => new Liar(lies['units']!)
  const { difference } = runWorld(native!, ours, 'lies', 1, 40)
  const less = shrink(native!, ours, difference!.ops, 'units')
  // The liar tells the truth for 60 operations: one more is needed, and no other.
  assert.equal(less?.ops.length, 61)
})

test('a side that tells the truth is believed', { skip }, () => {
  const { difference } = runWorld(native!, () => new LitesvmSubject(native!), 'lies', 1, 40)
  assert.equal(difference, undefined)
})
