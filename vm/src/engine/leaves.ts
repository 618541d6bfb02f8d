import { accessOf } from '../ir/accesses.ts'
import { irRows } from '../ir/table.ts'
import { Status } from '../recomp/parts.ts'
import type { CodeStats, LeaveReason } from '../vm/code-stats.ts'

/** What an op that generated code leaves at leaves for; a call: too deep, no room, no such function. */
const reasonOf: readonly LeaveReason[] = irRows.map(({ name, form }, op): LeaveReason => {
  if (accessOf(op) !== undefined) return 'access'
  switch (form) {
    case 'host':
      return 'host'
    case 'leave':
      return 'trap'
    case 'ret':
      return 'return'
    case 'jumpr':
    case 'jump':
    case 'branch':
    case 'branchi':
      return 'jump'
    case 'call':
    case 'callr':
      return 'call'
    default:
      return name === 'charge' || name === 'nop' ? 'unwound' : 'operation'
  }
})

/** Counts why generated code was left: from its status and the op it left at, once it has left. */
export class Leaves {
  private readonly counts = new Map<LeaveReason, number>()

  /** @param paid the gas that is missing was only kept back */
  note(status: number, op: number, paid: boolean): void {
    let reason: LeaveReason
    if (status === Status.returned) reason = 'returned'
    else if (status === Status.gas) reason = paid ? 'slice' : 'gas'
    else reason = reasonOf[op] ?? 'operation'
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + 1)
  }

  get table(): CodeStats['leaves'] {
    return Object.fromEntries(this.counts)
  }
}
