import { notCompared } from './differences.ts'
import { fromBase64 } from './pack.ts'
import {
  type Address,
  type Answer,
  isOutcome,
  type Op,
  type StoredAccount,
  type Subject,
} from './subject.ts'
import { writableKeys } from './wire.ts'

/** Where two sides differ: after which operation, in what. */
export interface Difference {
  /** Index of the last operation that was done. */
  readonly at: number
  readonly what: string
  readonly oracle: string
  readonly ours: string
}

/** Does every operation on both sides, and stops comparing at the first difference. */
export class Pair {
  readonly ops: Op[] = []
  readonly touched = new Set<Address>()
  difference: Difference | undefined
  private readonly oracle: Subject
  private readonly ours: Subject | undefined

  constructor(oracle: Subject, ours: Subject | undefined) {
    this.oracle = oracle
    this.ours = ours
  }

  readonly act = (op: Op): Answer => {
    this.ops.push(op)
    const answer = this.oracle.do(op)
    const keys = this.keysOf(op)
    for (const key of keys) this.touched.add(key)
    if (this.ours === undefined || this.difference !== undefined) return answer
    this.compareAnswers(answer, this.ours.do(op))
    this.compareAccounts(keys)
    return answer
  }

  /** All accounts that any operation named, and all that known programs own. */
  finish(owners: Iterable<Address>): void {
    if (this.ours === undefined || this.difference !== undefined) return
    this.compareAccounts(this.touched)
    for (const owner of owners) {
      const [a, b] = [compared(this.oracle.owned(owner)), compared(this.ours.owned(owner))]
      this.differ(`accounts of ${owner}`, names(a), names(b))
      for (let i = 0; i < a.length && this.difference === undefined; i++)
        this.differ(`account ${a[i]![0]}`, shown(a[i]![1]), shown(b[i]?.[1]))
    }
  }

  private keysOf(op: Op): Address[] {
    if (op.op === 'send') return writableKeys(fromBase64(op.transaction))
    return 'address' in op ? [op.address] : []
  }

  private compareAnswers(oracle: Answer, ours: Answer): void {
    if (!isOutcome(oracle) || !isOutcome(ours)) {
      this.differ('answer', JSON.stringify(oracle), JSON.stringify(ours))
      return
    }
    const keys = Object.keys(oracle) as (keyof typeof oracle)[]
    for (const key of keys)
      if (ours[key] !== undefined || oracle[key] === undefined || key === 'post')
        this.differ(key, shown(oracle[key]), shown(ours[key]))
  }

  private compareAccounts(keys: Iterable<Address>): void {
    for (const key of keys) {
      if (this.difference !== undefined) return
      this.differ(`account ${key}`, shown(this.oracle.account(key)), shown(this.ours!.account(key)))
    }
  }

  private differ(what: string, oracle: string, ours: string): void {
    if (oracle === ours || this.difference !== undefined) return
    this.difference = { at: this.ops.length - 1, what, oracle, ours }
  }
}

type Rows = readonly (readonly [Address, StoredAccount])[]

function compared(rows: Rows): Rows {
  return rows.filter(([address]) => !notCompared.has(address))
}

function names(rows: readonly (readonly [Address, StoredAccount])[]): string {
  return rows.map(([address]) => address).join('\n')
}

function shown(value: unknown): string {
  if (typeof value === 'string') return value
  return Array.isArray(value) && value.every((row) => typeof row === 'string')
    ? value.join('\n')
    : (JSON.stringify(value) ?? 'undefined')
}
