import { toHex } from '../../bits/hex.ts'
import type { Account } from '../../host/solana/account.ts'
import type { AccountChange, TransactionResult } from '../../svm/result.ts'

/** Something with the result of a transaction: what `sendTransaction` and `simulateTransaction` answer. */
export interface HasResult {
  readonly result: TransactionResult
}

/** Bytes shown of a change of data. */
const maxShown = 32

function dataLine(old: Uint8Array, now: Uint8Array): string | undefined {
  const shared = Math.min(old.length, now.length)
  let first = 0
  while (first < shared && old[first] === now[first]) first++
  if (first === old.length && first === now.length) return undefined
  let [oldEnd, newEnd] = [old.length, now.length]
  if (old.length === now.length)
    while (oldEnd > first && old[oldEnd - 1] === now[newEnd - 1]) {
      oldEnd--
      newEnd--
    }
  const show = (bytes: Uint8Array, end: number): string => {
    const text = toHex(bytes.subarray(first, Math.min(end, first + maxShown)))
    return text === '' ? '-' : end - first > maxShown ? `${text}…` : text
  }
  const sizes = old.length === now.length ? '' : ` (${old.length} -> ${now.length} bytes)`
  return `data at ${first}${sizes}: ${show(old, oldEnd)} -> ${show(now, newEnd)}`
}

function changeLines({ address, old, new: now }: AccountChange): string[] {
  if (old === undefined && now === undefined) return []
  const none: Pick<Account, 'lamports' | 'data'> = { lamports: 0n, data: new Uint8Array(0) }
  const [before, after] = [old ?? none, now ?? none]
  const lines: (string | undefined)[] = []
  if (before.lamports !== after.lamports)
    lines.push(`lamports: ${before.lamports} -> ${after.lamports}`)
  if (old?.owner.key !== now?.owner.key)
    lines.push(`owner: ${old?.owner ?? '-'} -> ${now?.owner ?? '-'}`)
  if ((old?.executable ?? false) !== (now?.executable ?? false))
    lines.push(`executable: ${old?.executable ?? false} -> ${now?.executable ?? false}`)
  lines.push(dataLine(before.data, after.data))
  const shown = lines.filter((line) => line !== undefined)
  const kind = old === undefined ? ' (new)' : now === undefined ? ' (gone)' : ''
  return shown.length === 0 ? [] : [`${address}${kind}`, ...shown.map((line) => `  ${line}`)]
}

/** What a transaction changed, an account and its fields a line each; data in hex. */
export function diffText({ result }: HasResult): string {
  return result.diff.flatMap(changeLines).join('\n')
}

/** Compute units by name. */
export type UnitRows = Readonly<Record<string, bigint>>

/**
 * A table in Markdown of what was consumed, with the difference to an earlier run.
 * @example unitsTable({ transfer: 150n }, { transfer: 300n })
 */
export function unitsTable(rows: UnitRows, before: UnitRows = {}): string {
  const lines = Object.entries(rows).map(([name, units]) => {
    const old = before[name]
    const change = old === undefined ? 'new' : old === units ? '-' : signed(units - old)
    return `| ${name} | ${units} | ${change} |`
  })
  return ['| Name | Compute units | Change |', '| --- | ---: | ---: |', ...lines].join('\n')
}

const signed = (value: bigint): string => (value > 0n ? `+${value}` : value.toString())
