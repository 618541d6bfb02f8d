import { toBase58 } from '../../../bits/base58.ts'
import { equalBytes } from '../../../bits/octets.ts'
import type { Pubkey } from '../../../host/solana/pubkey.ts'
import type { SvmBank } from '../ledger.ts'
import { type Json, RpcCode, RpcError } from './json.ts'
import { later } from './later.ts'
import { type Options, optionsAt, type Params, pubkeyAt, pubkeyIn, signatureIn } from './params.ts'
import type { Records, Sent } from './records.ts'
import { accountJson, errorJson, keyedJson } from './values.ts'

/** What subscriptions are told of. */
export interface Source {
  readonly bank: SvmBank
  readonly records: Records
  onTransaction(watch: (sent: Sent) => void): () => void
}

/** What one subscription says of a transaction: nothing, or values for its notifications. */
type Teller = (sent: Sent) => readonly Json[]
interface Kind {
  /** The method of its notifications. */
  readonly notifies: string
  /** Without the slot around it. */
  readonly bare?: true
  /** Ends with its first notification. */
  readonly once?: true
  teller(source: Source, params: Params): Teller
  /** What is to be said at once. */
  first?(source: Source, params: Params): readonly Json[]
}

/** Did the transaction change the account. */
const changed = (sent: Sent, key: Pubkey): boolean =>
  sent.result.diff.some(({ address }) => address.equals(key))

const slotJson = ({ bank }: Source): Json => {
  const { slot } = bank.sysvar('clock')
  return { parent: slot - 1n, root: slot, slot }
}

const emptyAccount = (options: Options): Json => ({
  data: ['', options['encoding'] ?? 'base58'],
  executable: false,
  lamports: 0,
  owner: '11111111111111111111111111111111',
  rentEpoch: 0,
  space: 0,
})

const kinds: Readonly<Record<string, Kind>> = {
  accountSubscribe: {
    notifies: 'accountNotification',
    teller({ bank }, params) {
      const key = pubkeyAt(params, 0)
      const options = optionsAt(params, 1)
      return (sent) => {
        if (!changed(sent, key)) return []
        const account = bank.account(key)
        return [account === undefined ? emptyAccount(options) : accountJson(account, options)]
      }
    },
  },
  logsSubscribe: {
    notifies: 'logsNotification',
    teller(_, params) {
      const { mentions } = typeof params[0] === 'string' ? {} : optionsAt(params, 0)
      const wanted = ((mentions ?? []) as readonly Json[]).map(pubkeyIn)
      return ({ keys, result, transaction }) => {
        if (wanted.length > 0 && !wanted.some((key) => keys.some((each) => each.equals(key))))
          return []
        const signature = toBase58(transaction.signatures[0]!)
        return [{ signature, err: errorJson(result.error), logs: result.logs }]
      }
    },
  },
  programSubscribe: {
    notifies: 'programNotification',
    teller({ bank }, params) {
      const program = pubkeyAt(params, 0)
      const options = optionsAt(params, 1)
      return ({ result }) =>
        result.diff.flatMap(({ address }) => {
          const account = bank.account(address)
          return account?.owner.equals(program) === true
            ? [keyedJson(address, account, options)]
            : []
        })
    },
  },
  rootSubscribe: {
    notifies: 'rootNotification',
    bare: true,
    teller: (source) => () => [source.bank.sysvar('clock').slot],
  },
  signatureSubscribe: {
    notifies: 'signatureNotification',
    once: true,
    teller(_, params) {
      const signature = signatureIn(params[0])
      return ({ transaction, result }) =>
        equalBytes(transaction.signatures[0]!, signature) ? [{ err: errorJson(result.error) }] : []
    },
    first({ records }, params) {
      const sent = records.get(signatureIn(params[0]))
      return sent === undefined ? [] : [{ err: errorJson(sent.result.error) }]
    },
  },
  slotSubscribe: {
    notifies: 'slotNotification',
    bare: true,
    teller: (source) => () => [slotJson(source)],
  },
}

/** Subscriptions of one client: what it is told goes through `notify`, a turn of the loop later. */
export class Subscriptions {
  private readonly source: Source
  private readonly notify: (message: Json) => void
  private readonly ends = new Map<number, () => void>()
  private next = 0

  constructor(source: Source, notify: (message: Json) => void) {
    this.source = source
    this.notify = notify
  }

  /** Answers `*Subscribe` with a number, and `*Unsubscribe`. @throws {RpcError} */
  call(method: string, params: Params): Json {
    if (method.endsWith('Unsubscribe')) {
      const id = Number(params[0])
      const found = this.ends.has(id)
      this.end(id)
      return found
    }
    const kind = Object.hasOwn(kinds, method) ? kinds[method] : undefined
    if (kind === undefined) throw new RpcError(RpcCode.methodNotFound, 'Method not found')
    return this.subscribe(kind, params)
  }

  /** Ends all of them. */
  close(): void {
    for (const id of [...this.ends.keys()]) this.end(id)
  }

  private subscribe(kind: Kind, params: Params): number {
    const id = this.next++
    const teller = kind.teller(this.source, params)
    const tell = (values: readonly Json[]): void => {
      for (const value of values) this.send(id, kind, value)
      if (kind.once && values.length > 0) this.end(id)
    }
    this.ends.set(
      id,
      this.source.onTransaction((sent) => tell(teller(sent))),
    )
    tell(kind.first?.(this.source, params) ?? [])
    return id
  }

  private send(subscription: number, kind: Kind, value: Json): void {
    const { slot } = this.source.bank.sysvar('clock')
    const result = kind.bare ? value : { context: { slot }, value }
    const message = { jsonrpc: '2.0', method: kind.notifies, params: { subscription, result } }
    // the client learns the number of its subscription first
    later(() => later(() => this.notify(message)))
  }

  private end(id: number): void {
    this.ends.get(id)?.()
    this.ends.delete(id)
  }
}
