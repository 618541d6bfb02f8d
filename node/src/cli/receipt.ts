import type { Receipt } from 'alcatraz-vm/alcatraz'
import { fieldName, formatDiff, type StateDiff } from 'alcatraz-vm/state'
import type { Executed } from '../chain/produce.ts'
import type { Said } from './abi.ts'
import { addressText } from './address.ts'
import { ExitCode } from './ui/errors.ts'
import { count, json, printable } from './ui/format.ts'
import { facts } from './ui/table.ts'
import type { Terminal } from './ui/terminal.ts'

/** The diff as data: addresses, fields and slots with old and new values, `null` where absent. */
export function diffJson(diff: StateDiff): readonly object[] {
  return diff.changes.map(({ address, field, slot, old, new: value }) => ({
    address,
    field: fieldName(field),
    ...(slot.length > 0 && { slot }),
    old: old ?? null,
    new: value ?? null,
  }))
}

/** What `deploy` and `call` print with `--json`. */
export function receiptJson(executed: Executed, words?: Said): object {
  const { receipt, transaction, diff, instructions } = executed
  const limit = transaction.kind === 'genesis' ? undefined : transaction.gasLimit
  const { height, status, exit, result, events, contract, root } = receipt
  return {
    height,
    status,
    ...(exit && { exit }),
    gas: { limit, used: receipt.gasUsed },
    result: `0x${result.toString(16)}`,
    output: receipt.returnData,
    ...(words && { answer: words.answer ?? null }),
    events: events.map((event, i) => ({ ...event, ...words?.events[i] })),
    ...(contract && { contract }),
    diff: diffJson(diff),
    root,
    instructions,
  }
}

const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`

/** Why a transaction failed, in one sentence; `undefined` when it did not. */
export function failureOf(receipt: Receipt): string | undefined {
  const { status, exit, returnData, result } = receipt
  const at = exit === undefined ? '' : ` at pc ${exit.pc}`
  switch (status) {
    case 'success':
      return undefined
    case 'reverted': {
      const text = Buffer.from(returnData).toString('utf8')
      if (/^[\x20-\x7e]+$/.test(text)) return `the contract reverted: ${text}`
      if (result !== 0n) return `the contract reverted: its entry returned ${result}, not 0`
      return 'the contract reverted'
    }
    case 'trapped':
      return `the contract trapped: ${exit?.kind === 'trap' ? exit.trap : 'unknown'}${at}`
    case 'faulted': {
      if (exit?.kind !== 'fault') return `the contract faulted${at}`
      const address = `0x${exit.address.toString(16)}`
      return `the contract may not ${exit.access} ${address}: it faulted${at}`
    }
    case 'outOfGas':
      return `the contract ran out of gas${at}`
  }
}

/** A topic is a short text, an address or a hash. */
function topicText(topic: Uint8Array): string {
  const text = Buffer.from(topic).toString('latin1').replace(/\0+$/, '')
  return /^[!-~]{3,}$/.test(text) ? text : addressText(topic)
}

/** A receipt for people: facts first, then events, then the diff. */
export function receiptText(terminal: Terminal, executed: Executed, words?: Said): string {
  const { receipt, transaction, diff, instructions } = executed
  const { colours } = terminal
  const failure = failureOf(receipt)
  const limit = transaction.kind === 'genesis' ? 0n : transaction.gasLimit
  const status = failure === undefined ? colours.green('success') : colours.red(printable(failure))
  const pairs: [string, string][] = [
    ['status', status],
    ['height', receipt.height.toString()],
    ['gas', `${count(receipt.gasUsed)} of ${count(limit)}`],
    ['instructions', count(instructions)],
  ]
  if (receipt.contract !== undefined)
    pairs.push(['contract', colours.cyan(addressText(receipt.contract))])
  if (words?.answer !== undefined && words.answer !== null)
    pairs.push(['answer', colours.bold(printable(json(words.answer)))])
  if (receipt.returnData.length > 0) pairs.push(['output', hex(receipt.returnData)])
  else if (failure === undefined) pairs.push(['result', `0x${receipt.result.toString(16)}`])
  for (const [index, event] of receipt.events.entries()) {
    const known = words?.events[index]
    if (known !== undefined) {
      pairs.push(['event', printable(`${known.name} ${json(known.fields)}`)])
      continue
    }
    const topics = event.topics.map(topicText).join(' ')
    pairs.push(['event', `${topics} ${hex(event.data)}`.trim()])
  }
  pairs.push(['state root', hex(receipt.root)])
  const changes =
    diff.changes.length === 0 ? 'no state changed\n' : `${printableLines(formatDiff(diff))}\n`
  return `${facts(terminal, pairs)}\n${changes}`
}

/** Names in place of the addresses that a diff's text begins its groups with. */
function printableLines(text: string): string {
  return text.replace(/^0x([0-9a-f]{64})$/gm, (_, digits: string) =>
    addressText(new Uint8Array(Buffer.from(digits, 'hex'))),
  )
}

export function exitCodeOf(receipt: Receipt): ExitCode {
  return receipt.status === 'success' ? ExitCode.ok : ExitCode.contractFailed
}
