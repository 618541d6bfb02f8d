import type { Terminal } from './terminal.ts'

/** Shown after this many ms: what is quicker needs no line. */
const patience = 400
/** ms between two writings of the line. */
const interval = 100

/**
 * One line on standard error that tells how far a long piece of work is. Nothing is written when
 * nobody watches, and the line is gone when the work is done.
 * @example const progress = progressOf(terminal, 'vectors', files.length)
 */
export interface Progress {
  /** @param done of `total`, @param note what is being done now */
  update(done: number, note?: string): void
  finish(): void
}

export function progressOf(
  terminal: Pick<Terminal, 'err' | 'errIsTty' | 'width' | 'errColours'>,
  label: string,
  total: number,
  now: () => number = () => performance.now(),
): Progress {
  if (!terminal.errIsTty) return { update() {}, finish() {} }
  const start = now()
  let written = start + patience - interval
  let shown = false
  return {
    update(done, note = '') {
      const time = now()
      if (time - written < interval) return
      written = time
      shown = true
      const bar = 20
      const filled = total > 0 ? Math.min(bar, Math.floor((done / total) * bar)) : 0
      const gauge = '█'.repeat(filled) + '░'.repeat(bar - filled)
      const text = `${label} ${gauge} ${done}/${total} ${note}`.slice(0, terminal.width - 1)
      terminal.err(`\r\u001b[2K${terminal.errColours.cyan(text)}`)
    },
    finish() {
      if (shown) terminal.err('\r\u001b[2K')
    },
  }
}
