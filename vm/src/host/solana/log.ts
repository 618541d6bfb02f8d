import { toBase64 } from '../../bits/base64.ts'
import type { Pubkey } from './pubkey.ts'

/** Bytes of log lines that are kept unless a user says otherwise (solana-svm-log-collector). */
export const defaultLogBytes = 10_000

const ascii = /^[\0-\x7f]*$/

function utf8Length(text: string): number {
  return ascii.test(text) ? text.length : new TextEncoder().encode(text).length
}

/** Lines of one transaction. Lines that would fill the limit are left out, behind one that says so. */
export class Log {
  readonly lines: string[] = []
  /** Bytes of UTF-8; undefined: any number. */
  readonly limit: number | undefined
  private written = 0
  private truncated = false

  constructor(limit: number | undefined) {
    this.limit = limit
  }

  add(line: string): void {
    if (this.limit === undefined) {
      this.lines.push(line)
      return
    }
    const written = this.written + utf8Length(line)
    if (written < this.limit) {
      this.written = written
      this.lines.push(line)
    } else if (!this.truncated) {
      this.truncated = true
      this.lines.push('Log truncated')
    }
  }
}

/** Lines that others parse (solana-program-runtime, stable_log.rs, vm.rs). */
export const stableLog = {
  invoke: (program: Pubkey, height: number): string => `Program ${program} invoke [${height}]`,
  message: (text: string): string => `Program log: ${text}`,
  data: (fields: readonly Uint8Array[]): string =>
    `Program data: ${fields.map(toBase64).join(' ')}`,
  returned: (program: Pubkey, data: Uint8Array): string =>
    `Program return: ${program} ${toBase64(data)}`,
  success: (program: Pubkey): string => `Program ${program} success`,
  failure: (program: Pubkey, error: string): string => `Program ${program} failed: ${error}`,
  consumed: (program: Pubkey, units: bigint, limit: bigint): string =>
    `Program ${program} consumed ${units} of ${limit} compute units`,
  remaining: (units: bigint): string => `Program consumption: ${units} units remaining`,
}
