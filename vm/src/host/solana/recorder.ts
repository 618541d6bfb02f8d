import { equalBytes } from '../../bits/octets.ts'
import type { Pubkey } from './pubkey.ts'
import type { AccountChange, Frame, TraceEvent } from './trace.ts'

/** Writes down the trace of a transaction while it runs. */
export class TraceRecorder {
  readonly trace: TraceEvent[] = []
  private frames = 0
  /** Frames that run; of each, the data that it writes in place, as it was when last looked at. */
  private readonly open: { readonly number: number; readonly written: Map<number, Uint8Array> }[] =
    []
  private readonly data: (account: number) => Uint8Array
  private readonly seeds = new Map<string, readonly Uint8Array[]>()

  /** @param data the bytes of an account as they are now */
  constructor(data: (account: number) => Uint8Array) {
    this.data = data
  }

  /** The running program signs for an address that it derived from `seeds`. */
  derived(key: Pubkey, seeds: readonly Uint8Array[]): void {
    this.seeds.set(key.key, seeds)
  }

  /** What an address that signs was derived from, if it was. */
  seedsOf(key: Pubkey): readonly Uint8Array[] | undefined {
    return this.seeds.get(key.key)
  }

  enter(frame: Omit<Frame, 'parent'>): void {
    this.settle()
    const parent = this.open.at(-1)
    const entered: Frame = parent === undefined ? frame : { ...frame, parent: parent.number }
    this.trace.push({ kind: 'enter', frame: entered })
    this.open.push({ number: this.frames, written: new Map() })
    this.frames += 1
  }

  leave(): void {
    this.settle()
    this.open.pop()
    this.trace.push({ kind: 'leave' })
    const written = this.open.at(-1)?.written
    if (written === undefined) return
    for (const account of written.keys()) written.set(account, this.data(account).slice())
  }

  /** Something other than bytes is about to change. */
  change(change: AccountChange): void {
    this.settle()
    this.trace.push({ kind: 'change', change })
  }

  /** Bytes of the account are about to change. */
  beforeWrite(account: number): void {
    const written = this.open.at(-1)?.written
    if (written === undefined || written.has(account)) return
    written.set(account, this.data(account).slice())
  }

  /** Writes down what became of data since it was last looked at. */
  private settle(): void {
    const written = this.open.at(-1)?.written
    if (written === undefined) return
    for (const [account, from] of written) {
      const now = this.data(account)
      if (equalBytes(from, now)) continue
      const to = now.slice()
      written.set(account, to)
      this.trace.push({ kind: 'change', change: { account, field: 'data', from, to } })
    }
  }
}
