import { addressOf, bytesOf, join, type Part, shortBytes, shortLength } from './pack.ts'
import type { Address } from './subject.ts'

export interface Meta {
  readonly key: Address
  readonly signer: boolean
  readonly writable: boolean
}
export interface Instruction {
  readonly program: Address
  readonly metas: readonly Meta[]
  readonly data: Uint8Array
}
/** A lookup table as far as a sender knows it. */
export interface Table {
  readonly address: Address
  readonly entries: readonly Address[]
}
export interface Draft {
  readonly payer: Address
  readonly instructions: readonly Instruction[]
  readonly blockhash: string
  /** Absent: a legacy message. */
  readonly tables?: readonly Table[]
}

export interface Message {
  readonly versioned: boolean
  /** Signers, readonly signers, readonly others. */
  header: [number, number, number]
  keys: Address[]
  blockhash: string
  instructions: { program: number; accounts: number[]; data: Uint8Array }[]
  lookups: { table: Address; writable: number[]; readonly: number[] }[]
}

/** The message with its keys in order: writable signers, readonly signers, writable, readonly. */
export function compile(draft: Draft): Message {
  const roles = new Map<Address, { signer: boolean; writable: boolean; invoked: boolean }>()
  const note = (key: Address, signer: boolean, writable: boolean, invoked: boolean): void => {
    const role = roles.get(key) ?? { signer: false, writable: false, invoked: false }
    role.signer ||= signer
    role.writable ||= writable
    role.invoked ||= invoked
    roles.set(key, role)
  }
  note(draft.payer, true, true, false)
  for (const { program, metas } of draft.instructions) {
    for (const { key, signer, writable } of metas) note(key, signer, writable, false)
    note(program, false, false, true)
  }
  const lookups: Message['lookups'] = []
  const looked: Address[][] = [[], []]
  for (const { address, entries } of draft.tables ?? []) {
    const lookup = { table: address, writable: [] as number[], readonly: [] as number[] }
    for (const [key, role] of roles) {
      const index = entries.indexOf(key)
      if (role.signer || role.invoked || index < 0 || index > 255) continue
      const list = role.writable ? lookup.writable : lookup.readonly
      list.push(index)
      looked[role.writable ? 0 : 1]!.push(key)
      roles.delete(key)
    }
    if (lookup.writable.length + lookup.readonly.length > 0) lookups.push(lookup)
  }
  const rank = (signer: boolean, writable: boolean): Address[] =>
    [...roles].filter(([, r]) => r.signer === signer && r.writable === writable).map(([key]) => key)
  const [a, b, c, d] = [rank(true, true), rank(true, false), rank(false, true), rank(false, false)]
  const keys = [...a, ...b, ...c, ...d]
  const place = new Map([...keys, ...looked[0]!, ...looked[1]!].map((key, index) => [key, index]))
  return {
    versioned: draft.tables !== undefined,
    header: [a.length + b.length, b.length, d.length],
    keys,
    blockhash: draft.blockhash,
    instructions: draft.instructions.map(({ program, metas, data }) => ({
      program: place.get(program)!,
      accounts: metas.map(({ key }) => place.get(key)!),
      data,
    })),
    lookups,
  }
}

function list<T>(items: readonly T[], bytes: (item: T) => Uint8Array): Uint8Array {
  return join(shortLength(items.length), ...items.map(bytes))
}

export function messageBytes(message: Message): Uint8Array {
  const parts: Part[] = [
    message.versioned ? [0x80] : [],
    message.header,
    list(message.keys, bytesOf),
    bytesOf(message.blockhash),
    list(message.instructions, ({ program, accounts, data }) =>
      join([program], shortBytes(accounts), shortBytes(data)),
    ),
  ]
  if (message.versioned)
    parts.push(
      list(message.lookups, ({ table, writable, readonly }) =>
        join(bytesOf(table), shortBytes(writable), shortBytes(readonly)),
      ),
    )
  return join(...parts)
}

export function transactionBytes(
  signatures: readonly Uint8Array[],
  message: Uint8Array,
): Uint8Array {
  return join(
    list(signatures, (signature) => signature),
    message,
  )
}

/** Addresses that a transaction of legacy or version 0 names itself, and may write; not those of tables. */
export function writableKeys(transaction: Uint8Array): Address[] {
  let at = 0
  const short = (): number => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const octet = transaction[at++] ?? 0
      value |= (octet & 127) << shift
      if (octet < 128) return value
    }
  }
  at += short() * 64
  at += transaction[at]! >= 128 ? 1 : 0
  const [signers = 0, readonlySigners = 0, readonlyOthers = 0] = transaction.subarray(at, at + 3)
  at += 3
  const count = short()
  const whole = Math.min(count, Math.floor((transaction.length - at) / 32))
  const keys = Array.from({ length: whole }, (_, i) =>
    addressOf(transaction.subarray(at + 32 * i, at + 32 * i + 32)),
  )
  return keys.filter((_, i) =>
    i < signers ? i < signers - readonlySigners : i < count - readonlyOthers,
  )
}
